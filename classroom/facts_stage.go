package classroom

// The bodies of facts of hands, of what is held back, and of who must stay out. As in facts.go: fields are only added.
type (
	// HandRaised says: the actor asks to speak.
	HandRaised struct {
		Hand HandID `json:"hand"`
	}
	// HandInvited says: the hand may come on the stage.
	HandInvited struct {
		Hand HandID `json:"hand"`
	}
	// HandLowered says: the hand is down, by its owner or by the desk.
	HandLowered struct {
		Hand HandID `json:"hand"`
	}
	// SourceHeld says: what of a source goes to nobody from now on.
	SourceHeld struct {
		Source SourceID `json:"source"`
		Held   Held     `json:"held"`
	}
	// Placed says: a source is on the stage from now on, or behind it.
	Placed struct {
		Source SourceID `json:"source"`
		Behind bool     `json:"behind"`
	}
	// GateSet says: who comes waits behind the stage (Closed), or goes straight on it.
	GateSet struct {
		Closed bool `json:"closed"`
	}
	// Banned says: this person, this link's holder or this session must stay out.
	Banned struct {
		Ban     BanID     `json:"ban"`
		Person  PersonID  `json:"person,omitempty"`
		Session SessionID `json:"session,omitempty"`
		Link    string    `json:"link,omitempty"`
		Role    Role      `json:"role"`
		Reason  string    `json:"reason"`
	}
	// Unbanned says: a ban was taken back.
	Unbanned struct {
		Ban BanID `json:"ban"`
	}
)

// FactKind names the body in the journal.
func (HandRaised) FactKind() string { return "hand.raised" }

// FactKind names the body in the journal.
func (HandInvited) FactKind() string { return "hand.invited" }

// FactKind names the body in the journal.
func (HandLowered) FactKind() string { return "hand.lowered" }

// FactKind names the body in the journal.
func (SourceHeld) FactKind() string { return "source.held" }

// FactKind names the body in the journal.
func (Placed) FactKind() string { return "source.placed" }

// FactKind names the body in the journal.
func (GateSet) FactKind() string { return "gate" }

// FactKind names the body in the journal.
func (Banned) FactKind() string { return "banned" }

// FactKind names the body in the journal.
func (Unbanned) FactKind() string { return "unbanned" }
