package signaling

import (
	"fmt"
	"testing"
	"testing/synctest"

	"betang/signaling/wire"
)

func TestCaptionsAndNotes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		sri, mod := h.join("sri"), h.join("mod")
		for i := range 8 {
			mod.must("caption", wire.Caption{Text: fmt.Sprintf("<i>Baris</i> %d", i+1)})
		}
		mod.must("caption", wire.Caption{N: 8, Text: "Baris kedelapan"})
		if _, code := mod.ask("caption", wire.Caption{N: 1, Text: "Terlambat"}); code != "caption_unknown" {
			t.Errorf("a line that went by: %q", code)
		}
		if _, code := sri.ask("caption", wire.Caption{Text: "Saya juga"}); code != "not_allowed" {
			t.Errorf("a participant captions: %q", code)
		}
		mod.must("note.put", wire.NotePut{Kind: "action", Text: "Kirim materi\nke peserta", Who: "BPSDM"})
		mod.must("note.put", wire.NotePut{Kind: "note", Text: "Pembukaan"})
		mod.must("note.drop", wire.NoteDrop{Note: "n2"})
		after(aTick)
		if got := sri.get(); len(got.notes) != 0 || got.captions[8].Text != "Baris kedelapan" {
			t.Errorf("sri sees notes %+v, captions %+v", got.notes, got.captions)
		}
		if got := mod.get().notes; !got["n2"].Gone || got["n1"].Who != "BPSDM" {
			t.Errorf("the desk sees %+v", got)
		}
		h.restart()
		late := h.join("budi")
		after(aTick)
		if got := late.get().captions; len(got) != 6 || got[3].Text != "<i>Baris</i> 3" {
			t.Errorf("who comes late sees %+v", got)
		}
	})
}
