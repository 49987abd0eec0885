package sfu_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"betang/sfu"
	"betang/sfu/sfutest"
)

// threeLayers is a lecture's publisher, made with pion: 180, 360 and 720 lines.
var threeLayers = sfutest.Options{Rids: []string{"q", "h", "f"}, Rates: []int{150_000, 500_000, 1_500_000}}

// living are the bits a second of the layers of "cam" that have come within the last second.
func living(l *lab) (bits []int64) {
	for _, h := range l.e.Healths(room, nil) {
		for _, x := range h.Layers {
			if h.Peer == "cam" && x.Quiet < time.Second {
				bits = append(bits, x.Bits)
			}
		}
	}
	slices.Sort(bits)
	return bits
}

// late are the shares of packets, of those since began, that came later than the quickest by more than a player holds pictures: one that knows
// only its own path (100 ms), and one that does as it is told.
func late(s *sfutest.Slot, began time.Time) (untold, told float64, hold time.Duration) {
	var behind []time.Duration
	quickest := time.Duration(math.MaxInt64)
	first := uint32(0)
	for _, p := range s.Packets() {
		if p.At.Before(began) {
			continue
		}
		if len(behind) == 0 {
			first = p.Stamp
		}
		b := p.At.Sub(began) - time.Duration(int32(p.Stamp-first))*time.Second/90_000
		quickest = min(quickest, b)
		behind = append(behind, b)
		hold = max(hold, p.Hold)
	}
	for _, b := range behind {
		if b-quickest > 100*time.Millisecond {
			untold++
		}
		if b-quickest > max(hold, 100*time.Millisecond) {
			told++
		}
	}
	n := float64(max(len(behind), 1))
	return untold / n, told / n, hold
}

// TestLayersAreRepaired: one in ten packets of three layers is lost on the way here, and each is asked for and sent again: in streams of
// their own, which pion's senders give the name of the layer instead of that of what is repaired, and without such streams where their
// packets cannot be named. All layers stay, and the viewer, whose own path is good, misses nothing: it is told to hold pictures back until
// what was lost is here, and no longer than a second.
func TestLayersAreRepaired(t *testing.T) {
	for name, nameless := range map[string]bool{"named": false, "nameless": true} {
		t.Run(name, func(t *testing.T) {
			inTime(t, func(t *testing.T, l *lab) {
				o := threeLayers
				o.NoNames, o.NoAudio = nameless, true // its voice is not sent again, and would be counted
				p := sfutest.Publish(t, l.net, l.e, room, "cam", o)
				l.e.SetScene(room, sfu.Scene{Main: "cam"})
				v := sfutest.SubscribeTelling(t, l.net, l.e, room, "v", 0, 1, func(string) {})
				time.Sleep(3 * time.Second)
				if _, _, hold := late(v.Video[0], time.Time{}); hold != 0 {
					t.Errorf("pictures of a speaker who loses nothing are to be held for %v", hold)
				}
				began, asked := l.e.Stats(), p.PLIs.Load()
				l.net.Lose(p.Addr, 0.1)
				time.Sleep(30 * time.Second)
				if bits := living(l); len(bits) != 3 {
					t.Errorf("of three layers %v bits a second arrive", bits)
				}
				untold, told, hold := late(v.Video[0], time.Now().Add(-20*time.Second))
				t.Logf("%.1f %% of the packets come more than 100 ms late, %.2f %% more than the %v that are told", 100*untold, 100*told, hold)
				if lean := l.e.Stats().Lean > 0; !lean {
					if hold != 0 {
						t.Errorf("a PeerConnection tells a player to hold pictures for %v", hold)
					}
				} else if hold < 400*time.Millisecond || hold > time.Second || untold < 0.01 || told > untold/3 {
					t.Errorf("%.1f %% of the packets come more than 100 ms late, %.2f %% more than the %v that are told", 100*untold, 100*told, hold)
				}
				l.net.Lose(p.Addr, 0)
				time.Sleep(2 * time.Second)
				s := l.e.Stats()
				mended, lost := s.Recovered-began.Recovered, s.Lost-began.Lost
				t.Logf("%d packets came again, %d were given up; %d asked for; %d keyframe requests in 30 s", mended, lost, s.NACKsOut-began.NACKsOut, p.PLIs.Load()-asked)
				if mended < 500 || lost > mended/100 {
					t.Errorf("%d packets came again, %d were given up", mended, lost)
				}
				if n := p.PLIs.Load() - asked; n > 3 {
					t.Errorf("%d keyframe requests in 30 s", n)
				}
				if n := whole(t, "v", v.Video[0]); n > v.Video[0].Len()/1000 {
					t.Errorf("the viewer misses %d of %d packets", n, v.Video[0].Len())
				}
			})
		})
	}
}

// TestLayerUnderAnotherSSRC: layers go on under other SSRCs, known by their names (RFC 8852 section 3). The viewer's picture goes on with
// them, and the peer ends whole, the readers of the first streams too.
func TestLayerUnderAnotherSSRC(t *testing.T) {
	inTime(t, func(t *testing.T, l *lab) {
		p := sfutest.Publish(t, l.net, l.e, room, "cam", threeLayers)
		l.e.SetScene(room, sfu.Scene{Main: "cam", Audio: []sfu.PeerID{"cam"}})
		v := sfutest.Subscribe(t, l.net, l.e, room, "v", 1, 1)
		time.Sleep(3 * time.Second)
		p.Renumber()
		time.Sleep(3 * time.Second)
		p.Keyframe()
		if bits := living(l); len(bits) != 3 {
			t.Errorf("of three layers %v bits a second arrive", bits)
		}
		n, said := v.Video[0].Len(), v.Audio[0].Len()
		time.Sleep(5 * time.Second)
		if n, said = v.Video[0].Len()-n, v.Audio[0].Len()-said; n < 5*30 || said < 240 {
			t.Errorf("%d packets of the picture, %d of the voice in 5 s", n, said)
		}
		p.Close()
		time.Sleep(5 * time.Second)
		if s := l.states("cam"); !slices.Contains(s, sfu.Gone) {
			t.Errorf("the publisher has left, and is told %v", s)
		}
	})
}
