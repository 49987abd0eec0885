//go:build unix

package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/store"
	"betang/sfu"
	"betang/signaling"
	"betang/signaling/wire"

	"github.com/gorilla/websocket"
)

var (
	evidenceTime    = flag.Duration("evidence", 0, "how long TestEvidenceLoad saves evidence; 0 skips it")
	evidenceSockets = flag.Int("evidence-sockets", 2000, "websockets of its room, two open files each")
)

const (
	evidencePeople = 10_000 // each in two classes, each second: 20,000 updates
	loadEvent      = classroom.EventID("beban")
	walMost        = 64 << 20 // bytes
	sayEvery       = 500 * time.Millisecond
)

// TestEvidenceLoad saves 20,000 updates of evidence a second into the database of a live room and tells how long the room's
// announcements take meanwhile, and before and after it. Each is in the journal of that database before it is sent. It fails where
// evidence that was acknowledged is not there for another reader, an announcement does not reach a socket, or the write-ahead
// log grows without bound. Server and sockets are one process on loopback, so the clients' work is in the figures.
func TestEvidenceLoad(t *testing.T) {
	if *evidenceTime == 0 {
		t.Skip("make evidence runs it")
	}
	r := newEvidenceRoom(t, *evidenceSockets)
	quiet := max(*evidenceTime/4, 2*time.Second)
	alone := r.say(quiet)
	feed := r.feed(*evidenceTime)
	beside := r.say(*evidenceTime)
	got := <-feed
	alone = append(alone, r.say(quiet)...) // half before, half after: the machine is not the same all the time

	t.Logf("%d sockets, %d of them participants; announcements every %v, up to 100 ms of it gathering", r.n, r.n/2, sayEvery)
	t.Logf("without evidence: %s", quantiles(alone))
	t.Logf("beside it:        %s", quantiles(beside))
	t.Logf("%d updates in %v, %.0f a second; a batch of %d saved in %s; %.1f %% of the processors busy, %.1f %% without evidence",
		got.updates, got.took.Round(time.Millisecond), float64(got.updates)/got.took.Seconds(), 2*evidencePeople, quantiles(got.batches),
		got.cpu, r.cpu)
	t.Logf("write-ahead log at most %.1f MB in the first half, %.1f MB in the second", float64(got.wal[0])/1e6, float64(got.wal[1])/1e6)
	if most := max(got.wal[0], got.wal[1]); most > walMost {
		t.Errorf("the write-ahead log grew to %d bytes", most)
	}
	r.judge(got.to)
}

// evidenceRoom is a live room of one process: its server, its store and its sockets.
type evidenceRoom struct {
	t     *testing.T
	n     int
	dir   string
	st    *store.Store
	hub   *signaling.Hub
	socks []*evidenceSock
	said  int
	cpu   float64     // percent of a processor while only announcements were made
	at    []time.Time // when each announcement was made
}

// evidenceSock is a client and when it heard each announcement; zero: not.
type evidenceSock struct {
	ws    *websocket.Conn
	mu    sync.Mutex
	heard []time.Time
}

// silentMedia is an engine without anybody.
type silentMedia struct{ sfu.Media }

func (silentMedia) SetScene(sfu.RouterID, sfu.Scene)                             {}
func (silentMedia) Deliveries(_ sfu.RouterID, dst []sfu.Delivery) []sfu.Delivery { return dst }
func (silentMedia) Standings(_ sfu.RouterID, dst []sfu.Standing) []sfu.Standing  { return dst }
func (silentMedia) Healths(_ sfu.RouterID, dst []sfu.Health) []sfu.Health        { return dst }
func (silentMedia) Quiets(_ sfu.RouterID, dst []sfu.Quiet) []sfu.Quiet           { return dst }
func (silentMedia) Voices(_ sfu.RouterID, dst []sfu.Loudness) []sfu.Loudness     { return dst }

// anybody lets in "p7" as participant number 7, and everybody else as a guest.
type anybody struct{}

func (anybody) Verify(token string, _ time.Time) (signaling.Claims, error) {
	c := signaling.Claims{ID: token, Event: loadEvent, Role: classroom.RoleGuest}
	if n, is := strings.CutPrefix(token, "p"); is {
		c.Role, c.Person, c.Method = classroom.RoleParticipant, classroom.PersonID("orang-"+n), "nip"
	}
	return c, nil
}

func newEvidenceRoom(t *testing.T, n int) *evidenceRoom {
	r := &evidenceRoom{t: t, n: n, dir: t.TempDir()}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	r.st = openStore(t, r.dir)
	start := time.Now()
	must(r.st.SaveEvent(t.Context(), classroom.Event{
		ID: loadEvent, Kind: classroom.Lecture, Title: "Beban", StartsAt: start, EndsAt: start.Add(time.Hour), Policy: attend.DefaultPolicy(),
	}))
	var people []classroom.Person
	for i := range n / 2 {
		people = append(people, classroom.Person{ID: classroom.PersonID(fmt.Sprint("orang-", i)), Name: fmt.Sprint("Peserta ", i), Verified: true})
	}
	must(r.st.SavePeople(t.Context(), people))
	s := signaling.New(signaling.Config{Store: r.st, Media: silentMedia{}, Verify: anybody{}, Log: slog.New(slog.DiscardHandler)})
	web := httptest.NewServer(s)
	t.Cleanup(func() {
		_ = s.Shutdown(context.Background())
		web.Close()
		_ = r.st.Close()
	})
	var err error
	r.hub, err = s.Hub(t.Context(), loadEvent)
	must(err)
	_, err = r.hub.Do(t.Context(), operator, classroom.SetPhase{To: classroom.Live})
	must(err)
	for i := range n {
		token := "guest"
		if i%2 == 0 {
			token = fmt.Sprint("p", i/2)
		}
		r.dial(web.URL, token)
	}
	return r
}

var operator = classroom.Actor{Role: classroom.RoleOperator, Session: "meja", Link: "meja"}

const sayPrefix = `"notice":{"text":"Pengumuman `

func (r *evidenceRoom) dial(url, token string) {
	ws, resp, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(url, "http"), nil)
	if err != nil {
		r.t.Fatal(err)
	}
	_ = resp.Body.Close()
	hello, err := wire.Encode("hello", 1, wire.Hello{V: wire.Version, Event: string(loadEvent), Token: token, Lang: "id"})
	if err == nil {
		err = ws.WriteMessage(websocket.TextMessage, hello)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	c := &evidenceSock{ws: ws}
	r.socks = append(r.socks, c)
	done := make(chan struct{})
	r.t.Cleanup(func() { _ = ws.Close(); <-done })
	go func() {
		defer close(done)
		buf := make([]byte, 16<<10)
		for {
			_, from, err := ws.NextReader()
			if err != nil {
				return
			}
			n, _ := io.ReadFull(from, buf)
			now := time.Now()
			if _, rest, ok := bytes.Cut(buf[:n], []byte(sayPrefix)); ok {
				number, _, _ := bytes.Cut(rest, []byte(`"`))
				k, err := strconv.Atoi(string(number))
				if err != nil {
					continue
				}
				c.mu.Lock()
				for len(c.heard) <= k {
					c.heard = append(c.heard, time.Time{})
				}
				c.heard[k] = now
				c.mu.Unlock()
			}
		}
	}()
}

// say announces something every half second for so long, waits until all have heard it, and gives how long it took to each.
func (r *evidenceRoom) say(long time.Duration) []time.Duration {
	first, before, start := r.said, ownCPU(), time.Now()
	next := time.NewTicker(sayEvery)
	defer next.Stop()
	for time.Since(start) < long {
		<-next.C
		k := r.said
		r.said++
		r.at = append(r.at, time.Now())
		if _, err := r.hub.Do(r.t.Context(), operator, classroom.Announce{Text: fmt.Sprint("Pengumuman ", k)}); err != nil {
			r.t.Fatal(err)
		}
	}
	r.cpu = percent(ownCPU()-before, time.Since(start))
	var all []time.Duration
	for _, c := range r.socks {
		for k := first; k < r.said; k++ {
			d, ok := c.wait(r.at[k], k, 20*time.Second)
			if !ok {
				r.t.Fatalf("announcement %d did not come", k)
			}
			all = append(all, d)
		}
	}
	return all
}

// wait gives how long after a moment an announcement was heard, and waits for it if it was not yet. A slow client gets only the
// last of several: then it heard the others with that.
func (c *evidenceSock) wait(made time.Time, k int, long time.Duration) (time.Duration, bool) {
	for end := time.Now().Add(long); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		c.mu.Lock()
		for i := k; i < len(c.heard); i++ {
			if !c.heard[i].IsZero() {
				defer c.mu.Unlock()
				return c.heard[i].Sub(made), true
			}
		}
		c.mu.Unlock()
	}
	return 0, false
}

// fed is what a feed did.
type fed struct {
	updates int
	took    time.Duration
	batches []time.Duration
	to      int64    // up to which all evidence was acknowledged
	wal     [2]int64 // most bytes of the write-ahead log, in each half
	cpu     float64
}

// feed saves a second of evidence of everybody each second, as hubs do, and has another reader look every tenth time.
func (r *evidenceRoom) feed(long time.Duration) <-chan fed {
	out := make(chan fed, 1)
	from := time.Now().UnixMilli()
	spans := make([]attend.Span, 0, 2*evidencePeople)
	for i := range evidencePeople {
		for _, class := range []attend.Class{attend.Socket, attend.Delivered} {
			spans = append(spans, attend.Span{
				Person: fmt.Sprintf("bukti-%05d", i), Session: fmt.Sprintf("s0123456789abcdef%06d", i), Class: class, From: from, To: from, Open: true,
			})
		}
	}
	go func() {
		f := fed{to: from}
		start, before := time.Now(), ownCPU()
		stop := make(chan struct{})
		var watch sync.WaitGroup
		watch.Go(func() {
			look := time.NewTicker(20 * time.Millisecond)
			defer look.Stop()
			for {
				select {
				case <-look.C:
					if info, err := os.Stat(filepath.Join(r.dir, "betang.db-wal")); err == nil {
						half := min(1, int(2*time.Since(start)/long))
						f.wal[half] = max(f.wal[half], info.Size())
					}
				case <-stop:
					return
				}
			}
		})
		for second := range int(long / time.Second) {
			time.Sleep(time.Until(start.Add(time.Duration(second) * time.Second)))
			for i := range spans {
				spans[i].To += 1000
			}
			began := time.Now()
			if err := r.st.SaveSpans(context.Background(), loadEvent, spans); err != nil {
				r.t.Error(err)
				break
			}
			f.batches = append(f.batches, time.Since(began))
			f.to += 1000
			f.updates += len(spans)
			if second%10 == 9 {
				r.judge(f.to)
			}
		}
		f.took = max(time.Since(start), long)
		f.cpu = percent(ownCPU()-before, time.Since(start))
		close(stop)
		watch.Wait()
		out <- f
	}()
	return out
}

// judge has another reader look whether all evidence that was acknowledged is there.
func (r *evidenceRoom) judge(to int64) {
	ro, err := store.OpenReadOnly(context.Background(), r.dir)
	if err != nil {
		r.t.Error(err)
		return
	}
	defer ro.Close()
	spans, err := ro.Spans(context.Background(), loadEvent)
	if err != nil {
		r.t.Error(err)
		return
	}
	there := 0
	for _, sp := range spans {
		if strings.HasPrefix(sp.Person, "bukti-") && sp.To >= to {
			there++
		}
	}
	if there != 2*evidencePeople {
		r.t.Errorf("%d of %d stretches of acknowledged evidence are there", there, 2*evidencePeople)
	}
}

// quantiles are the p50, p99 and maximum.
func quantiles(all []time.Duration) string {
	if len(all) == 0 {
		return "nothing"
	}
	all = slices.Sorted(slices.Values(all))
	at := func(q float64) time.Duration { return all[int(q*float64(len(all)-1))].Round(100 * time.Microsecond) }
	return fmt.Sprintf("p50 %v, p99 %v, most %v", at(0.5), at(0.99), at(1))
}

// ownCPU is the processor time of this process.
func ownCPU() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func percent(cpu, wall time.Duration) float64 {
	return 100 * cpu.Seconds() / wall.Seconds() / float64(runtime.GOMAXPROCS(0))
}
