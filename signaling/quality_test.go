package signaling

import (
	"slices"
	"testing"
	"testing/synctest"

	"betang/sfu"
	"betang/signaling/wire"
)

func (m *fakeMedia) stands(s ...sfu.Standing) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.standings = append(m.standings, s...)
}

func (m *fakeMedia) pinOf(id sfu.PeerID) sfu.Quality {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.peers[id].pin
}

func rungsTold(c *client) int {
	n := 0
	for _, t := range c.get().order {
		if t == "rung" {
			n++
		}
	}
	return n
}

func TestAPinHoldsForTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		sri := h.join("sri")
		sri.must("quality", wire.Quality{Pin: "save"}) // before there is a viewer
		sri.must("watch", wire.Watch{SDP: offer("1", "")})
		after(aTick)
		first := h.media.ids(false)[0]
		if got := h.media.pinOf(first); got != sfu.QualitySave {
			t.Errorf("the viewer has pin %v", got)
		}
		sri.must("quality", wire.Quality{Pin: "voice"})
		after(aTick)
		if got := h.media.pinOf(first); got != sfu.QualityVoice {
			t.Errorf("after another choice: pin %v", got)
		}
		again := h.rejoin("sri", sri)
		again.must("watch", wire.Watch{SDP: offer("2", "")})
		after(aTick)
		if now := h.media.ids(false); len(now) != 1 || now[0] == first || h.media.pinOf(now[0]) != sfu.QualityVoice {
			t.Errorf("a new connection of the same session: viewers %v", now)
		}
		if answer, code := again.ask("quality", wire.Quality{Pin: "4k"}); answer != "error" || code != "quality_unknown" {
			t.Errorf("an unknown pin: %s %s", answer, code)
		}
	})
}

func TestAViewerHearsOfItsRungOnlyWhenItChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		sri, guest, op := h.join("sri"), h.join("guest"), h.join("op")
		sri.must("watch", wire.Watch{SDP: offer("1", "")})
		id := h.media.ids(false)[0]
		guest.must("watch", wire.Watch{SDP: offer("2", "")})
		other := otherThan(h.media.ids(false), id)
		op.must("watch", wire.Watch{SDP: offer("3", "")}) // the desk's own monitor is nobody's audience

		h.media.stands(sfu.Standing{Peer: id, Rung: "low", Reason: "network", Kbps: 210},
			sfu.Standing{Peer: other, Rung: "high", Reason: "best", Kbps: 1800}, sfu.Standing{Peer: "unknown", Rung: "voice"})
		after(beatEvery)
		if got := sri.get().rung; got != (wire.Rung{Rung: "low", Reason: "network", Kbps: 210}) {
			t.Errorf("told %+v", got)
		}
		h.media.stands(sfu.Standing{Peer: id, Rung: "low", Reason: "network", Kbps: 150})
		after(beatEvery)
		if n := rungsTold(sri); n != 1 {
			t.Errorf("told %d times; the rate alone is no news", n)
		}
		want := []wire.RungCount{{Rung: "low", N: 1, Network: 1}, {Rung: "high", N: 1}}
		if got := op.get().counts.Rungs; !slices.Equal(got, want) {
			t.Errorf("the desk counts %+v, want %+v", got, want)
		}
		if got := sri.get().counts; got.Rungs != nil {
			t.Errorf("a participant is told %+v", got.Rungs)
		}
		again := h.rejoin("sri", sri)
		if got := again.get().rung; got.Rung != "low" || got.Kbps != 150 {
			t.Errorf("a resumed socket is told %+v", got)
		}
	})
}

// A viewer whose step is told while its answer is still on the way, as on a busy server, belongs to nobody yet. The session hears of
// it once it does: nothing may change for an hour.
func TestARungToldBeforeTheAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		sri := h.join("sri")
		sri.must("quality", wire.Quality{Pin: "voice"})
		h.media.late = make(chan struct{})
		sri.send("watch", wire.Watch{SDP: offer("1", "")})
		after(aTick)
		h.media.stands(sfu.Standing{Peer: h.media.ids(false)[0], Rung: "voice", Reason: "chosen", Kbps: 33})
		after(2 * beatEvery)
		if n := rungsTold(sri); n != 0 {
			t.Errorf("told %d times of a viewer that is nobody's", n)
		}
		close(h.media.late)
		after(aTick)
		if got := sri.get().rung; got != (wire.Rung{Rung: "voice", Reason: "chosen", Kbps: 33}) {
			t.Errorf("told %+v", got)
		}
	})
}
