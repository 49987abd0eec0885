//go:build !linux

package main

import (
	"crypto/tls"
	"errors"
	"net/netip"
)

var errNoCrowd = errors.New("light viewers need Linux")

// crowd exists on Linux only.
type crowd struct {
	cert        tls.Certificate
	fingerprint string
	slots       int
}

func newCrowd(int, bool, func() int64) (*crowd, error) { return nil, errNoCrowd }
func (c *crowd) close()                                {}
func (c *crowd) add(*light, netip.AddrPort) error      { return errNoCrowd }
func (c *crowd) remove(*light)                         {}
func (c *crowd) deafen(*light) error                   { return errNoCrowd }
func (c *crowd) missed(*light) uint64                  { return 0 }
func (c *crowd) send(*light, []byte)                   {}
