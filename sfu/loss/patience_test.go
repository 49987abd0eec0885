package loss

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestPatience: of repairs at one round trip, at two or at four it is most that it covers, soon and without wavering; and a path that is
// short again is learnt.
func TestPatience(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	wait := func(trip int64) int64 {
		for _, p := range []float64{0.8, 0.95} {
			if rng.Float64() < p {
				return trip
			}
			trip = trip * 9 / 4
		}
		return trip
	}
	var p Patience
	for range 40 {
		p.Add(wait(110 * ms))
	}
	if p.Level() < 110*ms || p.Level() > 560*ms {
		t.Errorf("after 40 repairs %d ms", p.Level()/ms)
	}
	covered, least, most := 0, p.Level(), p.Level()
	for n := range 3000 {
		w := wait(110 * ms)
		if n >= 500 {
			least, most = min(least, p.Level()), max(most, p.Level())
			if w <= p.Level()+10*ms {
				covered++
			}
		}
		p.Add(w)
	}
	if covered < 2500*95/100 || least < 200*ms || most > 560*ms {
		t.Errorf("%d of 2500 covered by %d to %d ms", covered, least/ms, most/ms)
	}
	for range 1000 {
		p.Add(20 * ms)
	}
	if p.Level() > 25*ms {
		t.Errorf("a short path: %d ms", p.Level()/ms)
	}
}

// Never more than the longest wait there was.
func TestPatienceInBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var p Patience
		waits := rapid.SliceOfN(rapid.Int64Range(0, 1500*ms), 1, 60).Draw(t, "waits")
		for _, w := range waits {
			p.Add(w)
		}
		if p.Level() < 0 || p.Level() > slices.Max(waits) {
			t.Fatalf("%d of %v", p.Level(), waits)
		}
	})
}
