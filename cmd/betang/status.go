package main

import (
	"sync/atomic"
	"time"

	"betang/sfu"
	"betang/sfu/relay"
	"betang/signaling"
	"betang/signaling/cluster"
)

const (
	statusEvery = 2 * time.Second
	// rememberNode is how long a server that is not heard any more is missed.
	rememberNode = 30 * time.Minute
)

// status looks at what may hang, the disk and the other servers, on a goroutine of its own, so that the hubs have it from memory.
type status struct {
	data   string // the folder with the journal
	engine *sfu.Engine
	nodes  *cluster.Member // nil: there are no others
	node   *relay.Node     // nil: no media goes to others

	last atomic.Pointer[signaling.Status]
	seen map[string]time.Time // when another server was heard of last; run's
}

func newStatus(data string, engine *sfu.Engine, nodes *cluster.Member, node *relay.Node) *status {
	s := &status{data: data, engine: engine, nodes: nodes, node: node, seen: map[string]time.Time{}}
	s.last.Store(&signaling.Status{DiskFree: -1})
	return s
}

// Now is how the server fares: the load as of now, the rest as of the last look.
func (s *status) Now() signaling.Status {
	now := *s.last.Load()
	now.CPU, now.Egress = s.engine.Load()
	return now
}

// watch looks until the returned function is called, which waits for the last look.
func (s *status) watch() (stop func()) {
	end, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(statusEvery)
		defer tick.Stop()
		for {
			s.look(time.Now())
			select {
			case <-tick.C:
			case <-end:
				return
			}
		}
	}()
	return func() { close(end); <-done }
}

func (s *status) look(now time.Time) {
	st := signaling.Status{DiskFree: diskFree(s.data)}
	if s.nodes != nil {
		var living []string
		for _, n := range s.nodes.Nodes() {
			if n.Drained {
				delete(s.seen, n.Name) // it goes because somebody wants it to
			} else if n.Name != s.nodes.Name() {
				living = append(living, n.Name)
			}
		}
		st.Nodes = s.missed(now, living)
	}
	if s.node != nil {
		for _, l := range s.node.Links() {
			st.Nodes = linked(st.Nodes, l)
		}
	}
	s.last.Store(&st)
}

// missed lists the servers that live, and those that did lately, with how long they have not been heard of.
func (s *status) missed(now time.Time, living []string) (list []signaling.NodeStatus) {
	for _, name := range living {
		s.seen[name] = now
	}
	for name, at := range s.seen {
		if now.Sub(at) > rememberNode {
			delete(s.seen, name)
			continue
		}
		list = append(list, signaling.NodeStatus{Name: name, Away: now.Sub(at)})
	}
	return list
}

// linked adds how the media link to a server stands. One that carries nothing may be down: links are made when they are needed.
func linked(list []signaling.NodeStatus, l relay.LinkStats) []signaling.NodeStatus {
	n := signaling.NodeStatus{Name: l.Node, Linked: l.Sources > 0 || l.Layers > 0 || l.Up, Up: l.Up, RTT: l.RTT}
	for i := range list {
		if list[i].Name == l.Node {
			n.Away = list[i].Away
			list[i] = n
			return list
		}
	}
	return append(list, n)
}
