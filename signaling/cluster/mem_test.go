package cluster

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Mem is a Bus within one process.
type Mem struct {
	mu     sync.Mutex    // guards all below; never held while anything is waited for
	news   chan struct{} // closed and replaced when facts or batches come
	nodes  map[string]memNode
	events map[string]*memEvent
	ears   map[string]map[chan []byte]struct{} // by topic
	agreed map[string][]byte
	shared map[string]map[string]bool
}

type memNode struct {
	node  Node
	until time.Time
}

type memEvent struct {
	holder  string
	token   int64
	until   time.Time
	facts   []Entry
	batches []*memBatch
	batchID int64
	marks   map[string]int64
}

type memBatch struct {
	Batch
	taken time.Time // zero: nobody took it yet
}

var _ Bus = (*Mem)(nil)

// NewMem makes an empty one.
func NewMem() *Mem {
	return &Mem{news: make(chan struct{}), nodes: map[string]memNode{}, events: map[string]*memEvent{}, ears: map[string]map[chan []byte]struct{}{}, agreed: map[string][]byte{}, shared: map[string]map[string]bool{}}
}

// Close does nothing.
func (m *Mem) Close() error { return nil }

// Announce is Registry's.
func (m *Mem) Announce(_ context.Context, n Node, ttl time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := time.Now()
	if old, ok := m.nodes[n.Name]; ok && old.node.Boot != n.Boot && old.until.After(at) {
		return ErrTaken
	}
	m.nodes[n.Name] = memNode{n, at.Add(ttl)}
	return nil
}

// Withdraw is Registry's.
func (m *Mem) Withdraw(_ context.Context, name, boot string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.nodes[name].node.Boot == boot {
		delete(m.nodes, name)
	}
	return nil
}

// Nodes is Registry's.
func (m *Mem) Nodes(context.Context) ([]Node, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := time.Now()
	maps.DeleteFunc(m.nodes, func(_ string, n memNode) bool { return !n.until.After(at) })
	var out []Node
	for _, n := range m.nodes {
		out = append(out, n.node)
	}
	slices.SortFunc(out, func(a, b Node) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

func (m *Mem) eventLocked(id string) *memEvent {
	e := m.events[id]
	if e == nil {
		e = &memEvent{marks: map[string]int64{}}
		m.events[id] = e
	}
	return e
}

// Claim is Leases'.
func (m *Mem) Claim(_ context.Context, event, holder string, floor int64, ttl time.Duration) (Grant, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, at := m.eventLocked(event), time.Now()
	held := e.holder != "" && e.until.After(at)
	if held && e.holder != holder {
		return Grant{e.holder, e.token, e.until.Sub(at)}, nil
	}
	if !held || e.token < floor {
		e.token = max(e.token+1, floor+1, at.UnixMilli())
	}
	e.holder, e.until = holder, at.Add(ttl)
	return Grant{holder, e.token, ttl}, nil
}

// Release is Leases'.
func (m *Mem) Release(_ context.Context, event, holder string, token int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e := m.eventLocked(event); e.holder == holder && e.token == token {
		e.holder = ""
	}
	return nil
}

// fence refuses an older token than was seen, and remembers a newer one.
func (e *memEvent) fence(token int64) error {
	if token < e.token {
		return ErrFenced
	}
	e.token = token
	return nil
}

// Publish is Facts'.
func (m *Mem) Publish(_ context.Context, event string, token, first int64, bodies [][]byte) (int64, error) {
	return m.publish(event, token, first, bodies, first == 1)
}

// Refill is Facts'.
func (m *Mem) Refill(_ context.Context, event string, token, first int64, bodies [][]byte) (int64, error) {
	return m.publish(event, token, first, bodies, true)
}

func (m *Mem) publish(event string, token, first int64, bodies [][]byte, begin bool) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.eventLocked(event)
	if err := e.fence(token); err != nil {
		return 0, err
	}
	var top int64
	if n := len(e.facts); n > 0 {
		top = e.facts[n-1].Seq
	}
	if top > 0 && first > top+1 || top == 0 && !begin {
		return top, ErrGap
	}
	for i, b := range bodies {
		seq := first + int64(i)
		if at := seq - (top + 1 - int64(len(e.facts))); seq <= top && at >= 0 && !bytes.Equal(e.facts[at].Body, b) {
			return 0, ErrFork
		}
	}
	for i, b := range bodies {
		if seq := first + int64(i); seq > top {
			e.facts = append(e.facts, Entry{seq, token, bytes.Clone(b)})
			top = seq
		}
	}
	e.facts = e.facts[max(0, len(e.facts)-FactsKept):]
	m.wakeLocked()
	return top, nil
}

func (m *Mem) wakeLocked() {
	close(m.news)
	m.news = make(chan struct{})
}

// until calls look, which holds the lock, until it says that it has something or time is up.
func (m *Mem) until(ctx context.Context, wait time.Duration, look func() bool) error {
	timer := time.NewTimer(min(wait, MaxWait))
	defer timer.Stop()
	for {
		m.mu.Lock()
		found, news := look(), m.news
		m.mu.Unlock()
		if found {
			return nil
		}
		select {
		case <-news:
		case <-timer.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Follow is Facts'.
func (m *Mem) Follow(ctx context.Context, event string, after int64, most int, wait time.Duration) (out []Entry, err error) {
	gap := false
	err = m.until(ctx, wait, func() bool {
		for _, f := range m.eventLocked(event).facts {
			if f.Seq <= after || len(out) == most {
				continue
			}
			gap = gap || f.Seq != after+1+int64(len(out))
			out = append(out, f)
		}
		return len(out) > 0
	})
	if gap {
		return nil, ErrGap
	}
	return out, err
}

// Ship is Batches'.
func (m *Mem) Ship(_ context.Context, event string, b Batch) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.eventLocked(event)
	if len(e.batches) >= maxBatches {
		return ErrFull
	}
	e.batchID++
	b.ID, b.Body = strconv.FormatInt(e.batchID, 10), bytes.Clone(b.Body)
	e.batches = append(e.batches, &memBatch{Batch: b})
	m.wakeLocked()
	return nil
}

// Take is Batches'.
func (m *Mem) Take(ctx context.Context, event, _ string, again time.Duration, most int, wait time.Duration) (out []Batch, err error) {
	err = m.until(ctx, wait, func() bool {
		at := time.Now()
		for _, b := range m.eventLocked(event).batches {
			if len(out) < most && (b.taken.IsZero() || at.Sub(b.taken) >= again) {
				b.taken = at
				out = append(out, b.Batch)
			}
		}
		return len(out) > 0
	})
	return out, err
}

// Done is Batches'.
func (m *Mem) Done(_ context.Context, event string, token int64, ids []string, marks map[string]int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.eventLocked(event)
	if err := e.fence(token); err != nil {
		return err
	}
	e.batches = slices.DeleteFunc(e.batches, func(b *memBatch) bool { return slices.Contains(ids, b.ID) })
	maps.Copy(e.marks, marks)
	return nil
}

// Remark is Batches'.
func (m *Mem) Remark(_ context.Context, event string, token int64, marks map[string]int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.eventLocked(event)
	if err := e.fence(token); err != nil {
		return err
	}
	e.marks = maps.Clone(marks)
	if e.marks == nil {
		e.marks = map[string]int64{}
	}
	return nil
}

// Mark is Batches'.
func (m *Mem) Mark(_ context.Context, event, node string) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.eventLocked(event).marks[node], nil
}

// Say is Talk's.
func (m *Mem) Say(_ context.Context, topic string, body []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for ear := range m.ears[topic] {
		select {
		case ear <- bytes.Clone(body):
		default:
		}
	}
	return nil
}

// Hear is Talk's.
func (m *Mem) Hear(ctx context.Context, topic string) (<-chan []byte, error) {
	ear := make(chan []byte, maxTalk)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ears[topic] == nil {
		m.ears[topic] = map[chan []byte]struct{}{}
	}
	m.ears[topic][ear] = struct{}{}
	context.AfterFunc(ctx, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.ears[topic], ear)
		close(ear)
	})
	return ear, nil
}

// Agree is Board's.
func (m *Mem) Agree(_ context.Context, name string, mine []byte) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.agreed[name] == nil {
		m.agreed[name] = bytes.Clone(mine)
	}
	return bytes.Clone(m.agreed[name]), nil
}

// Share is Board's.
func (m *Mem) Share(_ context.Context, name string, mine []string) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.shared[name] == nil {
		m.shared[name] = map[string]bool{}
	}
	for _, s := range mine {
		m.shared[name][s] = true
	}
	return slices.Collect(maps.Keys(m.shared[name])), nil
}

// Now is Bus's.
func (m *Mem) Now(context.Context) (time.Time, error) { return time.Now(), nil }
