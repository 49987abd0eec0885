package sfu

import (
	"cmp"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"betang/sfu/admit"
)

// measureEvery is how often the server's load is measured.
const measureEvery = 250 * time.Millisecond

// rates are what viewers of each rung get at most, in bits a second: 0 is no limit. A voice is sent whatever the limit.
var rates = [...]int64{admit.All: 0, admit.Low: 300_000, admit.Voice: 1}

// overload keeps the server below what it can do: newcomers get less when it is near, so that nobody who is in loses a packet.
// The rule is package admit; this measures, and does what it says.
type overload struct {
	cpu func() int64 // ns of processor time of the process so far; nil: not known

	mu     sync.Mutex
	budget *admit.Budget
	was    struct{ cpu, bytes, joins int64 }
	shards []int64

	rung        atomic.Uint32 // of newcomers, for Stats
	load        [2]atomic.Uint64
	came        [admit.Later + 1]atomic.Uint64
	more, fewer atomic.Uint64
}

// begin readies it for so many shards. Where the network is virtual, time may be too: then real processor time says nothing.
func (o *overload) begin(cfg Config, shards int) {
	o.shards = make([]int64, shards)
	if cfg.Net == nil && cfg.Conn == nil {
		o.cpu = processTime
		o.was.cpu = processTime()
	}
	o.budget = admit.New(admit.Config{CPU: cfg.MaxCPU, Cores: runtime.GOMAXPROCS(0), Egress: cfg.MaxEgress})
}

// admission is what a newcomer of the event gets; false: it is to come back.
func (o *overload) admission() (admit.Rung, bool) {
	o.mu.Lock()
	r := o.budget.Admit()
	o.mu.Unlock()
	o.came[r].Add(1)
	return r, r < admit.Later
}

// runBudget is the goroutine that measures, until the engine stops.
func (e *Engine) runBudget() {
	t := time.NewTicker(measureEvery)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			e.measure()
		case <-e.stop:
			return
		}
	}
}

// measure takes one measurement and does what follows from it.
func (e *Engine) measure() {
	o := &e.overload
	l := admit.Load{Now: e.now()}
	viewers := e.everyViewer()
	for _, x := range viewers {
		l.In[x.rung]++
		if x.v.live.Load() {
			l.Live[x.rung]++
		}
	}
	o.mu.Lock()
	if o.cpu != nil {
		now := o.cpu()
		l.CPU, o.was.cpu = now-o.was.cpu, now
	}
	for i, s := range e.shards {
		now := s.total.Load()
		l.Shard, o.shards[i] = max(l.Shard, now-o.shards[i]), now
	}
	bytes := int64(e.wireBytes())
	l.Bits, o.was.bytes = 8*(bytes-o.was.bytes), bytes
	joins := int64(e.count.subscribed.Load())
	l.Joins, o.was.joins = int(joins-o.was.joins), joins
	d := o.budget.Step(l)
	o.mu.Unlock()
	if was := admit.Rung(o.rung.Swap(uint32(d.Rung))); was != d.Rung {
		e.log.Warn("what newcomers get has changed", "was", was.String(), "now", d.Rung.String(), "cpu", d.CPU, "egress", d.Egress, "viewers", len(viewers))
	}
	o.load[0].Store(uint64(d.CPU * 1000))
	o.load[1].Store(uint64(d.Egress * 1000))
	switch {
	case d.Lift > 0:
		o.more.Add(turn(viewers, d.Lift, admit.Voice, -1))
	case d.Lower > 0:
		n := turn(viewers, d.Lower, admit.All, 1)
		o.fewer.Add(n)
		e.log.Warn("too much for this server: who came last gets less", "viewers", n, "cpu", d.CPU, "egress", d.Egress)
	}
}

// turn moves n viewers a rung, first those on the rung from and then those on the next one: up (-1) in the order in which they
// came, down (1) the last first. It says how many it moved.
func turn(viewers []standing, n int, from admit.Rung, by int) uint64 {
	slices.SortFunc(viewers, func(a, b standing) int { return by * cmp.Compare(b.v.came, a.v.came) })
	moved := uint64(0)
	for _, rung := range [2]admit.Rung{from, admit.Low} {
		for _, x := range viewers {
			if n == 0 {
				return moved
			}
			if x.rung == rung {
				x.v.grant(admit.Rung(int(rung) + by))
				x.v.shard.post(x.v.reconsider)
				n--
				moved++
			}
		}
	}
	return moved
}

// standing is a viewer and the rung it had when it was looked at.
type standing struct {
	v    *viewer
	rung admit.Rung
}

// everyViewer lists all, those that are not connected yet too.
func (e *Engine) everyViewer() []standing {
	e.mu.Lock()
	defer e.mu.Unlock()
	list := make([]standing, 0, len(e.peers))
	for _, p := range e.peers {
		if p.view != nil {
			list = append(list, standing{p.view, admit.Rung(p.view.rung.Load())})
		}
	}
	return list
}

// grant gives the viewer a rung; its shard is to reconsider then.
func (v *viewer) grant(r admit.Rung) {
	v.rung.Store(uint32(r))
	v.limit.Store(rates[r])
}

// wireBytes is what was sent so far, headers of IP and UDP included (as IPv4's).
func (e *Engine) wireBytes() uint64 {
	n := uint64(0)
	for _, c := range e.socks {
		n += c.Stats.Bytes.Load() + 28*c.Stats.Datagrams.Load()
	}
	return n
}

// Load is how busy the processors and the egress are; 1 is what newcomers get less from. 0: no limit.
func (e *Engine) Load() (cpu, egress float64) {
	o := &e.overload
	return float64(o.load[0].Load()) / 1000, float64(o.load[1].Load()) / 1000
}

// Overload is what Stats tells of the server's load.
type Overload struct {
	Rung            string            // what newcomers get: "all", "low", "voice" or "later"
	CPU, Egress     float64           // load of the processors and of the egress; 1 is the rated one. 0: no limit
	Now             map[string]int    // viewers by rung
	Newcomers       map[string]uint64 // that got each, since the start
	Lifted, Lowered uint64            // times that a viewer who was in got more, or less
}

func (e *Engine) overloadStats() Overload {
	o := &e.overload
	s := Overload{
		Rung: admit.Rung(o.rung.Load()).String(), CPU: float64(o.load[0].Load()) / 1000, Egress: float64(o.load[1].Load()) / 1000,
		Now: map[string]int{}, Newcomers: map[string]uint64{}, Lifted: o.more.Load(), Lowered: o.fewer.Load(),
	}
	for r := range o.came {
		s.Newcomers[admit.Rung(r).String()] = o.came[r].Load()
		if admit.Rung(r) < admit.Later {
			s.Now[admit.Rung(r).String()] = 0
		}
	}
	for _, x := range e.everyViewer() {
		s.Now[x.rung.String()]++
	}
	return s
}
