package api

import (
	"strings"
	"unicode"

	"betang/classroom"
)

// search is what somebody typed to find a person: a part of a name with or without titles, or of a NIP.
type search struct {
	all  bool
	name string // letters and digits, lower case
	bare string // the same without titles; may be ""
	nip  string // digits only, when nothing but a NIP can be meant
}

// frontTitles are written before names, and by many without their dots.
var frontTitles = map[string]bool{
	"dr": true, "dra": true, "drs": true, "drg": true, "drh": true, "prof": true, "ir": true, "h": true, "hj": true, "kh": true,
	"ns": true, "apt": true, "pdt": true,
}

func newSearch(q string) search {
	s := search{name: classroom.SearchKey(q)}
	s.all = s.name == ""
	before, _, _ := strings.Cut(q, ",") // titles after a name follow a comma
	var bare strings.Builder
	for word := range strings.FieldsSeq(before) {
		inner := strings.Contains(strings.TrimSuffix(word, "."), ".") // S.Sos., M.Si
		if f := classroom.SearchKey(word); !frontTitles[f] && !inner {
			bare.WriteString(f)
		}
	}
	s.bare = bare.String()
	digits := strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case unicode.IsSpace(r) || strings.ContainsRune(".-'", r):
			return -1
		}
		return 'x'
	}, q)
	if !strings.Contains(digits, "x") {
		s.nip = digits
	}
	return s
}

func (s search) finds(p classroom.Person) bool {
	switch {
	case s.all:
		return true
	case s.nip != "":
		return strings.Contains(p.NIP, s.nip)
	case strings.Contains(classroom.SearchKey(p.Front+p.Name+p.Back), s.name):
		return true
	}
	return s.bare != "" && strings.Contains(classroom.SearchKey(p.Name), s.bare)
}
