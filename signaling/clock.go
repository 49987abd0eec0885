package signaling

import (
	"context"
	"time"
)

// Time here is counted, not read. Config.Began is the wall clock at the start of the process, and all evidence (the media
// engine's too) is timed by it and by what has elapsed since, so that setting the system's clock in the middle of a
// lecture neither makes nor takes a second of anybody's attendance.
//
// An event has its own clock on top: it starts at the wall clock when its hub is loaded, but never before what is already
// in its journal or evidence, so a clock that was set back between two runs does not put the second run on top of the
// first. What is printed is therefore the wall clock of the moment the event was opened, carried on.

// steady is the time since Began, in Unix ms.
func (s *Server) steady() int64 {
	return s.cfg.Began.UnixMilli() + time.Since(s.cfg.Began).Milliseconds()
}

// wall is the wall clock. With several nodes it is the one that they share, so that one person's evidence of two nodes
// fits together; a node that cannot ask for it uses its own.
func (s *Server) wall(ctx context.Context) time.Time {
	if s.cfg.Nodes != nil {
		at, err := s.cfg.Nodes.Now(ctx)
		if err == nil {
			return at
		}
		s.log.Warn("the nodes' clock cannot be asked; this event runs by this server's own", "err", err)
	}
	return s.cfg.Wall()
}

// setClock starts the event's clock: at the wall clock, or at last, in Unix ms, if that is later.
func (h *Hub) setClock(wall time.Time, last int64) {
	now := wall.UnixMilli()
	if now < last {
		h.log.Warn("the system's clock is behind this event's last evidence; the event's own clock goes on from there",
			"behind", time.Duration(last-now)*time.Millisecond)
		now = last
	}
	h.ahead = now - h.srv.steady()
}

// now is the event's time.
func (h *Hub) now() time.Time { return time.UnixMilli(h.at(h.srv.steady())) }

// at is the event's time of a steady time, both in Unix ms.
func (h *Hub) at(steady int64) int64 { return steady + h.ahead }
