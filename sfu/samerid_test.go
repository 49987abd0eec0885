package sfu_test

import (
	"slices"
	"testing"
	"time"

	"betang/sfu"
	"betang/sfu/sfutest"
)

// TestLayerUnderAnotherSSRC: a layer's name (RFC 8852) comes with another SSRC. pion's own senders do that with what they send again, for
// which there is a name of its own, and pion as a receiver then takes the second stream for the layer. That is the end of the layers, but
// not of the voice; and the peer ends whole, the readers of the first streams too.
func TestLayerUnderAnotherSSRC(t *testing.T) {
	inTime(t, func(t *testing.T, l *lab) {
		p := sfutest.Publish(t, l.net, l.e, room, "cam", sfutest.Options{Parts: 3, Rids: []string{"q", "h", "f"}})
		l.e.SetScene(room, sfu.Scene{Main: "cam", Audio: []sfu.PeerID{"cam"}})
		v := sfutest.Subscribe(t, l.net, l.e, room, "v", 1, 1)
		time.Sleep(3 * time.Second)
		l.net.Lose(p.Addr, 0.1)
		time.Sleep(10 * time.Second)
		l.net.Lose(p.Addr, 0)
		n := v.Audio[0].Len()
		time.Sleep(5 * time.Second)
		if n = v.Audio[0].Len() - n; n < 240 {
			t.Errorf("%d packets of the voice in 5 s", n)
		}
		p.Close()
		time.Sleep(5 * time.Second)
		if s := l.states("cam"); !slices.Contains(s, sfu.Gone) {
			t.Errorf("the publisher has left, and is told %v", s)
		}
	})
}
