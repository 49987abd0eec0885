package main

import (
	"betang/sfu/icetcp"
	"betang/sfu/turn"
)

// caller is what a connection turns out to be.
type caller uint8

const (
	callerWeb     caller = iota // HTTP, or TLS that is somebody else's to read
	callerTLS                   // TLS
	callerICE                   // ICE-TCP
	callerTURN                  // TURN
	callerUnknown               // too few bytes to say
)

// firstBytes is the most that callerOf looks at.
const firstBytes = max(icetcp.Peek, turn.Peek)

// callerOf says who calls by the first bytes. TLS begins with 22 and HTTP with a letter; a frame of ICE-TCP begins with its
// length, which is below 6 in its first byte for everything a datagram holds, and STUN with 0. Whatever is none of
// these is left to the web, which knows how to refuse.
func callerOf(first []byte) caller {
	switch {
	case len(first) == 0:
		return callerUnknown
	case first[0] == 22:
		return callerTLS
	case first[0] >= 6:
		return callerWeb
	case len(first) < firstBytes:
		return callerUnknown
	case icetcp.IsFramed(first):
		return callerICE
	case turn.IsStream(first):
		return callerTURN
	}
	return callerWeb
}
