package store

import (
	"testing"

	"betang/classroom/journal"
)

// TestSetAside: a journal that is set aside is read as it was written and chained, the event begins anew, and neither of the
// two can be touched otherwise.
func TestSetAside(t *testing.T) {
	s := open(t, t.TempDir())
	ctx := t.Context()
	must(t, s.SaveEvent(ctx, demoEvent(demo)))
	must(t, s.Append(ctx, demo, asked(1, 3)))
	was, err := s.Entries(ctx, demo)
	must(t, err)
	n, err := s.SetAside(ctx, demo)
	must(t, err)
	if n != 3 {
		t.Errorf("%d facts were set aside", n)
	}
	must(t, s.Append(ctx, demo, asked(1, 2))) // those of the other nodes
	must(t, s.Verify(ctx, demo))
	if n, err = s.SetAside(ctx, demo); err != nil || n != 2 {
		t.Errorf("the second time: %d facts, %v", n, err)
	}
	must(t, s.Append(ctx, demo, asked(1, 1)))
	piles, err := s.Aside(ctx, demo)
	must(t, err)
	if len(piles) != 2 || len(piles[0]) != 3 || len(piles[1]) != 2 {
		t.Fatalf("aside lie %v", piles)
	}
	for i, e := range piles[0] {
		if e.Seq != was[i].Seq || e.Hash != was[i].Hash || e.Prev != was[i].Prev || string(e.Body) != string(was[i].Body) {
			t.Errorf("fact %d is not as it was", i+1)
		}
	}
	for _, pile := range piles {
		chain := journal.NewChain(string(demo))
		for _, e := range pile {
			if err := chain.Check(e); err != nil {
				t.Error(err)
			}
		}
	}
	for _, sql := range []string{"DELETE FROM aside", "UPDATE aside SET body = x'00'", "UPDATE journal SET body = x'00'"} {
		if _, err := s.w.conn.ExecContext(ctx, sql); err == nil {
			t.Errorf("%s was let through", sql)
		}
	}
	must(t, s.Append(ctx, demo, asked(2, 3))) // up to one more than lie aside
	if _, err := s.w.conn.ExecContext(ctx, "DELETE FROM journal WHERE seq = 4"); err == nil {
		t.Error("a fact that does not lie aside was taken out of the journal")
	}
}
