package main

import (
	"encoding/json"
	"errors"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/store"
	"betang/signaling/cluster"
	"betang/signaling/cluster/clustertest"
	"betang/signaling/wire"
)

// TestStartsWithoutRedis: the power goes at an edge and at the origin, and when it is back, Redis cannot be reached. Both
// serve from their own stores, tell their people that the line is cut, and count them. When Redis is there again, they join
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

	for _, s := range []*server{edge, origin} {
		s.end(syscall.SIGKILL)
	}
	line.sever()
	again := time.Now()
	edge.start()
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
