package signaling

import (
	"time"

	"github.com/gorilla/websocket"
)

// The bounds of one socket's outbox.
const (
	maxAnswers = 64 // full: the client does not read what it asked for, and is told goodbye
	maxStates  = 8  // full: all are dropped and the client gets the latest state once it has caught up
)

// item is one message ready to be written: encoded for this socket alone, or prepared once for many.
type item struct {
	data     []byte
	prepared *websocket.PreparedMessage
	to       int64 // of a state: the revision it brings the client to
}

func (i item) empty() bool { return i.data == nil && i.prepared == nil }

// outbox holds what waits to be written to one socket. It is bounded: of what describes the present (state, mine,
// rung, counts, tallies, ink, point, class) a slow client gets the latest, not the backlog; answers are kept in order. It is pure and not safe for
// concurrent use; client guards it.
//
// A state is a delta: it brings a client that knows revision from or later to revision to. The outbox guarantees
// that what it hands out never leaves a hole between one state and the next.
type outbox struct {
	answers []item
	states  []item
	mine    item
	counts  item
	rung    item
	tallies item
	waves   item // reactions
	ink     item
	point   item
	class   item
	bye     item

	next    int64 // revision the client knows once everything queued is written
	sent    int64 // revision of the last state handed out
	writing bool  // an item was handed out and the writer has not come back
	stale   bool  // states were dropped: the client needs what changed since sent
	since   time.Time
	over    bool // goodbye was queued; nothing more is taken in
}

// start tells what the client knows before anything is sent.
func (o *outbox) start(rev int64) { o.next, o.sent = rev, rev }

// answer queues what must not be lost. It is false when the queue is full.
func (o *outbox) answer(it item) bool {
	if o.over {
		return true
	}
	if len(o.answers) >= maxAnswers {
		return false
	}
	o.answers = append(o.answers, it)
	return true
}

// state queues the delta from -> it.to. When the queue is full, or the client does not know from, the client becomes
// stale and everything queued is dropped.
func (o *outbox) state(now time.Time, from int64, it item) {
	if o.over || o.stale {
		return
	}
	if from > o.next || len(o.states) >= maxStates {
		o.fallBehind(now)
		return
	}
	o.states = append(o.states, it)
	o.next = max(o.next, it.to)
}

func (o *outbox) fallBehind(now time.Time) {
	clear(o.states)
	o.states = o.states[:0]
	o.stale, o.since = true, now
	o.next = o.sent
}

// behind tells that the client is stale and has drained: it should get one state with everything since rev.
func (o *outbox) behind() (rev int64, ok bool) {
	return o.sent, o.stale && !o.over && !o.writing && len(o.answers) == 0
}

// catchUp queues the state that behind asked for.
func (o *outbox) catchUp(it item) {
	if o.over || !o.stale {
		return
	}
	o.stale = false
	o.states = append(o.states, it)
	o.next = max(o.next, it.to)
}

// setMine, setRung, setCounts, setTallies, setReactions and setClass replace what waits.
func (o *outbox) setMine(it item) {
	if !o.over {
		o.mine = it
	}
}

func (o *outbox) setRung(it item) {
	if !o.over {
		o.rung = it
	}
}

func (o *outbox) setCounts(it item) {
	if !o.over {
		o.counts = it
	}
}

func (o *outbox) setTallies(it item) {
	if !o.over {
		o.tallies = it
	}
}

func (o *outbox) setReactions(it item) {
	if !o.over {
		o.waves = it
	}
}

// setInk and setPoint replace what waits, too: what is drawn, and where the pointer stands.
func (o *outbox) setInk(it item) {
	if !o.over {
		o.ink = it
	}
}

func (o *outbox) setPoint(it item) {
	if !o.over {
		o.point = it
	}
}

func (o *outbox) setClass(it item) {
	if !o.over {
		o.class = it
	}
}

// goodbye queues the last message. Answers still go out before it, unless drop: then only it does.
func (o *outbox) goodbye(it item, drop bool) {
	if o.over {
		return
	}
	o.over = true
	o.bye = it
	o.states, o.mine, o.rung, o.counts, o.tallies, o.waves = nil, item{}, item{}, item{}, item{}, item{}
	o.ink, o.point, o.class = item{}, item{}, item{}
	if drop {
		o.answers = nil
	}
}

// take hands out the next item to write. last is true with the goodbye. Calling it says that the item before was
// written.
func (o *outbox) take() (it item, last, ok bool) {
	o.writing = false
	switch {
	case len(o.answers) > 0:
		it = o.answers[0]
		o.answers[0] = item{}
		if o.answers = o.answers[1:]; len(o.answers) == 0 {
			o.answers = nil
		}
	case len(o.states) > 0:
		it = o.states[0]
		copy(o.states, o.states[1:])
		o.states[len(o.states)-1] = item{}
		o.states = o.states[:len(o.states)-1]
		o.sent = max(o.sent, it.to)
	case !o.ink.empty(): // right after the page that it is drawn on
		it, o.ink = o.ink, item{}
	case !o.point.empty():
		it, o.point = o.point, item{}
	case !o.mine.empty():
		it, o.mine = o.mine, item{}
	case !o.rung.empty():
		it, o.rung = o.rung, item{}
	case !o.counts.empty():
		it, o.counts = o.counts, item{}
	case !o.tallies.empty():
		it, o.tallies = o.tallies, item{}
	case !o.waves.empty():
		it, o.waves = o.waves, item{}
	case !o.class.empty():
		it, o.class = o.class, item{}
	case !o.bye.empty():
		it, o.bye = o.bye, item{}
		last = true
	default:
		return item{}, false, false
	}
	o.writing = true
	return it, last, true
}

// slow tells that the client has been stale for so long.
func (o *outbox) slow(now time.Time, limit time.Duration) bool {
	return o.stale && now.Sub(o.since) >= limit
}
