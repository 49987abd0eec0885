package sfu

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"betang/sfu/codec"
	"betang/sfu/rewrite"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

const (
	videoMemory = 512 // packets remembered for NACK: three seconds at 1.5 Mbit/s
	audioMemory = 128

	burstMost  = 512                     // packets sent at once to a viewer who starts from a cached keyframe
	burstAge   = 1500 * time.Millisecond // and how old that may be; a fresh one comes within a second of asking
	burstTime  = 250 * time.Millisecond  // of a viewer's path, which it may fill at most: all of it is late, and a player holds the voice with it for long after
	burstFirst = time.Second             // the same for who has just come: a hall full of viewers comes at once, and each would have a keyframe made for it
	switchFor  = 2 * time.Second         // the old picture goes on no longer than this when the new one does not come
)

// Down is one slot of one viewer: an outgoing RTP stream that goes on unbroken whatever the server puts into it.
type Down struct {
	v *viewer

	// Owned by the shard. First what each packet needs, close together: by the next frame it has left the processor's cache.
	mapper        *rewrite.Mapper
	cur, want     *Layer // what is sent; what it is to become, at its next keyframe
	steered, mute bool   // by the ladder, see steer.go; cur is not sent any more, though its successor's keyframe is not here
	tid, tidMost  uint8  // temporal layers sent, and to be sent
	packets       uint32 // for sender reports
	octets        uint32
	stamp         uint32 // last RTP timestamp
	round         uint64 // of the shard, when it last rode on a frame
	format        format // of cur

	// Set by Bind, before the viewer is live.
	ssrc, rtxSSRC uint32
	repairs       bool // every format has a retransmission stream: nothing goes out twice under one number
	kind          webrtc.RTPCodecType
	flow          evidence // shared with feedback, see there

	writer  webrtc.TrackLocalWriter
	slot    int    // among the viewer's slots of its kind
	mid     string // its m-line
	id      string // of the track and of its stream in the answer
	stream  string
	formats []format // what the answer agreed on; written before the viewer is live, then immutable

	nackMu sync.Mutex
	nacks  []uint16 // asked for, not answered yet; at most nackMost

	keyAsked atomic.Bool  // a PLI is on its way to the shard
	rtt      atomic.Int64 // ns, from receiver reports; 0: not known yet

	// Owned by the shard too.
	up      *Up
	past    [8]*Layer
	pastN   int
	since   int64  // when want was set
	rtxNext uint64 // like rewrite.Out.Ext
	rtx     []byte
	red     redundancy
	numbers []numbered

	// What the ladder decided; see steer.go.
	off    bool   // nothing
	screen bool   // it shows a shared screen
	goal   *Layer // else this
	spill  bool   // the pacer had no room: to be begun anew
	turn   uint64 // counts what the slot showed
}

var _ webrtc.TrackLocal = (*Down)(nil)

// ID implements webrtc.TrackLocal.
func (d *Down) ID() string { return d.id }

// RID implements webrtc.TrackLocal: a slot has no simulcast.
func (d *Down) RID() string { return "" }

// StreamID implements webrtc.TrackLocal.
func (d *Down) StreamID() string { return d.stream }

// Kind implements webrtc.TrackLocal.
func (d *Down) Kind() webrtc.RTPCodecType { return d.kind }

// Bind implements webrtc.TrackLocal. The codec it returns means nothing to us: the payload type follows the source.
func (d *Down) Bind(c webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	codecs := c.CodecParameters()
	if len(codecs) == 0 {
		return webrtc.RTPCodecParameters{}, webrtc.ErrUnsupportedCodec
	}
	d.ssrc, d.rtxSSRC, d.writer = uint32(c.SSRC()), uint32(c.SSRCRetransmission()), c.WriteStream()
	d.v.known(d)
	return codecs[0], nil
}

// Unbind implements webrtc.TrackLocal. What the shard still writes after it fails at the transport.
func (d *Down) Unbind(webrtc.TrackLocalContext) error { return nil }

// follow fills the slot from a track, or empties it.
func (d *Down) follow(s *shard, u *Up) {
	if d.up == u {
		return
	}
	d.up = u
	d.turn++
	d.goal, d.off = nil, false
	if d.v.steers() && u != nil && d.kind == webrtc.RTPCodecTypeVideo && d.slot < videoSlots {
		return // viewer.assign steers when all slots are filled
	}
	d.choose(s)
}

// choose picks the layer of the slot's track and turns to it.
func (d *Down) choose(s *shard) {
	var l *Layer
	if d.up != nil {
		l = d.up.best(s.now, d.want)
		if l != nil && l.slow != nil && (s.busy || d.v.narrow) {
			l = l.slow
		}
		if d.steered && d.off {
			l = nil
		} else if d.steered && d.goal != nil && d.goal.up == d.up {
			l = d.goal
		}
	}
	if l != nil {
		if _, ok := l.decodable(d.formats); !ok {
			l = nil // the slot is silent; forward would count every packet, so it is counted once
			s.drop(DropUndecodable, 1)
		}
	}
	if l == d.want {
		return
	}
	if l == nil {
		d.silence(s)
		return
	}
	if d.want != nil && d.want != d.cur {
		s.leave(d.want, d)
	}
	another := d.cur == nil || d.cur.up != l.up
	d.want, d.since = l, s.now
	if d.mapper == nil {
		d.mapper = d.newMapper()
	}
	s.join(l, d)
	d.mapper.Switch(l.source)
	// A better layer of the same track can wait for its keyframe; another track, or the first, is wanted at once.
	if another || s.now-d.cur.arrived.Load() > int64(aliveFor) {
		d.burst(s, l)
	}
	if d.cur != d.want {
		l.wantKey()
	}
}

// firstExt is what extended numbers have above their first sequence number (loss.Unwrapper, rewrite.Config).
const firstExt = 1 << 16

// firstSequence is random, in the lower half: a receiver that misses the first packets must not take the first wrap for
// none (RFC 3711 section 3.3.1).
func firstSequence() uint16 { return uint16(rand.Uint32() & 0x7fff) }

func (d *Down) newMapper() *rewrite.Mapper {
	c := rewrite.Config{
		Kind: codec.Opus, Size: audioMemory, Sequence: firstSequence(), Timestamp: rand.Uint32(),
		PictureID: uint16(rand.Uint32() & 0x7fff), TL0: uint8(rand.Uint32()),
	}
	if d.kind == webrtc.RTPCodecTypeVideo {
		c.Kind, c.Size = codec.VP8, videoMemory // H.264 has the same clock
	}
	d.rtxNext = firstExt + uint64(firstSequence())
	return rewrite.New(c)
}

// silence stops the slot at once.
func (d *Down) silence(s *shard) {
	for _, l := range []*Layer{d.cur, d.want} {
		if l != nil {
			s.leave(l, d)
		}
	}
	d.cur, d.want, d.mute = nil, nil, false
	d.discard()
	if d.mapper != nil {
		d.mapper.Switch(0)
	}
}

// discard throws away what waits for its turn. The viewer will miss it and ask for it, in vain: what is worth nothing any more would
// come on top of what is.
func (d *Down) discard() int {
	if d.kind != webrtc.RTPCodecTypeVideo || d.mapper == nil {
		return 0
	}
	return d.v.pacer.Drop(uint8(d.slot), d.mapper.Forget)
}

// resync starts the slot anew at the next keyframe, after packets were lost within the server.
func (d *Down) resync(s *shard) {
	if d.want == nil {
		return
	}
	if d.cur != nil && d.cur != d.want {
		s.leave(d.cur, d)
	}
	d.discard()
	d.cur, d.mute, d.spill = nil, false, false
	d.mapper.Switch(0)
	d.mapper.Switch(d.want.source)
	d.since = s.now
	d.want.wantKey()
}

// burst starts from the cached keyframe, if it is fresh: everything since goes out at once, and the mapper compresses
// its timestamps so that the viewer is up with the others.
func (d *Down) burst(s *shard, l *Layer) {
	if !l.format.kind.Video() {
		return
	}
	from, ok := l.ring.Keyframe()
	head, any := l.ring.Head()
	if !ok || !any || head-from >= burstMost {
		return
	}
	p := &s.answer
	if !p.load(l, from) || s.now-p.meta.Arrived > int64(burstAge) {
		return
	}
	if est := d.v.est; est != nil {
		most := burstTime
		if est.Young(s.now) {
			most = burstFirst
		}
		if int64(head-from)*8800*int64(time.Second/most) > est.Rate() {
			return // a keyframe of its own is there sooner, and what follows it in time
		}
	}
	n := uint64(0)
	for ext := from; ext <= head; ext++ {
		if ext != from && !p.load(l, ext) {
			continue // lost so far: its hole is kept for it
		}
		d.one(s, l, p)
		n++
	}
	d.flow.sent(s.now)
	s.e.count.bursts.Add(1)
	s.e.count.burstPackets.Add(n)
}

// forward sends a layer's packets: stops 7 to 10 of the packet path.
func (d *Down) forward(s *shard, l *Layer, packets []packet) {
	was := d.packets
	for i := range packets {
		d.one(s, l, &packets[i])
	}
	if d.packets != was {
		d.flow.sent(s.now)
	}
}

func (d *Down) one(s *shard, l *Layer, p *packet) {
	in := rewrite.In{
		Source: l.source, Ext: p.ext, Timestamp: p.meta.Timestamp, Info: p.meta.Info, Arrived: p.meta.Arrived, Now: s.now,
	}
	if len(p.payload) == 0 || d.mute && l == d.cur || l == d.cur && d.thin(p.meta.Info) {
		d.mapper.Drop(in) // neither padding of the publisher's nor what the viewer does not get is its loss
		return
	}
	out, verdict := d.mapper.Next(in)
	switch verdict {
	case rewrite.Send:
	case rewrite.TooLate:
		s.drop(DropLate, 1)
		return
	default:
		return
	}
	if d.cur != l {
		d.arrive(s, l)
	}
	h := &s.header
	h.Version, h.Marker, h.PayloadType = 2, p.meta.Marker, d.format.pt
	h.SequenceNumber, h.Timestamp, h.SSRC = out.Seq, out.Timestamp, d.ssrc
	payload := p.payload
	if l.format.kind == codec.VP8 {
		codec.RewriteVP8(payload, out.PictureID, out.TL0)
	}
	if d.format.red != 0 {
		payload, h.PayloadType = d.redundant(s, l, p, out.Ext)
	}
	if !d.delay(s, out.Seq, len(payload)) {
		d.write(s, h, out.Ext, payload, p.pad)
	}
	d.packets++
	d.octets += uint32(len(payload))
	d.stamp = out.Timestamp
}

// arrive makes the wished-for layer the current one: its keyframe is here.
func (d *Down) arrive(s *shard, l *Layer) {
	if d.cur != nil {
		s.leave(d.cur, d)
	}
	d.cur, d.mute, d.tid = l, false, d.tidMost
	d.format, _ = l.decodable(d.formats)
	d.past[d.pastN%len(d.past)] = l
	d.pastN++
}

// write sends a packet under its extended number.
func (d *Down) write(s *shard, h *rtp.Header, ext uint64, payload []byte, pad int) {
	if d.v.out.sendRTP(s, d, h, ext-firstExt, payload, pad) != nil {
		s.drop(DropWrite, 1)
		return
	}
	s.sent++
	s.bytes += uint64(len(payload))
}

// tick looks at the slot ten times a second.
func (d *Down) tick(s *shard) {
	if d.up == nil {
		return
	}
	if d.spill {
		d.resync(s)
	}
	d.choose(s)
	if d.want == nil || d.cur == d.want {
		return
	}
	if d.cur == nil || d.cur.up != d.want.up {
		d.burst(s, d.want) // the keyframe may have become whole meanwhile
	}
	if d.cur == d.want {
		return
	}
	d.want.wantKey()
	if d.cur != nil && d.cur.up != d.want.up && s.now-d.since > int64(switchFor) {
		d.resync(s) // rather no picture than one that was taken off the stage
	}
}
