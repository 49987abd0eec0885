package cluster

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/checks"
	"betang/classroom/store"
	"betang/signaling"
)

// wan is an edge's line to the Bus, which can be cut.
type wan struct {
	Bus
	cut atomic.Bool
}

func (w *wan) err() error {
	if w.cut.Load() {
		return errCut
	}
	return nil
}

func over[T any](w *wan, f func() (T, error)) (T, error) {
	if err := w.err(); err != nil {
		var none T
		return none, err
	}
	return f()
}

func (w *wan) Announce(ctx context.Context, n Node, ttl time.Duration) error {
	_, err := over(w, func() (int, error) { return 0, w.Bus.Announce(ctx, n, ttl) })
	return err
}

func (w *wan) Claim(ctx context.Context, event, holder string, floor int64, ttl time.Duration) (Grant, error) {
	return over(w, func() (Grant, error) { return w.Bus.Claim(ctx, event, holder, floor, ttl) })
}

func (w *wan) Nodes(ctx context.Context) ([]Node, error) {
	return over(w, func() ([]Node, error) { return w.Bus.Nodes(ctx) })
}

func (w *wan) Follow(ctx context.Context, event string, after int64, most int, wait time.Duration) ([]Entry, error) {
	return over(w, func() ([]Entry, error) { return w.Bus.Follow(ctx, event, after, most, wait) })
}

func (w *wan) Ship(ctx context.Context, event string, b Batch) error {
	_, err := over(w, func() (int, error) { return 0, w.Bus.Ship(ctx, event, b) })
	return err
}

func (w *wan) Mark(ctx context.Context, event, node string) (int64, error) {
	return over(w, func() (int64, error) { return w.Bus.Mark(ctx, event, node) })
}

func (w *wan) Say(ctx context.Context, topic string, body []byte) error {
	_, err := over(w, func() (int, error) { return 0, w.Bus.Say(ctx, topic, body) })
	return err
}

func (w *wan) Share(ctx context.Context, name string, mine []string) ([]string, error) {
	return over(w, func() ([]string, error) { return w.Bus.Share(ctx, name, mine) })
}

func (w *wan) Now(ctx context.Context) (time.Time, error) {
	return over(w, func() (time.Time, error) { return w.Bus.Now(ctx) })
}

// Hear loses what is said while the line is cut.
func (w *wan) Hear(ctx context.Context, topic string) (<-chan []byte, error) {
	in, err := over(w, func() (<-chan []byte, error) { return w.Bus.Hear(ctx, topic) })
	if err != nil {
		return nil, err
	}
	out := make(chan []byte)
	go func() {
		defer close(out)
		for body := range in {
			if w.err() == nil {
				select {
				case out <- body:
				case <-ctx.Done():
				}
			}
		}
	}()
	return out, nil
}

// desk is a hub that takes note of the commands that came to it as the home.
type desk struct {
	signaling.Seat
	mu   sync.Mutex
	home bool
	came []classroom.Command
}

func (d *desk) Rev() int64                                         { return 0 }
func (d *desk) Take(context.Context, []classroom.Fact) error       { return nil }
func (d *desk) Evidence([]attend.Span)                             {}
func (d *desk) Heard(node string, home bool, there signaling.Here) {}

func (d *desk) SetHome(_ context.Context, token int64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.home = token != 0
	return nil
}

func (d *desk) isHome() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.home
}

func (d *desk) Ask(_ context.Context, asked []signaling.Asked) []signaling.Outcome {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, a := range asked {
		if !slices.Contains(d.came, a.Cmd) { // a room does the same
			d.came = append(d.came, a.Cmd)
		}
	}
	return make([]signaling.Outcome, len(asked))
}

// TestCutForHours cuts an edge's line for six hours in the middle of an event. The edge goes on counting and takes what
// became of checks; when the line is back, the home has all of it within minutes, once, and signed.
func TestCutForHours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		mem := NewMem()
		line := &wan{Bus: mem}
		type node struct {
			st   *store.Store
			m    *Member
			p    signaling.Place
			desk *desk
		}
		start := func(name string, bus Bus, edge bool) *node {
			n := &node{st: openStore(t), desk: &desk{}}
			var err error
			n.m, err = Join(ctx, Config{
				Bus: bus, Dir: n.st, Shelf: n.st, Source: name, Key: keyOf(name), Self: Node{Name: name, Edge: edge}, Log: slog.New(slog.DiscardHandler),
			})
			ok(t, err)
			n.p = n.m.Sit("ev", n.desk)
			n.p.Start()
			return n
		}
		home := start("asal", mem, false)
		time.Sleep(5 * time.Second)
		edge := start("tepi", line, true)
		defer func() { // before the bubble ends, and before the stores close
			edge.p.Stop()
			home.p.Stop()
			edge.m.Close()
			home.m.Close()
			synctest.Wait()
		}()
		began := time.Now()
		tells := func() {
			if home.desk.isHome() {
				home.p.Tell(true, signaling.Here{})
			}
			edge.p.Tell(false, signaling.Here{})
		}
		hour := func(hours float64, each func(minute int)) {
			for m := range int(hours * 60) {
				for range 60 {
					tells()
					time.Sleep(time.Second)
				}
				var spans []attend.Span
				for i := range 20 { // they stay, and every hour somebody comes anew
					from := began.Add(time.Since(began).Truncate(time.Hour)).UnixMilli()
					spans = append(spans, attend.Span{Person: fmt.Sprint("p", i), Session: fmt.Sprint("s", i), Class: attend.Socket, From: from, To: time.Now().UnixMilli(), Open: true})
				}
				ok(t, edge.st.SaveOwnSpans(ctx, "ev", spans))
				each(m)
			}
		}
		hour(0.2, func(int) {})
		line.cut.Store(true)
		var answered []classroom.Command
		hour(6, func(m int) {
			if m%30 != 0 {
				return
			}
			cmd := classroom.RecordCheck{N: m, Outcome: checks.Answered, Asked: time.Now().UnixMilli()}
			answered = append(answered, cmd)
			by := classroom.Actor{Person: "p1", Role: classroom.RoleParticipant}
			if _, err := edge.p.Forward(withTimeout(t, 5*time.Second), []signaling.Asked{{By: by, Cmd: cmd}}); err == nil {
				t.Error("a home answered over a line that is cut")
			}
			ok(t, edge.p.Keep(ctx, signaling.Asked{By: by, Cmd: cmd}))
		})
		if at, err := edge.m.Now(ctx); err != nil || time.Since(at).Abs() > time.Second {
			t.Errorf("the shared clock at the edge says %v, %v", at, err)
		}
		if n := len(spansOf(t, home.st)); n >= len(spansOf(t, edge.st)) {
			t.Fatalf("%d spans came over a line that is cut", n)
		}
		line.cut.Store(false)
		hour(0.1, func(int) {})
		time.Sleep(time.Minute)
		if a, b := spansOf(t, edge.st), spansOf(t, home.st); !maps.Equal(a, b) || len(a) < 7*20 {
			t.Errorf("the home has %d spans, the edge %d: %v", len(b), len(a), missing(a, b))
		}
		if !slices.Equal(home.desk.came, answered) {
			t.Errorf("%d checks came home of %d, or in another order", len(home.desk.came), len(answered))
		}
		if kept, _, err := edge.st.Kept(ctx, "ev", 10); err != nil || len(kept) > 0 {
			t.Errorf("%d commands wait still: %v", len(kept), err)
		}
		witnesses, err := home.st.Witnessed(ctx, "ev")
		ok(t, err)
		if len(witnesses) != 1 {
			t.Fatalf("%d witnesses", len(witnesses))
		}
		if _, err := witnesses[0].Stands(); err != nil {
			t.Error(err)
		}
	})
}

func withTimeout(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}
