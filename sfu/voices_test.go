package sfu_test

import (
	"testing"
	"time"

	"betang/sfu"
	"betang/sfu/sfutest"
)

// A viewer with a scene of its own gets that one, and everybody's again when it is taken back.
func TestDirect(t *testing.T) {
	inTime(t, func(t *testing.T, l *lab) {
		sfutest.Publish(t, l.net, l.e, room, "cam", sfutest.Options{Parts: 2})
		sfutest.Publish(t, l.net, l.e, room, "behind", sfutest.Options{Parts: 2})
		l.e.SetScene(room, sfu.Scene{Main: "cam", Audio: []sfu.PeerID{"cam"}})
		v := sfutest.Subscribe(t, l.net, l.e, room, "v", 3, 3)
		mate := sfutest.Subscribe(t, l.net, l.e, room, "mate", 3, 3)
		time.Sleep(2 * time.Second)
		l.e.Direct(room, "mate", &sfu.Scene{Second: "behind", Audio: []sfu.PeerID{"behind"}})
		l.e.Direct(room, "cam", &sfu.Scene{}) // a publisher has none
		time.Sleep(500 * time.Millisecond)
		main, second := mate.Video[0].Len(), mate.Video[1].Len()
		audio := v.Audio[0].Len()
		time.Sleep(2 * time.Second)
		if n := mate.Video[0].Len() - main; n != 0 {
			t.Errorf("%d packets of the stage for one who looks behind it", n)
		}
		if n := mate.Video[1].Len() - second; n < 90 {
			t.Errorf("%d packets from behind the stage", n)
		}
		if v.Video[1].Len() != 0 || v.Audio[0].Len()-audio < 90 {
			t.Errorf("everybody's: %d packets from behind the stage, %d of voice", v.Video[1].Len(), v.Audio[0].Len()-audio)
		}
		l.e.SetScene(room, sfu.Scene{Second: "cam"})
		time.Sleep(500 * time.Millisecond)
		if n := v.Video[1].Len(); n == 0 {
			t.Error("everybody's scene did not change")
		}
		l.e.Direct(room, "mate", nil)
		time.Sleep(2 * time.Second)
		audio = mate.Audio[0].Len()
		time.Sleep(time.Second)
		if n := mate.Audio[0].Len() - audio; n != 0 {
			t.Errorf("taken back, and %d packets of its own scene's voice", n)
		}
	})
}

// Of five voices three go out, each whole; when one leaves, another takes its slot.
func TestMoreVoicesThanSlots(t *testing.T) {
	inTime(t, func(t *testing.T, l *lab) {
		names := []sfu.PeerID{"a", "b", "c", "d", "e"}
		for _, id := range names {
			sfutest.Publish(t, l.net, l.e, room, id, sfutest.Options{Parts: 1})
		}
		l.e.SetScene(room, sfu.Scene{Main: "a", Audio: names})
		v := sfutest.Subscribe(t, l.net, l.e, room, "v", 3, 1)
		time.Sleep(2 * time.Second)
		count := func() (n [3]int) {
			for i := range n {
				n[i] = v.Audio[i].Len()
			}
			return n
		}
		before := count()
		time.Sleep(2 * time.Second)
		for i, n := range count() {
			if n -= before[i]; n < 90 || n > 110 {
				t.Errorf("slot %d: %d packets in 2 s", i, n)
			}
		}
		l.e.Close(room, "b")
		time.Sleep(time.Second)
		before = count()
		time.Sleep(2 * time.Second)
		for i, n := range count() {
			if n -= before[i]; n < 90 {
				t.Errorf("after one left, slot %d: %d packets in 2 s", i, n)
			}
		}
	})
}
