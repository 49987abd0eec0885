package cluster

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestOneHomeAtATime lets some nodes run their Lease against a Redis as the scripts have it, with answers that take long or
// are lost and calls that are late. Whenever one thinks of itself as the home, no other does, and tokens rise.
func TestOneHomeAtATime(t *testing.T) {
	const ttl = 9 * time.Second
	rapid.Check(t, func(t *rapid.T) {
		type node struct {
			lease  *Lease
			up     int64
			asked  bool // on the way to Redis
			answer *Answered
		}
		bus := struct {
			holder int
			token  int64
			until  time.Duration
		}{holder: -1}
		nodes := make([]*node, rapid.IntRange(2, 4).Draw(t, "nodes"))
		for i := range nodes {
			nodes[i] = &node{lease: NewLease(ttl)}
		}
		var now time.Duration
		var newest int64
		step := func(i int, ev LeaseEvent) {
			n := nodes[i]
			for _, e := range n.lease.Step(nil, now, ev) {
				switch e := e.(type) {
				case Ask:
					if n.asked || n.answer != nil {
						t.Fatal("asked twice")
					}
					n.asked = true
				case Up:
					for j, other := range nodes {
						if j != i && other.up != 0 {
							t.Fatalf("%d is up by %d while %d is by %d", i, e.Token, j, other.up)
						}
					}
					if e.Token < newest {
						t.Fatalf("token %d after %d", e.Token, newest)
					}
					n.up, newest = e.Token, e.Token
				case Down:
					if n.up != e.Token {
						t.Fatal("down by another token")
					}
					n.up = 0
				case GiveUp:
					if n.up != 0 {
						t.Fatal("given up before down")
					}
					if bus.holder == i && bus.token == e.Token {
						bus.holder = -1
					}
				}
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"time": func(t *rapid.T) {
				to := now + time.Duration(rapid.IntRange(1, 6000).Draw(t, "ms"))*time.Millisecond
				for now < to { // every node wakes when it wants to
					next := to
					for _, n := range nodes {
						if at, due := n.lease.Next(); due && at > now && at < next {
							next = at
						}
					}
					now = next
					for i, n := range nodes {
						if at, due := n.lease.Next(); due && at <= now {
							step(i, TimeUp{})
						}
					}
				}
			},
			"want": func(t *rapid.T) { step(rapid.IntRange(0, len(nodes)-1).Draw(t, "n"), Want{}) },
			"drop": func(t *rapid.T) { step(rapid.IntRange(0, len(nodes)-1).Draw(t, "n"), Drop{}) },
			"redis": func(t *rapid.T) { // a Claim arrives
				i := rapid.IntRange(0, len(nodes)-1).Draw(t, "n")
				n := nodes[i]
				if !n.asked {
					return
				}
				n.asked = false
				held := bus.holder >= 0 && bus.until > now
				if held && bus.holder != i {
					n.answer = &Answered{Grant: Grant{Holder: "other", Token: bus.token, Left: bus.until - now}}
					return
				}
				if !held {
					bus.token++
				}
				bus.holder, bus.until = i, now+ttl
				n.answer = &Answered{Grant: Grant{Token: bus.token, Left: ttl}, Mine: true}
				if rapid.IntRange(0, 3).Draw(t, "lost") == 0 {
					n.answer = &Answered{Err: errors.New("lost")}
				}
			},
			"answer": func(t *rapid.T) {
				i := rapid.IntRange(0, len(nodes)-1).Draw(t, "n")
				if a := nodes[i].answer; a != nil {
					nodes[i].answer = nil
					step(i, *a)
				}
			},
			"": func(t *rapid.T) {
				for i, n := range nodes {
					if n.up == 0 {
						continue
					}
					if bus.holder != i || bus.token != n.up || bus.until <= now {
						t.Fatalf("%d thinks that it is the home by %d, and Redis does not", i, n.up)
					}
				}
			},
		})
	})
}

// TestLeaseDroppedWhileAsked: an answer to what was asked before the lease was given up makes nobody the home.
func TestLeaseDroppedWhileAsked(t *testing.T) {
	l := NewLease(9 * time.Second)
	mine := Answered{Grant: Grant{Token: 1}, Mine: true}
	l.Step(nil, 0, Want{})
	if got := l.Step(nil, 0, mine); !slices.Equal(got, []LeaseEffect{Up{1}}) {
		t.Fatalf("%+v", got)
	}
	l.Step(nil, 3*time.Second, TimeUp{})
	if got := l.Step(nil, 3*time.Second, Drop{}); !slices.Equal(got, []LeaseEffect{Down{1}, GiveUp{1}}) {
		t.Fatalf("%+v", got)
	}
	l.Step(nil, 3*time.Second, Want{})
	if got := l.Step(nil, 3*time.Second, mine); !slices.Equal(got, []LeaseEffect{GiveUp{1}, Ask{}}) {
		t.Fatalf("%+v", got)
	}
}

// TestHistoryOfHomes has four nodes take an event from each other for a while, each writing as soon as it may and often
// when it no longer may, some frozen beyond their term. The history must be that of one log with one writer at a time:
// every fact that was acknowledged is in it under its number, in the order of real time, tokens never go back, and each
// token was one node's.
func TestHistoryOfHomes(t *testing.T) {
	const ttl = 60 * time.Millisecond
	type written struct {
		seq, token int64
		body       string
		began, end int64
	}
	forBoth(t, func(t *testing.T, two [2]Bus) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var clock, tries, fenced atomic.Int64
		var mu sync.Mutex
		var history []written
		holders := map[int64]string{}
		node := func(name string, bus Bus, seed uint64) {
			r := rand.New(rand.NewPCG(seed, 1))
			for ctx.Err() == nil {
				g, err := bus.Claim(ctx, "ev", name, 0, ttl)
				if err != nil || g.Holder != name {
					pause(ctx, time.Duration(r.IntN(20))*time.Millisecond)
					continue
				}
				mu.Lock()
				if was := holders[g.Token]; was != "" && was != name {
					t.Errorf("token %d is of %s and %s", g.Token, was, name)
				}
				holders[g.Token] = name
				mu.Unlock()
				top := int64(0)
				for ctx.Err() == nil { // catch up, as a new home does
					es, err := bus.Follow(ctx, "ev", top, 1000, 0)
					if err != nil || len(es) == 0 {
						break
					}
					top = es[len(es)-1].Seq
				}
				for range 1 + r.IntN(30) {
					if r.IntN(15) == 0 {
						pause(ctx, ttl*3/2) // frozen: it does not know that its term is over
					}
					w := written{seq: top + 1, token: g.Token, body: name + "-" + time.Duration(tries.Add(1)).String(), began: clock.Add(1)}
					got, err := bus.Publish(ctx, "ev", g.Token, w.seq, [][]byte{[]byte(w.body)})
					w.end = clock.Add(1)
					if errors.Is(err, ErrFenced) {
						fenced.Add(1)
					}
					if err != nil {
						break
					}
					top = got
					mu.Lock()
					history = append(history, w)
					mu.Unlock()
				}
				if r.IntN(2) == 0 {
					_ = bus.Release(context.WithoutCancel(ctx), "ev", name, g.Token)
				}
			}
		}
		enough := func() bool {
			mu.Lock()
			defer mu.Unlock()
			return len(history) >= 20 && len(holders) >= 3 && fenced.Load() > 0
		}
		var all sync.WaitGroup
		for i, name := range []string{"a", "b", "c", "d"} {
			all.Go(func() { node(name, two[i%2], uint64(i)) })
		}
		for pause(ctx, 2*time.Second); ctx.Err() == nil && !enough(); { // a busy machine does little in two seconds
			pause(ctx, 50*time.Millisecond)
		}
		cancel()
		all.Wait()

		log := map[int64]Entry{}
		var last Entry
		for {
			es, err := two[0].Follow(t.Context(), "ev", last.Seq, 1000, 0)
			ok(t, err)
			if len(es) == 0 {
				break
			}
			for _, e := range es {
				if e.Token < last.Token {
					t.Fatalf("fact %d has token %d after %d", e.Seq, e.Token, last.Token)
				}
				log[e.Seq], last = e, e
			}
		}
		if !enough() {
			t.Fatalf("%d facts, %d homes, %d fenced: the test saw too little", len(history), len(holders), fenced.Load())
		}
		slices.SortFunc(history, func(a, b written) int { return int(a.seq - b.seq) })
		var begun int64 // the latest beginning so far: no later fact may have ended before it
		for _, w := range history {
			if e := log[w.seq]; string(e.Body) != w.body || e.Token != w.token {
				t.Fatalf("fact %d was acknowledged as %q of %d and is %q of %d", w.seq, w.body, w.token, e.Body, e.Token)
			}
			if w.end < begun {
				t.Fatalf("fact %d was over before an earlier one began", w.seq)
			}
			begun = max(begun, w.began)
		}
		t.Logf("%d facts, %d homes, %d late writes refused", len(history), len(holders), fenced.Load())
	})
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
