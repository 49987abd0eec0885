package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"betang/classroom"
	"betang/signaling"
	"betang/signaling/cluster"
	"betang/signaling/cluster/clustertest"
	"betang/signaling/wire"

	"github.com/gorilla/websocket"
)

// fleet is two origins and two edges, each with its own line to one Redis, and people who go where they are served.
type fleet struct {
	t      *testing.T
	redis  *clustertest.Redis
	nodes  []*fleetNode
	people []*attendee
	bus    cluster.Bus // the test's own way to Redis
	tape   *tape

	mu   sync.Mutex
	cond *sync.Cond
}

// fleetNode is a real server. Redis is behind line; others reach its web by front.
type fleetNode struct {
	*server
	name        string
	line, front *strait

	killed []time.Time
	frozen [][2]time.Time
}

// kill ends the process as a power cut does.
func (n *fleetNode) kill() {
	n.killed = append(n.killed, time.Now())
	n.end(syscall.SIGKILL)
}

// freeze stops the process for as long as hold takes.
func (n *fleetNode) freeze(hold func()) {
	from := time.Now()
	_ = n.cmd.Process.Signal(syscall.SIGSTOP)
	hold()
	_ = n.cmd.Process.Signal(syscall.SIGCONT)
	n.frozen = append(n.frozen, [2]time.Time{from, time.Now()})
}

// newFleet starts one, with one event that is live; with may change what each node starts.
func newFleet(t *testing.T, people int, with func(node int, s *server)) *fleet {
	f := &fleet{t: t, redis: clustertest.NewRedis(t)}
	f.cond = sync.NewCond(&f.mu)
	for i, name := range []string{"asal", "cadangan", "kotim-1", "seruyan-1"} {
		n := &fleetNode{name: name, line: newStrait(t, f.redis.Addr())}
		n.server = startServer(t, func(s *server) {
			n.front = newStrait(t, s.addr)
			s.url = "http://" + n.front.addr()
			s.more = []string{"--redis", "redis://" + n.line.addr() + "/0", "--node", name, "--region", "62.71"}
			if i >= 2 {
				s.more = append(s.more, "--edge")
			}
			with(i, s)
		})
		f.nodes = append(f.nodes, n)
	}
	var err error
	if f.bus, err = cluster.OpenRedis(f.redis.URL()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.bus.Close() })
	f.prepare(people)
	f.tape = newTape(t, f)
	return f
}

// prepare makes the people with their tokens, and a question that all can vote on.
func (f *fleet) prepare(people int) {
	t := f.t
	st := openStore(t, f.nodes[0].dir)
	defer st.Close()
	issue := issuer(t, st, 48*time.Hour)
	var list []classroom.Person
	for i := range people {
		p := classroom.Person{ID: classroom.PersonID(fmt.Sprintf("armada-%03d", i)), Name: fmt.Sprint("Peserta ", i), Verified: true}
		list = append(list, p)
		f.people = append(f.people, &attendee{
			f: f, id: p.ID, node: i % len(f.nodes), rng: rand.New(rand.NewPCG(11, uint64(i))),
			token: issue(signaling.Claims{Role: classroom.RoleParticipant, Person: p.ID, Method: "link"}),
		})
	}
	if err := st.SavePeople(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	desk := &attendee{f: f, token: issue(signaling.Claims{Role: classroom.RoleOperator, Name: "Operator"})}
	asker := &attendee{f: f, token: f.people[0].token}
	for _, step := range []struct {
		who  *attendee
		t    string
		body any
	}{{desk, "phase", wire.SetPhase{To: "live"}}, {asker, "ask", wire.Ask{Text: "Siapa yang selamat?"}}, {desk, "approve", wire.Approve{Question: "q1"}}} {
		if err := step.who.join(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := step.who.ask(step.t, step.body, "ack"); err != nil {
			t.Fatalf("%s: %v", step.t, err)
		}
		_ = step.who.ws.Close()
	}
}

// home is the node that holds the event's lease; nil if none does.
func (f *fleet) home() *fleetNode {
	holder, err := f.redis.Do("HGET", "betang:{"+demoID+"}:lease", "holder")
	if err != nil || holder == nil {
		return nil
	}
	name, _, _ := strings.Cut(holder.(string), "/")
	for _, n := range f.nodes {
		if n.name == name {
			return n
		}
	}
	return nil
}

// everyoneBack waits until everybody has had a vote acknowledged that was sent after a moment, and tells how long it took
// the first and the last of them.
func (f *fleet) everyoneBack(what string, since time.Time, within time.Duration) {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), within)
	defer cancel()
	defer context.AfterFunc(ctx, f.cond.Broadcast)()
	f.mu.Lock()
	defer f.mu.Unlock()
	var first, last time.Duration
	for {
		missing := 0
		first, last = time.Hour, 0
		for _, p := range f.people {
			at, back := p.backLocked(since)
			if !back {
				missing++
				continue
			}
			first, last = min(first, at.Sub(since)), max(last, at.Sub(since))
		}
		if missing == 0 {
			break
		}
		if ctx.Err() != nil {
			for _, p := range f.people {
				if _, back := p.backLocked(since); !back {
					f.t.Errorf("%s: %s is not back at %s: %v", what, p.id, f.nodes[p.node].name, p.err)
				}
			}
			f.t.FailNow()
		}
		f.cond.Wait()
	}
	f.t.Logf("%-34s first vote after %5.1f s, everybody's after %5.1f s", what, first.Seconds(), last.Seconds())
}

// ballot is one vote: it is sent until it is acknowledged.
type ballot struct {
	sent, acked time.Time // of the first try
	rev         int64
	on          bool
	failed      []time.Time // tries that were refused or not answered, by when they were sent
}

// visit is a socket's life as its client saw it.
type visit struct {
	node                        int
	dialed, first, last, closed time.Time // last: when the server answered last
	err                         error     // what ended it
}

// attendee votes and takes the vote back, and comes back at another node when its own does not serve.
type attendee struct {
	f     *fleet
	id    classroom.PersonID
	token string
	rng   *rand.Rand

	ws      *websocket.Conn
	write   sync.Mutex // to it
	session string
	msg     uint32

	// Guarded by f.mu.
	node    int
	ballots []ballot // the last may not be acknowledged
	visits  []visit
	err     error
}

// backLocked is when the first vote was acknowledged that was sent after a moment.
func (a *attendee) backLocked(since time.Time) (time.Time, bool) {
	for i := len(a.ballots) - 1; i >= 0; i-- {
		b := a.ballots[i]
		if b.sent.Before(since) {
			if i+1 < len(a.ballots) && !a.ballots[i+1].acked.IsZero() {
				return a.ballots[i+1].acked, true
			}
			return time.Time{}, false
		}
	}
	if len(a.ballots) > 0 && !a.ballots[0].acked.IsZero() {
		return a.ballots[0].acked, true
	}
	return time.Time{}, false
}

func (a *attendee) join(ctx context.Context) error {
	dialer := websocket.Dialer{HandshakeTimeout: 3 * time.Second, NetDialContext: (&net.Dialer{Timeout: 2 * time.Second}).DialContext}
	ws, resp, err := dialer.DialContext(ctx, "ws://"+a.f.nodes[a.node].addr+"/ws", nil)
	if err != nil {
		return err
	}
	_ = resp.Body.Close()
	a.ws = ws
	env, err := a.ask("hello", wire.Hello{V: wire.Version, Event: demoID, Token: a.token, Session: a.session, Lang: "id", Placed: true}, "welcome")
	if err != nil {
		_ = ws.Close()
		return err
	}
	var w wire.Welcome
	if err := json.Unmarshal(env.D, &w); err != nil {
		return err
	}
	a.session = w.Session
	return nil
}

// ask sends a message and reads until it is answered.
func (a *attendee) ask(t string, body any, want string) (wire.Envelope, error) {
	a.msg++
	data, err := wire.Encode(t, a.msg, body)
	if err != nil {
		return wire.Envelope{}, err
	}
	if err := a.say(a.ws, data); err != nil {
		return wire.Envelope{}, err
	}
	for {
		_ = a.ws.SetReadDeadline(time.Now().Add(8 * time.Second))
		_, data, err := a.ws.ReadMessage()
		if err != nil {
			return wire.Envelope{}, err
		}
		env, err := wire.Open(data)
		if err != nil || env.ID != a.msg {
			continue
		}
		if env.T != want {
			return env, fmt.Errorf("%s: %w", data, errRefused)
		}
		return env, nil
	}
}

func (a *attendee) say(ws *websocket.Conn, data []byte) error {
	a.write.Lock()
	defer a.write.Unlock()
	return ws.WriteMessage(websocket.TextMessage, data)
}

// ping speaks as often as a page does, also while it waits for an answer: who is silent for 10 s is not there.
func (a *attendee) ping(ctx context.Context, ws *websocket.Conn) {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if a.say(ws, []byte(`{"t":"ping"}`)) != nil {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

var errRefused = errors.New("refused")

func (a *attendee) pause(ctx context.Context, most time.Duration) bool {
	select {
	case <-time.After(time.Duration(a.rng.Int64N(int64(most)))):
		return true
	case <-ctx.Done():
		return false
	}
}

func (a *attendee) run(ctx context.Context) {
	for a.pause(ctx, 500*time.Millisecond) {
		a.visit(ctx)
		a.f.mu.Lock()
		if a.rng.IntN(3) > 0 { // as a page goes to another node when its own fails
			a.node = a.rng.IntN(len(a.f.nodes))
		}
		a.f.mu.Unlock()
	}
}

// visit is one socket's life: it ends when a vote is not acknowledged.
func (a *attendee) visit(ctx context.Context) {
	v := visit{node: a.node, dialed: time.Now()}
	err := a.join(ctx)
	if err != nil {
		a.note(func() { a.err = err })
		return
	}
	v.first = time.Now()
	v.last = v.first
	pinging, stop := context.WithCancel(ctx)
	var pings sync.WaitGroup
	pings.Go(func() { a.ping(pinging, a.ws) })
	defer pings.Wait()
	defer stop()
	refused := 0
	for a.pause(ctx, 2*time.Second) {
		if err = a.vote(); err == nil {
			v.last, refused = time.Now(), 0
		} else if !errors.Is(err, errRefused) {
			break
		} else if v.last, refused = time.Now(), refused+1; refused == 5 { // it is there, and cannot do anything
			break
		}
	}
	v.closed, v.err = time.Now(), err
	_ = a.ws.Close()
	a.note(func() { a.visits, a.err = append(a.visits, v), err })
}

// vote sends the next vote, or the last one again.
func (a *attendee) vote() error {
	var on bool
	sent := time.Now()
	a.note(func() {
		n := len(a.ballots)
		if n == 0 || !a.ballots[n-1].acked.IsZero() {
			a.ballots = append(a.ballots, ballot{sent: time.Now(), on: n%2 == 0})
			n++
		}
		on = a.ballots[n-1].on
	})
	env, err := a.ask("support", wire.Support{Question: "q1", On: on}, "ack")
	if err != nil {
		a.note(func() {
			last := &a.ballots[len(a.ballots)-1]
			a.err, last.failed = err, append(last.failed, sent)
		})
		return err
	}
	var ack wire.Ack
	if err := json.Unmarshal(env.D, &ack); err != nil {
		return err
	}
	a.note(func() {
		last := &a.ballots[len(a.ballots)-1]
		last.acked, last.rev = time.Now(), ack.Rev
	})
	return nil
}

func (a *attendee) note(f func()) {
	a.f.mu.Lock()
	f()
	a.f.mu.Unlock()
	a.f.cond.Broadcast()
}
