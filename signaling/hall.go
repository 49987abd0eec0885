package signaling

import (
	"context"
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
