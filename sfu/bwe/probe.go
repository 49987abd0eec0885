package bwe

const (
	probeFor   = 250 * ms
	probeLeast = 80 * ms    // a probe on a narrow path is so short at least,
	probeSpill = 60 * ms    // and ends where, for all that is known, so much waits in the path's queue: the voice stands behind it
	probeBytes = 1600       // and has so much in it, the media too: fewer than four packets tell nothing
	narrow     = 300_000    // bits a second
	probePause = 400 * ms   // after one that went well
	probeSoon  = 100 * ms   // the same, where it met no queue
	probeTail  = 600 * ms   // so long a full path may be a probe's doing, though the probe went well,
	bottom     = 120_000    // where no more than this was tried: a path for a voice alone. Bits a second
	probeYoung = 50 * ms    // the same, on a path that has shown no limit yet
	probeFirst = 4 * second // after one that did not; doubled each time
	probeAnew  = second     // the same, once, on a path that has shown no limit yet: who has no picture yet waits for this
	probeMost  = 8 * second
	probeShy   = 16 * second // where others fill the path
	probeQueue = 100 * ms    // a queue that ends a probe
	provenFor  = 3 * second  // what one found holds so long,
	provenOut  = 2 * second  // and is looked for again from here on by who is about to send it
)

// prober sends more than the media for a moment, to see whether it arrives. One probe at a time: all packets sent meanwhile
// belong to it, media too.
type prober struct {
	id      uint8
	on      bool
	target  float64 // bits a second
	began   int64
	ends    int64
	sent    int // bytes, by everyone
	n       int
	waiting bool // for the last feedback
	short   bool // see probeSpill
	gaveUp  int64

	got         int
	gotN        int
	missing     int
	first, last int64 // arrivals
	firstSize   int

	found   float64 // by the last one that went well
	foundAt int64

	dice  uint64
	next  int64 // not before
	pause int64 // after the next failure
	hard  int64 // nor before this, whatever others did: the last that failed by itself, or the pause after a good one
	full  int64 // when the path last was
	own   bool  // and a probe of ours filled it
	gain  float64
}

// Probe says how many bytes of padding to send now, so that the path is seen to carry what is wanted, and seen again to carry what
// is to be proven, which the estimate has room for (bits a second). 0 for most of the time, and where nothing is wanted any more: a probe
// under way is forgotten then. Call it at least every 25 ms while it has not said 0, and every 100 ms otherwise.
func (e *Estimator) Probe(want, prove, now int64) int {
	p := &e.prober
	if p.on && want <= 0 {
		p.on, p.next = false, now+probePause // else it would begin anew at once, and be forgotten again
		p.hard = p.next
	}
	if p.on {
		if now >= p.ends {
			p.on, p.waiting = false, true
			p.gaveUp = now + max(2*e.rtt, 500*ms)
			return 0
		}
		due := int(p.target * float64(now-p.began+20*ms) / 8e9)
		return max(due-p.sent, 0)
	}
	if p.waiting && now > p.gaveUp {
		p.fail(now)
	}
	busy := e.over || e.queue > 60*ms || now-e.lastDecrease < second || e.Loss() > lossBar
	if p.waiting || !e.Alive() || busy {
		return 0
	}
	if now < p.next || float64(want) <= e.rate { // nothing to find, or not yet: then what is about to be sent
		if want = prove; want <= e.proven(now, provenOut) || now < p.hard {
			return 0
		}
	}
	if p.gain == 0 {
		p.gain = 1.5
	}
	p.id = p.id%250 + 1
	known := float64(e.Proven(now))
	carried := known
	p.target = min(float64(want)*1.1, known*p.gain)
	if e.full > 0 { // what it carried when it was full
		p.target, carried = min(p.target, e.rate*1.5), min(known, e.full)
	}
	p.on, p.began, p.ends = true, now, now+probeFor
	if p.short = known < narrow; p.short {
		least := max(probeLeast, min(int64(probeBytes*8e9/known)-probeSpill, probeFor))
		p.target = min(p.target, known*float64(least+probeSpill)/float64(least)) // more than known: each that goes well finds more
		p.ends = now + min(max(int64(float64(probeSpill)*carried/(p.target-carried)), least), probeFor)
	}
	p.sent, p.n, p.got, p.gotN, p.missing, p.first, p.last = 0, 0, 0, 0, 0, 0, 0
	return int(p.target * float64(20*ms) / 8e9)
}

// Proven is how much of the estimate is known of the path as it is now, in bits a second: what arrives allows for it, or a probe found it
// not long ago. The rest may be old. Where a voice alone is sent, a path can have become narrow since without anyone seeing it, and a
// picture that fits the estimate, or a probe of one and a half times that, would fill its queue: such a path is tried from the bottom. Of a
// new one the guess is tried, and one that nothing tells of but the receiver's own estimate cannot be tried.
func (e *Estimator) Proven(now int64) int64 { return e.proven(now, provenFor) }

func (e *Estimator) proven(now, old int64) int64 {
	if e.Young(now) || !e.Alive() {
		return e.Rate()
	}
	known := e.most()
	if now-e.prober.foundAt < old {
		known = max(known, e.prober.found)
	}
	return int64(min(e.rate, known))
}

// Probing tells whether Probe wants to be called often.
func (e *Estimator) Probing() bool { return e.prober.on }

// Trying tells whether what is seen of the path now may be a probe's doing. One that met no queue has left none.
func (e *Estimator) Trying(now int64) bool {
	p := &e.prober
	return p.on || p.waiting || p.full > 0 && p.own && now-p.full < 2*second
}

// media counts a packet into the probe under way and gives its id.
func (p *prober) media(size int, now int64) uint8 {
	if !p.on || now >= p.ends {
		return 0
	}
	p.sent += size
	p.n++
	return p.id
}

func (p *prober) arrived(id uint8, size int, at int64) {
	if id == 0 || id != p.id || !p.on && !p.waiting {
		return
	}
	if p.gotN == 0 {
		p.first, p.firstSize = at, size
	}
	p.first, p.last = min(p.first, at), max(p.last, at)
	p.got += size
	p.gotN++
}

// hurry has the next one come within a good second: the path carries more than when it was last full.
func (p *prober) hurry(now int64) { p.next = min(p.next, now+p.roll(second)) }

func (p *prober) lost(id uint8) {
	if id != 0 && id == p.id && (p.on || p.waiting) {
		p.missing++
	}
}

// done gives what was found, once nearly everything is told of. The next probe comes after pause, if this one went well.
func (p *prober) done(now, queue, pause int64) (float64, bool) {
	if !p.on && !p.waiting {
		return 0, false
	}
	if queue > probeQueue || p.missing > 3+p.n/5 {
		p.fail(now)
		return 0, false
	}
	if !p.waiting || p.gotN+p.missing < p.n {
		return 0, false
	}
	if p.gotN < 4 || p.last <= p.first {
		p.fail(now)
		return 0, false
	}
	received := float64(p.got-p.firstSize) * 8e9 / float64(p.last-p.first)
	offered := float64(p.sent) * 8e9 / float64(p.ends-p.began)
	p.waiting = false
	if received < 0.85*min(offered, p.target) {
		p.fail(now)
		// It arrived more slowly than it was sent: this is what the path carries, less what its queue wants.
		return received * decrease, true
	}
	if queue < felt {
		pause = min(pause, probeSoon)
	}
	p.next, p.gain = now+pause, 2
	p.hard = p.next
	p.found, p.foundAt = 0.95*min(received, offered, p.target), now
	return p.found, true
}

// roll gives a time between three and five quarters of d.
func (p *prober) roll(d int64) int64 {
	p.dice = p.dice*6364136223846793005 + 1442695040888963407
	return d*3/4 + int64(p.dice>>33)%(d/2+1)
}

// fail ends a probe and has the next one wait, longer each time. Without a probe the path was full by another's doing: who shares it
// tries more seldom, and each at a time of its own.
func (p *prober) fail(now int64) {
	own := p.on || p.waiting || p.ends > 0 && now-p.ends < probeTail && p.target < bottom
	switch {
	case (p.on || p.waiting) && p.full == 0:
		p.pause = max(p.pause, probeAnew)
		p.next = now + p.roll(p.pause)
	case own && p.short:
		p.pause = probeFirst // it costs little
		p.next = now + p.roll(p.pause)
	case p.on || p.waiting:
		p.pause = max(p.pause, min(max(p.pause*2, probeFirst), probeMost))
		p.next = now + p.roll(p.pause)
	case now-p.full > 2*second:
		p.pause = min(max(p.pause*2, probeFirst), probeShy)
		p.next = max(p.next, now+p.roll(p.pause))
	}
	if own {
		p.hard = p.next
	}
	p.own = own || p.own && now-p.full < 2*second
	p.full = now
	p.on, p.waiting, p.gain = false, false, 1.5
}
