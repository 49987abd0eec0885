//go:build !unix

package main

// lockFolder does nothing where flock(2) does not exist.
func lockFolder(string) (unlock func(), err error) { return func() {}, nil }
