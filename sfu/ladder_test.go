package sfu_test

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"betang/sfu"
	"betang/sfu/codec"
	"betang/sfu/sfutest"
)

var dice = flag.Uint64("dice", 0, "seed of the viewers' dice on narrow paths, to repeat a run; 0: another one each time")

// newNarrowLab is a lab whose server sends through links.
func newNarrowLab(t *testing.T) (*lab, *sfutest.Shaper) {
	t.Helper()
	seed := cmp.Or(*dice, rand.Uint64())
	t.Logf("-dice %d", seed)
	l := &lab{t: t, net: sfutest.NewNet(t, 25*time.Millisecond, 42), heard: map[sfu.PeerID][]sfu.PeerState{}}
	shaper := sfutest.NewShaper(l.net.Server)
	e, err := sfu.New(sfu.Config{
		Conn: shaper, Net: l.net.VNet, Listener: l, Shards: 2, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Seed: seed,
	})
	if err != nil {
		t.Fatal(err)
	}
	l.e = e
	t.Cleanup(func() {
		if err := e.Shutdown(); err != nil {
			t.Error(err)
		}
	})
	return l, shaper
}

// lecture publishes a camera in three layers and a voice of 24 kbit/s.
func lecture(t *testing.T, l *lab) *sfutest.Publisher {
	t.Helper()
	p := sfutest.Publish(t, l.net, l.e, room, "cam", sfutest.Options{
		Rids: []string{"q", "h", "f"}, Rates: []int{120_000, 400_000, 1_300_000}, Voice: 60,
	})
	l.e.SetScene(room, sfu.Scene{Main: "cam", Audio: []sfu.PeerID{"cam"}})
	return p
}

// standings follows where viewers stand.
type standings map[sfu.PeerID]sfu.Standing

func (s standings) look(l *lab) {
	for _, x := range l.e.Standings(room, nil) {
		s[x.Peer] = x
	}
}

// until waits, a tenth of a second at a time, until the viewer's rung is as wanted; it says how long that took.
func (s standings) until(l *lab, id sfu.PeerID, most time.Duration, is func(rung string) bool) (time.Duration, bool) {
	began := time.Now()
	for time.Since(began) < most {
		time.Sleep(100 * time.Millisecond)
		s.look(l)
		if is(s[id].Rung) {
			return time.Since(began), true
		}
	}
	return time.Since(began), false
}

// settle looks for so long and says how often the viewer's rung changed.
func (s standings) settle(l *lab, id sfu.PeerID, d time.Duration) (changes int) {
	was := s[id].Rung
	s.until(l, id, d, func(r string) bool {
		if r != was {
			was = r
			changes++
		}
		return false
	})
	return changes
}

// voiceLoss counts the 20 ms frames of voice that came and that are missing, of those that came between the two times.
func voiceLoss(slot *sfutest.Slot, from, to time.Time) (came, missing int) {
	heard := map[int]bool{}
	first, last := -1, -1
	for _, p := range slot.Packets() {
		for _, n := range voices(p) {
			heard[n] = true
			if !p.At.Before(from) && !p.At.After(to) {
				if first < 0 || n < first {
					first = n
				}
				last = max(last, n)
			}
		}
	}
	for n := first; n <= last && first >= 0; n++ {
		if heard[n] {
			came++
		} else {
			missing++
		}
	}
	return came, missing
}

// voices reads the numbers out of sfutest's Opus, single, merged or with redundancy.
func voices(packet sfutest.Packet) (list []int) {
	if packet.Type == 63 {
		blocks, _, err := codec.SplitRED(packet.Payload, packet.Stamp)
		if err != nil {
			return nil
		}
		for _, b := range blocks {
			list = append(list, opusNumbers(b.Payload)...)
		}
		return list
	}
	return opusNumbers(packet.Payload)
}

func opusNumbers(p []byte) (list []int) {
	if len(p) < 3 {
		return nil
	}
	n, body := 1, p[1:]
	if p[0]&3 == 3 {
		n, body = int(p[1]&0x3f), p[2:]
	} else if p[0]&3 != 0 {
		n = 2
	}
	size := len(body) / n
	for i := range n {
		list = append(list, int(body[i*size])<<8|int(body[i*size+1]))
	}
	return list
}

func TestLadderThroughTheSteps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, shaper := newNarrowLab(t)
		lecture(t, l)
		time.Sleep(3 * time.Second) // the layers' rates are measured
		link := shaper.Link(2_000_000, 300*time.Millisecond)
		v := sfutest.SubscribeTelling(t, l.net, l.e, room, "v", 3, 3, func(addr string) { shaper.Put(addr, link) })
		s := standings{}
		if d, ok := s.until(l, "v", 20*time.Second, func(r string) bool { return r == "high" }); !ok {
			t.Fatalf("not at 720p after %v: %+v", d, s["v"])
		} else {
			t.Logf("joins; 720p after %v", d)
		}
		t.Logf("2 Mbit/s for 20 s: %d changes, %+v", s.settle(l, "v", 20*time.Second), s["v"])
		if s["v"].Rung != "high" {
			t.Errorf("2 Mbit/s: %+v", s["v"])
		}
		check := func(what string, began time.Time) {
			time.Sleep(time.Second) // what is on its way
			came, missing := voiceLoss(v.Audio[0], began.Add(time.Second), time.Now().Add(-time.Second))
			t.Logf("%s: %+v; %d voice frames, %d missing", what, s["v"], came, missing)
			if came < 1000 || missing*100 > came {
				t.Errorf("%s: %d of %d voice frames missing", what, missing, came+missing)
			}
		}
		for _, step := range []struct {
			rate int64
			max  int // kbit/s of what is sent
		}{{500_000, 530}, {200_000, 215}, {64_000, 66}} {
			link.SetRate(step.rate)
			began := time.Now()
			d, ok := s.until(l, "v", 5*time.Second, func(r string) bool { return s["v"].Kbps <= step.max })
			if !ok {
				t.Errorf("%d bit/s: still %+v after %v", step.rate, s["v"], d)
			}
			t.Logf("%d bit/s: left after %v for %s", step.rate, d, s["v"].Rung)
			changes := s.settle(l, "v", 30*time.Second)
			check(fmt.Sprintf("%d bit/s, %d changes more", step.rate, changes), began)
			if changes > 4 {
				t.Errorf("%d bit/s: %d changes of rung in 30 s", step.rate, changes)
			}
		}
		if s["v"].Rung != "voice" || s["v"].Reason != "network" {
			t.Errorf("at 64 kbit/s: %+v", s["v"])
		}
		link.SetRate(2_000_000)
		began := time.Now()
		d, ok := s.until(l, "v", 40*time.Second, func(r string) bool { return r == "high" })
		if !ok {
			t.Errorf("not back at 720p after %v: %+v", d, s["v"])
		}
		t.Logf("2 Mbit/s: back at 720p after %v", d)
		time.Sleep(20 * time.Second)
		check("2 Mbit/s", began)
		if st := l.e.Stats(); testing.Verbose() {
			t.Logf("%d dropped by the link; %+v", link.Dropped(), st)
		}
	})
}

func TestThirtyBehindOneLink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, shaper := newNarrowLab(t)
		lecture(t, l)
		time.Sleep(3 * time.Second)
		link := shaper.Link(5_000_000, 300*time.Millisecond)
		var viewers []*sfutest.Viewer
		for i := range 30 {
			id := sfu.PeerID(fmt.Sprintf("v%d", i))
			viewers = append(viewers, sfutest.SubscribeTelling(t, l.net, l.e, room, id, 1, 1, func(addr string) { shaper.Put(addr, link) }))
		}
		s := standings{}
		s.settle(l, "v0", time.Minute)
		began := time.Now()
		changes, was := 0, map[sfu.PeerID]string{}
		for time.Since(began) < 40*time.Second {
			time.Sleep(100 * time.Millisecond)
			s.look(l)
			for id, x := range s {
				if was[id] != "" && was[id] != x.Rung {
					changes++
				}
				was[id] = x.Rung
			}
		}
		time.Sleep(time.Second)
		rungs, kbps, worst := map[string]int{}, 0, 0
		for _, v := range viewers {
			came, missing := voiceLoss(v.Audio[0], began, began.Add(40*time.Second))
			worst = max(worst, missing)
			if came < 1900 || missing*100 > came {
				t.Errorf("%s: %d of %d voice frames missing", v.ID, missing, came+missing)
			}
			rungs[s[v.ID].Rung]++
			kbps += s[v.ID].Kbps
		}
		t.Logf("rungs %v, %d kbit/s together, worst voice loss %d of 2000 frames, %d changes of rung in 40 s", rungs, kbps, worst, changes)
		if kbps > 5_500 || kbps < 2_800 {
			t.Errorf("%d kbit/s on a link of 5000", kbps)
		}
		if changes > 30*2 {
			t.Errorf("%d changes of rung", changes)
		}
	})
}

// TestOthersAreUntouched: viewers who lose a tenth of everything cost those beside them nothing.
func TestOthersAreUntouched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _ := newNarrowLab(t)
		p := lecture(t, l)
		time.Sleep(3 * time.Second)
		var good, bad []*sfutest.Viewer
		for i := range 30 {
			id := sfu.PeerID(fmt.Sprintf("v%d", i))
			v := sfutest.SubscribeTelling(t, l.net, l.e, room, id, 1, 1, func(string) {})
			if i%10 == 0 {
				bad = append(bad, v)
				l.net.Lose(v.Addr, 0.1)
			} else {
				good = append(good, v)
			}
		}
		time.Sleep(10 * time.Second)
		began, keys := time.Now(), p.PLIs.Load()
		time.Sleep(30 * time.Second)
		keys = p.PLIs.Load() - keys
		for _, v := range bad {
			l.net.Lose(v.Addr, 0)
		}
		time.Sleep(time.Second)
		s := standings{}
		s.look(l)
		for _, v := range good {
			came, missing := voiceLoss(v.Audio[0], began, began.Add(30*time.Second))
			if came < 1400 || missing > 0 {
				t.Errorf("%s: %d of %d voice frames missing", v.ID, missing, came+missing)
			}
			if s[v.ID].Rung != "high" {
				t.Errorf("%s: %+v", v.ID, s[v.ID])
			}
			for _, x := range v.Video[0].Packets() {
				if x.RTX {
					t.Fatalf("%s: something was sent again", v.ID)
				}
			}
		}
		for _, v := range bad {
			came, missing := voiceLoss(v.Audio[0], began, began.Add(29*time.Second))
			t.Logf("10 %% loss: %+v, %d of %d voice frames missing", s[v.ID], missing, came+missing)
			if came < 1300 || missing*100 > came {
				t.Errorf("%s: %d of %d voice frames missing", v.ID, missing, came+missing)
			}
		}
		t.Logf("%d keyframe requests reached the publisher in 30 s over three layers", keys)
		if keys > 3*31 {
			t.Errorf("%d keyframe requests in 30 s", keys)
		}
	})
}

// TestPinsHold: what a viewer wants holds whether or not it tells of its path.
func TestPinsHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _ := newNarrowLab(t)
		lecture(t, l)
		time.Sleep(3 * time.Second)
		tells := sfutest.SubscribeTelling(t, l.net, l.e, room, "tells", 1, 1, func(string) {})
		silent := sfutest.Subscribe(t, l.net, l.e, room, "silent", 1, 1)
		time.Sleep(10 * time.Second)
		bits := func(v *sfutest.Viewer) int { // of video in three seconds, in kbit/s
			from, n := time.Now(), 0
			time.Sleep(3 * time.Second)
			for _, p := range v.Video[0].Packets() {
				if p.At.After(from) {
					n += len(p.Payload)
				}
			}
			return n * 8 / 3000
		}
		s := standings{}
		for _, c := range []struct {
			pin    sfu.Quality
			lo, hi int
			reason string
		}{
			{sfu.QualityMedium, 350, 550, "chosen"},
			{sfu.QualitySave, 90, 200, "saving"},
			{sfu.QualityVoice, 0, 0, "chosen"},
			{sfu.QualityAuto, 1100, 1600, "best"},
		} {
			for _, v := range []*sfutest.Viewer{tells, silent} {
				l.e.SetQuality(room, v.ID, c.pin)
			}
			time.Sleep(5 * time.Second)
			s.look(l)
			for _, v := range []*sfutest.Viewer{tells, silent} {
				if n := bits(v); n < c.lo || n > c.hi {
					t.Errorf("%s, pin %d: %d kbit/s of video, want %d to %d", v.ID, c.pin, n, c.lo, c.hi)
				}
				if s[v.ID].Reason != c.reason {
					t.Errorf("%s, pin %d: %+v", v.ID, c.pin, s[v.ID])
				}
			}
		}
		for _, v := range []*sfutest.Viewer{tells, silent} {
			if came, missing := voiceLoss(v.Audio[0], time.Now().Add(-30*time.Second), time.Now()); missing > 0 || came < 1000 {
				t.Errorf("%s: %d of %d voice frames missing", v.ID, missing, came+missing)
			}
		}
	})
}

// TestCutAndBack: after seconds without a network the viewer has the picture it had, at once and not rung by rung.
func TestCutAndBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, shaper := newNarrowLab(t)
		lecture(t, l)
		time.Sleep(3 * time.Second)
		link := shaper.Link(2_500_000, 300*time.Millisecond)
		v := sfutest.SubscribeTelling(t, l.net, l.e, room, "v", 1, 1, func(addr string) { shaper.Put(addr, link) })
		s := standings{}
		if _, ok := s.until(l, "v", 20*time.Second, func(r string) bool { return r == "high" }); !ok {
			t.Fatalf("not at 720p: %+v", s["v"])
		}
		time.Sleep(5 * time.Second)
		l.net.Block(v.Addr, true)
		time.Sleep(time.Second)
		if s.look(l); s["v"].Cut {
			t.Error("cut after a second: a lost message of feedback or two would do as much")
		}
		time.Sleep(700 * time.Millisecond)
		if s.look(l); !s["v"].Cut {
			t.Errorf("not noticed: %+v", s["v"])
		}
		time.Sleep(3300 * time.Millisecond)
		l.net.Block(v.Addr, false)
		back := time.Now()
		time.Sleep(3 * time.Second)
		if s.look(l); s["v"].Cut {
			t.Errorf("still cut: %+v", s["v"])
		}
		for _, p := range v.Video[0].Packets() {
			if p.At.After(back) && p.Info.Key && p.Info.Height == 720 {
				if d := p.At.Sub(back); d > 1500*time.Millisecond {
					t.Errorf("720p again after %v", d)
				} else {
					t.Logf("720p again after %v", d)
				}
				return
			}
		}
		t.Errorf("no keyframe of 720p in 3 s: %+v", s["v"])
	})
}

// TestRedundantVoice: a viewer who loses a tenth of all packets has its voice without waiting for repeats; when the losses end, so
// does the redundancy.
func TestRedundantVoice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _ := newNarrowLab(t)
		lecture(t, l)
		time.Sleep(2 * time.Second)
		v := sfutest.SubscribeTelling(t, l.net, l.e, room, "v", 1, 1, func(string) {})
		time.Sleep(8 * time.Second)
		l.net.Lose(v.Addr, 0.1)
		time.Sleep(5 * time.Second)
		began := time.Now()
		time.Sleep(30 * time.Second)
		ended := time.Now()
		l.net.Lose(v.Addr, 0)
		time.Sleep(20 * time.Second)

		at := map[int]time.Time{} // of a frame's first copy
		red, after := 0, 0
		for _, p := range v.Audio[0].Packets() {
			if p.Type == 63 && p.At.After(began) && p.At.Before(ended) {
				red++
			}
			if p.Type == 63 && p.At.After(ended.Add(15*time.Second)) {
				after++
			}
			for _, n := range voices(p) {
				if _, ok := at[n]; !ok {
					at[n] = p.At
				}
			}
		}
		due, late := 0, 0
		early := time.Duration(1 << 62) // when frame 0 would come on the quickest way
		for n, a := range at {
			early = min(early, a.Sub(began)-time.Duration(n)*20*time.Millisecond)
		}
		for n, a := range at {
			if a.Before(began) || a.After(ended) {
				continue
			}
			due++
			if a.Sub(began)-time.Duration(n)*20*time.Millisecond-early > 45*time.Millisecond {
				late++
			}
		}
		t.Logf("%d frames, %d more than 45 ms late; %d packets with redundancy, %d after the losses", due, late, red, after)
		if due < 1450 || late*100 > due {
			t.Errorf("%d of %d frames came more than 45 ms late", late, due)
		}
		if red < 1000 || after > 0 {
			t.Errorf("%d packets with redundancy at 10 %% loss, %d when nothing was lost", red, after)
		}
	})
}

// shareScreen has a screen shared beside the lecture's camera, in its place.
func shareScreen(t *testing.T, l *lab) {
	t.Helper()
	sfutest.Publish(t, l.net, l.e, room, "screen", sfutest.Options{
		Rids: []string{"q", "f"}, Rates: []int{100_000, 1_200_000}, Every: []int{15, 2}, Page: 50_000, NoAudio: true,
	})
	l.e.SetScene(room, sfu.Scene{Main: "screen", Second: "cam", Audio: []sfu.PeerID{"cam"}, Shared: sfu.Shared{Main: true}})
	time.Sleep(3 * time.Second)
}

// TestSlidesOutliveTheCamera: where a screen is shared, a narrow path first takes frames of it and lines of the camera, then the
// camera; the screen keeps all its lines, and the voice is whole.
func TestSlidesOutliveTheCamera(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, shaper := newNarrowLab(t)
		lecture(t, l)
		shareScreen(t, l)
		link := shaper.Link(5_000_000, 300*time.Millisecond)
		v := sfutest.SubscribeTelling(t, l.net, l.e, room, "v", 1, 2, func(addr string) { shaper.Put(addr, link) })
		s := standings{}
		if d, ok := s.until(l, "v", 20*time.Second, func(r string) bool { return r == "high" && s["v"].Reason == "best" }); !ok {
			t.Fatalf("not all of both after %v: %+v", d, s["v"])
		}
		for _, step := range []struct {
			rate           int64
			pages, cameras int // frames in 40 s, at least
		}{{1_200_000, 60, 400}, {480_000, 60, 400}, {300_000, 25, 0}} {
			link.SetRate(step.rate)
			began := time.Now()
			s.settle(l, "v", 20*time.Second)
			from := time.Now()
			changes := s.settle(l, "v", 40*time.Second)
			pages, lines := framesSince(v.Video[0], from)
			cameras, _ := framesSince(v.Video[1], from)
			came, missing := voiceLoss(v.Audio[0], began.Add(time.Second), time.Now().Add(-time.Second))
			t.Logf("%d bit/s: %+v, %d changes; %d frames of the screen, keyframes of %v lines, %d of the camera; %d of %d voice frames missing",
				step.rate, s["v"], changes, pages, lines, cameras, missing, came+missing)
			if pages < step.pages || cameras < step.cameras || missing*100 > came {
				t.Errorf("%d bit/s: wanted %d frames of the screen, %d of the camera", step.rate, step.pages, step.cameras)
			}
			for n := range lines {
				if n != 720 {
					t.Errorf("%d bit/s: a page of %d lines", step.rate, n)
				}
			}
		}
	})
}

// framesSince counts the frames of a slot that began to come after a time, and the lines of keyframes among them.
func framesSince(slot *sfutest.Slot, from time.Time) (frames int, lines map[int]bool) {
	lines = map[int]bool{}
	for _, p := range slot.Packets() {
		if p.At.After(from) && p.Info.Start && !p.RTX {
			frames++
			if p.Info.Key {
				lines[int(p.Info.Height)] = true
			}
		}
	}
	return frames, lines
}
