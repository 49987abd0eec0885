package attend

// Interval is a stretch of time in Unix milliseconds, From < To.
type Interval struct{ From, To int64 }

// Window is when the event was live: disjoint, ascending. Only presence inside it counts.
type Window []Interval

// Result explains one person's credit: everything an auditor needs to do the sum again.
type Result struct {
	PolicyVersion int
	Intervals     []Interval // credited presence: union over devices, gaps bridged, cut to the window
	Seconds       int        // sum of Intervals, rounded down once
	Bridged       int        // of those, seconds of bridged gaps, rounded down once
	LiveSeconds   int        // length of the window
	Percent       int        // Intervals of the window, both in ms, rounded down, 0 to 100
	Meets         bool       // Percent reaches the threshold
	JP            int
	First, Last   int64 // first in and last out, Unix ms; 0 when never present
	SocketSeconds int   // union per class inside the window, for the auditor; never mixed
	DeliveredSecs int
	DecodedSecs   int
}
