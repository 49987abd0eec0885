package sfu_test

import (
	"testing"
	"time"

	"betang/sfu"
	"betang/sfu/codec"
	"betang/sfu/sfutest"
)

func health(t *testing.T, l *lab, id sfu.PeerID) sfu.Health {
	t.Helper()
	for _, h := range l.e.Healths(room, nil) {
		if h.Peer == id {
			return h
		}
	}
	t.Fatalf("nothing is told of %s", id)
	return sfu.Health{}
}

// TestHealth: what arrives of a publisher, layer by layer, what its path loses, and which of its streams has stopped.
func TestHealth(t *testing.T) {
	inTime(t, func(t *testing.T, l *lab) {
		p := sfutest.Publish(t, l.net, l.e, room, "cam", sfutest.Options{Parts: 3})
		time.Sleep(8 * time.Second)
		h := health(t, l, "cam")
		if h.Far || h.Voice.Codec != codec.Opus || len(h.Layers) != 1 {
			t.Fatalf("told %+v", h)
		}
		for _, x := range append(h.Layers, h.Voice) {
			if x.Bits == 0 || x.Quiet > 100*time.Millisecond {
				t.Errorf("a layer that is sent: %+v", x)
			}
		}
		if h.Layers[0].Width == 0 || h.Layers[0].Codec != codec.VP8 {
			t.Errorf("a layer's picture: %+v", h.Layers[0])
		}
		if h.Missed != 0 || h.Sent < 1000 {
			t.Errorf("a clean path: %d of %d missed", h.Missed, h.Sent)
		}
		if h.RTT != 0 {
			t.Errorf("the round trip is %v to one who does not tell it", h.RTT)
		}
		l.net.Lose(p.Addr, 0.1)
		before := h
		time.Sleep(30 * time.Second)
		h = health(t, l, "cam")
		if share := float64(h.Missed-before.Missed) / float64(h.Sent-before.Sent); share < 0.07 || share > 0.13 {
			t.Errorf("of a path that loses a tenth %.3f are missed: %+v then %+v", share, before, h)
		}
		l.net.Lose(p.Addr, 0)
		p.Pause(0, true)
		time.Sleep(10 * time.Second) // what was lost last is sent again for a while, and pion gives it out with the next read
		quiet := 0
		for _, x := range health(t, l, "cam").Layers {
			if x.Quiet > 2*time.Second {
				quiet++
			}
		}
		if quiet != 1 {
			t.Errorf("%d layers have stopped, one was: %+v", quiet, health(t, l, "cam"))
		}
	})
}
