package attend

import (
	"cmp"
	"slices"
)

// credit2 is rule set 2. It is never changed: results that were ratified by it must come out the same for good.
//
// The steps: gaps are bridged inside each live interval, as in rule set 1, over everything that earns and what decisions
// granted; what decisions took away is cut out; then the ceremony is, if it does not count. The percent and the JP are of
// the counted time, so an event with 15 minutes of ceremony takes them off everybody's 100 %, present or not.
func credit2(p Policy, held Held, spans []Span) Result {
	live := union(slices.Clone(held.Live))
	var ceremony []Interval
	if !p.Ceremony {
		ceremony = cut(union(slices.Clone(held.Ceremony)), live)
	}
	counted := minus(live, ceremony)
	of := func(set Class) int { return seconds(total(evidence(live, spans, set))) }
	r := Result{
		PolicyVersion:  p.Version,
		LiveSeconds:    seconds(total(live)),
		CountedSeconds: seconds(total(counted)),
		SocketSeconds:  of(Socket), DeliveredSecs: of(Delivered), DecodedSecs: of(Decoded), ScannedSecs: of(Scanned),
		MarkedSecs: of(Marked), PaperSecs: of(Paper), CorrectedSecs: of(Corrected), VoidedSecs: of(Voided),
	}
	earns := p.Earns | Corrected
	voided := evidence(live, spans, Voided)
	earned := evidence(live, spans, earns)
	credit := func(x []Interval) []Interval { return cut(minus(x, voided), counted) }

	r.Intervals = credit(bridge(live, earned, int64(p.BridgeSeconds)*1000))
	present := total(r.Intervals)
	r.Seconds = seconds(present)
	r.Bridged = seconds(present - total(credit(earned)))
	r.OutsideSeconds = seconds(total(minus(Union(spans, earns), live)))
	for c := Socket; c <= Corrected; c <<= 1 {
		if c&earns != 0 && len(credit(evidence(live, spans, c))) > 0 {
			r.Sources |= c
		}
	}
	r.Missing = missing(live, ceremony, voided, r.Intervals, spans)
	if present == 0 {
		return r
	}
	r.Percent = int(present * 100 / total(counted))
	r.First, r.Last = r.Intervals[0].From, r.Intervals[len(r.Intervals)-1].To
	if r.Meets = r.Percent >= p.ThresholdPercent; r.Meets {
		r.JP = p.JP(total(counted))
	}
	return r
}

// missing gives every stretch of live that is not credited its reason.
func missing(live, ceremony, voided, credited []Interval, spans []Span) []Missing {
	var out []Missing
	say := func(x []Interval, why Why) {
		for _, i := range x {
			m := Missing{From: i.From, To: i.To, Why: why}
			if why == WhyUnearned || why == WhyVoided {
				for _, s := range spans {
					if s.Class != Voided && s.From < i.To && s.To > i.From {
						m.Seen |= s.Class
					}
				}
			}
			out = append(out, m)
		}
	}
	say(ceremony, WhyCeremony)
	rest := minus(live, ceremony)
	taken := cut(voided, rest)
	say(taken, WhyVoided)
	rest = minus(minus(rest, taken), credited)
	weak := cut(Union(spans, ^Voided), rest)
	say(weak, WhyUnearned)
	say(minus(rest, weak), WhyAbsent)
	slices.SortFunc(out, func(a, b Missing) int { return cmp.Compare(a.From, b.From) })
	return out
}
