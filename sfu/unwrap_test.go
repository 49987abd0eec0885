package sfu_test

import (
	"testing"
	"time"

	"betang/sfu"
	"betang/sfu/sfutest"
)

// TestVoiceWithRedundancy: one in ten packets of a voice is lost on the way here. Where each has the one before it with it, the viewer
// misses only what was lost together with the next, one in a hundred; and hears each packet once, as Opus.
func TestVoiceWithRedundancy(t *testing.T) {
	inTime(t, func(t *testing.T, l *lab) {
		p := sfutest.Publish(t, l.net, l.e, room, "cam", sfutest.Options{NoVideo: true, RED: true, Voice: 80})
		l.e.SetScene(room, sfu.Scene{Audio: []sfu.PeerID{"cam"}})
		v := sfutest.Subscribe(t, l.net, l.e, room, "v", 1, 0)
		time.Sleep(2 * time.Second)
		before := l.e.Stats()
		l.net.Lose(p.Addr, 0.1)
		time.Sleep(60 * time.Second)
		l.net.Lose(p.Addr, 0)
		time.Sleep(2 * time.Second)
		s := l.e.Stats()
		missing, n := whole(t, "v", v.Audio[0]), v.Audio[0].Len()
		if n < 3000 || missing > n/50 {
			t.Errorf("the viewer misses %d of %d packets", missing, n)
		}
		if got := s.Recovered - before.Recovered; got < 200 || got > 400 {
			t.Errorf("%d packets came beside the next, of some 300 lost", got)
		}
		if was, is := before.Dropped, s.Dropped; is["payload"] > was["payload"] || is["duplicate"] > was["duplicate"] {
			t.Errorf("dropped: %v, before %v", is, was)
		}
		said := -1
		for _, x := range v.Audio[0].Packets() {
			if len(x.Payload) != 80 || x.Payload[0] != sfutest.Opus(0)[0] {
				t.Fatalf("a packet of %d bytes that begins %x", len(x.Payload), x.Payload[:min(3, len(x.Payload))])
			}
			if i := int(x.Payload[1])<<8 | int(x.Payload[2]); i <= said && said-i > 2 {
				t.Fatalf("packet %d after %d", i, said)
			} else {
				said = i
			}
		}
	})
}
