package wire

// Limits of the rundown.
const (
	MaxCueTitle     = 120 // characters
	MaxAnnouncement = 300
)

// ---- client to server ----

// CuePut adds a cue at the end of the rundown (id ""), or changes one.
type CuePut struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	Minutes int    `json:"minutes"` // planned; 0: open
	Counts  bool   `json:"counts"`  // its minutes count as training; ceremony does not
	Music   bool   `json:"music"`   // sound as it is, in stereo, at a high rate
	Cast    string `json:"cast"`    // roles on the stage, the first one main: "vip,mc"; "" leaves the stage as it is
	Layout  string `json:"layout" ts:"'' | 'side' | 'sign'"`
}

// CueMove brings a cue to a place, from 0.
type CueMove struct {
	Cue string `json:"cue"`
	To  int    `json:"to"`
}

// CueDrop takes a cue out.
type CueDrop struct {
	Cue string `json:"cue"`
}

// StartCue makes a cue the present one; from is the one that the page takes for the present one.
type StartCue struct {
	Cue  string `json:"cue"`
	From string `json:"from"`
}

// CueBack takes the last start back; cue is the one started by mistake.
type CueBack struct {
	Cue string `json:"cue"`
}

// Announce shows everyone a line; "" takes it down.
type Announce struct {
	Text string `json:"text"`
}

// ---- server to client ----

// Agenda is the rundown as everyone sees it, whole.
type Agenda struct {
	Cues  []Cue  `json:"cues"`
	Now   string `json:"now"`   // the present cue; ""
	Since int64  `json:"since"` // server clock, Unix ms; 0
	Music bool   `json:"music"` // who stands on the stage sends sound as it is
	Undo  bool   `json:"undo"`  // the start of the present cue can be taken back
}

// Cue is one item of the rundown; see CuePut.
type Cue struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	Minutes int    `json:"minutes"`
	Counts  bool   `json:"counts"`
	Music   bool   `json:"music"`
	Cast    string `json:"cast"`
	Layout  string `json:"layout" ts:"'' | 'side' | 'sign'"`
}

// Notice is a line that everyone sees.
type Notice struct {
	Text string `json:"text"` // "": none
	At   string `json:"at"`
}
