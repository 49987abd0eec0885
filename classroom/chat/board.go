package chat

import (
	"iter"
	"slices"
)

// Board is the chat of one event. Not safe for concurrent use.
type Board struct {
	on, wave bool
	setRev   int64
	n        int // messages so far
	last     []Line
}

// New gives a chat in which nothing was said.
func New(on, wave bool) *Board { return &Board{on: on, wave: wave} }

// Set tells whether one may write, whether one may react, and the revision of that.
func (b *Board) Set() (on, wave bool, rev int64) { return b.on, b.wave, b.setRev }

// Lines appends the messages of the window whose revision is over rev, oldest first.
func (b *Board) Lines(dst []Line, rev int64) []Line {
	for _, l := range b.last {
		if l.Rev > rev {
			dst = append(dst, l)
		}
	}
	return dst
}

// By goes through the messages of the window that somebody wrote, oldest first, without copying them.
func (b *Board) By(key string) iter.Seq[*Line] {
	return func(yield func(*Line) bool) {
		for i := range b.last {
			if b.last[i].By.Key == key && !yield(&b.last[i]) {
				return
			}
		}
	}
}

// Line gives a message of the window.
func (b *Board) Line(n int) (Line, bool) {
	l := b.at(n)
	if l == nil {
		return Line{}, false
	}
	return *l, true
}

func (b *Board) at(n int) *Line {
	i := n - (b.n - len(b.last)) - 1
	if i < 0 || i >= len(b.last) {
		return nil
	}
	return &b.last[i]
}

// Plan gives the step that the request c becomes and changes nothing; nil if it is already so. now is Unix ms. Errors
// are Refusals.
func (b *Board) Plan(now int64, c Change) (*Change, error) {
	if c.Op == OpSay {
		if err := b.maySay(now, c); err != nil {
			return nil, err
		}
		return &Change{Op: OpSay, N: b.n + 1, By: c.By, Text: c.Text}, nil
	}
	if err := b.fits(c); err != nil {
		return nil, err
	}
	l := b.at(c.N)
	switch {
	case c.Op == OpSet && c.On == b.on && c.Wave == b.wave, c.Op == OpRemove && l.Gone, c.Op == OpAsk && l.Asked:
		return nil, nil
	case c.Op == OpRemove && !c.Desk && c.By.Key != l.By.Key:
		return nil, ErrOwner
	}
	return &Change{Op: c.Op, N: c.N, On: c.On, Wave: c.Wave}, nil
}

func (b *Board) maySay(now int64, c Change) error {
	switch {
	case !b.on:
		return ErrOff
	case c.By.Key == "":
		return ErrNobody
	}
	if err := check(c.Text); err != nil {
		return err
	}
	own, all := 0, 0
	for _, l := range b.last {
		if l.By.Key == c.By.Key {
			if near(now, l.At, OwnSpan) {
				own++
			}
			if l.Text == c.Text {
				return ErrRepeat
			}
		}
		if near(now, l.At, BusySpan) {
			all++
		}
	}
	switch {
	case own >= MaxOwn:
		return ErrOwnRate
	case all >= MaxBusy:
		return ErrBusy
	}
	return nil
}

// near tells whether two moments are less than span apart: a clock that was set back locks nobody out for long.
func near(a, b, span int64) bool { return a-b < span && b-a < span }

// fits refuses what cannot happen to this chat, whoever asks.
func (b *Board) fits(c Change) error {
	l := b.at(c.N)
	switch c.Op {
	case OpSet:
	case OpSay:
		switch {
		case c.N != b.n+1:
			return ErrUnknown
		case c.By.Key == "":
			return ErrNobody
		case !b.on:
			return ErrOff
		}
	case OpRemove, OpAsk:
		switch {
		case l == nil:
			return ErrUnknown
		case c.Op == OpAsk && l.Gone:
			return ErrGone
		}
	default:
		return ErrOp
	}
	return nil
}

// Commit makes one planned change real; at is its time, rev its revision. A change that does not fit is refused and
// changes nothing.
func (b *Board) Commit(at, rev int64, c Change) error {
	if err := b.fits(c); err != nil {
		return err
	}
	l := b.at(c.N)
	switch c.Op {
	case OpSet:
		b.on, b.wave, b.setRev = c.On, c.Wave, rev
	case OpSay:
		if len(b.last) == Window {
			b.last = slices.Delete(b.last, 0, 1)
		}
		b.n++
		b.last = append(b.last, Line{N: c.N, By: c.By, Text: c.Text, At: at, Rev: rev})
	case OpRemove:
		l.Gone, l.Rev = true, rev
	case OpAsk:
		l.Asked, l.Rev = true, rev
	}
	return nil
}
