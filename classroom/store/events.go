package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"betang/classroom"
	"betang/classroom/papers"
	"betang/classroom/store/query"
)

// SaveEvent keeps an event as planned, in place of what was known under its id.
func (s *Store) SaveEvent(ctx context.Context, e classroom.Event) error {
	if e.ID == "" {
		return classroom.Refuse(classroom.Invalid, "event_invalid")
	}
	policy, err := json.Marshal(e.Policy)
	if err != nil {
		return fail(err)
	}
	body := papers.Event{
		Kind: string(e.Kind), Title: e.Title, Speaker: e.Speaker, Host: e.Host, Place: e.Place,
		Starts: e.StartsAt.UnixMilli(), Ends: e.EndsAt.UnixMilli(), Policy: policy,
	}
	v := papers.Version{Kind: papers.OfEvent, Event: string(e.ID), Key: string(e.ID), At: time.Now().UnixMilli()}
	return s.write(ctx, false, func(ctx context.Context, w *writer) error {
		if err := w.putEvent(ctx, e.ID, body); err != nil {
			return err
		}
		return w.change(ctx, v, e.ID, "", body)
	})
}

func (w *writer) putEvent(ctx context.Context, id classroom.EventID, e papers.Event) error {
	return w.q.SaveEvent(ctx, query.SaveEventParams{
		ID: string(id), Kind: e.Kind, Title: e.Title, Speaker: e.Speaker, Host: e.Host, Place: e.Place,
		StartsAt: e.Starts, EndsAt: e.Ends, Policy: string(e.Policy),
	})
}

// Event reads one event; NotFound event_unknown.
func (s *Store) Event(ctx context.Context, id classroom.EventID) (classroom.Event, error) {
	row, err := s.read.Event(ctx, string(id))
	if err != nil {
		return classroom.Event{}, missing(err, "event_unknown")
	}
	return event(row)
}

// Events reads all events, ascending by their planned beginning.
func (s *Store) Events(ctx context.Context) ([]classroom.Event, error) {
	rows, err := s.read.Events(ctx)
	if err != nil {
		return nil, fail(err)
	}
	return events(rows)
}

// EventsWithin are those that end after one moment and begin before another, the first first; at most 200.
func (s *Store) EventsWithin(ctx context.Context, from, to time.Time) ([]classroom.Event, error) {
	rows, err := s.read.EventsWithin(ctx, query.EventsWithinParams{EndsAt: from.UnixMilli(), StartsAt: to.UnixMilli()})
	if err != nil {
		return nil, fail(err)
	}
	return events(rows)
}

func events(rows []query.Event) (list []classroom.Event, err error) {
	list = make([]classroom.Event, len(rows))
	for i, row := range rows {
		if list[i], err = event(row); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func event(row query.Event) (classroom.Event, error) {
	e := classroom.Event{
		ID: classroom.EventID(row.ID), Kind: classroom.EventKind(row.Kind), Title: row.Title, Speaker: row.Speaker,
		Host: row.Host, Place: row.Place, StartsAt: time.UnixMilli(row.StartsAt).UTC(),
		EndsAt: time.UnixMilli(row.EndsAt).UTC(),
	}
	if err := json.Unmarshal([]byte(row.Policy), &e.Policy); err != nil {
		return classroom.Event{}, fail(fmt.Errorf("policy of event %s: %w", row.ID, err))
	}
	return e, nil
}
