package sfu

import (
	"testing"

	"betang/sfu/ring"

	"pgregory.net/rapid"
)

// A frame's packets are padded so that a segmented message can hold them, and never by much.
func TestLevel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.OneOf(rapid.IntRange(0, 1400), rapid.IntRange(850, 860)), 1, frameMost).Draw(t, "sizes")
		behind := rapid.Bool().Draw(t, "voice behind")
		packets := make([]packet, len(sizes))
		total := 0
		stamp := uint32(0)
		for i, n := range sizes {
			if rapid.IntRange(0, 5).Draw(t, "new frame") == 0 {
				stamp++
			}
			packets[i].payload, packets[i].meta = packets[i].room[:n], ring.Meta{Timestamp: stamp}
			packets[i].pad = 77 // of the round before
			total += n
		}
		level(packets, behind)
		pads := 0
		for i, p := range packets {
			pads += p.pad
			if p.pad < 0 || p.pad > padMost || len(p.payload) == 0 && p.pad > 0 {
				t.Fatalf("packet %d of %d bytes: %d bytes of padding", i, len(p.payload), p.pad)
			}
			last := i == len(packets)-1 || packets[i+1].meta.Timestamp != p.meta.Timestamp
			if p.pad > 0 && last && (!behind || i < len(packets)-1) {
				t.Fatalf("packet %d is the last of its frame and padded", i)
			}
		}
		if pads > total/16+padMost/2*len(packets) {
			t.Fatalf("%d bytes of padding for %d", pads, total)
		}
	})
	packets := make([]packet, 3)
	for i, n := range []int{852, 853, 850} {
		packets[i].payload = packets[i].room[:n]
	}
	if level(packets, false); packets[0].pad != 1 || packets[1].pad != 0 || packets[2].pad != 0 {
		t.Errorf("padding %d %d %d", packets[0].pad, packets[1].pad, packets[2].pad)
	}
	if level(packets, true); packets[0].pad != 1 || packets[1].pad != 0 || packets[2].pad != 3 {
		t.Errorf("padding %d %d %d before a voice", packets[0].pad, packets[1].pad, packets[2].pad)
	}
}

func TestLoad(t *testing.T) {
	const s = int64(1e9)
	l := newLoad(0.3)
	now := s
	run := func(share float64, seconds int64) {
		for range seconds * 10 {
			l.worked(now, now+int64(share*float64(s/10)))
			now += s / 10
		}
		l.worked(now, now)
	}
	for i, step := range []struct {
		share float64
		busy  bool
	}{{0.1, false}, {0.5, true}, {0.2, true}, {0.05, false}, {0.2, false}} {
		run(step.share, 5)
		if l.busy != step.busy {
			t.Errorf("step %d: at %v of its time busy %v", i, step.share, l.busy)
		}
	}
	if l := newLoad(-1); !l.busy {
		t.Error("always is not always")
	}
}
