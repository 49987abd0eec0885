package alarm

import (
	"cmp"
	"slices"
)

// Most bounds the alarms that stand at a time. Full: what comes then is not told until another has gone. A stage of
// eight and fourteen regencies make fewer.
const Most = 64

// Sign is one number that may be an alarm, as measured now. A subject of which no sign comes any more is gone, and its
// alarms with it.
type Sign struct {
	Kind  Kind
	Of    string // whom or what it is about: id of a source, name of a node, code of a regency; ""
	Value float64
	Heavy bool // grave as soon as it is an alarm
}

// Alarm is one that stands.
type Alarm struct {
	N     int // names it, and no other
	Kind  Kind
	Of    string
	Since int64 // ms: when its condition began
	Value float64
	Bad   bool
}

type subject struct {
	kind Kind
	of   string
}

// state is a condition that holds, or did a moment ago.
type state struct {
	n     int   // 0: it is no alarm yet
	since int64 // when it began to hold
	gone  int64 // since when it does not; 0: it holds
	last  Sign
	seen  bool // in this step
}

// Board turns signs into alarms. The zero value is ready. It is not safe for concurrent use.
type Board struct {
	states map[subject]*state
	n      int // alarms so far
	stand  int // that stand now
}

// Step takes in what was measured at now (ms, never less than before) and appends the alarms that stand: the grave ones first, and
// of these the oldest.
func (b *Board) Step(dst []Alarm, now int64, signs []Sign) []Alarm {
	if b.states == nil {
		b.states = map[subject]*state{}
	}
	for _, s := range signs {
		b.take(now, s)
	}
	first := len(dst)
	for key, st := range b.states {
		if !st.seen {
			b.drop(key, st)
			continue
		}
		st.seen = false
		if st.n > 0 {
			r := rules[key.kind]
			dst = append(dst, Alarm{
				N: st.n, Kind: key.kind, Of: key.of, Since: st.since, Value: st.last.Value, Bad: st.last.Heavy || st.last.Value >= r.bad,
			})
		}
	}
	slices.SortFunc(dst[first:], func(x, y Alarm) int {
		if x.Bad != y.Bad {
			if x.Bad {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(x.Since, y.Since), cmp.Compare(x.N, y.N))
	})
	return dst
}

func (b *Board) take(now int64, s Sign) {
	key := subject{s.Kind, s.Of}
	r, known := rules[s.Kind]
	st := b.states[key]
	switch {
	case !known || st == nil && s.Value < r.on:
		return
	case st == nil:
		st = &state{since: now}
		b.states[key] = st
	}
	st.seen = true
	switch {
	case st.n == 0 && s.Value < r.on:
		st.seen = false // it did not hold for long enough
		return
	case st.n == 0 && now-st.since >= r.after && b.stand < Most:
		b.n++
		b.stand++
		st.n = b.n
	case st.n > 0 && s.Value >= r.off:
		st.gone = 0
	case st.n > 0 && st.gone == 0:
		st.gone = now
	}
	st.last = s
	if st.gone > 0 && now-st.gone >= r.rest {
		st.seen = false
	}
}

func (b *Board) drop(key subject, st *state) {
	if st.n > 0 {
		b.stand--
	}
	delete(b.states, key)
}
