// Package classroom is the domain: events, people and what happens in a room. Room.Apply is the only way anything
// changes; it is pure, and replaying its facts gives the same room. DESIGN.md beside this file tells the model.
//
// The path of a command:
//
//	Room.Apply      policy.go   may this role do that at all?
//	  Room.Plan     room.go     phase, admission
//	                stage.go    sources, scene
//	                board.go    questions, in the words of qa.Board
//	  Room.Fold     the same files: each fact of the plan made real
//	EncodeFact      encode.go   what the journal keeps and hashes
//
// A Room is not safe for concurrent use: one hub owns it.
package classroom
