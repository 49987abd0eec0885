package classroom

// The bodies of facts of the rundown. As in facts.go: fields are only added.
type (
	// CuePut says: a cue is new at the end of the rundown, or changed.
	CuePut struct {
		Cue Cue `json:"cue"`
	}
	// CueMoved says: a cue has another place.
	CueMoved struct {
		Cue CueID `json:"cue"`
		To  int   `json:"to"`
	}
	// CueDropped says: a cue is no longer in the rundown.
	CueDropped struct {
		Cue CueID `json:"cue"`
	}
	// CueStarted says: this is the present cue, as it was then. A later change of the rundown does not change what was.
	CueStarted struct {
		Cue Cue `json:"cue"`
	}
	// CueUndone says: the last start of a cue was a mistake and never was.
	CueUndone struct {
		Cue CueID `json:"cue"`
	}
)

// FactKind names the body in the journal.
func (CuePut) FactKind() string { return "cue.put" }

// FactKind names the body in the journal.
func (CueMoved) FactKind() string { return "cue.moved" }

// FactKind names the body in the journal.
func (CueDropped) FactKind() string { return "cue.dropped" }

// FactKind names the body in the journal.
func (CueStarted) FactKind() string { return "cue.started" }

// FactKind names the body in the journal.
func (CueUndone) FactKind() string { return "cue.undone" }
