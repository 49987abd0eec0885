package classroom

// CueID names one cue of the rundown within its event: "c" and a running number.
type CueID string

// The commands of the rundown (susunan acara).
type (
	// PutCue adds a cue at the end (ID ""), or changes one.
	PutCue struct{ Cue Cue }
	// MoveCue brings a cue to a place, from 0.
	MoveCue struct {
		Cue CueID
		To  int
	}
	// DropCue takes out a cue that is not the present one.
	DropCue struct{ Cue CueID }
	// StartCue makes a cue the present one. From is the one that its sender takes for the present one: of two operators
	// who press at once, the second is refused.
	StartCue struct{ Cue, From CueID }
	// UndoCue takes the last StartCue back, with the stage as it was. Cue is the one started by mistake.
	UndoCue struct{ Cue CueID }
)

func (PutCue) commandName() string   { return "cueput" }
func (MoveCue) commandName() string  { return "cuemove" }
func (DropCue) commandName() string  { return "cuedrop" }
func (StartCue) commandName() string { return "cue" }
func (UndoCue) commandName() string  { return "cueback" }
