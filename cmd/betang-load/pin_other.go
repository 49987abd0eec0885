//go:build !linux

package main

import "os/exec"

// startOn starts a command, on whatever processors the system gives it.
func startOn(c *exec.Cmd, _, _ int) error { return c.Start() }
