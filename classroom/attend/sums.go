package attend

import "slices"

// Sums is what a person is shown of their credit while the event runs.
type Sums struct {
	Seconds, CountedSeconds, Percent int
	Meets                            bool
}

// CreditSums is Credit's sums without its explanation, at a fraction of the work: a running event needs them of everybody
// every few seconds. They are always those of Credit (a property test holds them together); what is ratified or exported
// comes from Credit.
func CreditSums(p Policy, held Held, spans []Span) Sums {
	live := union(slices.Clone(held.Live))
	counted, earns := live, p.Earns
	var voided []Interval
	if p.Version != Rule1 {
		earns |= Corrected
		voided = evidence(live, spans, Voided)
		if !p.Ceremony {
			counted = minus(live, union(slices.Clone(held.Ceremony)))
		}
	}
	credited := bridge(live, evidence(live, spans, earns), int64(p.BridgeSeconds)*1000)
	present, window := total(cut(minus(credited, voided), counted)), total(counted)
	s := Sums{Seconds: seconds(present), CountedSeconds: seconds(window)}
	if present > 0 {
		s.Percent = int(present * 100 / window)
		s.Meets = s.Percent >= p.ThresholdPercent
	}
	return s
}
