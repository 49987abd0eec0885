package store

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"reflect"
	"testing"

	"betang/classroom"
	"betang/classroom/journal"
)

func TestJournal(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	must(t, s.SaveEvent(t.Context(), demoEvent(demo)))
	must(t, s.SaveEvent(t.Context(), demoEvent("other")))
	must(t, s.Append(t.Context(), demo, nil))
	must(t, s.Append(t.Context(), demo, asked(1, 3)))
	must(t, s.Append(t.Context(), demo, asked(4, 1)))
	must(t, s.Append(t.Context(), "other", asked(1, 1)))
	want := asked(1, 4)
	for after := range int64(6) {
		got, err := s.Facts(t.Context(), demo, after)
		must(t, err)
		if rest := want[min(after, 4):]; len(got) != len(rest) || len(got) > 0 && !reflect.DeepEqual(got, rest) {
			t.Errorf("after %d: got %+v", after, got)
		}
	}

	for name, facts := range map[string][]classroom.Fact{
		"again":     asked(4, 1),
		"a hole":    asked(6, 1),
		"from zero": asked(0, 5),
		"no order":  {asked(6, 1)[0], asked(5, 1)[0]},
		"doubled":   {asked(5, 1)[0], asked(5, 1)[0]},
	} {
		err := s.Append(t.Context(), demo, facts)
		if e, ok := errors.AsType[*classroom.Error](err); !ok || e.Code != "journal_conflict" || e.Kind != classroom.Conflict {
			t.Errorf("%s: %v", name, err)
		}
	}
	refused(t, s.Append(t.Context(), "nope", asked(1, 1)), classroom.NotFound, "event_unknown")
	if got, err := s.Facts(t.Context(), demo, 0); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("a refusal left something: %+v, %v", got, err)
	}
	if got, err := s.Facts(t.Context(), "nope", 0); err != nil || len(got) != 0 {
		t.Errorf("got %v, %v", got, err)
	}
	must(t, s.Verify(t.Context(), demo))
	must(t, s.Verify(t.Context(), "other"))
	must(t, s.Close())

	// It goes on where it ended.
	s = open(t, dir)
	refused(t, s.Append(t.Context(), demo, asked(4, 1)), classroom.Conflict, "journal_conflict")
	must(t, s.Append(t.Context(), demo, asked(5, 2)))
	must(t, s.Verify(t.Context(), demo))
}

// TestJournalOfTwoProcesses: a second opener's facts are noticed, though the first has the end in its cache.
func TestJournalOfTwoProcesses(t *testing.T) {
	dir := t.TempDir()
	a, b := open(t, dir), open(t, dir)
	must(t, a.SaveEvent(t.Context(), demoEvent(demo)))
	must(t, a.Append(t.Context(), demo, asked(1, 1)))
	must(t, b.Append(t.Context(), demo, asked(2, 1)))
	refused(t, a.Append(t.Context(), demo, asked(2, 1)), classroom.Conflict, "journal_conflict")
	must(t, a.Append(t.Context(), demo, asked(3, 1)))
	refused(t, b.Append(t.Context(), demo, asked(3, 1)), classroom.Conflict, "journal_conflict")
	must(t, a.Verify(t.Context(), demo))
}

// TestJournalTouched: every way to change the file behind the program's back is found and named.
func TestJournalTouched(t *testing.T) {
	for _, c := range []struct {
		name, sql string
		seq       int64
	}{
		{"a word changed", `UPDATE journal SET body = CAST(replace(CAST(body AS TEXT), 'Kapan', 'Siapa') AS BLOB) WHERE seq = 3`, 3},
		{"an entry removed", `DELETE FROM journal WHERE seq = 2`, 2},
		{"the first removed", `DELETE FROM journal WHERE seq = 1`, 1},
		{"two exchanged", `UPDATE journal SET seq = CASE seq WHEN 2 THEN 103 WHEN 3 THEN 102 END WHERE seq IN (2, 3);
			UPDATE journal SET seq = seq - 100 WHERE seq > 100`, 2},
		{"a hash changed", `UPDATE journal SET hash = zeroblob(32) WHERE seq = 4`, 4},
		{"from another event", `UPDATE journal SET event = 'other'`, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir)
			must(t, s.SaveEvent(t.Context(), demoEvent(demo)))
			must(t, s.SaveEvent(t.Context(), demoEvent("other")))
			must(t, s.Append(t.Context(), demo, asked(1, 5)))

			foreign, err := sql.Open("sqlite3", filepath.Join(dir, fileName))
			must(t, err)
			defer func() { must(t, foreign.Close()) }()
			if _, err := foreign.ExecContext(t.Context(), c.sql); err == nil {
				t.Error("the journal let itself be edited")
			}
			_, err = foreign.ExecContext(t.Context(),
				"DROP TRIGGER journal_keep_update; DROP TRIGGER journal_keep_delete; "+c.sql)
			must(t, err)

			event := demo
			if c.name == "from another event" {
				event = "other"
			}
			err = s.Verify(t.Context(), event)
			refused(t, err, classroom.Internal, "journal_broken")
			if e, ok := errors.AsType[*journal.TouchedError](err); !ok || e.Seq != c.seq {
				t.Errorf("got %v, want entry %d", err, c.seq)
			}
		})
	}
}

// TestFactsUnreadable: an entry that is no fact is an error that names it, not a fact left out.
func TestFactsUnreadable(t *testing.T) {
	s := withEvents(t, demo)
	must(t, s.write(t.Context(), false, func(ctx context.Context, w *writer) error {
		_, err := w.conn.ExecContext(ctx,
			"INSERT INTO journal VALUES ('demo', 1, zeroblob(32), zeroblob(32), CAST('{\"kind\":\"x\"}' AS BLOB))")
		return err
	}))
	_, err := s.Facts(t.Context(), demo, 0)
	refused(t, err, classroom.Internal, "journal_broken")
}
