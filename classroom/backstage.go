package classroom

import (
	"fmt"
	"slices"
)

// planPlace brings a source on the stage, or behind it. Its owner may step back at any time, and forward while the
// gate is open; an operator moves anybody.
func (r *Room) planPlace(by Actor, c Place) ([]FactBody, error) {
	i := r.stage.index(c.Source)
	if i < 0 {
		return nil, Refuse(NotFound, "source_unknown")
	}
	x := r.stage.standing[i]
	switch {
	case !May(by.Role, "stage.leave.any") && !x.owned(by):
		return nil, Refuse(NotAllowed, "source_owner")
	case !May(by.Role, "stage.leave.any") && !c.Behind && r.stage.gate:
		return nil, Refuse(NotAllowed, "gate_closed")
	case x.behind == c.Behind:
		return nil, nil
	}
	return r.place(i, c.Behind), nil
}

func (r *Room) place(i int, behind bool) []FactBody {
	after := r.stage
	after.standing = slices.Clone(after.standing)
	x := &after.standing[i]
	x.behind = behind
	fact := Placed{x.source.ID, behind}
	if behind {
		after.scene = after.scene.without(x.source.ID)
		return r.closeUp([]FactBody{fact}, after)
	}
	return r.rise(fact, *x, after)
}

func (r *Room) planGate(c SetGate) ([]FactBody, error) {
	switch {
	case r.phase == Ended:
		return nil, Refuse(Conflict, "event_ended")
	case r.stage.gate == c.Closed:
		return nil, nil
	}
	return []FactBody{GateSet(c)}, nil
}

func (s *stage) place(seq int64, id SourceID, behind bool) error {
	i := s.index(id)
	if i < 0 {
		return fmt.Errorf("source %q is not on the stage", id)
	}
	s.standing[i].behind = behind
	if behind {
		s.scene = s.scene.without(id)
	}
	s.call(s.standing[i])
	s.rev = seq
	return nil
}

// call remembers who was let through the gate: a transport that was lost comes back to where it was.
func (s *stage) call(x standing) {
	if x.behind {
		delete(s.called, x.holdKey())
	} else {
		s.called[x.holdKey()] = true
	}
}
