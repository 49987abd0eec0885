package hop

import (
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// pair is an asker and an answerer with a bad line between them.
type pair struct {
	t     *rapid.T
	now   time.Time
	pull  Pull
	serve Serve
	up    bool
	known map[Key]bool
	lose  func() bool
	need  map[Key]bool
	watch map[Key][]uint32
	sent  map[Key]map[uint32]bool // layers the answerer sends
	shown map[Key]bool
	line  []Want // on their way
	back  []Heard
}

func (p *pair) asker(ev Event) {
	for _, e := range p.pull.Step(nil, p.now, ev) {
		switch e := e.(type) {
		case Want:
			if !p.up {
				p.t.Fatal("asked without a link")
			}
			if !p.lose() {
				p.line = append(p.line, e)
			}
		case Show:
			if !p.need[e.Key] {
				p.t.Fatalf("%v shown, which nobody needs", e.Key)
			}
			p.shown[e.Key] = true
		case Hide:
			if !p.shown[e.Key] {
				p.t.Fatalf("%v hidden, which was not shown", e.Key)
			}
			delete(p.shown, e.Key)
		}
	}
}

func (p *pair) answerer(list []Effect) {
	for _, e := range list {
		switch e := e.(type) {
		case Start:
			if p.sent[e.Key] == nil {
				p.sent[e.Key] = map[uint32]bool{}
			}
			if p.sent[e.Key][e.Layer] {
				p.t.Fatalf("layer %d of %v begun twice", e.Layer, e.Key)
			}
			p.sent[e.Key][e.Layer] = true
		case Stop:
			if !p.sent[e.Key][e.Layer] {
				p.t.Fatalf("layer %d of %v ended, which was not sent", e.Layer, e.Key)
			}
			delete(p.sent[e.Key], e.Layer)
		case Tell:
			if p.up && !p.lose() {
				p.back = append(p.back, Heard{Key: e.Key, Echo: e.Echo, Known: p.known[e.Key], Path: []NodeID{{2}}})
			}
		}
	}
}

// pass lets time go by, in steps of 50 ms.
func (p *pair) pass(d time.Duration) {
	for end := p.now.Add(d); p.now.Before(end); {
		p.now = p.now.Add(50 * time.Millisecond)
		line, back := p.line, p.back
		p.line, p.back = nil, nil
		for _, m := range line {
			p.answerer(p.serve.Asked(nil, p.now, m))
		}
		for _, h := range back {
			p.asker(h)
		}
		if at, ok := p.pull.Next(); ok && !at.After(p.now) {
			p.asker(Tick{})
		}
		if at, ok := p.serve.Next(); ok && !at.After(p.now) {
			p.answerer(p.serve.Tick(nil, p.now, false))
		}
	}
}

func (p *pair) link(up bool) {
	p.up = up
	p.line, p.back = nil, nil
	if up {
		p.asker(Up{})
		return
	}
	p.asker(Down{})
	p.answerer(p.serve.Close(nil))
	p.serve = Serve{}
}

// Whatever was lost before: once the line is good, the answerer sends exactly what is watched, and the asker shows exactly
// what is needed and known.
func TestWhatIsWatchedIsSent(t *testing.T) {
	keys := []Key{{"r", ""}, {"r", "a"}, {"r", "b"}, {"q", "a"}}
	rapid.Check(t, func(t *rapid.T) {
		p := &pair{
			t: t, now: time.Unix(1_000_000, 0), known: map[Key]bool{}, need: map[Key]bool{}, watch: map[Key][]uint32{},
			sent: map[Key]map[uint32]bool{}, shown: map[Key]bool{},
		}
		p.lose = func() bool { return rapid.Bool().Draw(t, "lost") }
		key := rapid.SampledFrom(keys)
		t.Repeat(map[string]func(*rapid.T){
			"need": func(t *rapid.T) {
				k := key.Draw(t, "key")
				p.need[k] = true
				p.asker(Need{k, true})
			},
			"leave": func(t *rapid.T) {
				k := key.Draw(t, "key")
				delete(p.need, k)
				delete(p.watch, k)
				p.asker(Need{k, false})
			},
			"watch": func(t *rapid.T) {
				k := key.Draw(t, "key")
				if p.need[k] {
					p.watch[k] = rapid.SliceOfNDistinct(rapid.Uint32Range(1, 4), 0, 3, rapid.ID[uint32]).Draw(t, "layers")
					p.asker(Watch{k, p.watch[k]})
				}
			},
			"appear": func(t *rapid.T) {
				k := key.Draw(t, "key")
				p.known[k] = !p.known[k]
				p.answerer(p.serve.Tick(nil, p.now, true))
			},
			"link": func(*rapid.T) { p.link(!p.up) },
			"pass": func(t *rapid.T) { p.pass(time.Duration(rapid.IntRange(1, 4000).Draw(t, "ms")) * time.Millisecond) },
		})
		p.lose = func() bool { return false }
		if !p.up {
			p.link(true)
		}
		p.pass(Lease + Linger + Unsure + time.Second)
		for _, k := range keys {
			got, want := slices.Sorted(maps.Keys(p.sent[k])), slices.Sorted(slices.Values(p.watch[k]))
			if !slices.Equal(got, want) {
				t.Fatalf("of %v %v is sent, %v is watched", k, got, want)
			}
			if p.shown[k] != (p.need[k] && p.known[k]) {
				t.Fatalf("%v: shown %v, needed %v, known %v", k, p.shown[k], p.need[k], p.known[k])
			}
		}
	})
}

// A layer nobody watches is let go after Linger, not before; one that is watched again meanwhile is not asked for anew.
func TestUnwatchedLayerLingers(t *testing.T) {
	now := time.Unix(0, 0)
	k := Key{"r", "a"}
	var p Pull
	asked := func(ev Event) (out []Want) {
		for _, e := range p.Step(nil, now, ev) {
			if m, ok := e.(Want); ok {
				out = append(out, m)
			}
		}
		return out
	}
	asked(Up{})
	asked(Need{k, true})
	if got := asked(Watch{k, []uint32{1, 2}}); len(got) != 1 || !slices.Equal(got[0].Layers, []uint32{1, 2}) {
		t.Fatalf("asked %+v", got)
	}
	version := asked(Tick{})
	if len(version) != 0 {
		t.Fatalf("asked again at once: %+v", version)
	}
	asked(Watch{k, []uint32{2}})
	now = now.Add(Linger - time.Millisecond)
	for _, m := range asked(Watch{k, []uint32{2}}) {
		if !slices.Equal(m.Layers, []uint32{1, 2}) {
			t.Fatalf("let go too early: %+v", m)
		}
	}
	now = now.Add(time.Millisecond)
	if got := asked(Tick{}); len(got) != 1 || !slices.Equal(got[0].Layers, []uint32{2}) {
		t.Fatalf("not let go: %+v", got)
	}
}

// A source that comes back to us through others is not shown and none of its layers is asked for.
func TestLoopIsSeen(t *testing.T) {
	now := time.Unix(0, 0)
	k := Key{"r", "a"}
	p := Pull{Self: NodeID{9}}
	p.Step(nil, now, Up{})
	p.Step(nil, now, Need{k, true})
	p.Step(nil, now, Watch{k, []uint32{1}})
	for _, path := range [][]NodeID{{{1}, {9}, {2}}, make([]NodeID, MaxHops)} {
		for _, e := range p.Step(nil, now, Heard{Key: k, Known: true, Path: path}) {
			if _, ok := e.(Show); ok {
				t.Errorf("path %v was taken", path)
			}
			if m, ok := e.(Want); ok && len(m.Layers) > 0 {
				t.Errorf("path %v: asked for %+v", path, m)
			}
		}
	}
	shown := false
	for _, e := range p.Step(nil, now, Heard{Key: k, Known: true, Path: []NodeID{{1}, {2}}}) {
		_, ok := e.(Show)
		shown = shown || ok
	}
	if !shown {
		t.Error("a path that is whole was not taken")
	}
}

// The waits between tries grow to mostWait, never pass one and a half of it, and begin anew after a link that held.
func TestDialWaits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(0, 0)
		d := NewDial(now, rapid.Uint64().Draw(t, "seed"))
		wait := firstWait
		for range rapid.IntRange(1, 40).Draw(t, "tries") {
			at, ok := d.Next()
			if !ok || d.Due(at.Add(-1)) || !d.Due(at) || d.Due(at) {
				t.Fatal("not due once, and then")
			}
			now = at
			if rapid.Bool().Draw(t, "up") {
				d.Up(now)
				held := time.Duration(rapid.IntRange(0, 10_000).Draw(t, "held")) * time.Millisecond
				if now = now.Add(held); held >= steady {
					wait = firstWait
				}
			}
			d.Down(now)
			at, _ = d.Next()
			if got := at.Sub(now); got < wait/2 || got > wait*3/2 {
				t.Fatalf("waits %v where %v is the mean", got, wait)
			}
			wait = min(2*wait, mostWait)
		}
	})
}

func TestServeIsBounded(t *testing.T) {
	var s Serve
	now := time.Unix(0, 0)
	for i := range MaxWants + 50 {
		s.Asked(nil, now, Want{Key: Key{"r", string(rune('a' + i))}, Version: 1})
	}
	if n := len(s.Wants(nil)); n != MaxWants {
		t.Errorf("%d wants are kept", n)
	}
	s.Tick(nil, now.Add(Lease), false)
	if n := len(s.Wants(nil)); n != 0 {
		t.Errorf("%d wants outlive their lease", n)
	}
}
