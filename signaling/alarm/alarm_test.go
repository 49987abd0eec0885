package alarm

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestBoardProperty plays any numbers to a board and holds it to its promise: an alarm comes only after its condition has held
// for as long as the rule says, stays through every wavering, and goes only after the number was low for as long, or its subject is gone.
func TestBoardProperty(t *testing.T) {
	kinds := make([]Kind, 0, len(rules))
	for k, r := range rules {
		if r.on <= r.off {
			t.Fatalf("%s comes at %v and goes at %v", k, r.on, r.off)
		}
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	rapid.Check(t, func(t *rapid.T) {
		var b Board
		k := rapid.SampledFrom(kinds).Draw(t, "kind")
		r := rules[k]
		now, high, low := int64(1_000_000), int64(-1), int64(-1) // since when the number is at least on, and less than off
		stood, last := 0, 0
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now += int64(rapid.IntRange(200, 3000).Draw(t, "ms"))
			var signs []Sign
			value := rapid.SampledFrom([]float64{r.on + 1e-6, (r.on + r.off) / 2, r.off - 1e-6}).Draw(t, "value")
			there := rapid.IntRange(0, 9).Draw(t, "there") > 0
			if there {
				signs = append(signs, Sign{Kind: k, Of: "x", Value: value})
			}
			note := func(at *int64, holds bool) {
				if !holds {
					*at = -1
				} else if *at < 0 {
					*at = now
				}
			}
			note(&high, there && value >= r.on)
			note(&low, there && value < r.off)
			got := b.Step(nil, now, signs)
			switch {
			case len(got) > 1:
				t.Fatalf("one subject, %d alarms", len(got))
			case !there && len(got) > 0:
				t.Fatal("an alarm of what is gone")
			case len(got) == 1 && stood == 0:
				if high < 0 || now-high < r.after || got[0].Since != high || got[0].N <= last {
					t.Fatalf("raised too soon: %+v at %d, high since %d", got[0], now, high)
				}
				last = got[0].N
			case len(got) == 1 && got[0].N != stood:
				t.Fatalf("alarm %d became %d", stood, got[0].N)
			case len(got) == 0 && stood == 0 && high >= 0 && now-high >= r.after:
				t.Fatalf("not raised: high since %d ms", now-high)
			case len(got) == 0 && stood != 0 && there && (low < 0 || now-low < r.rest):
				t.Fatalf("gone too soon: low since %d at %d", low, now)
			case len(got) == 1 && low >= 0 && now-low >= r.rest:
				t.Fatal("it stays though its condition is long gone")
			}
			if stood = 0; len(got) == 1 {
				stood = got[0].N
			}
		}
	})
}

// TestBoardIsBounded: more conditions than a board holds are not all told, and when some go others come.
func TestBoardIsBounded(t *testing.T) {
	var b Board
	var signs []Sign
	for i := range 3 * Most {
		signs = append(signs, Sign{Kind: VoiceGone, Of: string(rune('a' + i)), Value: 4})
	}
	for at := int64(1000); at < 5000; at += 1000 {
		if got := b.Step(nil, at, signs); len(got) != Most {
			t.Fatalf("%d alarms", len(got))
		}
	}
	b.Step(nil, 6000, signs[2*Most:])
	if got := b.Step(nil, 7000, signs[2*Most:]); len(got) != Most {
		t.Errorf("%d alarms after two thirds of the subjects went", len(got))
	}
	if got := b.Step(nil, 8000, nil); len(got) != 0 || len(b.states) != 0 {
		t.Errorf("%d alarms and %d conditions of nothing", len(got), len(b.states))
	}
}

func TestGraveFirst(t *testing.T) {
	var b Board
	b.Step(nil, 1000, []Sign{{Kind: PictureSmall, Of: "a", Value: 7}})
	got := b.Step(nil, 2000, []Sign{{Kind: PictureSmall, Of: "a", Value: 8}, {Kind: VoiceGone, Of: "a", Value: 4, Heavy: true}})
	if len(got) != 2 || got[0].Kind != VoiceGone || !got[0].Bad || got[1].Bad {
		t.Errorf("%+v", got)
	}
}

// run plays a source for so many seconds and gives its last fare and the largest value of each sign.
func run(s *Sources, now *int64, n int, x func(i int) Source) (f Fare, most map[Kind]float64) {
	most = map[Kind]float64{}
	for i := range n {
		*now += 1000
		signs, fares := s.Step(nil, *now, []Source{x(i)})
		f = fares[0]
		for _, g := range signs {
			most[g.Kind] = max(most[g.Kind], g.Value)
		}
	}
	return f, most
}

func TestSources(t *testing.T) {
	good := Source{
		ID: "gub", Heavy: true, Voice: true, Picture: true, RTTMs: 40,
		Layers: []Layer{{320 * 180, 120_000, 30}, {640 * 360, 400_000, 30}, {1280 * 720, 1_200_000, 30}},
	}
	for _, c := range []struct {
		name    string
		change  func(x *Source, i int)
		voice   string
		picture string
		kind    Kind // that becomes an alarm; "": none does
	}{
		{"all is well", func(*Source, int) {}, "ok", "ok", ""},
		{"no voice comes", func(x *Source, i int) { x.VoiceMs = int64(i) * 1000 }, "gone", "ok", VoiceGone},
		{"the microphone is off, nobody else is heard", func(x *Source, i int) { x.HushMs, x.Alone = int64(i)*1000, true }, "mute", "ok", VoiceMute},
		{"the microphone is off, another speaks", func(x *Source, i int) { x.HushMs = int64(i) * 1000 }, "mute", "ok", ""},
		{"a pause in speaking", func(x *Source, i int) { x.HushMs, x.Alone = int64(i%3)*1000, true }, "ok", "ok", ""},
		{"no frame comes", func(x *Source, i int) {
			x.Layers = []Layer{{320 * 180, 120_000, int64(i) * 1000}}
		}, "ok", "frozen", PictureFrozen},
		{"a screen at rest", func(x *Source, i int) {
			x.Page, x.Layers = true, []Layer{{1280 * 720, 5000, int64(i%10) * 1000}}
		}, "ok", "ok", ""},
		{"the camera is covered", func(x *Source, _ int) { x.Layers = []Layer{{1280 * 720, 6000, 30}} }, "ok", "still", PictureStill},
		{"the largest layer is gone", func(x *Source, i int) {
			if i > 3 {
				x.Layers = slices.Clone(x.Layers)
				x.Layers[2].Ms = int64(i) * 1000
			}
		}, "ok", "small", PictureSmall},
		{"a tenth of it is lost", func(x *Source, i int) { x.Sent, x.Missed = uint64(1000*i), uint64(100*i) }, "ok", "ok", UplinkLoss},
		{"it is far", func(x *Source, _ int) { x.RTTMs = 700 }, "ok", "ok", UplinkFar},
		{"nothing of it is to be seen or heard", func(x *Source, _ int) { x.Voice, x.Picture = false, false }, "", "", ""},
	} {
		var s Sources
		now := int64(1_000_000)
		f, most := run(&s, &now, 15, func(i int) Source {
			x := good
			x.Sent, x.Missed = uint64(1000*i), 0
			c.change(&x, i)
			return x
		})
		if f.Voice != c.voice || f.Picture != c.picture {
			t.Errorf("%s: %+v", c.name, f)
		}
		for k, v := range most {
			if (v >= rules[k].on) != (k == c.kind) {
				t.Errorf("%s: %s is %v", c.name, k, v)
			}
		}
	}
	var s Sources
	now := int64(0)
	run(&s, &now, 2, func(int) Source { return good })
	s.Step(nil, 5000, nil)
	s.Step(nil, 6000, nil)
	if len(s.by) != 0 {
		t.Error("a source that left is kept")
	}
}

// TestOutage: a regency that falls silent at once is told, its network's weakness too, and people who go home one by one are not.
func TestOutage(t *testing.T) {
	play := func(n func(i int) Region) (most map[Kind]float64, last []Sign) {
		var r Regions
		most = map[Kind]float64{}
		for i := range 300 {
			last = r.Step(nil, int64(i)*1000, []Region{n(i), {Code: "62.01", N: 3, Watch: 3, Voice: 3}, {N: 50}})
			for _, s := range last {
				if s.Of != "62.02" {
					t.Fatalf("a sign of %q", s.Of)
				}
				most[s.Kind] = max(most[s.Kind], s.Value)
			}
		}
		return most, last
	}
	of := func(n, voice int) Region { return Region{Code: "62.02", N: n, Watch: n, Voice: voice} }
	if most, last := play(func(i int) Region {
		if i < 100 {
			return of(40, 2)
		}
		return of(4, 0)
	}); most[RegionGone] < .8 || most[RegionVoice] > .1 || len(last) > 0 && last[0].Value > 0 {
		t.Errorf("an outage: %v, and long after %v", most, last)
	}
	if most, _ := play(func(i int) Region { return of(40, 4+i/10) }); most[RegionVoice] < .8 || most[RegionGone] > 0 {
		t.Errorf("a narrow network: %v", most)
	}
	if most, _ := play(func(i int) Region { return of(max(0, 40-i/6), 0) }); most[RegionGone] >= rules[RegionGone].on {
		t.Errorf("people who go home in four minutes: %v", most)
	}
}
