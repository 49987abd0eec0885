package classroom

import (
	"unicode"
	"unicode/utf8"
)

// key names who votes and asks: a person over all devices, or else one session. "" if the actor is neither.
func (a Actor) key() string {
	switch {
	case a.Person != "":
		return "p:" + string(a.Person)
	case a.Session != "":
		return "s:" + string(a.Session)
	}
	return ""
}

// check refuses an actor whose names would not come back from the journal as they went in.
func (a Actor) check() error {
	for _, s := range []string{string(a.Person), string(a.Role), string(a.Session), a.Name, a.Link} {
		if !validText(s, 512) {
			return Refuse(Invalid, "actor_unknown")
		}
	}
	return nil
}

// validText tells whether s is UTF-8 without control characters and at most limit bytes long.
func validText(s string, limit int) bool {
	if len(s) > limit || !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if unicode.IsControl(r) {
			return false
		}
	}
	return true
}
