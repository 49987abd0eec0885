package cluster

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"betang/classroom"
	"betang/signaling"
)

// lossy is a Redis that loses what it was given last, once somebody has read it and before it answers.
type lossy struct {
	*Mem
	lose atomic.Bool
	read func() bool
}

var errLost = errors.New("connection reset")

func (l *lossy) Publish(ctx context.Context, event string, token, first int64, bodies [][]byte) (int64, error) {
	top, err := l.Mem.Publish(ctx, event, token, first, bodies)
	if err == nil && l.lose.Load() && len(bodies) > 0 {
		for !l.read() {
			time.Sleep(time.Millisecond)
		}
		l.lose.Store(false)
		l.mu.Lock()
		defer l.mu.Unlock()
		clear(l.events)
		return 0, errLost
	}
	return top, err
}

// TestLostBetweenPublishAndAnswer: Redis carries out a publish, an edge reads the fact, and Redis loses its data before the home
// has its answer. Whether the home then dies or goes on, what the edge has is every node's, and no other fact takes its number.
func TestLostBetweenPublishAndAnswer(t *testing.T) {
	for _, dies := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			bus := &lossy{Mem: NewMem()}
			home := startLedger(t, bus, "asal", false)
			defer home.end()
			time.Sleep(DefaultTerm)
			next := startLedger(t, bus, "cadangan", false)
			defer next.end()
			edge := startLedger(t, bus, "tepi", true)
			defer edge.end()
			talk := func(seconds int) {
				for range seconds {
					for _, n := range []*ledgerNode{home, next, edge} {
						n.place.Tell(n.isHome(), signaling.Here{})
					}
					time.Sleep(time.Second)
				}
			}
			talk(2)
			by := func(session classroom.SessionID) []signaling.Asked {
				return []signaling.Asked{{By: classroom.Actor{Session: session, Role: classroom.RoleGuest}}}
			}
			for _, o := range home.Ask(t.Context(), by("s1")) {
				ok(t, o.Err)
			}
			talk(2)

			next.line.cut.Store(true) // it does not read what comes now
			bus.read = func() bool { return edge.Rev() == 2 }
			bus.lose.Store(true)
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond) // no time to try again
			defer cancel()
			f := classroom.Fact{Seq: 2, At: time.Now().UTC().Truncate(time.Millisecond), By: by("s2")[0].By, Body: classroom.HandRaised{Hand: "h2"}}
			home.mu.Lock()
			token := home.token
			home.mu.Unlock()
			if err := home.place.Publish(ctx, token, []classroom.Fact{f}); err == nil {
				t.Fatal("published")
			}
			next.line.cut.Store(false)
			after := home
			if dies {
				home.line.cut.Store(true)
				after = next
			} else { // as a hub does that does not know what became of it
				facts, _ := home.Facts(t.Context(), 0)
				more, err := home.place.CatchUp(t.Context(), 1, &facts[0])
				ok(t, err)
				ok(t, home.Take(t.Context(), more))
			}
			talk(8)
			if !after.isHome() {
				t.Fatal("another is the home")
			}
			for _, o := range after.Ask(t.Context(), by("s3")) {
				ok(t, o.Err)
			}
			home.line.cut.Store(false)
			talk(8)
			var want []classroom.Fact
			for _, n := range []*ledgerNode{edge, next, home} {
				facts, _ := n.Facts(t.Context(), 0)
				if len(facts) != 3 || facts[1].By.Session != "s2" || facts[2].By.Session != "s3" {
					t.Errorf("%s has %d facts: %+v", n.m.Name(), len(facts), facts)
				}
				if want = append(want, facts...); len(facts) == 3 && facts[2].At != want[2].At {
					t.Errorf("%s has another third fact", n.m.Name())
				}
			}
		})
	}
}

// busy is a stream to which a home adds a fact with every look that somebody takes at what there is now.
type busy struct {
	*Mem
	add func()
}

func (b *busy) Follow(ctx context.Context, event string, after int64, most int, wait time.Duration) ([]Entry, error) {
	if wait == 0 {
		b.add()
	}
	return b.Mem.Follow(ctx, event, after, most, wait)
}

// TestCatchUpWithABusyHome: who catches up with a home that says more in the meantime gets what there was, and does not run after it.
func TestCatchUpWithABusyHome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := &busy{Mem: NewMem()}
		token := int64(0)
		top := 0
		bus.add = func() {
			if top == 2*portion {
				return
			}
			top++
			f := classroom.Fact{Seq: int64(top), At: time.Now().UTC(), By: classroom.Actor{Session: "s"}, Body: classroom.HandRaised{Hand: "h"}}
			bodies, err := encodeFacts([]classroom.Fact{f})
			ok(t, err)
			if _, err := bus.Publish(t.Context(), "ev", token, f.Seq, bodies); err != nil {
				t.Fatal(err)
			}
		}
		g, err := bus.Claim(t.Context(), "ev", "asal", 0, time.Hour)
		ok(t, err)
		token = g.Token
		for range portion + 10 {
			bus.add()
		}
		far := startLedger(t, bus, "tepi", true)
		defer far.end()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		facts, err := far.place.CatchUp(ctx, 0, nil)
		ok(t, err)
		if n := len(facts); n < portion+10 || n > portion+12 {
			t.Errorf("%d facts of %d", n, top)
		}
	})
}
