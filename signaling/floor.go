package signaling

import (
	"betang/classroom"
	"betang/sfu"
	"betang/signaling/wire"
)

// floor is what the hub keeps of hands, bans and what is held back, beside the room. Owned by the hub's goroutine.
type floor struct {
	raised map[classroom.HandID]classroom.Actor // whose hand: a lowered one is no more in the room
	held   map[sfu.PeerID]classroom.Held        // as told to the engine

	directed map[sfu.PeerID]sfu.Scene // viewers with a scene of their own, as told to the engine
}

func newFloor(r *classroom.Room) floor {
	f := floor{raised: map[classroom.HandID]classroom.Actor{}, held: map[sfu.PeerID]classroom.Held{}, directed: map[sfu.PeerID]sfu.Scene{}}
	for _, h := range r.Hands() {
		f.raised[h.ID] = h.By
	}
	return f
}

// noteFloor marks what a durable fact of hands, bans or the stage touched, and ends the media of who had to leave.
func (h *Hub) noteFloor(f classroom.Fact) {
	switch b := f.Body.(type) {
	case classroom.StageEntered:
		h.touchHands()
	case classroom.StageLeft:
		h.sendOff(f.By, sfu.PeerID(b.Source))
		h.touchHands()
	case classroom.HandRaised:
		h.floor.raised[b.Hand] = f.By
		h.touch(f.By.Person, f.By.Session)
	case classroom.HandInvited:
		h.touchHands()
	case classroom.HandLowered:
		was := h.floor.raised[b.Hand]
		delete(h.floor.raised, b.Hand)
		h.touch(was.Person, was.Session)
		h.touchHands()
	case classroom.CueStarted, classroom.CueUndone:
		h.touchHands()
	case classroom.Banned:
		h.expelBanned()
	}
}

// touchHands: everybody in the queue may have moved up.
func (h *Hub) touchHands() {
	for _, by := range h.floor.raised {
		h.touch(by.Person, by.Session)
	}
}

// sendOff ends the transport of a source that left the stage by a command, and tells whose it was, unless they asked
// for it themselves.
func (h *Hub) sendOff(by classroom.Actor, id sfu.PeerID) {
	p := h.peers[id]
	if p == nil || !p.stage || h.room.Phase() == classroom.Ended {
		return
	}
	p.stage = false
	m := p.member
	h.closePeer(p)
	if !p.owned(by) {
		h.tell(m, func(c *conn) { c.refuse(0, classroom.Refuse(classroom.Conflict, "source_removed")) })
	}
}

// owned tells whether the peer is by's own: of the same link, person or session.
func (p *peer) owned(by classroom.Actor) bool {
	return by.Link != "" && p.claims.ID == by.Link || by.Person != "" && p.claims.Person == by.Person ||
		by.Session != "" && p.actor.Session == by.Session
}

// expelBanned ends the sockets and the media of all who must stay out.
func (h *Hub) expelBanned() {
	for _, p := range h.peers {
		if h.room.Banned(p.actor) {
			h.takeDown(p)
		}
	}
	for _, m := range h.members {
		if m.conn != nil && h.room.Banned(m.actor) {
			m.conn.goodbye("banned", "", 0, false)
		}
	}
}

// setHeld tells the engine what of the sources on the stage goes to nobody.
func (h *Hub) setHeld() {
	for _, s := range h.room.Stage().Sources {
		id, held := sfu.PeerID(s.ID), h.room.HeldOf(s.ID)
		if h.peers[id] == nil && !h.far(s.ID) || h.floor.held[id] == held {
			continue
		}
		h.floor.held[id] = held
		h.hands.do(func() { h.srv.cfg.Media.Hold(h.router(), id, held.Sound, held.Picture) })
	}
}

// label is the name under a peer's picture.
func (h *Hub) label(p *peer) string {
	if p.actor.Name != "" {
		return p.actor.Name
	}
	if p.claims.Name != "" {
		return p.claims.Name
	}
	return fullName(h.names[p.claims.Person])
}

// nameOf is who an actor is, for the desk.
func (h *Hub) nameOf(by classroom.Actor) string {
	if p, ok := h.names[by.Person]; ok && by.Person != "" {
		return fullName(p)
	}
	return by.Name
}

// deskView is what only the desk sees.
func (h *Hub) deskView() wire.DeskState {
	v := wire.DeskState{Hands: []wire.RaisedHand{}, Bans: []wire.Banned{}}
	for _, x := range h.room.Hands() {
		p := h.names[x.By.Person]
		v.Hands = append(v.Hands, wire.RaisedHand{
			ID: string(x.ID), Status: string(x.Status), Name: h.nameOf(x.By), Unit: p.Unit, Region: h.region(p.Region),
			At: stamp(x.RaisedAt), Owner: x.By.Link,
		})
	}
	for _, b := range h.room.Bans() {
		by := classroom.Actor{Person: b.Person}
		if m := h.members[b.Session]; m != nil {
			by.Name = m.actor.Name
		}
		v.Bans = append(v.Bans, wire.Banned{ID: string(b.ID), Name: h.nameOf(by), Reason: b.Reason, At: stamp(b.At)})
	}
	return v
}

// myHand is a member's own hand; nil if it is not up.
func (h *Hub) myHand(m *member) *wire.MyHand {
	x, place, ok := h.room.HandOf(m.actor)
	if !ok {
		return nil
	}
	return &wire.MyHand{ID: string(x.ID), Status: string(x.Status), Place: place}
}
