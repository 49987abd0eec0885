package classroom

// The bodies of the facts of polls. As in facts.go, fields are only ever added.
type (
	// PollMade says: the desk drafted a poll.
	PollMade struct {
		Poll      PollID   `json:"poll"`
		Kind      string   `json:"kind"`
		Text      string   `json:"text"`
		Options   []string `json:"options,omitempty"`
		Top       int      `json:"top,omitempty"`
		Right     uint32   `json:"right,omitempty"` // option i by bit i
		Set       string   `json:"set,omitempty"`
		Anonymous bool     `json:"anonymous,omitempty"`
		Live      bool     `json:"live,omitempty"`
	}
	// PollTurned says: a poll was opened, closed or dropped.
	PollTurned struct {
		Poll PollID `json:"poll"`
		To   string `json:"to"`
	}
	// PollShown says: its results are shown to everyone, or no longer.
	PollShown struct {
		Poll PollID `json:"poll"`
		On   bool   `json:"on"`
	}
	// PollAnswered says: the actor's answer is now this one.
	PollAnswered struct {
		Poll  PollID `json:"poll"`
		Pick  uint32 `json:"pick,omitempty"` // option i by bit i
		Value int    `json:"value,omitempty"`
		Text  string `json:"text,omitempty"`
	}
)

// FactKind names the body in the journal.
func (PollMade) FactKind() string { return "poll.made" }

// FactKind names the body in the journal.
func (PollTurned) FactKind() string { return "poll.turned" }

// FactKind names the body in the journal.
func (PollShown) FactKind() string { return "poll.shown" }

// FactKind names the body in the journal.
func (PollAnswered) FactKind() string { return "poll.answered" }
