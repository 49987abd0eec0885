package cluster

import (
	"context"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/signaling"
)

// Keeper is a store that can take in what other nodes know.
type Keeper interface {
	signaling.Store
	CopyEvent(ctx context.Context, e classroom.Event) error
	Events(ctx context.Context) ([]classroom.Event, error)
	PersonByNIP(ctx context.Context, nip string) (classroom.Person, error)
	PersonByCode(ctx context.Context, event classroom.EventID, code string) (classroom.Person, error)
	SavePeople(ctx context.Context, people []classroom.Person) error
	CopyPerson(ctx context.Context, p classroom.Person) error
	SaveOwnSpans(ctx context.Context, event classroom.EventID, spans []attend.Span) error
}

// Store is a node's store that asks the others for events and people that it does not know, and keeps them. It
// numbers the evidence of its own, for the home.
type Store struct {
	Keeper
	m *Member
}

// Store makes one.
func (m *Member) Store(k Keeper) *Store { return &Store{k, m} }

// SaveSpans is signaling.Evidence's.
func (s *Store) SaveSpans(ctx context.Context, id classroom.EventID, spans []attend.Span) error {
	return s.SaveOwnSpans(ctx, id, spans)
}

// Event is signaling.Journal's.
func (s *Store) Event(ctx context.Context, id classroom.EventID) (classroom.Event, error) {
	ev, err := s.Keeper.Event(ctx, id)
	var found classroom.Event
	if err == nil || classroom.KindOf(err) != classroom.NotFound || !s.m.ask(ctx, kindEvent, string(id), "", &found) || found.ID != id {
		return ev, err
	}
	return found, s.CopyEvent(ctx, found)
}

// Person is signaling.People's. An edge is no authority on who there is: of somebody whom a signed link names, and of whom nobody can
// tell it, it knows the id alone. That is enough to let them in and count them; their name follows from the origins.
func (s *Store) Person(ctx context.Context, id classroom.PersonID) (classroom.Person, error) {
	p, err := s.Keeper.Person(ctx, id)
	var found classroom.Person
	switch {
	case err == nil || id == "" || classroom.KindOf(err) != classroom.NotFound:
		return p, err
	case s.m.ask(ctx, kindPerson, string(id), "", &found) && found.ID == id:
		return found, s.CopyPerson(ctx, found)
	case s.m.cfg.Self.Edge:
		return classroom.Person{ID: id}, nil
	}
	return p, err
}

// PersonByNIP also asks the others: the roster may have been brought to another origin.
func (s *Store) PersonByNIP(ctx context.Context, nip string) (classroom.Person, error) {
	p, err := s.Keeper.PersonByNIP(ctx, nip)
	return s.elsewhere(ctx, p, err, kindNIP, "", nip)
}

// PersonByCode is the same for a personal code.
func (s *Store) PersonByCode(ctx context.Context, event classroom.EventID, code string) (classroom.Person, error) {
	p, err := s.Keeper.PersonByCode(ctx, event, code)
	return s.elsewhere(ctx, p, err, kindCode, event, code)
}

// elsewhere keeps whom another node knows. What was asked for goes in the message's body, and into no log.
func (s *Store) elsewhere(ctx context.Context, p classroom.Person, err error, kind string, event classroom.EventID, by string) (classroom.Person, error) {
	var found classroom.Person
	if err == nil || classroom.KindOf(err) != classroom.NotFound || !s.m.ask(ctx, kind, string(event), by, &found) || found.ID == "" {
		return p, err
	}
	return found, s.CopyPerson(ctx, found)
}
