package classroom

import "unicode/utf8"

// Valid tells whether id is a slug: 1 to 64 of a-z, 0-9 and -, not beginning or ending with -.
func (id EventID) Valid() bool {
	if len(id) < 1 || len(id) > 64 || id[0] == '-' || id[len(id)-1] == '-' {
		return false
	}
	for _, c := range []byte(id) {
		if c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// Check refuses an event that cannot be planned, with an *Error of kind Invalid that names what is wrong: event_id,
// event_kind, event_title, event_text, event_times or event_policy.
func (e Event) Check() error {
	if !e.ID.Valid() {
		return Refuse(Invalid, "event_id")
	}
	switch e.Kind {
	case Lecture, Class, Forum:
	default:
		return Refuse(Invalid, "event_kind")
	}
	if n := utf8.RuneCountInString(e.Title); n < 1 || n > 300 || !validText(e.Title, 1200) {
		return Refuse(Invalid, "event_title")
	}
	for _, s := range []string{e.Speaker, e.Host, e.Place} {
		if !validText(s, 1200) {
			return Refuse(Invalid, "event_text")
		}
	}
	if e.StartsAt.IsZero() || !e.StartsAt.Before(e.EndsAt) {
		return Refuse(Invalid, "event_times")
	}
	if err := e.Policy.Check(); err != nil {
		return &Error{Kind: Invalid, Code: "event_policy", Err: err}
	}
	return nil
}

// PlannedJP is what the event will be worth if it is live for as long as it was planned: for the page that people
// see before it starts.
func (e Event) PlannedJP() int { return e.Policy.JP(e.EndsAt.Sub(e.StartsAt).Milliseconds()) }
