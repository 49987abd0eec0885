package classroom

import "fmt"

// Held says what of a source goes to nobody.
type Held struct {
	Sound   bool `json:"sound,omitempty"`
	Picture bool `json:"picture,omitempty"`
}

// holdKey is what a hold sticks to: not a source, whose id changes with every reconnect, but whose stream it is.
type holdKey struct {
	who  string
	kind SourceKind
}

func (s standing) holdKey() holdKey {
	who := s.by.key()
	if s.by.Link != "" && s.by.Person == "" {
		who = "l:" + s.by.Link
	}
	return holdKey{who, s.source.Kind}
}

func (r *Room) planHold(c HoldSource) ([]FactBody, error) {
	i := r.stage.index(c.Source)
	if i < 0 {
		return nil, Refuse(NotFound, "source_unknown")
	}
	if r.stage.held[r.stage.standing[i].holdKey()] == c.Held {
		return nil, nil
	}
	return []FactBody{SourceHeld(c)}, nil
}

func (s *stage) hold(seq int64, id SourceID, h Held) error {
	i := s.index(id)
	if i < 0 {
		return fmt.Errorf("source %q is not on the stage", id)
	}
	key := s.standing[i].holdKey()
	if h == (Held{}) {
		delete(s.held, key)
	} else {
		s.held[key] = h
	}
	s.rev = seq
	return nil
}

// HeldOf is what of a source on the stage goes to nobody.
func (r *Room) HeldOf(id SourceID) Held {
	if i := r.stage.index(id); i >= 0 {
		return r.heldOf(r.stage.standing[i])
	}
	return Held{}
}
