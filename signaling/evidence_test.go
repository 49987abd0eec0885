package signaling

import (
	"context"
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"betang/classroom/attend"
	"betang/signaling/wire"
)

// near tells whether two numbers of seconds are equal but for the grain of the sampling.
func near(got, want, grain float64) bool { return math.Abs(got-want) <= grain }

// lectureWith opens a live event with a camera and a viewer per token.
func (h *hall) lectureWith(viewers ...string) (spk *client, cs []*client) {
	spk = h.join("spk")
	spk.must("publish", wire.Publish{Kind: "camera", SDP: offer("1", "audio")})
	for _, v := range viewers {
		c := h.join(v)
		c.must("watch", wire.Watch{SDP: offer("2", "")})
		cs = append(cs, c)
	}
	after(aTick)
	return spk, cs
}

func (h *hall) flush() {
	h.t.Helper()
	if err := h.hub().Flush(context.Background()); err != nil {
		h.t.Fatal(err)
	}
}

// TestKilledMediaStopsDelivered: the socket stays, the media is dead; credit stops with the last proof.
func TestKilledMediaStopsDelivered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		_, cs := h.lectureWith("sri")
		after(60 * time.Second)
		h.media.freeze(h.media.ids(false)[0])
		after(10 * time.Second)
		if cs[0].get().mine.Presence.Now && time.Duration(cs[0].get().mine.Presence.Seconds)*time.Second > 62*time.Second {
			t.Errorf("10 s after the media died: %+v", cs[0].get().mine.Presence)
		}
		after(50 * time.Second)
		h.flush()
		if got := h.store.seconds("per1", attend.Delivered); !near(got, 60, 1.2) {
			t.Errorf("delivered %.1f s, want 60", got)
		}
		if got := h.store.seconds("per1", attend.Socket); !near(got, 120, 6) {
			t.Errorf("socket %.1f s, want 120: it lived on", got)
		}
		p := cs[0].get().mine.Presence
		if p == nil || p.Now || p.Seconds > 61 || p.Live < 115 {
			t.Errorf("the viewer sees %+v", p)
		}
	})
}

// TestKilledSocketKeepsDelivered: the media goes on without its socket, past the grace period, and counts.
func TestKilledSocketKeepsDelivered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		_, cs := h.lectureWith("sri", "budi")
		after(60 * time.Second)
		cs[0].kill()
		after(120 * time.Second)
		h.flush()
		if got := h.store.seconds("per1", attend.Delivered); !near(got, 180, 1.5) {
			t.Errorf("delivered %.1f s, want 180", got)
		}
		if got := h.store.seconds("per1", attend.Socket); !near(got, 60, 1) {
			t.Errorf("socket %.1f s, want 60", got)
		}
		// The page comes back within the same session: same media, no second span.
		back := h.rejoin("sri", cs[0])
		after(20 * time.Second)
		if back.get().welcome.Session != cs[0].get().welcome.Session {
			t.Error("the session was lost though its media lives")
		}
		if n := len(h.media.ids(false)); n != 2 {
			t.Errorf("%d viewers live, want 2", n)
		}
		// Socket and media both dead: the peer is given up after the grace.
		back.kill()
		for _, id := range h.media.ids(false) {
			h.media.freeze(id)
		}
		after(graceMs*time.Millisecond + 3*time.Second)
		if n := len(h.media.ids(false)); n != 1 {
			t.Errorf("%d viewers are kept, want only the one with a socket", n)
		}
	})
}

func TestSocketEvidenceEndsAtTheLastSign(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		sri := h.join("sri")
		budi := h.join("budi")
		after(100 * time.Second)
		sri.leave() // in good order: counted to the moment
		budi.mute() // the phone died: nothing more comes, nobody says so
		after(100 * time.Second)
		h.flush()
		if got := h.store.seconds("per1", attend.Socket); !near(got, 100, 0.2) {
			t.Errorf("left after 100 s, counted %.1f", got)
		}
		if got := h.store.seconds("per2", attend.Socket); got > 100.2 || got < 94 {
			t.Errorf("died after 100 s, counted %.1f", got)
		}
		if c := h.hub().Counts(); c.Participants != 0 {
			t.Errorf("%d participants are counted though nobody is left", c.Participants)
		}
	})
}

func TestPlayingIsClipped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		_, cs := h.lectureWith("sri", "budi")
		sri, budi := cs[0], cs[1]
		guestless := h.join("sri") // second device without media
		for range 12 {
			after(5 * time.Second)
			sri.must("playing", wire.Playing{Ms: 5000, Frames: 150, Audio: 5000, Visible: true})
			budi.must("playing", wire.Playing{Ms: 15000, Frames: 150, Audio: 5000, Visible: true}) // claims thrice the time
			guestless.must("playing", wire.Playing{Ms: 5000, Frames: 150, Visible: true})
		}
		h.flush()
		if got := h.store.seconds("per1", attend.Decoded); !near(got, 60, 1) {
			t.Errorf("decoded %.1f s, want 60", got)
		}
		if got := h.store.seconds("per2", attend.Decoded); got > 61 {
			t.Errorf("a boaster decoded %.1f s of 60", got)
		}
		before := h.store.seconds("per1", attend.Decoded)
		for range 4 {
			after(5 * time.Second)
			sri.must("playing", wire.Playing{Ms: 5000, Frames: 150, Visible: false})
			sri.must("playing", wire.Playing{Ms: 5000, Visible: true})
		}
		h.flush()
		if got := h.store.seconds("per1", attend.Decoded); got != before {
			t.Errorf("hidden or without frames: decoded went from %.1f to %.1f", before, got)
		}
	})
}

func TestEvidenceStopsWithTheEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		_, cs := h.lectureWith("sri")
		op := h.join("op")
		after(30 * time.Second)
		op.must("phase", wire.SetPhase{To: "ended"})
		after(30 * time.Second)
		h.flush()
		for class, want := range map[attend.Class]float64{attend.Socket: 30, attend.Delivered: 30} {
			if got := h.store.seconds("per1", class); got > want+1 || got < want-6 {
				t.Errorf("class %d: %.1f s, want %.0f", class, got, want)
			}
		}
		h.store.mu.Lock()
		for _, sp := range h.store.spans {
			if sp.Open {
				t.Errorf("still open after the end: %+v", sp)
			}
		}
		h.store.mu.Unlock()
		if p := cs[0].get().mine.Presence; p == nil || p.Live != 30 || p.Percent < 80 {
			t.Errorf("presence %+v", p)
		}
	})
}

// TestPresenceSurvivesRestart: a crash loses at most what was not saved, and the sum goes on after it.
func TestPresenceSurvivesRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		_, cs := h.lectureWith("sri")
		after(61 * time.Second)
		h.restart()
		spk := h.join("spk")
		spk.must("publish", wire.Publish{Kind: "camera", SDP: offer("1", "audio")})
		sri := h.rejoin("sri", cs[0])
		sri.must("watch", wire.Watch{SDP: offer("3", "")})
		after(60 * time.Second)
		h.flush()
		if got := h.store.seconds("per1", attend.Delivered); got < 117 || got > 122 {
			t.Errorf("delivered %.1f s over a crash, want about 121 less what was not saved", got)
		}
		if p := sri.get().mine.Presence; p == nil || p.Seconds < 110 {
			t.Errorf("presence after the crash: %+v", p)
		}
	})
}

func TestEvidenceIsSavedAgainAfterTrouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		_, cs := h.lectureWith("sri", "budi")
		after(10 * time.Second)
		h.store.set(func(s *memStore) { s.saveErr = errors.New("disk full") })
		cs[1].kill() // his socket's evidence becomes final while nothing can be saved
		after(20 * time.Second)
		if err := h.hub().Flush(context.Background()); err == nil {
			t.Error("a flush that saved nothing gave no error")
		}
		h.store.set(func(s *memStore) { s.saveErr = nil })
		after(20 * time.Second)
		h.flush()
		if got := h.store.seconds("per1", attend.Delivered); !near(got, 50, 1.2) {
			t.Errorf("delivered %.1f s, want 50", got)
		}
		if got := h.store.seconds("per2", attend.Socket); !near(got, 10, 1.2) {
			t.Errorf("his socket %.1f s, want 10", got)
		}
		h.store.mu.Lock()
		defer h.store.mu.Unlock()
		for _, sp := range h.store.spans {
			if sp.Person == "per2" && sp.Class == attend.Socket && sp.Open {
				t.Errorf("stored as open: %+v", sp)
			}
		}
	})
}
