package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"betang/classroom"
	"betang/classroom/attend"
)

// hold keeps the writer busy until the returned function is called.
func hold(t *testing.T, s *Store) (release func()) {
	t.Helper()
	entered, free := make(chan struct{}), make(chan struct{})
	done := make(chan error, 1)
	go func() {
		done <- s.write(context.Background(), false, func(context.Context, *writer) error {
			close(entered)
			<-free
			return nil
		})
	}()
	<-entered
	return func() {
		close(free)
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// queued waits until n urgent jobs stand in the queue. It polls a length: nothing signals that a send is blocked.
func queued(t *testing.T, s *Store, n int) {
	t.Helper()
	for len(s.w.urgent) < n {
		runtime.Gosched()
	}
}

// TestOneFailsAlone: what goes wrong in a batch is its own caller's trouble only.
func TestOneFailsAlone(t *testing.T) {
	s := withEvents(t, "a", "b", "c")
	release := hold(t, s)
	ids := []classroom.EventID{"a", "b", "nope", "c"}
	errs := make([]error, len(ids))
	var wg sync.WaitGroup
	for i, id := range ids {
		wg.Go(func() { errs[i] = s.Append(t.Context(), id, asked(1, 2)) })
	}
	queued(t, s, len(ids))
	release()
	wg.Wait()
	for i, id := range ids {
		if id == "nope" {
			refused(t, errs[i], classroom.NotFound, "event_unknown")
			continue
		}
		must(t, errs[i])
		must(t, s.Append(t.Context(), id, asked(3, 1)))
		must(t, s.Verify(t.Context(), id))
	}
}

// TestGiveUp: an ended context means that nothing was written.
func TestGiveUp(t *testing.T) {
	s := withEvents(t, demo)
	release := hold(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	got := make(chan error, 1)
	go func() { got <- s.Append(ctx, demo, asked(1, 1)) }()
	queued(t, s, 1)
	cancel()
	if err := <-got; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	release()
	if err := s.Append(ctx, demo, asked(1, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	must(t, s.Append(t.Context(), demo, asked(1, 1)))
}

// TestCloseFinishes: what was accepted before Close is written, what comes after is refused.
func TestCloseFinishes(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), dir)
	must(t, err)
	const n = 20
	for i := range n {
		must(t, s.SaveEvent(t.Context(), demoEvent(classroom.EventID(fmt.Sprint(i)))))
	}
	release := hold(t, s)
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = s.Append(t.Context(), classroom.EventID(fmt.Sprint(i)), asked(1, 1)) })
	}
	queued(t, s, n)
	closed := make(chan error, 1)
	go func() { closed <- s.Close() }()
	<-s.w.stop
	release()
	wg.Wait()
	must(t, errors.Join(errs...))
	must(t, <-closed)

	refused(t, s.Append(t.Context(), demo, asked(1, 1)), classroom.Internal, "store_closed")
	refused(t, s.SaveSpans(t.Context(), demo, []attend.Span{{}}), classroom.Internal, "store_closed")
	_, err = s.Facts(t.Context(), demo, 0)
	refused(t, err, classroom.Internal, "store_closed")
	_, err = s.Event(t.Context(), demo)
	refused(t, err, classroom.Internal, "store_closed")
	must(t, s.Close())

	s = open(t, dir)
	for i := range n {
		if facts, err := s.Facts(t.Context(), classroom.EventID(fmt.Sprint(i)), 0); err != nil || len(facts) != 1 {
			t.Errorf("event %d: %v, %v", i, facts, err)
		}
	}
}

// TestFull: a full disk is a clean refusal; what was acknowledged stays, and with room again it goes on.
func TestFull(t *testing.T) {
	s := withEvents(t, demo)
	must(t, s.Append(t.Context(), demo, asked(1, 10)))
	pages := func(limit string) {
		t.Helper()
		var n int
		must(t, s.write(t.Context(), false, func(ctx context.Context, w *writer) error {
			return w.conn.QueryRowContext(ctx, "PRAGMA max_page_count = "+limit).Scan(&n)
		}))
	}
	pages("1") // SQLite takes the present size as the least
	refused(t, s.Append(t.Context(), demo, asked(11, 1000)), classroom.Internal, "store_full")
	must(t, s.Verify(t.Context(), demo))
	if facts, err := s.Facts(t.Context(), demo, 0); err != nil || len(facts) != 10 {
		t.Fatalf("%d facts, %v", len(facts), err)
	}
	pages("1000000")
	must(t, s.Append(t.Context(), demo, asked(11, 1000)))
	must(t, s.Verify(t.Context(), demo))
}

// TestManyCallers: 64 at once, each with an own event, and evidence between; nothing is lost or mixed up.
func TestManyCallers(t *testing.T) {
	const callers, each = 64, 20
	var ids []classroom.EventID
	for i := range callers {
		ids = append(ids, classroom.EventID(fmt.Sprint("e", i)))
	}
	s := withEvents(t, ids...)
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Go(func() {
			for seq := int64(1); seq <= each; seq++ {
				if err := s.Append(t.Context(), id, asked(seq, 1)); err != nil {
					t.Errorf("%s %d: %v", id, seq, err)
					return
				}
			}
		})
		wg.Go(func() {
			for i := range int64(3) {
				span := attend.Span{Person: "p", Session: "s", Class: attend.Socket, From: 1, To: 1 + i, Open: true}
				if err := s.SaveSpans(t.Context(), id, []attend.Span{span}); err != nil {
					t.Errorf("%s: %v", id, err)
				}
			}
		})
	}
	wg.Wait()
	for _, id := range ids {
		must(t, s.Verify(t.Context(), id))
		if facts, err := s.Facts(t.Context(), id, 0); err != nil || len(facts) != each {
			t.Errorf("%s: %d facts, %v", id, len(facts), err)
		}
	}
}
