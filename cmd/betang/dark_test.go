package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/store"
	"betang/signaling"
	"betang/signaling/cluster"
	"betang/signaling/cluster/clustertest"
	"betang/signaling/wire"
)

// TestStartsWithoutRedis: the power goes at an edge and at the origin, and when it is back, Redis cannot be reached. Both
// serve from their own stores, tell their people that the line is cut, and count them. Who comes to the edge alone, with a link of their
// own for an event that nobody opened there, is let in too. When Redis is there again, they join
// the others, and what was gathered comes home.
func TestStartsWithoutRedis(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts and kills real servers")
	}
	redis := clustertest.NewRedis(t)
	line := newStrait(t, redis.Addr())
	start := func(more ...string) *server {
		return startServer(t, func(s *server) {
			s.more = append([]string{"--redis", "redis://" + line.addr() + "/0", "--node"}, more...)
		})
	}
	origin := start("asal")
	edge := start("kotim-1", "--edge")
	hall := newKillHall(t, origin)
	hall.people = 2
	hall.prepare()
	near, far := hall.voters[0], hall.voters[1]
	near.s = edge
	if err := near.join(t.Context()); err != nil { // the edge knows the event and this person from now on
		t.Fatal(err)
	}
	if err := near.do("support", wire.Support{Question: "q1", On: true}); err != nil {
		t.Fatal(err)
	}

	starts := time.Now().In(time.FixedZone("WIB", 7*3600)).Add(time.Hour)
	origin.betang("event", "add", "besok", "--data", origin.dir, "--title", "Kuliah Besok", "--starts", starts.Format("2006-01-02 15:04"),
		"--ends", starts.Add(time.Hour).Format("2006-01-02 15:04"))
	for end := time.Now().Add(20 * time.Second); !knowsEvent(t, edge, "besok"); runtimeYield() {
		if time.Now().After(end) {
			t.Fatal("the edge does not learn of an event that nobody opened there")
		}
	}

	for _, s := range []*server{edge, origin} {
		s.end(syscall.SIGKILL)
	}
	line.sever()
	again := time.Now()
	edge.start()
	(&guest{t, edge, "besok"}).enters("orang-baru") // who comes while the edge is quite alone
	if code := (&guest{t, edge, "lusa"}).refused("orang-baru"); code != "event_away" {
		t.Errorf("an event that the edge cannot know is refused with %q", code)
	}
	origin.start()
	for _, v := range []*voter{near, far} {
		if err := v.join(t.Context()); err != nil {
			t.Fatalf("%s is not let in: %v", v.person, err)
		}
	}
	began := time.Now()
	for _, v := range []*voter{near, far} {
		v.hearsOfCut(t)
	}
	for range 2 {
		<-time.After(time.Second)
		for _, v := range []*voter{near, far} {
			if err := v.ask("ping", nil, "pong"); err != nil {
				t.Fatalf("%s: %v", v.person, err)
			}
		}
	}
	counted := time.Since(began)

	line.mend()
	mended := time.Now()
	if err := near.do("support", wire.Support{Question: "q1", On: false}); err != nil {
		t.Errorf("a vote when the line is back: %v", err)
	}
	for inRegistry(t, redis, again) < 2 {
		runtimeYield()
	}
	t.Logf("served %.1f s after the start, a vote and the registry %.1f s after the line was back", began.Sub(again).Seconds(), time.Since(mended).Seconds())
	for _, v := range []*voter{near, far} { // they were let in while there was no home to hear of it
		admitted := func(f classroom.Fact) bool {
			_, is := f.Body.(classroom.Admitted)
			return is && f.By.Session == classroom.SessionID(v.session)
		}
		for end := time.Now().Add(20 * time.Second); !slices.ContainsFunc(journalOf(t, origin), admitted); runtimeYield() {
			if time.Now().After(end) {
				t.Fatalf("that %s was let in without Redis is in no fact", v.person)
			}
		}
	}
	_, _ = near.ws.Close(), far.ws.Close()
	edge.end(syscall.SIGTERM)
	hall.wantAttendance(origin, edge)
	spans := spansAt(t, origin)
	for _, v := range []*voter{near, far} {
		var ms int64
		for _, sp := range spans {
			if sp.Person == string(v.person) && sp.Session == v.session {
				ms += sp.To - sp.From
			}
		}
		if ms < (counted - time.Second).Milliseconds() {
			t.Errorf("%s has %d ms of evidence of the %v without Redis", v.person, ms, counted)
		}
	}
}

// hearsOfCut reads until the counts say that the line to the home is cut.
func (v *voter) hearsOfCut(t *testing.T) {
	t.Helper()
	for {
		_ = v.ws.SetReadDeadline(time.Now().Add(20 * time.Second))
		_, data, err := v.ws.ReadMessage()
		if err != nil {
			t.Fatalf("%s hears nothing of a line that is cut: %v", v.person, err)
		}
		var c wire.Counts
		if env, err := wire.Open(data); err == nil && env.T == "counts" && json.Unmarshal(env.D, &c) == nil && c.Cut {
			return
		}
	}
}

// inRegistry is how many servers live that began after a moment.
func inRegistry(t *testing.T, redis *clustertest.Redis, began time.Time) (n int) {
	t.Helper()
	bus, err := cluster.OpenRedis(redis.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer bus.Close()
	nodes, err := bus.Nodes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, node := range nodes {
		if node.Began > began.UnixMilli() {
			n++
		}
	}
	return n
}

// TestFirstStartNeedsRedis: a server that never saw Redis says what it lacks.
func TestFirstStartNeedsRedis(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts a real server")
	}
	bin, err := buildOnce()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), bin, "serve", "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--node", "baru",
		"--redis", "redis://"+freeAddr(t, "tcp")+"/0").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "its first start needs Redis") {
		t.Errorf("%v: %s", err, out)
	}
}

// TestOtherJournal: Redis loses its data in the second in which the home dies, so the home alone has a fact, and some of
// somebody's presence. It does not serve the event any more and says what to do, but the presence reaches the new home. Set
// aside, its journal is readable, and it serves with that of the others.
func TestOtherJournal(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts and kills real servers")
	}
	redis := clustertest.NewRedis(t)
	origin := startServer(t, func(s *server) { s.more = []string{"--redis", redis.URL(), "--node", "asal"} })
	next := startServer(t, func(s *server) { s.more = []string{"--redis", redis.URL(), "--node", "cadangan"} })
	hall := newKillHall(t, origin)
	hall.people = 2
	hall.prepare()
	v := hall.voters[1]
	v.s = next
	if err := v.join(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := v.do("support", wire.Support{Question: "q1", On: true}); err != nil {
		t.Fatal(err)
	}
	origin.end(syscall.SIGKILL)
	was := journalOf(t, origin)
	st, err := store.Open(t.Context(), origin.dir)
	if err != nil {
		t.Fatal(err)
	}
	lost := classroom.Fact{
		Seq: int64(len(was) + 1), At: was[len(was)-1].At.Add(time.Second), By: classroom.Actor{Person: hall.voters[0].person, Role: classroom.RoleParticipant, Session: "lama"},
		Body: classroom.Asked{Question: "q2", Text: "Siapa yang membaca ini?"},
	}
	from := lost.At.UnixMilli()
	seen := attend.Span{Person: string(hall.voters[0].person), Session: "lama", Class: attend.Socket, From: from, To: from + 5000}
	err = errors.Join(st.Append(t.Context(), demoID, []classroom.Fact{lost}), st.SaveOwnSpans(t.Context(), demoID, []attend.Span{seen}), st.Close())
	if err != nil {
		t.Fatal(err)
	}
	if err := v.do("support", wire.Support{Question: "q1", On: false}); err != nil { // by the new home, under the same number
		t.Fatal(err)
	}

	origin.start()
	at := &voter{h: hall, s: origin, token: hall.voters[0].token}
	if err := at.join(t.Context()); err == nil || !strings.Contains(err.Error(), "other_journal") {
		t.Fatalf("a server with another journal says %v", err)
	}
	_ = at.ws.Close()
	for end := time.Now().Add(time.Minute); !slices.ContainsFunc(spansAt(t, next), func(sp attend.Span) bool { return sp == seen }); runtimeYield() {
		if time.Now().After(end) {
			t.Fatal("the presence that only the old home saw is lost")
		}
	}
	origin.end(syscall.SIGTERM)
	if !strings.Contains(origin.log.String(), "betang journal aside --event ID") {
		t.Error("the log does not say what to do")
	}
	t.Log(strings.TrimSpace(origin.betang("journal", "aside", "--event", demoID, "--data", origin.dir)))
	if aside := origin.betang("journal", "print", "--aside", "--event", demoID, "--data", origin.dir); strings.Count(aside, "\n") != len(was)+1 || !strings.Contains(aside, "Siapa yang membaca ini?") {
		t.Errorf("aside lies %s", aside)
	}
	origin.start()
	at.session = ""
	if err := at.join(t.Context()); err != nil {
		t.Fatal(err)
	}
	_ = at.ws.Close()
	if a, b := journalOf(t, origin), journalOf(t, next); len(a) < len(was) || !sameFact(a[len(was)], b[len(was)]) {
		t.Errorf("%d facts at the one that came back, %d at the other", len(a), len(b))
	}
}

// knowsEvent tells whether an event is in a server's folder.
func knowsEvent(t *testing.T, s *server, id classroom.EventID) bool {
	t.Helper()
	st, err := store.OpenReadOnly(t.Context(), s.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	_, err = st.Event(t.Context(), id)
	return err == nil
}

// guest is somebody with a personal link for an event, of whom a server may know nothing.
type guest struct {
	t     *testing.T
	s     *server
	event string
}

// post sends a step of entering and reads the answer.
func (g *guest) post(step, token, body string) (answer struct{ Ticket, Token, Code string }) {
	g.t.Helper()
	r, err := http.NewRequestWithContext(g.t.Context(), http.MethodPost, "http://"+g.s.addr+"/api/events/"+g.event+"/"+step, strings.NewReader(body))
	if err != nil {
		g.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		g.t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		g.t.Fatal(err)
	}
	return answer
}

// link is as an origin gave it out: the server knows its secret.
func (g *guest) link(person string) string {
	st, err := store.OpenReadOnly(g.t.Context(), g.s.dir)
	if err != nil {
		g.t.Fatal(err)
	}
	defer st.Close()
	return issuer(g.t, st, time.Hour)(signaling.Claims{
		Event: classroom.EventID(g.event), Role: classroom.RoleParticipant, Person: classroom.PersonID(person), Door: true, Method: "link",
	})
}

// enters goes from the link to the welcome, and stays until there is evidence of them.
func (g *guest) enters(person string) {
	g.t.Helper()
	link := g.link(person)
	who := g.post("identify", link, "{}")
	in := g.post("join", link, `{"ticket":"`+who.Ticket+`"}`)
	if who.Ticket == "" || in.Token == "" {
		g.t.Fatalf("%s is not let in: %+v, %+v", person, who, in)
	}
	v := &voter{s: g.s, token: in.Token, person: classroom.PersonID(person), event: g.event}
	if err := v.join(g.t.Context()); err != nil {
		g.t.Fatalf("%s is not welcome: %v", person, err)
	}
	v.hearsOfCut(g.t)
	_ = v.ws.Close()
}

func (g *guest) refused(person string) string { return g.post("identify", g.link(person), "{}").Code }

// TestOtherSecrets: a server goes on without Redis from the secrets that it knew. The Redis that comes back has others, of a server that was
// first in an empty one: links of the two do not open one another, so this server ends and says why, and the next start takes the others'.
func TestOtherSecrets(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts a real server")
	}
	redis := clustertest.NewRedis(t)
	line := newStrait(t, redis.Addr())
	s := startServer(t, func(s *server) { s.more = []string{"--redis", "redis://" + line.addr() + "/0", "--node", "asal"} })
	s.end(syscall.SIGKILL)
	line.sever()
	s.start()
	if _, err := redis.Do("FLUSHALL"); err != nil {
		t.Fatal(err)
	}
	bus, err := cluster.OpenRedis(redis.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer bus.Close()
	theirs := bytes.Repeat([]byte{7}, 32)
	if _, err := bus.Agree(t.Context(), "secret:tokens", theirs); err != nil {
		t.Fatal(err)
	}
	line.mend()
	done := make(chan error, 1)
	cmd := s.cmd
	s.cmd = nil
	go func() { done <- cmd.Wait() }()
	select {
	case err := <-done:
		if err == nil || !strings.Contains(s.log.String(), errSecrets.Error()) {
			t.Errorf("it ended with %v and did not say why", err)
		}
	case <-time.After(time.Minute):
		_ = cmd.Process.Kill()
		t.Fatal("a server with other secrets than the others' serves on")
	}
	s.start()
	st, err := store.OpenReadOnly(t.Context(), s.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if mine, err := st.Secret(t.Context(), "tokens", 32); err != nil || !bytes.Equal(mine, theirs) {
		t.Errorf("after a new start it does not have the others' secret (%v)", err)
	}
}
