package store

import (
	"context"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/store/query"
)

// spanPortion is how many spans one transaction takes, so that appends need not wait for a whole hall. Smaller ones would let
// them wait less still (PERFORMANCE.md), but a disk that needs 10 ms to flush has time for 100 transactions a second.
const spanPortion = 500

// SaveSpans keeps the newest state of spans; a span is known by event, person, session, class and beginning. Saving
// the same again, or an older state after a newer one, changes nothing. It is durable on return; if it fails, some
// of the spans may have been saved, and saving all of them again mends it.
func (s *Store) SaveSpans(ctx context.Context, event classroom.EventID, spans []attend.Span) error {
	return s.saveSpans(ctx, event, spans, func(context.Context, *writer, []attend.Span) error { return nil })
}

// saveSpans saves spans in portions, and does also with each in the same transaction.
func (s *Store) saveSpans(
	ctx context.Context, event classroom.EventID, spans []attend.Span, also func(context.Context, *writer, []attend.Span) error,
) error {
	for len(spans) > 0 {
		portion := spans[:min(spanPortion, len(spans))]
		spans = spans[len(portion):]
		err := s.write(ctx, true, func(ctx context.Context, w *writer) error {
			for _, sp := range portion {
				err := w.q.SaveSpan(ctx, query.SaveSpanParams{
					Event: string(event), Person: sp.Person, Session: sp.Session, Class: int64(sp.Class),
					FromMs: sp.From, ToMs: sp.To, Open: sp.Open,
				})
				if foreignKey(err) {
					return classroom.Refuse(classroom.NotFound, "event_unknown")
				}
				if err != nil {
					return err
				}
			}
			return also(ctx, w, portion)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Spans reads all evidence of an event, ascending by person, session, class and beginning.
func (s *Store) Spans(ctx context.Context, event classroom.EventID) ([]attend.Span, error) {
	rows, err := s.read.Spans(ctx, string(event))
	if err != nil {
		return nil, fail(err)
	}
	spans := make([]attend.Span, len(rows))
	for i, r := range rows {
		spans[i] = attend.Span{
			Person: r.Person, Session: r.Session, Class: attend.Class(r.Class), From: r.FromMs, To: r.ToMs, Open: r.Open,
		}
	}
	return spans, nil
}

// CloseSpans closes the spans that a server left open when it died, at their last evidence, and says how many. To be
// called when a server starts, before anything is tracked.
func (s *Store) CloseSpans(ctx context.Context) (int, error) {
	var n int64
	err := s.write(ctx, true, func(ctx context.Context, w *writer) (err error) {
		n, err = w.q.CloseSpans(ctx)
		return err
	})
	return int(n), err
}
