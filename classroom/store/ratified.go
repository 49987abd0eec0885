package store

import (
	"context"
	"database/sql"
	"errors"

	"betang/classroom"
	"betang/classroom/store/query"
)

// SaveDraft keeps a signed attendance list that the journal does not name yet.
func (s *Store) SaveDraft(ctx context.Context, list classroom.RatifiedList) error {
	return s.write(ctx, false, func(ctx context.Context, w *writer) error {
		err := w.q.SaveDraft(ctx, query.SaveDraftParams{
			Number: list.Number, Event: string(list.Event), Revision: int64(list.Revision), At: list.At, Document: list.Document,
			Settled: list.Settled,
		})
		if foreignKey(err) {
			return classroom.Refuse(classroom.NotFound, "event_unknown")
		}
		return err
	})
}

// Drafts are the numbers of an event's lists that SaveDraft kept and SaveRatified did not take over.
func (s *Store) Drafts(ctx context.Context, event classroom.EventID) ([]string, error) {
	numbers, err := s.read.DraftsOf(ctx, string(event))
	return numbers, fail(err)
}

// EventsWithDrafts are the events that have any.
func (s *Store) EventsWithDrafts(ctx context.Context) ([]classroom.EventID, error) {
	rows, err := s.read.EventsWithDrafts(ctx)
	ids := make([]classroom.EventID, len(rows))
	for i, r := range rows {
		ids[i] = classroom.EventID(r)
	}
	return ids, fail(err)
}

// Document is a list by its number, ratified (Settled) or a draft; NotFound number_unknown.
func (s *Store) Document(ctx context.Context, number string) (classroom.RatifiedList, error) {
	r, err := s.read.Draft(ctx, number)
	if errors.Is(err, sql.ErrNoRows) {
		list, err := s.RatifiedByNumber(ctx, number)
		list.Settled = err == nil
		return list, err
	}
	if err != nil {
		return classroom.RatifiedList{}, fail(err)
	}
	return classroom.RatifiedList{
		Event: classroom.EventID(r.Event), Number: number, Revision: int(r.Revision), At: r.At, Document: r.Document, Settled: r.Settled,
	}, nil
}

// SaveRatified keeps a signed attendance list for good, with what each person got by it. Conflict already_ratified if
// the event has that revision already.
func (s *Store) SaveRatified(ctx context.Context, list classroom.RatifiedList, year int, jp map[classroom.PersonID]int) error {
	return s.write(ctx, false, func(ctx context.Context, w *writer) error {
		err := w.q.SaveRatified(ctx, query.SaveRatifiedParams{
			Event: string(list.Event), Revision: int64(list.Revision), Number: list.Number, At: list.At, Document: list.Document,
		})
		switch {
		case unique(err):
			return classroom.Refuse(classroom.Conflict, "already_ratified")
		case foreignKey(err):
			return classroom.Refuse(classroom.NotFound, "event_unknown")
		case err != nil:
			return err
		}
		if err := w.q.DropDraft(ctx, list.Number); err != nil {
			return err
		}
		for person, n := range jp {
			err := w.q.SaveRatifiedJP(ctx, query.SaveRatifiedJPParams{
				Person: string(person), Event: string(list.Event), Revision: int64(list.Revision), Year: int64(year), Jp: int64(n),
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Ratified names all signed attendance lists of an event, the newest last, without their documents; none if it was
// never ratified.
func (s *Store) Ratified(ctx context.Context, event classroom.EventID) ([]classroom.RatifiedList, error) {
	rows, err := s.read.Ratified(ctx, string(event))
	if err != nil {
		return nil, fail(err)
	}
	out := make([]classroom.RatifiedList, len(rows))
	for i, r := range rows {
		out[i] = classroom.RatifiedList{Event: event, Number: r.Number, Revision: int(r.Revision), At: r.At, Voided: r.Voided}
	}
	return out, nil
}

// RatifiedByNumber finds a signed attendance list by its number; NotFound number_unknown.
func (s *Store) RatifiedByNumber(ctx context.Context, number string) (classroom.RatifiedList, error) {
	r, err := s.read.RatifiedByNumber(ctx, number)
	if err != nil {
		return classroom.RatifiedList{}, missing(err, "number_unknown")
	}
	return classroom.RatifiedList{
		Event: classroom.EventID(r.Event), Number: number, Revision: int(r.Revision), At: r.At, Document: r.Document, Voided: r.Voided,
	}, nil
}

// VoidRatified notes that a list was taken back; once is for good. NotFound number_unknown.
func (s *Store) VoidRatified(ctx context.Context, number string, at int64) error {
	return s.write(ctx, false, func(ctx context.Context, w *writer) error {
		err := w.q.VoidRatified(ctx, query.VoidRatifiedParams{Number: number, At: at})
		if foreignKey(err) {
			return classroom.Refuse(classroom.NotFound, "number_unknown")
		}
		return err
	})
}

// RatifiedJP is what each person got by a list, as it was noted beside it for YearJP, and the year it counts for (0: nobody
// got anything noted).
func (s *Store) RatifiedJP(ctx context.Context, event classroom.EventID, revision int) (jp map[classroom.PersonID]int, year int, err error) {
	rows, err := s.read.RatifiedJP(ctx, query.RatifiedJPParams{Event: string(event), Revision: int64(revision)})
	if err != nil {
		return nil, 0, fail(err)
	}
	jp = make(map[classroom.PersonID]int, len(rows))
	for _, r := range rows {
		if year != 0 && year != int(r.Year) {
			year = -1 // they do not agree
		} else {
			year = int(r.Year)
		}
		jp[classroom.PersonID(r.Person)] = int(r.Jp)
	}
	return jp, year, nil
}

// YearJP sums what a person got in a year (of WIB) by the newest ratified list of each event, unless that was voided.
func (s *Store) YearJP(ctx context.Context, person classroom.PersonID, year int) (int, error) {
	n, err := s.read.YearJP(ctx, query.YearJPParams{Person: string(person), Year: int64(year)})
	return int(n), fail(err)
}
