package classroom

import "betang/classroom/breakout"

// SeatID names one who was let into a class, over all devices: "s" and a running number.
type SeatID string

// RoomID names a breakout room: "r" and its number; "" is the class itself.
type RoomID string

// The commands of class mode: what its trainers decide, and what its people do with their own microphone.
type (
	// SetClass decides whether everyone may share a screen, and whether only a trainer gives the word (Lock).
	SetClass struct{ Share, Lock bool }
	// GrantShare lets one person share a screen, or no longer.
	GrantShare struct {
		Seat SeatID
		On   bool
	}
	// Quiet silences a participant's microphone, or with "" everybody's but the stage's own people.
	Quiet struct{ Source SourceID }
	// CallOn asks a silenced participant to turn the microphone on: now they may. Nobody is heard without doing so.
	CallOn struct{ Source SourceID }
	// Speak is a silenced participant's own word that the microphone may be heard again.
	Speak struct{}
)

// The commands of breakout rooms.
type (
	// MakeRooms makes so many rooms, in place of those before; 0: none. Present are those who are dealt out, in Way Even.
	MakeRooms struct {
		Count   int
		Way     breakout.Way
		Present []Actor
	}
	// PutInRoom says to which room somebody belongs.
	PutInRoom struct {
		Seat SeatID
		Room RoomID
	}
	// OpenRooms sends everyone into their rooms, for so many minutes; 0: until somebody calls them back.
	OpenRooms struct{ Minutes int }
	// CloseRooms calls everyone back, at once or in so many seconds.
	CloseRooms struct{ Seconds int }
	// GoToRoom is a trainer's hop, or where people choose, one's own choice.
	GoToRoom struct{ Room RoomID }
	// CallHelp calls a trainer to one's room, or takes that back.
	CallHelp struct{ On bool }
)

func (SetClass) commandName() string   { return "class.rules" }
func (GrantShare) commandName() string { return "class.grant" }
func (Quiet) commandName() string      { return "class.quiet" }
func (CallOn) commandName() string     { return "class.call" }
func (Speak) commandName() string      { return "class.speak" }
func (MakeRooms) commandName() string  { return "rooms.make" }
func (PutInRoom) commandName() string  { return "rooms.put" }
func (OpenRooms) commandName() string  { return "rooms.open" }
func (CloseRooms) commandName() string { return "rooms.close" }
func (GoToRoom) commandName() string   { return "rooms.go" }
func (CallHelp) commandName() string   { return "rooms.help" }
