package cluster

import (
	"cmp"
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"

	"betang/signaling"
)

// mostGo bounds the nodes that a client is told of at once.
const mostGo = 6

// Full tells that a node takes in more only by giving newcomers less. The load alone does not tell: what is given stays below the limit.
func (l Load) Full() bool { return l.Less || l.CPU >= 1 || l.Egress >= 1 }

// Guide is signaling.Nodes'.
func (m *Member) Guide(who signaling.Seeker) signaling.Guidance {
	return Place(m.Nodes(), m.cfg.Self.Name, who)
}

// Place says where a client that asks at the node self is served best:
//
//  1. at the node to whose networks its address belongs, the narrowest network first,
//  2. at one that stands in its person's region,
//  3. else at whichever node answers it soonest.
//
// One that is full comes after the others, by those rules again, one that is drained never. A client that was sent somewhere,
// or found no way elsewhere, stays there until the node is drained: so nobody is sent to and fro. Who works at the stage or the
// desk stays until the node is drained. With no better node a client stays, and gets less. Pure.
func Place(nodes []Node, self string, who signaling.Seeker) signaling.Guidance {
	type seat struct {
		Node
		tier int // the lower the nearer
	}
	var seats []seat
	known, drained, full := false, false, false
	for _, n := range nodes {
		if n.Name == self {
			known, drained, full = true, n.Drained, n.Load.Full()
		}
		if n.URL != "" && !n.Drained {
			seats = append(seats, seat{n, tier(n, who)})
		}
	}
	slices.SortFunc(seats, func(a, b seat) int {
		return cmp.Or(order(a.Load.Full(), b.Load.Full()), cmp.Compare(a.tier, b.tier),
			cmp.Compare(max(a.Load.CPU, a.Load.Egress), max(b.Load.CPU, b.Load.Egress)), strings.Compare(a.Name, b.Name))
	})
	var g signaling.Guidance
	var free []seat
	for _, s := range seats {
		if s.Name != self && len(g.Others) < mostGo {
			g.Others = append(g.Others, s.URL)
		}
		if !s.Load.Full() {
			free = append(free, s)
		}
	}
	switch {
	case !known: // the registry has not been read yet
	case drained:
		g.Go = g.Others
	case who.Stays, who.Placed, len(free) == 0:
	case free[0].tier < far:
		if !slices.ContainsFunc(free, func(s seat) bool { return s.Name == self && s.tier == free[0].tier }) {
			g.Go = urls(free, func(s seat) (string, bool) { return s.URL, s.Name != self || !full })
		}
	case len(free) == 1 && free[0].Name == self:
	default:
		g.Go, g.Race = urls(free, func(s seat) (string, bool) { return s.URL, true }), len(free) > 1
	}
	return g
}

func urls[T any](list []T, url func(T) (string, bool)) (out []string) {
	for _, x := range list {
		if u, ok := url(x); ok && len(out) < mostGo {
			out = append(out, u)
		}
	}
	return out
}

const (
	inRegion = 1000
	far      = 2000
)

// tier is how near a node is to a client.
func tier(n Node, who signaling.Seeker) int {
	if who.Stays {
		if n.Edge {
			return 1
		}
		return 0
	}
	best := -1
	for _, text := range n.Networks {
		if p, err := netip.ParsePrefix(text); err == nil && p.Contains(who.Addr.Unmap()) {
			best = max(best, p.Bits())
		}
	}
	switch {
	case best >= 0:
		return 128 - best
	case n.Region != "" && n.Region == who.Region:
		return inRegion
	default:
		return far
	}
}

func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

// mayLead tells whether self may become a home: an edge only when there is no other node, and a node that is drained only
// when all are. Pure.
func mayLead(nodes []Node, self string) bool {
	rank := func(n Node) int {
		switch {
		case n.Drained:
			return 2
		case n.Edge:
			return 1
		}
		return 0
	}
	mine, best := -1, 3
	for _, n := range nodes {
		best = min(best, rank(n))
		if n.Name == self {
			mine = rank(n)
		}
	}
	return mine == best
}

// Drain asks a node to send all its clients to others and to be nobody's home (on), or to serve again. It does not wait:
// the registry tells.
func Drain(ctx context.Context, bus Bus, node string, on bool) error {
	nodes, err := bus.Nodes(ctx)
	if err != nil {
		return err
	}
	for _, n := range nodes {
		if n.Name == node {
			kind := kindDrain
			if !on {
				kind = kindServe
			}
			return bus.Say(ctx, nodeTopic(n.Name+"/"+n.Boot), encode(message{Kind: kind}))
		}
	}
	return errors.New("no node has this name")
}

// Drained tells whether this node is.
func (m *Member) Drained() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.self.Drained
}
