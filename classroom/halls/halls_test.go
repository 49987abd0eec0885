package halls

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"betang/classroom/attend"
)

const second = 1000

func id(n int) string { return fmt.Sprintf("entry-%04d", n) }

func opened(t testing.TB, n int) *Board {
	t.Helper()
	b := New()
	for i := range n {
		h, known, err := b.PlanOpen(id(9000+i), fmt.Sprintf("Aula %d", i), "")
		if err != nil || known {
			t.Fatal(h, known, err)
		}
		if err := b.Open(h); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func mark(n int, person string, out bool, level Level, at int64) Mark {
	return Mark{ID: id(n), Hall: "h1", Person: person, Out: out, Level: level, At: at * second}
}

func TestStays(t *testing.T) {
	for _, c := range []struct {
		name  string
		rule  NoOut
		marks []Mark
		want  []Stay
	}{
		{
			"in and out", "",
			[]Mark{mark(1, "a", false, Scanned, 10), mark(2, "a", true, Scanned, 90)},
			[]Stay{{From: 10, To: 90, Level: Scanned}},
		},
		{
			"the weaker end tells the level", "",
			[]Mark{mark(1, "a", false, Scanned, 10), mark(2, "a", true, Marked, 90)},
			[]Stay{{From: 10, To: 90, Level: Marked}},
		},
		{
			"no way out: nothing is proven after the way in", "",
			[]Mark{mark(1, "a", false, Scanned, 10)},
			[]Stay{{From: 10, To: 10, Level: Scanned, NoOut: true}},
		},
		{
			"no way out, a second scan: to that one", "",
			[]Mark{mark(1, "a", false, Scanned, 10), mark(2, "a", false, Scanned, 70)},
			[]Stay{{From: 10, To: 70, Level: Scanned, NoOut: true}},
		},
		{
			"no way out, by the other rule: to the close", ToClose,
			[]Mark{mark(1, "a", false, Scanned, 10)},
			[]Stay{{From: 10, To: 100, Level: Scanned, NoOut: true}},
		},
		{"no way in", "", []Mark{mark(1, "a", true, Scanned, 10)}, []Stay{{From: 10, To: 10, Level: Scanned, NoIn: true}}},
		{"went and came back", "", []Mark{
			mark(1, "a", false, Scanned, 10), mark(2, "a", true, Scanned, 30), mark(3, "a", false, Marked, 50), mark(4, "a", true, Scanned, 80),
		}, []Stay{{From: 10, To: 30, Level: Scanned}, {From: 50, To: 80, Level: Marked}}},
		{"a struck mark never was", "", []Mark{
			mark(1, "a", false, Scanned, 10),
			{ID: id(2), Hall: "h1", Person: "a", Out: true, Level: Marked, At: 30 * second, Struck: true},
			mark(3, "a", true, Scanned, 80),
		}, []Stay{{From: 10, To: 80, Level: Scanned}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := opened(t, 1)
			for _, m := range slices.Backward(c.marks) { // the order of arrival is nothing
				if known, err := b.PlanMark(m, 200*second, 0); m.Level != Scanned && (known || err != nil) {
					t.Fatal(known, err)
				}
				if err := b.Put(m); err != nil {
					t.Fatal(err)
				}
				if m.Struck {
					if err := b.Strike(m.ID); err != nil {
						t.Fatal(err)
					}
				}
			}
			for i := range c.want {
				c.want[i].Hall, c.want[i].Person = "h1", "a"
				c.want[i].From *= second
				c.want[i].To *= second
			}
			if err := b.Close("h1", 100*second); err != nil {
				t.Fatal(err)
			}
			if got := b.Stays(c.rule, 500*second); !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
			if got := b.StaysOf("a", c.rule, 500*second); !reflect.DeepEqual(got, c.want) {
				t.Errorf("of one person: %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	b := opened(t, 2)
	if err := b.Put(mark(1, "a", false, Scanned, 10)); err != nil {
		t.Fatal(err)
	}
	if err := b.Close("h2", 50*second); err != nil {
		t.Fatal(err)
	}
	in := func(f func(*Mark)) Mark { m := mark(7, "b", false, Marked, 20); f(&m); return m }
	for name, c := range map[string]struct {
		m    Mark
		want error
	}{
		"good":            {in(func(*Mark) {}), nil},
		"future":          {in(func(m *Mark) { m.At = 101 * second }), ErrTime},
		"before opening":  {in(func(m *Mark) { m.At = -1 }), ErrTime},
		"nobody":          {in(func(m *Mark) { m.Person = "" }), ErrPerson},
		"no such hall":    {in(func(m *Mark) { m.Hall = "h3" }), ErrUnknown},
		"short id":        {in(func(m *Mark) { m.ID = "x" }), ErrEntry},
		"level A":         {in(func(m *Mark) { m.Level = "A" }), ErrLevel},
		"out, never in":   {in(func(m *Mark) { m.Level, m.Out = Scanned, true }), ErrNotIn},
		"PIC: out first":  {in(func(m *Mark) { m.Out = true }), nil},
		"closed, scanned": {in(func(m *Mark) { m.Hall, m.Level = "h2", Scanned }), ErrClosed},
		"closed, late":    {in(func(m *Mark) { m.Hall = "h2" }), nil},
	} {
		if known, err := b.PlanMark(c.m, 100*second, 0); known || !errors.Is(err, c.want) {
			t.Errorf("%s: %v %v, want %v", name, known, err, c.want)
		}
	}
	if known, err := b.PlanMark(Mark{ID: id(1)}, 100*second, 1); !known || err != nil {
		t.Errorf("the same mark again: %v %v", known, err) // even after the deadline: the phone lost the answer
	}
	if _, err := b.PlanMark(mark(7, "b", false, Paper, 20), 100*second, 99*second); !errors.Is(err, ErrLate) {
		t.Errorf("after the deadline: %v", err)
	}
	for n := 10; n < 10+MaxMarks; n++ {
		_ = b.Put(mark(n, "c", false, Marked, 20))
	}
	if _, err := b.PlanMark(mark(8, "c", false, Marked, 20), 100*second, 0); !errors.Is(err, ErrMarks) {
		t.Errorf("too many: %v", err)
	}
}

func TestDeadline(t *testing.T) {
	wib := time.FixedZone("WIB", 7*3600)
	for in, want := range map[string]string{
		"2026-11-30T04:30:00Z": "2026-12-01T05:00:00Z", // 11.30 WIB: 12.00 WIB of the next day
		"2026-11-30T17:30:00Z": "2026-12-02T05:00:00Z", // half past midnight in WIB is the day after
		"2026-12-31T16:59:59Z": "2027-01-01T05:00:00Z",
	} {
		at, err := time.Parse(time.RFC3339, in)
		if err != nil {
			t.Fatal(err)
		}
		if got := Deadline(at, wib).Format(time.RFC3339); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

// drawMarks gives marks of two people in two halls.
func drawMarks(t *rapid.T) []Mark {
	n := rapid.IntRange(0, 24).Draw(t, "marks")
	var all []Mark
	for i := range n {
		all = append(all, Mark{
			ID: id(i), Hall: rapid.SampledFrom([]string{"h1", "h2"}).Draw(t, "hall"),
			Person: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "person"),
			Out:    rapid.Bool().Draw(t, "out"), Level: rapid.SampledFrom([]Level{Scanned, Marked, Paper}).Draw(t, "level"),
			At: rapid.Int64Range(0, 60).Draw(t, "at"), Struck: rapid.IntRange(0, 5).Draw(t, "struck") == 0,
		})
	}
	return all
}

func fill(t rapid.TB, b *Board, marks []Mark) {
	for _, m := range marks {
		known, err := b.PlanMark(Mark{ID: m.ID, Hall: m.Hall, Person: m.Person, Level: Marked, At: m.At}, 60, 0)
		if err != nil {
			t.Fatal(err)
		}
		if !known {
			if err := b.Put(m); err != nil {
				t.Fatal(err)
			}
		}
		if m.Struck {
			if err := b.Strike(m.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// In whatever order and however often marks arrive, the stays are the same; they never overlap, never leave what the
// marks prove, and what they are worth never leaves the screen's evidence.
func TestStayProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		marks := drawMarks(rt)
		rule := rapid.SampledFrom([]NoOut{ToLastMark, ToClose}).Draw(rt, "rule")
		b := opened(t, 2)
		fill(rt, b, marks)
		stays := b.Stays(rule, 100)

		again := opened(t, 2)
		fill(rt, again, append(rapid.Permutation(marks).Draw(rt, "order"), rapid.Permutation(marks).Draw(rt, "twice")...))
		if got := again.Stays(rule, 100); !reflect.DeepEqual(got, stays) {
			rt.Fatalf("another order: %+v, first %+v", got, stays)
		}

		var media []attend.Span
		for i := range rapid.IntRange(0, 4).Draw(rt, "spans") {
			from := rapid.Int64Range(0, 80).Draw(rt, "from")
			media = append(media, attend.Span{
				Session: fmt.Sprint(i), Class: rapid.SampledFrom([]attend.Class{attend.Socket, attend.Delivered, attend.Decoded}).Draw(rt, "class"),
				From: from, To: from + rapid.Int64Range(0, 40).Draw(rt, "long"),
			})
		}
		received := func(at int64) bool { // in [at, at+1)
			return slices.ContainsFunc(media, func(s attend.Span) bool {
				return s.Class != attend.Socket && s.From <= at && at < s.To
			})
		}
		spans := Spans(stays, map[string][]attend.Span{"h1": media})
		for at := range int64(120) {
			for _, p := range []string{"a", "b"} {
				there := 0
				for _, s := range stays {
					if s.Hall == "h1" && s.Person == p && s.From <= at && at < s.To {
						there++
					}
				}
				credited := 0
				for _, s := range spans {
					if s.Person == p && s.From <= at && at < s.To {
						credited++
					}
				}
				if there > 1 {
					rt.Fatalf("%s is %d times in one hall at %d: %+v", p, there, at, stays)
				}
				if (credited == 1) != (there == 1 && received(at)) || credited > 1 {
					rt.Fatalf("%s at %d: in the hall %d, media %v, credited %d", p, at, there, received(at), credited)
				}
			}
		}
		for _, s := range stays {
			bounded := func(at int64) bool {
				return slices.ContainsFunc(marks, func(m Mark) bool {
					return m.At == at && m.Person == s.Person && m.Hall == s.Hall && !m.Struck
				})
			}
			byClose := s.NoOut && rule == ToClose && s.To == 100
			if s.From > s.To || !bounded(s.From) || !bounded(s.To) && !byClose {
				rt.Fatalf("nothing bounds %+v", s)
			}
		}
	})
}
