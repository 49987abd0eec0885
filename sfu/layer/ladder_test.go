package layer

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func simulcast(id uint64, role Role) Slot {
	return Slot{ID: id, Role: role, Options: []Option{
		{0, 0, 180, 70_000}, {0, 2, 180, 150_000}, {1, 1, 360, 350_000}, {1, 2, 360, 500_000}, {2, 1, 720, 1_100_000}, {2, 2, 720, 1_600_000},
	}}
}

func lecture() Input {
	return Input{Audio: 50_000, Slots: [Slots]Slot{simulcast(1, Camera)}}
}

// sixTiles is a lecture beside six tiles whose stage has its least layer only, and all that it may have.
func sixTiles() (in Input, all []Option) {
	in = lecture()
	in.Now = second
	all = in.Slots[0].Options
	in.Slots[0].Options = all[:2]
	for i := 3; i < 9; i++ {
		in.Slots[i] = simulcast(uint64(i), Tile)
	}
	return in, all
}

// climb steps through so many seconds at an estimate, ten times a second.
func climb(l *Ladder, in *Input, seconds float64, estimate int64) (d Decision) {
	in.Estimate = estimate
	for range int(seconds * 10) {
		in.Now += second / 10
		d = l.Step(*in)
	}
	return d
}

func TestDownAtOnceUpSlowly(t *testing.T) {
	var l Ladder
	in := lecture()
	in.Now = second
	if d := climb(&l, &in, 0.1, 2_000_000); d.Rung != High || d.Reason != Top || d.Want != 0 {
		t.Fatalf("a fresh viewer of a good path: %+v", d)
	}
	for _, c := range []struct {
		estimate int64
		rung     Rung
	}{{600_000, Medium}, {210_000, Low}, {60_000, Voice}} {
		d := climb(&l, &in, 0.1, c.estimate)
		if d.Rung != c.rung || d.Reason != Network || !d.Lower || d.Rate > c.estimate {
			t.Fatalf("at %d: %+v", c.estimate, d)
		}
		if d.Want <= c.estimate*9/10 {
			t.Fatalf("at %d it wants no more than %d", c.estimate, d.Want)
		}
	}
	if d := climb(&l, &in, 1, 2_000_000); d.Rung != Voice {
		t.Fatalf("up after a second: %+v", d)
	}
	if d := climb(&l, &in, 14, 2_000_000); d.Rung != High {
		t.Fatalf("not up after 15 s: %+v", d)
	}
}

// Who has nothing and shares the path with nobody looks for all there is; what is then found and seen for a moment only is not spent to the
// last, and who saw others fill the path looks for the next step.
func TestAllAtOnceFromTheBottom(t *testing.T) {
	for _, shared := range []bool{false, true} {
		var l Ladder
		in := lecture()
		in.Now = second
		climb(&l, &in, 10, 60_000)
		in.Full = shared
		climb(&l, &in, 0.1, 60_000)
		in.Full = false
		d := climb(&l, &in, 0.1, 60_000)
		if all := d.Want > 1_650_000; d.Rung != Voice || all == shared {
			t.Fatalf("shared %v: %+v", shared, d)
		}
		if shared {
			continue
		}
		if d = climb(&l, &in, 2, 2_000_000); d.Rung != Medium {
			t.Fatalf("after two seconds of room for all: %+v", d)
		}
		if d = climb(&l, &in, 3, 2_000_000); d.Rung != High {
			t.Fatalf("after five: %+v", d)
		}
	}
}

func TestVoiceIsNeverTaken(t *testing.T) {
	var l Ladder
	in := lecture()
	if d := climb(&l, &in, 3, 0); d.Rung != Voice || d.Rate != in.Audio {
		t.Fatalf("%+v", d)
	}
}

func TestInterpreterOutlivesTheSpeaker(t *testing.T) {
	var l Ladder
	in := lecture()
	in.Slots[1] = simulcast(2, Screen)
	in.Slots[2] = simulcast(3, Interpreter)
	d := climb(&l, &in, 1, 125_000)
	if [3]int(d.Choice[:3]) != [3]int{-1, -1, 0} || d.Rung != Voice {
		t.Fatalf("%+v", d)
	}
	in.Slots[1].Options = []Option{{0, 0, 180, 40_000}}
	in.Slots[2].ID = 9
	if d := climb(&l, &in, 1, 170_000); [3]int(d.Choice[:3]) != [3]int{-1, 0, 0} || d.Rung != Slides {
		t.Fatalf("%+v", d)
	}
}

func TestPins(t *testing.T) {
	for _, c := range []struct {
		pin    Pin
		rung   Rung
		reason Reason
		rate   int64
	}{
		{Auto, High, Top, 1_650_000},
		{ToMedium, Medium, Chosen, 550_000},
		{ToLow, Low, Chosen, 200_000},
		{Save, Low, Saving, 120_000},
		{ToVoice, Voice, Chosen, 50_000},
	} {
		var l Ladder
		in := lecture()
		climb(&l, &in, 1, 5_000_000)
		in.Pin = c.pin
		if d := climb(&l, &in, 0.1, 5_000_000); d.Rung != c.rung || d.Reason != c.reason || d.Rate != c.rate || d.Want != 0 {
			t.Errorf("pin %d: %+v", c.pin, d)
		}
	}
}

// TestReasons: every reason is told when it is the one.
func TestReasons(t *testing.T) {
	small := lecture()
	small.Slots[0].Options = small.Slots[0].Options[:4]
	for name, c := range map[string]struct {
		in       Input
		estimate int64
		limit    int64
		starting bool
		pin      Pin
		want     Reason
	}{
		"all there is":               {lecture(), 3_000_000, 0, false, Auto, Top},
		"a narrow path":              {lecture(), 600_000, 0, false, Auto, Network},
		"a path not known yet":       {lecture(), 600_000, 0, true, Auto, Start},
		"a guess, but enough":        {lecture(), 3_000_000, 0, true, Auto, Top},
		"a limit":                    {lecture(), 3_000_000, 600_000, false, Auto, Busy},
		"a limit above the path":     {lecture(), 600_000, 900_000, false, Auto, Network},
		"a limit above everything":   {lecture(), 3_000_000, 5_000_000, false, Auto, Top},
		"a small source":             {small, 3_000_000, 0, false, Auto, Source},
		"a small source, half of it": {small, 250_000, 0, false, Auto, Network},
		"a pin":                      {lecture(), 3_000_000, 0, false, ToMedium, Chosen},
		"a pin above the path":       {lecture(), 100_000, 0, false, ToMedium, Network},
		"saving":                     {lecture(), 3_000_000, 0, false, Save, Saving},
		"an empty stage":             {Input{Audio: 50_000}, 3_000_000, 0, false, Auto, Top},
	} {
		var l Ladder
		in := c.in
		in.Now, in.Limit, in.Starting, in.Pin = second, c.limit, c.starting, c.pin
		d := climb(&l, &in, 1, c.estimate)
		if d.Reason != c.want {
			t.Errorf("%s: %v, want %v (%+v)", name, d.Reason, c.want, d)
		}
		if c.limit > 0 && d.Rate > c.limit {
			t.Errorf("%s: %d of a limit of %d", name, d.Rate, c.limit)
		}
	}
}

// TestWhatLeavesTooLate: whatever the estimate says, what leaves too late for longer than the viewer bears it is given up for less, a step at a
// time, and that even if the least is late; what is late for a moment is borne.
func TestWhatLeavesTooLate(t *testing.T) {
	for seed := range uint64(20) {
		l := Ladder{Seed: seed}
		in := lecture()
		in.Now = second
		was := climb(&l, &in, 20, 1_400_000) // 720p in half its frames
		for range 5 {
			in.Wait = tardy
			if d := climb(&l, &in, 0.7, 1_400_000); d.Rate != was.Rate {
				t.Fatalf("seed %d: late for a moment, and %+v instead of %+v", seed, d, was)
			}
			in.Wait = tardy - 1
			climb(&l, &in, 0.1, 1_400_000)
		}
		for was.Rung != Voice {
			in.Wait = tardy
			began, d := in.Now, was
			for d.Rate == was.Rate && in.Now-began < 3*second {
				d = climb(&l, &in, 0.1, 1_400_000)
			}
			if d.Rate*100 > was.Rate*relief || !d.Lower || in.Now-began > 2*second {
				t.Fatalf("seed %d: after %d ms of %+v it is %+v", seed, (in.Now-began)/1_000_000, was, d)
			}
			if was.Rung == High && d.Rung != Medium {
				t.Fatalf("seed %d: %+v after %+v", seed, d, was)
			}
			was = d
		}
	}
}

func TestFlappingIsDamped(t *testing.T) {
	// A path that carries the 720p step only as long as it is not used: each climb is soon regretted.
	var l Ladder
	in := lecture()
	in.Now = second
	climb(&l, &in, 1, 700_000)
	changes, was := 0, Medium
	for range 1200 {
		in.Now += second / 10
		in.Estimate = 2_000_000
		if was == High && in.Now-l.climbed > second {
			in.Estimate = 700_000
		}
		if d := l.Step(in); d.Rung != was {
			changes++
			was = d.Rung
		}
	}
	if changes > 26 {
		t.Errorf("%d changes in two minutes", changes)
	}
	if changes < 6 {
		t.Errorf("%d changes: it stopped trying", changes)
	}
}

// TestLastInFirstOut: two viewers on one path. When it is a little too narrow for both, who climbed last falls, and the other stays.
func TestLastInFirstOut(t *testing.T) {
	for seed := range uint64(50) {
		old, late := Ladder{Seed: seed}, Ladder{Seed: seed + 1000}
		in := lecture()
		in.Now = second
		climb(&old, &in, 30, 700_000)
		in.Now = 20 * second
		climb(&late, &in, 1, 300_000)
		climb(&late, &in, 10, 700_000)
		in.Estimate = 500_000 // of 550,000
		for fallen := false; !fallen; {
			in.Full = true
			in.Now += second / 10
			fallen = late.Step(in).Lower
			if old.Step(in).Lower {
				t.Fatalf("seed %d: who was there first fell", seed)
			}
			if in.Now > 40*second {
				t.Fatalf("seed %d: nobody fell", seed)
			}
		}
		in.Full = false
		if d := climb(&old, &in, 1, 600_000); d.Rate != 550_000 {
			t.Fatalf("seed %d: the other did not stay: %+v", seed, d)
		}
	}
}

// TestSharedPathsAreClimbedSlowly: where others fill the path, a large step waits longer than a small one, and one waits at a time.
func TestSharedPathsAreClimbedSlowly(t *testing.T) {
	wait := func(from int64, shared bool) (float64, Decision) {
		l, in := Ladder{Seed: 7}, lecture()
		in.Now = second
		was := climb(&l, &in, 10, from)
		if shared {
			in.Full = true
			climb(&l, &in, 0.1, from)
			in.Full = false
		}
		for n := range 600 {
			if d := climb(&l, &in, 0.1, 5_000_000); d.Rate > was.Rate {
				return float64(n+1) / 10, d
			}
		}
		t.Fatalf("from %d: never", from)
		return 0, Decision{}
	}
	alone, top := wait(60_000, false)
	if alone > 2 || top.Rung != High {
		t.Errorf("alone: %v s to %+v", alone, top)
	}
	small, next := wait(60_000, true)
	if small < 3 || small > 5.1 || next.Choice[0] != 0 {
		t.Errorf("shared: %v s to %+v", small, next)
	}
	large, _ := wait(700_000, true)
	if large < 2.5*small {
		t.Errorf("shared: a step of 600 kbit/s waits %v s, one of 70 kbit/s %v", large, small)
	}
}

func TestNoiseChangesNothing(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var l Ladder
	in := lecture()
	was, changes := climb(&l, &in, 1, 600_000).Rung, 0
	for range 6000 {
		in.Now += second / 10
		in.Estimate = 600_000 + rng.Int64N(160_000) - 80_000
		if d := l.Step(in); d.Rung != was {
			changes++
			was = d.Rung
		}
	}
	if changes > 0 {
		t.Errorf("%d changes in ten minutes of 8 %% noise", changes)
	}
}

func TestSingleLayer(t *testing.T) {
	var l Ladder
	in := Input{Now: second, Audio: 50_000}
	in.Slots[0] = Slot{ID: 1, Options: []Option{{0, 0, 720, 1_500_000}}}
	if d := climb(&l, &in, 1, 500_000); d.Rung != Voice || d.Want < 1_550_000 {
		t.Errorf("%+v", d)
	}
	in.Pin = ToLow // the least there is
	if d := climb(&l, &in, 1, 3_000_000); d.Rung != High {
		t.Errorf("%+v", d)
	}
}

func genInput(t *rapid.T) Input {
	in := Input{
		Audio: rapid.Int64Range(20_000, 150_000).Draw(t, "audio"), Pin: Pin(rapid.IntRange(0, 4).Draw(t, "pin")),
	}
	for i := range in.Slots {
		if !rapid.Bool().Draw(t, "filled") {
			continue
		}
		s := Slot{ID: rapid.Uint64Range(1, 3).Draw(t, "id"), Role: Role(rapid.IntRange(0, 2).Draw(t, "role"))}
		for range rapid.IntRange(0, 9).Draw(t, "options") {
			s.Options = append(s.Options, Option{
				rapid.IntRange(0, 2).Draw(t, "layer"), uint8(rapid.IntRange(0, 2).Draw(t, "tid")),
				rapid.SampledFrom([]int{0, 90, 180, 360, 720, 1080}).Draw(t, "height"), rapid.Int64Range(10_000, 3_000_000).Draw(t, "rate"),
			})
		}
		s.Options = Sort(s.Options)
		if !slices.IsSortedFunc(s.Options, func(a, b Option) int { return int(a.Rate - b.Rate) }) {
			t.Fatalf("unsorted %v", s.Options)
		}
		in.Slots[i] = s
	}
	return in
}

// TestMoreNeverGivesLess: a fresh viewer with a larger estimate gets in every slot at least as much, and never more than it pays for.
func TestMoreNeverGivesLess(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := genInput(t)
		in.Estimate = rapid.Int64Range(0, 9_000_000).Draw(t, "estimate")
		var a, b Ladder
		lo := a.Step(in)
		if lo.Rate > max(in.Estimate, in.Audio) {
			t.Fatalf("%d of %d", lo.Rate, in.Estimate)
		}
		in.Estimate += rapid.Int64Range(0, 3_000_000).Draw(t, "more")
		hi := b.Step(in)
		for i := range lo.Choice {
			if hi.Choice[i] < lo.Choice[i] {
				t.Fatalf("slot %d: %d with less, %d with more", i, lo.Choice[i], hi.Choice[i])
			}
		}
		if lo.Rung > hi.Rung && lo.Rung != Slides {
			t.Fatalf("rung %v with less, %v with more", lo.Rung, hi.Rung)
		}
	})
}

// TestAlwaysInBounds: over any run of inputs the choices exist, what goes beyond the estimate does so within bounds, and the
// interpreter is there as long as any camera is.
func TestAlwaysInBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l Ladder
		in := genInput(t)
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			if rapid.IntRange(0, 9).Draw(t, "change") == 0 {
				now := in.Now
				in = genInput(t)
				in.Now = now
			}
			in.Now += rapid.Int64Range(0, 4*second).Draw(t, "pause")
			in.Estimate = rapid.Int64Range(0, 6_000_000).Draw(t, "estimate")
			in.Full, in.Wait = rapid.Bool().Draw(t, "full"), rapid.Int64Range(0, 2*second).Draw(t, "wait")
			d := l.Step(in)
			total, camera, interpreter := in.Audio, false, true
			for i, c := range d.Choice {
				s := in.Slots[i]
				if c < -1 || c >= len(s.Options) || c >= 0 && s.ID == 0 {
					t.Fatalf("choice %v of %+v", d.Choice, s)
				}
				if c >= 0 {
					total += s.Options[c].Rate
					camera = camera || s.Role != Interpreter
				} else if s.Role == Interpreter && s.ID != 0 && len(s.Options) > 0 {
					interpreter = interpreter && !allowed(in.Pin, s, 0)
				}
			}
			if total != d.Rate || total > in.Audio && total*100 > in.Estimate*far {
				t.Fatalf("%d (said %d) of %d", total, d.Rate, in.Estimate)
			}
			if camera && !interpreter {
				t.Fatalf("a camera without the interpreter: %+v", d)
			}
		}
	})
}

func BenchmarkStep(b *testing.B) {
	var l Ladder
	in := lecture()
	in.Slots[1], in.Slots[2] = simulcast(2, Screen), simulcast(3, Interpreter)
	b.ReportAllocs()
	for i := range b.N {
		in.Now += second / 10
		in.Estimate = int64(i%3_000_000 + 100)
		l.Step(in)
	}
}

// A tile that stands small needs its least height only, with what temporal layers that has.
func TestLeast(t *testing.T) {
	list := Sort([]Option{{Layer: 1, Height: 360, Rate: 500_000}, {Layer: 0, TID: 1, Height: 180, Rate: 150_000}, {Layer: 0, Height: 180, Rate: 80_000}})
	if got := Least(list); len(got) != 2 || got[1].Height != 180 {
		t.Errorf("%+v", got)
	}
	if got := Least(list[2:]); len(got) != 1 || got[0].Height != 360 {
		t.Errorf("of a source without a smaller one %+v", got)
	}
	if Least(nil) != nil {
		t.Error("of nothing something")
	}
}

func TestTilesComeAfterTheStage(t *testing.T) {
	var l Ladder
	in := lecture()
	for i := 3; i < Slots; i++ {
		in.Slots[i] = simulcast(uint64(i), Tile)
	}
	d := climb(&l, &in, 1, in.Audio+in.Slots[0].Options[0].Rate+2*in.Slots[3].Options[0].Rate)
	tiles := 0
	for _, c := range d.Choice[3:] {
		if c >= 0 {
			tiles++
		}
	}
	if d.Choice[0] != 0 || tiles != 2 {
		t.Fatalf("for the stage and two tiles: %+v", d)
	}
	d = climb(&l, &in, 60, 1<<40)
	for _, c := range d.Choice[3:] {
		if c < 0 || in.Slots[3].Options[c].rung() != Medium {
			t.Fatalf("with room for all, tiles are at most Medium: %+v", d)
		}
	}
	if d.Rung != High || d.Want != 0 {
		t.Fatalf("%+v", d)
	}
	in.Slots[0] = Slot{}
	if d := climb(&l, &in, 1, 1<<40); d.Rung != Low {
		t.Fatalf("a gallery alone: %+v", d)
	}
}

// TestSlidesBeforeCamera: who cannot have both gets the shared screen, with all its lines and few frames; then the camera comes
// back, and the screen's frames with it. A screen that is far dearer than the camera waits.
func TestSlidesBeforeCamera(t *testing.T) {
	in := lecture()
	in.Slots[0] = Slot{1, Screen, []Option{{0, 0, 720, 100_000}, {1, 0, 720, 700_000}, {1, 2, 720, 2_000_000}}}
	in.Slots[1] = simulcast(2, Camera)
	for _, c := range []struct {
		estimate       int64
		screen, camera int
		rung           Rung
	}{{140_000, -1, -1, Voice}, {200_000, 0, -1, Slides}, {310_000, 0, 1, Low}, {1_100_000, 1, 2, Medium}, {1_300_000, 1, 3, Medium}, {9_000_000, 2, 5, High}} {
		var l Ladder
		in.Now += second
		d := climb(&l, &in, 1, c.estimate)
		if [2]int(d.Choice[:2]) != [2]int{c.screen, c.camera} || d.Rung != c.rung {
			t.Errorf("at %d: %v, %v; want %d, %d, %v", c.estimate, d.Choice[:2], d.Rung, c.screen, c.camera, c.rung)
		}
	}
	var l Ladder
	climb(&l, &in, 1, 200_000)
	cost := in.Audio + in.Slots[0].Options[0].Rate
	if d := climb(&l, &in, 30, cost*90/100); d.Rung != Slides {
		t.Errorf("a page that is seen, on a path that shows a tenth less: %v", d.Rung)
	}
	if d := climb(&l, &in, 30, cost*80/100); d.Rung != Voice {
		t.Errorf("a path that shows a fifth less: %v", d.Rung)
	}
	if d := climb(&l, &in, 30, cost*110/100); d.Rung != Voice {
		t.Errorf("it is begun without the margin: %v", d.Rung)
	}
	in.Slots[0].Options = in.Slots[0].Options[1:]
	l = Ladder{}
	if d := climb(&l, &in, 1, 200_000); [2]int(d.Choice[:2]) != [2]int{-1, 0} {
		t.Errorf("a dear screen: %v", d.Choice[:2])
	}
	in.Slots[1] = Slot{}
	l = Ladder{}
	if d := climb(&l, &in, 1, 9_000_000); d.Rung != High || d.Reason != Top {
		t.Errorf("a screen alone: %v, %v", d.Rung, d.Reason)
	}
}

// TestOptionsComeAndGo: a half-step that appears or goes away changes nothing for who shows another one; in the stead of one that goes because it
// saves little, the layer's next stays, and else what is cheaper is shown.
func TestOptionsComeAndGo(t *testing.T) {
	full := simulcast(1, Camera).Options
	without := func(drop ...int) (list []Option) {
		for i, o := range full {
			if !slices.Contains(drop, i) {
				list = append(list, o)
			}
		}
		return list
	}
	dear := func(i int, rate int64) []Option {
		list := slices.Clone(full)
		list[i].Rate = rate
		return list
	}
	for _, c := range []struct {
		name        string
		before, now []Option
		rate        int64 // of the path
		want        Option
	}{
		{"a half-step below appears", without(4), full, 1_700_000, full[5]},
		{"two below appear", without(0, 4), full, 1_700_000, full[5]},
		{"one below goes", full, without(1), 1_700_000, full[5]},
		{"one above goes", full, without(4, 5), 600_000, full[3]},
		{"one above appears", without(4), full, 1_000_000, full[3]},
		{"the half-step shown goes: it saved a fifteenth", dear(4, 1_500_000), without(4), 1_550_000, full[5]},
		{"the half-step shown goes: the next is far dearer", full, without(4), 1_200_000, full[3]},
	} {
		var l Ladder
		in := lecture()
		in.Now = second
		in.Slots[0].Options = c.before
		climb(&l, &in, 1, c.rate)
		in.Slots[0].Options = c.now
		d := climb(&l, &in, 0.1, c.rate)
		if got := c.now[d.Choice[0]]; got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

// TestLikeTilesDoNotTakeTurns: of tiles whose rates change places all the time, those that are shown stay.
func TestLikeTilesDoNotTakeTurns(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	var l Ladder
	in := Input{Now: second, Audio: 50_000}
	var was [Slots]bool
	for n := range 600 {
		for i := 3; i < Slots; i++ {
			in.Slots[i] = Slot{uint64(i), Tile, []Option{{0, 0, 180, 90_000 + rng.Int64N(20_000)}}}
		}
		d := climb(&l, &in, 0.1, 50_000+5*125_000)
		var is [Slots]bool
		for i, c := range d.Choice {
			is[i] = c >= 0
			if n > 0 && was[i] && !is[i] {
				t.Fatalf("step %d: tile %d went", n, i)
			}
		}
		was = is
	}
}

// TestWhatMattersMoreTakesThePlace: a layer that appears late is climbed to where there is room for it without what matters less, and what was
// shown stays until then.
func TestWhatMattersMoreTakesThePlace(t *testing.T) {
	var l Ladder
	in, all := sixTiles()
	const path = 1_500_000 // the stage's 360 lines and six tiles of 180, or two of these with 360
	before := climb(&l, &in, 60, path)
	in.Slots[0].Options = all
	now := climb(&l, &in, 0.1, path)
	if now.Choice != before.Choice || now.Want == 0 {
		t.Fatalf("%v, then %v", before.Choice, now.Choice)
	}
	if d := climb(&l, &in, 30, path); d.Choice[0] != 3 || d.Rate > path {
		t.Fatalf("half a minute later: %+v", d)
	}
}

// TestOptionsAlone: whatever options appear or go beside those that are shown, and these stay and fit: nothing that is shown changes by
// itself, but for a climb.
func TestOptionsAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var whole [3]Slot
		in := Input{Now: second, Audio: 50_000}
		for i := range whole {
			whole[i] = simulcast(uint64(i+1), []Role{Camera, Screen, Tile}[i])
		}
		whole[2].Options = whole[2].Options[:4] // a tile has 720 lines only until it has less
		// Some of a slot's options, that which is shown always among them, and where it stands.
		some := func(i int, shown Option) ([]Option, int) {
			var list []Option
			at := -1
			for _, o := range whole[i].Options {
				if o == shown {
					at = len(list)
				}
				if o == shown || rapid.Bool().Draw(t, "there") {
					list = append(list, o)
				}
			}
			if len(list) == 0 {
				list = whole[i].Options[:1]
			}
			return list, at
		}
		for i := range whole {
			in.Slots[i] = whole[i]
			in.Slots[i].Options, _ = some(i, Option{})
		}
		var l Ladder
		in.Estimate = rapid.Int64Range(60_000, 6_000_000).Draw(t, "estimate")
		was := l.Step(in)
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			want := none
			for i := range whole {
				var shown Option
				if c := was.Choice[i]; c >= 0 {
					shown = in.Slots[i].Options[c]
				}
				in.Slots[i].Options, want[i] = some(i, shown)
			}
			in.Now += second / 10
			in.Full = rapid.Bool().Draw(t, "full")
			is := l.Step(in)
			if l.climbed != in.Now && is.Choice != want {
				t.Fatalf("%v of before is %v now, and not %v", was.Choice, want, is.Choice)
			}
			was = is
		}
	})
}
