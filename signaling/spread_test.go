package signaling

import "testing"

// However many come back, no more do so in a second than the server takes in, and few wait no longer than they did.
func TestRetrySlotsGrowWithTheCrowd(t *testing.T) {
	for _, tc := range []struct{ sockets, processors, want int }{
		{0, 2, 4500}, {1000, 2, 4500}, {5000, 2, 12_500}, {5000, 8, 4500}, {20_000, 2, 50_000}, {20_000, 1, 60_000},
	} {
		if got := windowFor(tc.sockets, tc.processors); got != tc.want {
			t.Errorf("%d sockets on %d processors: %d ms, want %d", tc.sockets, tc.processors, got, tc.want)
		}
	}
	s := New(Config{})
	s.sockets = 100_000
	least, most := 1<<30, 0
	for range 5000 {
		ms := s.spread()
		least, most = min(least, ms), max(most, ms)
	}
	if least < leastRetry || least > leastRetry+1000 || most < leastRetry+mostWindow*9/10 || most >= leastRetry+mostWindow {
		t.Errorf("slots from %d to %d ms", least, most)
	}
}
