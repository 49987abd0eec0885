package wire

// Limits of captions and notes, in characters.
const (
	MaxCaption = 160
	MaxNote    = 1000
	MaxNoteWho = 120
)

// ---- client to server ----

// Caption types a line over the picture (n 0), or puts line n right; "" strikes it.
type Caption struct {
	N    int    `json:"n"`
	Text string `json:"text"`
}

// NotePut writes a point of the minutes (note ""), or changes one.
type NotePut struct {
	Note string `json:"note"`
	Kind string `json:"kind" ts:"'note' | 'decision' | 'action'"`
	Text string `json:"text"`
	Who  string `json:"who"` // of an action: who does it
	Due  string `json:"due"` // of an action: until when
}

// NoteDrop takes a point out.
type NoteDrop struct {
	Note string `json:"note"`
}

// ---- server to client ----

// CaptionLine is one line of the captions. A page keeps the last 6.
type CaptionLine struct {
	N    int    `json:"n"`
	Text string `json:"text"` // "": struck
	At   int64  `json:"at"`   // Unix ms
}

// Note is one point of the minutes, for the minute-taker and the desk.
type Note struct {
	ID   string `json:"id"`
	Kind string `json:"kind" ts:"'note' | 'decision' | 'action'"`
	Text string `json:"text"`
	Who  string `json:"who,omitempty"`
	Due  string `json:"due,omitempty"`
	At   int64  `json:"at"`             // Unix ms
	Gone bool   `json:"gone,omitempty"` // dropped
}
