package signaling

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"betang/classroom"
	"betang/sfu"
	"betang/signaling/wire"
)

func newLesson(t *testing.T) *hall {
	h := newHall(t)
	h.store.set(func(s *memStore) {
		ev := s.events[lecture]
		ev.Kind = classroom.Class
		s.events[lecture] = ev
	})
	return h
}

// camera publishes one and gives its source.
func (h *hall) camera(c *client, origin string) sfu.PeerID {
	h.t.Helper()
	before := h.media.ids(true)
	c.must("publish", wire.Publish{Kind: "camera", SDP: offer(origin, "audio")})
	for _, id := range h.media.ids(true) {
		if !slices.Contains(before, id) {
			return id
		}
	}
	h.t.Fatal("no new publisher")
	return ""
}

func (h *hall) watch(c *client, origin string) sfu.PeerID {
	h.t.Helper()
	before := h.media.ids(false)
	c.must("watch", wire.Watch{SDP: offer(origin, "")})
	return h.media.newest(before)
}

func (h *hall) seenBy(v sfu.PeerID) sfu.Scene {
	h.t.Helper()
	s, ok := h.media.ownScene(v)
	if !ok {
		h.t.Fatalf("%s has no scene of its own", v)
	}
	s.Tiles = slices.DeleteFunc(slices.Clone(s.Tiles), func(id sfu.PeerID) bool { return id == "" })
	slices.Sort(s.Tiles)
	slices.Sort(s.Audio)
	return s
}

func TestClassIsSeenByEverybodyWithoutThemselves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newLesson(t)
		spk, sri, budi := h.join("spk"), h.join("sri"), h.join("budi")
		spkView, sriView := h.watch(spk, "1"), h.watch(sri, "2")
		b := h.camera(budi, "3")
		s := h.camera(sri, "4")
		if got := h.seenBy(sriView); !slices.Equal(got.Tiles, []sfu.PeerID{b}) || got.Hush {
			t.Errorf("before the trainer comes Sri sees %+v", got)
		}
		c := h.camera(spk, "5")
		both := []sfu.PeerID{b, s}
		slices.Sort(both)
		if got := h.seenBy(spkView); !slices.Equal(got.Tiles, both) || !slices.Equal(got.Audio, both) || got.Main != "" {
			t.Errorf("the trainer sees %+v", got)
		}
		voices := []sfu.PeerID{b, c}
		slices.Sort(voices)
		if got := h.seenBy(sriView); got.Main != c || !slices.Equal(got.Tiles, []sfu.PeerID{b}) || !slices.Equal(got.Audio, voices) || !got.Hush {
			t.Errorf("Sri sees %+v", got)
		}
		after(lookEvery)
		st := sri.get().class
		if st.Main != string(c) || !slices.Contains(st.Tiles, string(b)) || len(st.Sources) != 3 || st.MayShare || len(st.People) != 0 {
			t.Errorf("Sri is told %+v", st)
		}
		if st := spk.get().class; len(st.People) != 2 || !st.MayShare {
			t.Errorf("the trainer is told %+v", st)
		}

		// Everyone silent: enforced by the engine, and told.
		spk.must("class.quiet", wire.Quiet{})
		if got := h.seenBy(spkView); len(got.Audio) != 0 || !got.Hush {
			t.Errorf("of silenced people the trainer hears %+v", got)
		}
		if !h.media.heldOf(s).Sound || h.media.heldOf(c).Sound {
			t.Error("the engine does not hold what is silenced, or holds the trainer")
		}
		sri.must("class.speak", wire.Speak{})
		if got := h.seenBy(spkView); !slices.Equal(got.Audio, []sfu.PeerID{s}) || h.media.heldOf(s).Sound {
			t.Errorf("after Sri speaks the trainer hears %+v", got)
		}

		sri.must("class.mic", wire.Mic{})
		after(2 * lookEvery)
		if st := spk.get().class; len(st.Muted) != 2 || !slices.Contains(st.Muted, string(s)) || !slices.Contains(st.Muted, string(b)) {
			t.Errorf("whose microphone is off: %v", st.Muted)
		}

		// Who speaks is told, and for a while only.
		h.media.speak(s, 90)
		after(2 * lookEvery)
		if st := budi.get().class; !slices.Equal(st.Speaking, []string{string(s)}) {
			t.Errorf("speaking: %v", st.Speaking)
		}
		h.media.speak(s, 0)
		after(speechMs*time.Millisecond + 2*lookEvery)
		if st := budi.get().class; len(st.Speaking) != 0 {
			t.Errorf("still speaking: %v", st.Speaking)
		}
		budi.leave()
		after(2 * lookEvery)
		if st := spk.get().class; len(st.People) != 1 {
			t.Errorf("who left is still among %+v", st.People)
		}
	})
}

func TestSmallFacesAreToldToTheEngine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newLesson(t)
		sri, budi := h.join("sri"), h.join("budi")
		sriView, budiView := h.watch(sri, "1"), h.watch(budi, "2")
		h.camera(budi, "3")
		sri.must("gaze", wire.Gaze{Small: true})
		if a, b := h.seenBy(sriView), h.seenBy(budiView); !a.Small || b.Small {
			t.Errorf("Sri's small tiles: %t, Budi's: %t", a.Small, b.Small)
		}
		sri.must("gaze", wire.Gaze{})
		if h.seenBy(sriView).Small {
			t.Error("and large again, they stay small")
		}
	})
}

func TestBreakoutRoomsKeepAttendance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newLesson(t)
		spk, sri, budi := h.join("spk"), h.join("sri"), h.join("budi")
		spkView, sriView, budiView := h.watch(spk, "1"), h.watch(sri, "2"), h.watch(budi, "3")
		c, b := h.camera(spk, "4"), h.camera(budi, "5")
		after(10 * time.Second)
		if _, code := sri.ask("rooms.make", wire.MakeRooms{Count: 2, Way: "even"}); code != "not_allowed" {
			t.Errorf("a participant makes rooms: %q", code)
		}
		spk.must("rooms.make", wire.MakeRooms{Count: 2, Way: "even"})
		spk.must("rooms.open", wire.OpenRooms{Minutes: 2})
		after(lookEvery)
		if st := sri.get().class; st.Here != "r1" || !st.Open || len(st.Sources) != 0 {
			t.Fatalf("Sri is told %+v", st)
		}
		if st := budi.get().class; st.Here != "r2" || !slices.Equal(st.Sources, []string{string(b)}) {
			t.Fatalf("Budi is told %+v", st)
		}
		// Sri is alone without a camera: nothing to see or hear, and yet silence comes.
		if got := h.seenBy(sriView); got.Main != "" || len(got.Tiles)+len(got.Audio) != 0 || !got.Hush {
			t.Errorf("alone Sri gets %+v", got)
		}
		if got := h.seenBy(budiView); len(got.Audio) != 0 || got.Main != "" {
			t.Errorf("Budi hears the class: %+v", got)
		}
		budi.must("rooms.help", wire.CallHelp{On: true})
		after(lookEvery)
		if st := spk.get().class; len(st.Rooms) != 2 || !st.Rooms[1].Help || st.Rooms[0].Help {
			t.Errorf("the trainer is told %+v", st.Rooms)
		}
		spk.must("rooms.go", wire.GoToRoom{Room: "r2"})
		after(lookEvery)
		if got := h.seenBy(budiView); !slices.Contains(got.Audio, c) {
			t.Errorf("Budi does not hear the trainer who came: %+v", got)
		}
		if got := h.seenBy(spkView); !slices.Equal(got.Tiles, []sfu.PeerID{b}) {
			t.Errorf("the trainer sees %+v", got)
		}
		if _, code := sri.ask("rooms.go", wire.GoToRoom{Room: "r2"}); code != "rooms_fixed" {
			t.Errorf("Sri chooses a room: %q", code)
		}
		after(2 * time.Minute) // the timer calls everyone back
		if st := sri.get().class; st.Here != "" || st.Open {
			t.Errorf("after the time Sri is told %+v", st)
		}
		if got := h.seenBy(sriView); got.Main != c {
			t.Errorf("back in the class Sri sees %+v", got)
		}
		after(10 * time.Second)
		for _, c := range []*client{sri, budi} {
			m := c.get().mine.Presence
			if m == nil || m.Seconds < m.Live-6 {
				t.Errorf("presence %+v: the rooms broke it", m)
			}
		}
		if n := h.media.offers; n != 5 {
			t.Errorf("%d offers: somebody joined anew", n)
		}
	})
}

func (m *fakeMedia) speak(id sfu.PeerID, level int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.loud == nil {
		m.loud = map[sfu.PeerID]int{}
	}
	m.loud[id] = level
}
