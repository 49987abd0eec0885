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
	SaveEvent(ctx context.Context, e classroom.Event) error
	SavePeople(ctx context.Context, people []classroom.Person) error
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
	if err == nil || classroom.KindOf(err) != classroom.NotFound || !s.m.ask(ctx, kindEvent, string(id), &found) || found.ID != id {
		return ev, err
	}
	return found, s.SaveEvent(ctx, found)
}

// Person is signaling.People's.
func (s *Store) Person(ctx context.Context, id classroom.PersonID) (classroom.Person, error) {
	p, err := s.Keeper.Person(ctx, id)
	var found classroom.Person
	if err == nil || id == "" || classroom.KindOf(err) != classroom.NotFound || !s.m.ask(ctx, kindPerson, string(id), &found) || found.ID != id {
		return p, err
	}
	return found, s.SavePeople(ctx, []classroom.Person{found})
}
