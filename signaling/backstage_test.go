package signaling

import (
	"testing"
	"testing/synctest"

	"betang/sfu"
	"betang/signaling/wire"
)

// ownScene is the scene that the engine was given for one viewer; ok is false where it gets everybody's.
func (m *fakeMedia) ownScene(id sfu.PeerID) (s sfu.Scene, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if p := m.peers[id]; p != nil && p.own != nil {
		return *p.own, true
	}
	return sfu.Scene{}, false
}

// newest is the viewer that came since; before holds the others.
func (m *fakeMedia) newest(before []sfu.PeerID) sfu.PeerID {
	for _, id := range m.ids(false) {
		known := false
		for _, x := range before {
			known = known || x == id
		}
		if !known {
			return id
		}
	}
	return ""
}

func TestBackstageReachesNoViewer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		spk, spk2, op, sri := h.join("spk"), h.join("spk2"), h.join("op"), h.join("sri")
		watch := func(c *client, origin string) sfu.PeerID {
			before := h.media.ids(false)
			c.must("watch", wire.Watch{SDP: offer(origin, "")})
			return h.media.newest(before)
		}
		sriView, spkView, spk2View, opView := watch(sri, "1"), watch(spk, "2"), watch(spk2, "3"), watch(op, "4")
		op.must("gate", wire.Gate{Closed: true})
		spk.must("publish", wire.Publish{Kind: "camera", SDP: offer("5", "audio")})
		spk2.must("publish", wire.Publish{Kind: "camera", SDP: offer("6", "audio")})
		after(aTick)
		if s := sri.get().stage; len(s.Sources) != 0 || !s.Gate {
			t.Errorf("a viewer is told of the backstage: %+v", s)
		}
		srcs := spk.get().stage.Sources
		if len(srcs) != 2 || !srcs[0].Behind || len(op.get().stage.Sources) != 2 {
			t.Fatalf("a speaker is told %+v", srcs)
		}
		a, b := sfu.PeerID(srcs[0].ID), sfu.PeerID(srcs[1].ID)
		if !h.media.scene().Equal(sfu.Scene{}) || spk.get().event.Phase != "scheduled" {
			t.Errorf("on air: %+v, %s", h.media.scene(), spk.get().event.Phase)
		}
		// They see and hear each other, not themselves.
		if s, _ := h.media.ownScene(spkView); !s.Equal(sfu.Scene{Main: b, Audio: []sfu.PeerID{b}}) {
			t.Errorf("the first speaker gets %+v", s)
		}
		if s, _ := h.media.ownScene(spk2View); !s.Equal(sfu.Scene{Main: a, Audio: []sfu.PeerID{a}}) {
			t.Errorf("the second speaker gets %+v", s)
		}
		if _, own := h.media.ownScene(sriView); own {
			t.Error("a viewer has a scene of its own")
		}
		if _, code := sri.ask("look", wire.Look{Behind: true}); code != "not_allowed" {
			t.Errorf("a participant looks behind: %q", code)
		}
		op.must("look", wire.Look{Behind: true})
		synctest.Wait()
		if s, _ := h.media.ownScene(opView); !s.Equal(sfu.Scene{Main: a, Second: b, Audio: []sfu.PeerID{a, b}}) {
			t.Errorf("the desk looks behind and gets %+v", s)
		}
		op.must("look", wire.Look{})
		synctest.Wait()
		if _, own := h.media.ownScene(opView); own {
			t.Error("the desk looks at the stage and has a scene of its own")
		}
		if _, code := spk.ask("place", wire.Place{Source: string(a)}); code != "gate_closed" {
			t.Errorf("past the gate: %q", code)
		}

		op.must("place", wire.Place{Source: string(a)})
		after(aTick)
		if s := h.media.scene(); s.Main != a || len(s.Audio) != 1 {
			t.Errorf("on air: %+v", s)
		}
		if s, own := h.media.ownScene(spkView); !own || s.Main != a || len(s.Audio) != 0 {
			t.Errorf("on the stage one hears oneself: %+v", s)
		}
		if s, _ := h.media.ownScene(spk2View); !s.Equal(sfu.Scene{}) {
			t.Errorf("alone behind the stage: %+v", s)
		}
		// A new connection of the same page gets its own scene, too.
		spkView = watch(spk, "7")
		synctest.Wait()
		if s, own := h.media.ownScene(spkView); !own || len(s.Audio) != 0 {
			t.Errorf("after a reconnect: %+v", s)
		}
		spk.must("unpublish", wire.Unpublish{Source: string(a)})
		after(aTick)
		if _, own := h.media.ownScene(spkView); own {
			t.Error("off the stage and still with a scene of its own")
		}
	})
}
