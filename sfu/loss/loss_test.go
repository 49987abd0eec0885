package loss

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestUnwrapper(t *testing.T) {
	for name, c := range map[string][]struct {
		seq  uint16
		want uint64
	}{
		"forward over the end":  {{65534, 131070}, {65535, 131071}, {0, 131072}, {1, 131073}},
		"back over the end":     {{0, 65536}, {65535, 65535}, {1, 65537}},
		"half way is a leap":    {{0, 65536}, {32767, 98303}, {65534, 131070}},
		"just beyond is behind": {{40000, 105536}, {7232, 72768}, {40001, 105537}},
	} {
		var u Unwrapper
		for i, s := range c {
			if got := u.Unwrap(s.seq); got != s.want {
				t.Errorf("%s, step %d: %d became %d, want %d", name, i, s.seq, got, s.want)
			}
		}
	}
}

// As long as packets are less than half the number space apart, the true count comes back, whatever the start.
func TestUnwrapperProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first := uint64(rapid.Uint16().Draw(t, "first"))
		d := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		var u Unwrapper
		high := first
		u.Unwrap(uint16(first))
		for range 500 {
			at := high + uint64(d.IntN(32767))
			if d.IntN(3) == 0 {
				at = high - min(high-first, uint64(d.IntN(32767)))
			}
			if got := u.Unwrap(uint16(at)); got != at+1<<16 {
				t.Fatalf("%d became %d", at, got)
			}
			high = max(high, at)
		}
	})
}

func due(t *testing.T, d *Detector, now int64, gaveUp bool, want ...uint16) {
	t.Helper()
	got, gone := d.Due(nil, now)
	if !slices.Equal(got, want) || gone != gaveUp {
		t.Fatalf("at %d ms: Due = %v, %v; want %v, %v", now/ms, got, gone, want, gaveUp)
	}
}

func observe(t *testing.T, d *Detector, ext uint64, now int64, want Event) {
	t.Helper()
	if got := d.Observe(ext, now); got != want {
		t.Fatalf("Observe(%d) = %d, want %d", ext, got, want)
	}
}

func TestDetector(t *testing.T) {
	d := NewDetector(Config{Tries: 2, Wait: 5 * ms, Life: 10_000 * ms})
	d.SetRTT(40 * ms)
	d.SetRTT(0) // no measurement, no change
	if _, ok := d.Next(); ok {
		t.Fatal("something is due at the start")
	}
	observe(t, d, 131070, 0, InOrder)
	observe(t, d, 131074, 0, Gap) // 16 bits: 65534, then 2
	due(t, d, 4*ms, false)
	observe(t, d, 131072, 4*ms, Recovered) // was only reordered
	observe(t, d, 131072, 4*ms, Stale)
	observe(t, d, 131074, 4*ms, Stale)
	if next, ok := d.Next(); !ok || next != 5*ms {
		t.Fatalf("Next = %d, %v", next, ok)
	}
	due(t, d, 5*ms, false, 65535, 1)
	due(t, d, 54*ms, false)           // a round trip and a quarter is 50 ms
	due(t, d, 55*ms, false, 65535, 1) // second and last
	observe(t, d, 131073, 60*ms, Recovered)
	if d.Waited() != 60*ms {
		t.Fatalf("it was missing for %d ms", d.Waited()/ms)
	}
	if next, ok := d.Next(); !ok || next != 130*ms {
		t.Fatalf("Next = %d, %v; want one and a half times the pause", next, ok)
	}
	due(t, d, 130*ms, true)
	if d.Missing() != 0 || d.Lost() != 1 {
		t.Fatalf("missing %d, lost %d", d.Missing(), d.Lost())
	}
	due(t, d, 500*ms, false)
}

func TestDetectorLimits(t *testing.T) {
	d := NewDetector(Config{Max: 4})
	observe(t, d, 100, 0, InOrder)
	observe(t, d, 104, 0, Gap) // 101 102 103
	observe(t, d, 107, 0, Gap) // 105 106: the oldest goes
	if d.Missing() != 4 || d.Lost() != 1 {
		t.Fatalf("missing %d, lost %d", d.Missing(), d.Lost())
	}
	due(t, d, 0, false, 102, 103, 105, 106)
	d.Forget(104)
	if d.Missing() != 2 || d.Lost() != 3 {
		t.Fatalf("after Forget: missing %d, lost %d", d.Missing(), d.Lost())
	}
	observe(t, d, 112, 0, Gap) // four more take all places
	due(t, d, 0, false, 108, 109, 110, 111)
	observe(t, d, 200, 0, Reset)
	if d.Missing() != 0 || d.Lost() != 96 {
		t.Fatalf("after a leap: missing %d, lost %d", d.Missing(), d.Lost())
	}
	observe(t, d, 202, 0, Gap)
	due(t, d, 2000*ms, true) // older than Life before it was ever asked for
}

// Against a plain model: what is asked for is missing indeed, asked not too often and not too soon, each packet is
// accounted for once, and the memory stays bounded.
func TestDetectorProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := Config{Max: 32, Tries: 3, Wait: int64(rapid.IntRange(0, 10).Draw(t, "wait")) * ms, Floor: 20 * ms, Life: 400 * ms}
		rtt := int64(rapid.IntRange(1, 200).Draw(t, "rtt")) * ms
		rnd := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		d := NewDetector(cfg)
		d.SetRTT(rtt)
		type asked struct {
			at int64
			n  int
		}
		got := map[uint64]bool{}
		asks := map[uint16]asked{} // the run is shorter than 65536 packets
		next, now, first := uint64(65000), int64(0), uint64(65000)
		got[next] = true
		d.Observe(next, 0)
		next++
		var recovered, gaps uint64
		for range 400 {
			now += int64(rnd.IntN(10)) * ms
			ext := next
			switch rnd.IntN(8) {
			case 0:
				ext += uint64(rnd.IntN(12))
			case 1:
				if rnd.IntN(20) == 0 {
					ext += 100
				}
			case 2:
				ext = first + uint64(rnd.IntN(int(next-first)))
			}
			ev := d.Observe(ext, now)
			switch {
			case ext >= next:
				want := InOrder
				switch n := ext - next; {
				case n > uint64(cfg.Max):
					want = Reset
				case n > 0:
					want = Gap
				}
				gaps += ext - next
				next = ext + 1
				if ev != want {
					t.Fatalf("Observe(%d) = %d, want %d", ext, ev, want)
				}
			case got[ext] && ev != Stale:
				t.Fatalf("a repeated packet gave %d", ev)
			case ev == Recovered:
				recovered++
			case ev != Stale:
				t.Fatalf("a late packet gave %d", ev)
			}
			if ev == Recovered || ext+1 == next {
				got[ext] = true
			}
			if d.Missing() > cfg.Max {
				t.Fatalf("%d tracked", d.Missing())
			}
			list, _ := d.Due(nil, now)
			if !slices.IsSortedFunc(list, func(a, b uint16) int { return int(int16(a - b)) }) {
				t.Fatalf("not in order: %v", list)
			}
			for _, seq := range list {
				ext := uint64(seq)
				if ext < 60000 {
					ext += 1 << 16
				}
				if got[ext] || ext >= next {
					t.Fatalf("asked for %d, which is not missing", ext)
				}
				a := asks[seq]
				if a.n > 0 && now-a.at < max(rtt, cfg.Floor) {
					t.Fatalf("asked for %d again after %d ms", ext, (now-a.at)/ms)
				}
				if a.n++; a.n > cfg.Tries {
					t.Fatalf("asked for %d %d times", ext, a.n)
				}
				a.at = now
				asks[seq] = a
			}
			if at, ok := d.Next(); ok != (d.Missing() > 0) || ok && at <= now {
				t.Fatalf("after Due at %d: Next = %d, %v with %d missing", now, at, ok, d.Missing())
			}
			if uint64(d.Missing())+d.Lost()+recovered != gaps {
				t.Fatalf("%d missing + %d lost + %d recovered, but %d gaps", d.Missing(), d.Lost(), recovered, gaps)
			}
		}
	})
}

func TestGate(t *testing.T) {
	g := &Gate{}
	ask := func(now int64, want bool) {
		t.Helper()
		if got := g.Ask(now * ms); got != want {
			t.Fatalf("Ask at %d ms = %v", now, got)
		}
	}
	if _, ok := g.Next(); ok || g.Due(0) {
		t.Fatal("due without a wish")
	}
	ask(0, true)
	ask(1, false)
	ask(999, false)
	if at, ok := g.Next(); !ok || at != 1000*ms {
		t.Fatalf("Next = %d, %v", at, ok)
	}
	ask(1000, true) // the first was lost
	g.Keyframe()
	if _, ok := g.Next(); ok || g.Due(5000*ms) {
		t.Fatal("due after the keyframe")
	}
	ask(1500, false) // a new wish, too early
	if g.Due(1999*ms) || !g.Due(2000*ms) {
		t.Fatal("the early wish was not sent when its time came")
	}
	for i := int64(3); i < 12; i++ {
		if !g.Due(i * 1000 * ms) {
			t.Fatalf("no repeat at %d s", i)
		}
	}
	if g.Due(12_000 * ms) {
		t.Fatal("an eleventh request")
	}
	if _, ok := g.Next(); ok {
		t.Fatal("still wanted after the last try")
	}
	ask(12_001, true) // asked 1001 ms ago: a new wish starts anew
}

// However often and whenever viewers ask, never two requests within the interval, and no wish is forgotten.
func TestGateProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rnd := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		g := &Gate{Every: int64(1+rnd.IntN(2000)) * ms, Tries: 1000}
		now, last, sent, want := int64(rnd.IntN(1000)), int64(0), false, false
		for range 300 {
			now += int64(rnd.IntN(400)) * ms
			var pli bool
			switch rnd.IntN(4) {
			case 0:
				want = true
				pli = g.Ask(now)
			case 1:
				want = false
				g.Keyframe()
			default:
				pli = g.Due(now)
			}
			if pli && (!want || sent && now-last < g.Every) {
				t.Fatalf("request at %d, last %d, wanted %v", now, last, want)
			}
			if pli {
				last, sent = now, true
			}
			at, ok := g.Next()
			if ok != want || ok && at > now+g.Every {
				t.Fatalf("wanted %v at %d: Next = %d, %v", want, now, at, ok)
			}
		}
	})
}

func TestNoAllocs(t *testing.T) {
	d, g := NewDetector(Config{}), Gate{}
	var u Unwrapper
	ask := make([]uint16, 0, 256)
	var seq uint16
	var now int64
	if n := testing.AllocsPerRun(2000, func() {
		seq++
		if seq%7 == 0 {
			seq += 3
		}
		now += 5 * ms
		ext := u.Unwrap(seq)
		d.Observe(ext, now)
		ask, _ = d.Due(ask[:0], now)
		g.Ask(now)
		d.Next()
	}); n != 0 {
		t.Fatalf("%v allocations a packet", n)
	}
}

func BenchmarkObserveInOrder(b *testing.B) {
	d := NewDetector(Config{})
	var u Unwrapper
	var seq uint16
	b.ReportAllocs()
	for b.Loop() {
		seq++
		d.Observe(u.Unwrap(seq), 0)
	}
}

func BenchmarkObserveFivePercent(b *testing.B) {
	d := NewDetector(Config{})
	ask := make([]uint16, 0, 256)
	ext, now := uint64(0), int64(0)
	b.ReportAllocs()
	for b.Loop() {
		ext++
		now += 5 * ms
		if ext%20 != 0 {
			d.Observe(ext, now)
			ask, _ = d.Due(ask[:0], now)
		}
	}
}
