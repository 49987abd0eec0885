package signaling

import (
	"context"
	"sync"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
)

// hallGuest is who stands for a hall's screen where a person would: nobody, with the hall's name.
func hallGuest(c Claims) (p *classroom.Person, ok bool) {
	if _, isHall := c.Person.Hall(); !isHall || c.Role != classroom.RoleHall {
		return nil, false
	}
	return &classroom.Person{ID: c.Person, Name: c.Name}, true
}

// Screens is what a hall's screens are at.
type Screens struct {
	Connected int  // sockets
	Receiving bool // media arrived in the last 10 s
}

// Read runs f on the hub's goroutine with the room, which f must not keep.
func (h *Hub) Read(ctx context.Context, f func(r *classroom.Room)) error {
	return h.call(ctx, func() { f(h.room) })
}

// Screens tells, by hall, what its screens are at. Halls without a screen are left out.
func (h *Hub) Screens(ctx context.Context) (map[classroom.HallID]Screens, error) {
	out := map[classroom.HallID]Screens{}
	err := h.call(ctx, func() {
		now := h.now().UnixMilli()
		for id, p := range h.persons {
			hall, isHall := id.Hall()
			if !isHall {
				continue
			}
			var s Screens
			for _, m := range p.members {
				if m.conn != nil {
					s.Connected++
				}
			}
			s.Receiving = s.Connected > 0 && p.receives(now)
			if s != (Screens{}) {
				out[hall] = s
			}
		}
	})
	return out, err
}

// hallSpans is what one person's stays in halls are worth.
func (h *Hub) hallSpans(id classroom.PersonID, now time.Time) []attend.Span {
	return h.room.HallSpans(id, now, func(hall classroom.PersonID) []attend.Span {
		if screens := h.persons[hall]; screens != nil {
			return screens.evidence(nil)
		}
		return nil
	})
}

const (
	hallsEvery = 5   // beats between two counts of who is in halls
	hallLook   = 200 // people looked up at a time
)

// inHalls is who is in Ruang Bersama without a device of their own, by regency. Owned by the hub's goroutine.
type inHalls struct {
	n       int
	regions map[string]int
	both    map[string]int // those with one, at this node

	looking bool                                         // the store is being asked for people
	found   chan map[classroom.PersonID]classroom.Person // what it answered; has room for one
	work    sync.WaitGroup
}

// countHalls counts them anew, every few beats. Of whom the hub does not know the regency, it asks the store for the next time.
func (h *Hub) countHalls() {
	if h.beats%hallsEvery != 0 {
		return
	}
	c := &h.inHalls
	select {
	case people := <-c.found:
		c.looking = false
		for id, p := range people {
			if _, known := h.names[id]; !known {
				h.names[id] = p
			}
		}
	default:
	}
	seen := map[classroom.PersonID]bool{}
	var unknown []classroom.PersonID
	c.n, c.regions, c.both = 0, map[string]int{}, map[string]int{}
	for id := range h.room.InHalls() {
		if seen[id] {
			continue
		}
		seen[id] = true
		p, known := h.names[id]
		if at := h.persons[id]; at != nil && at.here > 0 {
			c.both[p.Region]++
			continue
		}
		c.n++
		if !known && len(unknown) < hallLook {
			unknown = append(unknown, id)
		}
		c.regions[p.Region]++
	}
	if len(unknown) > 0 && !c.looking {
		c.looking = true
		c.work.Go(func() { h.lookUp(unknown) })
	}
}

// lookUp reads people from the store, off the hub's goroutine, which waits for it before it ends.
func (h *Hub) lookUp(ids []classroom.PersonID) {
	ctx, cancel := context.WithTimeout(h.srv.ctx, appendWait)
	defer cancel()
	people := make(map[classroom.PersonID]classroom.Person, len(ids))
	for _, id := range ids {
		p, err := h.srv.cfg.Store.Person(ctx, id)
		if err == nil || classroom.KindOf(err) == classroom.NotFound {
			people[id] = p
		}
	}
	h.inHalls.found <- people
}
