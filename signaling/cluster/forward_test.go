package cluster

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/signaling"
)

// ledger is a hub with a journal: as the home it makes a fact of each command.
type ledger struct {
	signaling.Seat
	place signaling.Place

	mu      sync.Mutex
	token   int64
	facts   []classroom.Fact
	mute    bool // it dies before it has done what it is asked
	halfway bool // it dies when the facts are published
}

func (l *ledger) Evidence([]attend.Span)             {}
func (l *ledger) Heard(string, bool, signaling.Here) {}

func (l *ledger) Rev() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return int64(len(l.facts))
}

func (l *ledger) Facts(_ context.Context, after int64) ([]classroom.Fact, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.facts[min(after, int64(len(l.facts))):]), nil
}

func (l *ledger) Take(_ context.Context, facts []classroom.Fact) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range facts {
		if f.Seq == int64(len(l.facts))+1 {
			l.facts = append(l.facts, f)
		}
	}
	return nil
}

func (l *ledger) SetHome(_ context.Context, token int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.token = token
	return nil
}

func (l *ledger) isHome() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.token != 0
}

func (l *ledger) Ask(ctx context.Context, asked []signaling.Asked) []signaling.Outcome {
	l.mu.Lock()
	token, mute, halfway, rev := l.token, l.mute, l.halfway, int64(len(l.facts))
	l.mu.Unlock()
	if mute {
		<-ctx.Done()
		return nil
	}
	out := make([]signaling.Outcome, len(asked))
	for i, a := range asked {
		if a.Home != 0 && a.Home != token {
			out[i].Err = classroom.Refuse(classroom.TooMany, "busy")
			continue
		}
		f := classroom.Fact{Seq: rev + 1 + int64(i), At: time.Now().UTC().Truncate(time.Millisecond), By: a.By, Body: classroom.HandRaised{Hand: "h"}}
		if out[i].Err = l.place.Publish(ctx, token, []classroom.Fact{f}); out[i].Err == nil {
			_ = l.Take(ctx, []classroom.Fact{f})
			out[i].Rev = f.Seq
		}
	}
	if halfway {
		<-ctx.Done()
		return nil
	}
	return out
}

// ledgerNode is a node with one.
type ledgerNode struct {
	*ledger
	m    *Member
	line *wan
}

func startLedger(t *testing.T, bus Bus, name string, edge bool) *ledgerNode {
	t.Helper()
	n := &ledgerNode{ledger: &ledger{}, line: &wan{Bus: bus}}
	st := openStore(t)
	var err error
	n.m, err = Join(t.Context(), Config{
		Bus: n.line, Dir: st, Shelf: st, Source: name, Key: keyOf(name), Self: Node{Name: name, Edge: edge}, Log: slog.New(slog.DiscardHandler),
	})
	ok(t, err)
	n.place = n.m.Sit("ev", n.ledger)
	n.place.Start()
	return n
}

func (n *ledgerNode) end() { n.place.Stop(); n.m.Close() }

// TestAskedAnew: a home dies with a command that it was asked. The next home is asked for it if the dead one did not do it, and
// only then; either way well within the time that a page waits.
func TestAskedAnew(t *testing.T) {
	for _, c := range []struct {
		name string
		die  func(*ledger)
		done bool // by the home that died
	}{
		{"before it did it", func(l *ledger) { l.mute = true }, false},
		{"before it answered", func(l *ledger) { l.halfway = true }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				mem := NewMem()
				home := startLedger(t, mem, "asal", false)
				defer home.end()
				time.Sleep(DefaultTerm)
				edge := startLedger(t, mem, "tepi", true)
				defer edge.end()
				far := startLedger(t, mem, "tepi-2", true)
				defer far.end()
				all := []*ledgerNode{home, edge, far}
				talk := func(d time.Duration) { // each hub tells once a second who is there
					for range int(d / time.Second) {
						for _, n := range all {
							n.place.Tell(n.isHome(), signaling.Here{})
						}
						time.Sleep(time.Second)
					}
				}
				talk(3 * time.Second)
				if !home.isHome() {
					t.Fatal("no home")
				}
				home.mu.Lock()
				c.die(home.ledger)
				home.mu.Unlock()
				by := classroom.Actor{Session: "s1", Role: classroom.RoleGuest}
				asked := time.Now()
				answer := make(chan error, 1)
				var took time.Duration
				go func() {
					_, err := far.place.Forward(withTimeout(t, 7*time.Second), []signaling.Asked{{By: by, Cmd: classroom.RaiseHand{}}})
					took = time.Since(asked)
					answer <- err
				}()
				time.Sleep(100 * time.Millisecond)
				home.line.cut.Store(true)
				all = all[1:]
				talk(8 * time.Second)
				err := <-answer
				if errors.Is(err, signaling.ErrNoHome) && far.isHome() { // it is for the node itself to do
					far.Ask(t.Context(), []signaling.Asked{{By: by}})
					err = nil
				}
				if c.done == (err == nil) {
					t.Errorf("after %v: %v", took, err)
				}
				t.Logf("answered after %v", took)
				if took > 6*time.Second {
					t.Errorf("answered after %v", took)
				}
				time.Sleep(2 * time.Second) // they follow
				for _, n := range all {
					if facts, _ := n.Facts(t.Context(), 0); len(facts) != 1 {
						t.Errorf("%d facts of one command", len(facts))
					}
				}
				home.line.cut.Store(false)
				time.Sleep(time.Minute)
			})
		})
	}
}

// TestLostAtOnce: a lease that is given and lost in the same moment, as when an edge is given one just when an origin comes, leaves no
// hub that thinks itself the home: nobody would tell it otherwise any more, and all that it publishes would be refused.
func TestLostAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, l := openStore(t), &ledger{}
		m, err := Join(t.Context(), Config{
			Bus: NewMem(), Dir: st, Shelf: st, Source: "tepi", Key: keyOf("tepi"), Self: Node{Name: "tepi"}, Log: slog.New(slog.DiscardHandler),
		})
		ok(t, err)
		defer m.Close()
		p := m.Sit("ev", l).(*place)
		defer p.Stop()
		close(p.ear)
		p.performLease(Up{Token: 5}, nil)
		p.performLease(Down{Token: 5}, nil)
		time.Sleep(10 * time.Second)
		if token := p.token.Load(); token != 0 || l.isHome() {
			t.Errorf("the node has token %d, its hub thinks itself the home: %v", token, l.isHome())
		}
	})
}

// lateEar is a Bus on which a topic cannot be heard for a while.
type lateEar struct {
	Bus
	topic string
	ends  time.Time
}

func (l *lateEar) Hear(ctx context.Context, topic string) (<-chan []byte, error) {
	if topic == l.topic && time.Now().Before(l.ends) {
		return nil, errCut
	}
	return l.Bus.Hear(ctx, topic)
}

// TestNoHomeThatDoesNotHear: a node that has the lease and cannot hear yet what is said to the home, as when Redis is back for some of its
// connections only, is no home for anyone: a command would be lost on its way to it, while it lives and says so.
func TestNoHomeThatDoesNotHear(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mem := NewMem()
		home := startLedger(t, &lateEar{mem, homeTopic("ev"), time.Now().Add(4 * time.Second)}, "asal", false)
		defer home.end()
		edge := startLedger(t, mem, "tepi", true)
		defer edge.end()
		asked, answer := time.Now(), make(chan error, 1)
		go func() {
			by := classroom.Actor{Session: "s1", Role: classroom.RoleGuest}
			_, err := edge.place.Forward(withTimeout(t, 8*time.Second), []signaling.Asked{{By: by, Cmd: classroom.RaiseHand{}}})
			t.Logf("answered after %v", time.Since(asked))
			answer <- err
		}()
		for range 10 { // each hub tells once a second who is there
			for _, n := range []*ledgerNode{home, edge} {
				n.place.Tell(n.isHome(), signaling.Here{})
			}
			time.Sleep(time.Second)
		}
		ok(t, <-answer)
	})
}
