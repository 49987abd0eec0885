// Package wire holds the messages of the websocket, one struct each, and their strict decoder. PROTOCOL.md beside
// package signaling tells how they are used.
package wire
