package chat

// Limits. Texts are in Unicode code points, spans in ms.
const (
	Window   = 100 // messages kept
	MaxText  = 300
	OwnSpan  = 20_000 // in which one person writes at most MaxOwn messages
	MaxOwn   = 4
	BusySpan = 10_000 // in which all together write at most MaxBusy
	MaxBusy  = 30

	maxSigns = 12 // emoji and other pictures in one message
	maxSame  = 12 // the same character in a row
	maxMarks = 3  // accents on one letter
	nipLen   = 18 // digits
)

// Writer is who wrote a message. Key tells people apart: a person over all devices, or a guest's session.
type Writer struct {
	Key                         string
	Person, Role, Session, Name string
	Link                        string
}

// Line is one message.
type Line struct {
	N     int
	By    Writer
	Text  string
	At    int64 // Unix ms
	Gone  bool  // taken down
	Asked bool  // made a question
	Rev   int64 // revision of the last change to any of this
}

// Op is what a change does.
type Op uint8

// The operations.
const (
	OpSet    Op = iota + 1 // the chat On or off, reactions Wave or not
	OpSay                  // By says Text as message N
	OpRemove               // N is taken down
	OpAsk                  // N is made a question
)

// Change is a request and, once planned, a step.
type Change struct {
	Op       Op
	N        int
	By       Writer
	Text     string
	On, Wave bool
	Desk     bool // the request is the desk's: it may take down anybody's
}

// Refusal says why a request was refused. Its text is a stable code.
type Refusal string

// Error gives the code.
func (r Refusal) Error() string { return string(r) }

// The refusals.
const (
	ErrOff     Refusal = "chat_off"
	ErrText    Refusal = "chat_text"    // empty, too long or not printable
	ErrFlood   Refusal = "chat_flood"   // a wall of emoji, repeated characters or stacked accents
	ErrNIP     Refusal = "chat_nip"     // a number as long as a NIP
	ErrRepeat  Refusal = "chat_repeat"  // said already
	ErrOwnRate Refusal = "chat_rate"    // MaxOwn in OwnSpan
	ErrBusy    Refusal = "chat_busy"    // MaxBusy in BusySpan
	ErrUnknown Refusal = "chat_unknown" // not in the window
	ErrGone    Refusal = "chat_gone"    // taken down already
	ErrOwner   Refusal = "chat_owner"   // somebody else's
	ErrNobody  Refusal = "actor_unknown"
	ErrOp      Refusal = "command_unknown"
)
