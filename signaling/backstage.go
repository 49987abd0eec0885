package signaling

import (
	"slices"

	"betang/classroom"
	"betang/sfu"
)

// The backstage: those who stand on the stage or behind it, and the desk, get a scene of their own from the engine. On
// the stage it is everybody's without one's own voice; behind it, the people there.

// watching is what a member chose to look at.
type watching uint8

const (
	asStanding watching = iota // behind the stage while all one's own sources are
	atStage
	atBackstage
)

// look is a member's choice of what its monitor shows.
func (h *Hub) look(m *member, behind bool) {
	m.look = atStage
	if behind {
		m.look = atBackstage
	}
	h.setScene()
}

// direct gives the engine the scenes of those who need their own; stage is everybody's.
func (h *Hub) direct(stage sfu.Scene) {
	st := h.room.Stage()
	own := map[*member][]sfu.PeerID{}
	for _, p := range h.peers {
		if p.kind != "" && p.stage && p.member != nil {
			own[p.member] = append(own[p.member], p.id)
		}
	}
	for _, m := range h.members {
		if m.look == atBackstage && own[m] == nil {
			own[m] = []sfu.PeerID{}
		}
	}
	want := map[sfu.PeerID]sfu.Scene{}
	for m, mine := range own {
		if m.viewer == nil {
			continue
		}
		if h.looksBehind(m, st, mine) {
			want[m.viewer.id] = h.behindFor(st, mine)
		} else if len(mine) > 0 {
			want[m.viewer.id] = without(stage, mine)
		}
	}
	h.directAll(want)
}

// directAll gives the engine the scenes of all viewers that have their own, by what changed.
func (h *Hub) directAll(want map[sfu.PeerID]sfu.Scene) {
	for id := range h.floor.directed {
		if _, still := want[id]; !still {
			delete(h.floor.directed, id)
			h.hands.do(func() { h.srv.cfg.Media.Direct(h.router(), id, nil) })
		}
	}
	for id, scene := range want {
		if was, ok := h.floor.directed[id]; ok && was.Equal(scene) {
			continue
		}
		h.floor.directed[id] = scene
		h.hands.do(func() { h.srv.cfg.Media.Direct(h.router(), id, &scene) })
	}
}

func (h *Hub) looksBehind(m *member, st classroom.StageView, mine []sfu.PeerID) bool {
	if m.look != asStanding || len(mine) == 0 {
		return m.look == atBackstage
	}
	for _, id := range mine {
		if !st.Behind[classroom.SourceID(id)] {
			return false
		}
	}
	return true
}

// behindFor is what one who stands behind the stage sees and hears: the first three others there, and all their voices.
// The page knows the same rule.
func (h *Hub) behindFor(st classroom.StageView, mine []sfu.PeerID) sfu.Scene {
	var s sfu.Scene
	slots := []*sfu.PeerID{&s.Main, &s.Second, &s.Interpreter}
	for _, src := range st.Sources {
		id := sfu.PeerID(src.ID)
		p := h.peers[id]
		if !st.Behind[src.ID] || p == nil || slices.Contains(mine, id) {
			continue
		}
		if len(slots) > 0 {
			*slots[0], slots = id, slots[1:]
		}
		if p.audio && !st.Held[src.ID].Sound {
			s.Audio = append(s.Audio, id)
		}
	}
	s.Shared = sharedIn(s, st)
	return s
}

// without is a scene in which some voices are not heard.
func without(s sfu.Scene, voices []sfu.PeerID) sfu.Scene {
	var audio []sfu.PeerID
	for _, id := range s.Audio {
		if !slices.Contains(voices, id) {
			audio = append(audio, id)
		}
	}
	s.Audio = audio
	return s
}
