// Package admit says what a server near its limit gives to whoever comes next, so that nobody who is in pays for it: all that
// the newcomer's path carries, then the least picture, then voices, and at the end a place in time: come back later. It is
// pure: what was measured comes in, a Decision goes out.
//
// Load is told as a number: 1 is the rated load, that is a part of the processors' time (Config.CPU) or of the egress
// (Config.Egress), whichever is nearer. Processor time is the process's whole: the collector, handshakes and reading as well
// as forwarding. From 1 on newcomers get less. Three things keep it from swinging: what was measured is the mean of two seconds,
// since a keyframe every two seconds is a tenth of all work; who was let in since then counts already, at what a viewer costs;
// and a rung ends only after five seconds well below where it began.
package admit

import "time"

// Rung is the most that a viewer gets.
type Rung uint8

// The rungs, the best first.
const (
	All   Rung = iota // what its path carries
	Low               // the least picture, and voices
	Voice             // voices
	Later             // nothing: it is to come back
)

// String is the rung's name in metrics.
func (r Rung) String() string { return [...]string{"all", "low", "voice", "later"}[min(r, Later)] }

// Config is what the server may use. The zero value has the default for the processors and no limit for the egress.
type Config struct {
	CPU    float64 // part of the processors' time at which the load is 1; 0: 0.82; negative: no limit
	Cores  int     // processors the process may use; 0: 1
	Egress int64   // bits a second on the wire that viewers may get together; 0: no limit
}

const (
	every  = 8               // measurements in the mean
	calm   = 5 * time.Second // below a rung's end for so long, and it ends
	settle = 2 * time.Second // between steps that change those who are in; the mean has seen the last one then
	gap    = 0.08            // how far below its beginning a rung ends
	few    = 32              // viewers that no processor is too weak for: below it their cost is not known, and nothing is kept from them
	fill   = 0.85            // part of Config.Egress at which the load is 1: a limit that is hard leaves the rungs room below it
	guess  = 700e-6          // processor seconds a viewer takes in a second, before it is known
	stream = 1_700_000       // and bits
	join   = 1_500_000       // ns of processor time that letting a viewer in takes, which is over when it is in
	most   = 1.17            // load at which those who came last get less, for the sake of the others
	lifts  = 10              // of those who are in, at most such a part gets more at a step: what they take is seen before the next
)

// begins is the load from which each rung is what a newcomer gets.
var begins = [...]float64{All: 0, Low: 1, Voice: 1.06, Later: 1.12}

// weight is what a viewer costs on each rung, against one that has all: packets of voice are small, but they are walks
// through the kernel too. It need only be about right, since what is measured soon replaces what is reckoned.
var weight = [...]float64{All: 1, Low: .5, Voice: .25}

// Load is one measurement: what was used since the one before.
type Load struct {
	Now   int64      // ns
	CPU   int64      // ns of processor time of the process; 0: not known
	Shard int64      // ns that the busiest shard worked, by the clock
	Bits  int64      // sent, on the wire
	Joins int        // offers of viewers answered
	In    [Later]int // viewers who were let in, by rung
	Live  [Later]int // of them those who are connected: they get media
}

// Decision is what follows.
type Decision struct {
	Rung        Rung    // for newcomers, until the next measurement; Admit may be stricter
	CPU, Egress float64 // load of each
	Lift        int     // so many who have less than all may have a rung more: who has least first, and of them who came first
	Lower       int     // so many must have a rung less: who has most first, and of them who came last
}

// Budget is one server's. Make one with New. Not for several goroutines.
type Budget struct {
	cfg     Config
	past    [every]sample
	n       int
	last    int64
	in      [Later]int // with those admitted since the last measurement
	load    float64
	cost    float64 // of a viewer that has all, in load
	mean    float64 // weighted viewers who got media while the load was measured
	rung    Rung
	loud    int64 // when the load was last too high for a better rung
	over    int64 // since when the load is above everything; 0: it is not
	changed int64 // last Lift or Lower
}

type sample struct {
	span, cpu, shard, bits, joins int64
	viewers                       float64
}

// New makes a Budget.
func New(cfg Config) *Budget {
	if cfg.CPU == 0 {
		cfg.CPU = .82
	}
	cfg.Cores = max(cfg.Cores, 1)
	b := &Budget{cfg: cfg}
	if cfg.CPU > 0 {
		b.cost = guess / cfg.CPU / float64(cfg.Cores)
	}
	if cfg.Egress > 0 {
		b.cost = max(b.cost, stream/fill/float64(cfg.Egress))
	}
	return b
}

// Step takes a measurement in. Call it some four times a second.
func (b *Budget) Step(l Load) Decision {
	span := l.Now - b.last
	b.last, b.in = l.Now, l.In
	if b.n == 0 || span <= 0 { // the first says nothing: since when?
		b.n = max(b.n, 1)
		return Decision{Rung: b.rung}
	}
	b.past[b.n%every] = sample{span, l.CPU, l.Shard, l.Bits, int64(l.Joins), weigh(l.Live)}
	b.n++
	d := b.measure()
	b.turn(l.Now)
	d.Rung = b.rung
	if l.Now-b.changed >= int64(settle) {
		d.Lift, d.Lower = b.change(l.Now)
		if d.Lift+d.Lower > 0 {
			b.changed = l.Now
		}
	}
	return d
}

// Admit gives a newcomer its rung, and counts it.
func (b *Budget) Admit() Rung {
	r := max(b.rung, rungAt(b.ahead()))
	if r < Later {
		b.in[r]++
	}
	return r
}

// measure brings the means up to date.
func (b *Budget) measure() Decision {
	var s sample
	var d Decision
	for _, x := range b.past {
		s.span, s.cpu, s.shard, s.bits = s.span+x.span, s.cpu+x.cpu, s.shard+x.shard, s.bits+x.bits
		s.joins += x.joins
		s.viewers += x.viewers * float64(x.span)
	}
	span := float64(s.span)
	b.mean = s.viewers / span
	b.load = 0
	if b.cfg.CPU > 0 {
		// A shard is one goroutine: when it is full others do not help. By the clock it also waits for its processor, so it
		// has not used more than the process.
		busiest := max(float64(s.cpu)/float64(b.cfg.Cores), float64(min(s.shard, s.cpu)))
		d.CPU = busiest / span / b.cfg.CPU
		if b.mean >= few {
			b.load = d.CPU
		}
		if b.load < most { // a processor that is full is full, whatever it does; else a crowd at the door is soon in
			lasting := max(float64(s.cpu-s.joins*join), float64(s.cpu)/2) / float64(b.cfg.Cores)
			b.load = min(b.load, max(lasting, float64(min(s.shard, s.cpu-s.joins*join)))/span/b.cfg.CPU)
		}
	}
	if b.cfg.Egress > 0 {
		limit := float64(b.cfg.Egress) * fill
		d.Egress = float64(s.bits) * float64(time.Second) / span / limit
		b.load = max(b.load, d.Egress)
	}
	if b.mean >= few && 2*float64(b.in[All]) >= weigh(b.in) { // else those with less hide what one with all costs
		b.cost = b.load / b.mean
	}
	return d
}

func weigh(in [Later]int) float64 {
	sum := 0.0
	for r, n := range in {
		sum += float64(n) * weight[r]
	}
	return sum
}

// ahead is the load that is to come: as measured, and what those take that were let in since. Those who left since are
// not taken off: it is soon measured.
func (b *Budget) ahead() float64 {
	more := max(weigh(b.in)-b.mean, 0)
	if b.load == 0 && b.mean+more < few && b.cfg.Egress <= 0 {
		return 0
	}
	return b.load + more*b.cost
}

func rungAt(load float64) Rung {
	r := All
	for r < Later && load >= begins[r+1] {
		r++
	}
	return r
}

// turn moves the newcomers' rung: down at once, up a rung at a time.
func (b *Budget) turn(now int64) {
	ahead := b.ahead()
	if r := rungAt(ahead); r >= b.rung {
		if r > b.rung || r > All {
			b.loud = now
		}
		b.rung = r
		return
	}
	if ahead >= begins[b.rung]-gap {
		b.loud = now
	}
	if now-b.loud >= int64(calm) {
		b.rung--
		b.loud = now
	}
}

// change says how many of those who are in get more or less.
func (b *Budget) change(now int64) (lift, lower int) {
	all := b.in[All] + b.in[Low] + b.in[Voice]
	if b.load < most {
		b.over = 0
	} else if b.over == 0 {
		b.over = now
	}
	switch {
	case b.cost <= 0:
	case b.over != 0 && now-b.over >= int64(settle):
		b.over = 0
		n := int((b.load-begins[Later])/(b.cost/2)) + 1
		return 0, min(n, all/2+1, b.in[All]+b.in[Low])
	case b.rung == All:
		room := max(begins[Low]-gap-b.ahead(), 0)
		n := int(room / 2 / b.cost)
		if n == 0 && room >= b.cost {
			n = 1
		}
		return min(n, max(all/lifts, 1), b.in[Low]+b.in[Voice]), 0
	}
	return 0, 0
}
