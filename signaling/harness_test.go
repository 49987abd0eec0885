package signaling

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"betang/classroom/checks"
	"betang/sfu"
	"betang/signaling/wire"

	"github.com/gorilla/websocket"
)

// hall is a server with an in-memory network, for use inside a synctest bubble.
type hall struct {
	t       *testing.T
	store   *memStore
	media   *fakeMedia
	tokens  tokens
	revoked sync.Map
	srv     *Server
	http    *http.Server
	ln      *pipeListener
	logs    *lockedBuffer
	checks  checks.Plan
	nodes   Nodes
	relay   Relay
	status  func() Status
}

func newHall(t *testing.T) *hall { return newHallThatAsks(t, checks.Plan{}) }

func newHallThatAsks(t *testing.T, plan checks.Plan) *hall {
	t.Helper()
	h := &hall{checks: plan, t: t, store: newStore(), tokens: testTokens(), logs: &lockedBuffer{}}
	h.open()
	t.Cleanup(func() { h.close() })
	return h
}

func (h *hall) open() {
	h.media = &fakeMedia{peers: map[sfu.PeerID]*fakePeer{}}
	h.srv = New(Config{
		Store: h.store, Media: h.media, Verify: h.tokens,
		Revoked: func(jti string) bool { _, ok := h.revoked.Load(jti); return ok },
		Nodes:   h.nodes,
		Relay:   h.relay,
		Status:  h.status,
		Checks:  h.checks, CheckSecret: []byte("secret"),
		Log:        slog.New(slog.NewTextHandler(h.logs, nil)),
		MaskNIP:    func(nip string) string { return nip[:4] + "••••••••••••" + nip[16:] },
		RegionName: func(code string) string { return "Wilayah " + code },
	})
	h.media.listener = h.srv
	h.ln = &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
	h.http = &http.Server{Handler: h.srv, ReadHeaderTimeout: time.Minute}
	go func() { _ = h.http.Serve(h.ln) }()
}

// close ends everything in good order; crash does not.
func (h *hall) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := h.srv.Shutdown(ctx); err != nil {
		h.t.Errorf("shutdown: %v", err)
	}
	_ = h.http.Close()
	synctest.Wait()
}

// restart is a crash and a new server over the same store: nothing is saved on the way down.
func (h *hall) restart() {
	h.store.set(func(s *memStore) { s.saveErr = errors.New("crashed") })
	h.srv.cancel()
	h.srv.mu.Lock()
	slots := h.srv.hubs
	h.srv.closing = true
	h.srv.mu.Unlock()
	for _, sl := range slots {
		sl.hub.halt()
	}
	_ = h.http.Close()
	synctest.Wait()
	h.store.set(func(s *memStore) { s.saveErr = nil })
	h.open()
}

func (h *hall) hub() *Hub {
	h.t.Helper()
	hub, err := h.srv.Hub(context.Background(), lecture)
	if err != nil {
		h.t.Fatal(err)
	}
	return hub
}

// client is a page: it keeps what the server told it, as a real one would.
type client struct {
	t    *testing.T
	ws   *websocket.Conn
	done chan struct{}

	silent atomic.Bool // pings are not answered

	mu        sync.Mutex
	id        uint32
	welcome   wire.Welcome
	rev       int64
	event     wire.Event
	stage     wire.Stage
	questions map[string]wire.Question
	agenda    wire.Agenda
	desk      wire.DeskState
	polls     map[string]wire.Poll
	tallies   []wire.Tally
	talk      wire.Talk
	chat      map[string]wire.ChatLine
	waves     []wire.Reactions
	decks     []wire.Deck
	page      wire.Page
	ink       wire.Ink
	point     wire.Point
	class     wire.ClassState
	captions  map[int]wire.CaptionLine
	notes     map[string]wire.Note
	mine      wire.Mine
	counts    wire.Counts
	rung      wire.Rung
	vitals    wire.Vitals
	deeds     []wire.Deed
	answers   map[uint32]wire.Envelope
	lost      []wire.MediaLost
	errors    []wire.Error // with id 0
	bye       *wire.Goodbye
	byeAt     time.Time
	states    int
	fulls     int
	order     []string
}

// dial opens a socket without saying anything; nothing is read until pump.
func (h *hall) dial() *client {
	h.t.Helper()
	d := websocket.Dialer{NetDialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return h.ln.dial(ctx) }}
	ws, resp, err := d.Dial("ws://betang.test/ws", nil)
	if err != nil {
		h.t.Fatal(err)
	}
	_ = resp.Body.Close()
	c := &client{t: h.t, ws: ws, done: make(chan struct{}), questions: map[string]wire.Question{}, answers: map[uint32]wire.Envelope{}}
	pong := ws.PingHandler()
	ws.SetPingHandler(func(data string) error {
		if c.silent.Load() {
			return nil
		}
		return pong(data)
	})
	return c
}

// join dials, says hello and waits for the first state.
func (h *hall) join(token string) *client {
	h.t.Helper()
	c := h.dial()
	go c.pump()
	c.hello(token, 0, "")
	synctest.Wait()
	if c.get().welcome.Session == "" {
		h.t.Fatalf("%s was not welcomed: %+v", token, c.get().bye)
	}
	return c
}

func (h *hall) rejoin(token string, old *client) *client {
	h.t.Helper()
	c := h.dial()
	o := old.get()
	c.rev, c.event, c.stage, c.questions = o.rev, o.event, o.stage, o.questions
	go c.pump()
	c.hello(token, o.rev, o.welcome.Session)
	synctest.Wait()
	return c
}

func (c *client) hello(token string, rev int64, session string) {
	c.send("hello", wire.Hello{V: wire.Version, Event: string(lecture), Token: token, Rev: rev, Session: session, Lang: "id"})
}

// send writes a message and gives its id.
func (c *client) send(t string, d any) uint32 {
	c.t.Helper()
	c.mu.Lock()
	c.id++
	id := c.id
	c.mu.Unlock()
	data, err := wire.Encode(t, id, d)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := c.ws.WriteMessage(websocket.TextMessage, data); err != nil {
		c.t.Fatalf("send %s: %v", t, err)
	}
	return id
}

// ask sends and waits until everything that follows at once has happened; it gives the answer's type and error code.
func (c *client) ask(t string, d any) (answer, code string) {
	c.t.Helper()
	id := c.send(t, d)
	synctest.Wait()
	env := c.get().answers[id]
	if env.T == "error" {
		var e wire.Error
		if err := json.Unmarshal(env.D, &e); err != nil {
			c.t.Fatal(err)
		}
		return env.T, e.Code
	}
	return env.T, ""
}

func (c *client) must(t string, d any) {
	c.t.Helper()
	if answer, code := c.ask(t, d); answer != "ack" && answer != "answered" {
		c.t.Fatalf("%s: answer %q %s", t, answer, code)
	}
}

// pump reads until the socket ends.
func (c *client) pump() {
	defer close(c.done)
	for {
		_, data, err := c.ws.ReadMessage()
		if err != nil {
			_ = c.ws.Close()
			return
		}
		c.take(data)
	}
}

func (c *client) take(data []byte) {
	env, err := wire.Open(data)
	if err != nil {
		c.t.Errorf("server sent %q: %v", data, err)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.order = append(c.order, env.T)
	read := func(into any) {
		dec := json.NewDecoder(bytes.NewReader(env.D))
		dec.DisallowUnknownFields()
		if err := dec.Decode(into); err != nil {
			c.t.Errorf("%s: %v", env.T, err)
		}
		if strings.Contains(string(env.D), ":null") {
			c.t.Errorf("%s holds null: %s", env.T, env.D)
		}
	}
	if env.ID != 0 {
		if _, twice := c.answers[env.ID]; twice && env.T != "welcome" {
			c.t.Errorf("id %d answered twice", env.ID)
		}
		c.answers[env.ID] = env
	}
	switch env.T {
	case "welcome":
		read(&c.welcome)
	case "state":
		var st wire.State
		read(&st)
		c.apply(st)
	case "mine":
		c.mine = wire.Mine{}
		read(&c.mine)
	case "counts":
		c.counts = wire.Counts{}
		read(&c.counts)
	case "vitals":
		c.vitals = wire.Vitals{}
		read(&c.vitals)
	case "rung":
		c.rung = wire.Rung{}
		read(&c.rung)
	case "tallies":
		var ts wire.Tallies
		read(&ts)
		c.tallies = ts.Polls
	case "reactions":
		var r wire.Reactions
		read(&r)
		c.waves = append(c.waves, r)
	case "ink":
		c.ink = wire.Ink{}
		read(&c.ink)
	case "point":
		c.point = wire.Point{}
		read(&c.point)
	case "class":
		c.class = wire.ClassState{}
		read(&c.class)
	case "medialost":
		var l wire.MediaLost
		read(&l)
		c.lost = append(c.lost, l)
	case "error":
		if env.ID == 0 {
			var e wire.Error
			read(&e)
			c.errors = append(c.errors, e)
		}
	case "goodbye":
		c.bye = &wire.Goodbye{}
		c.byeAt = time.Now()
		read(c.bye)
	}
}

func (c *client) apply(st wire.State) {
	c.deeds = append(c.deeds, st.Deeds...)
	c.states++
	if st.Rev < c.rev && !st.Full {
		c.t.Errorf("state of revision %d after %d", st.Rev, c.rev)
	}
	if st.Full {
		c.fulls++
		c.questions, c.polls, c.chat = map[string]wire.Question{}, map[string]wire.Poll{}, map[string]wire.ChatLine{}
		c.captions, c.notes = map[int]wire.CaptionLine{}, map[string]wire.Note{}
	}
	c.rev = st.Rev
	if st.Event != nil {
		c.event = *st.Event
	}
	if st.Stage != nil {
		c.stage = *st.Stage
	}
	if st.Agenda != nil {
		c.agenda = *st.Agenda
	}
	if st.Decks != nil {
		c.decks = *st.Decks
	}
	if st.Page != nil {
		c.page = *st.Page
	}
	if st.Desk != nil {
		c.desk = *st.Desk
	}
	for _, q := range st.Questions {
		if q.Status == "gone" {
			delete(c.questions, q.ID)
		} else {
			c.questions[q.ID] = q
		}
	}
	for _, l := range st.Captions {
		c.captions[l.N] = l
	}
	for _, n := range st.Notes {
		c.notes[n.ID] = n
	}
	if st.Talk != nil {
		c.talk = *st.Talk
	}
	for _, l := range st.Chat {
		if l.Gone {
			delete(c.chat, l.ID)
		} else {
			c.chat[l.ID] = l
		}
	}
	for _, p := range st.Polls {
		if p.Status == "gone" {
			delete(c.polls, p.ID)
		} else {
			c.polls[p.ID] = p
		}
	}
}

// seen is a copy of what the client knows.
type seen struct {
	welcome   wire.Welcome
	rev       int64
	event     wire.Event
	stage     wire.Stage
	questions map[string]wire.Question
	agenda    wire.Agenda
	desk      wire.DeskState
	polls     map[string]wire.Poll
	tallies   []wire.Tally
	talk      wire.Talk
	chat      map[string]wire.ChatLine
	waves     []wire.Reactions
	decks     []wire.Deck
	page      wire.Page
	ink       wire.Ink
	point     wire.Point
	class     wire.ClassState
	captions  map[int]wire.CaptionLine
	notes     map[string]wire.Note
	mine      wire.Mine
	counts    wire.Counts
	rung      wire.Rung
	answers   map[uint32]wire.Envelope
	lost      []wire.MediaLost
	errors    []wire.Error
	bye       *wire.Goodbye
	byeAt     time.Time
	states    int
	fulls     int
	order     []string
}

func (c *client) get() seen {
	c.mu.Lock()
	defer c.mu.Unlock()
	qs := map[string]wire.Question{}
	for k, v := range c.questions {
		qs[k] = v
	}
	as := map[uint32]wire.Envelope{}
	for k, v := range c.answers {
		as[k] = v
	}
	return seen{
		c.welcome, c.rev, c.event, c.stage, qs, c.agenda, c.desk, maps.Clone(c.polls), c.tallies, c.talk, maps.Clone(c.chat), slices.Clone(c.waves), c.decks, c.page, c.ink, c.point, c.class, maps.Clone(c.captions), maps.Clone(c.notes), c.mine, c.counts, c.rung, as, append([]wire.MediaLost(nil), c.lost...),
		append([]wire.Error(nil), c.errors...), c.bye, c.byeAt, c.states, c.fulls, append([]string(nil), c.order...),
	}
}

// leave closes like a page that is left; kill like a process that dies, whose system still says so.
func (c *client) leave() {
	_ = c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseGoingAway, ""), time.Now().Add(time.Second))
	_ = c.ws.Close()
	synctest.Wait()
}

func (c *client) kill() {
	_ = c.ws.Close()
	synctest.Wait()
}

// after lets fake time pass.
func after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

type pipeListener struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return pipeAddr{} }

func (l *pipeListener) dial(ctx context.Context) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case l.conns <- theirs:
		return ours, nil
	case <-l.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// mute makes the client's side of the network dead: nothing more is said, nothing closed.
func (c *client) mute() { c.silent.Store(true) }
