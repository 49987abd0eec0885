package summary

import (
	"slices"
	"testing"

	"betang/classroom"
	"betang/classroom/attend"

	"pgregory.net/rapid"
)

func TestPresence(t *testing.T) {
	sheet := classroom.Sheet{
		Live: attend.Window{{From: 1000, To: 31_000}, {From: 61_000, To: 91_000}},
		Rows: []classroom.Row{
			{Person: classroom.Person{Region: "62.02"}, Result: attend.Result{Meets: true, Intervals: []attend.Interval{{From: 1000, To: 31_000}, {From: 61_000, To: 91_000}}}},
			{Person: classroom.Person{Region: "62.02"}, Result: attend.Result{Intervals: []attend.Interval{{From: 1000, To: 11_000}}}},
			{Person: classroom.Person{Region: "62.71"}, Result: attend.Result{Intervals: []attend.Interval{{From: 11_000, To: 21_000}}}},
			{Person: classroom.Person{Region: "62.01"}}, // never there
		},
	}
	s := Of(sheet, classroom.NewRoom(classroom.Event{}), 0)
	if s.People != 3 || s.Meets != 1 || s.Peak != 2 || s.PeakAt != 1000 || s.Mean != 1 || s.Live != 60_000 {
		t.Errorf("%+v", s)
	}
	if want := []Region{{"62.02", 2, 1}, {"62.71", 1, 0}}; !slices.Equal(s.Regions, want) {
		t.Errorf("regions %+v, want %+v", s.Regions, want)
	}
	if c := s.Curve; c[0] != 2 || c[19] != 1 || c[30] != 0 || c[59] != 1 {
		t.Errorf("curve %v", c)
	}
}

// TestSummaryProperties holds the sweep against counting heads at every moment.
func TestSummaryProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sheet := classroom.Sheet{Live: attend.Window{{From: 0, To: 600}}}
		for range rapid.IntRange(0, 12).Draw(t, "people") {
			var in []attend.Interval
			at := int64(0)
			for range rapid.IntRange(0, 3).Draw(t, "stretches") {
				from := at + rapid.Int64Range(1, 100).Draw(t, "gap")
				at = from + rapid.Int64Range(1, 99).Draw(t, "length")
				in = append(in, attend.Interval{From: from, To: at})
			}
			sheet.Rows = append(sheet.Rows, classroom.Row{Result: attend.Result{Intervals: in}})
		}
		s := Of(sheet, classroom.NewRoom(classroom.Event{}), 0)
		peak, sum := 0, 0
		curve := make([]int, Points)
		for ms := range int64(600) {
			n := 0
			for _, r := range sheet.Rows {
				if slices.ContainsFunc(r.Result.Intervals, func(x attend.Interval) bool { return x.From <= ms && ms < x.To }) {
					n++
				}
			}
			peak, sum = max(peak, n), sum+n
			curve[ms/10] = max(curve[ms/10], n)
		}
		if s.Peak != peak || s.Mean != (2*sum+600)/1200 || !slices.Equal(s.Curve, curve) {
			t.Fatalf("%+v, want peak %d, sum %d, curve %v", s, peak, sum, curve)
		}
	})
}
