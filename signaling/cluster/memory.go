package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"time"
)

// A node keeps in its own store what it knew of the others last. When it starts while Redis cannot be reached, as after a
// power cut that took the line too, it goes on from there as if Redis had gone a moment later: it serves what it has, and
// enters the registry when it can.

// Memory keeps values by name over a restart; classroom/store has it.
type Memory interface {
	Remember(ctx context.Context, name string, value []byte) error
	Recall(ctx context.Context, name string) ([]byte, error)
}

const memoryName = "nodes"

// remembered is what is kept.
type remembered struct {
	Nodes []Node   `json:"nodes"` // that lived, without their loads
	Pages []string `json:"pages"`
	// Ahead is by how many ms the nodes' clock was ahead of this machine's, in steps of a second. A machine whose clock nobody
	// sets is as wrong after a restart.
	Ahead int64 `json:"ahead"`
}

// recall takes up what was kept. False: this node has not been among the others yet.
func (m *Member) recall(ctx context.Context) bool {
	if m.cfg.Memory == nil {
		return false
	}
	data, err := m.cfg.Memory.Recall(ctx, memoryName)
	if err != nil {
		return false
	}
	var r remembered
	if err := json.Unmarshal(data, &r); err != nil {
		m.log.Error("what was known of the other nodes cannot be read", "err", err)
		return false
	}
	m.notePages(r.Pages)
	nodes := slices.DeleteFunc(r.Nodes, func(n Node) bool { return n.Name == m.cfg.Self.Name })
	nodes = append(nodes, m.selfNow())
	m.living.Store(&nodes)
	now := time.Now()
	m.clock.Store(&reading{now.Add(time.Duration(r.Ahead) * time.Millisecond), now})
	return true
}

// remember keeps what is known now, if it is not what was kept last. It is called by the goroutine of the beats only, or
// before that runs.
func (m *Member) remember(ctx context.Context) error {
	if m.cfg.Memory == nil {
		return nil
	}
	var r remembered
	for _, n := range m.Nodes() {
		n.Load = Load{}
		r.Nodes = append(r.Nodes, n)
	}
	m.mu.Lock()
	for page := range m.pages {
		r.Pages = append(r.Pages, page)
	}
	m.mu.Unlock()
	slices.Sort(r.Pages)
	if last := m.clock.Load(); last != nil {
		r.Ahead = last.at.Round(0).Sub(last.here.Round(0)).Round(time.Second).Milliseconds() // wall clock against wall clock
	}
	data, err := json.Marshal(r)
	if err != nil || bytes.Equal(data, m.kept) {
		return err
	}
	if err := m.cfg.Memory.Remember(ctx, memoryName, data); err != nil {
		return err
	}
	m.kept = data
	return nil
}
