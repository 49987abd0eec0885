package signaling

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/signaling/wire"
)

const aTick = tickEvery + 50*time.Millisecond

func TestHelloGivesASnapshotThenChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		sri := h.join("sri")
		got := sri.get()
		if got.order[0] != "welcome" || got.order[1] != "state" || got.fulls != 1 {
			t.Errorf("order %v with %d full states, want welcome, one full state", got.order, got.fulls)
		}
		you := got.welcome.You
		if you.Name != "Sri Wahyuni, S.Sos." || you.NIP != "1990••••••••••••01" || you.Unit != "Dinas Kesehatan" {
			t.Errorf("you are %+v", you)
		}
		if got.event.Phase != "scheduled" || got.event.JP != 2 {
			t.Errorf("event is %+v", got.event)
		}

		mod := h.join("mod")
		sri.must("ask", wire.Ask{Text: "Kapan jalan diperbaiki?"})
		after(aTick)
		if n := len(sri.get().questions); n != 0 {
			t.Errorf("the room sees %d questions that wait for the moderator", n)
		}
		if q := sri.get().mine.Questions; len(q) != 1 || q[0].Status != "pending" {
			t.Errorf("mine is %+v", q)
		}
		q := mod.get().questions["q1"]
		if q.Text != "Kapan jalan diperbaiki?" || q.Region != "Wilayah 62.02" || q.Unit != "Dinas Kesehatan" {
			t.Errorf("the moderator sees %+v", q)
		}
		budi := h.join("budi")
		mod.must("approve", wire.Approve{Question: "q1"})
		budi.must("support", wire.Support{Question: "q1", On: true})
		after(aTick)
		if q := sri.get().questions["q1"]; q.Status != "approved" || q.Support != 1 {
			t.Errorf("the room sees %+v", q)
		}
		if q := sri.get().mine.Questions[0]; q.Support != 1 {
			t.Errorf("the asker sees %+v", q)
		}
		if s := budi.get().mine.Supported; !slices.Equal(s, []string{"q1"}) {
			t.Errorf("budi supports %v", s)
		}
		mod.must("reject", wire.Reject{Question: "q1", Reason: "di luar tema"})
		after(aTick)
		if n := len(budi.get().questions); n != 0 {
			t.Errorf("a rejected question is still shown: %+v", budi.get().questions)
		}
		if q := sri.get().mine.Questions[0]; q.Status != "rejected" || q.Reason != "di luar tema" {
			t.Errorf("the asker sees %+v", q)
		}
		if text := h.logs.String(); strings.Contains(text, "199001012015031001") || strings.Contains(text, "Kapan") {
			t.Error("the log holds personal data")
		}
	})
}

func TestMergeMovesSupport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		sri, budi, guest, mod := h.join("sri"), h.join("budi"), h.join("guest"), h.join("mod")
		sri.must("ask", wire.Ask{Text: "satu"})
		guest.must("ask", wire.Ask{Text: "dua"})
		mod.must("approve", wire.Approve{Question: "q1"})
		mod.must("approve", wire.Approve{Question: "q2"})
		budi.must("support", wire.Support{Question: "q2", On: true})
		after(aTick)
		mod.must("merge", wire.Merge{Question: "q2", Into: "q1"})
		after(aTick)
		if s := budi.get().mine.Supported; !slices.Equal(s, []string{"q1"}) {
			t.Errorf("after the merge budi supports %v", s)
		}
		if q := guest.get().mine.Questions; len(q) != 1 || q[0].Status != "merged" || q[0].Into != "q1" {
			t.Errorf("the guest's question is %+v", q)
		}
		if _, still := sri.get().questions["q2"]; still {
			t.Error("the merged question is still shown")
		}
	})
}

func TestResumeGivesOnlyWhatChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		mod, sri := h.join("mod"), h.join("sri")
		sri.must("ask", wire.Ask{Text: "satu"})
		mod.must("approve", wire.Approve{Question: "q1"})
		after(aTick)
		sri.leave()
		before := sri.get()
		mod.must("answer", wire.Answer{Question: "q1", Text: "sudah"})
		after(aTick)

		again := h.rejoin("sri", sri)
		got := again.get()
		if got.welcome.Session != before.welcome.Session {
			t.Error("the session is not continued")
		}
		if got.fulls != 0 || got.states != 1 {
			t.Errorf("%d full of %d states, want 0 of 1", got.fulls, got.states)
		}
		if q := got.questions["q1"]; q.Status != "answered" || q.Answer != "sudah" {
			t.Errorf("after resume the question is %+v", q)
		}
		if n := slices.Index(h.store.factKinds(), "admitted"); n < 0 || strings.Count(strings.Join(h.store.factKinds(), " "), "admitted") != 2 {
			t.Errorf("facts %v: want one admission a session", h.store.factKinds())
		}

		// A revision from a future that never was gets everything.
		ahead := h.dial()
		go ahead.pump()
		ahead.rev = 0
		ahead.hello("budi", 10_000, "")
		synctest.Wait()
		if got := ahead.get(); got.fulls != 1 {
			t.Errorf("ahead of the room: %d full states", got.fulls)
		}
	})
}

func TestRestartByReplay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		mod, guest := h.join("mod"), h.join("guest")
		spk := h.join("spk")
		spk.must("publish", wire.Publish{Kind: "camera", SDP: offer("1", "audio")})
		guest.must("ask", wire.Ask{Text: "satu"})
		mod.must("approve", wire.Approve{Question: "q1"})
		guest.must("support", wire.Support{Question: "q1", On: true})
		after(aTick)
		if len(guest.get().stage.Sources) != 1 || guest.get().event.Phase != "live" {
			t.Fatalf("stage %+v, event %+v", guest.get().stage, guest.get().event)
		}

		h.restart()
		again := h.rejoin("guest", guest)
		after(aTick)
		got := again.get()
		if got.welcome.Boot == guest.get().welcome.Boot {
			t.Error("the boot did not change")
		}
		if got.fulls != 0 {
			t.Error("resume over a restart gave a full state")
		}
		if got.welcome.Session != guest.get().welcome.Session {
			t.Error("a guest's session did not survive the restart")
		}
		if len(got.stage.Sources) != 0 || got.event.Phase != "live" {
			t.Errorf("after the restart: stage %+v, phase %s; want an empty stage in a live event", got.stage, got.event.Phase)
		}
		if len(got.mine.Questions) != 1 || !slices.Equal(got.mine.Supported, []string{"q1"}) {
			t.Errorf("mine after the restart: %+v", got.mine)
		}
		if again.must("support", wire.Support{Question: "q1", On: true}); again.get().questions["q1"].Support != 1 {
			t.Errorf("the vote counts twice: %+v", again.get().questions["q1"])
		}
		kinds := h.store.factKinds()
		if !slices.Contains(kinds, "stage.left") {
			t.Errorf("facts %v: the lost source did not leave the stage", kinds)
		}
	})
}

// TestSessionIsItsHoldersOwn: naming another one's session does not give it.
func TestSessionIsItsHoldersOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		sri := h.join("sri")
		thief := h.dial()
		go thief.pump()
		thief.hello("budi", 0, sri.get().welcome.Session)
		synctest.Wait()
		if thief.get().welcome.Session == sri.get().welcome.Session || sri.get().bye != nil {
			t.Error("another person's session was taken over")
		}
		made := h.dial()
		go made.pump()
		made.hello("guest", 0, "sinventedbyme")
		synctest.Wait()
		if made.get().welcome.Session == "sinventedbyme" {
			t.Error("a session id of the client's own making was taken")
		}
	})
}

func TestHelloRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		for token, want := range map[string]string{
			"rubbish": "revoked token_invalid", "door": "revoked token_door", "other": "revoked token_event",
			"whep": "revoked not_allowed", "bpsdm": "revoked not_allowed", "nobody": "revoked person_unknown",
		} {
			c := h.dial()
			go c.pump()
			c.hello(token, 0, "")
			after(2 * time.Second)
			reason, code, _ := strings.Cut(want, " ")
			got := c.get()
			if got.bye == nil || got.bye.Reason != reason || got.bye.RetryMs != 0 || got.bye.Message != wire.Say(code, "id") {
				t.Errorf("%s: goodbye %+v, want %s", token, got.bye, want)
			}
			select {
			case <-c.done:
			default:
				t.Errorf("%s: the socket stays open", token)
			}
		}
		c := h.dial()
		go c.pump()
		c.send("hello", wire.Hello{V: 1, Event: "tidak-ada", Token: "sri", Lang: "en"})
		synctest.Wait()
		if bye := c.get().bye; bye == nil || bye.Message != wire.Say("token_event", "en") {
			t.Errorf("unknown event: %+v", bye)
		}
		mute := h.dial()
		go mute.pump()
		after(helloWait - time.Second)
		if mute.get().bye != nil {
			t.Error("hello may take 10 s")
		}
		after(2 * time.Second)
		if bye := mute.get().bye; bye == nil || bye.Reason != "protocol" || bye.RetryMs == 0 {
			t.Errorf("no hello: %+v", bye)
		}
	})
}

func TestTwoModeratorsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		a, b := h.join("mod"), h.join("mod2")
		sri := h.join("sri")
		sri.must("ask", wire.Ask{Text: "satu"})
		ida := a.send("approve", wire.Approve{Question: "q1"})
		idb := b.send("reject", wire.Reject{Question: "q1", Reason: "x"})
		after(aTick)
		after(aTick)
		qa, qb := a.get().questions["q1"], b.get().questions["q1"]
		if qa != qb {
			t.Errorf("the moderators see %+v and %+v", qa, qb)
		}
		ansA, ansB := a.get().answers[ida].T, b.get().answers[idb].T
		if ansA == "" || ansB == "" {
			t.Errorf("answers %q and %q", ansA, ansB)
		}
		// Saying the same thing twice is no error and no second fact.
		n := len(h.store.factKinds())
		a.must("show", wire.Show{})
		b.must("show", wire.Show{})
		if got := len(h.store.factKinds()); got != n {
			t.Errorf("taking down nothing made %d facts", got-n)
		}
	})
}

// TestThousandSocketsOneEncoding: a broadcast is encoded once per audience and delta, however many receive it, and
// reaches all.
func TestThousandSocketsOneEncoding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		const n = 1000
		clients := make([]*client, n)
		for i := range clients {
			token := fmt.Sprintf("guest-%d", i)
			clients[i] = h.dial()
			go clients[i].pump()
			clients[i].hello(token, 0, "")
		}
		op := h.join("op")
		after(3 * time.Second) // counts have settled
		hub := h.hub()
		op.must("phase", wire.SetPhase{To: "live"})
		after(1500 * time.Millisecond)
		before := hub.encoded.Load()
		for i := range 5 {
			op.must("scene", wire.SetScene{Auto: i%2 == 1})
			op.send("phase", wire.SetPhase{To: []string{"paused", "live"}[i%2]})
			after(aTick)
		}
		if got := hub.encoded.Load() - before; got > 10 {
			t.Errorf("5 changes were encoded %d times for %d sockets, want at most 10: once per audience", got, n)
		}
		for i, c := range clients {
			if got := c.get(); got.event.Phase != "paused" || got.rev != op.get().rev {
				t.Fatalf("client %d: phase %s at revision %d, moderator at %d", i, got.event.Phase, got.rev, op.get().rev)
			}
		}
		if got := h.hub().Counts(); got.Guests != n {
			t.Errorf("%d guests counted", got.Guests)
		}
	})
}

func TestSlowClientGetsTheLastState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		op := h.join("op")
		slow := h.dial()
		slow.hello("guest", 0, "") // and reads nothing
		synctest.Wait()
		for i := range 30 {
			op.must("phase", wire.SetPhase{To: []string{"live", "paused"}[i%2]})
			after(aTick)
		}
		go slow.pump()
		after(aTick)
		got := slow.get()
		if got.event.Phase != "paused" || got.rev != op.get().rev {
			t.Errorf("the slow client is at %d (%s), the room at %d", got.rev, got.event.Phase, op.get().rev)
		}
		if got.states > maxStates+2 {
			t.Errorf("%d states were kept for the slow client", got.states)
		}
	})
}

func TestClientThatNeverReadsIsEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		slow := h.dial()
		slow.hello("guest", 0, "")
		after(writeWait + 2*time.Second)
		if n := len(h.hub().members); n != 1 {
			t.Fatalf("%d sessions", n)
		}
		var conn *conn
		_ = h.hub().call(context.Background(), func() {
			for _, m := range h.hub().members {
				conn = m.conn
			}
		})
		if conn != nil {
			t.Error("a socket that does not read is still attached")
		}
	})
}

// TestTrickleReaderIsEnded: a client that takes something now and then, but never catches up, is told goodbye.
func TestTrickleReaderIsEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		op := h.join("op")
		slow := h.dial()
		slow.hello("guest", 0, "")
		go func() {
			defer close(slow.done)
			for {
				time.Sleep(writeWait - 2*time.Second)
				_, data, err := slow.ws.ReadMessage()
				if err != nil {
					_ = slow.ws.Close()
					return
				}
				slow.take(data)
			}
		}()
		for i := range 200 {
			op.must("phase", wire.SetPhase{To: []string{"live", "paused"}[i%2]})
			after(400 * time.Millisecond)
		}
		if bye := slow.get().bye; bye == nil || bye.Reason != "slow" || bye.RetryMs == 0 {
			t.Errorf("goodbye %+v after %v", bye, slow.get().order)
		}
	})
}

func TestAppendFails(t *testing.T) {
	for name, keep := range map[string]bool{"nothing kept": false, "kept all the same": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHall(t)
				sri, mod := h.join("sri"), h.join("mod")
				after(aTick)
				h.store.set(func(s *memStore) {
					s.onAppend = func([]classroom.Fact) (bool, error) { s.onAppend = nil; return keep, errors.New("disk gone") }
				})
				if _, code := sri.ask("ask", wire.Ask{Text: "satu"}); code != "storage" {
					t.Errorf("the failed write was answered with %q", code)
				}
				after(aTick)
				if n := len(mod.get().questions); n == 1 != keep {
					t.Errorf("the moderator sees %d questions; the journal kept it: %v", n, keep)
				}
				if n := len(sri.get().mine.Questions); n == 1 != keep {
					t.Errorf("mine holds %d questions; the journal kept it: %v", n, keep)
				}
				if !keep {
					sri.must("ask", wire.Ask{Text: "dua"})
				}
				mod.must("approve", wire.Approve{Question: "q1"})
				after(aTick)
				if sri.get().questions["q1"].Status != "approved" {
					t.Errorf("after the trouble: %+v", sri.get().questions)
				}
			})
		})
	}
}

func TestStorageDownThenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		sri, mod := h.join("sri"), h.join("mod")
		after(aTick)
		h.store.set(func(s *memStore) {
			s.onAppend = func([]classroom.Fact) (bool, error) { return false, errors.New("disk gone") }
			s.loadErr = errors.New("disk gone")
		})
		rev := mod.get().rev
		sri.ask("ask", wire.Ask{Text: "satu"})
		after(3 * time.Second)
		if _, code := mod.ask("show", wire.Show{}); code != "storage" {
			t.Errorf("while the store is down: %q", code)
		}
		if mod.get().rev != rev || len(mod.get().questions) != 0 {
			t.Error("what is not durable was told")
		}
		h.store.set(func(s *memStore) { s.onAppend, s.loadErr = nil, nil })
		after(2 * time.Second)
		mod.must("show", wire.Show{})
		sri.must("ask", wire.Ask{Text: "dua"})
		after(aTick)
		if mod.get().questions["q1"].Text != "dua" {
			t.Errorf("after recovery: %+v", mod.get().questions)
		}
	})
}

// TestCountedWhileReloading: a journal that takes longer to read than attend.Silence costs nobody a second, who asks for something
// meanwhile waits, and nothing is told that is not durable.
func TestCountedWhileReloading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		began := time.Now()
		sri, mod := h.join("sri"), h.join("mod")
		after(aTick)
		h.store.set(func(s *memStore) {
			s.onAppend = func([]classroom.Fact) (bool, error) { s.onAppend = nil; return false, errors.New("disk gone") }
			s.slow = 3 * time.Second
		})
		sri.ask("ask", wire.Ask{Text: "satu"})
		id := sri.send("ask", wire.Ask{Text: "dua"})
		after(2 * time.Second)
		if got, early := sri.get().answers[id]; early {
			t.Errorf("a question was answered with %q before the journal was read", got.T)
		}
		after(2 * time.Second)
		if got := sri.get().answers[id].T; got != "answered" && got != "ack" {
			t.Errorf("the question that waited was answered with %q", got)
		}
		h.store.set(func(s *memStore) {
			s.onAppend = func([]classroom.Fact) (bool, error) { s.onAppend = nil; return false, errors.New("disk gone") }
			s.slow = 11 * time.Second // longer than a reload may take
		})
		sri.ask("ask", wire.Ask{Text: "tiga"})
		after(30 * time.Second)
		h.store.set(func(s *memStore) { s.slow = 0 })
		after(20 * time.Second)
		if n := len(mod.get().questions); n != 1 {
			t.Errorf("the moderator sees %d questions", n)
		}
		present := time.Since(began).Seconds()
		if s := h.store.seconds("per1", attend.Socket); s < present-8 { // the last word, and the last saving
			t.Errorf("%.1f of %.1f s were counted", s, present)
		}
	})
}

// TestCommandsShareWrites: what waits while one write runs goes with the next one, all answered, in order.
func TestCommandsShareWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		hub := h.hub()
		gate := make(chan struct{})
		entered := make(chan struct{}, 1)
		h.store.set(func(s *memStore) {
			s.onAppend = func([]classroom.Fact) (bool, error) {
				s.onAppend = nil
				s.mu.Unlock() // others may read meanwhile
				entered <- struct{}{}
				<-gate
				s.mu.Lock()
				return true, nil
			}
		})
		var wg sync.WaitGroup
		run := func(i int) {
			wg.Go(func() {
				by := classroom.Actor{Role: classroom.RoleGuest, Session: classroom.SessionID(fmt.Sprint("s", i))}
				if _, err := hub.Do(context.Background(), by, classroom.Ask{Text: fmt.Sprint(i)}); err != nil {
					t.Errorf("question %d: %v", i, err)
				}
			})
		}
		run(0)
		<-entered
		for i := range 100 {
			run(i + 1)
		}
		synctest.Wait()
		close(gate)
		wg.Wait()
		h.store.mu.Lock()
		defer h.store.mu.Unlock()
		if n := len(h.store.facts[lecture]); n != 101 {
			t.Errorf("%d facts", n)
		}
		if h.store.appends != 2 {
			t.Errorf("101 commands took %d writes, want 2", h.store.appends)
		}
	})
}

func TestFullQueueSaysBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		hub := h.hub()
		gate, held := make(chan struct{}), make(chan struct{})
		go func() { _ = hub.call(context.Background(), func() { close(held); <-gate }) }()
		<-held
		for hub.submit(request{by: classroom.Actor{Role: classroom.RoleGuest, Session: "s"}, cmd: classroom.Ask{Text: "x"}, then: func(int64, error) {}}) {
		}
		_, err := hub.Do(context.Background(), classroom.Actor{Role: classroom.RoleOperator}, classroom.SetPhase{To: classroom.Live})
		if classroom.KindOf(err) != classroom.TooMany {
			t.Errorf("a full queue answers %v", err)
		}
		close(gate)
		synctest.Wait()
		if _, err := hub.Do(context.Background(), classroom.Actor{Role: classroom.RoleOperator}, classroom.SetPhase{To: classroom.Live}); err != nil {
			t.Errorf("after the queue drained: %v", err)
		}
	})
}

func TestReplacedAndTwoDevices(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		phone, laptop := h.join("sri"), h.join("sri")
		after(1100 * time.Millisecond)
		if phone.get().bye != nil || laptop.get().bye != nil {
			t.Fatal("one of two devices was turned out")
		}
		if c := h.hub().Counts(); c.Participants != 1 {
			t.Errorf("one person on two devices counts as %d", c.Participants)
		}
		phone.must("ask", wire.Ask{Text: "dari telepon"})
		after(aTick)
		if n := len(laptop.get().mine.Questions); n != 1 {
			t.Errorf("the other device sees %d own questions", n)
		}
		same := h.rejoin("sri", phone) // the socket is gone for the client, not yet for us
		after(1500 * time.Millisecond)
		if bye := phone.get().bye; bye == nil || bye.Reason != "replaced" || bye.RetryMs != 0 {
			t.Errorf("the older socket of a session: %+v", bye)
		}
		if same.get().welcome.Session != phone.get().welcome.Session {
			t.Error("the session was not continued")
		}
	})
}

func TestRevokedAndExpired(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		h.tokens["short"] = Claims{Role: classroom.RoleGuest, Expires: time.Now().Add(time.Minute)}
		h.tokens["child"] = Claims{Role: classroom.RoleParticipant, Person: "per3", Parent: "link"}
		short, spk, sri, child := h.join("short"), h.join("spk"), h.join("sri"), h.join("child")
		spk.must("publish", wire.Publish{Kind: "camera", SDP: offer("1", "audio")})
		after(50 * time.Second)
		if short.get().bye != nil {
			t.Error("turned out before the token expired")
		}
		h.revoked.Store("spk", true)
		h.revoked.Store("link", true)
		after(20 * time.Second)
		for name, c := range map[string]*client{"expired": short, "revoked": spk, "revoked with its link": child} {
			if bye := c.get().bye; bye == nil || bye.Reason != "revoked" || bye.RetryMs != 0 {
				t.Errorf("%s: goodbye %+v", name, bye)
			}
		}
		if sri.get().bye != nil {
			t.Error("a good token was turned out")
		}
		if n := len(sri.get().stage.Sources); n != 0 || len(h.media.ids(true)) != 0 {
			t.Errorf("%d sources of a revoked token stand on the stage, %d peers live", n, len(h.media.ids(true)))
		}
	})
}

func TestShutdownSpreadsTheReturn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		var clients []*client
		for i := range 40 {
			token := fmt.Sprintf("guest-%d", i)
			clients = append(clients, h.join(token))
		}
		mute := h.dial()
		go mute.pump()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		begin := time.Now()
		if err := h.srv.Shutdown(ctx); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took > 3*time.Second {
			t.Errorf("shutdown took %v", took)
		}
		synctest.Wait()
		slots := map[int]bool{}
		for _, c := range append(clients, mute) {
			bye := c.get().bye
			if bye == nil || bye.Reason != "restart" || bye.RetryMs < 500 || bye.RetryMs > 5000 {
				t.Fatalf("goodbye %+v", bye)
			}
			slots[bye.RetryMs/500] = true
		}
		if len(slots) < 5 {
			t.Errorf("40 clients return in %d half seconds", len(slots))
		}
		if _, err := h.srv.Hub(ctx, lecture); classroom.KindOf(err) != classroom.TooMany {
			t.Errorf("a hub after shutdown: %v", err)
		}
	})
}

func TestHubUnloadsWhenIdleAndComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		c := h.join("sri")
		c.must("ask", wire.Ask{Text: "satu"})
		c.leave()
		old := h.hub()
		after(graceMs*time.Millisecond + (idleAfter+5)*time.Second)
		if _, loaded := h.srv.Loaded(lecture); loaded {
			t.Fatal("an idle hub stays loaded")
		}
		if _, err := old.Do(context.Background(), classroom.Actor{Role: classroom.RoleOperator}, classroom.SetPhase{To: classroom.Live}); classroom.KindOf(err) != classroom.TooMany {
			t.Errorf("a stopped hub answers %v", err)
		}
		again := h.join("sri")
		if n := len(again.get().mine.Questions); n != 1 {
			t.Errorf("after reloading mine holds %d questions", n)
		}
		if _, err := h.srv.Hub(context.Background(), "tidak-ada"); classroom.KindOf(err) != classroom.NotFound {
			t.Errorf("an unknown event: %v", err)
		}
	})
}

func TestCountsGoOutOnceASecondAndOnlyToTheDeskByRegion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		sri, mod := h.join("sri"), h.join("mod")
		h.join("budi")
		h.join("guest")
		after(2100 * time.Millisecond)
		if c := sri.get().counts; c.Participants != 2 || c.Guests != 1 || c.Regions != nil {
			t.Errorf("everyone gets %+v", c)
		}
		c := mod.get().counts
		if len(c.Regions) != 2 || c.Regions[0] != (wire.RegionCount{Code: "62.02", Name: "Wilayah 62.02", N: 1}) {
			t.Errorf("the desk gets %+v", c.Regions)
		}
		n := len(sri.get().order)
		after(10 * time.Second)
		if got := sri.get().order[n:]; slices.Contains(got, "counts") {
			t.Errorf("counts came again unchanged: %v", got)
		}
	})
}

func TestPingPongAndSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		c := h.join("sri")
		if answer, _ := c.ask("ping", nil); answer != "pong" {
			t.Errorf("ping was answered with %q", answer)
		}
		after(10 * time.Minute) // the client answers pings
		if c.get().bye != nil || len(c.done) != 0 {
			t.Error("an idle socket was closed")
		}
		select {
		case <-c.done:
			t.Error("an idle socket was closed")
		default:
		}
	})
}

func TestEndedEventSaysGoodbyeLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		sri, op := h.join("sri"), h.join("op")
		op.must("phase", wire.SetPhase{To: "live"})
		op.must("phase", wire.SetPhase{To: "ended"})
		after(time.Minute)
		if got := sri.get(); got.event.Phase != "ended" || got.bye != nil {
			t.Errorf("after a minute: phase %s, goodbye %+v", got.event.Phase, got.bye)
		}
		if _, code := sri.ask("watch", wire.Watch{SDP: offer("1", "")}); code != "event_ended" {
			t.Errorf("watching an ended event: %q", code)
		}
		after(endedAfter * time.Second)
		if bye := sri.get().bye; bye == nil || bye.Reason != "ended" || bye.RetryMs != 0 {
			t.Errorf("goodbye %+v", bye)
		}
	})
}
