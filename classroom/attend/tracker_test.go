package attend

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// keep plays the store: spans by person, session, class and From, later ones in place of earlier ones.
type keep struct {
	fail func(string, ...any)
	rows map[string]Span
}

func newKeep(fail func(string, ...any)) *keep { return &keep{fail, map[string]Span{}} }

func (k *keep) save(spans []Span) {
	for _, s := range spans {
		name := fmt.Sprint(s.Person, "|", s.Session, "|", s.Class, "|", s.From)
		if old, ok := k.rows[name]; ok && (!old.Open || s.To < old.To) {
			k.fail("span %+v in place of %+v", s, old)
		}
		if s.From >= s.To {
			k.fail("span %+v has no length", s)
		}
		k.rows[name] = s
	}
}

// of gives the intervals of one device and class, and fails if two overlap.
func (k *keep) of(session string, class Class) []Interval {
	var out []Interval
	for _, s := range k.rows {
		if s.Session == session && s.Class == class {
			out = append(out, Interval{s.From, s.To})
		}
	}
	slices.SortFunc(out, func(a, b Interval) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	for i := 1; i < len(out); i++ {
		if out[i].From < out[i-1].To {
			k.fail("spans of %s overlap: %v", session, out)
		}
	}
	return out
}

// watcher observes person p, and finds the track of each session and class by name.
type watcher struct {
	*Tracker
	named []*Track
}

func newWatcher() *watcher { return &watcher{Tracker: NewTracker()} }

// observation is of the person p.
type observation struct {
	session  string
	class    Class
	from, to int64
}

func ob(session string, class Class, from, to int64) observation {
	return observation{session, class, from, to}
}

func (w *watcher) Step(dst []Span, now int64, o observation) []Span {
	i := slices.IndexFunc(w.named, func(tr *Track) bool { return tr.Session == o.session && tr.Class == o.class })
	if i < 0 {
		i = len(w.named)
		w.named = append(w.named, &Track{Person: "p", Session: o.session, Class: o.class})
	}
	return w.Tracker.Step(dst, now, w.named[i], o.from, o.to)
}

func wantSpans(t *testing.T, got []Span, want ...Span) {
	t.Helper()
	for i := range want {
		want[i].Person = "p"
	}
	if !slices.Equal(got, want) {
		t.Fatalf("got  %+v\nwant %+v", got, want)
	}
}

func TestTrackerLife(t *testing.T) {
	tr := newWatcher()
	wantSpans(t, tr.Step(nil, 1000, ob("a", Socket, 0, 1000)))
	wantSpans(t, tr.Step(nil, 2000, ob("a", Socket, 1000, 2000)))
	wantSpans(t, tr.Flush(nil), Span{Session: "a", Class: Socket, From: 0, To: 2000, Open: true})
	wantSpans(t, tr.Flush(nil))
	wantSpans(t, tr.Step(nil, 3999, ob("a", Socket, 2999, 3999))) // a late tick is no gap
	wantSpans(t, tr.Flush(nil), Span{Session: "a", Class: Socket, From: 0, To: 3999, Open: true})
	wantSpans(t, tr.Tick(nil, 13_998))
	wantSpans(t, tr.Tick(nil, 13_999), Span{Session: "a", Class: Socket, From: 0, To: 3999}) // at its last evidence
	wantSpans(t, tr.Flush(nil))
	wantSpans(t, tr.Close(nil))

	wantSpans(t, tr.Step(nil, 20_000, ob("a", Socket, 19_000, 20_000)))
	wantSpans(t, tr.Step(nil, 25_000, ob("a", Socket, 24_000, 25_000)), // the gap is not filled here
		Span{Session: "a", Class: Socket, From: 19_000, To: 20_000})
	wantSpans(t, tr.Step(nil, 26_000, ob("a", Socket, 19_500, 24_500)), // until it turns out to be none
		Span{Session: "a", Class: Socket, From: 20_000, To: 24_000})
	wantSpans(t, tr.Close(nil), Span{Session: "a", Class: Socket, From: 24_000, To: 25_000})

	tr.Step(nil, 30_000, ob("a", Delivered, 29_000, 30_000))
	wantSpans(t, tr.Step(nil, 32_000, ob("a", Delivered, 31_000, 32_000)), // a whole second is a gap
		Span{Session: "a", Class: Delivered, From: 29_000, To: 30_000})

	tr.Tick(nil, 31_999+Reach+Join)
	if len(tr.tracks) != 1 {
		t.Fatal("the tracker forgets what evidence can still reach")
	}
	tr.Tick(nil, 200_000)
	if len(tr.tracks) != 0 || !tr.named[0].Idle() || !tr.named[1].Idle() {
		t.Fatal("the tracker does not forget")
	}
}

func TestTrackerKeepsDevicesAndClassesApart(t *testing.T) {
	tr := newWatcher()
	for _, o := range []observation{
		ob("a", Socket, 0, 1000), ob("a", Delivered, 200, 900), ob("b", Delivered, 300, 800),
		ob("a", Socket|Decoded, 0, 1000), ob("a", 0, 0, 1000), ob("a", 64, 0, 1000), // no one class: no evidence
		ob("a", Decoded, 700, 600), ob("a", Decoded, 700, 700),
	} {
		wantSpans(t, tr.Step(nil, 1000, o))
	}
	wantSpans(t, tr.Close(nil),
		Span{Session: "a", Class: Socket, From: 0, To: 1000},
		Span{Session: "a", Class: Delivered, From: 200, To: 900},
		Span{Session: "b", Class: Delivered, From: 300, To: 800})
}

func TestTrackerCutsTheFutureAndTheDistantPast(t *testing.T) {
	tr := newWatcher()
	now := int64(1_000_000)
	tr.Step(nil, now, ob("a", Decoded, 0, now+50_000))
	wantSpans(t, tr.Close(nil), Span{Session: "a", Class: Decoded, From: now - Reach, To: now})
	wantSpans(t, tr.Step(nil, now, ob("b", Decoded, now+1, now+2)))
	wantSpans(t, tr.Step(nil, now, ob("b", Decoded, 0, now-Reach-1)))
	wantSpans(t, tr.Close(nil))
}

func TestTrackerClockSetBack(t *testing.T) {
	tr := newWatcher()
	now := int64(10_000_000)
	tr.Step(nil, now, ob("a", Socket, now-1000, now))
	now -= 5000 // a small step: nothing is lost, nothing counts twice
	wantSpans(t, tr.Step(nil, now, ob("a", Socket, now-1000, now)), Span{Session: "a", Class: Socket, From: now - 1000, To: now})
	now += 6000
	wantSpans(t, tr.Step(nil, now, ob("a", Socket, now-1000, now)))
	now -= 3_600_000 // an hour: counting starts anew
	wantSpans(t, tr.Step(nil, now, ob("a", Socket, now-1000, now)),
		Span{Session: "a", Class: Socket, From: 9_999_000, To: 10_001_000})
	now += 1000
	wantSpans(t, tr.Step(nil, now, ob("a", Socket, now-1000, now)))
	wantSpans(t, tr.Flush(nil), Span{Session: "a", Class: Socket, From: now - 2000, To: now, Open: true})
}

// closure is the naive model: the union of the evidence with the holes shorter than Join closed.
func closure(obs []Interval) []Interval {
	x := slices.Clone(obs)
	slices.SortFunc(x, func(a, b Interval) int { return cmp.Compare(a.From, b.From) })
	var out []Interval
	for _, v := range x {
		if n := len(out); n > 0 && v.From-out[n-1].To < Join {
			out[n-1].To = max(out[n-1].To, v.To)
			continue
		}
		out = append(out, v)
	}
	return out
}

// joined is the union of rows that are disjoint but may touch.
func joined(rows []Interval) []Interval {
	var out []Interval
	for _, v := range rows {
		if n := len(out); n > 0 && v.From == out[n-1].To {
			out[n-1].To = v.To
			continue
		}
		out = append(out, v)
	}
	return out
}

// TestTrackerEqualsTheModel feeds observations in any order, on two devices and in all classes, with ticks and
// flushes between, and compares with the model: to the millisecond, and second by second.
func TestTrackerEqualsTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		grain := rapid.SampledFrom([]int64{1, 100, 500, 1000}).Draw(t, "grain")
		tr, store := newWatcher(), newKeep(t.Fatalf)
		type key struct {
			session string
			class   Class
		}
		seen := map[key][]Interval{}
		now := int64(Reach / 2)
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			if rapid.IntRange(0, 3).Draw(t, "clock") == 0 {
				now = min(Reach, now+rapid.Int64Range(0, 15_000/grain).Draw(t, "pass")*grain)
			}
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0:
				store.save(tr.Tick(nil, now))
			case 1:
				store.save(tr.Flush(nil))
			case 2: // a flush that the store lost
				tr.Flush(nil)
				tr.Again()
			case 3: // what stands open is what a flush of all gives
				var open []Span
				for _, one := range tr.tracks {
					if s, ok := one.Open(); ok {
						open = append(open, s)
					}
				}
				tr.Again()
				if flushed := tr.Flush(nil); !slices.Equal(flushed, open) {
					t.Fatalf("open are %v, flushed %v", open, flushed)
				}
				store.save(open)
			default:
				k := key{
					rapid.SampledFrom([]string{"a", "b"}).Draw(t, "session"),
					rapid.SampledFrom([]Class{Socket, Delivered, Decoded}).Draw(t, "class"),
				}
				from := rapid.Int64Range(0, now/grain).Draw(t, "from") * grain
				to := min(now, from+rapid.Int64Range(0, 15_000/grain).Draw(t, "length")*grain)
				if from < to {
					seen[k] = append(seen[k], Interval{from, to})
				}
				store.save(tr.Step(nil, now, ob(k.session, k.class, from, to)))
			}
		}
		store.save(tr.Close(nil))
		for _, s := range store.rows {
			if s.Open {
				t.Fatalf("open after Close: %+v", s)
			}
		}
		for k, obs := range seen {
			got, want := joined(store.of(k.session, k.class)), closure(obs)
			if !slices.Equal(got, want) {
				t.Fatalf("%v\nobs  %v\ngot  %v\nwant %v", k, obs, got, want)
			}
			if grain < 1000 {
				continue
			}
			for sec := range int64(Reach / 1000) {
				in := func(i Interval) bool { return i.From <= sec*1000 && (sec+1)*1000 <= i.To }
				if slices.ContainsFunc(got, in) != slices.ContainsFunc(obs, in) {
					t.Fatalf("%v: second %d\nobs %v\ngot %v", k, sec, obs, got)
				}
			}
		}
		if n := len(store.rows); n > 0 && len(seen) == 0 {
			t.Fatalf("%d spans from nothing", n)
		}
	})
}

// FuzzTracker reads bytes as observations, ticks, flushes and clock steps, also backwards, and checks that the spans
// given out are sane: never of two classes, never longer than the time that passed, ordered and disjoint as long as
// the clock makes no great step back.
func FuzzTracker(f *testing.F) {
	f.Add([]byte{6, 0, 10, 0, 10, 2, 3, 232, 6, 0, 10, 0, 10, 1, 0})
	f.Add([]byte{8, 0, 90, 0, 5, 8, 0, 3, 0, 5, 12, 1, 0, 7, 0, 90, 0, 5, 1, 2, 64, 0, 0})
	f.Add([]byte{7, 255, 255, 255, 255, 4, 0, 1, 0, 0, 2, 128, 0, 1, 7, 0, 10, 0, 10, 3, 1, 0, 7, 0, 10, 0, 10})
	f.Fuzz(func(t *testing.T, data []byte) {
		tr, store := newWatcher(), newKeep(t.Fatalf)
		start := int64(1_800_000_000_000)
		now, most := start, start
		read16 := func() int64 {
			var b [2]byte
			data = data[copy(b[:], data):]
			return int64(binary.BigEndian.Uint16(b[:]))
		}
		for len(data) > 0 {
			op := data[0]
			data = data[1:]
			switch op {
			case 0:
				store.save(tr.Tick(nil, now))
			case 1:
				store.save(tr.Flush(nil))
			case 2:
				now += read16()
			case 3: // back, but less than Reach from the latest
				now = max(start, most-Reach+1, now-read16())
			default:
				from := now - 2*read16()
				to := from + read16()
				session := []string{"a", "b"}[op&1]
				store.save(tr.Step(nil, now, ob(session, Class(op-4)>>1, from, to)))
			}
			most = max(most, now)
		}
		store.save(tr.Close(nil))
		for _, s := range store.rows {
			if s.From < start-Reach || s.To > most {
				t.Fatalf("span %+v outside %d..%d", s, start-Reach, most)
			}
		}
		for _, session := range []string{"a", "b"} {
			for class := Class(1); class < 128; class++ {
				rows := store.of(session, class)
				if len(rows) > 0 && class != Socket && class != Delivered && class != Decoded {
					t.Fatalf("spans of class %d", class)
				}
				if total(rows) > most-start+Reach {
					t.Fatalf("%d ms in %d", total(rows), most-start+Reach)
				}
			}
		}
	})
}

// BenchmarkTrackerSecond is what one second of 10,000 people costs: three observations each, a tick, and half a flush.
func BenchmarkTrackerSecond(b *testing.B) {
	const people = 10_000
	var tracks []*Track
	for i := range people {
		for _, c := range []Class{Socket, Delivered, Decoded} {
			name := fmt.Sprintf("person-%05d", i)
			tracks = append(tracks, &Track{Person: name, Session: name, Class: c})
		}
	}
	tr := NewTracker()
	var dst []Span
	now := int64(1_800_000_000_000)
	b.ReportAllocs()
	for b.Loop() {
		for _, one := range tracks {
			dst = tr.Step(dst[:0], now, one, now-1000, now)
		}
		dst = tr.Tick(dst[:0], now)
		if now += 1000; now%2000 == 0 {
			dst = tr.Flush(dst[:0])
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/people, "ns/person")
}
