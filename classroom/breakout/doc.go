// Package breakout holds the rules of breakout rooms (ruang diskusi): who belongs to which, when they are open, who is there, who
// calls for help. It knows people by their keys only. It is pure: no clock, no I/O.
//
// A change is planned against the board (Board.Plan), kept by the caller, and then made (Board.Commit).
package breakout
