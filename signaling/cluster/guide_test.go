package cluster

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"betang/signaling"

	"pgregory.net/rapid"
)

func TestPlace(t *testing.T) {
	asal := Node{Name: "asal", URL: "https://asal", Region: "62.71"}
	kotim := Node{Name: "kotim", URL: "https://kotim", Region: "62.02", Edge: true, Networks: []string{"10.2.0.0/16"}}
	dinas := Node{Name: "dinas", URL: "https://dinas", Region: "62.02", Edge: true, Networks: []string{"10.2.7.0/24", "fd00:2::/32"}}
	busy := func(n Node) Node { n.Load.Egress = 1; return n }
	drained := func(n Node) Node { n.Drained = true; return n }
	half := func(n Node) Node { n.Load.CPU = .5; return n }
	at := func(ip, region string) signaling.Seeker {
		return signaling.Seeker{Addr: netip.MustParseAddr(ip), Region: region}
	}
	placed := func(who signaling.Seeker) signaling.Seeker { who.Placed = true; return who }
	for name, c := range map[string]struct {
		nodes []Node
		self  string
		who   signaling.Seeker
		want  []string
		race  bool
	}{
		"the narrowest network":      {[]Node{asal, kotim, dinas}, "asal", at("10.2.7.9", "62.71"), []string{"https://dinas", "https://kotim", "https://asal"}, false},
		"IPv4 in IPv6":               {[]Node{asal, kotim}, "asal", at("::ffff:10.2.7.9", ""), []string{"https://kotim", "https://asal"}, false},
		"here already":               {[]Node{asal, kotim, dinas}, "dinas", at("10.2.7.9", ""), nil, false},
		"the region, less busy":      {[]Node{asal, half(kotim), dinas}, "asal", at("36.1.1.1", "62.02"), []string{"https://dinas", "https://kotim", "https://asal"}, false},
		"either of a region":         {[]Node{asal, half(kotim), dinas}, "kotim", at("36.1.1.1", "62.02"), nil, false},
		"nobody's":                   {[]Node{asal, half(kotim)}, "asal", at("36.1.1.1", "62.99"), []string{"https://asal", "https://kotim"}, true},
		"alone":                      {[]Node{asal}, "asal", at("36.1.1.1", "62.99"), nil, false},
		"sent and came":              {[]Node{asal, kotim}, "asal", placed(at("10.2.7.9", "")), nil, false},
		"full: to the next":          {[]Node{asal, kotim, busy(dinas)}, "dinas", at("10.2.7.9", ""), []string{"https://kotim", "https://asal"}, false},
		"full, but sent here":        {[]Node{asal, kotim, busy(dinas)}, "dinas", placed(at("10.2.7.9", "")), nil, false},
		"full: not there":            {[]Node{asal, kotim, busy(dinas)}, "asal", at("10.2.7.9", ""), []string{"https://kotim", "https://asal"}, false},
		"all full":                   {[]Node{busy(asal), busy(kotim)}, "kotim", at("10.2.7.9", ""), nil, false},
		"drained":                    {[]Node{asal, drained(kotim), dinas}, "kotim", placed(at("10.2.7.9", "")), []string{"https://dinas", "https://asal"}, false},
		"drained, all others full":   {[]Node{busy(asal), drained(kotim)}, "kotim", at("10.2.7.9", ""), []string{"https://asal"}, false},
		"not to one that is drained": {[]Node{asal, drained(kotim)}, "asal", at("10.2.7.9", ""), nil, false},
		"who works here stays":       {[]Node{asal, kotim}, "asal", signaling.Seeker{Stays: true, Addr: netip.MustParseAddr("10.2.7.9")}, nil, false},
		"but moves to an origin":     {[]Node{asal, kotim, drained(dinas)}, "dinas", signaling.Seeker{Stays: true, Addr: netip.MustParseAddr("10.2.7.9")}, []string{"https://asal", "https://kotim"}, false},
		"before the first look":      {nil, "asal", at("10.2.7.9", ""), nil, false},
		"no address":                 {[]Node{asal, kotim}, "asal", signaling.Seeker{Region: "62.02"}, []string{"https://kotim", "https://asal"}, false},
	} {
		if g := Place(c.nodes, c.self, c.who); !slices.Equal(g.Go, c.want) || g.Race != c.race {
			t.Errorf("%s: %q, race %v", name, g.Go, g.Race)
		}
	}
}

// TestPlaceEnds: a client that goes where it is sent is soon left in peace, at a node that is not drained, and not at a
// full one while another is not.
func TestPlaceEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var nodes []Node
		for i := range rapid.IntRange(1, 6).Draw(t, "nodes") {
			n := Node{Name: fmt.Sprint("n", i), URL: fmt.Sprint("https://n", i), Edge: i > 0}
			n.Region = rapid.SampledFrom([]string{"", "62.01", "62.02"}).Draw(t, "region")
			n.Networks = rapid.SliceOfN(rapid.SampledFrom([]string{"10.1.0.0/16", "10.1.2.0/24", "10.0.0.0/8", "?"}), 0, 2).Draw(t, "networks")
			n.Load.CPU = rapid.SampledFrom([]float64{0, .4, 1, 1.3}).Draw(t, "cpu")
			n.Drained = rapid.IntRange(0, 3).Draw(t, "drained") == 0
			nodes = append(nodes, n)
		}
		by := map[string]Node{}
		serving, free := 0, 0
		for _, n := range nodes {
			by[n.URL] = n
			if !n.Drained {
				serving++
				if !n.Load.Full() {
					free++
				}
			}
		}
		who := signaling.Seeker{
			Addr:   netip.MustParseAddr(rapid.SampledFrom([]string{"10.1.2.3", "10.1.9.9", "10.9.9.9", "36.0.0.1"}).Draw(t, "addr")),
			Region: rapid.SampledFrom([]string{"", "62.01", "62.09"}).Draw(t, "its region"),
			Stays:  rapid.Bool().Draw(t, "stays"),
		}
		at := rapid.SampledFrom(nodes).Draw(t, "asks")
		for hops := 0; ; hops++ {
			g := Place(nodes, at.Name, who)
			if len(g.Go) == 0 {
				break
			}
			if hops == 2 {
				t.Fatalf("%+v is sent on and on", who)
			}
			next := 0
			if g.Race {
				next = rapid.IntRange(0, len(g.Go)-1).Draw(t, "wins")
			}
			at, who.Placed = by[g.Go[next]], true
		}
		if at.Drained && serving > 0 {
			t.Fatalf("left at %s, which is drained", at.Name)
		}
		if !who.Stays && at.Load.Full() && free > 0 {
			t.Fatalf("left at %s, which is full, and another is not", at.Name)
		}
	})
}

func TestMayLead(t *testing.T) {
	asal, lain := Node{Name: "asal"}, Node{Name: "lain"}
	kotim := Node{Name: "kotim", Edge: true}
	drained := func(n Node) Node { n.Drained = true; return n }
	for _, c := range []struct {
		nodes []Node
		want  []string
	}{
		{[]Node{asal, lain, kotim}, []string{"asal", "lain"}},
		{[]Node{kotim}, []string{"kotim"}},
		{[]Node{drained(asal), lain, kotim}, []string{"lain"}},
		{[]Node{drained(asal), kotim}, []string{"kotim"}},
		{[]Node{drained(asal), drained(kotim)}, []string{"asal", "kotim"}},
	} {
		var got []string
		for _, n := range c.nodes {
			if mayLead(c.nodes, n.Name) {
				got = append(got, n.Name)
			}
		}
		if !slices.Equal(got, c.want) || mayLead(c.nodes, "unknown") {
			t.Errorf("%+v: %q lead", c.nodes, got)
		}
	}
}
