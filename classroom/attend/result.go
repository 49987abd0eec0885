package attend

// Interval is a stretch of time in Unix milliseconds, From < To.
type Interval struct{ From, To int64 }

// Window is when the event was live: disjoint, ascending. Only presence inside it counts.
type Window []Interval

// Length is how long the window is, in ms.
func (w Window) Length() int64 { return total(union(append([]Interval(nil), w...))) }

// Held is when an event was held: its live time, and the stretches of it that are ceremony (the anthem, the prayer, a
// group photo) by its rundown. They may be in any order and overlap.
type Held struct {
	Live     Window
	Ceremony []Interval
}

// Result explains one person's credit: everything an auditor needs to do the sum again. All seconds are sums in
// milliseconds, rounded down once.
type Result struct {
	PolicyVersion  int
	Intervals      []Interval // credited presence: union over devices, gaps bridged, cut to the counted time
	Seconds        int        // sum of Intervals
	Bridged        int        // of those, seconds of bridged gaps
	LiveSeconds    int        // length of the live time
	CountedSeconds int        // of it, what counts: without the ceremony, if that does not count. It is the 100 %
	Percent        int        // Intervals of the counted time, both in ms, rounded down, 0 to 100
	Meets          bool       // Percent reaches the threshold
	JP             int
	First, Last    int64 // first in and last out, Unix ms; 0 when never present
	SocketSeconds  int   // union per class inside the live time, for the auditor; never mixed
	DeliveredSecs  int
	DecodedSecs    int

	// Since Rule2.
	ScannedSecs    int
	MarkedSecs     int
	PaperSecs      int
	CorrectedSecs  int
	VoidedSecs     int
	Sources        Class     // classes that any of the credit comes from
	Missing        []Missing // the live time without credit, ascending: with Intervals it is all of it, and nothing twice
	OutsideSeconds int       // of earning evidence before the event was live, in its pauses and after it

	PolicyRevision int // of the event's policy, see Policy.Revision: with PolicyVersion it names the rule exactly
}

// Missing is a stretch of the live time that was not credited.
type Missing struct {
	From, To int64
	Why      Why
	Seen     Class // evidence there, for WhyUnearned and WhyVoided
}

// Why tells why a stretch was not credited.
type Why string

// The reasons.
const (
	WhyCeremony Why = "ceremony" // it is ceremony, and that does not count: for nobody
	WhyVoided   Why = "voided"   // taken away by a decision
	WhyUnearned Why = "unearned" // something was seen, but of no class that earns: connected, but no media arrived
	WhyAbsent   Why = "absent"   // nothing was seen, for longer than is bridged
)
