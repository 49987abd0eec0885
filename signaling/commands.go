package signaling

import (
	"context"
	"slices"

	"betang/classroom"
)

// request is a command on its way. then runs on the hub's goroutine once the command is durable or refused.
type request struct {
	by   classroom.Actor
	cmd  classroom.Command
	then func(rev int64, err error)

	far    bool              // from another node's hub
	home   int64             // the token of the home that it is for; 0: of any
	person *classroom.Person // who by is, if another node's hub asks for them

	came int64 // steady ms when it was queued; 0: it did not wait
	rev  int64
	err  error
}

// submit queues a command without waiting. It is false when the queue is full; then is not called in that case.
func (h *Hub) submit(r request) bool {
	r.came = h.srv.steady()
	select {
	case h.commands <- r:
		return true
	default:
		return false
	}
}

// Do applies a command; on return what it did is durable. rev is the room's revision then.
// Errors are those of classroom.Room.Apply, and TooMany busy, Internal storage. When ctx ends first the command may
// still become true.
func (h *Hub) Do(ctx context.Context, by classroom.Actor, cmd classroom.Command) (rev int64, err error) {
	type result struct {
		rev int64
		err error
	}
	c := make(chan result, 1)
	if !h.submit(request{by: by, cmd: cmd, then: func(rev int64, err error) { c <- result{rev, err} }}) {
		return 0, classroom.Refuse(classroom.TooMany, "busy")
	}
	select {
	case r := <-c:
		return r.rev, r.err
	case <-h.done:
		select {
		case r := <-c:
			return r.rev, r.err
		default:
			return 0, errGone
		}
	case <-ctx.Done():
		return 0, &classroom.Error{Kind: classroom.TooMany, Code: "busy", Err: ctx.Err()}
	}
}

// drain commits first and what else waits.
func (h *Hub) drain(first request) {
	batch := []request{first}
	for len(batch) < maxBatch {
		select {
		case r := <-h.commands:
			batch = append(batch, r)
			continue
		default:
		}
		break
	}
	h.commit(batch)
}

// apply commits commands of the hub's own.
func (h *Hub) apply(rs ...request) { h.commit(rs) }

// fresh refuses what waited so long that whoever asked has given up, and may have asked for something else since: after
// seconds without storage or the other nodes, an old wish must not undo a newer one.
func (h *Hub) fresh(batch []request) []request {
	now := h.srv.steady()
	return slices.DeleteFunc(batch, func(r request) bool {
		if r.came == 0 || now-r.came <= commandWait.Milliseconds() || mustArrive(r.cmd) {
			return false
		}
		r.then(0, classroom.Refuse(classroom.TooMany, "busy"))
		return true
	})
}

// commit applies commands in order, makes what they did durable with one Append, and answers them all.
func (h *Hub) commit(batch []request) {
	if batch = h.fresh(batch); len(batch) == 0 {
		return
	}
	if h.homeless() {
		h.forward(batch)
		return
	}
	now := h.now()
	var facts []classroom.Fact
	for i := range batch {
		r := &batch[i]
		if h.broken {
			r.err = classroom.Refuse(classroom.Internal, "storage")
			continue
		}
		if r.home != 0 && r.home != h.away.token { // who asked has noticed that the home was another, and may have asked anew
			r.err = classroom.Refuse(classroom.TooMany, "busy")
			continue
		}
		if r.person != nil {
			h.names[r.person.ID] = *r.person
		}
		fs, err := h.room.Apply(now, r.by, r.cmd)
		if err != nil {
			r.err = err
			continue
		}
		facts = append(facts, fs...)
		r.rev = h.room.Rev()
	}
	if len(facts) > 0 {
		if err := h.publishAndKeep(facts); err != nil {
			h.log.Error("journal refused facts; reloading the room", "facts", len(facts), "first", facts[0].Seq, "err", err)
			for i := range batch {
				if batch[i].err == nil {
					batch[i].err = &classroom.Error{Kind: classroom.Internal, Code: "storage", Err: err}
				}
			}
			h.broken = true
			h.reload()
		} else {
			h.noteFacts(facts)
		}
	}
	for i := range batch {
		if r := &batch[i]; mustArrive(r.cmd) && classroom.Passing(r.err) {
			h.refuseOrKeep(batch[i:i+1], r.err)
		} else if r.err != nil {
			r.then(0, r.err)
		} else {
			r.then(r.rev, nil)
		}
	}
}
