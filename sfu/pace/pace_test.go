package pace

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestNoRateNoLimit(t *testing.T) {
	var p Pacer
	for i := range 10_000 {
		if !p.Admit(1200, int64(i)) {
			t.Fatal("held back")
		}
	}
}

// TestKeyframe: 30 kB at 160 kbit/s take about a second and a fifth.
func TestKeyframe(t *testing.T) {
	var p Pacer
	now := second
	p.SetRate(160_000, now)
	left := 0
	for i := range 25 {
		if !p.Admit(1200, now) {
			if !p.Push(Item{Seq: uint16(i), Size: 1200, Since: now}) {
				t.Fatal("full")
			}
			left++
		}
	}
	if left < 20 {
		t.Fatalf("only %d of 25 wait", left)
	}
	began, next := now, uint16(25-left)
	for left > 0 {
		now += second / 200
		for {
			it, ok := p.Pop(now)
			if !ok {
				break
			}
			if it.Seq != next {
				t.Fatalf("%d before %d", it.Seq, next)
			}
			next++
			left--
		}
		if now-began > 3*second {
			t.Fatalf("%d still wait after 3 s", left)
		}
	}
	// 160 kbit/s for some 26 kB.
	if d := now - began; d < second || d > 3*second/2 {
		t.Errorf("took %d ms", d/1_000_000)
	}
}

// TestNeverFasterThanItsRate: over any stretch no more leaves than the rate and one burst, and order within
// a slot holds; nothing is lost but what was refused or dropped.
func TestNeverFasterThanItsRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var p Pacer
		now := second
		rate := rapid.Int64Range(20_000, 3_000_000).Draw(t, "rate")
		p.SetRate(rate, now)
		began, out := now, int64(0)
		var model []Item
		seq := uint16(0)
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			now += rapid.Int64Range(0, 60_000_000).Draw(t, "pause")
			switch rapid.IntRange(0, 4).Draw(t, "what") {
			case 0, 1, 2:
				size := rapid.IntRange(1, 1400).Draw(t, "size")
				it := Item{Since: now, Slot: uint8(rapid.IntRange(0, 2).Draw(t, "slot")), Seq: seq, Size: uint16(size)}
				seq++
				if p.Admit(size, now) {
					if len(model) > 0 {
						t.Fatal("went past others")
					}
					out += int64(size) * 8
				} else if p.Push(it) {
					model = append(model, it)
				} else if len(model) != Most {
					t.Fatalf("refused with %d waiting", len(model))
				}
			case 3:
				for {
					it, ok := p.Pop(now)
					if !ok {
						break
					}
					if len(model) == 0 || it != model[0] {
						t.Fatalf("popped %v", it)
					}
					model = model[1:]
					out += int64(it.Size) * 8
				}
			case 4:
				slot := uint8(rapid.IntRange(0, 2).Draw(t, "dropped"))
				var kept []Item
				var gone, told []uint16
				for _, it := range model {
					if it.Slot != slot {
						kept = append(kept, it)
					} else {
						gone = append(gone, it.Seq)
					}
				}
				n := p.Drop(slot, func(seq uint16) { told = append(told, seq) })
				if n != len(gone) || !slices.Equal(told, gone) {
					t.Fatalf("dropped %d, %v of %v", n, told, gone)
				}
				model = kept
			}
			bytes, since := 0, now
			if len(model) > 0 {
				since = model[0].Since
			}
			if got := p.Waited(now); got != now-since {
				t.Fatalf("the next waited for %d, want %d", got, now-since)
			}
			for _, it := range model {
				bytes += int(it.Size)
			}
			if n, b := p.Waiting(); n != len(model) || b != bytes {
				t.Fatalf("%d packets, %d bytes wait; want %d, %d", n, b, len(model), bytes)
			}
			most := (now-began)/1000*rate/1_000_000 + p.most(rate) + 1400*8
			if out > most {
				t.Fatalf("%d bits in %d ms, at most %d", out, (now-began)/1_000_000, most)
			}
		}
		p.SetRate(0, now)
		for range model {
			if _, ok := p.Pop(now); !ok {
				t.Fatal("without a rate something waits")
			}
		}
	})
}
