// Package caption holds the captions that somebody types while an event runs, and writes them as WebVTT. It is pure and
// imports nothing of ours.
//
// A board keeps the last lines only, for who comes late; the file is made from the facts. A line that is still in the
// window may be put right, or struck by an empty text.
package caption

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits. Texts are in Unicode code points.
const (
	Window  = 6   // lines that a board keeps
	MaxText = 160 // two lines over the picture
)

// Line is one caption.
type Line struct {
	N    int
	Text string // "" once struck
	At   int64  // Unix ms when it was first typed
	Rev  int64
}

// Refusal says why a request was refused. Its text is a stable code.
type Refusal string

// Error gives the code.
func (r Refusal) Error() string { return string(r) }

// The refusals.
const (
	ErrText    Refusal = "caption_text"    // empty, too long or not printable
	ErrUnknown Refusal = "caption_unknown" // no longer in the window
)

// Board holds the last captions. The zero value is an empty one. Not safe for concurrent use.
type Board struct {
	n    int
	last []Line
}

// Lines appends the lines of the window whose revision is over rev, oldest first.
func (b *Board) Lines(dst []Line, rev int64) []Line {
	for _, l := range b.last {
		if l.Rev > rev {
			dst = append(dst, l)
		}
	}
	return dst
}

// Plan gives the number under which a text is to be committed: n puts that line right, 0 is a new one. ok is false if it
// already reads so. Errors are Refusals.
func (b *Board) Plan(n int, text string) (as int, ok bool, err error) {
	if !printable(text) || n == 0 && text == "" {
		return 0, false, ErrText
	}
	if n == 0 {
		return b.n + 1, true, nil
	}
	i := b.index(n)
	if i < 0 {
		return 0, false, ErrUnknown
	}
	return n, b.last[i].Text != text, nil
}

// Commit takes a planned line in; at is its time, rev its revision.
func (b *Board) Commit(at, rev int64, n int, text string) error {
	if n == b.n+1 && text != "" {
		if len(b.last) == Window {
			b.last = slices.Delete(b.last, 0, 1)
		}
		b.n++
		b.last = append(b.last, Line{n, text, at, rev})
		return nil
	}
	i := b.index(n)
	if i < 0 {
		return ErrUnknown
	}
	b.last[i].Text, b.last[i].Rev = text, rev
	return nil
}

func (b *Board) index(n int) int {
	return slices.IndexFunc(b.last, func(l Line) bool { return l.N == n })
}

func printable(s string) bool {
	return utf8.ValidString(s) && strings.TrimSpace(s) == s && !strings.ContainsFunc(s, unicode.IsControl) && utf8.RuneCountInString(s) <= MaxText
}
