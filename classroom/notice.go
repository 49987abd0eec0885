package classroom

import (
	"time"
	"unicode/utf8"
)

// MaxNotice bounds an announcement, in code points.
const MaxNotice = 300

type (
	// Announce shows everyone a line; "" takes it down.
	Announce struct{ Text string }
	// Announced says: this line is what everyone sees; "" is none.
	Announced struct {
		Text string `json:"text"`
	}
)

func (Announce) commandName() string { return "announce" }

// FactKind names the body in the journal.
func (Announced) FactKind() string { return "announced" }

// notice is the line that everyone sees.
type notice struct {
	text string
	at   time.Time
	rev  int64
}

// Notice is the line that everyone sees, since when, and its revision.
func (r *Room) Notice() (text string, at time.Time, rev int64) {
	return r.notice.text, r.notice.at, r.notice.rev
}

func (r *Room) planAnnounce(text string) ([]FactBody, error) {
	switch {
	case utf8.RuneCountInString(text) > MaxNotice || !validText(text, 4*MaxNotice):
		return nil, Refuse(Invalid, "notice_text")
	case r.phase == Ended && text != "":
		return nil, Refuse(Conflict, "event_ended")
	case text == r.notice.text:
		return nil, nil
	}
	return []FactBody{Announced{text}}, nil
}
