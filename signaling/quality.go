package signaling

import (
	"slices"

	"betang/sfu"
	"betang/signaling/wire"
)

// pins are the qualities a device may ask for, by their names on the wire.
var pins = map[string]sfu.Quality{
	"auto": sfu.QualityAuto, "medium": sfu.QualityMedium, "low": sfu.QualityLow, "save": sfu.QualitySave,
	"voice": sfu.QualityVoice,
}

// rungs are the steps of the ladder from the lowest, by their names on the wire and in the engine.
var rungs = [...]string{"voice", "slides", "low", "medium", "high"}

// setQuality keeps what a session wants, for this connection and those that replace it.
func (h *Hub) setQuality(m *member, pin string) {
	m.pin = pins[pin]
	if m.viewer != nil && m.viewer.state != peerOffered {
		h.steer(m)
	}
}

// steer tells the engine what the session's viewer wants.
func (h *Hub) steer(m *member) {
	id, pin := m.viewer.id, m.pin
	h.hands.do(func() { h.srv.cfg.Media.SetQuality(h.router(), id, pin) })
}

// takeStandings takes in where viewers stand, and tells those whose step or reason is another. The rate alone changes
// all the time and is no news.
func (h *Hub) takeStandings() {
	h.standings = h.srv.cfg.Media.Standings(h.router(), h.standings[:0])
	for _, s := range h.standings {
		p := h.peers[s.Peer]
		if p == nil || p.kind != "" {
			continue
		}
		was := p.stand
		p.stand, p.step = s, stepOf(s)
		if m := p.member; m != nil && m.viewer == p && (was.Rung != s.Rung || was.Reason != s.Reason || was.Cut != s.Cut) {
			h.sendRung(m)
		}
	}
}

// sendRung tells a session where its viewer stands, if that is known.
func (h *Hub) sendRung(m *member) {
	if m.conn == nil || m.viewer == nil || m.viewer.stand.Rung == "" {
		return
	}
	s := m.viewer.stand
	m.conn.replace(latestRung, item{data: encode("rung", 0, wire.Rung{Rung: s.Rung, Reason: s.Reason, Kbps: s.Kbps, Cut: s.Cut})})
}

// step is where on the ladder a viewer is, for counting.
type step struct {
	rung    uint8 // index in rungs, plus one; 0: not known
	network bool  // no higher, because the network carries no more
}

func stepOf(s sfu.Standing) step {
	return step{uint8(slices.Index(rungs[:], s.Rung) + 1), s.Reason == "network"}
}

// rungCounts adds up viewers by their step.
type rungCounts struct{ n, network [len(rungs)]int }

func (c *rungCounts) add(s step) {
	if s.rung == 0 {
		return
	}
	c.n[s.rung-1]++
	if s.network {
		c.network[s.rung-1]++
	}
}

// addRungs adds up what two nodes counted.
func addRungs(a, b []wire.RungCount) []wire.RungCount {
	var c rungCounts
	for _, r := range slices.Concat(a, b) {
		if i := slices.Index(rungs[:], r.Rung); i >= 0 {
			c.n[i] += r.N
			c.network[i] += r.Network
		}
	}
	return c.list()
}

func (c *rungCounts) list() []wire.RungCount {
	var out []wire.RungCount
	for i, n := range c.n {
		if n > 0 {
			out = append(out, wire.RungCount{Rung: rungs[i], N: n, Network: c.network[i]})
		}
	}
	return out
}
