package wire

// MaxBanReason bounds the reason of a ban, in characters.
const MaxBanReason = 200

// ---- client to server ----

// Hand raises one's own hand (on), or lowers it: withdraws, declines an invitation, steps down from the stage.
type Hand struct {
	On bool `json:"on"`
}

// Invite asks a raised hand to the stage.
type Invite struct {
	Hand string `json:"hand"`
}

// Lower takes a hand out of the queue; who stands on the stage by it leaves.
type Lower struct {
	Hand string `json:"hand"`
}

// Hold decides what of a source goes to nobody, whatever its device does.
type Hold struct {
	Source  string `json:"source"`
	Sound   bool   `json:"sound"`
	Picture bool   `json:"picture"`
}

// Place brings a source on the stage, or behind it.
type Place struct {
	Source string `json:"source"`
	Behind bool   `json:"behind"`
}

// Gate decides whether who comes goes straight on the stage, or waits behind it (closed) for an operator.
type Gate struct {
	Closed bool `json:"closed"`
}

// Look chooses what one's own monitor shows: the stage, or who waits behind it.
type Look struct {
	Behind bool `json:"behind"`
}

// Ban keeps somebody out of the event: whose hand, source, question, message or seat in a class the target is.
type Ban struct {
	Target string `json:"target"`
	Reason string `json:"reason"`
}

// Unban takes a ban back.
type Unban struct {
	Ban string `json:"ban"`
}

// ---- server to client ----

// DeskState is what only the desk sees, whole.
type DeskState struct {
	Hands []RaisedHand `json:"hands"` // in the order of raising
	Bans  []Banned     `json:"bans"`
}

// RaisedHand is one who wants to speak, or may.
type RaisedHand struct {
	ID     string `json:"id"`
	Status string `json:"status" ts:"'waiting' | 'invited' | 'stage'"` // waiting; invited: may come; stage: stands there
	Name   string `json:"name"`
	Unit   string `json:"unit"`
	Region string `json:"region"`
	At     string `json:"at"`
	Owner  string `json:"owner"` // as in Source
}

// Banned is one who must stay out.
type Banned struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Reason string `json:"reason"`
	At     string `json:"at"`
}

// MyHand is the reader's own hand.
type MyHand struct {
	ID     string `json:"id"`
	Status string `json:"status" ts:"'waiting' | 'invited' | 'stage'"`
	Place  int    `json:"place"` // in the queue: 1 is next; 0: invited or on the stage
}
