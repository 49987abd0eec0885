package signaling

import (
	"time"

	"betang/classroom"
	"betang/classroom/checks"
	"betang/signaling/wire"
)

// ask looks at everybody's "Masih menyimak?", once a beat. A server that stops forgets the checks that stand; they
// have no outcome then, and nobody has missed them.
func (h *Hub) ask(now time.Time) {
	cfg := h.srv.cfg
	if !cfg.Checks.On() || h.broken {
		return
	}
	ms, live := now.UnixMilli(), h.room.Window(now).Length()
	running := h.room.Phase() == classroom.Live
	for id, p := range h.persons {
		if len(p.members) == 0 || id == "" || p.check.Waits(live) {
			continue
		}
		p.check.Skip(h.room.Checks(id).Next)
		n, since, _, _ := p.check.Open()
		at := func(n int) int64 { return cfg.Checks.At(cfg.CheckSecret, string(h.id), string(id), n) }
		asked, outcome := p.check.Step(cfg.Checks, at, ms, live, running, h.reachable(p, ms))
		if asked || outcome != "" {
			h.touch(id, "")
			h.wake()
		}
		if outcome != "" {
			h.record(id, classroom.RecordCheck{N: n, Outcome: outcome, Asked: since})
		}
	}
}

// record puts a check that ended without an answer into the journal.
func (h *Hub) record(id classroom.PersonID, c classroom.RecordCheck) {
	by := classroom.Actor{Person: id, Role: classroom.RoleParticipant}
	sent := h.submit(request{by: by, cmd: c, then: func(_ int64, err error) {
		if err != nil {
			h.log.Warn("check not recorded", "check", c.N, "err", err)
		}
	}})
	if !sent {
		h.log.Warn("check not recorded: the queue is full", "check", c.N)
	}
}

// here takes in an answer and gives the command that makes it durable. Conflict check_over if no such check stands.
func (h *Hub) here(m *member, n int) (classroom.Command, error) {
	if m.person == nil {
		return nil, classroom.Refuse(classroom.Conflict, "check_over")
	}
	_, since, _, _ := m.person.check.Open()
	after, ok := m.person.check.Answer(n, h.now().UnixMilli())
	if !ok {
		return nil, classroom.Refuse(classroom.Conflict, "check_over")
	}
	h.touch(m.claims.Person, m.id)
	h.wake()
	return classroom.RecordCheck{N: n, Outcome: checks.Answered, Asked: since, After: after}, nil
}

// reachable tells whether any of the person's pages gave a sign of life in the last 10 s.
func (h *Hub) reachable(p *presence, now int64) bool {
	for _, m := range p.members {
		if m.conn != nil && m.claims.Role == classroom.RoleParticipant && now-h.at(m.conn.seenAt()) <= aliveMs {
			return true
		}
	}
	return false
}

// checkView is the check that stands for a person; nil for none.
func (p *presence) checkView() *wire.MyCheck {
	n, _, until, ok := p.check.Open()
	if !ok {
		return nil
	}
	return &wire.MyCheck{Check: n, Until: until}
}
