package hop

import (
	"slices"
	"time"
)

// MaxWants is how many sources and scenes one neighbour may want at a time; more are not answered.
const MaxWants = 256

// Describe is how often what there is of a wanted source is told without being asked: it keeps layers alive at the neighbour
// that are not sent there.
const Describe = 700 * time.Millisecond

// Serve keeps what one neighbour wants of us. The zero value is ready.
type Serve struct{ wants map[Key]*asked }

type asked struct {
	version uint32
	layers  []uint32
	until   time.Time
	tell    time.Time
}

type (
	// Start begins a layer.
	Start struct {
		Key
		Layer uint32
	}
	// Stop ends one.
	Stop struct {
		Key
		Layer uint32
	}
	// Tell answers.
	Tell struct {
		Key
		Echo uint32
	}
)

func (Start) effect() {}
func (Stop) effect()  {}
func (Tell) effect()  {}

// Asked takes a Want in.
func (s *Serve) Asked(dst []Effect, now time.Time, m Want) []Effect {
	w := s.wants[m.Key]
	if !m.Valid() || w == nil && (m.Stop || len(s.wants) >= MaxWants) {
		if m.Stop && m.Valid() {
			return append(dst, Tell{m.Key, m.Version})
		}
		return dst
	}
	if w == nil {
		w = &asked{}
		if s.wants == nil {
			s.wants = map[Key]*asked{}
		}
		s.wants[m.Key] = w
	} else if int32(m.Version-w.version) < 0 {
		return dst // overtaken by a later one
	}
	w.version, w.until = m.Version, now.Add(Lease)
	if m.Stop {
		dst = s.drop(dst, m.Key, w)
		return append(dst, Tell{m.Key, m.Version})
	}
	for _, l := range w.layers {
		if !slices.Contains(m.Layers, l) {
			dst = append(dst, Stop{m.Key, l})
		}
	}
	had := w.layers
	w.layers = nil
	for _, l := range m.Layers {
		if slices.Contains(w.layers, l) {
			continue
		}
		w.layers = append(w.layers, l)
		if !slices.Contains(had, l) {
			dst = append(dst, Start{m.Key, l})
		}
	}
	w.tell = now.Add(Describe)
	return append(dst, Tell{m.Key, m.Version})
}

// Tick ends what was not renewed, and tells again what is due. changed: what there is may have changed, so all is told.
func (s *Serve) Tick(dst []Effect, now time.Time, changed bool) []Effect {
	for k, w := range s.wants {
		if !w.until.After(now) {
			dst = s.drop(dst, k, w)
			continue
		}
		if changed || !w.tell.After(now) {
			w.tell = now.Add(Describe)
			dst = append(dst, Tell{k, w.version})
		}
	}
	return dst
}

// Next is when Tick has something to do by itself; false: nothing is wanted.
func (s *Serve) Next() (next time.Time, ok bool) {
	for _, w := range s.wants {
		for _, t := range []time.Time{w.until, w.tell} {
			if !ok || t.Before(next) {
				next, ok = t, true
			}
		}
	}
	return next, ok
}

// Layers are those wanted of a key.
func (s *Serve) Layers(k Key) []uint32 {
	if w := s.wants[k]; w != nil {
		return w.layers
	}
	return nil
}

// Wants appends the keys that are wanted.
func (s *Serve) Wants(dst []Key) []Key {
	for k := range s.wants {
		dst = append(dst, k)
	}
	return dst
}

// Close ends everything: the link is lost.
func (s *Serve) Close(dst []Effect) []Effect {
	for k, w := range s.wants {
		dst = s.drop(dst, k, w)
	}
	return dst
}

func (s *Serve) drop(dst []Effect, k Key, w *asked) []Effect {
	for _, l := range w.layers {
		dst = append(dst, Stop{k, l})
	}
	delete(s.wants, k)
	return dst
}
