package sfu

import (
	"sync"
	"time"

	"betang/sfu/codec"
	"betang/sfu/ring"
)

const (
	mergeCount = 3                     // Opus packets of 20 ms in one of 60 ms
	mergeMost  = 45 * time.Millisecond // the first of them waits no longer for the others
)

// merger makes a second layer of a voice: the same Opus frames, three to a packet. To a viewer a packet of voice costs
// almost as much as a frame of video, and there are more of them; a busy shard gives its viewers this layer. It has its own
// ring and numbers, so switching and NACKs need nothing of their own.
//
// It works only while a viewer follows it.
type merger struct {
	layer *Layer

	mu     sync.Mutex
	timer  *time.Timer
	frames [mergeCount][ring.MaxPacket]byte
	sizes  [mergeCount]int
	n      int
	first  ring.Meta // of the first waiting
	end    uint32    // timestamp after the last waiting
	next   uint64    // extended number of the next packet
	logged uint64
	out    []byte
	closed bool
}

// newMerger makes the layer beside a voice's.
func newMerger(base *Layer) *merger {
	l := newLayer(base.up, base.format, base.ssrc, base.report)
	l.merged = true
	m := &merger{layer: l, next: firstExt, out: make([]byte, 0, ring.MaxPacket)}
	m.timer = time.AfterFunc(time.Hour, m.late)
	m.timer.Stop()
	return m
}

// add takes a packet in, in order; music goes on as it came: a lost packet of it should cost as little as it can; one that comes late is the 20 ms layer's alone.
func (m *merger) add(payload []byte, meta ring.Meta, now int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.layer.followed() {
		m.n = 0
		return
	}
	if m.n > 0 && (meta.Timestamp != m.end || payload[0] != m.frames[0][0] || meta.Marker) {
		m.flush(now)
	}
	if !codec.Mergeable(payload) || codec.Music(payload) || len(payload) > ring.MaxPacket/mergeCount-8 {
		m.publish(payload, meta)
		return
	}
	if m.n == 0 {
		m.first = meta
		m.timer.Reset(mergeMost)
	}
	m.sizes[m.n] = copy(m.frames[m.n][:], payload)
	m.n++
	m.end = meta.Timestamp + uint32(meta.Info.Samples)
	if m.n == mergeCount || int(meta.Info.Samples)*(m.n+1) > 2880 {
		m.flush(now)
	}
}

// late flushes what has waited long enough.
func (m *merger) late() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.closed {
		m.flush(m.layer.up.pub.e.now())
	}
}

// flush publishes what waits; m.mu is held.
func (m *merger) flush(now int64) {
	if m.n == 0 {
		return
	}
	m.timer.Stop()
	list := [mergeCount][]byte{}
	for i := range m.n {
		list[i] = m.frames[i][:m.sizes[i]]
	}
	meta := m.first
	meta.Arrived = now
	out, payload := m.out[:0], list[0]
	if m.n > 1 {
		out, _ = codec.MergeOpus(out, list[:m.n]...) // add has made sure that it can be done
		payload = out
	}
	if info, err := codec.Inspect(codec.Opus, payload, meta.Marker); err == nil {
		meta.Info = info
		m.publish(payload, meta)
	}
	m.n = 0
}

// publish puts a packet into the layer; m.mu is held.
func (m *merger) publish(payload []byte, meta ring.Meta) {
	l := m.layer
	if l.ring.Put(m.next, payload, meta) != ring.OK {
		return
	}
	l.stamp.Store(meta.Timestamp)
	l.arrived.Store(meta.Arrived)
	l.arrival[m.logged%uint64(len(l.arrival))].Store(m.next)
	m.next++
	m.logged++
	l.publish(m.logged)
}

func (m *merger) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	m.timer.Stop()
}
