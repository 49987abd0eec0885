package sfu

import (
	"testing"
	"time"

	"betang/sfu/codec"
	"betang/sfu/udp"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
)

// FuzzControl gives foreign RTCP, as it comes out of SRTCP, to a viewer and to a publisher. Whatever it is, what it asks for stays in the
// bounds of its queues, and what it claims is a rate or a time.
func FuzzControl(f *testing.F) {
	twcc := []byte{0x8f, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0x20, 1, 4, 0}
	pack := func(p ...rtcp.Packet) []byte {
		b, err := rtcp.Marshal(p)
		if err != nil {
			f.Fatal(err)
		}
		return b
	}
	nacks := make([]rtcp.NackPair, 200)
	for i := range nacks {
		nacks[i] = rtcp.NackPair{PacketID: uint16(17 * i), LostPackets: 0xffff}
	}
	f.Add(twcc)
	f.Add(append(pack(&rtcp.ReceiverReport{SSRC: 1, Reports: []rtcp.ReceptionReport{{SSRC: 7, LastSenderReport: 1, Delay: 0xffffffff}}}), twcc...))
	f.Add(pack(&rtcp.TransportLayerNack{MediaSSRC: 7, Nacks: nacks}, &rtcp.PictureLossIndication{MediaSSRC: 7}))
	f.Add(pack(&rtcp.FullIntraRequest{MediaSSRC: 7, FIR: []rtcp.FIREntry{{SSRC: 7}}}, &rtcp.SenderReport{SSRC: 7, Reports: []rtcp.ReceptionReport{{SSRC: 7}}}))
	f.Add(pack(&rtcp.ReceiverEstimatedMaximumBitrate{Bitrate: 1e24, SSRCs: []uint32{7}}))
	f.Add(pack(&rtcp.ExtendedReport{Reports: []rtcp.ReportBlock{&rtcp.DLRRReportBlock{Reports: []rtcp.DLRRReport{{SSRC: 7, LastRR: 1, DLRR: 0x80000000}}}}}))
	f.Add(pack(&rtcp.Goodbye{Sources: []uint32{7}}))
	f.Fuzz(func(t *testing.T, raw []byte) {
		e := &Engine{began: time.Now(), socks: []*udp.Conn{nil}}
		v := &viewer{peer: &peer{e: e}, shard: newShard(e, 0)}
		d := &Down{v: v, kind: webrtc.RTPCodecTypeVideo, ssrc: 7, formats: []format{{pt: 96, kind: codec.VP8}}}
		v.bound.Store(&[]*Down{d})
		for _, ext := range []uint8{0, 3} {
			v.extID = ext
			v.feedback(0, raw)
			v.feedback(7, raw)
		}
		if n := len(d.nacks); n > nackMost {
			t.Errorf("%d numbers wait to be sent again, at most %d", n, nackMost)
		}
		if v.adviceN > adviceMost {
			t.Errorf("%d messages of feedback wait, at most %d", v.adviceN, adviceMost)
		}
		if n := v.remb.Load(); n < 0 {
			t.Errorf("a path of %d bit/s", n)
		}
		if n := time.Duration(d.rtt.Load()); n < 0 || n > time.Second {
			t.Errorf("a round trip of %v", n)
		}
		p := &publisher{peer: &peer{e: e}, refSSRC: 7}
		p.toldRTT(raw)
		if n := time.Duration(p.rtt.Load()); n < 0 || n > 30*time.Second {
			t.Errorf("a publisher's round trip of %v", n)
		}
	})
}
