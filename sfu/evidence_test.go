package sfu_test

import (
	"testing"
	"testing/synctest"
	"time"

	"betang/sfu"
	"betang/sfu/sfutest"
)

func TestDeliveriesProveWhatCame(t *testing.T) {
	for _, scene := range []struct {
		name string
		sfu.Scene
	}{
		{"video and audio", sfu.Scene{Main: "cam", Audio: []sfu.PeerID{"cam"}}},
		{"audio only", sfu.Scene{Audio: []sfu.PeerID{"cam"}}},
	} {
		t.Run(scene.name, func(t *testing.T) {
			inTime(t, func(t *testing.T, l *lab) {
				sfutest.Publish(t, l.net, l.e, room, "cam", sfutest.Options{})
				v := sfutest.Subscribe(t, l.net, l.e, room, "v", 3, 3)
				time.Sleep(5 * time.Second)
				if d := l.e.Deliveries(room, nil); len(d) != 0 {
					t.Fatalf("proof of nothing: %v", d)
				}
				var total int64
				var last sfu.Delivery
				run := func(d time.Duration) {
					t.Helper()
					for range int(d / time.Second) {
						time.Sleep(time.Second)
						for _, x := range l.e.Deliveries(room, nil) {
							if x.Peer != "v" || x.From < last.To || x.To < x.From || x.To > time.Now().UnixMilli() {
								t.Fatalf("%+v after %+v", x, last)
							}
							total += x.To - x.From
							last = x
						}
					}
				}
				l.e.SetScene(room, scene.Scene)
				began := time.Now().UnixMilli()
				run(20 * time.Second)
				if total < 18000 || total > 20000 {
					t.Errorf("%d ms proven of 20 s", total)
				}
				l.e.SetScene(room, sfu.Scene{}) // the event pauses
				run(10 * time.Second)
				if total > 21500 {
					t.Errorf("%d ms proven while nothing was sent", total)
				}
				l.e.SetScene(room, scene.Scene)
				before := total
				run(10 * time.Second)
				if total-before < 8000 || last.From < began {
					t.Errorf("%d ms proven of 10 s", total-before)
				}
				l.net.Block(v.Addr, true) // a dead line proves nothing, whatever the server sends
				before = total
				run(20 * time.Second)
				if total-before > 1500 {
					t.Errorf("%d ms proven over a dead line", total-before)
				}
			})
		})
	}
}

// Alone in a silent room: no publisher sends anything, and yet what comes proves that the viewer is there.
func TestSilenceProvesPresence(t *testing.T) {
	inTime(t, func(t *testing.T, l *lab) {
		v := sfutest.Subscribe(t, l.net, l.e, room, "v", 3, 3)
		l.e.Direct(room, "v", &sfu.Scene{Hush: true})
		proven := func(d time.Duration) (total int64) {
			for range int(d / time.Second) {
				time.Sleep(time.Second)
				for _, x := range l.e.Deliveries(room, nil) {
					total += x.To - x.From
				}
			}
			return total
		}
		if n := proven(20 * time.Second); n < 18000 {
			t.Errorf("%d ms proven of 20 s", n)
		}
		if n := whole(t, "v", v.Audio[0]); n != 0 || len(v.Audio[0].Packets()) < 950 {
			t.Errorf("%d packets of silence in 20 s, %d missing", len(v.Audio[0].Packets()), n)
		}
		sfutest.Publish(t, l.net, l.e, room, "cam", sfutest.Options{}) // somebody speaks: no silence over the voice
		l.e.Direct(room, "v", &sfu.Scene{Audio: []sfu.PeerID{"cam"}, Hush: true})
		proven(5 * time.Second)
		spoken := 0
		for _, p := range v.Audio[0].Packets()[950:] {
			if len(p.Payload) > 3 {
				spoken++
			}
		}
		if spoken < 200 {
			t.Errorf("%d packets of voice in 5 s", spoken)
		}
		l.e.Direct(room, "v", &sfu.Scene{})
		proven(3 * time.Second)
		if n := proven(10 * time.Second); n != 0 {
			t.Errorf("%d ms proven while nothing was sent", n)
		}
	})
}

// TestVoiceWaitsForNoPage: the reports of a shared screen in the voice's stream name no wallclock, from the moment on that it is there, so that
// a player does not hold the voice with a late page. The camera beside it, the voice and what comes after it have theirs.
func TestVoiceWaitsForNoPage(t *testing.T) {
	inTime(t, func(t *testing.T, l *lab) {
		sfutest.Publish(t, l.net, l.e, room, "cam", sfutest.Options{})
		sfutest.Publish(t, l.net, l.e, room, "screen", sfutest.Options{NoAudio: true})
		camera := sfu.Scene{Main: "cam", Audio: []sfu.PeerID{"cam"}}
		l.e.SetScene(room, camera)
		v := sfutest.Subscribe(t, l.net, l.e, room, "v", 1, 2)
		time.Sleep(5 * time.Second)
		for _, c := range []struct {
			name  string
			scene sfu.Scene
			timed [3]bool // main, second, voice
		}{
			{"a screen", sfu.Scene{Main: "screen", Second: "cam", Audio: camera.Audio, Shared: sfu.Shared{Main: true}}, [3]bool{false, true, true}},
			{"the camera large", sfu.Scene{Main: "cam", Second: "screen", Audio: camera.Audio, Shared: sfu.Shared{Second: true}}, [3]bool{true, true, true}},
		} {
			l.e.SetScene(room, c.scene)
			began := time.Now()
			time.Sleep(5 * time.Second)
			for i, slot := range []*sfutest.Slot{v.Video[0], v.Video[1], v.Audio[0]} {
				n := 0
				for _, r := range slot.Reports() {
					if r.At.Before(began.Add(50 * time.Millisecond)) {
						continue
					}
					if n++; r.NTP != 0 != c.timed[i] {
						t.Errorf("%s: a report of slot %d says %d", c.name, i, r.NTP)
					}
					if after := r.At.Sub(began); n == 1 && i == 0 && after > 300*time.Millisecond {
						t.Errorf("%s: it is told after %v", c.name, after)
					}
				}
				if n < 2 {
					t.Errorf("%s: %d reports of slot %d", c.name, n, i)
				}
			}
		}
	})
}

// Audio and video of a publisher start at timestamps that have nothing in common. A viewer puts them together by the
// sender reports.
func TestSenderReportsKeepLipSync(t *testing.T) {
	inTime(t, func(t *testing.T, l *lab) {
		sfutest.Publish(t, l.net, l.e, room, "cam", sfutest.Options{Stamp: 123456})
		l.e.SetScene(room, sfu.Scene{Main: "cam", Audio: []sfu.PeerID{"cam"}})
		v := sfutest.Subscribe(t, l.net, l.e, room, "v", 1, 1)
		time.Sleep(10 * time.Second)
		// The laboratory sends at the moment of capture and over 20 ms twice: by its report's clock each packet must be
		// about as old on both slots.
		age := func(s *sfutest.Slot, clock int64) time.Duration {
			reports, packets := s.Reports(), s.Packets()
			if len(reports) < 4 {
				t.Fatalf("%d sender reports in 10 s", len(reports))
			}
			r, p := reports[len(reports)-1], packets[len(packets)-1]
			captured := ntp(r.NTP) + int64(int32(p.Stamp-r.Stamp))*int64(time.Second)/clock
			return time.Duration(p.At.UnixNano() - captured)
		}
		video, audio := age(v.Video[0], 90000), age(v.Audio[0], 48000)
		if d := video - audio; d > 25*time.Millisecond || d < -25*time.Millisecond {
			t.Errorf("video is %v old, audio %v", video, audio)
		}
		if video < 0 || video > 100*time.Millisecond {
			t.Errorf("video is %v old", video)
		}
	})
}

func ntp(t uint64) int64 {
	return (int64(t>>32)-2208988800)*int64(time.Second) + int64((t&0xffffffff)*uint64(time.Second)>>32)
}

// TestACutIsAGap: a viewer's line is dead for six seconds, in both directions, and lives again in the same session. Its next report vouches
// for what came since, and not for the six seconds, though it is the first after them.
func TestACutIsAGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLabWith(t, sfu.Config{})
		sfutest.Publish(t, l.net, l.e, room, "cam", sfutest.Options{})
		l.e.SetScene(room, sfu.Scene{Main: "cam", Audio: []sfu.PeerID{"cam"}})
		v := sfutest.SubscribeTelling(t, l.net, l.e, room, "v", 1, 1, func(string) {})
		time.Sleep(10 * time.Second)
		cut := time.Now()
		l.net.Block(v.Addr, true)
		time.Sleep(6 * time.Second)
		l.net.Block(v.Addr, false)
		back := time.Now()
		time.Sleep(10 * time.Second)
		proven, within := int64(0), int64(0)
		for _, d := range l.e.Deliveries(room, nil) {
			proven += d.To - d.From
			within += max(0, min(d.To, back.UnixMilli())-max(d.From, cut.UnixMilli()))
		}
		t.Logf("%d ms proven of 20 s, and %d of 6 s that nothing came", proven, within)
		if within > 1000 || proven < 17000 {
			t.Errorf("%d ms proven of 20 s, and %d of 6 s that nothing came", proven, within)
		}
	})
}
