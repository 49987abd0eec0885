package sfu

import (
	"encoding/binary"
	"io"
	"sync"
	"time"

	"betang/sfu/codec"
	"betang/sfu/rewrite"

	"github.com/pion/rtcp"
	"github.com/pion/transport/v5/packetio"
	"github.com/pion/webrtc/v4"
)

const (
	nackMost   = 256                   // numbers kept for the shard; more are dropped
	nackGap    = 40 * time.Millisecond // a number is not sent again sooner, while the round trip is not known
	nackFloor  = 20 * time.Millisecond // nor than this when it is
	budgetRate = 150_000               // bytes a second a viewer may have again
	budgetRoom = 150_000               // and at once
	againShare = 5                     // of what a shard sends, a fifth may go out again
	againRoom  = 2_000_000             // bytes of that which may add up
)

// buffer implements SettingEngine.BufferFactory: a viewer's RTCP is handled where it is decrypted, by the transport's own
// goroutine, and RTP from a viewer has no reader.
func (v *viewer) buffer(kind packetio.BufferPacketType, ssrc uint32) io.ReadWriteCloser {
	s := &sink{closed: make(chan struct{})}
	if kind == packetio.RTCPBufferPacket {
		s.to = func(p []byte) { v.feedback(ssrc, p) }
	}
	return s
}

// sink takes packets and keeps none. Read waits for the end, as pion expects of an empty buffer.
type sink struct {
	to     func([]byte)
	closed chan struct{}
	once   sync.Once
}

func (s *sink) Write(p []byte) (int, error) {
	if s.to != nil {
		s.to(p)
	}
	return len(p), nil
}

func (s *sink) Read([]byte) (int, error) {
	<-s.closed
	return 0, io.EOF
}

func (s *sink) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}

// feedback takes one compound RTCP packet. Where the link hands it over once for every SSRC it is about, only names the one
// meant; 0 means all. It must not block.
func (v *viewer) feedback(only uint32, raw []byte) {
	v.beat(v.e.now())
	rest, ok := v.transportWide(raw)
	if v.tells = v.tells || ok; ok && len(rest) == 0 {
		return
	}
	packets, err := rtcp.Unmarshal(rest)
	if err != nil {
		v.e.count.drop(DropRTCP, 1)
		return
	}
	for _, packet := range packets {
		switch p := packet.(type) {
		case *rtcp.ReceiverReport:
			v.receiverReport(only, p.Reports)
		case *rtcp.SenderReport:
			v.receiverReport(only, p.Reports)
		case *rtcp.TransportLayerNack:
			if d := v.down(only, p.MediaSSRC); d != nil {
				d.nacked(p.Nacks)
			}
		case *rtcp.PictureLossIndication:
			if d := v.down(only, p.MediaSSRC); d != nil {
				d.askKey()
			}
		case *rtcp.FullIntraRequest:
			for _, f := range p.FIR {
				if d := v.down(only, f.SSRC); d != nil {
					d.askKey()
				}
			}
		case *rtcp.ReceiverEstimatedMaximumBitrate:
			v.remb.Store(int64(min(p.Bitrate, float32(mostRate)))) // it may claim more than an int64 holds
		case *rtcp.Goodbye:
			v.end("said goodbye")
		}
	}
}

// transportWide takes transport-wide feedback out of a compound packet and gives the rest. It is by far the most frequent
// feedback, and pion's reading of it allocates. False: none was there.
func (v *viewer) transportWide(raw []byte) (rest []byte, ok bool) {
	if v.extID == 0 {
		return raw, false
	}
	for at := 0; len(raw)-at >= 4; {
		n := 4 * (int(binary.BigEndian.Uint16(raw[at+2:])) + 1)
		if n > len(raw)-at {
			break
		}
		one := raw[at : at+n]
		at += n
		if one[0]&0x1f == 15 && one[1] == 205 && n >= 20 {
			v.advise(one[12:])
			ok = true
			continue
		}
		rest = append(rest, one...)
	}
	if !ok {
		return raw, false
	}
	return rest, true
}

// down finds the slot that sends under an SSRC; nil for others, and for retransmissions, which have no feedback.
func (v *viewer) down(only, ssrc uint32) *Down {
	list := v.bound.Load()
	if list == nil || only != 0 && only != ssrc {
		return nil
	}
	for _, d := range *list {
		if d.ssrc == ssrc {
			return d
		}
	}
	return nil
}

func (v *viewer) receiverReport(only uint32, blocks []rtcp.ReceptionReport) {
	now := v.e.now()
	for _, b := range blocks {
		d := v.down(only, b.SSRC)
		if d == nil {
			continue
		}
		v.e.count.reportsIn.Add(1)
		if b.LastSenderReport != 0 { // RFC 3550 section 6.4.1; in 1/65536 s
			trip := int64(int32(uint32(toNTP(now)>>16) - b.LastSenderReport - b.Delay))
			d.rtt.Store(min(max(trip, 1), 65536) * int64(time.Second) >> 16)
		}
		if from, ok := d.flow.reported(b.LastSequenceNumber, b.FractionLost, now); ok {
			v.proof.add(max(from, v.since), now)
		}
	}
}

// askKey passes a viewer's wish for a keyframe on; many at once are one.
func (d *Down) askKey() {
	d.v.e.count.pliIn.Add(1)
	if d.keyAsked.Swap(true) {
		return
	}
	d.v.shard.post(func() {
		d.keyAsked.Store(false)
		for _, l := range []*Layer{d.cur, d.want} {
			if l != nil {
				l.wantKey()
			}
		}
	})
}

// nacked keeps what is asked for and calls the shard.
func (d *Down) nacked(pairs []rtcp.NackPair) {
	n := 0
	d.nackMu.Lock()
	idle := len(d.nacks) == 0
	full := uint64(0)
	for _, pair := range pairs {
		pair.Range(func(seq uint16) bool {
			n++
			if len(d.nacks) >= nackMost {
				full++
				return true
			}
			d.nacks = append(d.nacks, seq)
			return true
		})
	}
	d.nackMu.Unlock()
	d.v.e.count.nacksIn.Add(uint64(n))
	d.v.e.count.drop(DropNackQueue, full)
	if idle && n > 0 {
		d.v.shard.post(d.answer)
	}
}

// answer sends again what was asked for, out of the layers' rings: run by the shard.
func (d *Down) answer() {
	s := d.v.shard
	d.nackMu.Lock()
	var room [nackMost]uint16
	seqs := room[:copy(room[:], d.nacks)]
	d.nacks = d.nacks[:0]
	d.nackMu.Unlock()
	if d.mapper == nil || d.v.stopped || d.cur == nil || d.mute {
		return
	}
	for _, seq := range seqs {
		if why, ok := d.again(s, seq); !ok {
			s.drop(why, 1)
		}
	}
}

func (d *Down) again(s *shard, seq uint16) (Drop, bool) {
	o, ok := d.mapper.Reverse(seq)
	if !ok || o.Padding {
		return DropForgotten, false
	}
	l := d.layerOf(o.Source)
	p := &s.answer
	if l == nil || !p.load(l, o.Ext) || len(p.payload) == 0 {
		return DropForgotten, false
	}
	gap := int64(nackGap)
	if rtt := d.trip(); rtt > 0 { // an impatient receiver asks again before the answer can be there
		gap = max(rtt*9/10, int64(nackFloor))
	}
	if d.kind == webrtc.RTPCodecTypeVideo && d.v.est != nil && s.now < d.v.est.Drain() {
		return DropBudget, false // the voice stands behind it; it is asked for again
	}
	if !d.mapper.Again(seq, s.now, gap) {
		return DropRepeat, false
	}
	if !d.v.budget.take(len(p.payload), d.v.again(), s.now) {
		return DropBudget, false
	}
	if s.again < uint64(len(p.payload)) {
		return DropServerBudget, false
	}
	s.again -= uint64(len(p.payload))
	f, ok := l.decodable(d.formats)
	if !ok {
		return DropUndecodable, false
	}
	if l.format.kind == codec.VP8 {
		codec.RewriteVP8(p.payload, o.Out.PictureID, o.Out.TL0)
	}
	payload, pt, ok := d.repeat(s, l, p, f, o.Out.Ext)
	if !ok {
		return DropForgotten, false
	}
	h := &s.header
	h.Version, h.Marker, h.PayloadType = 2, p.meta.Marker, pt
	h.SequenceNumber, h.Timestamp, h.SSRC = seq, o.Out.Timestamp, d.ssrc
	ext := o.Out.Ext
	if f.rtx != 0 && d.rtxSSRC != 0 { // RFC 4588 section 4: the original number goes before the payload
		d.rtx = binary.BigEndian.AppendUint16(d.rtx[:0], seq)
		d.rtx = append(d.rtx, payload...)
		payload = d.rtx
		h.PayloadType, h.SSRC, h.SequenceNumber = f.rtx, d.rtxSSRC, uint16(d.rtxNext)
		ext = d.rtxNext
		d.rtxNext++
	}
	d.write(s, h, ext, payload, 0)
	s.e.count.resent.Add(1)
	return 0, true
}

// trip is the round trip to the viewer, in ns; of a slot whose reports cannot tell it (see untimed) the longest that another one tells. 0: not known.
func (d *Down) trip() int64 {
	trip := d.rtt.Load()
	if trip > 0 {
		return trip
	}
	for _, o := range d.v.all() {
		trip = max(trip, o.rtt.Load())
	}
	return trip
}

// layerOf finds a layer this slot was fed from lately.
func (d *Down) layerOf(source rewrite.Source) *Layer {
	for _, l := range d.past {
		if l != nil && l.source == source {
			return l
		}
	}
	return nil
}

// again is how many bytes a second the viewer may have again: a quarter of a narrow path.
func (v *viewer) again() int64 {
	if v.est == nil {
		return budgetRate
	}
	return min(budgetRate, v.est.Rate()/8/4)
}

// budget is a token bucket for retransmissions, so that a viewer on a bad line cannot take the line of others.
type budget struct {
	left int64
	at   int64
}

func (b *budget) take(n int, rate, now int64) bool {
	b.left = min(b.left+(now-b.at)*rate/int64(time.Second), min(budgetRoom, rate))
	if b.at == 0 {
		b.left = min(budgetRoom, rate)
	}
	b.at = now
	if b.left < int64(n) {
		return false
	}
	b.left -= int64(n)
	return true
}
