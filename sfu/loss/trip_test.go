package loss

import (
	"testing"

	"pgregory.net/rapid"
)

// TestTripIsTheLeastOfTheLast: never more than the least of the last 15 s, nor less than that of the last 30 s.
func TestTripIsTheLeastOfTheLast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type told struct{ at, trip int64 }
		var list []told
		var trip Trip
		now := int64(ms)
		for range rapid.IntRange(1, 60).Draw(t, "times") {
			now += rapid.SampledFrom([]int64{100 * ms, 3_000 * ms, 14_000 * ms, 40_000 * ms}).Draw(t, "pause")
			d := rapid.Int64Range(0, 800*ms).Draw(t, "trip")
			trip.Add(d, now)
			if d > 0 {
				list = append(list, told{now, d})
			}
			if len(list) == 0 {
				if trip.Least() != 0 {
					t.Fatal("knows what it was not told")
				}
				continue
			}
			if d == 0 {
				continue // it looks again when it is told something
			}
			short, long := d, d
			for _, x := range list {
				if now-x.at < tripSpan {
					short = min(short, x.trip)
				}
				if now-x.at <= 2*tripSpan {
					long = min(long, x.trip)
				}
			}
			if got := trip.Least(); got > short || got < long {
				t.Fatalf("%d, where the least of 15 s is %d and of 30 s %d", got, short, long)
			}
		}
	})
}
