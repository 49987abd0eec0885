package sfu_test

import (
	"testing"
	"time"

	"betang/sfu"
	"betang/sfu/sfutest"
)

// What is held goes to nobody, present or newly come, while the publisher goes on sending; then it goes on whole.
func TestHeldGoesToNobody(t *testing.T) {
	inTime(t, func(t *testing.T, l *lab) {
		sfutest.Publish(t, l.net, l.e, room, "cam", sfutest.Options{Parts: 3})
		sfutest.Publish(t, l.net, l.e, room, "guest", sfutest.Options{Parts: 2})
		l.e.SetScene(room, sfu.Scene{Main: "cam", Second: "guest", Audio: []sfu.PeerID{"cam", "guest"}})
		v := sfutest.Subscribe(t, l.net, l.e, room, "v", 3, 3)
		time.Sleep(3 * time.Second)
		came := func(v *sfutest.Viewer) [4]int {
			return [4]int{v.Audio[0].Len(), v.Video[0].Len(), v.Audio[1].Len(), v.Video[1].Len()}
		}
		if n := came(v); n[2] < 100 || n[3] < 100 {
			t.Fatalf("before: %v", n)
		}
		l.e.Hold(room, "guest", true, false)
		time.Sleep(500 * time.Millisecond)
		late := sfutest.Subscribe(t, l.net, l.e, room, "late", 3, 3)
		before := came(v)
		time.Sleep(3 * time.Second)
		after := came(v)
		if after[2] != before[2] || came(late)[2] != 0 {
			t.Errorf("held sound: %d packets, a late viewer got %d", after[2]-before[2], came(late)[2])
		}
		if after[3]-before[3] < 100 || after[0]-before[0] < 140 || came(late)[3] < 100 {
			t.Errorf("what is not held stumbles: %v, then %v; late %v", before, after, came(late))
		}
		l.e.Hold(room, "guest", false, true)
		time.Sleep(500 * time.Millisecond)
		before = came(v)
		time.Sleep(2 * time.Second)
		after = came(v)
		if after[3] != before[3] || after[2]-before[2] < 90 {
			t.Errorf("held picture: %d packets; its sound again: %d", after[3]-before[3], after[2]-before[2])
		}
		l.e.Hold(room, "guest", false, false)
		l.e.Hold(room, "nobody", true, true)
		l.e.Hold(room, "v", true, true) // a viewer
		time.Sleep(2 * time.Second)
		if n := came(v)[3] - after[3]; n < 60 {
			t.Errorf("let go: %d packets of picture in 2 s", n)
		}
		smooth(t, v.Video[1])
		if miss := whole(t, "second", v.Video[1]); miss != 0 {
			t.Errorf("%d missing", miss)
		}
	})
}
