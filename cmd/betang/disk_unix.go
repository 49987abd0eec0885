//go:build unix

package main

import "golang.org/x/sys/unix"

// diskFree is how many bytes this server may still write in a folder; negative: not known.
func diskFree(folder string) int64 {
	var s unix.Statfs_t
	if err := unix.Statfs(folder, &s); err != nil {
		return -1
	}
	return int64(s.Bavail) * int64(s.Bsize) //nolint:unconvert // of other types on other systems
}
