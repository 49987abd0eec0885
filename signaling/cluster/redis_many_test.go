package cluster

import (
	"context"
	"testing"
	"time"

	"betang/signaling/cluster/clustertest"
)

// useAll calls everything a node calls, of two events, whose keys may be at different servers.
func useAll(t *testing.T, a, b Bus) {
	t.Helper()
	ctx := t.Context()
	ok(t, a.Announce(ctx, Node{Name: "asal", Boot: "1"}, time.Minute))
	ok(t, b.Announce(ctx, Node{Name: "tepi", Boot: "2"}, time.Minute))
	if nodes, err := a.Nodes(ctx); err != nil || len(nodes) != 2 {
		t.Fatal(nodes, err)
	}
	_, err := a.Agree(ctx, "secret", []byte("x"))
	ok(t, err)
	_, err = a.Share(ctx, "set", []string{"y"})
	ok(t, err)
	_, err = a.Now(ctx)
	ok(t, err)
	ear, err := b.Hear(ctx, "x")
	ok(t, err)
	ok(t, a.Say(ctx, "x", []byte("halo")))
	if got := string(<-ear); got != "halo" {
		t.Fatal(got)
	}
	for _, event := range []string{"ev1", "ev2", "ev3"} {
		g, err := a.Claim(ctx, event, "asal", 0, time.Minute)
		ok(t, err)
		_, err = a.Publish(ctx, event, g.Token, 1, bodies(1, 3))
		ok(t, err)
		if got, err := b.Follow(ctx, event, 1, 10, time.Second); err != nil || len(got) != 2 {
			t.Fatal(got, err)
		}
		if _, err := b.Publish(ctx, event, g.Token-1, 4, bodies(4, 1)); err == nil {
			t.Fatal("not fenced")
		}
		ok(t, b.Ship(ctx, event, Batch{Node: "tepi", N: 1, Body: []byte("b")}))
		got, err := a.Take(ctx, event, "asal", time.Minute, 10, time.Second)
		if err != nil || len(got) != 1 {
			t.Fatal(got, err)
		}
		ok(t, a.Done(ctx, event, g.Token, []string{got[0].ID}, map[string]int64{"tepi": 1}))
		if mark, err := b.Mark(ctx, event, "tepi"); err != nil || mark != 1 {
			t.Fatal(mark, err)
		}
		ok(t, a.Remark(ctx, event, g.Token, map[string]int64{"tepi": 1}))
		ok(t, a.Release(ctx, event, "asal", g.Token))
	}
	ok(t, b.Withdraw(ctx, "tepi", "2"))
}

// TestRedisCluster: three servers that share the keys.
func TestRedisCluster(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts three Redis servers")
	}
	url := clustertest.NewRedisCluster(t)
	useAll(t, open(t, url), open(t, url))
}

// TestSentinel: the master dies, Sentinel makes the replica the master, and what was published is there.
func TestSentinel(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts two Redis servers and a Sentinel")
	}
	url, master := clustertest.NewSentinel(t)
	a, b := open(t, url), open(t, url)
	useAll(t, a, b)
	g, err := a.Claim(t.Context(), "ev", "asal", 0, time.Minute)
	ok(t, err)
	_, err = a.Publish(t.Context(), "ev", g.Token, 1, bodies(1, 3))
	ok(t, err)
	master.Replicated()
	master.Kill()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	began := time.Now()
	for {
		if _, err = a.Publish(ctx, "ev", g.Token, 4, bodies(4, 1)); err == nil {
			break
		}
		if !wait(ctx, 50*time.Millisecond) {
			t.Fatal(err)
		}
	}
	t.Logf("a publish was taken %.1f s after the master died", time.Since(began).Seconds())
	if got, err := b.Follow(ctx, "ev", 0, 10, 0); err != nil || len(got) != 4 {
		t.Errorf("%d facts after the failover: %v", len(got), err)
	}
}
