package signaling

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/sfu"
	"betang/signaling/wire"
)

// Nodes is this server's place among several; signaling/cluster has it.
//
// One node at a time is an event's home: its hub alone turns commands into facts. It makes them known to the other nodes
// before it answers. The hubs of the other nodes send their members' commands there and fold its facts, under the same
// numbers, so that their clients see the same revisions.
type Nodes interface {
	// Name is this node's.
	Name() string
	// Now is the clock that all nodes share.
	Now(ctx context.Context) (time.Time, error)
	// Lives tells whether a node was heard of in the last seconds.
	Lives(node string) bool
	// Page is where a node that lives is found, like "https://kotim.example"; "": nowhere.
	Page(node string) string
	// Guide says where a client is served best.
	Guide(who Seeker) Guidance
	// Sit takes this node's place at an event. Nothing comes to seat before Place.Start.
	Sit(id classroom.EventID, seat Seat) Place
}

// Place is one node's place at one event.
type Place interface {
	// CatchUp gives the facts after a number that other nodes know. last is the fact of that number, if there is one: when
	// another stands there, this journal is not theirs, and it is an error.
	CatchUp(ctx context.Context, after int64, last *classroom.Fact) ([]classroom.Fact, error)
	Start()
	// Stop ends the calls to seat, and waits for those that run. It gives up being the home.
	Stop()
	// Publish makes facts known to the other nodes; on return they are. Only for a home. When it fails, nobody knows
	// whether they are: CatchUp tells.
	Publish(ctx context.Context, token int64, facts []classroom.Fact) error
	// Forward has the home apply commands, in order. When that dies or is fenced meanwhile and none of them was done, the next
	// one does. ErrNoHome: nobody did, and this node is the home now or there is none.
	Forward(ctx context.Context, asked []Asked) ([]Outcome, error)
	// Keep holds a command that must not be lost, over a restart too, until a home has it; it is durable on return. The
	// command changes nothing when it comes twice.
	Keep(ctx context.Context, asked Asked) error
	// Tell lets the other nodes know who is here.
	Tell(home bool, here Here)
	// Show lets the other nodes know what people do here that is no fact. It does not wait, and may be lost.
	Show(g Gestures)
}

// Seat is a hub as its Place sees it. Its methods are called from the Place's goroutines.
type Seat interface {
	// Rev is the number of the last fact that the hub has.
	Rev() int64
	// Take brings facts from the home, ascending; those that the hub has already are skipped.
	Take(ctx context.Context, facts []classroom.Fact) error
	// SetHome tells by which token the hub is the home; 0: it no longer is.
	SetHome(ctx context.Context, token int64) error
	// Ask applies the commands of another node's members. Only at the home.
	Ask(ctx context.Context, asked []Asked) []Outcome
	// Facts reads the journal after a number.
	Facts(ctx context.Context, after int64) ([]classroom.Fact, error)
	// Evidence brings what another node gathered and this one has stored.
	Evidence(spans []attend.Span)
	// Heard brings what another node told.
	Heard(node string, home bool, there Here)
	// Shown brings what people do at another node that is no fact.
	Shown(g Gestures)
}

// Here is who is at one node.
type Here struct {
	wire.Counts
	// Both is how many of those who are in shared rooms are at this node with a device of their own too, by regency. Every node
	// knows from the facts who is in the rooms, and only its own of these.
	Both map[string]int `json:"both,omitempty"`
}

// Asked is a command on its way to the home.
type Asked struct {
	By   classroom.Actor
	Cmd  classroom.Command
	Home int64 // only a home of this token may do it; 0: any
}

// Outcome is what became of one.
type Outcome struct {
	Rev int64
	Err error // nil or *classroom.Error
}

// RemoteSource is a source on the stage whose publisher is at another node.
type RemoteSource struct {
	ID   sfu.PeerID
	Node string
}

// Relay brings other nodes' sources into this node's engine, under their own ids.
type Relay interface {
	// Want says which are needed in a router now. It may take a while.
	Want(router sfu.RouterID, sources []RemoteSource)
	// Comes tells whether media of a source of another node reaches this one now. It does not wait.
	Comes(router sfu.RouterID, id sfu.PeerID) bool
}

// NodeOf is the node at which a source was published: with more than one node, ids of sources end in its name.
func NodeOf(id classroom.SourceID) string {
	_, node, _ := strings.Cut(string(id), ".")
	return node
}

// ErrOtherJournal says that this node's journal of an event and the other nodes' tell different stories.
//
// It happens when Redis loses its data in the second in which an event's home dies: the others go on without what the home
// had on its disk alone. Nobody can merge the two, so an operator sets this node's aside (betang journal aside).
var ErrOtherJournal = errors.New("this server's journal of the event is not the one that the other servers have, so it does not serve the event; " +
	"its attendance is sent to them all the same. Stop this server, set its journal aside with `betang journal aside --event ID --data FOLDER`, " +
	"where it stays readable, and start it again")

// ErrNoHome says that no node is known to be the event's home now.
var ErrNoHome = errors.New("no node is the home of the event")

const (
	publishWait = 3 * time.Second // for the other nodes' engine
	foldWait    = 5 * time.Second // for the facts of a command that the home took
	farFor      = 5000            // ms after which what another node told is forgotten
	cutAfter    = 6000            // ms without a word of the home; a new one takes over in less
	maxForward  = 8               // batches on the way to the home; full: the commands are refused, TooMany busy
)

// away is what a hub keeps of other nodes. Owned by the hub's goroutine; empty with a single node.
type away struct {
	place    Place // nil: there is one node only
	token    int64 // by which this is the home; 0: it is not
	forwards chan forwarding
	sent     chan struct{} // closed when forwarding has ended
	owed     []owed
	far      map[string]farCounts
	wanted   []RemoteSource
	heard    int64                // steady ms of the last word of a home, or of the start
	cut      bool                 // none was heard of for long
	comes    []classroom.SourceID // while cut: what is on the stage and comes from other nodes all the same
}

// forwarding is a batch on its way to the home.
type forwarding struct {
	batch []request
	until time.Time // when whoever asked has waited long enough
}

// owed is a command that the home took and whose facts are not here yet.
type owed struct {
	request
	until int64 // steady ms
}

type farCounts struct {
	counts Here
	home   bool
	at     int64 // steady ms
}

// homeless tells that another node is the home, or none.
func (h *Hub) homeless() bool { return h.away.place != nil && h.away.token == 0 }

func (h *Hub) startAway() {
	if h.away.place == nil {
		return
	}
	if h.away.heard == 0 {
		h.away.heard = h.srv.steady()
	}
	h.away.forwards, h.away.sent = make(chan forwarding, maxForward), make(chan struct{})
	go h.runForwards()
	h.away.place.Start()
}

// stopAway is called on the hub's goroutine as the last thing. The place may be calling the hub, which says errGone then.
func (h *Hub) stopAway() {
	if h.away.place == nil {
		return
	}
	close(h.away.forwards)
	if h.srv.cfg.Relay != nil && len(h.away.wanted) > 0 {
		h.srv.cfg.Relay.Want(h.router(), nil)
	}
	go func() {
		<-h.away.sent
		h.away.place.Stop()
		close(h.parted)
	}()
}

// forward sends commands to the home. Who asked hears when the home has answered and its facts are here.
func (h *Hub) forward(batch []request) {
	mine := make([]request, 0, len(batch))
	for _, r := range batch {
		if r.far { // the home that we no longer are; the next answer will be another's
			r.then(0, errGone)
			continue
		}
		mine = append(mine, r)
	}
	if len(mine) == 0 {
		return
	}
	select {
	case h.away.forwards <- forwarding{mine, time.Now().Add(commandWait - h.oldest(mine))}:
	default:
		h.refuseOrKeep(mine, classroom.Refuse(classroom.TooMany, "busy"))
	}
}

// oldest is how long the first of some commands has waited.
func (h *Hub) oldest(batch []request) (waited time.Duration) {
	for _, r := range batch {
		if r.came != 0 {
			waited = max(waited, time.Duration(h.srv.steady()-r.came)*time.Millisecond)
		}
	}
	return min(waited, commandWait)
}

// mustArrive tells what nobody could say again later: it is evidence, and changes nothing when it comes twice.
func mustArrive(cmd classroom.Command) bool {
	switch cmd.(type) {
	case classroom.Admit, classroom.RecordCheck:
		return true
	}
	return false
}

// refuseOrKeep answers commands that did not reach the home. What must arrive is kept here and answered as done.
func (h *Hub) refuseOrKeep(batch []request, err error) {
	rest := make([]request, 0, len(batch))
	for _, r := range batch {
		if h.away.place == nil || r.far || !mustArrive(r.cmd) {
			rest = append(rest, r)
			continue
		}
		ctx, cancel := context.WithTimeout(h.srv.ctx, appendWait)
		kept := h.away.place.Keep(ctx, Asked{By: r.by, Cmd: r.cmd})
		cancel()
		if kept != nil {
			h.log.Error("a command for the home is not kept", "err", kept)
			rest = append(rest, r)
			continue
		}
		r.then(h.room.Rev(), nil)
	}
	refuseAll(rest, err)
}

func refuseAll(batch []request, err error) {
	for _, r := range batch {
		r.then(0, err)
	}
}

// runForwards brings batches to the home, one after the other: so commands stay in order.
func (h *Hub) runForwards() {
	defer close(h.away.sent)
	for f := range h.away.forwards {
		batch := f.batch
		asked := make([]Asked, len(batch))
		for i, r := range batch {
			asked[i] = Asked{By: r.by, Cmd: r.cmd}
		}
		ctx, cancel := context.WithDeadline(h.srv.ctx, f.until)
		outcomes, err := h.away.place.Forward(ctx, asked)
		cancel()
		// A hub that has stopped answers nobody; its sockets are gone too.
		_ = h.call(context.Background(), func() { h.answered(batch, outcomes, err) })
	}
}

func (h *Hub) answered(batch []request, outcomes []Outcome, err error) {
	if errors.Is(err, ErrNoHome) && !h.homeless() { // we are it now
		h.commit(batch)
		return
	}
	if err != nil {
		h.log.Warn("the home does not answer", "commands", len(batch), "err", err)
		h.refuseOrKeep(batch, &classroom.Error{Kind: classroom.TooMany, Code: "busy", Err: err})
		return
	}
	for i, r := range batch {
		switch o := outcomes[i]; {
		case mustArrive(r.cmd) && classroom.Passing(o.Err):
			h.refuseOrKeep(batch[i:i+1], o.Err)
		case o.Err != nil:
			r.then(0, o.Err)
		default:
			r.rev = o.Rev
			until := h.srv.steady() + foldWait.Milliseconds()
			if r.came != 0 { // who asked gives up 10 s after
				until = min(until, r.came+commandWait.Milliseconds()+1000)
			}
			h.away.owed = append(h.away.owed, owed{r, until})
		}
	}
	h.settleOwed()
}

// settleOwed answers those whose facts are here, and those who waited too long for them.
func (h *Hub) settleOwed() {
	kept := h.away.owed[:0]
	for _, o := range h.away.owed {
		switch {
		case o.rev <= h.room.Rev():
			o.then(o.rev, nil)
		case h.srv.steady() >= o.until:
			h.refuseOrKeep([]request{o.request}, classroom.Refuse(classroom.TooMany, "busy"))
		default:
			kept = append(kept, o)
		}
	}
	clear(h.away.owed[len(kept):])
	h.away.owed = kept
}

var _ Seat = (*Hub)(nil)

// Rev is Seat's.
func (h *Hub) Rev() int64 { return h.reached.Load() }

// Take is Seat's.
func (h *Hub) Take(ctx context.Context, facts []classroom.Fact) error {
	people := h.meet(ctx, facts)
	return h.try(ctx, func() error { return h.take(facts, people) })
}

// meet reads whom facts are about and the hub may not know, off its goroutine: they may be at another node only.
func (h *Hub) meet(ctx context.Context, facts []classroom.Fact) []classroom.Person {
	seen := map[classroom.PersonID]bool{"": true}
	var out []classroom.Person
	for _, f := range facts {
		switch f.Body.(type) {
		case classroom.Asked, classroom.Chatted, classroom.HandRaised, classroom.StageEntered, classroom.Banned:
		default:
			continue
		}
		if id := f.By.Person; !seen[id] {
			seen[id] = true
			if p, err := h.srv.cfg.Store.Person(ctx, id); err == nil {
				out = append(out, p)
			}
		}
	}
	return out
}

func (h *Hub) take(facts []classroom.Fact, people []classroom.Person) error {
	if h.broken {
		return classroom.Refuse(classroom.Internal, "storage")
	}
	for _, p := range people {
		if _, known := h.names[p.ID]; !known {
			h.names[p.ID] = p
		}
	}
	for len(facts) > 0 && facts[0].Seq <= h.room.Rev() {
		facts = facts[1:]
	}
	if len(facts) == 0 {
		return nil
	}
	if err := h.keep(facts); err != nil {
		h.log.Error("journal refused the home's facts", "facts", len(facts), "first", facts[0].Seq, "err", err)
		return err
	}
	for _, f := range facts {
		if err := h.room.Fold(f); err != nil {
			h.log.Error("the home's fact does not fold; reloading the room", "fact", f.Seq, "err", err)
			h.broken = true
			h.reload()
			return err
		}
	}
	h.noteFacts(facts)
	h.settleOwed()
	return nil
}

// publishAndKeep makes facts true: first among the nodes, then here. A home that dies in between has them from there.
func (h *Hub) publishAndKeep(facts []classroom.Fact) error {
	if h.away.place != nil {
		ctx, cancel := context.WithTimeout(h.srv.ctx, publishWait)
		defer cancel()
		if err := h.away.place.Publish(ctx, h.away.token, facts); err != nil {
			return err
		}
	}
	return h.keep(facts)
}

// keep makes facts durable here.
func (h *Hub) keep(facts []classroom.Fact) error {
	ctx, cancel := context.WithTimeout(h.srv.ctx, appendWait)
	defer cancel()
	began := h.srv.steady()
	defer func() { h.noteAppend(time.Duration(h.srv.steady()-began) * time.Millisecond) }()
	return h.srv.cfg.Store.Append(ctx, h.id, facts)
}

// SetHome is Seat's.
func (h *Hub) SetHome(ctx context.Context, token int64) error {
	return h.call(ctx, func() {
		if h.away.token == token {
			return
		}
		h.away.token = token
		if token != 0 {
			h.log.Info("this node is the event's home", "token", token)
			h.settleOwed()
			h.reconcile()
		} else {
			h.away.heard = h.srv.steady() // from now on another's word counts
			h.log.Info("this node is no longer the event's home")
		}
	})
}

// Ask is Seat's.
func (h *Hub) Ask(ctx context.Context, asked []Asked) []Outcome {
	out := make([]Outcome, len(asked))
	type result struct {
		i int
		o Outcome
	}
	results := make(chan result, len(asked))
	for i, a := range asked {
		var person *classroom.Person
		if p, err := h.srv.cfg.Store.Person(ctx, a.By.Person); a.By.Person != "" && err == nil {
			person = &p
		}
		sent := h.submit(request{by: a.By, cmd: a.Cmd, far: true, home: a.Home, person: person, then: func(rev int64, err error) {
			results <- result{i, Outcome{rev, err}}
		}})
		if !sent {
			results <- result{i, Outcome{Err: classroom.Refuse(classroom.TooMany, "busy")}}
		}
	}
	for i := range out {
		out[i].Err = errGone
	}
	for range asked {
		select {
		case r := <-results:
			out[r.i] = r.o
		case <-h.done:
			return out
		case <-ctx.Done():
			return out
		}
	}
	return out
}

// Facts is Seat's.
func (h *Hub) Facts(ctx context.Context, after int64) ([]classroom.Fact, error) {
	return h.srv.cfg.Store.Facts(ctx, h.id, after)
}

// Evidence is Seat's.
func (h *Hub) Evidence(spans []attend.Span) {
	_ = h.call(h.srv.ctx, func() {
		for _, sp := range spans {
			h.presence(classroom.PersonID(sp.Person)).grow(sp)
		}
	})
}

// Heard is Seat's.
func (h *Hub) Heard(node string, home bool, there Here) {
	_ = h.call(h.srv.ctx, func() {
		if h.away.far == nil {
			h.away.far = map[string]farCounts{}
		}
		h.away.far[node] = farCounts{there, home, h.srv.steady()}
		if home {
			h.away.heard = h.srv.steady()
		}
	})
}

// withFar adds those who are at other nodes. Somebody who is at two is counted at each.
func (h *Hub) withFar(here wire.Counts) wire.Counts {
	if h.away.place == nil {
		return here
	}
	if home := h.away.token != 0; home || len(h.members) > 0 || len(h.peers) > 0 {
		h.away.place.Tell(home, Here{here, h.inHalls.both})
	}
	sum := here
	sum.Cut = h.away.cut
	sum.Flows = h.away.cut && h.flows()
	sum.Nodes = h.srv.guide(Seeker{}).Others
	slices.Sort(sum.Nodes)
	regions := map[string]int{} // index + 1 in sum.Regions
	sum.Regions = append([]wire.RegionCount{}, here.Regions...)
	sum.Rungs = append([]wire.RungCount(nil), here.Rungs...)
	for i, r := range sum.Regions {
		regions[r.Code] = i + 1
	}
	for node, f := range h.away.far {
		if h.srv.steady()-f.at > farFor {
			delete(h.away.far, node)
			continue
		}
		sum.Viewers += f.counts.Viewers
		sum.Participants += f.counts.Participants
		sum.Guests += f.counts.Guests
		sum.Hearing += f.counts.Hearing
		for code, n := range f.counts.Both { // are counted there
			sum.Halls = max(0, sum.Halls-n)
			if i := regions[code]; i > 0 {
				sum.Regions[i-1].Hall = max(0, sum.Regions[i-1].Hall-n)
			}
		}
		for _, r := range f.counts.Regions {
			if r.Hall = 0; r.N == 0 && r.Watch == 0 { // who is in the rooms was counted here
				continue
			}
			if i := regions[r.Code]; i > 0 {
				at := &sum.Regions[i-1]
				at.N, at.Watch, at.Voice = at.N+r.N, at.Watch+r.Watch, at.Voice+r.Voice
			} else {
				sum.Regions = append(sum.Regions, r)
				regions[r.Code] = len(sum.Regions)
			}
		}
		sum.Rungs = addRungs(sum.Rungs, f.counts.Rungs)
	}
	slices.SortFunc(sum.Regions, func(a, b wire.RegionCount) int { return strings.Compare(a.Code, b.Code) })
	return sum
}

// lookAway sees whether the home is heard: once a beat. Without it this node shows what still comes by itself, holds its viewers
// for the rest, and counts them on.
func (h *Hub) lookAway() {
	if h.away.place == nil {
		return
	}
	cut := h.homeless() && h.srv.steady()-h.away.heard > cutAfter
	comes := h.coming(cut)
	if cut == h.away.cut && slices.Equal(comes, h.away.comes) {
		return
	}
	if cut != h.away.cut {
		h.log.Info("the home of the event", "heard", !cut)
	}
	h.away.cut, h.away.comes = cut, comes
	h.setScene()
}

// coming are the sources of other nodes that are on the stage and whose media comes here: the line that media take may stand while
// the one to the home does not.
func (h *Hub) coming(cut bool) (list []classroom.SourceID) {
	relay := h.srv.cfg.Relay
	if !cut || relay == nil {
		return nil
	}
	for _, src := range h.room.Stage().Sources {
		if h.far(src.ID) && relay.Comes(h.router(), sfu.PeerID(src.ID)) {
			list = append(list, src.ID)
		}
	}
	return list
}

// arrives tells that a source is seen here while the home is not heard: it is at this node, or comes all the same.
func (h *Hub) arrives(id classroom.SourceID) bool {
	return id != "" && (!h.far(id) || slices.Contains(h.away.comes, id))
}

// flows tells that who watches goes on seeing what they saw, or hearing it where nothing is to be seen.
func (h *Hub) flows() bool {
	st := h.room.Stage()
	if st.Scene.Main != "" {
		return h.arrives(st.Scene.Main)
	}
	return slices.ContainsFunc(st.Sources, func(src classroom.Source) bool { return h.arrives(src.ID) })
}

// standBy is the scene while the home is not heard: without what does not come any more, but with silence, which proves to who
// waits that they are there.
func (h *Hub) standBy(scene *sfu.Scene) {
	here := func(id sfu.PeerID) sfu.PeerID {
		if h.arrives(classroom.SourceID(id)) {
			return id
		}
		return ""
	}
	scene.Main, scene.Second, scene.Interpreter = here(scene.Main), here(scene.Second), here(scene.Interpreter)
	scene.Audio = slices.DeleteFunc(scene.Audio, func(id sfu.PeerID) bool { return here(id) == "" })
	scene.Hush = h.room.Phase() == classroom.Live
}

// wantFar tells the relay which sources of other nodes are on the stage.
func (h *Hub) wantFar() {
	relay := h.srv.cfg.Relay
	if h.away.place == nil || relay == nil {
		return
	}
	var want []RemoteSource
	for _, s := range h.room.Stage().Sources {
		if h.far(s.ID) && h.room.Phase() == classroom.Live {
			want = append(want, RemoteSource{sfu.PeerID(s.ID), NodeOf(s.ID)})
		}
	}
	if slices.Equal(want, h.away.wanted) {
		return
	}
	h.away.wanted = want
	h.hands.do(func() { relay.Want(h.router(), want) })
}

// far tells that a source is at another node.
func (h *Hub) far(id classroom.SourceID) bool {
	node := NodeOf(id)
	return h.away.place != nil && node != "" && node != h.srv.cfg.Nodes.Name()
}

// ours tells whether this node must take a source off the stage whose transport is not here: its own, and as the home
// also those of nodes that died.
func (h *Hub) ours(id classroom.SourceID) bool {
	if !h.far(id) {
		return true
	}
	return h.away.token != 0 && !h.srv.cfg.Nodes.Lives(NodeOf(id))
}
