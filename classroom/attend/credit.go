package attend

import (
	"cmp"
	"fmt"
	"slices"
)

// DefaultPolicy is the rule an event has unless its organiser chose another: 45 minutes a JP, 70 % presence, gaps
// up to 10 s bridged, delivered or decoded media counts and an open socket alone does not.
func DefaultPolicy() Policy {
	return Policy{
		Version: 1, MinutesPerJP: 45, ThresholdPercent: 70, BridgeSeconds: 10, Earns: Delivered | Decoded,
	}
}

// Check refuses a policy that no rule set of this program knows how to follow.
func (p Policy) Check() error {
	switch {
	case p.Version != 1:
		return fmt.Errorf("policy version %d", p.Version)
	case p.MinutesPerJP < 1 || p.MinutesPerJP > 24*60:
		return fmt.Errorf("%d minutes a JP", p.MinutesPerJP)
	case p.ThresholdPercent < 0 || p.ThresholdPercent > 100:
		return fmt.Errorf("threshold of %d %%", p.ThresholdPercent)
	case p.BridgeSeconds < 0 || p.BridgeSeconds > 600:
		return fmt.Errorf("bridging of %d s", p.BridgeSeconds)
	case p.ApprovedJP < 0 || p.ApprovedJP > 1000:
		return fmt.Errorf("%d JP granted", p.ApprovedJP)
	case p.Earns == 0 || p.Earns&^(Socket|Delivered|Decoded) != 0:
		return fmt.Errorf("evidence classes %#x", uint8(p.Earns))
	}
	return nil
}

// JP is what the event is worth to whoever meets the threshold: what the organiser granted, else the live time in
// ms by MinutesPerJP, rounded down.
func (p Policy) JP(live int64) int {
	if p.ApprovedJP > 0 {
		return p.ApprovedJP
	}
	if p.MinutesPerJP <= 0 || live <= 0 {
		return 0
	}
	return int(live / (int64(p.MinutesPerJP) * 60_000))
}

// Length is how long the window is, in ms.
func (w Window) Length() int64 { return total(union(slices.Clone(w))) }

// Credit is what one person's evidence earns under p, for an event that was live during w. The spans are those of
// that person, of all devices, in any order, and may overlap. It is a pure function of its arguments, and the sum is
// done in milliseconds and rounded once, at its end.
//
// A gap is bridged only between two pieces of earning evidence inside one live interval, so neither the way in, nor
// the way out, nor a pause of the event is ever given.
func Credit(p Policy, w Window, spans []Span) Result {
	live := union(slices.Clone(w))
	window := total(live)
	r := Result{
		PolicyVersion: p.Version,
		LiveSeconds:   seconds(window),
		SocketSeconds: seconds(total(evidence(live, spans, Socket))),
		DeliveredSecs: seconds(total(evidence(live, spans, Delivered))),
		DecodedSecs:   seconds(total(evidence(live, spans, Decoded))),
	}
	earned := evidence(live, spans, p.Earns)
	r.Intervals = bridge(live, earned, int64(p.BridgeSeconds)*1000)
	present := total(r.Intervals)
	if present == 0 {
		return r
	}
	r.Seconds = seconds(present)
	r.Bridged = seconds(present - total(earned))
	r.Percent = int(present * 100 / window)
	r.First, r.Last = r.Intervals[0].From, r.Intervals[len(r.Intervals)-1].To
	if r.Meets = r.Percent >= p.ThresholdPercent; r.Meets {
		r.JP = p.JP(window)
	}
	return r
}

// evidence is the union of the spans of the classes in set, cut to the live intervals.
func evidence(live []Interval, spans []Span, set Class) []Interval {
	var all []Interval
	for _, s := range spans {
		if s.Class&set != 0 && s.From < s.To {
			all = append(all, Interval{s.From, s.To})
		}
	}
	return cut(union(all), live)
}

// union sorts x, drops what is empty and joins what overlaps or touches. It works in place.
func union(x []Interval) []Interval {
	x = slices.DeleteFunc(x, func(i Interval) bool { return i.From >= i.To })
	slices.SortFunc(x, func(a, b Interval) int { return cmp.Compare(a.From, b.From) })
	n := 0
	for _, i := range x {
		if n > 0 && i.From <= x[n-1].To {
			x[n-1].To = max(x[n-1].To, i.To)
			continue
		}
		x[n] = i
		n++
	}
	return x[:n]
}

// cut is the part of x that lies in w. Both are unions.
func cut(x, w []Interval) []Interval {
	var out []Interval
	for len(x) > 0 && len(w) > 0 {
		if from, to := max(x[0].From, w[0].From), min(x[0].To, w[0].To); from < to {
			out = append(out, Interval{from, to})
		}
		if x[0].To < w[0].To {
			x = x[1:]
		} else {
			w = w[1:]
		}
	}
	return out
}

// bridge closes the gaps of x up to limit ms long whose two ends lie in one interval of w. Both are unions, x inside w.
func bridge(w, x []Interval, limit int64) []Interval {
	var out []Interval
	k := 0
	for _, i := range x {
		for w[k].To < i.To {
			k++
		}
		if n := len(out); n > 0 && out[n-1].From >= w[k].From && i.From-out[n-1].To <= limit {
			out[n-1].To = i.To
			continue
		}
		out = append(out, i)
	}
	return out
}

func total(x []Interval) int64 {
	sum := int64(0)
	for _, i := range x {
		sum += i.To - i.From
	}
	return sum
}

func seconds(ms int64) int { return int(ms / 1000) }
