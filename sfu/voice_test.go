package sfu_test

import (
	"testing"
	"testing/synctest"
	"time"

	"betang/sfu"
	"betang/sfu/sfutest"
)

// busyLab is a lab whose shards are always busy.
func busyLab(t *testing.T, f func(t *testing.T, l *lab)) {
	t.Helper()
	for name, full := range map[string]bool{"lean": false, "full": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { f(t, newLabWith(t, sfu.Config{Full: full, Busy: -1})) })
		})
	}
}

// counters are the numbers in the laboratory's Opus frames, in the order they came.
func counters(t *testing.T, packets []sfutest.Packet) (frames []int, merged int) {
	t.Helper()
	for _, p := range packets {
		b := p.Payload
		if b[0]&3 == 0 {
			frames = append(frames, int(b[1])<<8|int(b[2]))
			continue
		}
		if b[0]&3 != 3 || b[1]&0xc0 != 0 || (len(b)-2)%int(b[1]) != 0 {
			t.Fatalf("payload %x", b)
		}
		merged++
		n := int(b[1])
		size := (len(b) - 2) / n
		for i := range n {
			f := b[2+i*size:]
			frames = append(frames, int(f[0])<<8|int(f[1]))
		}
	}
	return frames, merged
}

func TestBusyShardMergesVoice(t *testing.T) {
	busyLab(t, func(t *testing.T, l *lab) {
		sfutest.Publish(t, l.net, l.e, room, "cam", sfutest.Options{Parts: 4})
		l.e.SetScene(room, sfu.Scene{Main: "cam", Audio: []sfu.PeerID{"cam"}})
		both := sfutest.Subscribe(t, l.net, l.e, room, "both", 3, 3)
		voice := sfutest.Subscribe(t, l.net, l.e, room, "voice", 1, 0) // no frame to ride behind
		time.Sleep(10 * time.Second)
		for _, v := range []*sfutest.Viewer{both, voice} {
			packets := v.Audio[0].Packets()
			if n := whole(t, string(v.ID), v.Audio[0]); n != 0 {
				t.Errorf("%s: %d packets missing without loss", v.ID, n)
			}
			if len(packets) < 150 || len(packets) > 180 {
				t.Errorf("%s: %d packets of voice in 10 s, want 167", v.ID, len(packets))
			}
			frames, merged := counters(t, packets)
			if merged < len(packets)-2 {
				t.Errorf("%s: %d of %d packets merged", v.ID, merged, len(packets))
			}
			for i := 1; i < len(frames); i++ {
				if frames[i] != frames[i-1]+1 {
					t.Fatalf("%s: frame %d after %d", v.ID, frames[i], frames[i-1])
				}
			}
			for i := 1; i < len(packets); i++ {
				if d := packets[i].Stamp - packets[i-1].Stamp; d != 2880 {
					t.Fatalf("%s: timestamp goes on by %d", v.ID, d)
				}
				if d := packets[i].At.Sub(packets[i-1].At); d > 105*time.Millisecond {
					t.Errorf("%s: %v between two packets of voice", v.ID, d)
				}
			}
		}
		if n := whole(t, "video", both.Video[0]); n != 0 {
			t.Errorf("%d packets of video missing", n)
		}
	})
}

// Merged voice is repaired like any other, and survives the loss of what it is made from.
func TestMergedVoiceOverLoss(t *testing.T) {
	busyLab(t, func(t *testing.T, l *lab) {
		p := sfutest.Publish(t, l.net, l.e, room, "cam", sfutest.Options{})
		l.e.SetScene(room, sfu.Scene{Main: "cam", Audio: []sfu.PeerID{"cam"}})
		v := sfutest.Subscribe(t, l.net, l.e, room, "v", 1, 1)
		time.Sleep(time.Second)
		l.net.Lose(v.Addr, 0.05)
		l.net.Lose(p.Addr, 0.05)
		time.Sleep(20 * time.Second)
		l.net.Lose(v.Addr, 0)
		l.net.Lose(p.Addr, 0)
		time.Sleep(2 * time.Second)
		frames, merged := counters(t, v.Audio[0].Packets())
		seen := map[int]int{}
		for _, f := range frames {
			seen[f]++
		}
		// 5 % are lost before the server: those break a packet up, and come too late for the next. What is lost behind it
		// is asked for and comes again.
		if n := len(seen); n < 1150*90/100 {
			t.Errorf("%d different frames of some 1150", n)
		}
		if merged < 200 {
			t.Errorf("%d merged packets", merged)
		}
		if n := whole(t, "voice", v.Audio[0]); n > 5 {
			t.Errorf("%d numbers missing", n)
		}
	})
}
