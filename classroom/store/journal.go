package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"betang/classroom"
	"betang/classroom/journal"
	"betang/classroom/store/query"
)

// Append adds facts to the end of an event's journal and returns when they are on disk. Their numbers must go on
// where the journal ends, or nothing is written and the error is Conflict journal_conflict.
func (s *Store) Append(ctx context.Context, event classroom.EventID, facts []classroom.Fact) error {
	if len(facts) == 0 {
		return nil
	}
	bodies := make([][]byte, len(facts))
	for i, f := range facts {
		if f.Seq != facts[0].Seq+int64(i) {
			return conflict(event, facts[0].Seq+int64(i), f.Seq)
		}
		body, err := classroom.EncodeFact(f)
		if err != nil {
			return fail(err)
		}
		bodies[i] = body
	}
	first := facts[0].Seq
	return s.write(ctx, false, func(ctx context.Context, w *writer) error {
		end, err := w.end(ctx, event)
		if err != nil {
			return err
		}
		if first != end.seq+1 {
			return conflict(event, end.seq+1, first)
		}
		for i, body := range bodies {
			e := journal.Link(end.hash, first+int64(i), body)
			err := w.q.AppendEntry(ctx, query.AppendEntryParams{
				Event: string(event), Seq: e.Seq, Prev: e.Prev[:], Hash: e.Hash[:], Body: e.Body,
			})
			switch {
			case foreignKey(err):
				return classroom.Refuse(classroom.NotFound, "event_unknown")
			case unique(err): // another process wrote: the cached end was not the end
				return conflict(event, 0, e.Seq)
			case err != nil:
				return err
			}
			end = head{e.Seq, e.Hash}
		}
		w.heads[event] = end
		return nil
	})
}

func conflict(event classroom.EventID, want, got int64) error {
	return &classroom.Error{
		Kind: classroom.Conflict, Code: "journal_conflict",
		Err: fmt.Errorf("event %s: fact %d, want %d", event, got, want),
	}
}

// end is where an event's journal ends.
func (w *writer) end(ctx context.Context, event classroom.EventID) (head, error) {
	if h, ok := w.heads[event]; ok {
		return h, nil
	}
	row, err := w.q.JournalEnd(ctx, string(event))
	if errors.Is(err, sql.ErrNoRows) {
		return head{0, journal.Genesis(string(event))}, nil
	}
	if err != nil {
		return head{}, err
	}
	return head{row.Seq, journal.Hash(row.Hash)}, nil
}

// Facts reads the facts of an event with numbers above after, ascending.
func (s *Store) Facts(ctx context.Context, event classroom.EventID, after int64) ([]classroom.Fact, error) {
	rows, err := s.read.JournalAfter(ctx, query.JournalAfterParams{Event: string(event), Seq: after})
	if err != nil {
		return nil, fail(err)
	}
	facts := make([]classroom.Fact, len(rows))
	for i, row := range rows {
		f, err := classroom.DecodeFact(row.Body)
		if err == nil && f.Seq != row.Seq {
			err = fmt.Errorf("it says it is number %d", f.Seq)
		}
		if err != nil {
			return nil, broken(event, fmt.Errorf("entry %d: %w", row.Seq, err))
		}
		facts[i] = f
	}
	return facts, nil
}

// Entries reads the journal of an event as it is chained, ascending.
func (s *Store) Entries(ctx context.Context, event classroom.EventID) ([]journal.Entry, error) {
	rows, err := s.read.JournalAfter(ctx, query.JournalAfterParams{Event: string(event)})
	if err != nil {
		return nil, fail(err)
	}
	entries := make([]journal.Entry, len(rows))
	for i, row := range rows {
		entries[i] = journal.Entry{Seq: row.Seq, Prev: journal.Hash(row.Prev), Hash: journal.Hash(row.Hash), Body: row.Body}
	}
	return entries, nil
}

// Verify recomputes the hash chain of an event's journal. Internal journal_broken means that it was touched; a
// *journal.TouchedError in the chain names the first entry that is not as it was written.
func (s *Store) Verify(ctx context.Context, event classroom.EventID) error {
	rows, err := s.read.JournalAfter(ctx, query.JournalAfterParams{Event: string(event)})
	if err != nil {
		return fail(err)
	}
	chain := journal.NewChain(string(event))
	for _, row := range rows {
		e := journal.Entry{Seq: row.Seq, Prev: journal.Hash(row.Prev), Hash: journal.Hash(row.Hash), Body: row.Body}
		if err := chain.Check(e); err != nil {
			return broken(event, err)
		}
	}
	return nil
}

func broken(event classroom.EventID, err error) error {
	return &classroom.Error{
		Kind: classroom.Internal, Code: "journal_broken", Err: fmt.Errorf("event %s: %w", event, err),
	}
}
