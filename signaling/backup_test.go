package signaling

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"betang/sfu"
	"betang/signaling/wire"
)

func TestTheBackupTakesOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		spk, enc, op, sri := h.join("spk"), h.join("spk2"), h.join("op"), h.join("sri")
		spk.must("publish", wire.Publish{Kind: "camera", SDP: offer("1", "audio")})
		main := h.media.ids(true)[0]
		after(aTick)
		enc.must("publish", wire.Publish{Kind: "camera", SDP: offer("2", "audio")})
		second := otherThan(h.media.ids(true), main)
		after(aTick)
		op.must("backup", wire.SetBackup{Owner: "spk2", On: true})
		op.must("backup.rule", wire.SetTakeover{Auto: true, After: 5})
		after(aTick)
		alone := sfu.Scene{Main: main, Audio: []sfu.PeerID{main}}
		if s := h.media.scene(); !s.Equal(alone) {
			t.Errorf("with a backup standing by: %+v", s)
		}
		st := sri.get().stage
		i := slices.IndexFunc(st.Sources, func(s wire.Source) bool { return s.ID == string(second) })
		if i < 0 || !st.Sources[i].Backup || st.Sources[i].Audio || !st.Takeover.Ready {
			t.Errorf("told %+v", st)
		}

		h.media.freeze(main)
		after(5 * time.Second)
		if st := sri.get().stage; !st.Sources[1-i].Silent || st.Takeover.On {
			t.Errorf("after 5 s of silence: %+v", st)
		}
		after(6 * time.Second)
		if s := h.media.scene(); !s.Equal(sfu.Scene{Main: second, Audio: []sfu.PeerID{second}}) || !sri.get().stage.Takeover.On {
			t.Errorf("after 11 s: %+v", s)
		}
		h.media.gone(main)
		after(aTick)
		spk.must("publish", wire.Publish{Kind: "camera", SDP: offer("3", "audio")})
		after(3 * time.Second)
		if s := h.media.scene(); s.Main != second || len(s.Audio) != 1 {
			t.Errorf("3 s after the speaker came back: %+v", s)
		}
		after(4 * time.Second)
		if s := h.media.scene(); s.Main == second || s.Main == "" || len(s.Audio) != 1 || s.Audio[0] != s.Main {
			t.Errorf("7 s after the speaker came back: %+v", s)
		}
		if answer, code := sri.ask("backup.over", wire.TakeOver{On: true}); answer != "error" || code != "not_allowed" {
			t.Errorf("a participant: %s %s", answer, code)
		}
	})
}
