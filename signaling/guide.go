package signaling

import (
	"net/netip"
	"time"

	"betang/classroom"
	"betang/signaling/wire"
)

// Seeker is a client that says hello, or is to go.
type Seeker struct {
	Addr   netip.Addr // the zero Addr: not known
	Region string     // of the person: code of a kabupaten or kota
	Placed bool       // it was sent here, or could not reach where it was
	Stays  bool       // it works here, at the stage or the desk: it moves only when all do
}

// Guidance says where a client is served best. Addresses are like Config's BaseURL, best first.
type Guidance struct {
	Go     []string // to one of these; none: it stays
	Race   bool     // to the one that answers it soonest
	Others []string // where it finds the event when this node does not answer
}

// stays tells who works at an event: to be moved costs them more than a longer way.
func stays(role classroom.Role) bool {
	switch role {
	case classroom.RoleParticipant, classroom.RoleGuest, classroom.RoleVIP:
		return false
	}
	return true
}

func (s *Server) guide(who Seeker) Guidance {
	if s.cfg.Nodes == nil {
		return Guidance{}
	}
	return s.cfg.Nodes.Guide(who)
}

func seekerOf(c *conn, claims Claims, person *classroom.Person) Seeker {
	who := Seeker{Addr: c.addr, Stays: stays(claims.Role)}
	if person != nil {
		who.Region = person.Region
	}
	return who
}

// sendOn has a client go to another node. It keeps its media here until those there flow.
func (c *conn) sendOn(g Guidance, retryMs int) {
	c.bye(wire.Goodbye{Reason: "moved", RetryMs: retryMs, Message: wire.Say("bye_moved", c.lang()), Nodes: g.Go, Race: g.Race}, false)
}

// Drain sends all sockets on to other nodes: each at a moment of its own, so that they do not come there at once, and none
// has to wait between two nodes. Called again, it sends those who came meanwhile.
func (s *Server) Drain() {
	s.mu.Lock()
	slots := make([]*slot, 0, len(s.hubs))
	for _, sl := range s.hubs {
		slots = append(slots, sl)
	}
	s.mu.Unlock()
	for _, sl := range slots {
		select {
		case <-sl.ready:
		default:
			continue // who waits for it asks for guidance when it is loaded
		}
		if sl.err != nil {
			continue
		}
		h := sl.hub
		_ = h.call(s.ctx, func() {
			for _, m := range h.members {
				c := m.conn
				if c == nil || c.leaving.Load() {
					continue
				}
				var person *classroom.Person
				if p, known := h.names[m.claims.Person]; known {
					person = &p
				}
				if g := s.guide(seekerOf(c, m.claims, person)); len(g.Go) > 0 {
					s.sendAway(c, g)
				}
			}
		})
	}
}

// sendAway has a client go to another node within a few seconds.
func (s *Server) sendAway(c *conn, g Guidance) {
	c.leaving.Store(true)
	time.AfterFunc(time.Duration(s.spread())*time.Millisecond, func() { c.sendOn(g, 1) })
}

// gather sends whoever opened a class here to the node that is its home: a class is at one node, where all hear each other. Called
// with each beat, so that all go together when another node becomes the home.
func (h *Hub) gather() {
	if h.room.Event().Kind != classroom.Class || !h.homeless() || h.away.cut {
		return
	}
	page := h.homePage()
	if page == "" {
		return
	}
	for _, m := range h.members {
		if c := m.conn; c != nil && !c.leaving.Load() {
			h.srv.sendAway(c, Guidance{Go: []string{page}})
		}
	}
}
