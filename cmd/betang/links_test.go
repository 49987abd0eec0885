package main

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"betang/sfu/relay"
	"betang/signaling/cluster"
	"betang/signaling/cluster/clustertest"

	"pgregory.net/rapid"
)

// testNode is a node with a key of its own, where it is dialled, and the node it stands behind.
func testNode(name string, edge bool, at, via string) cluster.Node {
	key := make([]byte, 32)
	copy(key, name)
	n := cluster.Node{Name: name, Edge: edge, Link: cluster.Link{Key: relay.PublicText(key), Via: via}}
	if at != "" {
		n.Link.Addrs = []string{at}
	}
	return n
}

func TestNeighbours(t *testing.T) {
	asal := testNode("asal", false, "10.0.0.1:8443", "")
	kotim := testNode("kotim", true, "10.2.0.1:8443", "")
	seruyan := testNode("seruyan", true, "", "")
	barito := testNode("barito", true, "", "")
	kantor := testNode("kantor", true, "10.2.0.9:8443", "kotim")
	camat := testNode("camat", true, "", "kantor")
	all := []cluster.Node{asal, kotim, seruyan, barito, kantor, camat}
	for _, c := range []struct {
		self  cluster.Node
		nodes []cluster.Node
		want  []string // name, > where it is dialled, < by which
	}{
		{asal, all, []string{"barito", "camat<kotim", "kantor<kotim", "kotim>10.2.0.1:8443", "seruyan"}},
		{kotim, all, []string{"asal>10.0.0.1:8443", "barito", "camat<kantor", "kantor>10.2.0.9:8443", "seruyan"}},
		{seruyan, all, []string{"asal>10.0.0.1:8443", "barito<asal", "camat<kotim", "kantor<kotim", "kotim>10.2.0.1:8443"}},
		{kantor, all, []string{"asal<kotim", "barito<kotim", "camat", "kotim>10.2.0.1:8443", "seruyan<kotim"}},
		{camat, []cluster.Node{asal, kotim, camat}, []string{"asal>10.0.0.1:8443", "kotim>10.2.0.1:8443"}}, // the one it goes through is away
		{seruyan, []cluster.Node{barito, seruyan}, []string{"barito"}},
		{asal, []cluster.Node{asal, {Name: "old"}, {Name: "new", Link: cluster.Link{Key: "?"}}}, nil},
	} {
		var got []string
		for _, p := range neighbours(c.self, slices.Clone(c.nodes)) {
			s := p.Name
			for _, a := range p.Addrs {
				s += ">" + a
			}
			if p.Via != "" {
				s += "<" + p.Via
			}
			got = append(got, s)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s has %q, want %q", c.self.Name, got, c.want)
		}
	}
}

// TestInTheClear: of a line that others can read, the edge's operator is told once, and again when it is another.
func TestInTheClear(t *testing.T) {
	var log lockedBuffer
	heed := warnInTheClear(slog.New(slog.NewTextHandler(&log, nil)))
	at := func(name, page string, edge bool) cluster.Node {
		return cluster.Node{Name: name, URL: page, Edge: edge}
	}
	for _, c := range []struct {
		nodes []cluster.Node
		want  string // what is told now
	}{
		{[]cluster.Node{at("asal", "https://kuliah.example", false), at("uji", "http://127.0.0.1:8443", false), at("enam", "http://[::1]:8443", false), at("sini", "http://localhost:8443", false), at("kotim-1", "http://10.62.2.1", true)}, ""},
		{[]cluster.Node{at("asal", "http://kuliah.example", false), at("cadangan", "http://10.62.0.9:8443", false)}, `origins="asal cadangan"`},
		{[]cluster.Node{at("cadangan", "http://10.62.0.9:8443", false), at("asal", "http://kuliah.example", false)}, ""},
		{[]cluster.Node{at("asal", "http://kuliah.example", false)}, "origins=asal"},
		{nil, ""},
	} {
		before := len(log.String())
		heed(c.nodes)
		if said := log.String()[before:]; (said != "") != (c.want != "") || !strings.Contains(said, c.want) {
			t.Errorf("of %v it says %q, want %q", c.nodes, said, c.want)
		}
	}
}

// TestNeighboursMeet: however nodes stand behind one another, what is at one is reached from every other by links that
// somebody dials, as long as there is an origin.
func TestNeighboursMeet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 8).Draw(t, "nodes")
		nodes := []cluster.Node{testNode("n0", false, "10.0.0.0:1", "")}
		for i := 1; i < n; i++ {
			name, at, via := fmt.Sprint("n", i), "", ""
			if rapid.Bool().Draw(t, "dialled") {
				at = fmt.Sprintf("10.0.0.%d:1", i)
			}
			if j := rapid.IntRange(0, i-1).Draw(t, "via"); j > 0 && len(nodes[j].Link.Addrs) > 0 && rapid.Bool().Draw(t, "behind") {
				via = nodes[j].Name
			}
			nodes = append(nodes, testNode(name, true, at, via))
		}
		peers := map[string]map[string]relay.Peer{}
		for _, self := range nodes {
			peers[self.Name] = map[string]relay.Peer{}
			for _, p := range neighbours(self, slices.Clone(nodes)) {
				peers[self.Name][p.Name] = p
			}
		}
		for _, from := range nodes {
			for _, to := range nodes {
				at, hops := from.Name, 0
				for at != to.Name {
					next := to.Name
					if via := peers[at][to.Name].Via; via != "" {
						next = via
					}
					if len(peers[at][next].Addrs) == 0 && len(peers[next][at].Addrs) == 0 {
						t.Fatalf("nobody dials between %s and %s, on the way from %s to %s: %+v", at, next, from.Name, to.Name, nodes)
					}
					if at, hops = next, hops+1; hops > len(nodes) {
						t.Fatalf("from %s one never comes to %s: %+v", from.Name, to.Name, nodes)
					}
				}
			}
		}
	})
}

// startNodes starts real servers that share a real Redis, each by its name and more flags: the first is an origin, the others
// are edges.
func startNodes(t *testing.T, flags ...[]string) (list []*server, redis *clustertest.Redis) {
	t.Helper()
	redis = clustertest.NewRedis(t)
	for i, more := range flags {
		name := more[0]
		list = append(list, startServer(t, func(s *server) {
			s.more = append([]string{"--redis", redis.URL(), "--node"}, more...)
			if i > 0 {
				s.more = append(s.more, "--edge")
			}
		}))
		if i > 0 {
			list[i].until(name+" has a link", 20*time.Second, func(m map[string]float64) bool {
				return m[`betang_relay_up{node="`+flags[0][0]+`"}`] == 1
			})
		}
	}
	return list, redis
}

// TestEdgeMedia: who watches at an edge sees and hears what is published at the origin; nobody configured more than Redis. Without
// Redis, too, while the line for media stands.
func TestEdgeMedia(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts real servers")
	}
	nodes, redis := startNodes(t, []string{"asal"}, []string{"kotim-1"}, []string{"seruyan"})
	origin, edge := nodes[0], nodes[1]
	done := make(chan seen, 1)
	go func() { done <- edge.watch(origin, 3, 18*time.Second) }()
	edge.until("all have joined", 20*time.Second, func(m map[string]float64) bool { return m[`betang_media_current{of="viewers"}`] == 3 })
	redis.Kill()
	const came = `betang_relay_total{node="asal",what="packets_in"}`
	var cutAt float64
	edge.until("the edge notices, and still gets what it shows", 16*time.Second, func(m map[string]float64) bool {
		if cutAt == 0 && strings.Contains(edge.log.String(), "heard=false") {
			cutAt = m[came]
		}
		return cutAt > 0 && m[came] > cutAt+700 // some 3 s, which is longer than what nobody watches is taken on
	})
	redis.Start()
	got := <-done
	wantDashboard(t, origin, edge)
	if got.Joined != 3 || got.NoFrame != 0 || got.Video.Kbits < 1000 || got.Video.LossPercent > 0.1 || got.Audio.LossPercent > 0.1 {
		t.Errorf("at the edge: %+v", got)
	}
	origin.until("the edge lets go what nobody watches", 20*time.Second, func(m map[string]float64) bool {
		return m[`betang_relay_current{node="kotim-1",of="layers_out"}`] == 0
	})
	if m := origin.metrics(); m[`betang_relay_total{node="seruyan",what="packets_out"}`] != 0 {
		t.Error("an edge without viewers was sent media")
	}
}
