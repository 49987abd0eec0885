package signaling

import (
	"testing"
	"testing/synctest"

	"betang/signaling/wire"
)

func TestRundownReachesEveryone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		op, op2, sri, spk := h.join("op"), h.join("op"), h.join("sri"), h.join("spk")
		op.must("cueput", wire.CuePut{Title: "Indonesia Raya", Minutes: 3, Music: true, Cast: "operator"})
		op.must("cueput", wire.CuePut{Title: "Kuliah umum", Minutes: 90, Counts: true, Cast: "speaker"})
		spk.must("publish", wire.Publish{Kind: "camera", SDP: offer("1", "audio"), Behind: true})
		after(aTick)
		if _, code := sri.ask("cue", wire.StartCue{Cue: "c1"}); code != "not_allowed" {
			t.Errorf("a participant starts a cue: %q", code)
		}
		op.must("cue", wire.StartCue{Cue: "c1"})
		after(aTick)
		if a := sri.get().agenda; len(a.Cues) != 2 || a.Now != "c1" || !a.Music || a.Since == 0 || !a.Undo || a.Cues[0].Counts {
			t.Errorf("a participant sees %+v", a)
		}
		op.must("cue", wire.StartCue{Cue: "c2", From: "c1"})
		op2.must("cue", wire.StartCue{Cue: "c2", From: "c1"}) // both pressed at once
		after(aTick)
		if s := sri.get().stage; len(s.Sources) != 1 || s.Main != s.Sources[0].ID || sri.get().event.Phase != "live" {
			t.Errorf("the lecture's stage: %+v", s)
		}
		op2.must("cueback", wire.CueBack{Cue: "c2"})
		after(aTick)
		if s := sri.get(); len(s.stage.Sources) != 0 || s.agenda.Now != "c1" {
			t.Errorf("after the undo: %+v, %+v", s.stage, s.agenda)
		}
		late := h.join("budi")
		if a := late.get().agenda; a.Now != "c1" || len(a.Cues) != 2 {
			t.Errorf("who comes late sees %+v", a)
		}
	})
}
