package classroom

import "testing"

func TestBackstage(t *testing.T) {
	h := newHall(t)
	behind := func(a Actor, id SourceID) EnterStage { return EnterStage{camera(a, id).Source, true} }
	if got := h.do(speaker, behind(speaker, "c1")); got != "stage.entered" {
		t.Errorf("behind the stage: %s", got)
	}
	h.want(h.room.Phase(), Scheduled) // nobody is on air
	h.want(h.room.Stage().Scene, Scene{})
	h.refuse(operator, SetScene{Scene: Scene{Main: "c1"}}, Conflict, "source_behind")
	if got := h.do(speaker, Place{"c1", false}); got != "phase source.placed scene" {
		t.Errorf("forward: %s", got)
	}
	h.refuse(speaker2, Place{"c1", true}, NotAllowed, "source_owner")
	h.refuse(sri, Place{"c1", true}, NotAllowed, "role")
	h.do(operator, SetGate{true})
	h.do(speaker, Place{"c1", true}) // stepping back is always one's own matter
	h.want(h.room.Stage().Scene, Scene{})
	h.refuse(speaker, Place{"c1", false}, NotAllowed, "gate_closed")
	h.do(speaker2, camera(speaker2, "c2")) // the gate holds who comes
	h.want(h.room.Stage().Behind, map[SourceID]bool{"c1": true, "c2": true})
	h.do(operator, Place{"c2", false})
	h.want(h.room.Stage().Scene, Scene{Main: "c2"})
	// A transport that was lost comes back to where it was, not behind the gate.
	h.do(speaker2, LeaveStage{"c2"})
	h.do(speaker2, camera(speaker2, "c3"))
	h.want(h.room.Stage().Scene, Scene{Main: "c3"})
	// Who was invited by the desk was let in already; an operator stands at the gate.
	h.do(sri, RaiseHand{})
	h.do(moderator, Invite{"h1"})
	h.do(sri, camera(sri, "g1"))
	h.do(operator, camera(operator, "c4"))
	h.want(h.room.Stage().Behind, map[SourceID]bool{"c1": true})
	h.checkReplay()
}

func TestLayout(t *testing.T) {
	h := newHall(t)
	h.do(speaker, camera(speaker, "c1"))
	h.refuse(operator, SetScene{Scene: Scene{Layout: "mosaic"}, Auto: true}, Invalid, "layout_unknown")
	h.do(operator, SetScene{Scene: Scene{Layout: LayoutSide}, Auto: true})
	h.want(h.room.Stage().Scene, Scene{Main: "c1", Layout: LayoutSide})
	h.do(speaker, screen(speaker, "d1")) // the layout stays while the room chooses the pictures
	h.want(h.room.Stage().Scene, Scene{Main: "d1", Second: "c1", Layout: LayoutSide})
	h.checkReplay()
}
