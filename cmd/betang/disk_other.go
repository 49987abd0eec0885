//go:build !unix

package main

// diskFree is not known here.
func diskFree(string) int64 { return -1 }
