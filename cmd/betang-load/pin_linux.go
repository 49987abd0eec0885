package main

import (
	"errors"
	"os/exec"
	"runtime"

	"golang.org/x/sys/unix"
)

// startOn starts a command that may use n processors from first on: a child has what the thread has that makes it.
func startOn(c *exec.Cmd, first, n int) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var was, only unix.CPUSet
	if err := unix.SchedGetaffinity(0, &was); err != nil {
		return err
	}
	for i := range n {
		only.Set(first + i)
	}
	if err := unix.SchedSetaffinity(0, &only); err != nil {
		return err
	}
	err := c.Start()
	return errors.Join(err, unix.SchedSetaffinity(0, &was))
}
