package sfu_test

import (
	"testing"
	"time"

	"betang/sfu"
	"betang/sfu/sfutest"
)

func TestLossIsRepaired(t *testing.T) {
	inTime(t, func(t *testing.T, l *lab) {
		p := sfutest.Publish(t, l.net, l.e, room, "cam", sfutest.Options{Parts: 5})
		l.e.SetScene(room, sfu.Scene{Main: "cam", Audio: []sfu.PeerID{"cam"}})
		lossy := sfutest.Subscribe(t, l.net, l.e, room, "lossy", 1, 1)
		clean := sfutest.Subscribe(t, l.net, l.e, room, "clean", 1, 1)
		l.net.Lose(lossy.Addr, 0.05)
		l.net.Lose(p.Addr, 0.05)
		time.Sleep(30 * time.Second)
		l.net.Lose(lossy.Addr, 0)
		l.net.Lose(p.Addr, 0)
		time.Sleep(2 * time.Second)
		s := l.e.Stats()
		for _, v := range []*sfutest.Viewer{lossy, clean} {
			// 5 % of 4500 packets are 225, twice for the lossy one: hardly any may be left.
			if n := whole(t, string(v.ID), v.Video[0]); n > 10 {
				t.Errorf("%s: %d packets missing in the end", v.ID, n)
			}
		}
		if s.Recovered < 100 || s.NACKsOut < s.Recovered {
			t.Errorf("from the publisher: %d recovered of %d asked for", s.Recovered, s.NACKsOut)
		}
		rtx := 0
		for _, k := range lossy.Video[0].Packets() {
			if k.RTX {
				rtx++
			}
		}
		if rtx < 100 || s.Resent < uint64(rtx) {
			t.Errorf("%d packets by RTX, %d resent", rtx, s.Resent)
		}
		if s.Resent > 3000 {
			t.Errorf("%d resent for some 300 lost", s.Resent)
		}
	})
}

func TestLateJoinerStartsFromTheCache(t *testing.T) {
	inTime(t, func(t *testing.T, l *lab) {
		p := sfutest.Publish(t, l.net, l.e, room, "cam", sfutest.Options{Parts: 4})
		l.e.SetScene(room, sfu.Scene{Main: "cam", Audio: []sfu.PeerID{"cam"}})
		sfutest.Subscribe(t, l.net, l.e, room, "first", 1, 1)
		time.Sleep(20 * time.Second)

		// Nobody has a fresh keyframe: the gate lets one request through, and the picture is there within a second.
		before := p.PLIs.Load()
		began := time.Now()
		late := sfutest.Subscribe(t, l.net, l.e, room, "late", 1, 1)
		time.Sleep(700 * time.Millisecond)
		if n := p.PLIs.Load() - before; n != 1 {
			t.Errorf("%d keyframe requests for the late joiner", n)
		}
		firstFrame(t, late, began)

		// The keyframe it got is fresh now: the next ones start from it, without another request.
		bursts := l.e.Stats().Bursts
		began = time.Now()
		later := sfutest.Subscribe(t, l.net, l.e, room, "later", 1, 1)
		time.Sleep(400 * time.Millisecond)
		if n := p.PLIs.Load() - before; n != 1 {
			t.Errorf("%d keyframe requests, want the cache to serve", n)
		}
		if l.e.Stats().Bursts != bursts+1 {
			t.Errorf("no start from the cache: %+v", l.e.Stats())
		}
		firstFrame(t, later, began)
		// What came from the cache must not leave the viewer behind: its timestamps catch up with the clock.
		v := later.Video[0].Packets()
		first, last := v[0], v[len(v)-1]
		media := time.Duration(last.Stamp-first.Stamp) * time.Second / 90000
		if d := media - last.At.Sub(first.At); d > 150*time.Millisecond || d < -150*time.Millisecond {
			t.Errorf("%v of media in %v", media, last.At.Sub(first.At))
		}
		if n := whole(t, "later", later.Video[0]); n != 0 {
			t.Errorf("%d missing", n)
		}
	})
}

// firstFrame checks that the viewer has a whole keyframe soon after it began to join.
func firstFrame(t *testing.T, v *sfutest.Viewer, began time.Time) {
	t.Helper()
	for _, p := range v.Video[0].Packets() {
		if p.Marker {
			if d := p.At.Sub(began); d > time.Second {
				t.Errorf("%s: first frame after %v", v.ID, d)
			}
			return
		}
	}
	t.Errorf("%s: no frame", v.ID)
}

func TestPublisherReturns(t *testing.T) {
	inTime(t, func(t *testing.T, l *lab) {
		scene := func(id sfu.PeerID) { l.e.SetScene(room, sfu.Scene{Main: id, Audio: []sfu.PeerID{id}}) }
		p := sfutest.Publish(t, l.net, l.e, room, "one", sfutest.Options{Parts: 3, Stamp: 5})
		scene("one")
		v := sfutest.Subscribe(t, l.net, l.e, room, "v", 1, 1)
		time.Sleep(3 * time.Second)
		p.Close()
		time.Sleep(time.Second)
		if s := l.states("one"); len(s) == 0 || s[len(s)-1] != sfu.Gone {
			t.Fatalf("the publisher closed, the listener heard %v", s)
		}
		n := v.Video[0].Len()
		time.Sleep(2 * time.Second)
		if v.Video[0].Len() != n {
			t.Error("video without a publisher")
		}
		// The same id again, as a reconnecting client's would be new: both must work.
		sfutest.Publish(t, l.net, l.e, room, "two", sfutest.Options{Parts: 3, Stamp: 3_000_000_000, Picture: 30000})
		scene("two")
		time.Sleep(3 * time.Second)
		if got := v.Video[0].Len() - n; got < 200 {
			t.Errorf("%d packets after the return", got)
		}
		smooth(t, v.Video[0])
		if miss := whole(t, "v", v.Video[0]); miss != 0 {
			t.Errorf("%d missing", miss)
		}
	})
}

// smooth checks that a slot's stream reads as one: numbers and picture ids without a jump, time going forward as fast as
// the clock.
func smooth(t *testing.T, s *sfutest.Slot) {
	t.Helper()
	var last sfutest.Packet
	var first sfutest.Packet
	for i, p := range s.Packets() {
		if i == 0 {
			first, last = p, p
			continue
		}
		if p.Seq != last.Seq+1 {
			t.Fatalf("packet %d: number %d after %d", i, p.Seq, last.Seq)
		}
		if p.Stamp != last.Stamp {
			if d := int32(p.Stamp - last.Stamp); d <= 0 {
				t.Fatalf("packet %d: timestamp goes back by %d", i, -d)
			}
			if p.Info.PictureID != (last.Info.PictureID+1)&0x7fff {
				t.Fatalf("packet %d: picture %d after %d", i, p.Info.PictureID, last.Info.PictureID)
			}
			if p.Info.TL0 != (last.Info.TL0+1)&0xff {
				t.Fatalf("packet %d: TL0PICIDX %d after %d", i, p.Info.TL0, last.Info.TL0)
			}
		}
		last = p
	}
	media := time.Duration(last.Stamp-first.Stamp) * time.Second / 90000
	if d := media - last.At.Sub(first.At); d > 200*time.Millisecond || d < -200*time.Millisecond {
		t.Errorf("%v of media in %v", media, last.At.Sub(first.At))
	}
}

func TestStageSwitchesWithoutRenegotiation(t *testing.T) {
	inTime(t, func(t *testing.T, l *lab) {
		sfutest.Publish(t, l.net, l.e, room, "cam", sfutest.Options{Parts: 3, Stamp: 1, Picture: 7})
		sfutest.Publish(t, l.net, l.e, room, "screen", sfutest.Options{Parts: 6, Stamp: 1 << 31, Picture: 32000, NoAudio: true})
		sfutest.Publish(t, l.net, l.e, room, "guest", sfutest.Options{Parts: 2, Stamp: 4_000_000_000, Picture: 100})
		cam := sfu.Scene{Main: "cam", Audio: []sfu.PeerID{"cam"}}
		l.e.SetScene(room, cam)
		v := sfutest.Subscribe(t, l.net, l.e, room, "v", 3, 3)
		time.Sleep(4 * time.Second)
		audio := v.Audio[0].Len()

		l.e.SetScene(room, sfu.Scene{Main: "screen", Second: "cam", Audio: []sfu.PeerID{"cam"}})
		time.Sleep(4 * time.Second)
		if n := v.Video[1].Len(); n < 3*30*3 {
			t.Errorf("second slot got %d packets", n)
		}
		if got := v.Audio[0].Len() - audio; got < 190 {
			t.Errorf("audio stumbled over the switch: %d packets in 4 s", got)
		}
		second := v.Video[1].Len()

		l.e.SetScene(room, sfu.Scene{Main: "guest", Audio: []sfu.PeerID{"cam", "guest"}})
		time.Sleep(4 * time.Second)
		if got := v.Video[1].Len() - second; got > 30 {
			t.Errorf("second slot goes on with %d packets", got)
		}
		if n := v.Audio[1].Len(); n < 190 {
			t.Errorf("second speaker: %d packets", n)
		}

		l.e.SetScene(room, cam)
		time.Sleep(4 * time.Second)
		l.e.SetScene(room, sfu.Scene{})
		time.Sleep(time.Second)
		all := v.Video[0].Len() + v.Audio[0].Len()
		time.Sleep(2 * time.Second)
		if v.Video[0].Len()+v.Audio[0].Len() != all {
			t.Error("an empty scene still sends")
		}
		smooth(t, v.Video[0])
		if miss := whole(t, "main", v.Video[0]); miss != 0 {
			t.Errorf("%d missing", miss)
		}
		if n := v.Video[0].Len(); n < 30*(3*3+3*6+3*2+3*3) {
			t.Errorf("main slot got %d packets in all", n)
		}
	})
}

func TestSimulcastGivesTheBestLivingLayer(t *testing.T) {
	inTime(t, func(t *testing.T, l *lab) {
		p := sfutest.Publish(t, l.net, l.e, room, "cam", sfutest.Options{Parts: 3, Rids: []string{"q", "h", "f"}})
		l.e.SetScene(room, sfu.Scene{Main: "cam"})
		v := sfutest.Subscribe(t, l.net, l.e, room, "v", 1, 1)
		time.Sleep(5 * time.Second)
		height := func() uint16 {
			packets := v.Video[0].Packets()
			for i := len(packets) - 1; i >= 0; i-- {
				if h := packets[i].Info.Height; h > 0 {
					return h
				}
			}
			return 0
		}
		if h := height(); h != 720 {
			t.Fatalf("shows %d lines, want 720", h)
		}
		p.Pause(2, true)
		time.Sleep(1200 * time.Millisecond)
		if h := height(); h != 360 {
			t.Fatalf("the best layer stopped: shows %d lines, want 360", h)
		}
		time.Sleep(4 * time.Second)
		n := v.Video[0].Len()
		time.Sleep(2 * time.Second)
		if v.Video[0].Len()-n < 150 {
			t.Error("the lower layer does not flow")
		}
		p.Pause(2, false)
		time.Sleep(5 * time.Second)
		if h := height(); h != 720 {
			t.Fatalf("the best layer is back: shows %d lines, want 720", h)
		}
		if miss := whole(t, "v", v.Video[0]); miss != 0 {
			t.Errorf("%d missing", miss)
		}
	})
}

func TestKeyframeRequestsPassOneGate(t *testing.T) {
	inTime(t, func(t *testing.T, l *lab) {
		p := sfutest.Publish(t, l.net, l.e, room, "cam", sfutest.Options{})
		l.e.SetScene(room, sfu.Scene{Main: "cam"})
		var viewers []*sfutest.Viewer
		for _, id := range []sfu.PeerID{"a", "b", "c", "d"} {
			viewers = append(viewers, sfutest.Subscribe(t, l.net, l.e, room, id, 1, 1))
		}
		time.Sleep(3 * time.Second)
		before := p.PLIs.Load()
		for range 100 { // ten seconds of storm
			for _, v := range viewers {
				v.PLI(0)
			}
			time.Sleep(100 * time.Millisecond)
		}
		time.Sleep(time.Second)
		if n := p.PLIs.Load() - before; n < 5 || n > 11 {
			t.Errorf("%d keyframe requests reached the publisher in 10 s", n)
		}
		if s := l.e.Stats(); s.PLIsIn < 390 {
			t.Errorf("only %d requests arrived", s.PLIsIn)
		}
	})
}

func TestEncoderThatAnnouncesNoSSRC(t *testing.T) {
	inTime(t, func(t *testing.T, l *lab) {
		sfutest.Publish(t, l.net, l.e, room, "enc", sfutest.Options{NoSSRC: true})
		l.e.SetScene(room, sfu.Scene{Main: "enc", Audio: []sfu.PeerID{"enc"}})
		v := sfutest.Subscribe(t, l.net, l.e, room, "v", 1, 1)
		time.Sleep(3 * time.Second)
		if v.Video[0].Len() < 60 || v.Audio[0].Len() < 100 {
			t.Errorf("%d video, %d audio packets in 3 s", v.Video[0].Len(), v.Audio[0].Len())
		}
	})
}
