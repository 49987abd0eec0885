package signaling

import (
	"cmp"
	"slices"
	"time"
)

const (
	lookSlice = 30                   // sessions looked at in one go: some 2 ms, 8 ms with two hours of broken evidence each
	lookPause = 5 * time.Millisecond // between two slices, for whatever else the hub has to do
)

// looks is whose token and presence are looked at next. A fifth of the sessions is due with each beat: a crowd's is too
// much for one run of the hub, so it goes in slices with pauses between them. Every session comes once in mineEvery beats,
// in the order in which they came in. Owned by the hub's goroutine.
type looks struct {
	came int       // sessions so far
	due  []*member // in the order of their turns; a session that is due again while it still waits is not put in twice
	next *time.Timer

	fresh []*member // scratch
}

func (l *looks) start() {
	l.next = time.NewTimer(time.Hour)
	l.next.Stop()
}

// turn gives a new session its place.
func (l *looks) turn() int {
	l.came++
	return l.came
}

// add makes sessions due, in the order of their turns and after those that still wait.
func (l *looks) add(list []*member) {
	slices.SortFunc(list, func(a, b *member) int { return cmp.Compare(a.turn, b.turn) })
	for _, m := range list {
		if !m.due {
			m.due = true
			l.due = append(l.due, m)
		}
	}
}

// take gives the sessions of the next slice.
func (l *looks) take() []*member {
	n := min(lookSlice, len(l.due))
	slice := l.due[:n]
	l.due = l.due[n:]
	for _, m := range slice {
		m.due = false
	}
	return slice
}

// lookOn looks at a slice of those who are due: ends sessions whose token is no longer good, and tells whoever's presence is
// not what they were told. It comes back for the others.
func (h *Hub) lookOn(now time.Time) {
	for _, m := range h.looks.take() {
		if h.members[m.id] != m {
			continue // released meanwhile
		}
		if h.expired(m.claims) {
			h.expel(m)
		}
		if m.conn != nil && m.person != nil && !m.mineDirty && h.presenceView(m.person, now) != m.told {
			m.mineDirty = true
			h.wake()
		}
	}
	if len(h.looks.due) > 0 {
		h.looks.next.Reset(lookPause)
	} else {
		h.looks.due = nil
	}
}
