package bwe

import (
	"slices"
	"testing"

	"betang/sfu/layer"
)

// watcher is a viewer of one small picture and a voice, on a path of its own: what the ladder chose is sent.
type watcher struct {
	*path
	l       layer.Ladder
	in      layer.Input
	out     layer.Decision
	blind   bool  // the ladder knows the estimate alone
	climbed int64 // when a picture last began
}

const (
	spoken = 34_000
	shown  = 129_000
	fits   = (spoken + shown) * 12 / 10 // for the picture to be begun
)

func makeWatcher(rate int64, seed uint64) *watcher {
	w := &watcher{path: makePath(rate), l: layer.Ladder{Seed: seed * 0x2545f4914f6cdd1d}, blind: true}
	w.room = 300 * ms
	w.e.prober.dice = seed * 0x9e3779b97f4a7c15
	w.in.Audio = spoken
	w.in.Slots[0] = layer.Slot{ID: 1, Options: []layer.Option{{Height: 180, Rate: shown}}}
	return w
}

// watch goes on for a millisecond.
func (w *watcher) watch(t testing.TB) {
	w.step(t)
	at := w.now / ms
	if at%100 == 0 {
		w.e.Tick(w.now)
		w.in.Now, w.in.Estimate, w.in.Proven = w.now, w.e.Rate(), w.e.Proven(w.now)
		w.in.Full, w.in.Trying, w.in.Starting = w.e.Full(), w.e.Trying(w.now), w.e.Young(w.now)
		if w.blind {
			w.in.Proven = 0
		}
		had := w.out.Choice[0]
		if w.out = w.l.Step(w.in); had < 0 && w.out.Choice[0] == 0 {
			w.climbed = w.now
		}
		if w.blind {
			w.out.Prove = 0
		}
	}
	if at%60 == 0 {
		w.send(spoken * 60 / 8000)
	}
	if at%33 == 0 && w.out.Choice[0] >= 0 && w.now > w.e.Drain() {
		w.send(shown / 30 / 8)
	}
	if at%20 == 10 {
		for n := w.e.Probe(w.out.Want, w.out.Prove, w.now); n > 0; n -= 300 {
			w.send(max(min(n, 300), 60))
		}
	}
}

// untilItWaits has the path carry too little for the picture at least so many times. The oftener the picture falls soon after it has begun, the longer
// the viewer waits before it begins another: until what a probe found is so old.
func (w *watcher) untilItWaits(t testing.TB, times int, old int64) {
	for n := range times + 4 {
		w.rate = 130_000
		for end := w.now + 4*second; w.now < end; {
			w.watch(t)
		}
		w.rate = 300_000
		for end := w.now + 60*second; w.now < end && w.out.Choice[0] < 0; {
			w.watch(t)
			if n >= times-1 && w.out.Choice[0] < 0 && w.e.Rate() >= fits && w.now-w.e.prober.foundAt >= old {
				return
			}
		}
	}
	t.Fatal("it never waits")
}

// TestNoClimbOnWhatWasKnown: a path becomes narrow while a viewer waits to begin a picture that it carried before. No picture and no probe puts much
// into its queue, where the voice stands; and where the path stays as it was, the picture comes when it did.
func TestNoClimbOnWhatWasKnown(t *testing.T) {
	var longest, delayed []int64
	for seed := range uint64(24) {
		for _, old := range []int64{second, 2 * second, provenFor} {
			w := makeWatcher(300_000, seed)
			w.untilItWaits(t, 3, old)
			w.rate, w.worst, w.blind = 64_000, 0, false
			for end := w.now + 15*second; w.now < end; {
				w.watch(t)
			}
			longest = append(longest, w.worst/ms)
			within(t, "estimate", w.e.Rate(), 30_000, 90_000)
			if w.dropped > 0 {
				t.Errorf("seed %d: %d dropped", seed, w.dropped)
			}
		}
		for times := range 4 {
			var came [2]int64
			for i := range came {
				w := makeWatcher(300_000, seed)
				w.untilItWaits(t, times+1, 0)
				w.blind = i == 0
				for end := w.now + 30*second; w.now < end && w.out.Choice[0] < 0; {
					w.watch(t)
				}
				came[i] = w.climbed
			}
			delayed = append(delayed, (came[1]-came[0])/ms)
		}
	}
	slices.Sort(longest)
	slices.Sort(delayed)
	t.Logf("queues of %v ms; pictures later by %v ms", longest, delayed)
	within(t, "longest queue, ms", longest[len(longest)-1], 0, 120) // by the estimate alone 299
	within(t, "later, ms", delayed[len(delayed)-1], 0, 100)
}

// TestProofsDoNotWaitForOthers: that others filled the path has a probe for more wait long, and not the proof of what is about to be sent; one that
// failed by itself is not tried again at once.
func TestProofsDoNotWaitForOthers(t *testing.T) {
	const need = 130_000
	for _, own := range []bool{false, true} {
		p := makePath(200_000)
		p.run(t, 20, 1_500_000)
		p.voice(t, 4, 0)
		p.now += second
		if r, known := p.e.Rate(), p.e.Proven(p.now); r < need || known >= need {
			t.Fatalf("the estimate is %d, and %d of it proven", r, known)
		}
		pr := &p.e.prober
		pr.on = own
		pr.fail(p.now)
		waits := pr.next - p.now
		if n := p.e.Probe(1_500_000, 0, p.now); n != 0 {
			t.Fatalf("a probe for more at once: %d bytes", n)
		}
		if n := p.e.Probe(1_500_000, need, p.now); n > 0 == own {
			t.Errorf("own failure %v: %d bytes at once for a proof", own, n)
		}
		if own {
			if n := p.e.Probe(1_500_000, need, p.now+waits); n == 0 {
				t.Errorf("none after %d ms", waits/ms)
			}
		} else if pr.target > 1.1*need {
			t.Errorf("%.0f is tried, and %d asked for", pr.target, need)
		}
		if waits < second {
			t.Errorf("a failure has the next wait for %d ms", waits/ms)
		}
	}
}
