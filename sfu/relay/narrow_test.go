package relay_test

import (
	gonet "net"
	"testing"
	"time"

	"betang/sfu"
	"betang/sfu/sfutest"
)

// An edge behind a line of 3 Mbit/s takes a shared screen, a camera and an interpreter, whose best layers need more; then the line
// carries 800 kbit/s, then enough. The pictures get smaller and larger with it, the voice is whole all the time and never late,
// and hardly anything is lost.
func TestNarrowPathGetsLowerLayers(t *testing.T) {
	inTime(t, func(t *testing.T, net *sfutest.Net) {
		var shaper *sfutest.Shaper
		origin := newSite(t, net, "origin", func(c gonet.PacketConn) gonet.PacketConn {
			shaper = sfutest.NewShaper(c)
			return shaper
		})
		edge := newSite(t, net, "edge")
		link := shaper.Link(3_000_000, 300*time.Millisecond)
		shaper.Put(edge.addr, link)
		origin.start(nil, edge)
		edge.start(origin)
		t.Cleanup(func() { edge.stop(); origin.stop() })
		camera := sfutest.Options{Rids: []string{"q", "h", "f"}, Rates: []int{120_000, 400_000, 1_300_000}, Voice: 60}
		sfutest.Publish(t, net, origin.e, room, "gub", camera)
		camera.NoAudio = true
		sfutest.Publish(t, net, origin.e, room, "jbi", camera)
		sfutest.Publish(t, net, origin.e, room, "layar", sfutest.Options{NoAudio: true, Rids: []string{"q", "f"}, Rates: []int{200_000, 700_000}})
		origin.e.SetScene(room, sfu.Scene{
			Main: "layar", Second: "gub", Interpreter: "jbi", Audio: []sfu.PeerID{"gub"}, Shared: sfu.Shared{Main: true},
		})
		time.Sleep(3 * time.Second)
		v := sfutest.Subscribe(t, net, edge.e, room, "v", 1, 3)

		phase := func(rate int64, what string, settle time.Duration, least float64) {
			const most = 20 // packets lost in 20 s
			link.SetRate(rate)
			from, dropped := time.Now(), link.Dropped()
			time.Sleep(settle)
			settled, lost := time.Now(), link.Dropped()
			sent := origin.stats("edge").Totals["bytes_out"]
			time.Sleep(20 * time.Second)
			use := float64(origin.stats("edge").Totals["bytes_out"]-sent) * 8 / 20 / float64(rate)
			var heights [3]uint16
			for i, s := range v.Video {
				n := 0
				for _, p := range s.Packets() {
					if p.At.After(settled) {
						n++
					}
					if p.Info.Key {
						heights[i] = p.Info.Height
					}
				}
				if n == 0 {
					t.Errorf("%s: slot %d shows nothing", what, i)
				}
			}
			voice, gap, last := 0, time.Duration(0), from
			for _, p := range v.Audio[0].Packets() {
				if p.At.After(from) {
					voice++
					gap, last = max(gap, p.At.Sub(last)), p.At
				}
			}
			stats := origin.stats("edge")
			t.Logf("%s: screen, camera, interpreter of %d lines; %.0f %% of the path used, %d kbit/s believed; %d packets lost before it fitted, %d in 20 s after; voice %d packets, longest silence %v; %d layers held",
				what, heights, use*100, stats.Path/1000, lost-dropped, link.Dropped()-lost, voice, gap.Round(time.Millisecond), stats.Held)
			if link.Dropped()-lost > most {
				t.Errorf("%s: %d packets were lost after it should fit", what, link.Dropped()-lost)
			}
			if voice < int((settle+20*time.Second)/(20*time.Millisecond))*95/100 || gap > 700*time.Millisecond {
				t.Errorf("%s: %d packets of the voice, once none for %v", what, voice, gap)
			}
			if use < least {
				t.Errorf("%s: only %.0f %% of the path is used", what, use*100)
			}
		}
		phase(3_000_000, "3 Mbit/s", 6*time.Second, .5)
		phase(800_000, "800 kbit/s", 6*time.Second, .4)
		phase(6_000_000, "6 Mbit/s", 30*time.Second, .5)
		if got := origin.stats("edge"); got.Held != 0 {
			t.Errorf("%d layers are held on a path that carries all", got.Held)
		}
		whole(t, "voice", v.Audio[0], 30)
	})
}
