package signaling

import (
	"sync"
	"time"

	"betang/sfu"
	"betang/signaling/wire"
)

// takeChanges takes in what the engine told of peers.
func (h *Hub) takeChanges() {
	now := h.now().UnixMilli()
	for _, ch := range h.changes.take() {
		p := h.peers[ch.peer]
		if p == nil {
			continue
		}
		if ch.connected {
			p.state = peerConnected
			if !p.up {
				p.up, p.upAt = true, now
			}
			h.enter(p)
		}
		if ch.gone && h.peers[ch.peer] == p {
			h.lost(p)
		}
	}
}

// lost is the end of a peer that nobody asked for.
func (h *Hub) lost(p *peer) {
	m := p.member
	current := p.kind != "" || m != nil && m.viewer == p
	h.forgetPeer(p)
	if p.stage {
		h.noteSilent(p, true) // so the room knows that it was lost, and did not go
		h.leaveStage(p)
	}
	if current && p.state != peerOffered {
		lost := wire.MediaLost{}
		if p.kind != "" {
			lost.Source = string(p.id)
		}
		h.tell(m, func(c *conn) { c.answer("medialost", 0, lost) })
	}
}

// sweepPeers ends peers whose token is no longer good or that never connected, and counts the viewers of the others. Those
// of sessions without a socket are looked after by sweepAbsent.
func (h *Hub) sweepPeers(now time.Time) {
	ms := now.UnixMilli()
	seen := watchers{regions: map[string]regionWatch{}}
	for _, p := range h.peers {
		switch {
		case p.member == nil && h.expired(p.claims):
			h.takeDown(p)
		case p.state == peerAnswered && ms-p.born > connectMs:
			h.lost(p)
			h.srv.dropPeer(p.id)
			h.shut(p)
		case p.kind == "" && p.state == peerConnected && p.audience:
			seen.add(p, ms)
		}
	}
	h.watchers = seen
}

// peerChanges collects what the engine tells until the hub takes it: per peer at most "connected" and "gone", so it
// is bounded by the number of peers and never blocks the engine.
type peerChanges struct {
	note chan struct{} // has room for one: something is there

	mu    sync.Mutex
	order []sfu.PeerID
	by    map[sfu.PeerID]peerChange
}

type peerChange struct {
	peer            sfu.PeerID
	connected, gone bool
}

func (h *Hub) peerChanged(id sfu.PeerID, state sfu.PeerState) {
	if state == sfu.Disconnected {
		return // it may come back; delivery evidence stops by itself
	}
	c := &h.changes
	c.mu.Lock()
	ch, known := c.by[id]
	if !known {
		if c.by == nil {
			c.by = map[sfu.PeerID]peerChange{}
		}
		c.order = append(c.order, id)
		ch.peer = id
	}
	switch state {
	case sfu.Connected:
		ch.connected = true
	case sfu.Gone:
		ch.gone = true
	}
	c.by[id] = ch
	c.mu.Unlock()
	select {
	case c.note <- struct{}{}:
	default:
	}
}

func (c *peerChanges) take() []peerChange {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make([]peerChange, 0, len(c.order))
	for _, id := range c.order {
		all = append(all, c.by[id])
	}
	c.order = nil
	clear(c.by)
	return all
}
