package attend

// Class is a set of kinds of evidence. Spans carry exactly one; a Policy's Earns may carry several.
type Class uint8

// The classes of DESIGN section 6. They are never mixed in storage. The tracker samples the first three; the others are
// said by people, and whoever turns what they said into spans (a scan in and a scan out, a mark, a decision) has cut
// them already to what they prove.
const (
	Socket    Class = 1 << iota // a websocket was open
	Delivered                   // the server sent media and the receiver's RTCP reports advanced
	Decoded                     // the device says it decoded and played
	Scanned                     // in a Ruang Bersama: between scan-in and scan-out, while the room's screen had media
	Marked                      // a PIC marked the person, or scanned a personal QR
	Paper                       // on a paper sheet, entered with file and reason
	Corrected                   // granted by a decision of the correction desk; counts whatever the policy earns
	Voided                      // taken away by a decision; outweighs all other evidence
)

// The levels of proof of DOMAIN section 4.4, as sets of classes. Which of them earn is the policy's matter.
const (
	LevelA = Delivered | Decoded // own device
	LevelB = Scanned             // Ruang Bersama
	LevelC = Marked              // a PIC's mark
	LevelD = Paper
)

var levels = [...]struct {
	name byte
	set  Class
}{{'A', LevelA}, {'B', LevelB}, {'C', LevelC}, {'D', LevelD}}

// Levels names the levels that c holds any class of: "A", "BD".
func (c Class) Levels() string {
	var out []byte
	for _, l := range levels {
		if c&l.set != 0 {
			out = append(out, l.name)
		}
	}
	return string(out)
}

// ParseLevels gives the classes of levels written as Levels does; ok is false for anything else.
func ParseLevels(s string) (c Class, ok bool) {
	for _, l := range levels {
		if len(s) > 0 && s[0] == l.name {
			c |= l.set
			s = s[1:]
		}
	}
	return c, s == "" && c != 0
}

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
