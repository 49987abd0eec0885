package sfu

import (
	"strings"
	"sync/atomic"
	"time"

	"betang/sfu/codec"

	"github.com/pion/rtcp"
)

// Health is how what a publisher sends arrives here, for who looks after the stage. It is made from what the layers keep
// anyway, once a second: nothing of it is counted per packet and viewer.
type Health struct {
	Peer PeerID
	Far  bool // connected to another node: Voice and Layers are as they come from there, Sent and Missed are of the way between

	Voice  LayerHealth   // zero: it has no sound
	Level  int           // of its voice, in dB above silence (RFC 6464), 0 to 127; -1: it tells none, as encoders do
	Hush   time.Duration // since its voice was more than digital silence, as a microphone that is off sends; where Level is told
	Layers []LayerHealth

	Sent, Missed uint64        // packets since the start: sent by it, and of them those that did not arrive by themselves
	RTT          time.Duration // to the publisher and back (RFC 3611 section 4.5); 0: not known, it answers no such reports
}

// LayerHealth is how one incoming stream fares.
type LayerHealth struct {
	Codec         codec.Kind // 0: there is none
	Width, Height int        // 0: not known yet
	Bits          int64      // a second
	Quiet         time.Duration
}

// Healths implements Media.
func (e *Engine) Healths(router RouterID, dst []Health) []Health {
	r := e.router(router)
	if r == nil {
		return dst
	}
	now := e.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.pubs {
		h := Health{Peer: p.id, Far: p.remote != nil, Level: -1, RTT: time.Duration(p.rtt.Load())}
		if u := p.audio(); u != nil {
			for _, l := range u.all() {
				h.Voice = l.health(now, &h)
			}
			if u.levelID.Load() != 0 {
				h.Level = u.loudness(now)
				if at := u.sounded.Load(); at > 0 {
					h.Hush = time.Duration(max(0, now-at))
				}
			}
		}
		if u := p.video(); u != nil {
			for _, l := range u.all() {
				h.Layers = append(h.Layers, l.health(now, &h))
			}
		}
		dst = append(dst, h)
	}
	return dst
}

func (l *Layer) health(now int64, h *Health) LayerHealth {
	h.Sent += l.arrivals.came.Load() + l.arrivals.lost.Load()
	h.Missed += l.arrivals.mended.Load() + l.arrivals.lost.Load()
	size := l.size.Load()
	return LayerHealth{
		Codec: l.format.kind, Width: int(size >> 16), Height: int(size & 0xffff), Bits: l.bitrate.Load(),
		Quiet: time.Duration(max(0, now-l.arrived.Load())),
	}
}

// arrivals is how a layer's packets came, as of the last time that its rate was measured.
type arrivals struct {
	came   atomic.Uint64 // those that came again included
	lost   atomic.Uint64 // given up
	mended atomic.Uint64 // came late, or again when asked for
	late   atomic.Int64  // how long these are waited for, ns; 0: few are missed. See steer_loss.go
}

// rttEvery is how often a publisher is asked how far it is.
const rttEvery = 2 * time.Second

// askRTT asks the publisher for the round trip: who takes receiver reference times (RFC 3611 section 4.4) tells with its
// next report how long it held this one. Browsers do; others take no notice.
func (p *publisher) askRTT() {
	if p.remote == nil {
		p.writeRTCP(&rtcp.ExtendedReport{SenderSSRC: p.refSSRC, Reports: []rtcp.ReportBlock{
			&rtcp.ReceiverReferenceTimeReportBlock{NTPTimestamp: toNTP(p.e.now())},
		}})
	}
}

// toldRTT takes the publisher's answer (RFC 3611 section 4.5).
func (p *publisher) toldRTT(b []byte) {
	list, err := rtcp.Unmarshal(b)
	if err != nil {
		return
	}
	for _, packet := range list {
		xr, ok := packet.(*rtcp.ExtendedReport)
		if !ok {
			continue
		}
		for _, block := range xr.Reports {
			dlrr, ok := block.(*rtcp.DLRRReportBlock)
			if !ok {
				continue
			}
			for _, r := range dlrr.Reports {
				if rtt, ok := roundTrip(p.e.now(), r.LastRR, r.DLRR); ok && r.SSRC == p.refSSRC {
					was := p.rtt.Load()
					if was > 0 {
						rtt = time.Duration((3*was + int64(rtt)) / 4)
					}
					p.rtt.Store(int64(rtt))
				}
			}
		}
	}
}

// roundTrip is the time since the report that lastRR names, in units of 1/65536 s, without what the other side held it. It is false where
// that is no time that a report may take: what is older than half a minute is no answer, and a clock's grain may make a
// round trip of next to nothing less than nothing.
func roundTrip(now int64, lastRR, held uint32) (time.Duration, bool) {
	d := int32(uint32(toNTP(now)>>16) - lastRR - held)
	if lastRR == 0 || d < -65 || d > 30<<16 {
		return 0, false
	}
	return max(time.Microsecond, time.Duration(d)*time.Second>>16), true
}

// Name is the codec's as people write it; "" for none.
func (h LayerHealth) Name() string {
	if h.Codec == 0 {
		return ""
	}
	return strings.ToUpper(h.Codec.String())
}
