// Package sfu is the media plane: it forwards RTP from the publishers of an event to its viewers. It knows peers,
// never persons.
package sfu
