package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/signaling"
	"betang/signaling/cluster"
	"betang/signaling/wire"

	"github.com/gorilla/websocket"
)

// sitter is somebody who sits at a page: it goes where it is sent, and stays until its context ends.
type sitter struct {
	t      *testing.T
	person classroom.Person
	token  string
	from   string // the address it comes from

	session string
	placed  bool

	mu          sync.Mutex
	way         []string // the servers that it came by
	raced       []string // those that it was told to choose from
	first, last time.Time
	seated      chan struct{} // a token each time that a server takes it in
}

// sit is the life of a page. It begins at a server.
func (s *sitter) sit(ctx context.Context, at string) {
	for at != "" && ctx.Err() == nil {
		at = s.visit(ctx, at)
	}
}

// visit is a socket's life; it gives where it is sent on to.
func (s *sitter) visit(ctx context.Context, at string) (next string) {
	dialer := websocket.Dialer{NetDialContext: (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(s.from)}}).DialContext}
	ws, resp, err := dialer.DialContext(ctx, strings.Replace(at, "http", "ws", 1)+"/ws", nil)
	if err != nil {
		if ctx.Err() == nil {
			s.t.Errorf("%s at %s: %v", s.person.ID, at, err)
		}
		return ""
	}
	_ = resp.Body.Close()
	defer ws.Close()
	var write sync.Mutex
	say := func(data []byte) error {
		write.Lock()
		defer write.Unlock()
		return ws.WriteMessage(websocket.TextMessage, data)
	}
	hello, err := wire.Encode("hello", 1, wire.Hello{V: wire.Version, Event: demoID, Token: s.token, Session: s.session, Lang: "id", Placed: s.placed})
	if err == nil {
		err = say(hello)
	}
	s.mu.Lock()
	s.way = append(s.way, at)
	s.mu.Unlock()
	ended, stop := context.WithCancel(ctx)
	defer stop()
	var pings sync.WaitGroup
	pings.Go(func() {
		tick := time.NewTicker(pingEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				_ = say([]byte(`{"t":"ping"}`))
			case <-ended.Done():
				s.mu.Lock()
				s.last = time.Now()
				s.mu.Unlock()
				_ = ws.Close()
				return
			}
		}
	})
	defer pings.Wait()
	defer stop()
	for err == nil {
		var data []byte
		if _, data, err = ws.ReadMessage(); err != nil {
			break
		}
		env, bad := wire.Open(data)
		if bad != nil {
			continue
		}
		switch env.T {
		case "welcome":
			var w wire.Welcome
			err = json.Unmarshal(env.D, &w)
			s.session = w.Session
			s.mu.Lock()
			if s.first.IsZero() {
				s.first = time.Now()
			}
			s.mu.Unlock()
			s.seated <- struct{}{}
		case "goodbye":
			var bye wire.Goodbye
			if err = json.Unmarshal(env.D, &bye); err == nil && len(bye.Nodes) > 0 {
				s.placed = true
				if bye.Race {
					s.mu.Lock()
					s.raced = bye.Nodes
					s.mu.Unlock()
				}
				return bye.Nodes[0]
			}
			err = fmt.Errorf("sent away: %s", data)
		}
	}
	if ctx.Err() == nil {
		s.t.Errorf("%s at %s: %v", s.person.ID, at, err)
	}
	return ""
}

// at is the server that took it in last.
func (s *sitter) at() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.way[len(s.way)-1]
}

// TestPlacedAndDrained: whoever comes, at whichever server, is served by the one of their network or of their region, or is told to see which
// answers soonest. When a server is drained all go on at others, the command says so only then, and the daftar hadir lacks
// nobody a second.
func TestPlacedAndDrained(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts real servers")
	}
	nodes, redis := startNodes(t, []string{"asal", "--region", "62.71"}, []string{"kotim-1", "--region", "62.02"}, []string{"seruyan", "--network", "127.0.0.2/32"})
	page := func(i int) string { return "http://" + nodes[i].addr }
	for _, n := range nodes {
		n.until("all servers are known", 30*time.Second, func(m map[string]float64) bool { return m[`betang_nodes_current{of="nodes"}`] == 3 })
	}
	bus, err := cluster.OpenRedis(redis.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer bus.Close()

	st := openStore(t, nodes[0].dir)
	issue := issuer(t, st, time.Hour)
	var people []*sitter
	for i, who := range []struct{ region, from string }{
		{"62.02", "127.0.0.1"},
		{"62.02", "127.0.0.1"},
		{"62.02", "127.0.0.1"},
		{"62.02", "127.0.0.1"},
		{"62.02", "127.0.0.2"},
		{"", "127.0.0.2"}, // the network goes before the region
		{"62.71", "127.0.0.1"},
		{"", "127.0.0.1"},
	} {
		p := classroom.Person{ID: classroom.PersonID(fmt.Sprint("duduk-", i)), Name: fmt.Sprint("Peserta ", i), Region: who.region, Verified: true}
		people = append(people, &sitter{
			t: t, person: p, from: who.from, seated: make(chan struct{}, 10),
			token: issue(signaling.Claims{Role: classroom.RoleParticipant, Person: p.ID, Method: "link"}),
		})
		if err := st.SavePeople(t.Context(), []classroom.Person{p}); err != nil {
			t.Fatal(err)
		}
	}
	_ = st.Close()

	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	var work sync.WaitGroup
	for i, p := range people {
		work.Go(func() { p.sit(ctx, page(i%len(nodes))) })
	}
	seated := func(what string, list ...*sitter) {
		t.Helper()
		for _, p := range list {
			select {
			case <-p.seated:
			case <-time.After(30 * time.Second):
				t.Fatalf("%s: %s is nowhere, by %v", what, p.person.ID, p.way)
			}
		}
	}
	seated("at first", people...)
	for i, want := range []int{1, 1, 1, 1, 2, 2, 0} {
		if got := people[i].at(); got != page(want) {
			t.Errorf("%s of region %q from %s came by %v, not to %s", people[i].person.ID, people[i].person.Region, people[i].from, people[i].way, page(want))
		}
	}
	if got := people[7].raced; len(got) != 3 || !slices.Contains(got, page(0)) || !slices.Contains(got, page(1)) || !slices.Contains(got, page(2)) {
		t.Errorf("whom no server is nearest to was told to choose from %v", got)
	}

	moved := people[:4]
	if people[7].at() == page(1) {
		moved = append(slices.Clone(moved), people[7])
	}
	said := nodes[0].betang("nodes", "drain", "--redis", redis.URL(), "kotim-1")
	if !strings.Contains(said, fmt.Sprintf("kotim-1: %d people left", len(moved))) || !strings.HasSuffix(said, "kotim-1 is empty\n") {
		t.Errorf("drain says:\n%s", said)
	}
	seated("drained", moved...)
	for _, p := range moved {
		if p.at() == page(1) {
			t.Errorf("%s is still at the drained server", p.person.ID)
		}
	}
	if list := nodes[0].betang("nodes", "--redis", redis.URL()); !strings.Contains(list, "edge, drained") {
		t.Errorf("betang nodes:\n%s", list)
	}
	if said := nodes[0].betang("nodes", "serve", "--redis", redis.URL(), "kotim-1"); said != "kotim-1 serves\n" {
		t.Errorf("serve says:\n%s", said)
	}
	leave()
	work.Wait()

	at, err := bus.Now(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ahead := time.Until(at)
	ms := func(at time.Time) int64 { return at.Add(ahead).UnixMilli() }
	var lost map[classroom.PersonID]time.Duration
	for end := time.Now().Add(30 * time.Second); ; runtimeYield() { // an edge's last evidence is on its way
		has := map[classroom.PersonID][]attend.Span{}
		for _, sp := range spansAt(t, nodes[0]) {
			has[classroom.PersonID(sp.Person)] = append(has[classroom.PersonID(sp.Person)], sp)
		}
		lost = map[classroom.PersonID]time.Duration{}
		for _, p := range people {
			there := attend.Union([]attend.Span{{Class: attend.Socket, From: ms(p.first), To: ms(p.last)}}, attend.Socket)
			if d := lengthOf(outside(there, attend.Union(has[p.person.ID], attend.Socket))); d >= time.Second {
				lost[p.person.ID] = d
			}
		}
		if len(lost) == 0 || time.Now().After(end) {
			break
		}
	}
	if len(lost) > 0 {
		t.Errorf("not counted: %v", lost)
	}
}
