package hop

import (
	"math/rand/v2"
	"time"
)

// The times between two tries.
const (
	firstWait = 250 * time.Millisecond
	mostWait  = 10 * time.Second
	steady    = 5 * time.Second // a link that held so long was a good one: the next wait is the first again
)

// Dial decides when a neighbour is dialled. Make one with NewDial; it begins with a try at once.
type Dial struct {
	rng   *rand.Rand
	tries int
	at    time.Time // of the next try; zero while one is under way or holds
	since time.Time // when the link came up; zero: it is not up
}

// NewDial makes one that tries at now. seed tells its jitter from others': nodes that lost the same origin do not come back at
// the same moment.
func NewDial(now time.Time, seed uint64) *Dial {
	return &Dial{rng: rand.New(rand.NewPCG(seed, 0)), at: now}
}

// Due tells that a try is to be begun now, and counts it as begun.
func (d *Dial) Due(now time.Time) bool {
	if d.at.IsZero() || d.at.After(now) {
		return false
	}
	d.at = time.Time{}
	return true
}

// Next is when Due will say so; false: a try is under way, or the link is up.
func (d *Dial) Next() (time.Time, bool) { return d.at, !d.at.IsZero() }

// Up states that the try succeeded.
func (d *Dial) Up(now time.Time) { d.since = now }

// Down states that it failed, or that the link is lost.
func (d *Dial) Down(now time.Time) {
	if !d.since.IsZero() && now.Sub(d.since) >= steady {
		d.tries = 0
	}
	wait := min(firstWait<<min(d.tries, 10), mostWait)
	d.tries++
	d.since = time.Time{}
	d.at = now.Add(wait/2 + time.Duration(d.rng.Int64N(int64(wait))))
}
