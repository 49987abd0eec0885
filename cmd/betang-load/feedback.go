package main

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"time"

	"betang/sfu/loss"

	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// lightWish is how a light viewer behaves.
type lightWish struct {
	mute bool           // the kernel throws its media away: it costs the generator nothing, and measures nothing
	twcc bool           // it gives transport-wide feedback, as browsers do
	loss float64        // so much of what comes is thrown away, and asked for again
	via  netip.AddrPort // what stands before the server; the zero value: nothing
}

// twccID is the header extension's in the offer.
const twccID = 5

// tellEvery is how often feedback is given: Chromium's is 50 to 250 ms, by the rate.
const tellEvery = 100 * time.Millisecond

// teller gives transport-wide feedback. The crowd's reader owns it.
type teller struct {
	l    *light
	rec  *twcc.Recorder // nil: none is given
	last int64
}

func (t *teller) begin(l *light) {
	if t.l = l; l.twcc {
		t.rec = twcc.NewRecorder(1)
	}
}

// packet notes when an RTP packet came, and tells when it is time.
func (t *teller) packet(b []byte, now int64) {
	// RFC 8285 section 4.2: the server sends this extension alone.
	if t.rec == nil || len(b) < 20 || b[0]&0x10 == 0 || binary.BigEndian.Uint16(b[12:]) != 0xbede || b[16]>>4 != twccID {
		return
	}
	t.rec.Record(binary.BigEndian.Uint32(b[8:]), binary.BigEndian.Uint16(b[17:]), now/1000)
	if now-t.last < int64(tellEvery) {
		return
	}
	t.last = now
	for _, p := range t.rec.BuildFeedbackPacket() {
		t.l.report(p)
	}
}

// repairer loses packets on purpose and asks for them again. The crowd's reader owns it.
type repairer struct {
	l    *light
	gaps *loss.Detector // nil: nothing is lost
	due  []uint16
}

func (r *repairer) begin(l *light) {
	if r.l = l; l.loss > 0 {
		r.gaps = loss.NewDetector(loss.Config{})
	}
}

// drops tells whether a packet is to be lost.
func (r *repairer) drops() bool { return r.gaps != nil && rand.Float64() < r.l.loss }

// saw notes a picture's packet, and asks for those before it that are missing.
func (r *repairer) saw(ext uint64, now int64) {
	if r.gaps == nil {
		return
	}
	r.gaps.Observe(ext, now)
	if at, ok := r.gaps.Next(); !ok || at > now {
		return
	}
	if r.due, _ = r.gaps.Due(r.due[:0], now); len(r.due) > 0 {
		r.l.report(&rtcp.TransportLayerNack{SenderSSRC: 1, MediaSSRC: r.l.video.ssrc, Nacks: rtcp.NackPairsFromSequenceNumbers(r.due)})
	}
}

// came takes a retransmission (RFC 4588 section 4): the number it stands for goes before the payload.
func (r *repairer) came(b []byte, now int64) {
	if r.gaps == nil {
		return
	}
	l := r.l
	l.header = rtp.Header{}
	plain, err := l.in.DecryptRTP(l.plain[:0], b, &l.header)
	if err != nil {
		return
	}
	l.plain = plain
	payload := plain[l.header.MarshalSize():]
	if len(payload) < 3 || l.header.Padding { // a probe
		return
	}
	seq := binary.BigEndian.Uint16(payload)
	ext, _ := l.video.all.observe(seq)
	r.gaps.Observe(ext, now)
	if l.window.open.Load() {
		l.video.seq.observe(seq)
	}
}
