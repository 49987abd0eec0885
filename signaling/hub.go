package signaling

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/sfu"
	"betang/signaling/wire"
)

// The hub's measures.
const (
	maxCommands = 1024            // waiting; full: the command is refused, TooMany busy
	maxBatch    = 256             // commands appended by one write
	commandWait = 8 * time.Second // in the queue, and on the way to a home and back: longer than it takes until another is the home; then TooMany busy. Pages wait 10 s
	tickEvery   = 100 * time.Millisecond
	beatEvery   = time.Second
	saveEvery   = 2       // beats between two savings of evidence
	mineEvery   = 5       // beats between two looks at one person's presence, and at one session's token
	idleAfter   = 15 * 60 // beats without anybody until a hub unloads itself
	endedAfter  = 10 * 60 // beats after the end of the event until its sockets are told goodbye
	slowAfter   = 20 * time.Second
)

// errGone: the hub unloaded itself between finding and using it. The next try finds a new one.
var errGone = classroom.Refuse(classroom.TooMany, "busy")

// Hub is one event that runs: one goroutine that owns the room and everything below "owned by run".
//
// A command's way: Do or a socket -> commands -> commit: applied with all others that wait, one Append, then answered
// -> tick: what changed goes out, encoded once for each audience. Everything that takes time beyond the journal
// (SDP, SQL reads, saving evidence, closing peers) happens on other goroutines, which hand their results to calls.
type Hub struct {
	id  classroom.EventID
	srv *Server
	log *slog.Logger

	commands chan request
	calls    chan func() // work for run; senders wait, and each is a goroutine of its own
	done     chan struct{}
	stopOnce sync.Once
	stop     chan struct{}

	changes peerChanges
	hands   hands
	floor   floor
	saver   saver
	away    away
	reached atomic.Int64  // the room's revision, for other goroutines
	parted  chan struct{} // closed when the hub's place among other nodes is given up
	ahead   int64         // ms that the event's clock is before steady time; set before run

	public atomic.Pointer[wire.Event]
	counts atomic.Pointer[wire.Counts]

	encoded atomic.Int64 // broadcasts encoded so far

	// Owned by run.
	room    *classroom.Room
	broken  bool // an Append failed and the room was not reloaded yet: nothing is accepted or sent
	again   again
	beats   int
	idle    int // beats without anybody
	ended   int // beats since the event ended
	ticking bool
	tick    *time.Timer
	toldAt  time.Time // when the last tick was

	base     [audiences]int64 // revision every caught-up client of the audience was brought to
	cache    map[deltaKey]delta
	cacheRev int64
	lastSeen [audiences]wire.Counts // counts as sent last
	tallies  tallies
	slides   slides
	class    lesson

	reactions reactions
	gestures  gestures
	stirred   bool // something came that waits for the next beat; see crowd

	vitals  vitals
	inHalls inHalls
	deeds   []wire.Deed // the last ones, oldest first

	looks    looks
	members  map[classroom.SessionID]*member
	persons  map[classroom.PersonID]*presence
	present  present
	watchers watchers // as of the last beat
	names    map[classroom.PersonID]classroom.Person
	peers    map[sfu.PeerID]*peer
	scene    sfu.Scene // as given to the engine last
	moved    bool      // the scene was given at least once

	tracker    *attend.Tracker
	spans      []attend.Span // scratch
	frame      *attend.Frame // as of frameOf and frameRev; see frameAt
	frameOf    time.Time
	frameRev   int64
	evidence   []attend.Span  // scratch
	deliveries []sfu.Delivery // scratch
	standings  []sfu.Standing // scratch
	quiets     []sfu.Quiet    // scratch
}

// loadHub builds a hub by replay. It does not start it.
func loadHub(ctx context.Context, s *Server, id classroom.EventID) (*Hub, error) {
	h := &Hub{id: id, srv: s, log: s.log.With("event", string(id))}
	if s.cfg.Nodes != nil {
		h.away.place, h.parted = s.cfg.Nodes.Sit(id, h), make(chan struct{})
	}
	l := h.loadRoom(ctx)
	h.takeApart(&l)
	if l.err != nil {
		return nil, l.err
	}
	room := l.room
	spans, err := s.cfg.Store.Spans(ctx, id)
	if err != nil {
		return nil, &classroom.Error{Kind: classroom.Internal, Code: "storage", Err: err}
	}
	h.commands, h.calls = make(chan request, maxCommands), make(chan func())
	h.done, h.stop = make(chan struct{}), make(chan struct{})
	h.setRoom(room)
	h.cache = map[deltaKey]delta{}
	h.members, h.persons = map[classroom.SessionID]*member{}, map[classroom.PersonID]*presence{}
	h.names = map[classroom.PersonID]classroom.Person{}
	h.peers = map[sfu.PeerID]*peer{}
	h.tracker, h.floor, h.vitals = attend.NewTracker(), newFloor(room), newVitals(room)
	h.changes.note = make(chan struct{}, 1)
	h.inHalls.found = make(chan map[classroom.PersonID]classroom.Person, 1)
	h.again.loaded = make(chan loaded, 1)
	for aud := range h.base {
		h.base[aud] = room.Rev()
	}
	last := room.At().UnixMilli()
	for _, sp := range spans {
		p := h.presence(classroom.PersonID(sp.Person))
		p.spans = append(p.spans, sp)
		last = max(last, sp.To)
	}
	h.setClock(s.wall(ctx), last)
	for _, q := range room.Questions(0) {
		if err := h.learn(ctx, q.Asker); err != nil {
			return nil, err
		}
	}
	for _, m := range room.Messages(0) {
		if err := h.learn(ctx, m.By.Person); err != nil {
			return nil, err
		}
	}
	for _, x := range room.Hands() {
		if err := h.learn(ctx, x.By.Person); err != nil {
			return nil, err
		}
	}
	h.publish()
	h.counts.Store(&wire.Counts{Regions: []wire.RegionCount{}})
	return h, nil
}

func (h *Hub) setRoom(room *classroom.Room) {
	h.room = room
	h.reached.Store(room.Rev())
}

// learn looks up a person once, before the hub runs. Somebody the store no longer knows has no region and unit.
func (h *Hub) learn(ctx context.Context, id classroom.PersonID) error {
	if _, ok := h.names[id]; ok || id == "" {
		return nil
	}
	p, err := h.srv.cfg.Store.Person(ctx, id)
	if err != nil && classroom.KindOf(err) != classroom.NotFound {
		return &classroom.Error{Kind: classroom.Internal, Code: "storage", Err: err}
	}
	h.names[id] = p
	return nil
}

func (h *Hub) start() {
	h.hands.start()
	h.saver.start(h)
	h.tick = time.NewTimer(time.Hour)
	h.tick.Stop()
	h.looks.start()
	h.startAway()
	go h.run()
}

// run is the hub's goroutine.
func (h *Hub) run() {
	defer close(h.done)
	beat := time.NewTicker(beatEvery)
	defer beat.Stop()
	defer h.tick.Stop()
	look := h.classTicker()
	defer look.Stop()
	defer h.looks.next.Stop()
	h.setScene()
	h.reconcile()
	for {
		select {
		case r := <-h.takesCommands():
			h.drain(r)
		case l := <-h.again.loaded:
			h.reloaded(l)
		case f := <-h.calls:
			f()
		case <-h.changes.note:
			h.takeChanges()
		case res := <-h.saver.results:
			h.saved(res)
		case <-h.tick.C:
			h.ticking, h.toldAt = false, h.now()
			h.broadcast(h.now())
		case <-beat.C:
			h.beat(h.now())
		case <-h.looks.next.C:
			h.lookOn(h.now())
		case <-look.C:
			h.lookAtClass(h.now())
		case <-h.stop:
			h.hands.stop()
			h.saver.stop()
			h.inHalls.work.Wait()
			h.again.end()
			h.stopAway()
			return
		}
	}
}

// halt ends run and waits for it. Called from outside.
func (h *Hub) halt() {
	h.stopOnce.Do(func() { close(h.stop) })
	<-h.done
}

// call runs f on the hub's goroutine and waits for it. It is errGone when the hub has stopped.
func (h *Hub) call(ctx context.Context, f func()) error {
	ran := make(chan struct{})
	select {
	case h.calls <- func() { f(); close(ran) }:
	case <-h.done:
		return errGone
	case <-ctx.Done():
		return &classroom.Error{Kind: classroom.TooMany, Code: "busy", Err: ctx.Err()}
	}
	select {
	case <-ran:
		return nil
	case <-h.done: // f may still have run as the last thing
		select {
		case <-ran:
			return nil
		default:
			return errGone
		}
	}
}

// try is call for what may refuse: the error is f's own, or call's.
func (h *Hub) try(ctx context.Context, f func() error) error {
	var err error
	if callErr := h.call(ctx, func() { err = f() }); callErr != nil {
		return callErr
	}
	return err
}

// noteFacts marks what durable facts touched.
func (h *Hub) noteFacts(facts []classroom.Fact) {
	stage := false
	h.reached.Store(h.room.Rev())
	for _, f := range facts {
		h.noteDeed(f)
		h.noteVitals(f)
		h.noteFloor(f)
		stage = h.noteClass(f) || stage
		switch b := f.Body.(type) {
		case classroom.PhaseSet:
			stage = true
			h.publish()
			if b.To == classroom.Ended {
				h.finish()
			}
		case classroom.StageEntered, classroom.StageLeft, classroom.SceneSet, classroom.SourceHeld, classroom.Placed, classroom.GateSet,
			classroom.BackupSet, classroom.TakeoverSet, classroom.TookOver, classroom.SourceSilent:
			stage = true
		case classroom.Asked:
			h.touch(f.By.Person, f.By.Session)
		case classroom.Supported:
			h.touch(f.By.Person, f.By.Session)
			h.touchAsker(b.Question)
			if h.crowded() {
				h.stirred = true
				h.tellOwn(f.By)
				continue
			}
		case classroom.Approved:
			h.touchAsker(b.Question)
		case classroom.Rejected:
			h.touchAsker(b.Question)
		case classroom.Answered:
			h.touchAsker(b.Question)
		case classroom.Merged:
			h.touchAsker(b.Question)
			h.touchAsker(b.Into)
			for _, m := range h.members {
				if m.supports(b.Question) {
					m.mineDirty = true
				}
			}
		case classroom.Checked, classroom.Contested:
			h.touch(f.By.Person, f.By.Session)
		case classroom.Decided:
			if q, ok := h.room.Correction(b.Correction); ok {
				h.touch(classroom.PersonID(q.Person), "")
			}
		case classroom.PollMade, classroom.PollTurned, classroom.PollShown:
			h.tallies.stirred = true
		case classroom.PollAnswered:
			h.tallies.stirred = true
			h.touch(f.By.Person, f.By.Session)
		case classroom.Chatted, classroom.ChatPromoted, classroom.ChatRemoved:
			h.noteChat(f)
			continue
		case classroom.PageShown, classroom.DeckDropped:
			h.slides.turned = true
			h.hurry()
		case classroom.Admitted:
			continue
		}
		h.wake()
	}
	if stage {
		h.setScene()
	}
}

// crowd is how many sessions get votes and chat messages with the next tick. A larger audience gets them once a second, so that what
// each of thousands may do at any moment does not become ten messages a second to all of them.
const crowd = 200

func (h *Hub) crowded() bool { return len(h.members) > crowd }

// tellOwn tells at once whoever did something of which the others hear later.
func (h *Hub) tellOwn(by classroom.Actor) {
	now := h.now()
	for m := range h.own(by.Person, by.Session) {
		if m.conn != nil {
			h.sendMine(m, now)
		}
	}
}

// own are the sessions of one person, or the one session of a guest.
func (h *Hub) own(person classroom.PersonID, session classroom.SessionID) iter.Seq[*member] {
	if person != "" {
		return slices.Values(h.presence(person).members)
	}
	return func(yield func(*member) bool) {
		if m := h.members[session]; m != nil {
			yield(m)
		}
	}
}

// touch marks what concerns one person, or one guest's session, as changed.
func (h *Hub) touch(person classroom.PersonID, session classroom.SessionID) {
	for m := range h.own(person, session) {
		m.mineDirty = true
	}
}

func (h *Hub) touchAsker(id classroom.QuestionID) {
	if q, ok := h.room.Question(id); ok {
		h.touch(q.Asker, q.Session)
	}
}

// wake makes the next tick happen.
func (h *Hub) wake() {
	if !h.ticking {
		h.ticking = true
		h.tick.Reset(tickEvery)
	}
}

// hurry makes the next tick happen now, unless one just did: a page that turns is waited for by everybody, and comes alone.
func (h *Hub) hurry() {
	if h.now().Sub(h.toldAt) >= tickEvery {
		h.ticking = true
		h.tick.Reset(0)
	}
}

// publish renews what PublicEvent gives.
func (h *Hub) publish() {
	ev := eventView(h.room)
	h.public.Store(&ev)
}

// PublicEvent is the event as everyone may see it, now.
func (h *Hub) PublicEvent() wire.Event { return *h.public.Load() }

// Counts is who is there, with regions: at most about a second old.
func (h *Hub) Counts() wire.Counts { return *h.counts.Load() }

// shutdown says goodbye, saves the evidence and stops the hub.
func (h *Hub) shutdown(ctx context.Context) error {
	err := h.call(ctx, func() {
		now := h.now()
		for _, m := range h.members {
			if m.conn != nil {
				h.observeSocket(m, now.UnixMilli())
				m.conn.goodbye("restart", "", h.srv.spread(), false)
			}
		}
		h.observe(now)
		h.closeSpans()
	})
	if errors.Is(err, errGone) {
		return nil
	}
	if err == nil {
		err = h.Flush(ctx)
	}
	h.halt()
	h.srv.forget(h)
	if h.parted != nil {
		<-h.parted
	}
	return err
}
