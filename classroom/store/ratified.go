package store

import (
	"context"

	"betang/classroom"
	"betang/classroom/store/query"
)

// SaveRatified keeps the signed attendance list of an event, for good. Conflict already_ratified if it has one.
func (s *Store) SaveRatified(ctx context.Context, event classroom.EventID, number string, at int64, document []byte) error {
	return s.write(ctx, false, func(ctx context.Context, w *writer) error {
		err := w.q.SaveRatified(ctx, query.SaveRatifiedParams{
			Event: string(event), Number: number, At: at, Document: document,
		})
		switch {
		case unique(err):
			return classroom.Refuse(classroom.Conflict, "already_ratified")
		case foreignKey(err):
			return classroom.Refuse(classroom.NotFound, "event_unknown")
		}
		return err
	})
}

// Ratified reads the signed attendance list of an event; NotFound not_ratified.
func (s *Store) Ratified(ctx context.Context, event classroom.EventID) ([]byte, error) {
	b, err := s.read.Ratified(ctx, string(event))
	if err != nil {
		return nil, missing(err, "not_ratified")
	}
	return b, nil
}

// RatifiedByNumber finds a signed attendance list by its number; NotFound number_unknown.
func (s *Store) RatifiedByNumber(ctx context.Context, number string) ([]byte, error) {
	b, err := s.read.RatifiedByNumber(ctx, number)
	if err != nil {
		return nil, missing(err, "number_unknown")
	}
	return b, nil
}
