// Package loss watches the sequence numbers of one incoming layer: it extends them beyond 16 bits, asks for what is
// missing (NACK, RFC 4585 section 6.2.1), lets one keyframe request pass at a time (PLI, section 6.3.1), and keeps the numbers
// of a receiver report (RFC 3550 section 6.4.1).
//
// Each type belongs to one goroutine. Times are nanoseconds of the caller's clock. Nothing allocates after New.
package loss

import "sort"

// Unwrapper extends 16-bit sequence numbers. The zero value is ready. The first number n becomes 65536+n, so that
// packets from before the first one still have a place.
type Unwrapper struct {
	high  uint64 // highest given out
	begun bool
}

// Unwrap extends seq, taking it for the number nearest to the highest so far.
func (u *Unwrapper) Unwrap(seq uint16) uint64 {
	if !u.begun {
		u.begun, u.high = true, 1<<16|uint64(seq)
		return u.high
	}
	d := int16(seq - uint16(u.high))
	ext := u.high + uint64(int64(d))
	if d > 0 {
		u.high = ext
	}
	return ext
}

// Config tunes a Detector. Zero fields take the defaults in brackets.
type Config struct {
	Max   int   // missing packets tracked at a time [256]
	Tries int   // requests per packet [8]
	Wait  int64 // ns from seeing a gap to the first request, for packets that are only reordered [0]
	Floor int64 // least ns between two requests of one packet, whatever the round trip [20 ms]
	Life  int64 // ns after which a missing packet is not worth having [1.5 s]
}

const ms = 1_000_000

func (c *Config) fill() {
	set := func(v *int64, d int64) {
		if *v <= 0 {
			*v = d
		}
	}
	if c.Max <= 0 {
		c.Max = 256
	}
	if c.Tries <= 0 {
		c.Tries = 8
	}
	c.Wait = max(c.Wait, 0)
	set(&c.Floor, 20*ms)
	set(&c.Life, 1500*ms)
}

// Event is what Observe saw.
type Event uint8

// The events.
const (
	InOrder   Event = iota // the next one
	Gap                    // newer, and packets before it are missing: ask Due
	Recovered              // one that was missing
	Stale                  // older than the newest and not missing: a duplicate, or given up already
	Reset                  // so many are missing that asking is hopeless: ask for a keyframe
)

// Detector finds missing packets and says when to ask for them. Make one with NewDetector.
type Detector struct {
	cfg     Config
	rtt     int64
	high    uint64
	begun   bool
	missing []gap // ascending ext

	lost   uint64 // given up
	waited int64  // see Waited
}

type gap struct {
	ext   uint64
	seen  int64
	next  int64 // when to ask (again)
	tries int
}

// NewDetector makes a detector for one layer.
func NewDetector(c Config) *Detector {
	c.fill()
	return &Detector{cfg: c, rtt: 100 * ms, missing: make([]gap, 0, c.Max)}
}

// SetRTT tells the round trip to the publisher in ns; 100 ms until then. A repeat is never sooner.
func (d *Detector) SetRTT(rtt int64) {
	if rtt > 0 {
		d.rtt = rtt
	}
}

// Observe takes the extended number of each packet that arrives, retransmitted ones included.
func (d *Detector) Observe(ext uint64, now int64) Event {
	switch {
	case !d.begun:
		d.begun, d.high = true, ext
		return InOrder
	case ext <= d.high:
		i := d.find(ext)
		if i == len(d.missing) || d.missing[i].ext != ext {
			return Stale
		}
		d.waited = now - d.missing[i].seen
		d.missing = append(d.missing[:i], d.missing[i+1:]...)
		return Recovered
	}
	from, n := d.high+1, ext-d.high-1
	d.high = ext
	switch {
	case n == 0:
		return InOrder
	case n > uint64(d.cfg.Max):
		d.lost += n + uint64(len(d.missing))
		d.missing = d.missing[:0]
		return Reset
	}
	if over := len(d.missing) + int(n) - d.cfg.Max; over > 0 { // the oldest are the least worth having
		d.lost += uint64(over)
		d.missing = append(d.missing[:0], d.missing[over:]...)
	}
	for x := from; x < ext; x++ {
		d.missing = append(d.missing, gap{ext: x, seen: now, next: now + d.cfg.Wait})
	}
	return Gap
}

// Due appends the 16-bit numbers to ask for at now, ascending in extended order, and counts them as asked. A packet
// that was asked for Tries times in vain, or is older than Life, is given up: gaveUp then says that a keyframe is needed.
func (d *Detector) Due(dst []uint16, now int64) (ask []uint16, gaveUp bool) {
	keep := d.missing[:0]
	for _, g := range d.missing {
		if g.next <= now {
			if g.tries >= d.cfg.Tries || now-g.seen >= d.cfg.Life {
				d.lost++
				gaveUp = true
				continue
			}
			g.tries++
			g.next = now + d.pause(g.tries)
			dst = append(dst, uint16(g.ext))
		}
		keep = append(keep, g)
	}
	d.missing = keep
	return dst, gaveUp
}

// pause is the time to the next request: a round trip and a quarter, longer with each try.
func (d *Detector) pause(tries int) int64 {
	return max(d.rtt+d.rtt/4, d.cfg.Floor) * int64(1+tries) / 2
}

// Next is when Due has something to do; false: nothing is missing.
func (d *Detector) Next() (int64, bool) {
	if len(d.missing) == 0 {
		return 0, false
	}
	t := d.missing[0].next
	for _, g := range d.missing[1:] {
		t = min(t, g.next)
	}
	return t, true
}

// Forget drops all requests for packets before ext: what precedes a keyframe is not needed any more.
func (d *Detector) Forget(ext uint64) {
	i := d.find(ext)
	d.lost += uint64(i)
	d.missing = append(d.missing[:0], d.missing[i:]...)
}

// Awaits tells whether a packet is missing and not given up.
func (d *Detector) Awaits(ext uint64) bool {
	i := d.find(ext)
	return i < len(d.missing) && d.missing[i].ext == ext
}

// Waited is how long the packet was missing that was Recovered last, in ns.
func (d *Detector) Waited() int64 { return d.waited }

// Missing is how many packets are being waited for.
func (d *Detector) Missing() int { return len(d.missing) }

// Lost is how many packets were given up so far.
func (d *Detector) Lost() uint64 { return d.lost }

// find is the index of the first missing packet that is not before ext.
func (d *Detector) find(ext uint64) int {
	return sort.Search(len(d.missing), func(i int) bool { return d.missing[i].ext >= ext })
}
