package attend

import "slices"

// Sums is what a person is shown of their credit while the event runs.
type Sums struct {
	Seconds, CountedSeconds, Percent int
	Meets                            bool
}

// Frame is a policy and the time of an event up to one moment, made ready for the sums of many people. Not safe for
// concurrent use.
type Frame struct {
	policy        Policy
	earns         Class
	live, counted []Interval
	window        int64 // ms of counted

	a, b, voided []Interval // scratch
}

// NewFrame makes one.
func NewFrame(p Policy, held Held) *Frame {
	f := &Frame{policy: p, earns: p.Earns, live: union(slices.Clone(held.Live))}
	f.counted = f.live
	if p.Version != Rule1 {
		f.earns |= Corrected
		if !p.Ceremony {
			f.counted = minus(f.live, union(slices.Clone(held.Ceremony)))
		}
	}
	f.window = total(f.counted)
	return f
}

// Sums gives Credit's sums without its explanation, at a fraction of the work and without an allocation: a running event
// needs them of everybody every few seconds. They are always those of Credit (a property test holds them together); what is
// ratified or exported comes from Credit.
func (f *Frame) Sums(spans []Span) Sums {
	f.a = gather(f.a[:0], spans, f.earns)
	f.b = appendCut(f.b[:0], f.a, f.live)
	f.a = appendBridge(f.a[:0], f.live, f.b, int64(f.policy.BridgeSeconds)*1000)
	if f.policy.Version != Rule1 {
		f.voided = gather(f.voided[:0], spans, Voided)
		if len(f.voided) > 0 {
			f.b = appendMinus(f.b[:0], f.a, f.voided)
			f.a, f.b = f.b, f.a
		}
	}
	f.b = appendCut(f.b[:0], f.a, f.counted)
	present := total(f.b)
	s := Sums{Seconds: seconds(present), CountedSeconds: seconds(f.window)}
	if present > 0 {
		s.Percent = int(present * 100 / f.window)
		s.Meets = s.Percent >= f.policy.ThresholdPercent
	}
	return s
}

// Earns tells whether a span's class counts.
func (f *Frame) Earns(s Span) bool { return s.Class&f.policy.Earns != 0 }
