package main

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"syscall"
	"testing"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/store"
	"betang/signaling"
	"betang/signaling/api"
	"betang/signaling/wire"

	"github.com/gorilla/websocket"
)

var (
	kills      = flag.Int("kills", 2, "how often TestKillServer kills the server")
	killPeople = flag.Int("kill-people", 100, "participants of TestKillServer")
)

// TestKillServer kills a real server with SIGKILL at random moments while participants vote and their presence is
// recorded, and holds it to its word each time: what it acknowledged is in the journal, nothing is there twice, no evidence
// that was once saved is lost, and the chain is whole.
func TestKillServer(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts and kills real servers")
	}
	s := startServer(t)
	hall := newKillHall(t, s)
	hall.prepare()
	rng := rand.New(rand.NewPCG(1, uint64(*kills)))
	ctx, cancel := context.WithCancel(t.Context())
	var work sync.WaitGroup
	for _, v := range hall.voters {
		work.Go(func() { v.run(ctx) })
	}
	saved := map[string]attend.Span{}
	for n := range *kills {
		hall.wait(hall.acked() + *killPeople + rng.IntN(2**killPeople)) // most are back at work
		s.end(syscall.SIGKILL)
		hall.judge(saved)
		if t.Failed() {
			break
		}
		t.Logf("kill %d: %d votes acknowledged, %d stretches of evidence saved", n+1, hall.acked(), len(saved))
		s.start()
	}
	hall.wait(hall.acked() + *killPeople)
	cancel()
	work.Wait()
	s.end(syscall.SIGTERM)
	hall.judge(saved)
}

// killHall is the hall and what it was told.
type killHall struct {
	t      *testing.T
	s      *server
	people int
	voters []*voter

	mu    sync.Mutex
	cond  *sync.Cond
	total int // votes acknowledged
	at    map[*server][]vote
}

// vote is one that was acknowledged.
type vote struct {
	by          classroom.PersonID
	sent, acked time.Time
}

func newKillHall(t *testing.T, s *server) *killHall {
	h := &killHall{t: t, s: s, people: *killPeople, at: map[*server][]vote{}}
	h.cond = sync.NewCond(&h.mu)
	return h
}

// issuer signs links, of the demo event if none is named, with the store's own secret, good for so long.
func issuer(t testing.TB, st *store.Store, good time.Duration) func(signaling.Claims) string {
	tokens, err := openTokens(t.Context(), st)
	if err != nil {
		t.Fatal(err)
	}
	return func(c signaling.Claims) string {
		c.ID, c.Event, c.Expires = api.NewTokenID(), cmp.Or(c.Event, demoID), time.Now().Add(good)
		token, err := tokens.Issue(c)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
}

// prepare makes the people and their tokens, and a question that all can vote on.
func (h *killHall) prepare() {
	t := h.t
	st := openStore(t, h.s.dir)
	defer st.Close()
	var people []classroom.Person
	for i := range h.people {
		people = append(people, classroom.Person{ID: classroom.PersonID(fmt.Sprintf("kill-%04d", i)), Name: fmt.Sprint("Peserta ", i), Verified: true})
	}
	if err := st.SavePeople(t.Context(), people); err != nil {
		t.Fatal(err)
	}
	issue := issuer(t, st, time.Hour)
	for _, p := range people {
		h.voters = append(h.voters, &voter{h: h, s: h.s, person: p.ID, token: issue(signaling.Claims{Role: classroom.RoleParticipant, Person: p.ID, Method: "link"})})
	}
	asker, desk := &voter{h: h, s: h.s, token: h.voters[0].token}, &voter{h: h, s: h.s, token: issue(signaling.Claims{Role: classroom.RoleOperator, Name: "Operator"})}
	for _, step := range []struct {
		who  *voter
		t    string
		body any
	}{{desk, "phase", wire.SetPhase{To: "live"}}, {asker, "ask", wire.Ask{Text: "Siapa yang selamat?"}}, {desk, "approve", wire.Approve{Question: "q1"}}} {
		if err := step.who.join(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := step.who.do(step.t, step.body); err != nil {
			t.Fatalf("%s: %v", step.t, err)
		}
		_ = step.who.ws.Close()
	}
}

func (h *killHall) acked() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.total
}

// wait returns when so many votes were acknowledged in all.
func (h *killHall) wait(total int) {
	stop := context.AfterFunc(h.t.Context(), h.cond.Broadcast)
	defer stop()
	h.mu.Lock()
	defer h.mu.Unlock()
	for h.total < total && h.t.Context().Err() == nil {
		h.cond.Wait()
	}
}

// judge reads what the dead server left and holds it to what it had said. saved is the evidence as seen so far.
func (h *killHall) judge(saved map[string]attend.Span) {
	t := h.t
	st, err := store.OpenReadOnly(t.Context(), h.s.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if err := st.Verify(t.Context(), demoID); err != nil {
		t.Errorf("the chain: %v", err)
	}
	facts, err := st.Facts(t.Context(), demoID, 0)
	if err != nil {
		t.Fatal(err)
	}
	votes := map[classroom.PersonID][]bool{}
	sessions := map[classroom.SessionID]bool{}
	for _, f := range facts {
		switch b := f.Body.(type) {
		case classroom.Supported:
			list := votes[f.By.Person]
			if n := len(list); n > 0 && list[n-1] == b.On {
				t.Errorf("%s: the vote of fact %d is there twice", f.By.Person, f.Seq)
			}
			votes[f.By.Person] = append(list, b.On)
		case classroom.Admitted:
			if sessions[f.By.Session] {
				t.Errorf("session %s was let in twice", f.By.Session)
			}
			sessions[f.By.Session] = true
		}
	}
	for _, v := range h.voters {
		v.judge(votes[v.person])
	}

	spans, err := st.Spans(t.Context(), demoID)
	if err != nil {
		t.Fatal(err)
	}
	now := map[string]attend.Span{}
	var last attend.Span
	for _, sp := range spans { // ascending by person, session, class and beginning
		if sp.Person == last.Person && sp.Session == last.Session && sp.Class == last.Class && sp.From < last.To {
			t.Errorf("evidence is there twice: %+v and %+v", last, sp)
		}
		last = sp
		now[fmt.Sprint(sp.Person, " ", sp.Session, " ", sp.Class, " ", sp.From)] = sp
	}
	for name, old := range saved {
		if sp, ok := now[name]; !ok || sp.To < old.To {
			t.Errorf("evidence was lost: %+v is now %+v", old, sp)
		}
	}
	clear(saved)
	maps.Copy(saved, now)
}

// voter is one participant: it votes, takes the vote back, and comes back when the server is gone.
type voter struct {
	h      *killHall
	s      *server // at which it is
	person classroom.PersonID
	token  string
	event  string // "": the demo's

	ws      *websocket.Conn
	session string
	id      uint32

	mu    sync.Mutex
	acked int // votes that the server acknowledged
	said  int // votes that it was sent: of the last, nobody knows
}

func (v *voter) join(ctx context.Context) error {
	ws, resp, err := websocket.DefaultDialer.DialContext(ctx, "ws://"+v.s.addr+"/ws", nil)
	if err != nil {
		return err
	}
	_ = resp.Body.Close()
	v.ws = ws
	return v.ask("hello", wire.Hello{V: wire.Version, Event: cmp.Or(v.event, demoID), Token: v.token, Session: v.session, Lang: "id", Placed: true}, "welcome")
}

func (v *voter) do(t string, body any) error { return v.ask(t, body, "ack") }

// ask sends a message and reads until it is answered.
func (v *voter) ask(t string, body any, want string) error {
	v.id++
	data, err := wire.Encode(t, v.id, body)
	if err != nil {
		return err
	}
	if err := v.ws.WriteMessage(websocket.TextMessage, data); err != nil {
		return err
	}
	for {
		_ = v.ws.SetReadDeadline(time.Now().Add(20 * time.Second))
		_, data, err := v.ws.ReadMessage()
		if err != nil {
			return err
		}
		env, err := wire.Open(data)
		if err != nil {
			return err
		}
		if env.ID != v.id {
			continue
		}
		if env.T != want {
			return fmt.Errorf("%s: %s", t, data)
		}
		if env.T == "welcome" {
			var w wire.Welcome
			if err := json.Unmarshal(env.D, &w); err != nil {
				return err
			}
			v.session = w.Session
		}
		return nil
	}
}

func (v *voter) run(ctx context.Context) {
	rng := rand.New(rand.NewPCG(7, uint64(len(v.token))))
	pause := func(most time.Duration) bool {
		select {
		case <-time.After(time.Duration(rng.Int64N(int64(most)))):
			return true
		case <-ctx.Done():
			return false
		}
	}
	for pause(5 * time.Second) { // as spread as pages come back
		if v.join(ctx) != nil {
			continue // the server is down
		}
		for pause(2 * time.Second) { // 20 votes in 10 s are the limit
			v.mu.Lock()
			n := v.acked
			v.said = n + 1
			v.mu.Unlock()
			sent := time.Now()
			if err := v.do("support", wire.Support{Question: "q1", On: n%2 == 0}); err != nil {
				break
			}
			v.mu.Lock()
			v.acked++
			v.mu.Unlock()
			v.h.mu.Lock()
			v.h.total++
			v.h.at[v.s] = append(v.h.at[v.s], vote{v.person, sent, time.Now()})
			v.h.mu.Unlock()
			v.h.cond.Broadcast()
		}
		_ = v.ws.Close()
	}
}

// judge holds the journal to what this voter was told: every acknowledged vote is there, and at most the one more whose
// answer the kill took away.
func (v *voter) judge(votes []bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(votes) < v.acked || len(votes) > v.said {
		v.h.t.Errorf("%s: %d votes are in the journal, %d were acknowledged, %d sent", v.person, len(votes), v.acked, v.said)
	}
	for i, on := range votes {
		if on != (i%2 == 0) {
			v.h.t.Errorf("%s: vote %d is %v", v.person, i+1, on)
		}
	}
}
