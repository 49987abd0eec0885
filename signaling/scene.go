package signaling

import (
	"betang/classroom"
	"betang/sfu"
)

// setScene tells the engine what every viewer sees: the room's scene while the event is live, nothing otherwise.
func (h *Hub) setScene() {
	h.wantFar()
	h.setHeld()
	var scene sfu.Scene
	if h.room.Phase() == classroom.Live {
		st := h.room.Stage()
		scene.Main = sfu.PeerID(st.Scene.Main)
		scene.Second = sfu.PeerID(st.Scene.Second)
		scene.Interpreter = sfu.PeerID(st.Scene.Interpreter)
		for _, s := range st.Sources {
			if h.sounds(s.ID, st.Held[s.ID]) && !st.Behind[s.ID] {
				scene.Audio = append(scene.Audio, sfu.PeerID(s.ID))
			}
		}
		scene.Shared = sharedIn(scene, st)
	}
	if h.away.cut {
		h.standBy(&scene)
	}
	if h.room.IsClass() {
		scene = h.classScenes()
	} else {
		h.direct(scene)
	}
	if h.moved && scene.Equal(h.scene) {
		return
	}
	h.scene, h.moved = scene, true
	h.hands.do(func() { h.srv.cfg.Media.SetScene(h.router(), scene) })
}

// sounds tells whether a source is heard. Whether one at another node has sound the engine knows better: an id without is
// nothing to it.
func (h *Hub) sounds(id classroom.SourceID, held classroom.Held) bool {
	p := h.peers[sfu.PeerID(id)]
	return (p != nil && p.audio || h.far(id)) && !held.Sound && !h.room.StandsBy(id)
}

// sharedIn says which slots of a scene show a shared screen.
func sharedIn(s sfu.Scene, st classroom.StageView) (shared sfu.Shared) {
	for _, src := range st.Sources {
		if src.Kind == classroom.Screen {
			shared.Main = shared.Main || s.Main == sfu.PeerID(src.ID)
			shared.Second = shared.Second || s.Second == sfu.PeerID(src.ID)
		}
	}
	return shared
}
