package attend

// Class is a set of kinds of evidence. Spans carry exactly one; a Policy's Earns may carry several.
type Class uint8

// The classes of DESIGN section 6 that are recorded so far. They are never mixed in storage.
const (
	Socket    Class = 1 << iota // a websocket was open
	Delivered                   // the server sent media and the receiver's RTCP reports advanced
	Decoded                     // the device says it decoded and played
)

// Span is a stretch of evidence of one class, for one person on one device. Times are Unix milliseconds, UTC;
// From <= To. An open span grows; a closed one is final.
type Span struct {
	Person  string
	Session string
	Class   Class
	From    int64
	To      int64
	Open    bool
}
