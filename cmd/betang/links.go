package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"reflect"
	"slices"
	"strings"
	"time"

	"betang/sfu"
	"betang/sfu/relay"
	"betang/signaling"
	"betang/signaling/cluster"
)

// lingers is how long a neighbour that the registry no longer names is kept: a Redis that begins anew knows nobody for a
// moment, and media need no Redis.
const lingers = time.Minute

// links keeps the relay's neighbours those of the registry. Its methods are called from the goroutine of the beats.
type links struct {
	self cluster.Node
	node *relay.Node
	log  *slog.Logger
	seen map[string]sighting
	told []relay.Peer
}

type sighting struct {
	cluster.Node
	at time.Time
}

// startLinks makes the relay of a node of a cluster, and announces where it is reached.
func (c *Serve) startLinks(m *cluster.Member, engine *sfu.Engine, log *slog.Logger) (*relay.Node, error) {
	if c.on() {
		return nil, errors.New("--relay-from and --relay-to are for servers without --redis: with it they find each other")
	}
	key, err := relay.LoadKey(keyFile(c.RelayKey, c.Data.Data))
	if err != nil {
		return nil, errors.Join(errors.New("--relay-key"), err)
	}
	at, err := c.reachedAt(engine)
	if err != nil {
		return nil, err
	}
	n, err := relay.New(relay.Config{Engine: engine, Key: key, Addrs: at, Log: log, Stranger: m.Look})
	if err != nil {
		return nil, err
	}
	link := cluster.Link{Addrs: at, Key: n.Public(), Via: c.RelayVia}
	l := &links{self: cluster.Node{Name: c.Node, Edge: c.Edge, Link: link}, node: n, log: log, seen: map[string]sighting{}}
	m.Heed(func(nodes []cluster.Node) { l.heed(time.Now(), nodes) })
	m.Amend(func(n *cluster.Node) { n.Link = link })
	return n, nil
}

// reachedAt is where other nodes dial this one: nowhere at an edge, which dials out and may stand behind a NAT, unless
// --relay-at says where.
func (c *Serve) reachedAt(engine *sfu.Engine) ([]string, error) {
	for _, at := range c.RelayAt {
		if _, _, err := net.SplitHostPort(at); err != nil {
			return nil, fmt.Errorf("--relay-at %q is not like host:port", at)
		}
	}
	if len(c.RelayAt) > 0 || c.Edge {
		return c.RelayAt, nil
	}
	var at []string
	for _, a := range engine.Candidates() {
		at = append(at, a.String())
	}
	return at, nil
}

// heed takes the nodes that live.
func (l *links) heed(now time.Time, nodes []cluster.Node) {
	for _, n := range nodes {
		l.seen[n.Name] = sighting{n, now}
	}
	all := make([]cluster.Node, 0, len(l.seen))
	for name, s := range l.seen {
		if now.Sub(s.at) > lingers {
			delete(l.seen, name)
			continue
		}
		all = append(all, s.Node)
	}
	peers := neighbours(l.self, all)
	if reflect.DeepEqual(peers, l.told) {
		return
	}
	l.told = peers
	l.node.SetPeers(peers)
	names := make([]string, len(peers))
	for i, p := range peers {
		names[i] = p.Name
	}
	l.log.Info("neighbours", "nodes", strings.Join(names, " "))
}

// neighbours are the nodes that self has links with, by name, and by which of them it takes what is at which. Who has
// Link.Via reaches all others by that node, and is reached by it; two that nobody can dial meet at an origin. Pure.
func neighbours(self cluster.Node, nodes []cluster.Node) []relay.Peer {
	slices.SortFunc(nodes, func(a, b cluster.Node) int { return strings.Compare(a.Name, b.Name) })
	by := map[string]cluster.Node{}
	origin := ""
	for _, n := range nodes {
		if n.Name == self.Name || n.Link.Key == "" {
			continue
		}
		by[n.Name] = n
		if origin == "" && !n.Edge && len(n.Link.Addrs) > 0 {
			origin = n.Name
		}
	}
	var peers []relay.Peer
	for _, n := range nodes {
		if _, is := by[n.Name]; !is {
			continue
		}
		key, err := relay.ParsePublic(n.Link.Key)
		if err != nil {
			continue // of a version to come
		}
		p := relay.Peer{Name: n.Name, Key: key, Addrs: n.Link.Addrs, Via: front(self, n, by)}
		if p.Via == "" && len(p.Addrs) == 0 && len(self.Link.Addrs) == 0 && origin != "" {
			p.Via = origin
		}
		if p.Via != "" {
			p.Addrs = nil
		}
		peers = append(peers, p)
	}
	return peers
}

// front is the node before n on the way from self, "" if there is none: then they have a link of their own.
func front(self, n cluster.Node, by map[string]cluster.Node) string {
	if via := self.Link.Via; by[via].Name != "" && !behind(n, self.Name, by) {
		if n.Name == via {
			return ""
		}
		return via
	}
	at := n
	for range by { // no longer way, so a ring ends too
		via := at.Link.Via
		if via == self.Name || by[via].Name == "" {
			break
		}
		at = by[via]
	}
	if at.Name == n.Name {
		return ""
	}
	return at.Name
}

// behind tells whether n reaches all others by a node, or by one that does.
func behind(n cluster.Node, name string, by map[string]cluster.Node) bool {
	for range by {
		if n.Link.Via == name {
			return true
		}
		if n = by[n.Link.Via]; n.Name == "" {
			return false
		}
	}
	return false
}

// stageRelay brings the stage's sources of other nodes.
type stageRelay struct{ node *relay.Node }

var _ signaling.Relay = stageRelay{}

// Want is signaling.Relay's.
func (r stageRelay) Want(router sfu.RouterID, sources []signaling.RemoteSource) {
	list := make([]relay.Source, len(sources))
	for i, s := range sources {
		list[i] = relay.Source{ID: s.ID, Node: s.Node}
	}
	r.node.Want(router, list)
}

// Comes is signaling.Relay's.
func (r stageRelay) Comes(router sfu.RouterID, id sfu.PeerID) bool { return r.node.Comes(router, id) }
