package sfu

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"betang/sfu/codec"
	"betang/sfu/lite"
	"betang/sfu/loss"

	"github.com/pion/rtp"
)

// RelayByte begins every datagram between nodes.
const RelayByte = lite.RelayByte

// Origin is where a Remote's packets come from: the link to another node. It is called from the engine's goroutines and
// must not block. Layers are named by SourceLayer.ID.
type Origin interface {
	Nack(layer uint32, seqs []uint16)
	Key(layer uint32)
	// Watched is called when the layers that have viewers here may have changed.
	Watched()
}

// SourceLayer is a layer of a source as another node needs to know it before it has a packet of it.
type SourceLayer struct {
	ID      uint32
	SSRC    uint32
	Codec   codec.Kind
	Profile string
	Live    bool // packets came lately
	Held    bool // and do not come here: the path from the other node does not carry it
	Pixels  uint32
	Rate    int64    // bits a second, 0 where not known yet
	TIDs    [4]int64 // likewise, up to each temporal layer
	Timed   bool     // At and Stamp are known
	At      int64    // a time of the engine's, Unix ns
	Stamp   uint32   // and the RTP timestamp of that time
}

// Source is what there is of a publisher, without what is held.
type Source struct {
	Remote *Remote // brought in from another node; nil: connected to this engine
	Loud   uint8   // of its voice, 0 to 127
	Layers []SourceLayer
}

// Source describes a publisher of a router; false: there is none.
func (e *Engine) Source(router RouterID, id PeerID) (Source, bool) {
	p := e.find(router, id)
	if p == nil || p.pub == nil || !p.ready() {
		return Source{}, false
	}
	now := e.now()
	p.router.mu.Lock()
	audio, video := p.pub.forwarded()
	p.router.mu.Unlock()
	s := Source{Remote: p.pub.remote}
	if audio != nil {
		s.Loud = uint8(audio.loudness(now))
	}
	for _, u := range []*Up{audio, video} {
		if u == nil {
			continue
		}
		for _, l := range u.all() {
			s.Layers = append(s.Layers, l.describe(now))
		}
	}
	return s, true
}

func (l *Layer) describe(now int64) SourceLayer {
	d := SourceLayer{
		ID: uint32(l.source), SSRC: l.tag, Codec: l.format.kind, Profile: l.format.profile,
		Live: now-l.arrived.Load() < int64(aliveFor), Held: l.held.Load(), Pixels: l.pixels.Load(), Rate: l.bitrate.Load(),
	}
	for i := range d.TIDs {
		d.TIDs[i] = l.tids[i].Load()
	}
	if l.report.Load() != nil {
		d.At = now
		d.Stamp, d.Timed = l.timestamp(now)
	}
	return d
}

// SceneOf is a router's scene; false: it has none.
func (e *Engine) SceneOf(router RouterID) (Scene, bool) {
	e.mu.Lock()
	r := e.routers[router]
	staged := r != nil && r.staged
	e.mu.Unlock()
	if !staged {
		return Scene{}, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.scene.clone(), true
}

// Watched appends the routers that have viewers.
func (e *Engine) Watched(dst []RouterID) []RouterID {
	for _, r := range e.allRouters() {
		r.mu.Lock()
		if len(r.viewers) > 0 {
			dst = append(dst, r.id)
		}
		r.mu.Unlock()
	}
	return dst
}

// Moves has a token when a scene, a publisher, its layers, or whether a router is watched may have changed.
func (e *Engine) Moves() <-chan struct{} { return e.moves }

func (e *Engine) moved() {
	select {
	case e.moves <- struct{}{}:
	default:
	}
}

// Remote is a publisher that is connected to another node: to the engine's viewers it is like any other.
type Remote struct {
	pub    *publisher
	origin Origin

	mu     sync.Mutex
	ended  bool
	layers map[uint32]*remoteLayer
	done   chan struct{}
}

// remoteLayer joins a layer of another node with its reader.
type remoteLayer struct {
	mu    sync.Mutex // one packet at a time; for the reader
	r     *reader
	ssrc  uint32
	ended bool
}

// remoteType is the payload type under which a Remote's packets are read, by codec.
func remoteType(k codec.Kind) uint8 { return 96 + uint8(k) }

// Bring takes in a publisher of another node. It shows nothing until Describe. The listener hears nothing of it.
func (e *Engine) Bring(router RouterID, id PeerID, from Origin) (*Remote, error) {
	p, err := e.reserve(router, id, true)
	if err != nil {
		return nil, err
	}
	defer e.work.Done()
	r := &Remote{pub: p.pub, origin: from, layers: map[uint32]*remoteLayer{}, done: make(chan struct{})}
	p.pub.remote = r
	p.link = remoteLink{r}
	p.pub.running = true
	for i := range p.pub.ups {
		p.pub.ups[i] = &Up{pub: p.pub, video: i == 1}
	}
	e.work.Go(p.pub.run)
	p.router.add(p)
	p.mu.Lock()
	p.opened = true
	p.timer = time.NewTimer(0)
	doomed := p.doomed
	p.mu.Unlock()
	if doomed {
		p.end("closed while joining")
	}
	return r, nil
}

// watched passes on that a layer's viewers came or went.
func (p *publisher) watched() {
	if p.remote != nil {
		p.remote.origin.Watched()
	}
}

// Describe says what there is of the source now: layers come, change and go.
func (r *Remote) Describe(s Source) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended {
		return
	}
	now := r.pub.e.now()
	for id, l := range r.layers {
		if !slices.ContainsFunc(s.Layers, func(d SourceLayer) bool { return d.ID == id && d.SSRC == l.ssrc }) {
			delete(r.layers, id)
			l.end()
		}
	}
	for _, d := range s.Layers {
		if d.Codec.Clock() == 0 {
			continue // a codec of a newer node's
		}
		l := r.layers[d.ID]
		if l == nil {
			l = r.begin(d)
			r.layers[d.ID] = l
		}
		l.describe(d, now)
	}
	audio := r.pub.audio()
	audio.levelID.Store(255) // its packets carry no level: it comes by Describe
	audio.loud.Store(int32(s.Loud) << 4)
	if s.Loud > 0 || audio.sounded.Load() == 0 {
		audio.sounded.Store(now)
	}
}

// begin makes a layer; r.mu is held.
func (r *Remote) begin(d SourceLayer) *remoteLayer {
	up := r.pub.audio()
	if d.Codec.Video() {
		up = r.pub.video()
	}
	var table [128]format
	if p := up.formats.Load(); p != nil {
		table = *p
	}
	f := format{pt: remoteType(d.Codec), kind: d.Codec, profile: d.Profile}
	table[f.pt] = f
	up.formats.Store(&table)
	l := &remoteLayer{r: newReader(up, d.ID), ssrc: d.SSRC}
	l.r.tag = d.SSRC
	l.r.begin(f)
	return l
}

func (l *remoteLayer) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
	l.r.leave()
}

// describe keeps a layer alive that is not sent here, so that viewers may choose it.
func (l *remoteLayer) describe(d SourceLayer, now int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	layer := l.r.layer
	if d.Pixels > 0 {
		layer.pixels.Store(d.Pixels)
	}
	if layer.held.Store(d.Held); d.Held { // viewers turn to another at once
		layer.arrived.Store(0)
		layer.pulled.Store(0)
	}
	if now-layer.pulled.Load() > int64(aliveFor) {
		layer.bitrate.Store(d.Rate)
		for i := range d.TIDs {
			layer.tids[i].Store(d.TIDs[i])
		}
		if d.Live && !d.Held {
			layer.arrived.Store(now)
		}
	}
	if d.Timed {
		l.r.senderReport(toNTP(d.At), d.Stamp)
	}
}

// RemotePacket is one packet of another node's layer, numbered by its publisher.
type RemotePacket struct {
	Layer   uint32
	Seq     uint64 // extended, the same at all nodes
	Stamp   uint32
	Marker  bool
	Payload []byte
	RTT     time.Duration // of the link, for repairs; 0: not known
}

// Packet takes a packet in. It tells whether its layer is known.
func (r *Remote) Packet(p RemotePacket) bool {
	r.mu.Lock()
	l := r.layers[p.Layer]
	r.mu.Unlock()
	if l == nil {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return false
	}
	if rtt := int64(p.RTT); rtt > 0 {
		l.r.gaps.SetRTT(rtt)
	}
	h := rtp.Header{
		Version: 2, Marker: p.Marker, PayloadType: remoteType(l.r.layer.format.kind), SequenceNumber: uint16(p.Seq), Timestamp: p.Stamp,
	}
	now := r.pub.e.now()
	if now-l.r.layer.pulled.Swap(now) > int64(aliveFor) {
		l.r.resume()
	}
	l.r.given = p.Seq
	l.r.packet(&h, p.Payload)
	return true
}

// resume begins to count anew after a time in which nobody here wanted the layer: what went by is no loss.
func (r *reader) resume() {
	r.gaps, r.lost = loss.NewDetector(loss.Config{}), 0
	r.bytes, r.measured, r.tids = 0, 0, [4]int64{}
}

// Follows appends the layers that have viewers here, or are sent on to further nodes.
func (r *Remote) Follows(dst []uint32) []uint32 {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, l := range r.layers {
		if layer := l.r.layer; layer.followed() || layer.slow != nil && layer.slow.followed() {
			dst = append(dst, id)
		}
	}
	return dst
}

// Close takes the source out and waits until it is gone: its id is free then.
func (r *Remote) Close() {
	r.pub.end("not relayed any more")
	<-r.done
}

// remoteLink is a Remote's place where other peers have a transport.
type remoteLink struct{ r *Remote }

func (remoteLink) answer(context.Context, *offer) (string, error) {
	return "", invalid("a source of another node", errors.ErrUnsupported)
}

func (remoteLink) restart(context.Context, fragment) (string, error) {
	return "", invalid("a source of another node", errors.ErrUnsupported)
}

func (remoteLink) state() linkState { return linkUp }
func (remoteLink) watch(func())     {}

func (l remoteLink) close() error {
	r := l.r
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
	for id, l := range r.layers {
		delete(r.layers, id)
		l.end()
	}
	return nil
}
