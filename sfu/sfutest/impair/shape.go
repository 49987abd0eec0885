// Package impair is a bad network in user space, for tests with real sockets: a proxy for UDP and one for TCP between a
// client and a server, with loss, bursts of loss, delay, jitter, reordering, a rate with a bounded queue, blocking in
// mid-session, and a NAT that forgets its binding.
package impair

import (
	"math/rand/v2"
	"time"
)

// Link is one direction of a path. The zero value is a perfect one.
type Link struct {
	Loss    float64       // probability that a packet is lost, or that a burst of losses begins, 0 to 1
	Burst   int           // packets lost in a row; 0 and 1: single ones
	Delay   time.Duration // one way
	Jitter  time.Duration // added to Delay, evenly from 0; order is kept
	Reorder float64       // probability that a packet overtakes those waiting, 0 to 1
	Rate    int           // bits per second; 0: no limit
	Queue   time.Duration // of waiting for Rate, beyond which packets are dropped; 0: 200 ms
	Blocked bool          // nothing passes
}

// Shaper decides about the packets of one direction. The same seed and the same packets at the same times give the same
// decisions. It is not safe for concurrent use.
type Shaper struct {
	link Link
	rnd  *rand.Rand
	left int       // of the burst under way
	free time.Time // when the link has sent what it took
	last time.Time // latest arrival promised
}

// NewShaper makes a direction.
func NewShaper(seed uint64, l Link) *Shaper {
	return &Shaper{link: l, rnd: rand.New(rand.NewPCG(seed, 0x6265_7461_6e67))}
}

// Set changes the link from now on; what is on its way arrives as it was promised.
func (s *Shaper) Set(l Link) { s.link = l }

// Offer says when a packet of size bytes that enters now arrives; false: never. Each call draws the same amount of
// randomness, so that one setting does not shift what another one draws.
func (s *Shaper) Offer(now time.Time, size int) (arrives time.Time, ok bool) {
	lose, jitter, overtake := s.rnd.Float64(), s.rnd.Float64(), s.rnd.Float64()
	l := s.link
	if l.Blocked {
		return time.Time{}, false
	}
	if s.left > 0 {
		s.left--
		return time.Time{}, false
	}
	if lose < l.Loss {
		s.left = max(l.Burst-1, 0)
		return time.Time{}, false
	}
	at := now
	if l.Rate > 0 {
		if s.free.Before(now) {
			s.free = now
		}
		limit := l.Queue
		if limit == 0 {
			limit = 200 * time.Millisecond
		}
		if s.free.Sub(now) > limit {
			return time.Time{}, false
		}
		s.free = s.free.Add(time.Duration(int64(size) * 8 * int64(time.Second) / int64(l.Rate)))
		at = s.free
	}
	if overtake < l.Reorder {
		return at, true // without the delay of the others
	}
	at = at.Add(l.Delay + time.Duration(jitter*float64(l.Jitter)))
	if at.Before(s.last) {
		at = s.last
	}
	s.last = at
	return at, true
}
