package poll

import (
	"math/bits"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Plan gives the step that the request c becomes and changes nothing. A request that is already so becomes no step
// (nil), so that a client may repeat itself after a lost answer. Errors are Refusals.
func (b *Board) Plan(c Change) (*Change, error) {
	switch c.Op {
	case OpMake:
		return b.planMake(c)
	case OpOpen, OpClose, OpShow, OpDrop:
		return b.planTurn(c)
	case OpAnswer:
		return b.planAnswer(c)
	}
	return nil, ErrOp
}

func (b *Board) planMake(c Change) (*Change, error) {
	n := len(b.all) + 1
	if n > MaxPolls {
		return nil, ErrFull
	}
	if c.Poll != 0 && c.Poll != n {
		return nil, ErrState
	}
	if err := c.Spec.check(); err != nil {
		return nil, err
	}
	if len(c.Spec.Options) == 0 {
		c.Spec.Options = nil // as it comes back from the journal
	}
	return &Change{Op: OpMake, Poll: n, Spec: c.Spec}, nil
}

// check refuses a spec that makes no poll.
func (s Spec) check() error {
	if !printable(s.Text, 1, MaxText) {
		return ErrText
	}
	choice := s.Kind == Single || s.Kind == Multiple
	switch {
	case choice && (len(s.Options) < 2 || len(s.Options) > MaxOptions || s.Top != 0):
		return ErrSpec
	case s.Kind == Scale && (len(s.Options) != 0 || s.Top < 2 || s.Top > MaxTop):
		return ErrSpec
	case s.Kind == Text && (len(s.Options) != 0 || s.Top != 0 || s.Live):
		return ErrSpec // what people write is read by the desk before anybody else sees it
	case !choice && s.Kind != Scale && s.Kind != Text:
		return ErrSpec
	}
	for i, o := range s.Options {
		if !printable(o, 1, MaxOption) {
			return ErrText
		}
		if slices.Contains(s.Options[:i], o) {
			return ErrSpec
		}
	}
	switch {
	case s.Right != 0 && (!choice || bits.Len32(uint32(s.Right)) > len(s.Options)):
		return ErrSpec
	case s.Right != 0 && s.Kind == Single && bits.OnesCount32(uint32(s.Right)) != 1:
		return ErrSpec
	}
	switch s.Set {
	case NoSet:
	case Pre, Post: // a score is somebody's, and what others chose must not help
		if s.Right == 0 || s.Anonymous || s.Live {
			return ErrSpec
		}
	default:
		return ErrSpec
	}
	return nil
}

func (b *Board) planTurn(c Change) (*Change, error) {
	p := b.at(c.Poll)
	if p == nil {
		return nil, ErrUnknown
	}
	so, ok := false, false // already so; allowed
	switch c.Op {
	case OpOpen:
		so, ok = p.Status == Open, p.Status == Draft || p.Status == Closed
		if p.Spec.Set != NoSet && p.Shown {
			ok = false // everyone has seen the right answers
		}
		if ok && b.open >= MaxOpen {
			return nil, ErrFull
		}
	case OpClose:
		so, ok = p.Status == Closed, p.Status == Open
	case OpShow:
		so, ok = p.Shown == c.On, p.Status == Open || p.Status == Closed
		if c.On && p.Status == Open && p.Spec.Set != NoSet {
			ok = false // the answers of a quiz are shown once nobody answers any more
		}
	case OpDrop:
		so, ok = p.Status == Dropped, p.Status == Draft
	}
	switch {
	case so:
		return nil, nil
	case !ok:
		return nil, ErrState
	}
	return &Change{Op: c.Op, Poll: p.N, On: c.Op == OpShow && c.On}, nil
}

func (b *Board) planAnswer(c Change) (*Change, error) {
	p := b.at(c.Poll)
	switch {
	case p == nil || p.Status == Draft || p.Status == Dropped:
		return nil, ErrUnknown
	case c.Who == "":
		return nil, ErrNobody
	case p.Status != Open:
		return nil, ErrClosed
	case !p.Spec.offers(c.Answer):
		return nil, ErrAnswer
	}
	if before, ok := p.answers[c.Who]; ok && before == c.Answer {
		return nil, nil
	}
	return &Change{Op: OpAnswer, Poll: p.N, Who: c.Who, Answer: c.Answer}, nil
}

// offers tells whether a is an answer to such a poll.
func (s Spec) offers(a Answer) bool {
	switch s.Kind {
	case Single:
		return a.Value == 0 && a.Text == "" && bits.OnesCount32(uint32(a.Pick)) == 1 && bits.Len32(uint32(a.Pick)) <= len(s.Options)
	case Multiple:
		return a.Value == 0 && a.Text == "" && a.Pick != 0 && bits.Len32(uint32(a.Pick)) <= len(s.Options)
	case Scale:
		return a.Pick == 0 && a.Text == "" && a.Value >= 1 && a.Value <= s.Top
	default:
		return a.Pick == 0 && a.Value == 0 && printable(a.Text, 1, MaxAnswer)
	}
}

// printable tells whether s is trimmed UTF-8 of least to most code points without control characters: it comes back
// from the journal as it went in, and people see all of it.
func printable(s string, least, most int) bool {
	if !utf8.ValidString(s) || strings.TrimSpace(s) != s || strings.ContainsFunc(s, unicode.IsControl) {
		return false
	}
	n := utf8.RuneCountInString(s)
	return least <= n && n <= most
}
