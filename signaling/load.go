package signaling

import (
	"context"
	"errors"
	"sync"

	"betang/classroom"
)

// loaded is a room as read from the journal, and from other nodes.
type loaded struct {
	room  *classroom.Room
	apart error // the other nodes could not be asked what they know more; nil: they were, or there are none
	err   error
}

// loadRoom replays the journal, after what other nodes know more was added to it. It touches nothing of the hub's goroutine.
func (h *Hub) loadRoom(ctx context.Context) (l loaded) {
	j, id := h.srv.cfg.Store, h.id
	ev, err := j.Event(ctx, id)
	if err != nil {
		if classroom.KindOf(err) == classroom.NotFound {
			return loaded{err: &classroom.Error{Kind: classroom.NotFound, Code: "event_unknown", Err: err}}
		}
		return loaded{err: &classroom.Error{Kind: classroom.Internal, Code: "storage", Err: err}}
	}
	facts, err := j.Facts(ctx, id, 0)
	if err != nil {
		return loaded{err: &classroom.Error{Kind: classroom.Internal, Code: "storage", Err: err}}
	}
	more, apart := h.catchUp(ctx, facts)
	if errors.Is(apart, ErrOtherJournal) {
		h.log.Error("event not served", "err", apart, "facts", len(facts))
		return loaded{err: &classroom.Error{Kind: classroom.Internal, Code: "other_journal", Err: apart}}
	}
	if len(more) > 0 {
		if err := j.Append(ctx, id, more); err != nil {
			return loaded{err: &classroom.Error{Kind: classroom.Internal, Code: "storage", Err: err}}
		}
	}
	room, err := classroom.Replay(ev, append(facts, more...))
	if err != nil {
		return loaded{err: &classroom.Error{Kind: classroom.Internal, Code: "storage", Err: err}}
	}
	return loaded{room: room, apart: apart}
}

// catchUp gives what other nodes know more than facts, which are all that are in the journal.
func (h *Hub) catchUp(ctx context.Context, facts []classroom.Fact) ([]classroom.Fact, error) {
	if h.away.place == nil {
		return nil, nil
	}
	var last *classroom.Fact
	var rev int64
	if n := len(facts); n > 0 {
		last, rev = &facts[n-1], facts[n-1].Seq
	}
	return h.away.place.CatchUp(ctx, rev, last)
}

// takeApart decides what a room is worth of which the other nodes could not be asked: to the home nothing, which would number its facts
// anew; any other node goes on with it, follows when it can, and is nobody's home before.
func (h *Hub) takeApart(l *loaded) {
	switch {
	case l.apart == nil || l.err != nil:
	case !h.homeless():
		l.err = &classroom.Error{Kind: classroom.Internal, Code: "storage", Err: l.apart}
	default:
		h.log.Warn("the other nodes cannot be asked; going on with what is here", "err", l.apart)
		if h.away.heard == 0 { // who comes now hears at once why nothing happens
			h.away.heard = h.srv.steady() - cutAfter
		}
	}
}

// again is the reloading of a room while the hub goes on: sockets are heard and counted meanwhile, and who asks for anything waits.
type again struct {
	busy   bool
	quit   context.CancelFunc
	work   sync.WaitGroup
	loaded chan loaded // one place: there is one reload at a time
}

func (a *again) end() {
	if a.busy {
		a.quit()
	}
	a.work.Wait()
}

// reload drops a room that holds facts of which nobody knows whether they are durable, and replays the journal. What
// clients have been told came only from durable facts, so their revisions stay good. The room is broken until then. Tried again every beat.
//
// It reads thousands of facts and asks other nodes: the hub waits for neither, or whoever is here would not be counted meanwhile.
func (h *Hub) reload() {
	if h.again.busy {
		return
	}
	ctx, cancel := context.WithTimeout(h.srv.ctx, appendWait)
	h.again.busy, h.again.quit = true, cancel
	h.again.work.Go(func() {
		defer cancel()
		h.again.loaded <- h.loadRoom(ctx)
	})
}

// takesCommands are the commands, but for the time of a reload, when they wait where they are.
func (h *Hub) takesCommands() <-chan request {
	if h.again.busy {
		return nil
	}
	return h.commands
}

func (h *Hub) reloaded(l loaded) {
	h.again.busy = false
	h.takeApart(&l)
	if l.err != nil {
		h.log.Error("room not reloaded", "err", l.err)
		return
	}
	h.setRoom(l.room)
	h.broken = false
	h.floor.raised = newFloor(l.room).raised
	h.cacheRev, h.tallies.stirred = -1, true
	for _, m := range h.members {
		m.mineDirty = true // a vote or question may have come or gone
	}
	h.publish()
	h.setScene()
	h.wake()
}
