package wire

// MaxRooms bounds the breakout rooms of a class, RoomMinutes how long they are open by one timer.
const (
	MaxRooms   = 20
	MaxMinutes = 480
)

// ---- client to server ----

// SetClass decides whether everyone in the class may share a screen, and whether only a trainer gives the word (lock).
type SetClass struct {
	Share bool `json:"share"`
	Lock  bool `json:"lock"`
}

// GrantShare lets one person share a screen, or no longer.
type GrantShare struct {
	Seat string `json:"seat"`
	On   bool   `json:"on"`
}

// Quiet silences one participant's microphone, or with "" that of all participants.
type Quiet struct {
	Source string `json:"source"`
}

// CallOn asks a silenced participant to turn the microphone on.
type CallOn struct {
	Source string `json:"source"`
}

// Speak turns one's own silenced microphone on again.
type Speak struct{}

// Mic tells the others whether one's own microphone is on. It is a word, not the switch: that is the device's.
type Mic struct {
	On bool `json:"on"`
}

// Gaze says which faces of the gallery one looks at; "" leaves it to the room.
type Gaze struct {
	Sources string `json:"sources"` // up to 9 ids, separated by commas
	Small   bool   `json:"small"`   // they stand small on the screen: the least height is enough
}

// MakeRooms makes so many breakout rooms in place of those before.
type MakeRooms struct {
	Count int    `json:"count"` // 2 to 20; 0: none
	Way   string `json:"way" ts:"'even' | 'hand' | 'choice'"`
}

// PutInRoom says to which room somebody belongs; room "" is none.
type PutInRoom struct {
	Seat string `json:"seat"`
	Room string `json:"room"`
}

// OpenRooms opens the rooms for so many minutes; 0: until they are closed.
type OpenRooms struct {
	Minutes int `json:"minutes"`
}

// CloseRooms calls everyone back, at once or in so many seconds.
type CloseRooms struct {
	Seconds int `json:"seconds"`
}

// GoToRoom is a trainer's hop, or one's own choice where people choose; "" is the class.
type GoToRoom struct {
	Room string `json:"room"`
}

// CallHelp calls a trainer to one's room, or takes that back.
type CallHelp struct {
	On bool `json:"on"`
}

// ---- server to client ----

// ClassState is a class as one of its people sees it now: where they are, who fills which slot of their viewer, who speaks. It
// replaces the one before.
type ClassState struct {
	Here        string   `json:"here"` // breakout room; "": the class
	Main        string   `json:"main"` // sources in the slots, as in Stage
	Second      string   `json:"second"`
	Interpreter string   `json:"interpreter"`
	Tiles       []string `json:"tiles"`    // the gallery's slots, in order; "" is empty
	Sources     []string `json:"sources"`  // all that are in this room, one's own too
	Muted       []string `json:"muted"`    // of those, whose microphone nobody hears
	Speaking    []string `json:"speaking"` // and who speaks
	Share       bool     `json:"share"`    // everyone may share a screen
	Lock        bool     `json:"lock"`     // only a trainer gives the word
	MayShare    bool     `json:"mayShare"` // the reader may
	Called      bool     `json:"called"`   // the reader is asked to turn the microphone on
	Helping     bool     `json:"helping"`  // the reader called a trainer
	Rooms       []Room   `json:"rooms"`
	Way         string   `json:"way" ts:"'' | 'even' | 'hand' | 'choice'"`
	Open        bool     `json:"open"`
	Until       int64    `json:"until"`            // Unix ms, the server's clock; 0: until they are closed
	People      []Pupil  `json:"people,omitempty"` // for trainers: who is here
}

// Room is one breakout room.
type Room struct {
	ID    string `json:"id"`
	N     int    `json:"n"`     // its number
	Count int    `json:"count"` // people who belong to it and are connected
	Help  bool   `json:"help"`  // somebody there calls a trainer
}

// Pupil is one participant or guest who is connected.
type Pupil struct {
	Seat   string `json:"seat"`
	Name   string `json:"name"`
	Unit   string `json:"unit"`
	Room   string `json:"room"`   // belongs to
	Share  bool   `json:"share"`  // may share a screen
	Source string `json:"source"` // their camera; "" without
	Muted  bool   `json:"muted"`  // nobody hears their microphone
	Quiet  bool   `json:"quiet"`  // because it was silenced
	Called bool   `json:"called"` // and they are asked to turn it on
	Hand   int    `json:"hand"`   // its place in the queue; 0: it is down
	HandID string `json:"handId"`
	Help   bool   `json:"help"`
}
