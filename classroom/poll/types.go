package poll

// Kind is how a poll is answered.
type Kind string

// The kinds.
const (
	Single   Kind = "single"   // one of the options
	Multiple Kind = "multiple" // one or several of them
	Scale    Kind = "scale"    // 1 to Top
	Text     Kind = "text"     // a short text
)

// Set says of which quiz a poll is a question.
type Set string

// The sets.
const (
	NoSet Set = ""
	Pre   Set = "pre"  // pre-test
	Post  Set = "post" // post-test
)

// Status is where a poll stands.
type Status string

// The states.
const (
	Draft   Status = "draft" // only the desk sees it
	Open    Status = "open"
	Closed  Status = "closed"
	Dropped Status = "dropped" // thrown away as a draft; final
)

// Limits. Texts are in Unicode code points.
const (
	MaxPolls   = 200 // in one event, dropped ones included
	MaxOpen    = 30  // at once: a quiz opens all its questions together
	MaxText    = 300
	MaxOptions = 10
	MaxOption  = 120
	MaxAnswer  = 200
	MaxTop     = 10
)

// Spec is a poll as it was made.
type Spec struct {
	Kind      Kind
	Text      string
	Options   []string // of Single and Multiple: 2 to MaxOptions
	Top       int      // of Scale: 2 to MaxTop, else 0
	Right     Pick     // right options of a quiz question; 0: it has none
	Set       Set
	Anonymous bool
	Live      bool // everyone sees the counts while it is open
}

// Pick is a set of options, option i by bit i.
type Pick uint32

// Has tells whether option i is in the set.
func (p Pick) Has(i int) bool { return p>>i&1 == 1 }

// Answer is what one person answered: the field that the poll's kind uses, the others zero.
type Answer struct {
	Pick  Pick
	Value int
	Text  string
}

// Poll is a copy of one poll.
type Poll struct {
	N      int
	Spec   Spec
	Status Status
	Shown  bool  // its results are shown to everyone
	Rev    int64 // revision of the last change to any of this; answers change none of it
}

// Tally is what a poll's answers add up to.
type Tally struct {
	N      int   // people who answered
	Counts []int // by option, or by value from 1; nil for Text
}

// Op is what a change does.
type Op uint8

// The operations.
const (
	OpMake   Op = iota + 1 // Spec becomes poll Poll
	OpOpen                 // Poll
	OpClose                // Poll
	OpShow                 // Poll's results: On or not
	OpDrop                 // Poll, a draft
	OpAnswer               // Who answers Poll with Answer
)

// Change is a request and, once planned, a step.
type Change struct {
	Op     Op
	Poll   int
	Spec   Spec
	On     bool
	Who    string
	Answer Answer
}

// Refusal says why a request was refused. Its text is a stable code.
type Refusal string

// Error gives the code.
func (r Refusal) Error() string { return string(r) }

// The refusals.
const (
	ErrUnknown Refusal = "poll_unknown"
	ErrState   Refusal = "poll_state"   // its status does not allow that
	ErrClosed  Refusal = "poll_closed"  // an answer to a poll that is not open
	ErrSpec    Refusal = "poll_invalid" // options, scale or right answers that make no poll
	ErrText    Refusal = "poll_text"    // empty, too long or not printable
	ErrAnswer  Refusal = "poll_answer"  // not one that the poll offers
	ErrFull    Refusal = "poll_limit"   // MaxPolls or MaxOpen
	ErrNobody  Refusal = "actor_unknown"
	ErrOp      Refusal = "command_unknown"
)
