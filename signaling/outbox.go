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

// latest names a message of which only the newest matters. One waits of each kind; the next replaces it. They go out
// in this order, after answers and states.
type latest uint8

const (
	latestInk latest = iota // first: right after the page that it is drawn on
	latestPoint
	latestMine
	latestRung
	latestCounts
	latestVitals
	latestTallies
	latestReactions
	latestClass
	latests
)

// outbox holds what waits to be written to one socket. It is bounded: of what describes the present (state, and each
// latest) a slow client gets the newest, not the backlog; answers are kept in order. It is pure and not safe for
// concurrent use; conn guards it.
//
// A state is a delta: it brings a client that knows revision from or later to revision to. The outbox guarantees
// that what it hands out never leaves a hole between one state and the next.
type outbox struct {
	answers []item
	states  []item
	latest  [latests]item
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

// replace puts a message into its place, over the one that waits there.
func (o *outbox) replace(kind latest, it item) {
	if !o.over {
		o.latest[kind] = it
	}
}

// goodbye queues the last message. Answers still go out before it, unless drop: then only it does.
func (o *outbox) goodbye(it item, drop bool) {
	if o.over {
		return
	}
	o.over = true
	o.bye = it
	o.states, o.latest = nil, [latests]item{}
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
	default:
		if it, last = o.rest(); it.empty() {
			return item{}, false, false
		}
	}
	o.writing = true
	return it, last, true
}

// rest takes the first latest that waits, and after all of them the goodbye.
func (o *outbox) rest() (it item, last bool) {
	for kind := range o.latest {
		if it = o.latest[kind]; !it.empty() {
			o.latest[kind] = item{}
			return it, false
		}
	}
	it, o.bye = o.bye, item{}
	return it, true
}

// slow tells that the client has been stale for so long.
func (o *outbox) slow(now time.Time, limit time.Duration) bool {
	return o.stale && now.Sub(o.since) >= limit
}
