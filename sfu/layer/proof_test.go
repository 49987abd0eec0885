package layer

import (
	"testing"

	"pgregory.net/rapid"
)

// TestAClimbAsksForProof: what fits the estimate alone is not begun. Shortly before the climb is due its proof is asked for; it goes as far as that
// allows, and is begun without one only where none comes for long.
func TestAClimbAsksForProof(t *testing.T) {
	const low, all = 120_000, 200_000 // the least picture and the voice, and with all its frames
	until := func(l *Ladder, in *Input, most float64, is func(Decision) bool) (float64, Decision) {
		began := in.Now
		for in.Now-began < int64(most*1e9) {
			if d := climb(l, in, 0.1, 2_000_000); is(d) {
				return float64(in.Now-began) / 1e9, d
			}
		}
		t.Fatalf("not in %v s", most)
		return 0, Decision{}
	}
	pictured := func(d Decision) bool { return d.Choice[0] >= 0 }
	for seed := range uint64(20) {
		for _, c := range []struct {
			what   string
			proven int64 // once it was asked for
			rate   int64 // of what is climbed to
			bears  float64
		}{{"nothing found", 0, low, 8}, {"hardly enough", low, low, 0}, {"one step more", all + 10_000, all, 0}, {"all", 2_000_000, 550_000, 0}} {
			l, in := Ladder{Seed: seed}, lecture()
			in.Now, in.Proven = second, 60_000
			climb(&l, &in, 10, 60_000)
			asked, d := until(&l, &in, 2, func(d Decision) bool { return d.Prove > 0 })
			if d.Prove != low || pictured(d) {
				t.Fatalf("%s: %+v", c.what, d)
			}
			in.Proven = max(in.Proven, c.proven)
			took, d := until(&l, &in, 10, pictured)
			if wait := asked + took - c.bears; d.Rate != c.rate || took < 0.8+c.bears || wait < 1.1 || wait > 2.2 || d.Prove != 0 {
				t.Errorf("%s: asked for after %v s, %v s later %+v", c.what, asked, took, d)
			}
		}
	}
}

// TestProofInTheSteadOfLess: where a step is to take the place of what matters less, it is what then is sent that must be proven.
func TestProofInTheSteadOfLess(t *testing.T) {
	var l Ladder
	in, all := sixTiles()
	const path = 1_500_000
	climb(&l, &in, 60, path)
	in.Slots[0].Options = all
	for range 300 {
		d := climb(&l, &in, 0.1, path)
		if d.Prove*margin/100 > path {
			t.Fatalf("asked for more than there is room for: %+v", d)
		}
		if in.Proven = max(d.Prove, 1); d.Choice[0] == 3 {
			return
		}
	}
	t.Fatal("not climbed in half a minute")
}

// TestProof: over any run no climb goes beyond what is proven, but for one that has waited for it in vain; what is asked for has
// room in the estimate; and where all is proven, everything is as if nothing was said of it.
func TestProof(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		l, told, untold := Ladder{Seed: seed}, Ladder{Seed: seed}, Ladder{Seed: seed}
		in := genInput(t)
		was := Decision{Rate: in.Audio}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			in.Now += rapid.Int64Range(0, second).Draw(t, "pause")
			if rapid.IntRange(0, 4).Draw(t, "another path") == 0 {
				in.Estimate = rapid.Int64Range(1, 6_000_000).Draw(t, "estimate")
			}
			in.Full = rapid.IntRange(0, 9).Draw(t, "full") == 0
			in.Proven = in.Estimate
			a := told.Step(in)
			in.Proven = 0
			if b := untold.Step(in); a != b {
				t.Fatalf("all is proven: %+v, nothing said: %+v", a, b)
			}
			in.Proven = rapid.Int64Range(1, in.Estimate+1).Draw(t, "proven")
			ripe, wait, fresh := l.ripe, l.wait, !l.begun
			d := l.Step(in)
			if climbed := l.climbed == in.Now && !fresh; climbed && d.Rate > max(in.Proven, was.Rate) && (ripe == 0 || in.Now-ripe-wait < bear) {
				t.Fatalf("to %d, of which %d are proven, after %d ms of %d", d.Rate, in.Proven, (in.Now-ripe)/1e6, wait/1e6)
			}
			if d.Prove > 0 && (d.Prove*margin/100 > in.Estimate || d.Want == 0 || in.Full) {
				t.Fatalf("asked for a proof of %d at %+v: %+v", d.Prove, in, d)
			}
			was = d
		}
	})
}
