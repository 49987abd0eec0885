package classroom

// The bodies of the facts of captions and notes. As in facts.go, fields are only ever added.
type (
	// Captioned says: line N of the captions reads so; "" strikes it.
	Captioned struct {
		N    int    `json:"n"`
		Text string `json:"text"`
	}
	// Noted says: a point of the minutes reads so, or was dropped.
	Noted struct {
		Note NoteID `json:"note"`
		Kind string `json:"kind,omitempty"`
		Text string `json:"text,omitempty"`
		Who  string `json:"who,omitempty"`
		Due  string `json:"due,omitempty"`
		Gone bool   `json:"gone,omitempty"`
	}
)

// FactKind names the body in the journal.
func (Captioned) FactKind() string { return "captioned" }

// FactKind names the body in the journal.
func (Noted) FactKind() string { return "noted" }
