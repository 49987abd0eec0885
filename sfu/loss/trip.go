package loss

const tripSpan = 15_000 * ms

// Trip follows how long the way there and back takes by itself: the least that was told in the last 15 to 30 s. What stands in a queue that
// the sender fills is not the path's. The zero value is ready.
type Trip struct {
	least [2]int64 // in this span and in the last one; 0: nothing was told
	began int64
}

// Add takes a round trip, in ns, at a time.
func (t *Trip) Add(trip, now int64) {
	switch {
	case trip <= 0:
		return
	case t.least[0] == 0:
		t.began = now
	case now-t.began >= 2*tripSpan: // what it knows is older than that
		t.least, t.began = [2]int64{}, now
	case now-t.began >= tripSpan:
		t.least, t.began = [2]int64{0, t.least[0]}, t.began+tripSpan
	}
	if t.least[0] == 0 || trip < t.least[0] {
		t.least[0] = trip
	}
}

// Least is that time, in ns; 0: nothing was told.
func (t *Trip) Least() int64 {
	if t.least[1] > 0 {
		return min(t.least[0], t.least[1])
	}
	return t.least[0]
}
