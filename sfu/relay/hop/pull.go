package hop

import (
	"slices"
	"time"
)

// The times of what is asked for.
const (
	Again  = 150 * time.Millisecond // a Want not answered yet is sent again
	Renew  = time.Second            // an answered one
	Lease  = 5 * time.Second        // and how long the neighbour believes it
	Linger = 2 * time.Second        // a layer nobody watches any more is kept so long: a viewer who hesitates costs nothing
	Unsure = 3 * time.Second        // without an answer a source counts as not known
	stops  = 3                      // times an end is told
)

// Pull decides what is asked of one neighbour. The zero value is ready: nothing needed, no link.
type Pull struct {
	Self NodeID // a path through it is a loop

	up    bool
	wants map[Key]*wanted
}

type wanted struct {
	version  uint32
	echo     uint32
	need     bool
	told     int // times the end was told
	layers   map[uint32]time.Time
	send     time.Time // next
	answered time.Time
	shown    bool
	looped   bool
}

// An Event of Pull's: Up, Down, Need, Watch, Heard or Tick.
type Event interface{ pull() }

// Up says that the link is there.
type Up struct{}

// Down says that it is lost.
type Down struct{}

// Need says whether anybody here needs a source or a scene.
type Need struct {
	Key
	On bool
}

// Watch says which layers have viewers here, of a source that is needed.
type Watch struct {
	Key
	Layers []uint32
}

// Heard is an answer: to which version, whether the neighbour knows it, and where it comes from.
type Heard struct {
	Key
	Echo  uint32
	Known bool
	Path  []NodeID
}

// Tick is the passing of time.
type Tick struct{}

func (Up) pull()    {}
func (Down) pull()  {}
func (Need) pull()  {}
func (Watch) pull() {}
func (Heard) pull() {}
func (Tick) pull()  {}

// An Effect is a Want to be sent, or Show or Hide.
type Effect interface{ effect() }

func (Want) effect() {}

// Show says that the source (or scene) just heard of is there, and that what was heard of it holds.
type Show struct{ Key }

// Hide says that it is not, or not any more.
type Hide struct{ Key }

func (Show) effect() {}
func (Hide) effect() {}

// Step takes an event in and appends what is to be done.
func (p *Pull) Step(dst []Effect, now time.Time, ev Event) []Effect {
	switch e := ev.(type) {
	case Up:
		p.up = true
		for _, w := range p.wants {
			w.send, w.echo = now, w.version-1
			w.answered = now
		}
	case Down:
		p.up = false
		for k, w := range p.wants {
			if !w.need {
				delete(p.wants, k) // the neighbour forgets by itself
			}
		}
	case Need:
		p.need(now, e)
	case Watch:
		if w := p.wants[e.Key]; w != nil && w.need {
			w.watch(now, e.Layers)
		}
	case Heard:
		dst = p.heard(dst, now, e)
	}
	return p.run(dst, now)
}

func (p *Pull) need(now time.Time, e Need) {
	w := p.wants[e.Key]
	switch {
	case e.On && !e.Valid(), !e.On && (w == nil || !w.need), e.On && w != nil && w.need:
	case e.On:
		if w == nil {
			w = &wanted{}
			if p.wants == nil {
				p.wants = map[Key]*wanted{}
			}
			p.wants[e.Key] = w
		}
		w.need, w.told, w.answered, w.layers = true, 0, now, map[uint32]time.Time{}
		w.change(now)
	default:
		w.need, w.layers = false, nil
		w.change(now)
	}
}

func (w *wanted) change(now time.Time) {
	w.version++
	w.send = now
}

// watch notes who is watched now. A layer keeps the time it was last watched; the zero time says that it is.
func (w *wanted) watch(now time.Time, layers []uint32) {
	for _, l := range layers {
		since, had := w.layers[l]
		if !had {
			w.change(now)
		}
		if !had || !since.IsZero() {
			w.layers[l] = time.Time{}
		}
	}
	for l, since := range w.layers {
		if since.IsZero() && !slices.Contains(layers, l) {
			w.layers[l] = now
		}
	}
}

func (p *Pull) heard(dst []Effect, now time.Time, e Heard) []Effect {
	w := p.wants[e.Key]
	if w == nil {
		return dst
	}
	if e.Echo == w.version && w.echo != w.version {
		w.echo, w.send = w.version, now.Add(Renew)
	}
	if !w.need {
		if w.echo == w.version {
			delete(p.wants, e.Key)
		}
		return dst
	}
	w.answered = now
	looped := slices.Contains(e.Path, p.Self) || len(e.Path) >= MaxHops
	if looped != w.looped {
		w.looped = looped
		w.change(now)
	}
	if e.Known && !looped {
		w.shown = true
		return append(dst, Show{e.Key})
	}
	return w.hide(dst, e.Key)
}

func (w *wanted) hide(dst []Effect, k Key) []Effect {
	if !w.shown {
		return dst
	}
	w.shown = false
	return append(dst, Hide{k})
}

// run does what is due.
func (p *Pull) run(dst []Effect, now time.Time) []Effect {
	for k, w := range p.wants {
		if !w.need {
			dst = w.hide(dst, k)
		}
		for l, since := range w.layers {
			if !since.IsZero() && now.Sub(since) >= Linger {
				delete(w.layers, l)
				w.change(now)
			}
		}
		if p.up && w.need && w.shown && now.Sub(w.answered) >= Unsure {
			dst = w.hide(dst, k)
		}
		if !p.up || w.send.After(now) {
			continue
		}
		if !w.need {
			if w.told++; w.told > stops {
				delete(p.wants, k)
				continue
			}
		}
		m := Want{Key: k, Version: w.version, Stop: !w.need}
		if !w.looped {
			for l := range w.layers {
				m.Layers = append(m.Layers, l)
			}
			slices.Sort(m.Layers)
		}
		dst = append(dst, m)
		w.send = now.Add(Again)
		if w.echo == w.version {
			w.send = now.Add(Renew)
		}
	}
	return dst
}

// Next is when Step has something to do by itself; false: never.
func (p *Pull) Next() (time.Time, bool) {
	var next time.Time
	see := func(t time.Time) {
		if next.IsZero() || t.Before(next) {
			next = t
		}
	}
	for _, w := range p.wants {
		if p.up {
			see(w.send)
		}
		if p.up && w.need && w.shown {
			see(w.answered.Add(Unsure))
		}
		for _, since := range w.layers {
			if !since.IsZero() {
				see(since.Add(Linger))
			}
		}
	}
	return next, !next.IsZero()
}
