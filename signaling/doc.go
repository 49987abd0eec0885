// Package signaling is the websocket and the hub behind it: one goroutine per event, which owns the room.
package signaling
