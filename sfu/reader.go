package sfu

import (
	"errors"
	"net"
	"sync/atomic"
	"time"

	"betang/sfu/codec"
	"betang/sfu/loss"
	"betang/sfu/ring"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

const (
	gatherFor  = 5 * time.Millisecond // a frame whose last packet is lost is not held longer than to the next packet after this
	gatherMost = 64                   // packets shown at once; the arrival log keeps that much room

	rateFrames = 10              // a layer's rate is told of no fewer frames: one keyframe of a shared page is a second's bits and more
	rateMost   = 4 * time.Second // nor after a longer time
)

// reader is the one goroutine that takes a layer's packets in: stops 2 to 6 of the packet path.
type reader struct {
	up    *Up
	track *webrtc.TrackRemote // nil: packets are not pion's
	over  atomic.Bool         // set by end
	done  chan struct{}       // closed when run reads no more
	ssrc  uint32              // under which we ask
	tag   uint32              // the publisher's own
	layer *Layer              // nil until the first packet; replaced when the publisher changes its codec

	seq      loss.Unwrapper
	given    uint64 // instead of it, where it is not 0: the number another node gave the packet
	gaps     *loss.Detector
	asked    []uint16
	head     uint64 // highest extended number so far
	stamp    uint32 // of the last media packet
	count    uint64 // arrivals of this layer
	shown    uint64 // of them published
	waiting  int64  // since when the first of the rest waits
	lost     uint64
	mended   uint64
	patience loss.Patience
	missed   float64  // share of packets that did not come by themselves, smoothed over some seconds
	bytes    int64    // since measured
	frames   int      // the same
	tids     [4]int64 // of them by temporal layer
	measured int64

	voice *merger // of an Opus layer

	reported atomic.Pointer[senderReport]
}

func newReader(u *Up, ssrc uint32) *reader {
	return &reader{up: u, ssrc: ssrc, tag: ssrc, done: make(chan struct{}), gaps: loss.NewDetector(loss.Config{}), asked: make([]uint16, 0, 256)}
}

// wakeEvery is how often a reader wakes without a packet: what was sent again after the last one pion gives out with a read and not by
// itself.
const wakeEvery = time.Second

// end has run leave, and waits until it reads no more.
func (r *reader) end() {
	r.over.Store(true)
	_ = r.track.SetReadDeadline(time.Unix(0, 0)) // a stream that is closed already wakes its reader by itself
	<-r.done
}

// run reads until the connection is closed, or the layer comes under another SSRC, which has a reader of its own: see comesUnder.
func (r *reader) run() {
	defer r.leave()
	defer close(r.done)
	buf := make([]byte, 1600)
	var h rtp.Header
	due := int64(0)
	for {
		if now := r.up.pub.e.now(); now >= due {
			if r.track.SetReadDeadline(time.Now().Add(2*wakeEvery)) != nil {
				return
			}
			due = now + int64(wakeEvery)
			r.gaps.SetRTT(r.up.pub.rtt.Load())
		}
		if r.over.Load() {
			return
		}
		n, _, err := r.track.Read(buf)
		if late := net.Error(nil); errors.As(err, &late) && late.Timeout() {
			due = 0
			continue
		}
		if err != nil && n == 0 {
			return
		}
		if err != nil { // pion knows no codec for it
			r.up.pub.e.count.drop(DropPayloadType, 1)
			continue
		}
		head, err := h.Unmarshal(buf[:n])
		if err != nil {
			r.up.pub.e.count.drop(DropHeader, 1)
			continue
		}
		r.packet(&h, buf[head:n])
	}
}

// leave takes the layer from its viewers.
func (r *reader) leave() {
	if r.layer != nil {
		r.up.replace(r.layer, nil)
	}
	if r.voice != nil {
		r.voice.close()
	}
}

// packet takes one packet in; payload may end in padding.
func (r *reader) packet(h *rtp.Header, payload []byte) {
	e := r.up.pub.e
	now := e.now()
	e.count.packetsIn.Add(1)
	e.count.bytesIn.Add(uint64(len(payload)))
	if h.Padding && len(payload) > 0 {
		pad := int(payload[len(payload)-1])
		if pad == 0 || pad > len(payload) {
			e.count.drop(DropHeader, 1)
			return
		}
		payload = payload[:len(payload)-pad]
	}
	f := r.up.formats.Load()[h.PayloadType&0x7f]
	if f.kind == 0 {
		e.count.drop(DropPayloadType, 1)
		return
	}
	if f.wraps != 0 {
		r.unwrap(h, f, payload, now)
		return
	}
	r.media(h, f, payload, now)
}

// unwrap takes in a voice with redundancy (RFC 2198): of the earlier packets in it those that did not come by themselves, then the
// newest. Each is the one before the next where its time says so; whoever leaves out silence has gaps there.
func (r *reader) unwrap(h *rtp.Header, f format, payload []byte, now int64) {
	e := r.up.pub.e
	blocks, pts, err := codec.SplitRED(payload, h.Timestamp)
	if err != nil || pts[len(pts)-1] != f.wraps {
		e.count.drop(DropPayload, 1)
		return
	}
	f.pt, f.wraps = f.wraps, 0
	one := *h
	one.PayloadType = f.pt
	near := len(blocks) - 1 // from here on they follow one upon another
	for near > 0 && r.layer != nil && pts[near-1] == f.pt {
		info, err := codec.Inspect(f.kind, blocks[near-1].Payload, true)
		if err != nil || blocks[near-1].Timestamp+uint32(info.Samples) != blocks[near].Timestamp {
			break
		}
		near--
	}
	for i, b := range blocks {
		newest := i == len(blocks)-1
		one.SequenceNumber, one.Timestamp = h.SequenceNumber-uint16(len(blocks)-1-i), b.Timestamp
		one.Marker = h.Marker && newest
		if !newest {
			ext := r.head + uint64(int64(int16(one.SequenceNumber-uint16(r.head))))
			if i < near || ext <= r.head && !r.gaps.Awaits(ext) {
				continue
			}
			e.count.recovered.Add(1)
			r.mended++
		}
		r.media(&one, f, b.Payload, now)
	}
}

// media takes in what is not wrapped any more; what payload ends in is no padding.
func (r *reader) media(h *rtp.Header, f format, payload []byte, now int64) {
	e := r.up.pub.e
	meta := ring.Meta{Arrived: now, Timestamp: h.Timestamp, Marker: h.Marker, Info: codec.Info{TL0: -1, PictureID: -1}}
	if len(payload) == 0 {
		meta.Timestamp = r.stamp // padding belongs to the frame before it
	} else {
		info, err := codec.Inspect(f.kind, payload, h.Marker)
		if err != nil {
			e.count.drop(DropPayload, 1)
			return
		}
		meta.Info = info
	}
	if r.layer == nil || r.layer.format.kind != f.kind {
		r.begin(f)
	}
	ext := r.given
	if ext == 0 {
		ext = r.seq.Unwrap(h.SequenceNumber)
	}
	if r.layer.ring.Put(ext, payload, meta) != ring.OK {
		e.count.drop(DropDuplicate, 1)
		return
	}
	late := r.count > 0 && ext < r.head
	r.head = max(r.head, ext)
	r.note(&meta, len(payload), now)
	r.repair(ext, meta, now)

	r.hear(h)
	if r.voice != nil && !late && len(payload) > 0 {
		r.voice.add(payload, meta, now)
	}
	l := r.layer
	l.arrival[r.count%uint64(len(l.arrival))].Store(ext)
	r.count++
	if r.shown+1 == r.count {
		r.waiting = now
	}
	if late || meta.Info.End || len(payload) == 0 || r.count-r.shown >= gatherMost || now-r.waiting >= int64(gatherFor) {
		r.shown = r.count
		l.publish(r.count)
	}
}

// begin makes the layer, or a new one under the same SSRC when the publisher has changed its codec: to viewers that is
// another source.
func (r *reader) begin(f format) {
	was := r.layer
	r.layer = newLayer(r.up, f, r.ssrc, &r.reported)
	r.layer.tag = r.tag
	r.layer.arrivals.lost.Store(r.lost)
	r.count, r.shown, r.mended, r.missed = 0, 0, 0, 0
	if r.voice != nil {
		r.voice.close()
		r.voice = nil
	}
	if f.kind == codec.Opus {
		r.voice = newMerger(r.layer)
		r.layer.slow = r.voice.layer
	}
	r.up.replace(was, r.layer)
}

// note keeps what the choice of a layer and the sender reports need.
func (r *reader) note(meta *ring.Meta, size int, now int64) {
	l := r.layer
	r.stamp = meta.Timestamp
	if meta.Info.Start || l.arrived.Load() == 0 {
		l.stamp.Store(meta.Timestamp)
		l.arrived.Store(now)
	}
	if meta.Info.Width > 0 {
		l.pixels.Store(uint32(meta.Info.Width) * uint32(meta.Info.Height))
		l.size.Store(uint32(meta.Info.Width)<<16 | uint32(meta.Info.Height))
	}
	r.bytes += int64(size)
	r.tids[meta.Info.TID&3] += int64(size)
	if meta.Info.Start {
		r.frames++
	}
	if d := now - r.measured; d >= int64(time.Second) && (r.frames >= rateFrames || d >= int64(rateMost) || l.bitrate.Load() == 0 || !l.format.kind.Video()) {
		if r.measured > 0 {
			l.bitrate.Store(r.bytes * 8 * int64(time.Second) / d)
			l.fps.Store(int32(int64(r.frames) * int64(time.Second) / d))
			r.arrived(l)
			sum := int64(0)
			for i := range r.tids {
				sum += r.tids[i]
				rate, was := sum*8*int64(time.Second)/d, l.tids[i].Load()
				if was > 0 {
					rate = (3*was + rate) / 4
				}
				l.tids[i].Store(rate)
			}
		}
		r.bytes, r.frames, r.measured, r.tids = 0, 0, now, [4]int64{}
	}
}

// arrived tells how the layer's packets came since it last did, and how long what was lost is waited for.
func (r *reader) arrived(l *Layer) {
	a := &l.arrivals
	missed := r.mended + r.lost - a.mended.Load() - a.lost.Load()
	sent := r.count + r.lost - a.came.Load() - a.lost.Load()
	a.came.Store(r.count)
	a.lost.Store(r.lost)
	a.mended.Store(r.mended)
	r.missed += (float64(missed)/float64(max(sent, 1)) - r.missed) / 4
	late := int64(0)
	if r.missed >= calmLoss {
		late = r.patience.Level()
	}
	a.late.Store(late)
}

// repair asks for what is missing. It looks at every arrival, which is often enough: nothing tells of a loss but the
// next packet.
func (r *reader) repair(ext uint64, meta ring.Meta, now int64) {
	e := r.up.pub.e
	l := r.layer
	switch r.gaps.Observe(ext, now) {
	case loss.Recovered:
		e.count.recovered.Add(1)
		r.mended++
		r.patience.Add(r.gaps.Waited())
	case loss.Reset:
		l.wantKey()
	}
	if meta.Info.Key && l.format.kind.Video() {
		l.keyCame.Store(true)
		if meta.Info.Start && ext == r.head && !meta.Info.Params {
			r.gaps.Forget(ext)
		}
	}
	if at, ok := r.gaps.Next(); ok && at <= now {
		var gaveUp bool
		r.asked, gaveUp = r.gaps.Due(r.asked[:0], now)
		if len(r.asked) > 0 {
			r.up.pub.nack(l.ssrc, r.asked)
		}
		if gaveUp {
			l.wantKey()
		}
	}
	if n := r.gaps.Lost(); n != r.lost {
		e.count.lost.Add(n - r.lost)
		r.lost = n
	}
}

// senderReport is called from the goroutine that reads RTCP.
func (r *reader) senderReport(ntp uint64, stamp uint32) {
	theirs := fromNTP(ntp)
	r.up.pub.clock.observe(theirs, r.up.pub.e.now())
	r.reported.Store(&senderReport{theirs, stamp})
}
