package sfu

import (
	"sync"
	"sync/atomic"
	"time"

	"betang/sfu/layer"
	"betang/sfu/loss"
	"betang/sfu/rewrite"
	"betang/sfu/ring"
)

// How much of a layer is kept: at 1.5 Mbit/s six seconds of video; of Opus in 20 ms packets five.
const (
	videoRing = 1024
	audioRing = 256
)

// A layer counts as alive while its last packet is this young; a still screen sends a frame a second.
const aliveFor = 2 * time.Second

// aloneFor is the same for a layer of aloneRate frames a second and more while another such of its track has come within aloneBeside: the
// speaker's page has taken it away, as its uplink carries less. (Of a shared screen the smallest has fewer frames, and a page that stands
// still has none in the others.)
const (
	aloneFor    = 700 * time.Millisecond
	aloneBeside = 150 * time.Millisecond
	aloneRate   = 10
)

// pageFor is the same for a layer of a shared screen: two frames a second, and none for seconds after a keyframe that was dear.
const pageFor = 8 * time.Second

// Up is one published track: its simulcast layers, or the one it has.
type Up struct {
	pub   *publisher
	mid   string
	video bool

	levelID atomic.Uint32 // of the header extension that tells how loud; 0: none
	loud    atomic.Int32  // see loudness
	sounded atomic.Int64  // when the voice was last more than digital silence, ns

	formats atomic.Pointer[[128]format] // by payload type; kind 0: not negotiated
	layers  atomic.Pointer[[]*Layer]    // replaced whole, under mu
	mu      sync.Mutex
}

func (u *Up) setFormats(list []format) {
	var table [128]format
	for _, f := range list {
		table[f.pt] = f
		if f.red != 0 {
			table[f.red] = format{pt: f.red, kind: f.kind, wraps: f.pt}
		}
	}
	u.formats.Store(&table)
}

// all are the layers now; the slice is not to be changed.
func (u *Up) all() []*Layer {
	if p := u.layers.Load(); p != nil {
		return *p
	}
	return nil
}

// replace puts a layer in (was nil), exchanges it, or takes it out (by nil), and has the shards look again.
func (u *Up) replace(was, by *Layer) {
	u.mu.Lock()
	var list []*Layer
	for _, l := range u.all() {
		if l != was {
			list = append(list, l)
		}
	}
	if by != nil {
		list = append(list, by)
	}
	u.layers.Store(&list)
	u.mu.Unlock()
	u.pub.e.moved()
	for _, s := range u.pub.e.shards {
		s.post(func() { s.look(u) })
	}
}

// living tells which of the track's layers are alive, in the order of list, when patience is how young the last packet must be. Of a layer
// that another node sends on demand, silence tells less.
func (u *Up) living(dst []bool, list []*Layer, now int64, patience time.Duration) []bool {
	flows := false
	for _, l := range list {
		flows = flows || u.pub.remote == nil && l.fps.Load() >= aloneRate && now-l.arrived.Load() < int64(aloneBeside)
	}
	for _, l := range list {
		still := now - l.arrived.Load()
		gone := flows && l.fps.Load() >= aloneRate && still >= int64(aloneFor)
		dst = append(dst, still < int64(patience) && !gone)
	}
	return dst
}

// best is the layer a viewer should get who now has current (or none).
func (u *Up) best(now int64, current *Layer) *Layer {
	list := u.all()
	if len(list) <= 1 {
		if len(list) == 0 {
			return nil
		}
		return list[0]
	}
	var room [8]layer.State
	var alive [8]bool
	states, at := room[:0], -1
	live := u.living(alive[:0], list, now, aliveFor)
	for i, l := range list {
		if l == current {
			at = i
		}
		states = append(states, layer.State{
			Live:   live[i],
			Pixels: int(l.pixels.Load()), Bitrate: l.bitrate.Load(),
		})
	}
	if i := layer.Best(states, at); i >= 0 {
		return list[i]
	}
	return nil
}

// Layer is one incoming RTP stream: its packets are stored once, in the ring, and every viewer reads them there.
type Layer struct {
	up      *Up
	source  rewrite.Source
	format  format
	ssrc    uint32 // under which we ask for packets and keyframes
	tag     uint32 // the publisher's own, through all nodes
	ring    *ring.Ring
	arrival []atomic.Uint64 // extended sequence numbers in the order of arrival, as long as the ring
	logged  atomic.Uint64   // how many of them the shards may read

	feeds   atomic.Pointer[[]*feed] // one for each shard with viewers of this layer; replaced whole
	feedsMu sync.Mutex

	slow   *Layer // the same voice in longer packets, for busy shards; nil for video. Immutable
	merged bool   // this is such a one. Immutable

	arrived  atomic.Int64 // of the last packet, ns
	stamp    atomic.Uint32
	pixels   atomic.Uint32
	size     atomic.Uint32 // width and height, 16 bits each
	arrivals arrivals
	bitrate  atomic.Int64
	fps      atomic.Int32                  // frames a second, as last measured
	tids     [4]atomic.Int64               // bits a second up to each temporal layer, smoothed; the last is all
	report   *atomic.Pointer[senderReport] // the reader's

	keyWanted atomic.Bool  // by a viewer
	pulled    atomic.Int64 // packets of another node's layer came last, ns
	held      atomic.Bool  // another node does not send it here: the path does not carry it
	keyCame   atomic.Bool
	gate      loss.Gate // publisher.run's
}

// senderReport says which RTP timestamp belongs to which time of the publisher (ns).
type senderReport struct {
	at    int64
	stamp uint32
}

func newLayer(u *Up, f format, ssrc uint32, report *atomic.Pointer[senderReport]) *Layer {
	n := audioRing
	if f.kind.Video() {
		n = videoRing
	}
	l := &Layer{
		up: u, source: rewrite.Source(u.pub.e.source.Add(1)), format: f, ssrc: ssrc, ring: ring.New(n), report: report,
	}
	l.arrival = make([]atomic.Uint64, l.ring.Len())
	return l
}

// wantKey asks for a keyframe; the publisher's gate lets one request a second through.
func (l *Layer) wantKey() {
	if l.format.kind.Video() && !l.keyWanted.Swap(true) {
		l.up.pub.poke()
	}
}

// timestamp is the layer's RTP timestamp of the moment now (Unix ns of ours).
func (l *Layer) timestamp(now int64) (uint32, bool) {
	at, stamp := l.arrived.Load(), l.stamp.Load()
	if at == 0 {
		return 0, false
	}
	if r := l.report.Load(); r != nil {
		at, stamp = l.up.pub.clock.ours(r.at), r.stamp
	}
	ticks := (now - at) / 1000 * int64(l.format.kind.Clock()) / 1_000_000
	return stamp + uint32(ticks), true
}

// publish shows the shards everything that arrived up to count, and wakes those that have viewers here.
func (l *Layer) publish(count uint64) {
	l.logged.Store(count)
	if p := l.feeds.Load(); p != nil {
		for _, f := range *p {
			f.signal()
		}
	}
}

// followed tells whether any shard has viewers here.
func (l *Layer) followed() bool {
	p := l.feeds.Load()
	return p != nil && len(*p) > 0
}

// addFeed and dropFeed keep the list of shards.
func (l *Layer) addFeed(f *feed) {
	l.feedsMu.Lock()
	defer l.feedsMu.Unlock()
	var list []*feed
	if p := l.feeds.Load(); p != nil {
		list = append(list, *p...)
	}
	list = append(list, f)
	l.feeds.Store(&list)
	l.up.pub.watched()
}

func (l *Layer) dropFeed(f *feed) {
	l.feedsMu.Lock()
	defer l.feedsMu.Unlock()
	var list []*feed
	if p := l.feeds.Load(); p != nil {
		for _, x := range *p {
			if x != f {
				list = append(list, x)
			}
		}
	}
	l.feeds.Store(&list)
	l.up.pub.watched()
}

// decodable tells under which payload type a viewer with these formats understands the layer.
func (l *Layer) decodable(formats []format) (format, bool) {
	return pick(formats, l.format.kind, l.format.profile)
}
