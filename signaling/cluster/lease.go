package cluster

import "time"

// Lease is one node's side of an event's lease: when to ask for it, and when the node may think of itself as the home. It
// is pure; its times are of one clock that never steps, like the time since the process began.
//
// It counts its term from the moment it asked, not from the answer, and stops a tenth of the term early. So it stops
// before anybody else can be given the lease, whatever the wall clocks say, as long as no clock runs a tenth slower than
// Redis's. A process that was frozen past its term may still think so for a moment: against that there is the token.
type Lease struct {
	ttl, every time.Duration

	wanted bool
	asking bool
	voided bool // what the Ask under way was told may have been given up meanwhile
	asked  time.Duration
	next   time.Duration // when to ask again
	token  int64         // 0: not the home
	until  time.Duration
}

// NewLease makes one that is not wanted yet. It is asked for again after a third of ttl.
func NewLease(ttl time.Duration) *Lease { return &Lease{ttl: ttl, every: ttl / 3} }

// LeaseEvent is something that a Lease is told.
type LeaseEvent interface{ leaseEvent() }

type (
	// Want says: the event is to be here.
	Want struct{}
	// Drop says: no longer.
	Drop struct{}
	// Answered is what became of an Ask. Err: nobody knows.
	Answered struct {
		Grant Grant
		Mine  bool
		Err   error
	}
	// TimeUp says that the time of Next has come.
	TimeUp struct{}
)

func (Want) leaseEvent()     {}
func (Drop) leaseEvent()     {}
func (Answered) leaseEvent() {}
func (TimeUp) leaseEvent()   {}

// LeaseEffect is something that a Lease wants done.
type LeaseEffect interface{ leaseEffect() }

type (
	// Ask wants Claim called. There is one Ask at a time, and each is Answered.
	Ask struct{}
	// Up says: this node is the home, by this token.
	Up struct{ Token int64 }
	// Down says: it no longer is.
	Down struct{ Token int64 }
	// GiveUp wants Release called.
	GiveUp struct{ Token int64 }
	// Elsewhere says who is the home.
	Elsewhere struct{ Holder string }
)

func (Ask) leaseEffect()       {}
func (Up) leaseEffect()        {}
func (Down) leaseEffect()      {}
func (GiveUp) leaseEffect()    {}
func (Elsewhere) leaseEffect() {}

// Step takes in an event and adds what is to be done.
func (l *Lease) Step(dst []LeaseEffect, now time.Duration, ev LeaseEvent) []LeaseEffect {
	switch e := ev.(type) {
	case Want:
		if !l.wanted {
			l.wanted, l.next = true, now
		}
	case Drop:
		l.wanted, l.voided = false, l.asking
		if token := l.token; token != 0 {
			dst = append(l.down(dst), GiveUp{token})
		}
	case Answered:
		dst = l.answered(dst, now, e)
	}
	if l.token != 0 && now >= l.until {
		dst = l.down(dst)
	}
	if l.wanted && !l.asking && now >= l.next {
		l.asking, l.asked = true, now
		dst = append(dst, Ask{})
	}
	return dst
}

func (l *Lease) answered(dst []LeaseEffect, now time.Duration, e Answered) []LeaseEffect {
	voided := l.voided
	l.asking, l.voided = false, false
	switch {
	case e.Err != nil:
		l.next = now + l.every/2
	case !e.Mine:
		l.next = now + min(max(e.Grant.Left, l.every/10), l.every)
		if l.token != 0 {
			dst = l.down(dst)
		}
		dst = append(dst, Elsewhere{e.Grant.Holder})
	case !l.wanted, voided: // wanted again: it is asked for anew
		l.next = now
		dst = append(dst, GiveUp{e.Grant.Token})
	default:
		if l.token != 0 && l.token != e.Grant.Token {
			dst = l.down(dst)
		}
		l.next, l.until = l.asked+l.every, l.asked+l.ttl-l.ttl/10
		if l.token == 0 && now < l.until { // an answer that took the whole term is worth nothing
			l.token = e.Grant.Token
			dst = append(dst, Up{l.token})
		}
	}
	return dst
}

func (l *Lease) down(dst []LeaseEffect) []LeaseEffect {
	token := l.token
	l.token = 0
	return append(dst, Down{token})
}

// Next is when to step with TimeUp.
func (l *Lease) Next() (at time.Duration, ok bool) {
	if l.wanted && !l.asking {
		at, ok = l.next, true
	}
	if l.token != 0 && (!ok || l.until < at) {
		at, ok = l.until, true
	}
	return at, ok
}
