package attend

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// at reads a time of day in WIB on the day of the tests, as Unix ms.
func at(t testing.TB, clock string) int64 {
	t.Helper()
	wib := time.FixedZone("WIB", 7*3600)
	x, err := time.ParseInLocation("2006-01-02 15:04:05.000", "2026-11-24 "+clock, wib)
	if err != nil {
		t.Fatal(err)
	}
	return x.UnixMilli()
}

// policy1 is what DefaultPolicy was while there was only rule set 1.
func policy1() Policy {
	return Policy{Version: Rule1, MinutesPerJP: 45, ThresholdPercent: 70, BridgeSeconds: 10, Earns: Delivered | Decoded}
}

func TestCreditVectors(t *testing.T) {
	day := int64(24 * 3600 * 1000)
	type span struct {
		session  string
		class    Class
		from, to string
	}
	type vector struct {
		name    string
		policy  func(*Policy)
		live    [][2]string
		nextDay bool // the times before noon are of the day after
		spans   []span
		want    Result // First and Last are not looked at
		ivals   [][2]string
	}
	full := [][2]string{{"09:00:00.000", "11:00:00.000"}}
	vectors := []vector{
		{
			name: "44:59 live is no JP", live: [][2]string{{"09:00:00.000", "09:44:59.000"}},
			spans: []span{{"a", Delivered, "09:00:00.000", "09:44:59.000"}},
			want:  Result{Seconds: 2699, LiveSeconds: 2699, Percent: 100, Meets: true, JP: 0, DeliveredSecs: 2699},
			ivals: [][2]string{{"09:00:00.000", "09:44:59.000"}},
		},
		{
			name: "one millisecond short of 45:00 is no JP", live: [][2]string{{"09:00:00.000", "09:44:59.999"}},
			spans: []span{{"a", Delivered, "09:00:00.000", "09:44:59.999"}},
			want:  Result{Seconds: 2699, LiveSeconds: 2699, Percent: 100, Meets: true, JP: 0, DeliveredSecs: 2699},
			ivals: [][2]string{{"09:00:00.000", "09:44:59.999"}},
		},
		{
			name: "45:00 live is one JP", live: [][2]string{{"09:00:00.000", "09:45:00.000"}},
			spans: []span{{"a", Delivered, "09:00:00.000", "09:45:00.000"}},
			want:  Result{Seconds: 2700, LiveSeconds: 2700, Percent: 100, Meets: true, JP: 1, DeliveredSecs: 2700},
			ivals: [][2]string{{"09:00:00.000", "09:45:00.000"}},
		},
		{
			name: "two hours at 60 minutes a JP", live: full, policy: func(p *Policy) { p.MinutesPerJP = 60 },
			spans: []span{{"a", Decoded, "08:30:00.000", "11:30:00.000"}},
			want:  Result{Seconds: 7200, LiveSeconds: 7200, Percent: 100, Meets: true, JP: 2, DecodedSecs: 7200},
			ivals: full,
		},
		{
			name: "what the organiser granted rules", live: full, policy: func(p *Policy) { p.ApprovedJP = 5 },
			spans: []span{{"a", Decoded, "09:00:00.000", "11:00:00.000"}},
			want:  Result{Seconds: 7200, LiveSeconds: 7200, Percent: 100, Meets: true, JP: 5, DecodedSecs: 7200},
			ivals: full,
		},
		{
			name: "the threshold is met on its edge", live: full,
			spans: []span{{"a", Delivered, "09:36:00.000", "11:00:00.000"}}, // 84 of 120 minutes
			want:  Result{Seconds: 5040, LiveSeconds: 7200, Percent: 70, Meets: true, JP: 2, DeliveredSecs: 5040},
			ivals: [][2]string{{"09:36:00.000", "11:00:00.000"}},
		},
		{
			name: "one millisecond under the threshold is under it", live: full,
			spans: []span{{"a", Delivered, "09:36:00.001", "11:00:00.000"}},
			want:  Result{Seconds: 5039, LiveSeconds: 7200, Percent: 69, DeliveredSecs: 5039},
			ivals: [][2]string{{"09:36:00.001", "11:00:00.000"}},
		},
		{
			name: "two devices at once count once", live: full,
			spans: []span{
				{"phone", Delivered, "09:00:00.000", "10:00:00.000"},
				{"laptop", Delivered, "09:30:00.000", "10:30:00.000"},
				{"laptop", Decoded, "09:40:00.000", "10:20:00.000"},
				{"phone", Decoded, "10:10:00.000", "10:40:00.000"},
				{"phone", Socket, "08:55:00.000", "10:50:00.000"},
			},
			want: Result{
				Seconds: 6000, LiveSeconds: 7200, Percent: 83, Meets: true, JP: 2,
				SocketSeconds: 6600, DeliveredSecs: 5400, DecodedSecs: 3600,
			},
			ivals: [][2]string{{"09:00:00.000", "10:40:00.000"}},
		},
		{
			name: "an open socket alone earns nothing", live: full,
			spans: []span{{"a", Socket, "09:00:00.000", "11:00:00.000"}},
			want:  Result{LiveSeconds: 7200, SocketSeconds: 7200},
		},
		{
			name: "over midnight in WIB", live: [][2]string{{"23:30:00.000", "00:30:00.000"}}, nextDay: true,
			spans: []span{{"a", Delivered, "23:40:00.000", "00:20:00.000"}},
			want:  Result{Seconds: 2400, LiveSeconds: 3600, Percent: 66, DeliveredSecs: 2400},
			ivals: [][2]string{{"23:40:00.000", "00:20:00.000"}},
		},
		{
			name: "the gap of a reload is bridged, and told", live: full,
			spans: []span{
				{"a", Delivered, "09:00:00.000", "10:00:00.000"}, {"b", Delivered, "10:00:10.000", "11:00:00.000"},
			},
			want: Result{
				Seconds: 7200, Bridged: 10, LiveSeconds: 7200, Percent: 100, Meets: true, JP: 2, DeliveredSecs: 7190,
			},
			ivals: full,
		},
		{
			name: "a gap one millisecond longer is not", live: full,
			spans: []span{
				{"a", Delivered, "09:00:00.000", "10:00:00.000"}, {"b", Delivered, "10:00:10.001", "11:00:00.000"},
			},
			want: Result{
				Seconds: 7189, LiveSeconds: 7200, Percent: 99, Meets: true, JP: 2, DeliveredSecs: 7189,
			},
			ivals: [][2]string{{"09:00:00.000", "10:00:00.000"}, {"10:00:10.001", "11:00:00.000"}},
		},
		{
			name: "no bridging at all", live: full, policy: func(p *Policy) { p.BridgeSeconds = 0 },
			spans: []span{
				{"a", Delivered, "09:00:00.000", "10:00:00.000"}, {"b", Delivered, "10:00:00.500", "11:00:00.000"},
			},
			want:  Result{Seconds: 7199, LiveSeconds: 7200, Percent: 99, Meets: true, JP: 2, DeliveredSecs: 7199},
			ivals: [][2]string{{"09:00:00.000", "10:00:00.000"}, {"10:00:00.500", "11:00:00.000"}},
		},
		{
			name: "neither the way in, nor the way out, nor a pause is bridged",
			live: [][2]string{{"09:00:00.000", "10:00:00.000"}, {"10:00:06.000", "11:00:00.000"}},
			spans: []span{
				{"a", Delivered, "09:00:05.000", "09:59:58.000"}, {"a", Delivered, "10:00:03.000", "10:59:55.000"},
			},
			want: Result{
				Seconds: 7187 - 5, LiveSeconds: 7194, Percent: 99, Meets: true, JP: 2, DeliveredSecs: 7182,
			},
			ivals: [][2]string{{"09:00:05.000", "09:59:58.000"}, {"10:00:06.000", "10:59:55.000"}},
		},
		{
			name: "a crash closes at the last evidence", live: full,
			spans: []span{{"a", Delivered, "09:00:00.000", "09:20:00.400"}, {"a", Decoded, "09:00:00.000", "09:19:55.100"}},
			want: Result{
				Seconds: 1200, LiveSeconds: 7200, Percent: 16, DeliveredSecs: 1200, DecodedSecs: 1195,
			},
			ivals: [][2]string{{"09:00:00.000", "09:20:00.400"}},
		},
		{
			name: "halves of seconds are added before they are rounded", live: full,
			spans: []span{
				{"a", Delivered, "09:00:00.000", "09:00:00.500"}, {"a", Delivered, "09:10:00.000", "09:10:00.500"},
			},
			want:  Result{Seconds: 1, LiveSeconds: 7200, DeliveredSecs: 1},
			ivals: [][2]string{{"09:00:00.000", "09:00:00.500"}, {"09:10:00.000", "09:10:00.500"}},
		},
		{name: "no evidence", live: full, want: Result{LiveSeconds: 7200}},
		{
			name: "no evidence meets no threshold, not even nought", live: full,
			policy: func(p *Policy) { p.ThresholdPercent = 0 }, want: Result{LiveSeconds: 7200},
		},
		{
			name:  "before the event was ever live",
			spans: []span{{"a", Delivered, "09:00:00.000", "09:44:59.000"}},
		},
		{
			name: "only outside the live time", live: full,
			spans: []span{{"a", Delivered, "08:00:00.000", "09:00:00.000"}, {"a", Delivered, "11:00:00.000", "12:00:00.000"}},
			want:  Result{LiveSeconds: 7200},
		},
	}
	for _, v := range vectors {
		t.Run(v.name, func(t *testing.T) {
			clock := func(s string) int64 {
				x := at(t, s)
				if v.nextDay && s < "12" {
					x += day
				}
				return x
			}
			p := policy1()
			if v.policy != nil {
				v.policy(&p)
			}
			var w Window
			for _, l := range v.live {
				w = append(w, Interval{clock(l[0]), clock(l[1])})
			}
			var spans []Span
			for _, s := range v.spans {
				spans = append(spans, Span{
					Person: "p", Session: s.session, Class: s.class, From: clock(s.from), To: clock(s.to),
				})
			}
			want := v.want
			want.PolicyVersion, want.CountedSeconds = Rule1, want.LiveSeconds
			for _, i := range v.ivals {
				want.Intervals = append(want.Intervals, Interval{clock(i[0]), clock(i[1])})
			}
			if n := len(want.Intervals); n > 0 {
				want.First, want.Last = want.Intervals[0].From, want.Intervals[n-1].To
			}
			if got := Credit(p, Held{Live: w}, spans); !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

func TestJP(t *testing.T) {
	for _, c := range []struct{ minutesPerJP, approved, live, want int }{
		{45, 0, 120, 2},
		{60, 0, 120, 2},
		{45, 0, 150, 3},
		{60, 0, 150, 2},
		{45, 0, 180, 4},
		{60, 0, 180, 3},
		{45, 0, 240, 5},
		{60, 0, 240, 4},
		{45, 7, 10, 7},
		{0, 0, 100, 0},
		{45, 0, 0, 0},
		{45, 0, -90, 0},
	} {
		p := Policy{MinutesPerJP: c.minutesPerJP, ApprovedJP: c.approved}
		if got := p.JP(int64(c.live) * 60_000); got != c.want {
			t.Errorf("%+v: %d JP", c, got)
		}
	}
}

// naiveCredit does the sum second by second, for evidence and windows in whole seconds from 0 to n.
func naiveCredit(p Policy, w Window, spans []Span, n int) (seconds, bridged, live int, class [8]int) {
	in := func(sec int, from, to int64) bool { return from <= int64(sec)*1000 && int64(sec+1)*1000 <= to }
	liveIn := make([]int, n) // which live interval a second belongs to, from 1
	earned := make([]bool, n)
	for sec := range n {
		for k, i := range w {
			if in(sec, i.From, i.To) {
				liveIn[sec] = k + 1
			}
		}
		if liveIn[sec] == 0 {
			continue
		}
		live++
		var seen Class
		for _, s := range spans {
			if in(sec, s.From, s.To) {
				seen |= s.Class
			}
		}
		for _, c := range []Class{Socket, Delivered, Decoded} {
			if seen&c != 0 {
				class[c]++
			}
		}
		if earned[sec] = seen&p.Earns != 0; earned[sec] {
			seconds++
		}
	}
	last := -1
	for sec := range n {
		if !earned[sec] {
			continue
		}
		if gap := sec - last - 1; last >= 0 && gap > 0 && gap <= p.BridgeSeconds && liveIn[last] == liveIn[sec] {
			bridged += gap
		}
		last = sec
	}
	return seconds + bridged, bridged, live, class
}

func TestCreditEqualsSecondBySecond(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const n = 120
		p := Policy{
			Version: 1, MinutesPerJP: 1, ThresholdPercent: rapid.IntRange(0, 100).Draw(t, "threshold"),
			BridgeSeconds: rapid.IntRange(0, 12).Draw(t, "bridge"), Earns: Class(rapid.IntRange(0, 7).Draw(t, "earns")),
		}
		var w Window
		for from := rapid.Int64Range(0, 30).Draw(t, "start"); from < n && len(w) < 4; {
			to := min(n, from+rapid.Int64Range(1, 60).Draw(t, "live"))
			w = append(w, Interval{from * 1000, to * 1000})
			from = to + rapid.Int64Range(1, 20).Draw(t, "pause")
		}
		spans := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Span {
			from := rapid.Int64Range(0, n).Draw(t, "from")
			to := min(n, from+rapid.Int64Range(0, 30).Draw(t, "length"))
			class := rapid.SampledFrom([]Class{Socket, Delivered, Decoded}).Draw(t, "class")
			return Span{Person: "p", Session: "s", Class: class, From: from * 1000, To: to * 1000}
		}), 0, 12).Draw(t, "spans")

		before := slices.Clone(spans)
		r := Credit(p, Held{Live: w}, spans)
		seconds, bridged, live, class := naiveCredit(p, w, spans, n)
		got := []int{r.Seconds, r.Bridged, r.LiveSeconds, r.SocketSeconds, r.DeliveredSecs, r.DecodedSecs}
		want := []int{seconds, bridged, live, class[Socket], class[Delivered], class[Decoded]}
		if !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v (seconds, bridged, live, socket, delivered, decoded)", got, want)
		}
		if live > 0 && r.Percent != seconds*100/live {
			t.Fatalf("%d %% of %d of %d", r.Percent, seconds, live)
		}
		if r.Meets != (seconds > 0 && r.Percent >= p.ThresholdPercent) || (!r.Meets && r.JP != 0) ||
			(r.Meets && r.JP != live/60) {
			t.Fatalf("meets %v with %d %%, %d JP", r.Meets, r.Percent, r.JP)
		}
		checkIntervals(t, r.Intervals)

		// Neither the order of the evidence nor saying it twice matters.
		again := append(slices.Clone(spans), spans...)
		rand.Shuffle(len(again), func(i, j int) { again[i], again[j] = again[j], again[i] })
		if !reflect.DeepEqual(Credit(p, Held{Live: w}, again), r) {
			t.Fatal("the order of the evidence changes the credit")
		}
		if !slices.Equal(spans, before) {
			t.Fatal("Credit changed its argument")
		}
	})
}

// checkIntervals fails unless x is ordered, disjoint and without empty intervals.
func checkIntervals(t *rapid.T, x []Interval) {
	t.Helper()
	for i, v := range x {
		if v.From >= v.To || i > 0 && v.From <= x[i-1].To {
			t.Fatalf("intervals %v", x)
		}
	}
}

func BenchmarkCredit(b *testing.B) {
	// Two hours on two devices with a hiccup every minute, in three classes.
	var spans []Span
	for m := range int64(120) {
		for _, c := range []Class{Socket, Delivered, Decoded} {
			spans = append(spans,
				Span{"p", "a", c, m * 60_000, m*60_000 + 55_000, false},
				Span{"p", "b", c, m*60_000 + 10_000, m*60_000 + 40_000, false})
		}
	}
	w := Window{{0, 60 * 60_000}, {61 * 60_000, 120 * 60_000}}
	p := DefaultPolicy()
	b.ReportAllocs()
	for b.Loop() {
		if Credit(p, Held{Live: w}, spans).Seconds == 0 {
			b.Fatal("no credit")
		}
	}
}
