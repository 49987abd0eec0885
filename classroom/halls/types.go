package halls

// Level is how strong the proof is (DOMAIN section 4.4; A is one's own device and has no marks).
type Level string

// The levels.
const (
	Scanned Level = "B" // the person's own phone read the code on the hall's screen
	Marked  Level = "C" // a PIC says so
	Paper   Level = "D" // a signed sheet, entered by a PIC
)

// Valid tells whether l is one of the levels.
func (l Level) Valid() bool { return l == Scanned || l == Marked || l == Paper }

// Weaker is the weaker of two levels: a stay is as strong as the weaker of its ends.
func Weaker(a, b Level) Level { return max(a, b) }

// Mark is one proof that a person was in a hall at a moment, or (Out) went.
type Mark struct {
	ID     string // made by the device that took it
	Hall   string
	Person string
	Out    bool
	Level  Level
	At     int64
	Struck bool // withdrawn, with a reason
}

// Hall is one Ruang Bersama.
type Hall struct {
	ID     string
	Entry  string // id of the wish that opened it first
	Name   string
	Place  string
	Opened int64 // when it was opened first
	Closed int64 // 0: open
}

// Limits.
const (
	MaxHalls = 1000 // in an event
	MaxMarks = 50   // of one person in one hall
	MaxName  = 120  // characters of a name or place
)

// Refusal says why a request was refused. Its text is a stable code.
type Refusal string

// Error gives the code.
func (r Refusal) Error() string { return string(r) }

// The refusals.
const (
	ErrUnknown Refusal = "hall_unknown"
	ErrName    Refusal = "hall_name"
	ErrMany    Refusal = "hall_limit"
	ErrClosed  Refusal = "hall_closed"   // no code is shown any more
	ErrTime    Refusal = "hall_time"     // before the hall was opened, or in the future
	ErrLate    Refusal = "hall_late"     // the time for late marks is over
	ErrEntry   Refusal = "hall_entry"    // no id, or a malformed one
	ErrPerson  Refusal = "hall_person"   // nobody
	ErrMarks   Refusal = "hall_marks"    // more than MaxMarks
	ErrMark    Refusal = "hall_mark"     // no such mark
	ErrNotIn   Refusal = "hall_not_in"   // out without ever having been in
	ErrLevel   Refusal = "hall_level"    // unknown
	ErrOrder   Refusal = "hall_ordering" // closed before it was opened
)
