package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"betang/signaling/cluster/clustertest"
)

// forBoth runs a part of the suite over memory and over Redis. two are two nodes' ways to the same Bus.
func forBoth(t *testing.T, f func(t *testing.T, two [2]Bus)) {
	t.Run("memory", func(t *testing.T) {
		m := NewMem()
		f(t, [2]Bus{m, m})
	})
	t.Run("redis", func(t *testing.T) {
		server := clustertest.NewRedis(t)
		f(t, [2]Bus{open(t, server.URL()), open(t, server.URL())})
	})
}

func open(t *testing.T, url string) Bus {
	t.Helper()
	r, err := OpenRedis(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantErr(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got %v, want %v", err, want)
	}
}

// until asks again until it is so; what it waits for is a term of some ten milliseconds.
func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	end := time.After(10 * time.Second)
	for !so() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatal("never: " + what)
		}
	}
}

func bodies(first, n int) (out [][]byte) {
	for i := range n {
		out = append(out, fmt.Appendf(nil, "fact %d \x00\xff", first+i))
	}
	return out
}

func TestRegistry(t *testing.T) {
	forBoth(t, func(t *testing.T, two [2]Bus) {
		ctx, a, b := t.Context(), two[0], two[1]
		node := Node{
			Name: "kotim-1", Boot: "one", Region: "62.02", URL: "http://10.1.0.2:8443", Version: "v1", Began: 5,
			Link: Link{Addrs: []string{"10.1.0.2:8444"}, Key: "k"}, Load: Load{CPU: 0.5, Viewers: 900},
		}
		ok(t, a.Announce(ctx, node, time.Minute))
		ok(t, a.Announce(ctx, Node{Name: "asal", Boot: "x"}, time.Minute))
		other := node
		other.Boot = "two"
		wantErr(t, b.Announce(ctx, other, time.Minute), ErrTaken)
		ok(t, b.Withdraw(ctx, "kotim-1", "two"))
		nodes, err := b.Nodes(ctx)
		ok(t, err)
		if len(nodes) != 2 || nodes[0].Name != "asal" || fmt.Sprint(nodes[1]) != fmt.Sprint(node) {
			t.Fatalf("nodes %+v", nodes)
		}
		ok(t, a.Withdraw(ctx, "kotim-1", "one"))
		ok(t, b.Announce(ctx, other, 30*time.Millisecond))
		until(t, "a silent node is forgotten", func() bool {
			nodes, err := a.Nodes(ctx)
			ok(t, err)
			return len(nodes) == 1
		})
		ok(t, a.Announce(ctx, node, time.Minute)) // its name is free again
	})
}

func TestLeaseIsFenced(t *testing.T) {
	forBoth(t, func(t *testing.T, two [2]Bus) {
		ctx, a, b := t.Context(), two[0], two[1]
		first, err := a.Claim(ctx, "ev", "a", 0, time.Minute)
		ok(t, err)
		if first.Holder != "a" || first.Token == 0 {
			t.Fatalf("grant %+v", first)
		}
		refused, err := b.Claim(ctx, "ev", "b", 0, time.Minute)
		ok(t, err)
		if refused.Holder != "a" || refused.Left <= 0 || refused.Left > time.Minute {
			t.Fatalf("grant %+v", refused)
		}
		_, err = a.Publish(ctx, "ev", first.Token, 1, bodies(1, 1))
		ok(t, err)
		again, err := a.Claim(ctx, "ev", "a", 0, 50*time.Millisecond) // and then no more
		ok(t, err)
		if again.Token != first.Token {
			t.Fatalf("renewed as %d, was %d", again.Token, first.Token)
		}

		var second Grant
		until(t, "the lease of a silent home goes over", func() bool {
			second, err = b.Claim(ctx, "ev", "b", 0, time.Minute)
			ok(t, err)
			return second.Holder == "b"
		})
		if second.Token <= first.Token {
			t.Fatalf("token %d after %d", second.Token, first.Token)
		}
		// The old home does not know yet. Nothing of it comes through, before and after the new one writes.
		_, err = a.Publish(ctx, "ev", first.Token, 2, bodies(2, 1))
		wantErr(t, err, ErrFenced)
		_, err = b.Publish(ctx, "ev", second.Token, 2, bodies(2, 1))
		ok(t, err)
		_, err = a.Publish(ctx, "ev", first.Token, 3, bodies(3, 1))
		wantErr(t, err, ErrFenced)
		wantErr(t, a.Done(ctx, "ev", first.Token, nil, map[string]int64{"c": 9}), ErrFenced)
		ok(t, a.Release(ctx, "ev", "a", first.Token)) // of no effect
		if g, err := a.Claim(ctx, "ev", "a", 0, time.Minute); err != nil || g.Holder != "b" {
			t.Fatalf("%+v %v", g, err)
		}
		ok(t, b.Release(ctx, "ev", "b", second.Token))
		third, err := a.Claim(ctx, "ev", "a", second.Token+1_000_000, time.Minute)
		ok(t, err)
		if third.Holder != "a" || third.Token <= second.Token+1_000_000 {
			t.Fatalf("the floor was not kept: %+v", third)
		}
	})
}

func TestFactsGoInOrderAndOnce(t *testing.T) {
	forBoth(t, func(t *testing.T, two [2]Bus) {
		ctx, a, b := t.Context(), two[0], two[1]
		none, err := b.Follow(ctx, "ev", 0, 10, 0)
		if err != nil || len(none) != 0 {
			t.Fatalf("%v %v", none, err)
		}
		top, err := a.Publish(ctx, "ev", 7, 3, bodies(3, 1)) // 1 and 2 were there before Redis lost them
		wantErr(t, err, ErrGap)
		if top != 0 {
			t.Fatal(top)
		}
		top, err = a.Publish(ctx, "ev", 7, 1, bodies(1, 3))
		if err != nil || top != 3 {
			t.Fatal(top, err)
		}
		top, err = a.Publish(ctx, "ev", 7, 2, bodies(2, 3)) // 2 and 3 again, as after an answer that was lost
		if err != nil || top != 4 {
			t.Fatal(top, err)
		}
		top, err = a.Publish(ctx, "ev", 7, 6, bodies(6, 1))
		wantErr(t, err, ErrGap)
		if top != 4 {
			t.Fatal(top)
		}
		_, err = a.Publish(ctx, "ev", 7, 4, [][]byte{[]byte("another")})
		wantErr(t, err, ErrFork)
		got, err := b.Follow(ctx, "ev", 1, 2, 0)
		ok(t, err)
		if len(got) != 2 || got[0].Seq != 2 || got[1].Seq != 3 || string(got[1].Body) != string(bodies(3, 1)[0]) || got[0].Token != 7 {
			t.Fatalf("%+v", got)
		}

		came := make(chan []Entry)
		go func() {
			for {
				es, err := b.Follow(ctx, "ev", 4, 10, MaxWait)
				if err != nil || len(es) > 0 {
					came <- es
					return
				}
			}
		}()
		_, err = a.Publish(ctx, "ev", 7, 5, bodies(5, 1))
		ok(t, err)
		if es := <-came; len(es) != 1 || es[0].Seq != 5 {
			t.Fatalf("%+v", es)
		}
		ended, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := b.Follow(ended, "ev", 5, 10, MaxWait); err == nil {
			t.Fatal("a call that was called off succeeded")
		}

		// One that is far behind is told so.
		top, err = a.Refill(ctx, "other", 7, 100, bodies(100, 2))
		if err != nil || top != 101 {
			t.Fatal(top, err)
		}
		_, err = b.Follow(ctx, "other", 50, 10, 0)
		wantErr(t, err, ErrGap)
		got, err = b.Follow(ctx, "other", 99, 10, 0)
		if err != nil || len(got) != 2 {
			t.Fatalf("%v %v", got, err)
		}
	})
}

func TestOnlyTheLatestFactsAreKept(t *testing.T) {
	forBoth(t, func(t *testing.T, two [2]Bus) {
		ctx, a := t.Context(), two[0]
		const portion = 5000
		for first := 1; first < FactsKept+2*portion; first += portion {
			_, err := a.Publish(ctx, "ev", 1, int64(first), bodies(first, portion))
			ok(t, err)
		}
		_, err := a.Follow(ctx, "ev", 10, 10, 0)
		wantErr(t, err, ErrGap)
		got, err := a.Follow(ctx, "ev", 2*portion, 10, 0)
		if err != nil || len(got) != 10 {
			t.Fatalf("%d %v", len(got), err)
		}
	})
}

func TestBatchesStayUntilTheyAreDone(t *testing.T) {
	forBoth(t, func(t *testing.T, two [2]Bus) {
		ctx, edge, home := t.Context(), two[0], two[1]
		if got, err := home.Take(ctx, "ev", "home", time.Hour, 10, 0); err != nil || len(got) != 0 {
			t.Fatal(got, err)
		}
		for n := int64(1); n <= 3; n++ {
			ok(t, edge.Ship(ctx, "ev", Batch{Node: "kotim-1", N: n, Body: []byte("b\x00" + strconv.Itoa(int(n)))}))
		}
		got, err := home.Take(ctx, "ev", "home", time.Hour, 2, MaxWait)
		ok(t, err)
		if len(got) != 2 || got[0].N != 1 || string(got[1].Body) != "b\x002" || got[0].Node != "kotim-1" {
			t.Fatalf("%+v", got)
		}
		ok(t, home.Done(ctx, "ev", 1, []string{got[0].ID}, map[string]int64{"kotim-1": 1}))
		if n, err := edge.Mark(ctx, "ev", "kotim-1"); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		if n, err := edge.Mark(ctx, "ev", "nobody"); err != nil || n != 0 {
			t.Fatal(n, err)
		}
		// The home died with batch 2 in hand: another one gets it again, and then what is new.
		numbers := map[int64]bool{}
		until(t, "what nobody acknowledged comes again", func() bool {
			again, err := home.Take(ctx, "ev", "next", time.Millisecond, 10, 0)
			ok(t, err)
			for _, b := range again {
				numbers[b.N] = true
				ok(t, home.Done(ctx, "ev", 2, []string{b.ID}, nil))
			}
			return numbers[2] && numbers[3]
		})
		if numbers[1] {
			t.Fatal("what was acknowledged came again")
		}
		if got, err := home.Take(ctx, "ev", "next", 0, 10, 0); err != nil || len(got) != 0 {
			t.Fatal(got, err)
		}
		ok(t, home.Remark(ctx, "ev", 3, map[string]int64{"seruyan-1": 4})) // a new home that has less
		if n, err := edge.Mark(ctx, "ev", "seruyan-1"); err != nil || n != 4 {
			t.Fatal(n, err)
		}
		wantErr(t, home.Remark(ctx, "ev", 2, nil), ErrFenced)
		if n, err := edge.Mark(ctx, "ev", "kotim-1"); err != nil || n != 0 {
			t.Fatal(n, err)
		}
	})
}

func TestTooManyBatchesAreRefused(t *testing.T) {
	forBoth(t, func(t *testing.T, two [2]Bus) {
		ctx, edge := t.Context(), two[0]
		for n := range int64(maxBatches) {
			ok(t, edge.Ship(ctx, "ev", Batch{Node: "n", N: n + 1}))
		}
		wantErr(t, edge.Ship(ctx, "ev", Batch{Node: "n", N: maxBatches + 1}), ErrFull)
		got, err := edge.Take(ctx, "ev", "home", time.Hour, 1, 0)
		if err != nil || len(got) != 1 || got[0].N != 1 {
			t.Fatal(got, err)
		}
		ok(t, edge.Done(ctx, "ev", 1, []string{got[0].ID}, nil))
		ok(t, edge.Ship(ctx, "ev", Batch{Node: "n", N: maxBatches + 1}))
	})
}

func TestTalk(t *testing.T) {
	forBoth(t, func(t *testing.T, two [2]Bus) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		a, err := two[0].Hear(ctx, "x")
		ok(t, err)
		b, err := two[1].Hear(ctx, "x")
		ok(t, err)
		ok(t, two[0].Say(ctx, "y", []byte("not for us")))
		ok(t, two[0].Say(ctx, "x", []byte("hello\x00")))
		if got := string(<-a); got != "hello\x00" {
			t.Fatal(got)
		}
		if got := string(<-b); got != "hello\x00" {
			t.Fatal(got)
		}
		cancel()
		for range a { //nolint:revive // until it is closed
		}
		for range b { //nolint:revive // the same
		}
	})
}

func TestSharedClock(t *testing.T) {
	forBoth(t, func(t *testing.T, two [2]Bus) {
		before := time.Now().Add(-time.Second)
		at, err := two[0].Now(t.Context())
		ok(t, err)
		if at.Before(before) || at.After(time.Now().Add(time.Second)) {
			t.Fatal(at)
		}
	})
}

func TestBoard(t *testing.T) {
	forBoth(t, func(t *testing.T, two [2]Bus) {
		ctx := t.Context()
		for i, b := range two {
			got, err := b.Agree(ctx, "secret", []byte{0, 255, byte(i)})
			if err != nil || string(got) != "\x00\xff\x00" {
				t.Fatal(got, err)
			}
		}
		_, err := two[0].Share(ctx, "revoked", []string{"a", "b"})
		ok(t, err)
		all, err := two[1].Share(ctx, "revoked", []string{"b", "c"})
		slices.Sort(all)
		if err != nil || !slices.Equal(all, []string{"a", "b", "c"}) {
			t.Fatal(all, err)
		}
		if all, err = two[0].Share(ctx, "revoked", nil); err != nil || len(all) != 3 {
			t.Fatal(all, err)
		}
	})
}
