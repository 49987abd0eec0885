package signaling

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/sfu"
)

var (
	truthSeeds = flag.Int("truth", 8, "simulated lectures that attendance is held against")
	truthFrom  = flag.Int("truth-from", 0, "seed of the first of them: so that many can be played in pieces")
)

// TestTruth simulates lectures of which it is known, to the millisecond, who received what and when, and holds the
// credit that the server gives against it. The whole server runs, in fake time and over an in-memory network; only the
// media engine is played, by the rules of its proof (see truthMedia).
func TestTruth(t *testing.T) {
	var worst struct {
		share, gap float64
		seed       int
	}
	var people, gaps int
	var off, total, socket, decoded float64
	seen := map[string]int{}
	for seed := *truthFrom; seed < *truthFrom+*truthSeeds; seed++ {
		synctest.Test(t, func(t *testing.T) {
			s := newTruth(t, uint64(seed))
			s.run()
			for what, n := range s.seen {
				seen[what] += n
			}
			for _, v := range s.judge() {
				socket, decoded = socket+v.socket.got, decoded+v.decoded.got
				if d := v.socket; abs(d.got-d.want) > float64(10*d.gaps) {
					t.Errorf("seed %d, %s: %.0f s of sockets, true are %.0f s, with %d gaps\n%s", seed, v.who, d.got, d.want, d.gaps, s.story(v.who))
				}
				// Less is possible: what a page without a socket played, nobody hears of.
				if d := v.decoded; d.got-d.want > float64(10*d.gaps) {
					t.Errorf("seed %d, %s: %.0f s decoded, true are %.0f s, with %d gaps\n%s", seed, v.who, d.got, d.want, d.gaps, s.story(v.who))
				}
				people, gaps = people+1, gaps+v.gaps
				off, total = off+abs(v.got-v.want), total+v.want
				if share := abs(v.got-v.want) / v.live; share > worst.share {
					worst.share, worst.seed = share, seed
				}
				worst.gap = max(worst.gap, abs(v.got-v.want)/float64(max(1, v.gaps)))
				if abs(v.got-v.want) > float64(10*v.gaps) {
					t.Errorf("seed %d, %s: credited %.0f s, true are %.0f s, with %d gaps\n%s", seed, v.who, v.got, v.want, v.gaps, s.story(v.who))
				}
				if abs(v.got-v.want) > v.live/100 {
					t.Errorf("seed %d, %s: credited %.0f s, true are %.0f s: more than 1 %% of %.0f s live\n%s", seed, v.who, v.got, v.want, v.live, s.story(v.who))
				}
			}
		})
		if t.Failed() {
			return
		}
	}
	if least := float64(people) * 600; total < least || socket < least || decoded < least {
		t.Errorf("%d people truly received %.0f s, with %.0f s of sockets and %.0f s decoded: the simulation is idle", people, total, socket, decoded)
	}
	for _, what := range everyCase {
		if seen[what] == 0 && *truthSeeds >= 8 {
			t.Errorf("no lecture had the case %q", what)
		}
	}
	t.Logf("%d lectures, %d people, %d gaps: off by %.2f s a gap, %.3f %% of what is true; worst %.2f s a gap, %.2f %% of a lecture (seed %d)",
		*truthSeeds, people, gaps, off/float64(max(1, gaps)), 100*off/max(1, total), worst.gap, 100*worst.share, worst.seed)
}

// everyCase is what may happen to a lecture; among the first eight seeds is one of each.
var everyCase = []string{
	"two devices", "midnight WIB", "pause", "nothing sent", "clock set forward", "clock set back", "server killed",
	"leaves", "tab killed", "battery dead", "network lost", "asleep", "media dead", "socket dead", "reload", "hidden", "tab muted",
}

func (s *truth) saw(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen[what]++
}

func abs(x float64) float64 { return max(x, -x) }

// truth is one simulated lecture.
type truth struct {
	*hall
	rng   *rand.Rand
	media *truthMedia

	mu      sync.Mutex
	wall    time.Duration // by how much the system's clock is wrong now
	down    bool          // the server is
	over    bool
	live    []attend.Interval // by true time
	persons []string
	devices []*device
	events  []string
	offers  int
	wanted  map[string]*device // by its offer
	seen    map[string]int     // cases that came up; see everyCase
}

// verdict is one person's credit beside the truth, in seconds.
type verdict struct {
	who             string
	got, want, live float64
	gaps            int

	socket, decoded column
}

// column is one class of evidence beside the truth, in seconds of the live time.
type column struct {
	got, want float64
	gaps      int
}

func newTruth(t *testing.T, seed uint64) *truth {
	s := &truth{
		hall: &hall{t: t, store: newStore(), tokens: testTokens(), logs: &lockedBuffer{}},
		rng:  rand.New(rand.NewPCG(seed, 5)), wanted: map[string]*device{}, seen: map[string]int{},
	}
	if s.rng.IntN(4) == 0 { // some lectures go over midnight in WIB, which is 17.00 in UTC
		s.saw("midnight WIB")
		midnight := time.Date(2000, 1, 1, 17, 0, 0, 0, time.UTC)
		time.Sleep(time.Until(midnight) - s.between(time.Minute, 50*time.Minute))
	}
	ev := s.store.events[lecture]
	ev.Policy = attend.DefaultPolicy()
	if s.rng.IntN(2) == 0 {
		ev.Policy.BridgeSeconds = 0
	}
	s.store.events[lecture] = ev
	for i := range 4 {
		id := fmt.Sprint("person", i)
		s.persons = append(s.persons, id)
		s.store.people[classroom.PersonID(id)] = classroom.Person{ID: classroom.PersonID(id), Name: id}
		s.tokens[id] = Claims{Role: classroom.RoleParticipant, Person: classroom.PersonID(id), Method: "nip"}
		for d := range 1 + s.rng.IntN(2) {
			s.devices = append(s.devices, &device{
				s: s, who: id, by: map[*line]bool{}, name: fmt.Sprintf("%s/%d", id, d),
				rng:   rand.New(rand.NewPCG(seed, uint64(100+10*i+d))),
				media: rand.New(rand.NewPCG(seed, uint64(1000+10*i+d))),
			})
			if d > 0 {
				s.saw("two devices")
			}
		}
	}
	return s
}

func (s *truth) between(least, most time.Duration) time.Duration {
	return least + time.Duration(s.rng.Int64N(int64(most-least)))
}

func (s *truth) note(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, time.Now().Format("15:04:05.000 ")+fmt.Sprintf(format, args...))
}

func (s *truth) story(who string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := ""
	for _, e := range s.events {
		if len(e) > 13 && (e[13] == '*' || len(e) > 13+len(who) && e[13:13+len(who)] == who) {
			text += e + "\n"
		}
	}
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	spans := []attend.Span{}
	for _, sp := range s.store.spans {
		if sp.Person == who {
			spans = append(spans, sp)
		}
	}
	slices.SortFunc(spans, func(a, b attend.Span) int { return int(a.From - b.From) })
	for _, sp := range spans {
		text += fmt.Sprintf("span %d %s-%s %s\n", sp.Class, time.UnixMilli(sp.From).UTC().Format("15:04:05.000"), time.UnixMilli(sp.To).UTC().Format("15:04:05.000"), sp.Session[:6])
	}
	return text
}

func (s *truth) isDown() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.down || s.over
}

// start makes a server, as a process that starts now.
func (s *truth) start() {
	media := &truthMedia{s: s, peers: map[sfu.PeerID]*line{}}
	s.srv = New(Config{
		Store: s.store, Media: media, Verify: s.tokens, Log: slog.New(slog.NewTextHandler(s.logs, nil)),
		Wall: func() time.Time {
			s.mu.Lock()
			defer s.mu.Unlock()
			return time.Now().Add(s.wall)
		},
	})
	ln := &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
	s.http = &http.Server{Handler: s.srv, ReadHeaderTimeout: time.Minute, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	srv := s.http
	go func() { _ = srv.Serve(ln) }()
	s.mu.Lock()
	s.media, s.ln, s.down = media, ln, false
	s.mu.Unlock()
}

// crash ends it as kill -9 does: what was not saved is lost, and every connection with it.
func (s *truth) crash() {
	s.mu.Lock()
	s.down = true
	s.mu.Unlock()
	s.media.end()
	s.store.set(func(st *memStore) { st.saveErr = errors.New("crashed") })
	s.srv.cancel()
	s.srv.mu.Lock()
	slots := s.srv.hubs
	s.srv.closing = true
	s.srv.mu.Unlock()
	for _, sl := range slots {
		<-sl.ready
		if sl.hub != nil {
			sl.hub.halt()
		}
	}
	_ = s.http.Close()
	_ = s.ln.Close()
	synctest.Wait()
	for _, d := range s.devices {
		d.cut() // their sockets were the server's
	}
	synctest.Wait()
	s.store.set(func(st *memStore) { st.saveErr = nil })
}

// phase moves the event on and notes when it was live by true time.
func (s *truth) phase(to classroom.Phase) {
	hub, err := s.srv.Hub(context.Background(), lecture)
	if err == nil {
		_, err = hub.Do(context.Background(), actorOf("op"), classroom.SetPhase{To: to})
	}
	if err != nil {
		s.t.Errorf("phase %s: %v", to, err)
	}
	now := time.Now().UnixMilli()
	s.note("* %s", to)
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.live); n > 0 && s.live[n-1].To == 0 {
		s.live[n-1].To = now
	}
	if to == classroom.Live {
		s.live = append(s.live, attend.Interval{From: now})
	}
}

// run plays the lecture out.
func (s *truth) run() {
	s.start()
	var work sync.WaitGroup
	for _, d := range s.devices {
		work.Go(d.run)
	}
	after(s.between(time.Minute, 10*time.Minute)) // people come before it begins
	s.media.send(true)
	s.phase(classroom.Live)
	end := time.Now().Add(s.between(60*time.Minute, 100*time.Minute))
	for time.Now().Before(end) {
		after(s.between(5*time.Minute, 25*time.Minute))
		switch s.rng.IntN(6) {
		case 0: // a break
			s.saw("pause")
			s.phase(classroom.Paused)
			after(s.between(time.Second, 10*time.Minute))
			s.phase(classroom.Live)
		case 1: // the speaker's line fails: nothing is sent
			s.saw("nothing sent")
			s.note("* nothing is sent")
			s.media.send(false)
			after(s.between(time.Second, time.Minute))
			s.media.send(true)
			s.note("* sent again")
		case 2, 3: // somebody sets the clock of the server
			s.mu.Lock()
			was := s.wall
			s.wall = s.between(-3*time.Hour, 3*time.Hour)
			s.mu.Unlock()
			if s.wall > was {
				s.saw("clock set forward")
			} else {
				s.saw("clock set back")
			}
			s.note("* the clock is wrong by %v", s.wall)
		case 4: // the server dies, and comes back
			s.saw("server killed")
			s.note("* crash")
			s.crash()
			after(s.between(time.Second, 30*time.Second))
			s.start()
			s.media.send(true)
			s.note("* back")
		}
	}
	s.phase(classroom.Ended)
	s.mu.Lock()
	s.over = true
	s.mu.Unlock()
	if err := s.hub().Flush(context.Background()); err != nil {
		s.t.Error(err)
	}
	s.media.end()
	for _, d := range s.devices {
		d.cut()
	}
	work.Wait()
	s.close()
}

// judge compares.
func (s *truth) judge() []verdict {
	ev := s.store.events[lecture]
	var spans []attend.Span
	for _, sp := range s.store.spans {
		spans = append(spans, sp)
	}
	sheet, err := classroom.NewSheet(ev, s.store.facts[lecture], spans, s.store.people)
	if err != nil {
		s.t.Fatal(err)
	}
	credited := map[string]attend.Result{}
	for _, row := range sheet.Rows {
		credited[string(row.Person.ID)] = row.Result
	}
	held := attend.Held{Live: s.live}
	var out []verdict
	for _, who := range s.persons {
		truly := func(of func(*device) stretches) (spans []attend.Span) {
			for _, d := range s.devices {
				if d.who != who {
					continue
				}
				for _, iv := range of(d).list {
					spans = append(spans, attend.Span{Person: who, Session: d.name, Class: attend.Delivered, From: iv.From, To: iv.To})
				}
			}
			return spans
		}
		bare := ev.Policy
		bare.BridgeSeconds = 0 // each gap has two ends, whether it is bridged or not
		beside := func(got int, of func(*device) stretches) column {
			truth := attend.Credit(bare, held, truly(of))
			return column{float64(got), float64(truth.Seconds), len(truth.Missing) + 1}
		}
		received := truly(func(d *device) stretches { return d.received })
		got, want := credited[who], attend.Credit(ev.Policy, held, received)
		out = append(out, verdict{
			who: who, got: float64(got.Seconds), want: float64(want.Seconds), live: float64(want.LiveSeconds),
			gaps:    len(attend.Credit(bare, held, received).Missing) + 1,
			socket:  beside(got.SocketSeconds, func(d *device) stretches { return d.linked }),
			decoded: beside(got.DecodedSecs, func(d *device) stretches { return d.watched }),
		})
	}
	return out
}
