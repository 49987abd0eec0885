package store

import (
	"context"
	"database/sql"
	"errors"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/store/query"
)

// SaveOwnSpans is SaveSpans for evidence that this node of several gathered itself: what changed is also numbered, for
// Outbox.
func (s *Store) SaveOwnSpans(ctx context.Context, event classroom.EventID, spans []attend.Span) error {
	return s.saveSpans(ctx, event, spans, func(ctx context.Context, w *writer, spans []attend.Span) error {
		end, err := w.q.OutboxEnd(ctx, string(event))
		if err != nil {
			return err
		}
		for i, sp := range spans {
			if err := w.q.PutOutbox(ctx, query.PutOutboxParams{
				Event: string(event), Person: sp.Person, Session: sp.Session, Class: int64(sp.Class), FromMs: sp.From, N: end + 1 + int64(i),
			}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Outbox gives up to most of the spans that changed after a number, as they stand now, by the number of their last change,
// and the highest of these numbers; 0 if there are none.
func (s *Store) Outbox(ctx context.Context, event classroom.EventID, after int64, most int) (spans []attend.Span, upTo int64, err error) {
	rows, err := s.read.Outbox(ctx, query.OutboxParams{Event: string(event), N: after, Limit: int64(most)})
	if err != nil {
		return nil, 0, fail(err)
	}
	spans = make([]attend.Span, len(rows))
	for i, r := range rows {
		spans[i] = attend.Span{Person: r.Person, Session: r.Session, Class: attend.Class(r.Class), From: r.FromMs, To: r.ToMs}
		upTo = r.N
	}
	return spans, upTo, nil
}

// OutboxEnds gives the highest number of every event that has any.
func (s *Store) OutboxEnds(ctx context.Context) (map[classroom.EventID]int64, error) {
	rows, err := s.read.OutboxEnds(ctx)
	if err != nil {
		return nil, fail(err)
	}
	ends := map[classroom.EventID]int64{}
	for _, r := range rows {
		ends[classroom.EventID(r.Event)] = r.N
	}
	return ends, nil
}

// SaveNodeSpans keeps what another node says that its Outbox gave after a number. It is durable on return, and mark tells
// up to which number that node's evidence is here without holes. Any of it may come again, and in any order.
func (s *Store) SaveNodeSpans(
	ctx context.Context, event classroom.EventID, node string, after, upTo int64, spans []attend.Span,
) (mark int64, err error) {
	if err := s.SaveSpans(ctx, event, spans); err != nil {
		return 0, err
	}
	err = s.write(ctx, true, func(ctx context.Context, w *writer) error {
		for _, sp := range spans {
			if err := w.q.SaveNodeSpan(ctx, query.SaveNodeSpanParams{
				Event: string(event), Node: node, Person: sp.Person, Session: sp.Session, Class: int64(sp.Class), FromMs: sp.From, ToMs: sp.To,
			}); err != nil {
				return err
			}
		}
		mark, err = w.q.Mark(ctx, query.MarkParams{Event: string(event), Node: node})
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if after > mark || upTo <= mark {
			return nil
		}
		mark = upTo
		return w.q.PutMark(ctx, query.PutMarkParams{Event: string(event), Node: node, N: upTo})
	})
	return mark, err
}

// Marks tells up to which number the evidence of other nodes is here.
func (s *Store) Marks(ctx context.Context, event classroom.EventID) (map[string]int64, error) {
	rows, err := s.read.Marks(ctx, string(event))
	if err != nil {
		return nil, fail(err)
	}
	marks := map[string]int64{}
	for _, r := range rows {
		marks[r.Node] = r.N
	}
	return marks, nil
}

// KeepCommand keeps a command for the event's home; it is durable on return.
func (s *Store) KeepCommand(ctx context.Context, event classroom.EventID, command []byte) error {
	return s.write(ctx, false, func(ctx context.Context, w *writer) error {
		return w.q.KeepCommand(ctx, query.KeepCommandParams{Event: string(event), Command: string(command)})
	})
}

// Kept gives up to most of the commands that wait, in order, and the number of the last of them.
func (s *Store) Kept(ctx context.Context, event classroom.EventID, most int) (commands [][]byte, upTo int64, err error) {
	rows, err := s.read.Kept(ctx, query.KeptParams{Event: string(event), Limit: int64(most)})
	if err != nil {
		return nil, 0, fail(err)
	}
	for _, r := range rows {
		commands, upTo = append(commands, []byte(r.Command)), r.N
	}
	return commands, upTo, nil
}

// DropKept forgets commands up to a number of Kept.
func (s *Store) DropKept(ctx context.Context, event classroom.EventID, upTo int64) error {
	return s.write(ctx, true, func(ctx context.Context, w *writer) error {
		return w.q.DropKept(ctx, query.DropKeptParams{Event: string(event), N: upTo})
	})
}

// KeptEvents are the events for whose homes commands wait.
func (s *Store) KeptEvents(ctx context.Context) ([]classroom.EventID, error) {
	rows, err := s.read.KeptEvents(ctx)
	ids := make([]classroom.EventID, len(rows))
	for i, r := range rows {
		ids[i] = classroom.EventID(r)
	}
	return ids, fail(err)
}
