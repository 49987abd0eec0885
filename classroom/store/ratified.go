package store

import (
	"context"

	"betang/classroom"
	"betang/classroom/store/query"
)

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
		out[i] = classroom.RatifiedList{Event: event, Number: r.Number, Revision: int(r.Revision), At: r.At}
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
		Event: classroom.EventID(r.Event), Number: number, Revision: int(r.Revision), At: r.At, Document: r.Document,
	}, nil
}

// YearJP sums what a person got in a year (of WIB) by the newest ratified list of each event.
func (s *Store) YearJP(ctx context.Context, person classroom.PersonID, year int) (int, error) {
	n, err := s.read.YearJP(ctx, query.YearJPParams{Person: string(person), Year: int64(year)})
	return int(n), fail(err)
}
