package classroom

import (
	"fmt"
	"slices"
	"time"
)

// Limits of hands.
const (
	MaxHands  = 100              // up at once, the invited included
	handEvery = 10 * time.Second // between two of one person
)

// HandStatus is where a raised hand stands.
type HandStatus string

// The states of a hand. A lowered one is forgotten.
const (
	HandWaiting HandStatus = "waiting"
	HandCalled  HandStatus = "invited" // may come on the stage
	HandUp      HandStatus = "stage"   // stands there
)

// HandView is a copy of one hand. Whose it is goes to the desk and to its owner alone.
type HandView struct {
	ID       HandID
	By       Actor
	RaisedAt time.Time
	Status   HandStatus
}

// hands is the queue of those who want to speak, in the order of asking, and those of them who may.
type hands struct {
	up   []HandView
	last map[string]time.Time // when somebody raised one last, by key
	n    int                  // hands so far
	rev  int64
}

// Hands are all hands that are up, in the order of raising.
func (r *Room) Hands() []HandView { return slices.Clone(r.hands.up) }

// HandsRev is the revision of the hands.
func (r *Room) HandsRev() int64 { return r.hands.rev }

// HandOf is the hand of a person, or of a guest's session, and its place in the queue: 1 is next, 0 is out of it.
func (r *Room) HandOf(by Actor) (h HandView, place int, ok bool) {
	key := by.key()
	for _, h := range r.hands.up {
		if h.Status == HandWaiting {
			place++
		}
		if key != "" && h.By.key() == key {
			if h.Status != HandWaiting {
				place = 0
			}
			return h, place, true
		}
	}
	return HandView{}, 0, false
}

func (s *hands) index(id HandID) int {
	return slices.IndexFunc(s.up, func(h HandView) bool { return h.ID == id })
}

func (s *hands) of(by Actor) int {
	key := by.key()
	return slices.IndexFunc(s.up, func(h HandView) bool { return key != "" && h.By.key() == key })
}

func (r *Room) planRaise(at time.Time, by Actor) ([]FactBody, error) {
	switch last, before := r.hands.last[by.key()]; {
	case r.phase == Ended:
		return nil, Refuse(Conflict, "event_ended")
	case by.key() == "":
		return nil, Refuse(Invalid, "actor_unknown")
	case r.hands.of(by) >= 0:
		return nil, nil
	case before && at.Sub(last).Abs() < handEvery:
		return nil, Refuse(TooMany, "hand_rate")
	case len(r.hands.up) >= MaxHands:
		return nil, Refuse(TooMany, "hands_full")
	}
	return []FactBody{HandRaised{HandID(numberID("h", r.hands.n+1))}}, nil
}

func (r *Room) planLower(by Actor, id HandID) ([]FactBody, error) {
	i := r.hands.index(id)
	lead := r.may(by.Role, "desk")
	if id == "" {
		if i = r.hands.of(by); i < 0 {
			return nil, nil
		}
	}
	switch {
	case i < 0 && lead:
		return nil, nil // somebody else was faster, or its owner
	case i < 0:
		return nil, Refuse(NotFound, "hand_unknown")
	case r.hands.of(by) != i && !lead:
		return nil, Refuse(NotAllowed, "hand_owner")
	}
	return r.lower(i), nil
}

// lower is what becomes of a hand that goes down: what its owner has on the stage by it leaves, too.
func (r *Room) lower(i int) []FactBody {
	h := r.hands.up[i]
	if r.IsClass() { // there nobody's camera needs a hand
		return []FactBody{HandLowered{h.ID}}
	}
	mine := func(s standing) bool { return fromHall(s.by.Role) && s.by.key() == h.By.key() }
	return append(r.leaveAll(mine), HandLowered{h.ID})
}

func (r *Room) planInvite(id HandID) ([]FactBody, error) {
	i := r.hands.index(id)
	switch {
	case r.phase == Ended:
		return nil, Refuse(Conflict, "event_ended")
	case i < 0:
		return nil, Refuse(NotFound, "hand_unknown")
	case r.hands.up[i].Status != HandWaiting:
		return nil, nil
	case r.IsClass(): // they have a microphone: to be called up is all there is to it
		return r.lower(i), nil
	}
	return []FactBody{HandInvited{id}}, nil
}

func (s *hands) raise(f Fact, id HandID) error {
	if want := HandID(numberID("h", s.n+1)); id != want || s.of(f.By) >= 0 || f.By.key() == "" {
		return fmt.Errorf("hand %q cannot go up", id)
	}
	s.n++
	s.up = append(s.up, HandView{ID: id, By: f.By, RaisedAt: f.At, Status: HandWaiting})
	s.last[f.By.key()] = f.At
	s.rev = f.Seq
	return nil
}

func (s *hands) set(seq int64, id HandID, status HandStatus) error {
	i := s.index(id)
	if i < 0 {
		return fmt.Errorf("hand %q is not up", id)
	}
	s.up[i].Status, s.rev = status, seq
	return nil
}

func (s *hands) lowered(seq int64, id HandID) error {
	i := s.index(id)
	if i < 0 {
		return fmt.Errorf("hand %q is not up", id)
	}
	s.up, s.rev = slices.Delete(s.up, i, i+1), seq
	return nil
}

// entered and left follow what the owner of a hand has on the stage. A transport that was lost leaves the hand
// invited, so that its owner comes back by itself.
func (s *hands) entered(f Fact) {
	if i := s.of(f.By); i >= 0 && fromHall(f.By.Role) && s.up[i].Status == HandCalled {
		s.up[i].Status, s.rev = HandUp, f.Seq
	}
}

func (s *hands) left(seq int64, by Actor, more bool) {
	if i := s.of(by); i >= 0 && fromHall(by.Role) && s.up[i].Status == HandUp && !more {
		s.up[i].Status, s.rev = HandCalled, seq
	}
}

// fromHall tells a role that comes on the stage only when its hand was invited.
func fromHall(role Role) bool { return May(role, "hand") }
