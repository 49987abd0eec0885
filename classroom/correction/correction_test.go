package correction

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const why = "Listrik padam di kantor"

var live = []Span{{1000, 5000}, {6000, 9000}}

func contest(t *testing.T, d *Desk, person string, from, to int64) string {
	t.Helper()
	s := Span{from, to}
	if err := d.PlanContest(person, s, why, live); err != nil {
		t.Fatal(err)
	}
	id := d.Next()
	if err := d.Contest(Request{ID: id, Person: person, Span: s, Reason: why, At: to}); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestContestRefuses(t *testing.T) {
	d := New()
	contest(t, d, "sri", 1000, 2000)
	for name, c := range map[string]struct {
		person string
		span   Span
		reason string
		want   Refusal
	}{
		"no reason":        {"budi", Span{1000, 2000}, "sakit", ErrReason},
		"only spaces":      {"budi", Span{1000, 2000}, strings.Repeat(" ", 40), ErrReason},
		"a book":           {"budi", Span{1000, 2000}, strings.Repeat("a", MaxReason+1), ErrReason},
		"control":          {"budi", Span{1000, 2000}, why + "\x00", ErrReason},
		"backwards":        {"budi", Span{2000, 1000}, why, ErrSpan},
		"before the event": {"budi", Span{0, 2000}, why, ErrSpan},
		"after the event":  {"budi", Span{8000, 9001}, why, ErrSpan},
		"in a pause":       {"budi", Span{5000, 6000}, why, ErrSpan},
		"the same time":    {"sri", Span{1500, 2500}, why, ErrOverlap},
	} {
		if err := d.PlanContest(c.person, c.span, c.reason, live); err != c.want { //nolint:errorlint // bare
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if err := d.PlanContest("budi", Span{1000, 2000}, why, nil); err != ErrSpan { //nolint:errorlint // bare
		t.Errorf("an event that was never live: %v", err)
	}
	contest(t, d, "sri", 2000, 3000)
	contest(t, d, "sri", 3000, 4000)
	if err := d.PlanContest("sri", Span{4000, 5000}, why, live); err != ErrOpen { //nolint:errorlint // bare
		t.Errorf("a fourth: %v", err)
	}
	contest(t, d, "budi", 4000, 5000)
}

func TestDecide(t *testing.T) {
	d := New()
	id := contest(t, d, "sri", 1000, 2000)
	grant := Decision{Granted: true, Span: Span{1000, 1500}, Reason: "Sesuai surat PLN", Who: "Kepala Bidang", At: 10_000}
	for name, c := range map[string]struct {
		change func(*Decision)
		id     string
		want   Refusal
	}{
		"unknown":             {func(*Decision) {}, "k9", ErrUnknown},
		"no reason":           {func(x *Decision) { x.Reason = "ya" }, id, ErrReason},
		"nobody":              {func(x *Decision) { x.Who = " " }, id, ErrWho},
		"nothing granted":     {func(x *Decision) { x.Span = Span{} }, id, ErrSpan},
		"outside":             {func(x *Decision) { x.Span = Span{1000, 9500} }, id, ErrSpan},
		"refused with a span": {func(x *Decision) { x.Granted = false }, id, ErrSpan},
	} {
		x := grant
		c.change(&x)
		if err := d.PlanDecide(c.id, x, live); err != c.want { //nolint:errorlint // bare
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	must := func(x Decision) {
		t.Helper()
		if err := d.PlanDecide(id, x, live); err != nil {
			t.Fatal(err)
		}
		if err := d.Decide(id, x); err != nil {
			t.Fatal(err)
		}
	}
	must(grant)
	if err := d.PlanDecide(id, grant, live); err != ErrSame { //nolint:errorlint // bare
		t.Errorf("twice the same: %v", err)
	}
	must(Decision{Reason: "Surat dari hari lain", Who: "Kepala Bidang", At: 11_000})
	q, _ := d.Request(id)
	if q.Last().Granted || len(q.Decisions) != 2 || q.Open() {
		t.Errorf("the last decision counts: %+v", q)
	}
}

// TestDesk: whatever is asked and decided, in any order: a plan that is accepted folds; what is refused changes nothing;
// each person's requests are theirs, in order; no two that wait overlap; what is granted is what was decided last.
func TestDesk(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := New()
		last := map[string]Decision{}
		span := rapid.Custom(func(t *rapid.T) Span {
			from := rapid.Int64Range(0, 9500).Draw(t, "from")
			return Span{from, from + rapid.Int64Range(-10, 4000).Draw(t, "length")}
		})
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			before := d.All()
			if rapid.IntRange(0, 3).Draw(t, "made") == 0 {
				id, x := d.Next(), Decision{Granted: rapid.Bool().Draw(t, "grant"), Span: span.Draw(t, "span"), Reason: why, Who: "Kepala Bidang"}
				x.Void = !x.Granted
				person := rapid.SampledFrom([]string{"a", "b", ""}).Draw(t, "person")
				if d.PlanMake(person, x, live) == nil {
					if err := d.Make(id, person, x); err != nil {
						t.Fatal("accepted, but does not fold:", err)
					}
					last[id] = x
					continue
				}
			} else if rapid.Bool().Draw(t, "contest") {
				r := Request{ID: d.Next(), Person: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "person"), Span: span.Draw(t, "span"), Reason: why}
				if d.PlanContest(r.Person, r.Span, r.Reason, live) == nil {
					if err := d.Contest(r); err != nil {
						t.Fatal("accepted, but does not fold:", err)
					}
					continue
				}
			} else {
				x := Decision{Granted: rapid.Bool().Draw(t, "grant"), Reason: why, Who: "Kepala Bidang"}
				if x.Granted {
					x.Span = span.Draw(t, "granted")
				}
				id := rapid.SampledFrom([]string{"k1", "k2", "k3", "k4", "k5"}).Draw(t, "id")
				if d.PlanDecide(id, x, live) == nil {
					if err := d.Decide(id, x); err != nil {
						t.Fatal("accepted, but does not fold:", err)
					}
					last[id] = x
					continue
				}
			}
			if !reflect.DeepEqual(d.All(), before) {
				t.Fatal("what was refused changed something")
			}
		}
		if n := len(d.Of("a")) + len(d.Of("b")); n != len(d.All()) {
			t.Fatalf("%d of two persons, %d in all", n, len(d.All()))
		}
		for _, person := range []string{"a", "b"} {
			waiting := []Span{}
			for _, q := range d.Of(person) {
				if q.Person != person {
					t.Fatalf("%s has %+v", person, q)
				}
				if got := q.Last(); got != last[q.ID] {
					t.Fatalf("%s: granted %v, decided %+v", q.ID, got, last[q.ID])
				}
				if !touches(q.Span, live) {
					t.Fatalf("%+v lies outside", q)
				}
				if q.Open() {
					for _, w := range waiting {
						if w.From < q.Span.To && q.Span.From < w.To {
							t.Fatalf("%v and %v both wait", w, q.Span)
						}
					}
					waiting = append(waiting, q.Span)
				}
			}
			if len(waiting) > MaxOpen {
				t.Fatalf("%d wait", len(waiting))
			}
		}
	})
}
