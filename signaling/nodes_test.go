package signaling

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"betang/classroom"
	"betang/sfu"
	"betang/signaling/wire"
)

// pair is what two nodes share: the stream of one event, and who is its home.
type pair struct {
	mu     sync.Mutex
	stream []classroom.Fact
	token  int64
	home   *pairPlace
	places []*pairPlace
	err    error // of Publish
	cut    bool  // no home can be asked
	kept   []Asked
	mute   bool                  // nobody hears of anybody
	guide  func(Seeker) Guidance // of both nodes; nil: everybody stays
	late   chan struct{}         // holds what followers get back, if not nil, until it is closed
}

var errPair = errors.New("fenced")

// pairNode is one node of it.
type pairNode struct {
	*pair
	name string
}

func (n *pairNode) Name() string                           { return n.name }
func (n *pairNode) Now(context.Context) (time.Time, error) { return time.Now(), nil }
func (n *pairNode) Lives(string) bool                      { return true }

func (n *pairNode) Guide(who Seeker) Guidance {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.guide == nil {
		return Guidance{}
	}
	return n.guide(who)
}

// Page is as if each node were found under its name.
func (n *pairNode) Page(node string) string { return "https://" + node + ".example" }

func (n *pairNode) Sit(_ classroom.EventID, seat Seat) Place {
	ctx, cancel := context.WithCancel(context.Background())
	return &pairPlace{n: n, seat: seat, ctx: ctx, cancel: cancel, news: make(chan struct{}, 1)}
}

type pairPlace struct {
	n      *pairNode
	seat   Seat
	ctx    context.Context
	cancel context.CancelFunc
	news   chan struct{}
	work   sync.WaitGroup
}

func (p *pairPlace) CatchUp(_ context.Context, after int64, _ *classroom.Fact) ([]classroom.Fact, error) {
	p.n.mu.Lock()
	defer p.n.mu.Unlock()
	return slices.Clone(p.n.stream[after:]), nil
}

// Start takes the home if nobody has it.
func (p *pairPlace) Start() {
	p.n.mu.Lock()
	p.n.places = append(p.n.places, p)
	first := p.n.home == nil
	p.n.mu.Unlock()
	p.work.Go(func() {
		if first {
			p.n.moveTo(p)
		}
		for {
			select {
			case <-p.news:
				p.n.mu.Lock()
				late := p.n.late
				p.n.mu.Unlock()
				if late != nil {
					<-late
				}
				facts, _ := p.CatchUp(p.ctx, p.seat.Rev(), nil)
				_ = p.seat.Take(p.ctx, facts)
			case <-p.ctx.Done():
				return
			}
		}
	})
}

func (p *pairPlace) Stop() { p.cancel(); p.work.Wait() }

// moveTo fences the old home and makes another one.
func (x *pair) moveTo(p *pairPlace) {
	x.mu.Lock()
	x.home = p
	x.token++
	token, facts := x.token, slices.Clone(x.stream[p.seat.Rev():])
	x.mu.Unlock()
	_ = p.seat.Take(p.ctx, facts)
	_ = p.seat.SetHome(p.ctx, token)
}

func (p *pairPlace) Publish(_ context.Context, token int64, facts []classroom.Fact) error {
	x := p.n.pair
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.err != nil || token != x.token {
		return errors.Join(x.err, errPair)
	}
	x.stream = append(x.stream, facts...)
	for _, other := range x.places {
		if other != p {
			select {
			case other.news <- struct{}{}:
			default:
			}
		}
	}
	return nil
}

func (p *pairPlace) Forward(ctx context.Context, asked []Asked) ([]Outcome, error) {
	p.n.mu.Lock()
	home, cut := p.n.home, p.n.cut
	p.n.mu.Unlock()
	if cut {
		return nil, ErrNoHome
	}
	if home == p {
		return nil, errPair
	}
	return home.seat.Ask(ctx, asked), nil
}

func (p *pairPlace) Keep(_ context.Context, asked Asked) error {
	p.n.mu.Lock()
	defer p.n.mu.Unlock()
	p.n.kept = append(p.n.kept, asked)
	return nil
}

func (p *pairPlace) Show(g Gestures) {
	p.n.mu.Lock()
	defer p.n.mu.Unlock()
	for _, other := range p.n.places {
		if other != p && !p.n.mute {
			p.work.Go(func() { other.seat.Shown(g) })
		}
	}
}

func (p *pairPlace) Tell(home bool, here Here) {
	p.n.mu.Lock()
	defer p.n.mu.Unlock()
	for _, other := range p.n.places {
		if other != p && !p.n.mute {
			p.work.Go(func() { other.seat.Heard(p.n.name, home, here) })
		}
	}
}

func (x *pair) set(f func()) {
	x.mu.Lock()
	defer x.mu.Unlock()
	f()
}

// newPair makes two halls that share an event; the first is its home.
func newPair(t *testing.T) (*pair, [2]*hall) { return newPairOf(t, classroom.Lecture) }

func newPairOf(t *testing.T, kind classroom.EventKind) (*pair, [2]*hall) {
	x := &pair{}
	var halls [2]*hall
	for i, name := range []string{"asal", "tepi"} {
		h := &hall{t: t, store: newStore(), tokens: testTokens(), logs: &lockedBuffer{}, nodes: &pairNode{pair: x, name: name}, relay: &lines{comes: map[sfu.PeerID]bool{}}}
		h.store.set(func(s *memStore) {
			ev := s.events[lecture]
			ev.Kind = kind
			s.events[lecture] = ev
		})
		h.open()
		t.Cleanup(func() { h.close() })
		halls[i] = h
		h.hub()
		synctest.Wait()
	}
	return x, halls
}

// TestTwoNodesAreOneEvent: a participant at an edge and a moderator at the home see each other's doing under the same
// revisions, and are counted together.
func TestTwoNodesAreOneEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, halls := newPair(t)
		mod, sri := halls[0].join("mod"), halls[1].join("sri")
		sri.must("ask", wire.Ask{Text: "Kapan?"})
		after(aTick)
		if q := mod.get().questions["q1"]; q.Text != "Kapan?" || q.Unit != "Dinas Kesehatan" {
			t.Fatalf("the home sees %+v", q)
		}
		mod.must("approve", wire.Approve{Question: "q1"})
		after(2 * time.Second)
		if q := sri.get().questions["q1"]; q.Status != "approved" {
			t.Fatalf("the edge sees %+v", q)
		}
		if a, b := mod.get().rev, sri.get().rev; a != b || a == 0 {
			t.Fatalf("revisions %d and %d", a, b)
		}
		if code := sri.refused("support", wire.Support{Question: "q9", On: true}); code != "question_unknown" {
			t.Fatalf("the home's refusal came as %q", code)
		}
		after(3 * time.Second)
		for i, c := range []*client{mod, sri} {
			if n := c.get().counts.Participants; n != 1 {
				t.Errorf("node %d counts %d participants", i, n)
			}
		}
		if !slices.Equal(factsOf(halls[0]), factsOf(halls[1])) || len(factsOf(halls[0])) == 0 {
			t.Errorf("journals %v and %v", factsOf(halls[0]), factsOf(halls[1]))
		}
	})
}

// TestClassIsAtItsHome: a class is at one node. Who opens it at another is sent to its home, and all are when another becomes it;
// who teaches or learns there hears that the home is cut off.
func TestClassIsAtItsHome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x, halls := newPairOf(t, classroom.Class)
		near, far := halls[0].join("sri"), halls[1].join("budi")
		after(12 * time.Second)
		if bye := far.get().bye; bye == nil || bye.Reason != "moved" || !slices.Equal(bye.Nodes, []string{"https://asal.example"}) {
			t.Errorf("at the other node: %+v", bye)
		}
		if bye := near.get().bye; bye != nil {
			t.Errorf("at the home: %+v", bye)
		}
		x.moveTo(x.places[1])
		_ = x.places[0].seat.SetHome(t.Context(), 0)
		after(12 * time.Second)
		if bye := near.get().bye; bye == nil || !slices.Equal(bye.Nodes, []string{"https://tepi.example"}) {
			t.Errorf("after the home moved: %+v", bye)
		}
		x.set(func() { x.mute = true })
		after(10 * time.Second)
		budi := halls[0].join("budi")
		after(2 * time.Second)
		if !budi.get().counts.Cut {
			t.Error("nobody says that the home is not heard")
		}
	})
}

// TestAckWaitsForTheFacts: who is told that a question came in finds it in what the node knows.
func TestAckWaitsForTheFacts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x, halls := newPair(t)
		sri := halls[1].join("sri")
		after(aTick)
		late := make(chan struct{})
		x.set(func() { x.late = late })
		id := sri.send("ask", wire.Ask{Text: "Kapan?"})
		after(time.Second)
		if _, told := sri.get().answers[id]; told {
			t.Fatal("acknowledged before the facts came")
		}
		x.set(func() { x.late = nil })
		close(late)
		after(aTick)
		if a := sri.get().answers[id]; a.T != "ack" {
			t.Fatalf("answered %q", a.T)
		}
		if rev := halls[1].hub().Rev(); rev != halls[0].hub().Rev() {
			t.Fatal(rev)
		}
	})
}

// TestHomeMoves: what the old home could not publish is nobody's fact, and the event goes on at the new one, also for those
// who are at the old.
func TestHomeMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x, halls := newPair(t)
		mod, sri := halls[0].join("mod"), halls[1].join("sri")
		sri.must("ask", wire.Ask{Text: "satu"})
		after(aTick)
		x.set(func() { x.err = errors.New("cut off") })
		if code := mod.refused("approve", wire.Approve{Question: "q1"}); code != "storage" {
			t.Fatalf("a fact that nobody else has was answered with %q", code)
		}
		x.set(func() { x.err = nil })
		old, next := x.places[0], x.places[1]
		x.moveTo(next)
		if code := mod.refused("approve", wire.Approve{Question: "q1"}); code != "storage" {
			t.Fatalf("the fenced home answered %q", code)
		}
		_ = old.seat.SetHome(t.Context(), 0)
		old.news <- struct{}{}
		after(2 * time.Second)
		mod.must("approve", wire.Approve{Question: "q1"})
		after(aTick)
		for i, c := range []*client{mod, sri} {
			if got := c.get().questions["q1"].Status; got != "approved" {
				t.Errorf("node %d shows %q", i, got)
			}
		}
		if !slices.Equal(factsOf(halls[0]), factsOf(halls[1])) {
			t.Errorf("journals %v and %v", factsOf(halls[0]), factsOf(halls[1]))
		}
	})
}

// TestEvidenceOfACutEdgeIsKept: who joins while no home can be reached is let in, and that it was is kept for the home, once;
// a vote is refused.
func TestEvidenceOfACutEdgeIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x, halls := newPair(t)
		x.set(func() { x.cut = true })
		sri := halls[1].join("sri")
		after(2 * time.Second)
		x.set(func() {
			if len(x.kept) != 1 || x.kept[0].By.Link != "sri" || x.kept[0].Cmd != (classroom.Admit{Method: "nip"}) {
				t.Errorf("kept %+v", x.kept)
			}
		})
		if code := sri.refused("ask", wire.Ask{Text: "Kapan?"}); code != "busy" {
			t.Errorf("a question was answered with %q", code)
		}
		x.set(func() { x.cut = false })
		sri.must("ask", wire.Ask{Text: "Kapan?"})
		x.set(func() {
			if len(x.kept) != 1 {
				t.Errorf("kept %+v", x.kept)
			}
		})
	})
}

func factsOf(h *hall) []string {
	h.store.mu.Lock()
	defer h.store.mu.Unlock()
	var out []string
	for _, f := range h.store.facts[lecture] {
		data, err := classroom.EncodeFact(f)
		if err != nil {
			h.t.Fatal(err)
		}
		out = append(out, string(data))
	}
	return out
}

func (c *client) refused(t string, d any) string {
	_, code := c.ask(t, d)
	return code
}

// TestSentOn: who is served better elsewhere hears so instead of a welcome, and those of a drained node one after the other.
func TestSentOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x, halls := newPair(t)
		elsewhere := Guidance{Go: []string{"https://tepi"}, Race: true, Others: []string{"https://tepi"}}
		x.set(func() {
			x.guide = func(who Seeker) Guidance {
				if who.Stays || who.Placed {
					return Guidance{Others: elsewhere.Others}
				}
				return elsewhere
			}
		})
		mod := halls[0].join("mod")
		if nodes := mod.get().welcome.Nodes; !slices.Equal(nodes, elsewhere.Others) {
			t.Errorf("the moderator is told of %q", nodes)
		}
		sri := halls[0].dial()
		go sri.pump()
		sri.hello("sri", 0, "")
		synctest.Wait()
		if bye := sri.get().bye; bye == nil || bye.Reason != "moved" || !slices.Equal(bye.Nodes, elsewhere.Go) || !bye.Race || sri.get().welcome.Session != "" {
			t.Fatalf("told %+v", sri.get())
		}
		sri = halls[0].dial()
		go sri.pump()
		sri.send("hello", wire.Hello{V: wire.Version, Event: string(lecture), Token: "sri", Lang: "id", Placed: true})
		synctest.Wait()
		if sri.get().welcome.Session == "" {
			t.Fatal("who was sent here is not taken in")
		}

		x.set(func() { x.guide = func(Seeker) Guidance { return elsewhere } })
		halls[0].srv.Drain()
		halls[0].srv.Drain()
		after(time.Minute)
		for _, c := range []*client{mod, sri} {
			if bye := c.get().bye; bye == nil || bye.Reason != "moved" || bye.RetryMs != 1 {
				t.Errorf("of a drained node: %+v", bye)
			}
		}
		if mod.get().byeAt.Equal(sri.get().byeAt) {
			t.Error("all leave at once")
		}
	})
}

// lines is a Relay over which some sources come.
type lines struct {
	mu    sync.Mutex
	comes map[sfu.PeerID]bool
}

func (*lines) Want(sfu.RouterID, []RemoteSource) {}

func (l *lines) Comes(_ sfu.RouterID, id sfu.PeerID) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.comes[id]
}

// TestCutButLinked: an edge that does not hear the home shows on what still comes over the media's own line, and says so; when
// that stops too, its viewers stand by.
func TestCutButLinked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x, halls := newPair(t)
		line := halls[1].relay.(*lines)
		op, sri := halls[0].join("op"), halls[1].join("sri")
		halls[0].join("spk").must("publish", wire.Publish{Kind: "camera", SDP: offer("1", "audio")})
		op.must("phase", wire.SetPhase{To: "live"})
		after(3 * time.Second)
		main := halls[1].media.scene().Main
		if main == "" {
			t.Fatal("nobody is on the stage")
		}
		line.mu.Lock()
		line.comes[main] = true
		line.mu.Unlock()
		x.set(func() { x.mute = true })
		after(10 * time.Second)
		if c := sri.get().counts; !c.Cut || !c.Flows || halls[1].media.scene().Main != main {
			t.Errorf("while it comes: %+v, %+v", c, halls[1].media.scene())
		}
		line.mu.Lock()
		line.comes[main] = false
		line.mu.Unlock()
		after(3 * time.Second)
		if c := sri.get().counts; !c.Cut || c.Flows || halls[1].media.scene().Main != "" {
			t.Errorf("when it stopped: %+v, %+v", c, halls[1].media.scene())
		}
		x.set(func() { x.mute = false })
		after(3 * time.Second)
		if c := sri.get().counts; c.Cut || c.Flows || halls[1].media.scene().Main != main {
			t.Errorf("when the home is heard: %+v, %+v", c, halls[1].media.scene())
		}
	})
}

// TestCut: an edge that does not hear the home tells its clients, holds them by silence, and goes on when it hears it again.
func TestCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x, halls := newPair(t)
		op, sri := halls[0].join("op"), halls[1].join("sri")
		op.must("phase", wire.SetPhase{To: "live"})
		after(3 * time.Second)
		if sri.get().counts.Cut {
			t.Error("cut, and is not")
		}
		x.set(func() { x.mute = true })
		after(10 * time.Second)
		if !sri.get().counts.Cut || op.get().counts.Cut {
			t.Errorf("the edge says %v, the home %v", sri.get().counts.Cut, op.get().counts.Cut)
		}
		if scene := halls[1].media.scene(); !scene.Hush {
			t.Errorf("nothing proves who waits: %+v", scene)
		}
		late := halls[1].join("budi")
		after(aTick)
		if !late.get().counts.Cut {
			t.Error("who comes meanwhile is not told")
		}
		x.set(func() { x.mute = false })
		after(3 * time.Second)
		if sri.get().counts.Cut || halls[1].media.scene().Hush {
			t.Error("still cut")
		}
	})
}
