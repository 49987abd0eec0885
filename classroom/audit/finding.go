package audit

import (
	"fmt"
	"strings"

	"betang/classroom/ratify"
	"betang/classroom/roster"
)

// Finding is one thing that is not as it was signed, in Indonesian and in English.
type Finding struct{ ID, EN string }

// String is both, one below the other.
func (f Finding) String() string { return f.ID + "\n  " + f.EN }

// more is a list cut to what somebody reads.
func more(list []Finding, most int) []Finding {
	if len(list) <= most {
		return list
	}
	n := len(list) - most
	return append(list[:most:most], Finding{
		fmt.Sprintf("… dan %d perbedaan lain", n), fmt.Sprintf("… and %d more differences", n),
	})
}

// person names a row of a list, from 1.
func person(l ratify.List, row int) string {
	if row < 1 || row > len(l.Doc.Rows) {
		return ""
	}
	r := l.Doc.Rows[row-1]
	name := strings.TrimSpace(r.Name)
	if r.NIP != "" {
		name += " (NIP " + roster.Mask(r.NIP) + ")"
	}
	if name = strings.TrimSpace(name); name != "" {
		name = ", " + name
	}
	return name
}

// inRow is a finding in a row of a list.
func inRow(l ratify.List, row int, id, en string) Finding {
	who := person(l, row)
	return Finding{fmt.Sprintf("baris %d%s: %s", row, who, id), fmt.Sprintf("row %d%s: %s", row, who, en)}
}

// shown is a value as it is quoted in a finding, cut around the place where it differs from another.
func shown(s, other string) string {
	a, b := []rune(s), []rune(other)
	at := 0
	for at < len(a) && at < len(b) && a[at] == b[at] {
		at++
	}
	head, tail := "", ""
	if from := max(0, at-20); from > 0 && len(a) > 60 {
		a, head = a[from:], "…"
	}
	if len(a) > 60 {
		a, tail = a[:60], "…"
	}
	return fmt.Sprintf("%q", head+string(a)+tail)
}
