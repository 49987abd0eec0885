package store

import (
	"context"

	"betang/classroom"
	"betang/classroom/journal"
	"betang/classroom/store/query"
)

// SetAside takes an event's journal out of use and keeps it, whole and as it was chained: it is not the one that the other
// nodes have. What the event's evidence says stays as it is. n is how many facts there were.
func (s *Store) SetAside(ctx context.Context, event classroom.EventID) (n int64, err error) {
	err = s.write(ctx, false, func(ctx context.Context, w *writer) error {
		last, err := w.q.LastPile(ctx, string(event))
		if err != nil {
			return err
		}
		if n, err = w.q.CopyAside(ctx, query.CopyAsideParams{Pile: last + 1, Event: string(event)}); err != nil {
			return err
		}
		delete(w.heads, event)
		return w.q.DropJournal(ctx, string(event))
	})
	return n, err
}

// Aside reads what was set aside of an event, each journal as it is chained, the oldest first.
func (s *Store) Aside(ctx context.Context, event classroom.EventID) ([][]journal.Entry, error) {
	rows, err := s.read.Aside(ctx, string(event))
	if err != nil {
		return nil, fail(err)
	}
	var piles [][]journal.Entry
	for _, row := range rows {
		if int(row.Pile) > len(piles) {
			piles = append(piles, nil)
		}
		at := &piles[len(piles)-1]
		*at = append(*at, journal.Entry{Seq: row.Seq, Prev: journal.Hash(row.Prev), Hash: journal.Hash(row.Hash), Body: row.Body})
	}
	return piles, nil
}
