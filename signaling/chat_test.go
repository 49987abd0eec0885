package signaling

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"betang/signaling/wire"
)

func TestChatGoesToEverybodyAndSurvivesARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		sri, budi, mod := h.join("sri"), h.join("budi"), h.join("mod")
		if _, code := sri.ask("chat", wire.Chat{Text: "Halo"}); code != "chat_off" {
			t.Errorf("a lecture's chat is open before anybody opened it: %q", code)
		}
		if talk := sri.get().talk; talk.Chat || !talk.Reactions {
			t.Errorf("told at the beginning: %+v", talk)
		}
		mod.must("chat.set", wire.ChatSet{Chat: true, Reactions: true})
		sri.must("chat", wire.Chat{Text: " <b>Kapan</b> jalan ke desa kami diperbaiki? "})
		budi.must("chat", wire.Chat{Text: "Saya juga menunggu"})
		after(aTick)
		line := budi.get().chat["m1"]
		if line.Text != "<b>Kapan</b> jalan ke desa kami diperbaiki?" || line.Name == "" || strings.Contains(line.Name, "1990") || line.Unit == "" {
			t.Errorf("budi sees %+v", line)
		}
		if said := sri.get().mine.Said; len(said) != 1 || said[0] != "m1" {
			t.Errorf("sri's own: %v", said)
		}
		if _, code := budi.ask("chat.remove", wire.ChatRemove{Message: "m1"}); code != "chat_owner" {
			t.Errorf("budi took sri's down: %q", code)
		}
		mod.must("chat.promote", wire.ChatPromote{Message: "m1"})
		mod.must("chat.remove", wire.ChatRemove{Message: "m2"})
		after(aTick)
		if got := budi.get(); got.questions["q1"].Status != "approved" || !got.chat["m1"].Asked || len(got.chat) != 1 {
			t.Errorf("budi sees %+v and %+v", got.questions, got.chat)
		}
		if q := sri.get().mine.Questions; len(q) != 1 {
			t.Errorf("sri's own questions: %+v", q)
		}
		h.restart()
		late := h.join("budi")
		after(aTick)
		if got := late.get(); len(got.chat) != 1 || got.chat["m1"].Name != line.Name || !got.talk.Chat {
			t.Errorf("after a restart: %+v, %+v", got.chat, got.talk)
		}
	})
}

func TestReactionsAreOneSumASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		sri, budi, mod := h.join("sri"), h.join("budi"), h.join("mod")
		if _, code := sri.ask("react", wire.React{Kind: "clap"}); code != "reactions_live" {
			t.Errorf("before the beginning: %q", code)
		}
		h.join("op").must("phase", wire.SetPhase{To: "live"})
		after(2 * time.Second)
		for range 3 {
			sri.must("react", wire.React{Kind: "clap"})
			budi.must("react", wire.React{Kind: "clap"})
		}
		budi.must("react", wire.React{Kind: "love"})
		after(3 * time.Second)
		want := wire.Reactions{Clap: 6, Love: 1}
		for name, c := range map[string]*client{"sri": sri, "budi": budi, "mod": mod} {
			if w := c.get().waves; len(w) != 1 || w[0] != want {
				t.Errorf("%s heard %+v, want %+v once", name, w, want)
			}
		}
		refused := ""
		for range gestureBurst + 5 {
			if _, code := sri.ask("react", wire.React{Kind: "clap"}); code != "" {
				refused = code
			}
		}
		if refused != "reaction_rate" {
			t.Errorf("one phone reacts without end: %q", refused)
		}
		if _, code := budi.ask("react", wire.React{Kind: "boo"}); code != "reaction_unknown" {
			t.Errorf("an unknown reaction: %q", code)
		}
		mod.must("chat.set", wire.ChatSet{Chat: true})
		if _, code := budi.ask("react", wire.React{Kind: "clap"}); code != "reactions_off" {
			t.Errorf("closed by the moderator: %q", code)
		}
	})
}
