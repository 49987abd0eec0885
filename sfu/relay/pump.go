package relay

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"betang/sfu"
	"betang/sfu/relay/hop"
)

const (
	pumpDepth = 256 // orders that wait; more are dropped: wants are renewed, packets asked for again, feedback comes ten times a second

	// Of what a link sends, this share may be sent again, and a little at once.
	againShare = 4
	againRoom  = 256 << 10

	// largest is the most of a payload that fits a datagram with all around it.
	largest = 1400
)

// order is what the pump is to do: send these layers of a key, send packets again, hear what arrived, or ask for a keyframe.
type order struct {
	open  *opening
	again *hop.Nack
	told  []byte
	key   uint32
}

type opening struct {
	key    hop.Key
	layers []uint32
}

// order hands one over; it never blocks.
func (s *session) order(o order) {
	select {
	case s.pump <- o:
	default:
		s.stats.dropped.Add(1)
	}
}

// runPump sends the layers the neighbour wants, as far as the path carries them.
func (s *session) runPump() {
	p := &pump{
		s: s, taps: s.n.engine.NewTaps(), budget: newBudget(seed()), asked: map[hop.Key][]uint32{}, open: map[hop.Key][]uint32{},
		waiting: map[*sfu.Feed]bool{}, buf: make([]byte, 0, 1600), again: againRoom,
	}
	defer p.taps.Close()
	timer := time.NewTimer(budgetEvery)
	defer timer.Stop()
	for {
		select {
		case f := <-p.taps.Ready():
			if p.taps.Video(f) && !p.budget.carries(time.Now().UnixNano()) {
				p.waiting[f] = true
			} else {
				p.taps.Read(f, p.send)
			}
		case o := <-s.pump:
			p.do(o)
		case now := <-timer.C:
			timer.Reset(p.turn(now))
		case <-s.done:
			return
		}
	}
}

// pump is what runPump owns.
type pump struct {
	s       *session
	taps    *sfu.Taps
	budget  *budget
	asked   map[hop.Key][]uint32 // by the neighbour
	open    map[hop.Key][]uint32 // of those, without what is held
	waiting map[*sfu.Feed]bool   // pictures with news, until the path's queue is empty
	decided time.Time
	buf     []byte
	again   int
}

func (p *pump) do(o order) {
	switch {
	case o.open != nil:
		if p.asked[o.open.key] = o.open.layers; len(o.open.layers) == 0 {
			delete(p.asked, o.open.key)
		}
		p.apply(o.open.key)
	case o.again != nil:
		p.taps.Again(o.again.Layer, o.again.Seqs, p.repair)
	case o.told != nil:
		if err := p.budget.est.Feedback(o.told, time.Now().UnixNano()); err != nil {
			p.s.stats.broken.Add(1)
		}
	default:
		p.taps.Key(o.key)
	}
}

// apply opens what is asked of a key and not held, and closes the rest.
func (p *pump) apply(k hop.Key) {
	var layers []uint32
	for _, l := range p.asked[k] {
		if !p.budget.held[l] {
			layers = append(layers, l)
		}
	}
	if p.open[k] = p.s.open(p.taps, p.open[k], opening{k, layers}, p.send); len(layers) == 0 {
		delete(p.open, k)
	}
}

// turn decides, probes, and sends what had to wait. It gives the time until the next.
func (p *pump) turn(at time.Time) time.Duration {
	now := at.UnixNano()
	if len(p.waiting) > 0 && p.budget.carries(now) {
		for f := range p.waiting {
			delete(p.waiting, f)
			p.taps.Read(f, p.send)
		}
	}
	if at.Sub(p.decided) >= budgetEvery {
		p.decided = at
		p.decide(now)
	}
	if len(p.asked) == 0 {
		return budgetEvery
	}
	if n := p.budget.est.Probe(p.budget.want, p.budget.prove, now); n > 0 {
		for ; n > 0; n -= padding + around {
			p.pad(now)
		}
	}
	if p.budget.est.Probing() || len(p.waiting) > 0 {
		return budgetEvery / 5
	}
	return budgetEvery
}

func (p *pump) decide(now int64) {
	demands := make([]demand, 0, len(p.asked))
	for k, layers := range p.asked {
		router, id := sfu.RouterID(k.Router), sfu.PeerID(k.Source)
		src, ok := p.s.n.engine.Source(router, id)
		if !ok {
			continue
		}
		scene, _ := p.s.n.engine.SceneOf(router)
		demands = append(demands, demand{key: k, role: roleOf(scene, id), layers: src.Layers, wanted: layers})
	}
	slices.SortFunc(demands, func(a, b demand) int {
		return cmp.Or(strings.Compare(a.key.Router, b.key.Router), strings.Compare(a.key.Source, b.key.Source))
	})
	changed := p.budget.step(now, demands)
	p.s.estimate.Store(p.budget.est.Rate())
	p.s.lossy.Store(int64(p.budget.est.Loss() * 1e6))
	if !changed {
		return
	}
	held := p.budget.held
	p.s.held.Store(&held)
	for k := range p.asked {
		p.apply(k)
	}
	p.s.n.log.Info("the path to a neighbour", "to", p.s.line.to.String(), "kbps", p.budget.est.Rate()/1000, "layers held", len(held))
	p.s.n.recap.Store(true)
	p.s.n.poke()
}

func (p *pump) send(r sfu.RawPacket) {
	if len(r.Payload) > largest {
		p.s.stats.dropped.Add(1)
		return
	}
	now := time.Now()
	p.buf = hop.AppendPacket(p.buf[:0], hop.Packet{
		Layer: r.Layer, Seq: uint32(r.Seq), Stamp: r.Stamp, Marker: r.Marker, Sent: uint32(now.UnixMicro()),
		Number: p.budget.est.Send(len(r.Payload)+around, now.UnixNano()), Payload: r.Payload,
	})
	p.s.stats.packetsOut.Add(1)
	p.write()
}

func (p *pump) pad(now int64) {
	p.buf = hop.Append(p.buf[:0], hop.Padding{Number: p.budget.est.Send(padding+around, now), Fill: filling[:]})
	p.write()
}

// padding is the size of a packet that only fills the path.
const padding = 1100

var filling [padding]byte

func (p *pump) write() {
	p.s.stats.bytesOut.Add(uint64(len(p.buf)))
	p.again = min(p.again+len(p.buf)/againShare, againRoom)
	_, _ = p.s.conn.Write(p.buf) // lost like any datagram
}

func (p *pump) repair(r sfu.RawPacket) {
	if p.again < len(r.Payload) {
		p.s.stats.dropped.Add(1)
		return
	}
	p.again -= len(r.Payload)
	p.s.stats.resent.Add(1)
	p.send(r)
}

// open makes a key's open layers those of the order; it gives those that are open now.
func (s *session) open(taps *sfu.Taps, had []uint32, o opening, send func(sfu.RawPacket)) (now []uint32) {
	wanted := map[uint32]bool{}
	for _, l := range o.layers {
		wanted[l] = true
	}
	for _, l := range had {
		if !wanted[l] {
			taps.End(l)
		}
	}
	for _, l := range o.layers {
		if taps.Open(sfu.RouterID(o.key.Router), sfu.PeerID(o.key.Source), l, send) == nil {
			now = append(now, l)
		}
	}
	return now
}
