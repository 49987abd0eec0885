package sfu

import (
	"errors"
	"time"

	"betang/sfu/ring"
)

// Taps read layers as they came, for another node. All methods but NewTaps and Ready belong to one goroutine.
type Taps struct {
	e     *Engine
	ready chan *feed
	feeds map[uint32]*feed
	room  packet
}

// Feed is an open layer as Ready gives it.
type Feed = feed

// RawPacket is a packet as its publisher numbered it. The payload is good until the call that gave it returns.
type RawPacket struct {
	Layer   uint32
	Seq     uint64 // extended
	Stamp   uint32
	Marker  bool
	Payload []byte
}

// tapsDepth bounds the layers with news that wait; when full, the next packet signals again.
const tapsDepth = 256

// tapBurst is how old a cached keyframe may be that a layer begins from.
const tapBurst = 1500 * time.Millisecond

// ErrNoLayer tells that a layer to be tapped is not there.
var ErrNoLayer = errors.New("sfu: no such layer")

// NewTaps makes one for a link.
func (e *Engine) NewTaps() *Taps {
	return &Taps{e: e, ready: make(chan *feed, tapsDepth), feeds: map[uint32]*feed{}}
}

// Ready gives what has news; it is for Read.
func (t *Taps) Ready() <-chan *feed { return t.ready }

// Open begins a layer of a publisher: from its cached keyframe, if that is fresh, else it asks for one.
func (t *Taps) Open(router RouterID, id PeerID, layer uint32, send func(RawPacket)) error {
	if t.feeds[layer] != nil {
		return nil
	}
	l := t.e.layer(router, id, layer)
	if l == nil {
		return ErrNoLayer
	}
	f := &feed{ready: t.ready, layer: l, cursor: l.logged.Load()}
	t.feeds[layer] = f
	l.addFeed(f)
	f.signal() // for what was published between the two lines above
	if !l.format.kind.Video() {
		return nil
	}
	from, ok := l.ring.Keyframe()
	head, any := l.ring.Head()
	if !ok || !any || head-from >= burstMost || !t.room.load(l, from) || t.e.now()-t.room.meta.Arrived > int64(tapBurst) {
		l.wantKey()
		return nil
	}
	for ext := from; ext <= head; ext++ {
		if t.room.load(l, ext) {
			send(t.raw(layer))
		}
	}
	return nil
}

// layer finds a layer that may go out.
func (e *Engine) layer(router RouterID, id PeerID, layer uint32) *Layer {
	p := e.find(router, id)
	if p == nil || p.pub == nil {
		return nil
	}
	p.router.mu.Lock()
	audio, video := p.pub.forwarded()
	p.router.mu.Unlock()
	for _, u := range []*Up{audio, video} {
		if u == nil {
			continue
		}
		for _, l := range u.all() {
			if uint32(l.source) == layer {
				return l
			}
		}
	}
	return nil
}

// Has tells whether a layer is open.
func (t *Taps) Has(layer uint32) bool { return t.feeds[layer] != nil }

// Video tells whether a layer with news is a picture's.
func (t *Taps) Video(f *feed) bool { return f.layer.format.kind.Video() }

// Read sends what arrived on a layer since last time.
func (t *Taps) Read(f *feed, send func(RawPacket)) {
	f.queued.Store(false)
	l := f.layer
	id := uint32(l.source)
	if t.feeds[id] != f {
		return // closed meanwhile
	}
	size := uint64(len(l.arrival))
	shown := l.logged.Load()
	if shown-f.cursor > size-2*gatherMost {
		t.e.count.drop(DropRelayOverrun, shown-f.cursor)
		f.cursor = shown // the other node asks for what it misses, or for a keyframe
	}
	for ; f.cursor < shown; f.cursor++ {
		if t.room.load(l, l.arrival[f.cursor%size].Load()) {
			send(t.raw(id))
		} else {
			t.e.count.drop(DropRelayOverrun, 1)
		}
	}
}

func (t *Taps) raw(layer uint32) RawPacket {
	p := &t.room
	return RawPacket{Layer: layer, Seq: p.ext, Stamp: p.meta.Timestamp, Marker: p.meta.Marker, Payload: p.payload}
}

// Again sends packets again, those that are still there; it says how many.
func (t *Taps) Again(layer uint32, seqs []uint16, send func(RawPacket)) (sent int) {
	f := t.feeds[layer]
	if f == nil {
		return 0
	}
	head, ok := f.layer.ring.Head()
	if !ok {
		return 0
	}
	for _, seq := range seqs {
		ext := head - uint64(uint16(head)-seq) // not newer than the head
		if ext > head {
			continue
		}
		if n, meta, state := f.layer.ring.Get(ext, t.room.room[:]); state == ring.OK {
			t.room.ext, t.room.meta, t.room.payload = ext, meta, t.room.room[:n]
			send(t.raw(layer))
			sent++
		}
	}
	return sent
}

// Key asks the publisher for a keyframe of an open layer, through its gate.
func (t *Taps) Key(layer uint32) {
	if f := t.feeds[layer]; f != nil {
		t.e.count.pliIn.Add(1)
		f.layer.wantKey()
	}
}

// End ends a layer.
func (t *Taps) End(layer uint32) {
	if f := t.feeds[layer]; f != nil {
		delete(t.feeds, layer)
		f.layer.dropFeed(f)
	}
}

// Close ends all.
func (t *Taps) Close() {
	for id := range t.feeds {
		t.End(id)
	}
}
