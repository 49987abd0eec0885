// Package notes holds the minutes that a minute-taker keeps of an event: points, each a note, a decision or something to
// be done. It is pure and imports nothing of ours.
package notes

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits. Texts are in Unicode code points.
const (
	MaxNotes = 300
	MaxText  = 1000
	MaxWho   = 120
)

// Kind is what a point is.
type Kind string

// The kinds.
const (
	Remark   Kind = "note"     // catatan
	Decision Kind = "decision" // keputusan
	Action   Kind = "action"   // tindak lanjut
)

// Note is one point.
type Note struct {
	N    int
	Kind Kind
	Text string
	Who  string // of an action: who does it
	Due  string // of an action: until when, as people say it
	At   int64  // Unix ms when it was first written
	Gone bool
	Rev  int64
}

// Refusal says why a request was refused. Its text is a stable code.
type Refusal string

// Error gives the code.
func (r Refusal) Error() string { return string(r) }

// The refusals.
const (
	ErrText    Refusal = "note_text"
	ErrKind    Refusal = "note_kind"
	ErrUnknown Refusal = "note_unknown"
	ErrFull    Refusal = "notes_full"
)

// Board holds the points. The zero value is an empty one. Not safe for concurrent use.
type Board struct{ all []Note }

// Notes appends the points whose revision is over rev, oldest first, dropped ones included.
func (b *Board) Notes(dst []Note, rev int64) []Note {
	for _, n := range b.all {
		if n.Rev > rev {
			dst = append(dst, n)
		}
	}
	return dst
}

// Plan gives the point that n becomes; N 0 is a new one. ok is false if it already reads so. Errors are Refusals.
func (b *Board) Plan(n Note) (as Note, ok bool, err error) {
	n.At, n.Rev = 0, 0
	if n.N == 0 && len(b.all) >= MaxNotes {
		return n, false, ErrFull
	}
	if n.N == 0 {
		n.N = len(b.all) + 1
	}
	if err := b.fits(n); err != nil {
		return n, false, err
	}
	if n.N > len(b.all) {
		if n.Gone {
			return n, false, ErrUnknown
		}
		return n, true, nil
	}
	was := b.all[n.N-1]
	if n.Gone {
		n = was
		n.Gone, n.At, n.Rev = true, 0, 0
	}
	was.At, was.Rev = 0, 0
	return n, n != was, nil
}

// Commit takes a planned point in; at is its time, rev its revision.
func (b *Board) Commit(at, rev int64, n Note) error {
	if err := b.fits(n); err != nil {
		return err
	}
	n.At, n.Rev = at, rev
	if n.N > len(b.all) {
		b.all = append(b.all, n)
		return nil
	}
	n.At = b.all[n.N-1].At
	b.all[n.N-1] = n
	return nil
}

// Note gives one point.
func (b *Board) Note(n int) (Note, bool) {
	if n < 1 || n > len(b.all) {
		return Note{}, false
	}
	return b.all[n-1], true
}

// fits refuses what is no point of this board.
func (b *Board) fits(n Note) error {
	if n.N < 1 || n.N > len(b.all)+1 || n.N > MaxNotes || n.N <= len(b.all) && b.all[n.N-1].Gone {
		return ErrUnknown
	}
	if n.Gone {
		return nil
	}
	switch n.Kind {
	case Remark, Decision:
		if n.Who != "" || n.Due != "" {
			return ErrKind
		}
	case Action:
	default:
		return ErrKind
	}
	if n.Text == "" || !printable(n.Text, MaxText, true) || !printable(n.Who, MaxWho, false) || !printable(n.Due, MaxWho, false) {
		return ErrText
	}
	return nil
}

// printable tells whether s is trimmed UTF-8 of at most most code points without control characters, but line breaks
// where lines may be.
func printable(s string, most int, lines bool) bool {
	control := func(r rune) bool { return unicode.IsControl(r) && (r != '\n' || !lines) }
	return utf8.ValidString(s) && strings.TrimSpace(s) == s && !strings.ContainsFunc(s, control) && utf8.RuneCountInString(s) <= most
}

// Standing are the points that were not dropped, of a kind.
func Standing(all []Note, kind Kind) []Note {
	return slices.DeleteFunc(slices.Clone(all), func(n Note) bool { return n.Gone || n.Kind != kind })
}
