package store

import (
	"fmt"
	"testing"
	"time"

	"betang/classroom"
	"betang/classroom/roster"
)

// TestRosterOf100000: a province's roster in one go, and once more without a change.
func TestRosterOf100000(t *testing.T) {
	n := 100_000
	if testing.Short() {
		n = 5_000
	}
	s, err := Open(t.Context(), t.TempDir())
	must(t, err)
	defer s.Close()
	must(t, s.SaveEvent(t.Context(), demoEvent(demo)))
	var r roster.Report
	born := time.Date(1965, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		r.Entries = append(r.Entries, roster.Entry{Row: i + 2, Person: classroom.Person{
			NIP: fmt.Sprintf("%s2015031%03d", born.AddDate(0, 0, i%12000).Format("20060102"), i/12000+1), Name: fmt.Sprint("Pegawai ", i), Unit: fmt.Sprint("Dinas ", i%300), Verified: true,
		}})
	}
	last := 0
	newID := func(string) classroom.PersonID { last++; return classroom.PersonID(fmt.Sprint("p", last)) }
	for round, want := range []int{n, 0} {
		began := time.Now()
		plan, err := roster.NewPlan(t.Context(), r, s, newID, nil)
		must(t, err)
		planned := time.Since(began)
		if plan.New != want || plan.Same != n-want || len(plan.Problems) != 0 {
			t.Fatalf("round %d: %d new, %d same, %d problems", round, plan.New, plan.Same, len(plan.Problems))
		}
		steps, end := 0, 0
		must(t, plan.Save(t.Context(), s, demo, func(done, total int) {
			steps++
			if end = total - done; end < 0 {
				t.Fatalf("step %d of %d", done, total)
			}
		}))
		if steps < n/500 || end != 0 {
			t.Errorf("%d steps, %d left", steps, end)
		}
		t.Logf("round %d: %d people compared in %v, saved in %v", round, n, planned.Round(time.Millisecond), (time.Since(began) - planned).Round(time.Millisecond))
	}
	units, err := s.RosterUnits(t.Context(), demo)
	must(t, err)
	people, err := s.Roster(t.Context(), demo, "Dinas 7", false)
	must(t, err)
	if len(units) != 300 || len(people) != n/300+1 {
		t.Errorf("%d units, %d people in one", len(units), len(people))
	}
}
