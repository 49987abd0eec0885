package sfu_test

import (
	"testing"
	"testing/synctest"
	"time"

	"betang/sfu/sfutest"

	"github.com/pion/rtcp"
)

// TestViewerWhoTellsREMBAlone: a viewer without transport-wide feedback, as an older browser or a television is, climbs and falls by its
// own estimate.
func TestViewerWhoTellsREMBAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _ := newNarrowLab(t)
		lecture(t, l)
		time.Sleep(3 * time.Second)
		v := sfutest.Subscribe(t, l.net, l.e, room, "v", 1, 1)
		s := standings{}
		for _, c := range []struct {
			bps    float32
			rung   string
			reason string
			within time.Duration
		}{
			{300_000, "low", "network", 5 * time.Second},
			{700_000, "medium", "network", 10 * time.Second},
			{60_000, "voice", "network", 2 * time.Second},
			{5_000_000, "high", "best", 20 * time.Second},
		} {
			began := time.Now()
			for s["v"].Rung != c.rung || s["v"].Reason != c.reason {
				if time.Since(began) > c.within {
					t.Fatalf("%v bit/s: %+v after %v", c.bps, s["v"], c.within)
				}
				if err := v.PC.WriteRTCP([]rtcp.Packet{&rtcp.ReceiverEstimatedMaximumBitrate{Bitrate: c.bps, SSRCs: []uint32{1}}}); err != nil {
					t.Fatal(err)
				}
				time.Sleep(500 * time.Millisecond)
				s.look(l)
			}
			t.Logf("%v bit/s: %+v after %v", c.bps, s["v"], time.Since(began))
			settled := time.Now()
			time.Sleep(5 * time.Second)
			bits := 0
			for _, p := range v.Video[0].Packets() {
				if p.At.After(settled.Add(time.Second)) {
					bits += len(p.Payload) * 8
				}
			}
			if rate := float32(bits / 4); rate > c.bps || (c.rung == "voice") != (bits == 0) {
				t.Errorf("told %v bit/s, it gets %v of picture", c.bps, rate)
			}
		}
	})
}
