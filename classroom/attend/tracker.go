package attend

import "slices"

// The tracker's times, in ms.
const (
	// Silence ends an open span: so long after its last evidence it is closed there.
	Silence = 10_000
	// Join is how far apart two pieces of evidence of one class on one device may lie and still be one span: less
	// than this. It is the grain of the sampling (everything is observed about once a second), not a bridge; that
	// is the policy's matter.
	Join = 1_000
	// Reach is how old evidence may be when it comes in; what is older is cut off.
	Reach = 120_000
)

// Tracker turns observations into spans: per person, session and class the spans never overlap, and their union is
// that of the observations with the holes shorter than Join closed, in whatever order they came. Not safe for
// concurrent use. It has no clock: a caller steps it with observations and ticks it about once a second.
type Tracker struct {
	tracks []*Track // those that have evidence within Reach
	now    int64    // of the last call
}

// Track is the evidence of one class on one device, which its first three fields name. Whoever observes makes it and keeps
// it, so that nothing is looked up for each observation; there must be one only of a person, session and class.
type Track struct {
	Person, Session string
	Class           Class // of any other than Socket, Delivered and Decoded there is no evidence

	open  bool       // the last stretch of seen is a span, from from on, that still grows
	dirty bool       // that span changed since it was last given out
	place int        // in Tracker.tracks, plus one; 0: not there
	from  int64      // where the open span begins
	seen  []Interval // all evidence since Reach ago: disjoint, ascending, none empty
	first [1]Interval
}

// NewTracker gives a tracker that has seen nothing.
func NewTracker() *Tracker { return &Tracker{} }

// Step takes an observation, the stretch from from to to in Unix ms, and appends the spans that became final by it.
// Observations may overlap, repeat, and come in any order. One is cut to what lies between now - Reach and now; of no
// length it is no evidence and is passed over.
func (t *Tracker) Step(dst []Span, now int64, tr *Track, from, to int64) []Span {
	dst = t.clock(dst, now)
	switch tr.Class {
	case Socket, Delivered, Decoded:
	default:
		return dst
	}
	from, to = max(from, now-Reach), min(to, now)
	if from >= to {
		return dst
	}
	if tr.place == 0 {
		t.tracks = append(t.tracks, tr)
		tr.place, tr.seen = len(t.tracks), tr.first[:0]
	}
	if len(tr.seen) > 64 {
		tr.forget(now)
	}
	return tr.add(dst, Interval{from, to})
}

// Tick closes the spans that have been silent for Silence, appends them, and forgets what is past Reach.
func (t *Tracker) Tick(dst []Span, now int64) []Span {
	dst = t.clock(dst, now)
	for i := len(t.tracks) - 1; i >= 0; i-- {
		tr := t.tracks[i]
		if tr.open && now-tr.end() >= Silence {
			dst = tr.close(dst)
		}
		tr.forget(now)
		if len(tr.seen) == 0 {
			t.drop(tr)
		}
	}
	return dst
}

// Flush appends the open spans that changed since the last Flush, as they stand. Person, Session, Class and From
// name the span: later ones with the same name replace it.
func (t *Tracker) Flush(dst []Span) []Span {
	for _, tr := range t.tracks {
		if tr.open && tr.dirty {
			tr.dirty = false
			dst = append(dst, tr.span(tr.from, tr.end(), true))
		}
	}
	return dst
}

// Again makes the next Flush append every open span: what the last one gave was lost.
func (t *Tracker) Again() {
	for _, tr := range t.tracks {
		tr.dirty = tr.open
	}
}

// Close closes every open span at its last evidence and appends it: for the end of an event or of the server.
func (t *Tracker) Close(dst []Span) []Span {
	for _, tr := range t.tracks {
		if tr.open {
			dst = tr.close(dst)
		}
	}
	return dst
}

// clock notices a clock that was set back by more than Reach. What is open was seen under the old time: it is closed
// and forgotten, and counting starts anew, for otherwise nobody's evidence would count until the clock caught up.
// The spans may then overlap older ones, which Credit's union counts once. Smaller steps back do no harm.
func (t *Tracker) clock(dst []Span, now int64) []Span {
	if now < t.now-Reach {
		dst = t.Close(dst)
		for _, tr := range t.tracks {
			tr.place, tr.seen = 0, nil
		}
		t.tracks = nil
	}
	t.now = now
	return dst
}

func (t *Tracker) drop(tr *Track) {
	end := len(t.tracks) - 1
	t.tracks[tr.place-1] = t.tracks[end]
	t.tracks[tr.place-1].place = tr.place
	t.tracks[end] = nil
	t.tracks = t.tracks[:end]
	tr.place, tr.seen = 0, nil
}

// Idle tells that nothing can be added to what was seen: the next evidence begins anew.
func (tr *Track) Idle() bool { return tr.place == 0 }

// Open gives the open span as it stands; ok is false if there is none.
func (tr *Track) Open() (s Span, ok bool) {
	if !tr.open {
		return s, false
	}
	return tr.span(tr.from, tr.end(), true), true
}

// add takes what is new in x into the track. A hole shorter than Join between x and a neighbour is closed with it.
func (tr *Track) add(dst []Span, x Interval) []Span {
	// The common case, every second for everyone: the open span grows at its end.
	if tr.open {
		if last := &tr.seen[len(tr.seen)-1]; x.From >= last.From && x.From < last.To+Join {
			if x.To > last.To {
				last.To = x.To
				tr.dirty = true
			}
			return dst
		}
	}
	// seen[i:j] are the stretches that x overlaps or comes near; lo walks over the holes between them.
	i := 0
	for i < len(tr.seen) && x.From-tr.seen[i].To >= Join {
		i++
	}
	j, lo, merged := i, x.From, x
	for j < len(tr.seen) && tr.seen[j].From-x.To < Join {
		s := tr.seen[j]
		if s.From > lo {
			dst = append(dst, tr.span(lo, s.From, false))
		}
		lo = s.To
		merged = Interval{min(merged.From, s.From), max(merged.To, s.To)}
		j++
	}
	grows := i == j || x.To > lo
	switch {
	case !grows:
	case j < len(tr.seen): // came late: it can only fill a hole
		dst = append(dst, tr.span(lo, x.To, false))
	case tr.open && i < j: // lo is the open span's end
		tr.dirty = true
	default:
		if tr.open {
			dst = tr.close(dst)
		}
		tr.open, tr.dirty, tr.from = true, true, lo
	}
	tr.seen = slices.Replace(tr.seen, i, j, merged)
	return dst
}

// end is where the evidence ends; seen must not be empty.
func (tr *Track) end() int64 { return tr.seen[len(tr.seen)-1].To }

// close ends the open span at its last evidence and appends it.
func (tr *Track) close(dst []Span) []Span {
	tr.open, tr.dirty = false, false
	return append(dst, tr.span(tr.from, tr.end(), false))
}

// forget drops what no observation can reach any more.
func (tr *Track) forget(now int64) {
	n := 0
	for n < len(tr.seen) && tr.seen[n].To < now-Reach-Join && (!tr.open || n != len(tr.seen)-1) {
		n++
	}
	tr.seen = slices.Delete(tr.seen, 0, n)
}

func (tr *Track) span(from, to int64, open bool) Span {
	return Span{Person: tr.Person, Session: tr.Session, Class: tr.Class, From: from, To: to, Open: open}
}
