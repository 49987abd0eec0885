package bwe

import "math"

// Config bounds an estimate, in bits a second. Seed makes those who share a path try at different times.
type Config struct {
	Start, Min, Max int64
	Seed            uint64
}

// Times in ns unless a name says otherwise.
const (
	ms     = int64(1_000_000)
	second = 1000 * ms

	history   = 1024       // sent packets remembered; 4 s at 1.5 Mbit/s
	together  = 5 * ms     // packets sent within it are one group
	standing  = 150 * ms   // a queue no shorter than this is overuse
	felt      = 35 * ms    // and a shorter one than this is none, whatever the trend
	newPath   = 4 * second // a queue that does not go for so long is the path's own delay
	baseSpan  = 15 * second
	drainMost = 2 * second // and after so long with nothing but voices it is not our doing
	spell     = 2 * second // an overuse after so long a time without one may be another's doing
	silentFor = second     // without feedback, beyond the round trip
	longGap   = 250 * ms   // between two messages of feedback that come regularly
	rembFor   = 10 * second
	youngFor  = 8 * second // a path that has shown no limit yet is still being found out about
	roomyFrom = 30 * second

	decrease = 0.85
	lossBar  = 0.16
)

// record is one sent packet. There are history of them for each viewer, and one is written for each packet, so they are small.
type record struct {
	at    uint32 // when, in us, the low half
	size  uint16
	probe uint8
	state uint8
}

// The states of a record.
const (
	used  = 1 << iota // sent, and not told of yet
	again             // told missing; a later message may still bring it
)

const us = int64(1000)

// when restores the time of a record. None is an hour older than the last.
func (e *Estimator) when(r *record) int64 {
	last := e.lastSent / us
	return (last - int64(uint32(last)-r.at)) * us
}

// group is a run of packets that were sent together.
type group struct {
	firstSent, lastSent, lastCame int64
	begun                         bool
}

// Estimator estimates for one transport. Make one with New. Not for several goroutines.
type Estimator struct {
	// What each packet needs, close together.
	sent     []record
	next     uint16
	lastSent int64
	prober   prober

	c    Config
	rate float64

	came        clock
	cur, prev   group
	trend       trend
	acked       meter
	rtt         int64
	base        [2]int64 // least one-way delay (receiver's clock against ours) in this and the last span
	baseAt      int64
	queue       int64 // standing, as of the last feedback
	queuedSince int64

	lastFeedback, lastUpdate, lastDecrease int64
	gap                                    int64 // between the last two messages of feedback
	firstFeedback                          int64
	held                                   float64 // the rate before feedback failed
	silent                                 bool    // it has failed, and the rate was halved for it
	renewed                                bool    // see Renewed
	drain                                  int64
	full, fullVar                          float64 // what arrived when the path was last full, smoothed; 0: not known
	limit                                  float64 // full as it last was
	lost, told                             float64 // of the packets lately told of
	stray, calm                            float64 // the same, of those told of while the path was not full
	over                                   bool
	overAt                                 int64 // when it last was
	mild                                   bool  // the last decrease was a mild one

	remb    int64
	rembAt  int64
	rrAt    int64
	scratch []Arrival
}

// New makes an estimator.
func New(c Config) *Estimator {
	return &Estimator{c: c, rate: float64(c.Start), trend: newTrend(), prober: prober{dice: c.Seed}}
}

// Send numbers a packet that leaves now; size is what the network carries, headers included.
// Padding that Probe asked for is sent so too.
func (e *Estimator) Send(size int, now int64) uint16 {
	if e.sent == nil {
		e.sent = make([]record, history)
	}
	seq := e.next
	e.next++
	probe := e.prober.media(size, now)
	e.sent[seq%history] = record{at: uint32(now / us), size: uint16(min(size, 1<<16-1)), probe: probe, state: used}
	e.lastSent = now
	return seq
}

// Feedback takes the control information of a transport-wide feedback message; see AppendArrivals.
func (e *Estimator) Feedback(fci []byte, now int64) error {
	var err error
	if e.scratch, err = AppendArrivals(e.scratch[:0], fci); err != nil {
		return err
	}
	if len(e.scratch) == 0 {
		return nil
	}
	state := normal
	least, known := int64(1)<<62, 0
	for i := range e.scratch {
		a := &e.scratch[i]
		r := e.lookup(a.Seq)
		if r == nil || r.state&used == 0 {
			continue
		}
		known++
		if !a.Came {
			if r.state&again == 0 {
				r.state |= again
				e.tell(1, now)
				e.prober.lost(r.probe)
			}
			continue
		}
		if r.state&again != 0 { // it was only late
			e.lost, e.stray = max(e.lost-1, 0), max(e.stray-1, 0)
		} else {
			e.tell(0, now)
		}
		r.state &^= used
		sent, at := e.when(r), e.came.unwrap(a.At)*us
		e.rtt = max(now-sent, ms)
		least = min(least, at-sent)
		e.acked.add(int(r.size), at)
		e.prober.arrived(r.probe, int(r.size), at)
		if s := e.group(sent, at); s != normal {
			state = s
		}
	}
	if known == 0 {
		return nil
	}
	if e.lastUpdate == 0 {
		e.lastUpdate, e.firstFeedback = now, now
	}
	if e.silent && least < 1<<62 {
		e.silent = false
		if least-min(e.base[0], e.base[1]) < standing { // it comes as it came before: the path was away and is back
			e.lastFeedback = now
			e.begin(now)
			e.delay(least, now)
			return nil
		}
	}
	e.gap, e.lastFeedback = min(now-e.lastFeedback, longGap), now
	if least < 1<<62 {
		e.delay(least, now)
	}
	e.update(state, now)
	e.held = e.rate
	return nil
}

// NewPath says that packets take another path from now on: what is on its way is forgotten, and what was learnt. The new path is
// taken to carry what the old one did before it failed; the first feedback corrects that.
func (e *Estimator) NewPath(now int64) {
	if e.lastFeedback == 0 {
		return
	}
	e.silent, e.lastFeedback = false, now
	e.baseAt = 0
	e.begin(now)
}

// begin measures anew, from the rate before feedback failed.
func (e *Estimator) begin(now int64) {
	for i := range e.sent {
		e.sent[i].state &^= used
	}
	e.cur, e.prev, e.trend, e.acked = group{}, group{}, newTrend(), meter{}
	e.queue, e.queuedSince, e.drain = 0, 0, 0
	e.full, e.fullVar, e.limit, e.over, e.overAt = 0, 0, 0, false, 0
	e.lost, e.told, e.stray, e.calm = 0, 0, 0, 0
	e.prober = prober{id: e.prober.id, dice: e.prober.dice}
	e.firstFeedback, e.lastUpdate, e.lastDecrease = now, now, 0
	e.rate = max(e.rate, e.held)
	e.renewed = true
	e.clamp()
}

// Renewed tells once that the estimate begins anew: what fits it is to be sent at once, without climbing.
func (e *Estimator) Renewed() bool {
	was := e.renewed
	e.renewed = false
	return was
}

func (e *Estimator) lookup(seq uint16) *record {
	if e.sent == nil {
		return nil
	}
	if back := e.next - 1 - seq; back >= history {
		return nil
	}
	return &e.sent[seq%history]
}

// tell counts a packet; older ones fade, so that about the last hundred and fifty count.
func (e *Estimator) tell(lost float64, now int64) {
	const fade = 1 - 1.0/150
	e.lost, e.told = e.lost*fade+lost, e.told*fade+1
	if !e.over && e.queue < probeQueue && (e.overAt == 0 || now-e.overAt > second) {
		e.stray, e.calm = e.stray*fade+lost, e.calm*fade+1
	}
}

// Loss is the share of packets that were lost lately, 0 to 1.
func (e *Estimator) Loss() float64 {
	if e.told < 10 {
		return 0
	}
	return e.lost / e.told
}

// Stray is the share that the path loses by itself, 0 to 1: what was told missing while its queue was full does not count. Sending
// things twice helps against the one and makes the other worse.
func (e *Estimator) Stray() float64 {
	if e.calm < 10 {
		return 0
	}
	return e.stray / e.calm
}

// RTT is the last round trip, the receiver's pause before its feedback included; 0: not known.
func (e *Estimator) RTT() int64 { return e.rtt }

// Queue is how long the path's queue was when feedback last came.
func (e *Estimator) Queue() int64 { return e.queue }

// Alive tells whether transport-wide feedback has ever come.
func (e *Estimator) Alive() bool { return e.lastFeedback != 0 }

// group gathers packets and gives the trend a whole group.
func (e *Estimator) group(sent, came int64) signal {
	g := &e.cur
	switch {
	case !g.begun:
		*g = group{sent, sent, came, true}
		return normal
	case sent < g.firstSent: // out of order
		return normal
	case sent-g.firstSent <= together:
		g.lastSent, g.lastCame = max(g.lastSent, sent), max(g.lastCame, came)
		return normal
	}
	state := e.trend.state
	if e.prev.begun {
		sentAfter, cameAfter := g.lastSent-e.prev.lastSent, g.lastCame-e.prev.lastCame
		if sentAfter > 0 && cameAfter >= 0 && cameAfter < 3*second {
			state = e.trend.add(float64(cameAfter-sentAfter)/1e6, float64(sentAfter)/1e6, float64(g.lastCame)/1e6)
		}
	}
	e.prev = *g
	*g = group{sent, sent, came, true}
	return state
}

// delay follows the least one-way delay, and from it the queue.
func (e *Estimator) delay(least, now int64) {
	if e.baseAt == 0 {
		e.base = [2]int64{least, least}
		e.baseAt = now
	}
	if now-e.baseAt > baseSpan {
		e.base[1], e.base[0], e.baseAt = e.base[0], least, now
	}
	e.base[0] = min(e.base[0], least)
	e.queue = least - min(e.base[0], e.base[1])
	if e.queue < standing {
		e.queuedSince = 0
		return
	}
	if e.queuedSince == 0 {
		e.queuedSince = now
	}
	if now-e.queuedSince > newPath {
		e.base, e.baseAt = [2]int64{least, least}, now
		e.queue, e.queuedSince = 0, 0
	}
}

// update moves the rate, after feedback.
func (e *Estimator) update(state signal, now int64) {
	dt := min(float64(now-e.lastUpdate)/1e9, 1)
	e.lastUpdate = now
	acked := e.acked.rate()
	lossy := e.Loss() > lossBar && e.told >= 10
	if state == overuse && e.queue < felt {
		state = normal // bursts that trod on each other's heels; the path is empty again between them
	}
	e.over = state == overuse || e.queue >= standing
	pause := probePause
	if e.Young(now) {
		pause = probeYoung
	}
	if rate, ok := e.prober.done(now, e.queue, pause); ok && !e.over && !lossy {
		if rate > e.full*1.2 { // a probe is short, and finds a little more than there is
			e.full = 0 // the path carries more than it did
		}
		switch {
		case rate > e.rate:
			e.rate = rate
			e.prober.pause /= 2
		case e.prober.full == now && e.prober.target < e.rate: // not even that arrived: what is not seen to arrive was long ago
			e.rate = max(rate, min(e.rate, e.most()))
		}
	}
	switch {
	case e.over:
		e.overAt = now
		if e.queue >= standing && now-e.queuedSince < drainMost { // until the next message, which may be a little late, tells whether it still does
			e.drain = max(e.drain, now+e.gap*3/2)
		}
		pause = max(min(e.rtt, 500*ms), 150*ms)
		if e.mild {
			pause = 100 * ms
		}
		if now-e.lastDecrease < pause || acked == 0 {
			break
		}
		e.mild = e.queue < standing && now-e.lastDecrease > spell
		// As long as a queue stands, what arrives is what the path carries.
		if r := e.acked.recent(); r > 0 {
			acked = r
		}
		least := acked * decrease
		switch {
		case e.queue >= standing:
			least = acked * 0.75
		case e.mild:
			// The first sign for a while: somebody else's keyframe may be all there was to it. Who sends less than he may keeps
			// the more of what he was believed to have; else all who share a path fall together whenever one of them climbs.
			least = max(acked, e.rate) * decrease
		}
		if least < e.rate {
			e.rate = least
			e.atFull(acked)
		}
		e.lastDecrease = now
		e.drain = max(e.drain, now+min(e.queue, second))
		e.prober.fail(now)
	case lossy:
		if now-e.lastDecrease > 300*ms && acked > 0 {
			if acked*0.95 < e.rate {
				e.rate = acked * 0.95
				e.atFull(acked)
			}
			e.lastDecrease = now
			e.prober.fail(now)
		}
	case state == underuse: // the queue empties: wait for it
	case now-e.lastDecrease > 300*ms:
		if e.queue < felt && now-e.lastDecrease > 600*ms { // what arrived since without a queue is carried
			e.rate = max(e.rate, acked)
		}
		e.raise(acked, dt, now)
	}
	e.clamp()
}

// most is how far the estimate may rise by what arrives alone.
func (e *Estimator) most() float64 { return 1.5*e.acked.rate() + 10_000 }

// raise lets the rate grow. dt is in seconds.
func (e *Estimator) raise(acked, dt float64, now int64) {
	most := e.most()
	if e.rate >= most {
		return
	}
	if e.full > 0 && acked > e.full+3*e.deviation() {
		e.full = 0 // the path carries more than it did
	}
	if e.limit > 0 && acked > e.limit*1.3 { // and so much more that no burst of the sender's does it
		e.limit = 0
		e.prober.hurry(now)
	}
	if e.full > 0 && e.rate > e.full-3*e.deviation() {
		frame := e.rate / 30
		packet := frame / math.Ceil(frame/(1200*8)) // what a sender of 30 frames a second has in one (section 5.5)
		e.rate += dt * max(packet/(float64(e.rtt)/1e9+0.1), 4000)
	} else {
		e.rate *= 1 + 0.08*dt
	}
	e.rate = min(e.rate, most)
}

// atFull learns what the path carries when it is full (section 5.5).
func (e *Estimator) atFull(acked float64) {
	if e.full == 0 || acked < e.full-3*e.deviation() {
		e.full, e.fullVar = acked, acked*acked/100
	} else {
		d := acked - e.full
		e.full += 0.05 * d
		e.fullVar = 0.95*e.fullVar + 0.05*d*d
	}
	e.limit = e.full
}

func (e *Estimator) deviation() float64 {
	return max(math.Sqrt(e.fullVar), e.full/50)
}

func (e *Estimator) clamp() {
	e.rate = min(max(e.rate, float64(e.c.Min)), float64(e.c.Max))
}

// REMB takes a receiver's own estimate (draft-alvestrand-rmcat-remb-03). It counts where no transport-wide feedback comes.
func (e *Estimator) REMB(bps int64, now int64) {
	e.remb, e.rembAt = bps, now
	if !e.Alive() {
		e.rate = float64(bps)
		e.clamp()
	}
}

// Report takes a receiver report's share of lost packets, in 1/256. It counts where nothing better comes.
func (e *Estimator) Report(fraction uint8, now int64) {
	if e.Alive() {
		return
	}
	loss := float64(fraction) / 256
	dt := min(float64(now-e.rrAt)/1e9, 5)
	if e.rrAt == 0 {
		dt = 1
	}
	e.rrAt = now
	switch {
	case loss > lossBar:
		e.rate *= 1 - 0.5*loss
	case loss < 0.05:
		e.rate *= 1 + 0.08*dt
	}
	if e.remb > 0 && now-e.rembAt < rembFor {
		e.rate = min(e.rate, float64(e.remb))
	}
	e.clamp()
}

// Tick is called several times a second: it halves the rate while packets go out and no feedback comes.
func (e *Estimator) Tick(now int64) {
	if e.lastFeedback == 0 {
		return
	}
	since := max(e.lastFeedback, e.lastDecrease)
	if e.lastSent > e.lastFeedback+200*ms && now-since > silentFor+min(e.rtt, 2*second) {
		e.rate /= 2
		e.silent = true
		e.lastDecrease = now
		e.prober.fail(now)
		e.clamp()
	}
}

// Rate is the estimate, in bits a second.
func (e *Estimator) Rate() int64 { return int64(e.rate) }

// Silent tells that packets go out and nothing is told of them any more, as when the path is cut.
func (e *Estimator) Silent() bool { return e.silent }

// Drain tells until when video should wait, for the path's queue to empty.
func (e *Estimator) Drain() int64 { return e.drain }

// Young tells whether the path is not known yet: it is new, and no limit of it was met.
func (e *Estimator) Young(now int64) bool {
	return e.lastDecrease == 0 && (e.firstFeedback == 0 || now-e.firstFeedback < youngFor) && e.rembAt == 0
}

// Roomy tells whether the path has been known for a while and has shown no limit in that time: what is known of it is what was sent,
// it carries more.
func (e *Estimator) Roomy(now int64) bool {
	return e.queue < felt && !e.Young(now) && e.firstFeedback != 0 && (e.lastDecrease == 0 || now-e.lastDecrease > roomyFrom)
}

// Full tells whether the last feedback said that the path is full.
func (e *Estimator) Full() bool { return e.over }

// Acked is what arrives, in bits a second.
func (e *Estimator) Acked() int64 { return int64(e.acked.rate()) }
