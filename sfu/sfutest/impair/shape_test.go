package impair

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var begin = time.Unix(1_000_000, 0)

func run(seed uint64, l Link, n int, every time.Duration) (at []time.Time, lost int) {
	s := NewShaper(seed, l)
	for i := range n {
		a, ok := s.Offer(begin.Add(time.Duration(i)*every), 1250)
		if !ok {
			lost++
		}
		at = append(at, a)
	}
	return at, lost
}

func TestSameSeedSameNetwork(t *testing.T) {
	l := Link{Loss: 0.1, Burst: 3, Delay: 50 * time.Millisecond, Jitter: 30 * time.Millisecond, Reorder: 0.1, Rate: 2_000_000}
	a, _ := run(7, l, 2000, time.Millisecond)
	b, _ := run(7, l, 2000, time.Millisecond)
	c, _ := run(8, l, 2000, time.Millisecond)
	if !slices.Equal(a, b) || slices.Equal(a, c) {
		t.Error("a seed must give one network, and another seed another one")
	}
}

func TestLossAndBursts(t *testing.T) {
	if _, lost := run(1, Link{Loss: 0.1}, 20000, time.Millisecond); lost < 1850 || lost > 2150 {
		t.Errorf("%d of 20000 lost at 10 %%", lost)
	}
	at, _ := run(1, Link{Loss: 0.01, Burst: 5}, 20000, time.Millisecond)
	row, rows := 0, 0
	for _, a := range at {
		if a.IsZero() {
			row++
			continue
		}
		if row%5 != 0 {
			t.Fatalf("%d lost in a row", row)
		}
		if row > 0 {
			rows++
		}
		row = 0
	}
	if rows < 140 {
		t.Errorf("%d bursts", rows)
	}
}

func TestRateAndQueue(t *testing.T) {
	// 10 kbit each, one per millisecond: 10 Mbit/s into 1 Mbit/s.
	at, lost := run(1, Link{Rate: 1_000_000, Queue: 100 * time.Millisecond}, 5000, time.Millisecond)
	if through := 5000 - lost; through < 490 || through > 520 {
		t.Errorf("%d packets of 10 kbit in 5 s at 1 Mbit/s", through)
	}
	for i, a := range at {
		if w := a.Sub(begin.Add(time.Duration(i) * time.Millisecond)); !a.IsZero() && w > 111*time.Millisecond {
			t.Fatalf("packet %d waited %v", i, w)
		}
	}
}

// Jitter alone keeps the order; nothing arrives before it was sent; a blocked link gives nothing.
func TestOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ms := func(name string) time.Duration {
			return time.Duration(rapid.IntRange(0, 500).Draw(t, name)) * time.Millisecond
		}
		l := Link{Loss: rapid.Float64Range(0, 0.5).Draw(t, "loss"), Delay: ms("delay"), Jitter: ms("jitter")}
		at, _ := run(rapid.Uint64().Draw(t, "seed"), l, 300, 3*time.Millisecond)
		var last time.Time
		for i, a := range at {
			if a.IsZero() {
				continue
			}
			sent := begin.Add(time.Duration(i) * 3 * time.Millisecond)
			if a.Before(last) || a.Sub(sent) < l.Delay {
				t.Fatalf("packet %d sent %v arrives %v after %v", i, sent, a, last)
			}
			last = a
		}
		l.Blocked = true
		if _, lost := run(1, l, 10, time.Second); lost != 10 {
			t.Fatal("a blocked link gave packets")
		}
	})
}
