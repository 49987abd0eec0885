package attend

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// second is one second of an event as somebody would work it out with a pencil.
type second struct {
	live     int // which live interval it belongs to, from 1; 0: none
	ceremony bool
	seen     Class
	bridged  bool
}

func pencil(held Held, spans []Span, p Policy, n int) []second {
	in := func(sec int, i Interval) bool { return i.From <= int64(sec)*1000 && int64(sec+1)*1000 <= i.To }
	out := make([]second, n)
	for sec := range out {
		s := &out[sec]
		for k, i := range held.Live {
			if in(sec, i) {
				s.live = k + 1
			}
		}
		for _, i := range held.Ceremony {
			s.ceremony = s.ceremony || in(sec, i)
		}
		for _, sp := range spans {
			if in(sec, Interval{sp.From, sp.To}) {
				s.seen |= sp.Class
			}
		}
	}
	last := -1
	for sec, s := range out {
		if s.live == 0 || s.seen&(p.Earns|Corrected) == 0 {
			continue
		}
		if last >= 0 && out[last].live == s.live && sec-last-1 <= p.BridgeSeconds {
			for k := last + 1; k < sec; k++ {
				out[k].bridged = true
			}
		}
		last = sec
	}
	return out
}

func TestRule2EqualsSecondBySecond(t *testing.T) {
	const n = 150
	classes := []Class{Socket, Delivered, Decoded, Scanned, Marked, Paper, Corrected, Voided}
	rapid.Check(t, func(t *rapid.T) {
		p := Policy{
			Version: Rule2, MinutesPerJP: 1, ThresholdPercent: rapid.IntRange(0, 100).Draw(t, "threshold"),
			BridgeSeconds: rapid.IntRange(0, 12).Draw(t, "bridge"), Earns: Class(rapid.IntRange(1, 63).Draw(t, "earns")),
			Ceremony: rapid.Bool().Draw(t, "ceremony"), CapJP: rapid.IntRange(0, 2).Draw(t, "cap"),
			Rounding: rapid.SampledFrom([]Rounding{RoundDown, RoundNearest, RoundUp}).Draw(t, "rounding"),
		}
		stretches := func(name string, most int) []Interval {
			return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Interval {
				from := rapid.Int64Range(0, n-1).Draw(t, "from")
				return Interval{from * 1000, min(n, from+rapid.Int64Range(1, 60).Draw(t, "length")) * 1000}
			}), 0, most).Draw(t, name)
		}
		held := Held{Live: union(stretches("live", 4)), Ceremony: stretches("ceremonies", 3)}
		var spans []Span
		for _, i := range stretches("spans", 14) {
			c := rapid.SampledFrom(classes).Draw(t, "class")
			spans = append(spans, Span{Person: "p", Session: "s", Class: c, From: i.From, To: i.To})
		}
		r := Credit(p, held, spans)

		want := Result{PolicyVersion: Rule2, First: r.First, Last: r.Last, Intervals: r.Intervals, Missing: r.Missing, JP: r.JP}
		byClass := map[Class]*int{
			Socket: &want.SocketSeconds, Delivered: &want.DeliveredSecs, Decoded: &want.DecodedSecs, Scanned: &want.ScannedSecs,
			Marked: &want.MarkedSecs, Paper: &want.PaperSecs, Corrected: &want.CorrectedSecs, Voided: &want.VoidedSecs,
		}
		why := make([]Why, n) // "credit", a reason, or "" outside the live time
		for sec, s := range pencil(held, spans, p, n) {
			earns := s.seen&(p.Earns|Corrected) != 0
			if s.live == 0 {
				if earns {
					want.OutsideSeconds++
				}
				continue
			}
			want.LiveSeconds++
			for _, c := range classes {
				if s.seen&c != 0 {
					*byClass[c]++
				}
			}
			switch {
			case s.ceremony && !p.Ceremony:
				why[sec] = WhyCeremony
				continue
			case s.seen&Voided != 0:
				why[sec] = WhyVoided
			case earns || s.bridged:
				why[sec] = "credit"
				want.Seconds++
				if earns {
					want.Sources |= s.seen & (p.Earns | Corrected)
				} else {
					want.Bridged++
				}
			case s.seen != 0:
				why[sec] = WhyUnearned
			default:
				why[sec] = WhyAbsent
			}
			want.CountedSeconds++
		}
		if want.CountedSeconds > 0 {
			want.Percent = want.Seconds * 100 / want.CountedSeconds
		}
		want.Meets = want.Seconds > 0 && want.Percent >= p.ThresholdPercent
		if !reflect.DeepEqual(r, want) {
			t.Fatalf("got  %+v\nwant %+v", r, want)
		}

		// Credit and reasons share the live time out between them.
		got := make([]Why, n)
		fill := func(from, to int64, w Why) {
			for sec := from / 1000; sec < to/1000; sec++ {
				if got[sec] != "" {
					t.Fatalf("second %d is %s and %s", sec, got[sec], w)
				}
				got[sec] = w
			}
		}
		for _, i := range r.Intervals {
			fill(i.From, i.To, "credit")
		}
		for i, m := range r.Missing {
			if m.From >= m.To || i > 0 && m.From < r.Missing[i-1].To {
				t.Fatalf("missing %+v", r.Missing)
			}
			if (m.Seen != 0) != (m.Why == WhyUnearned) && m.Why != WhyVoided {
				t.Fatalf("missing %+v", m)
			}
			fill(m.From, m.To, m.Why)
		}
		if !slices.Equal(got, why) {
			t.Fatalf("got  %v\nwant %v", got, why)
		}
		checkIntervals(t, r.Intervals)

		jp := 0
		if r.Meets {
			jp = map[Rounding]int{
				RoundDown: want.CountedSeconds / 60, RoundNearest: (want.CountedSeconds + 30) / 60, RoundUp: (want.CountedSeconds + 59) / 60,
			}[p.Rounding]
			if p.CapJP > 0 {
				jp = min(jp, p.CapJP)
			}
		}
		if r.JP != jp {
			t.Fatalf("%d JP, want %d", r.JP, jp)
		}

		again := append(slices.Clone(spans), spans...)
		rand.Shuffle(len(again), func(i, j int) { again[i], again[j] = again[j], again[i] })
		if !reflect.DeepEqual(Credit(p, held, again), r) {
			t.Fatal("the order of the evidence changes the credit")
		}
	})
}

func TestLevels(t *testing.T) {
	for s, want := range map[string]Class{
		"A": LevelA, "ABCD": LevelA | LevelB | LevelC | LevelD, "BD": LevelB | LevelD, "": 0, "BA": 0, "AA": 0, "AX": 0,
	} {
		c, ok := ParseLevels(s)
		if ok != (want != 0) || ok && (c != want || c.Levels() != s) {
			t.Errorf("%q: %v, %v", s, c, ok)
		}
	}
	if s := (Socket | Decoded | Paper | Corrected).Levels(); s != "AD" {
		t.Errorf("levels %q", s)
	}
}

func TestPolicyCheck(t *testing.T) {
	for _, c := range []struct {
		change func(*Policy)
		ok     bool
	}{
		{func(*Policy) {}, true},
		{func(p *Policy) { *p = policy1() }, true},
		{func(p *Policy) { *p = policy1(); p.CapJP = 3 }, false},
		{func(p *Policy) { *p = policy1(); p.Earns |= Scanned }, false},
		{func(p *Policy) { p.Version = 3 }, false},
		{func(p *Policy) { p.Version = 0 }, false},
		{func(p *Policy) { p.Earns |= Socket }, true},
		{func(p *Policy) { p.Earns |= Corrected }, false},
		{func(p *Policy) { p.Earns |= Voided }, false},
		{func(p *Policy) { p.Earns = 0 }, false},
		{func(p *Policy) { p.Rounding = "down" }, false}, // there is one spelling, and it is ""
		{func(p *Policy) { p.Rounding = RoundUp }, true},
		{func(p *Policy) { p.CapJP, p.ApprovedJP = 3, 3 }, true},
		{func(p *Policy) { p.CapJP, p.ApprovedJP = 3, 4 }, false},
		{func(p *Policy) { p.CapJP = -1 }, false},
	} {
		p := DefaultPolicy()
		c.change(&p)
		if err := p.Check(); (err == nil) != c.ok {
			t.Errorf("%+v: %v", p, err)
		}
	}
}
