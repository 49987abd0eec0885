package attend

import "slices"

// credit1 is rule set 1: presence on one's own device, of the live time. It is never changed: results that were
// ratified by it must come out the same for good.
func credit1(p Policy, w Window, spans []Span) Result {
	live := union(slices.Clone(w))
	window := total(live)
	r := Result{
		PolicyVersion:  p.Version,
		LiveSeconds:    seconds(window),
		CountedSeconds: seconds(window),
		SocketSeconds:  seconds(total(evidence(live, spans, Socket))),
		DeliveredSecs:  seconds(total(evidence(live, spans, Delivered))),
		DecodedSecs:    seconds(total(evidence(live, spans, Decoded))),
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
