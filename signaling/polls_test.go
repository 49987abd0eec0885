package signaling

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"betang/signaling/wire"
)

func TestAPollFromDraftToResults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		sri, budi, mod := h.join("sri"), h.join("budi"), h.join("mod")
		mod.must("poll.make", wire.MakePoll{Kind: "single", Text: "Materi jelas?", Options: " Ya \n\nTidak", Live: true})
		mod.must("poll.make", wire.MakePoll{Kind: "single", Text: "2 + 2?", Options: "3\n4", Right: 2, Set: "post"})
		after(aTick)
		if n := len(sri.get().polls); n != 0 {
			t.Errorf("the room sees %d drafts", n)
		}
		if p := mod.get().polls["j1"]; p.Status != "draft" || !slices.Equal(p.Options, []string{"Ya", "Tidak"}) {
			t.Errorf("the desk sees %+v", p)
		}

		mod.must("poll.turn", wire.TurnPoll{Poll: "j1", To: "open"})
		mod.must("poll.turn", wire.TurnPoll{Poll: "j2", To: "open"})
		sri.must("poll.answer", wire.AnswerPoll{Poll: "j1", Pick: 1})
		sri.must("poll.answer", wire.AnswerPoll{Poll: "j2", Pick: 2})
		budi.must("poll.answer", wire.AnswerPoll{Poll: "j1", Pick: 2})
		if _, code := budi.ask("poll.answer", wire.AnswerPoll{Poll: "j1", Pick: 4}); code != "poll_answer" {
			t.Errorf("an option that is not there: %q", code)
		}
		after(2 * time.Second)
		got := sri.get()
		if p := got.polls["j2"]; p.Status != "open" || p.Right != 0 {
			t.Errorf("the room sees the right answer: %+v", p)
		}
		if len(got.tallies) != 1 || !slices.Equal(got.tallies[0].Counts, []int{1, 1}) {
			t.Errorf("the room's counts: %+v, want those of the live poll alone", got.tallies)
		}
		if n := len(mod.get().tallies); n != 2 {
			t.Errorf("the desk has the counts of %d polls", n)
		}
		if a := got.mine.Answers; len(a) != 2 || a[0] != (wire.MyAnswer{Poll: "j1", Pick: 1}) {
			t.Errorf("mine: %+v", a)
		}

		mod.must("poll.turn", wire.TurnPoll{Poll: "j2", To: "closed"})
		after(aTick)
		if p := sri.get().polls["j2"]; p.Status != "closed" || p.Right != 0 || p.Tally != nil {
			t.Errorf("before its results are shown: %+v", p)
		}
		mod.must("poll.show", wire.ShowPoll{Poll: "j2", On: true})
		after(aTick)
		if p := sri.get().polls["j2"]; p.Right != 2 || p.Tally == nil || !slices.Equal(p.Tally.Counts, []int{0, 1}) {
			t.Errorf("shown: %+v", p)
		}
	})
}

func TestAnswersSurviveARestartAndAnotherDevice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		mod, sri := h.join("mod"), h.join("sri")
		mod.must("poll.make", wire.MakePoll{Kind: "text", Text: "Saran Anda?", Anonymous: true})
		mod.must("poll.turn", wire.TurnPoll{Poll: "j1", To: "open"})
		sri.must("poll.answer", wire.AnswerPoll{Poll: "j1", Text: "Lebih banyak contoh"})
		h.restart()
		again, desk := h.join("sri"), h.join("mod")
		after(2 * time.Second)
		if a := again.get().mine.Answers; len(a) != 1 || a[0].Text != "Lebih banyak contoh" {
			t.Errorf("mine after the restart: %+v", a)
		}
		again.must("poll.answer", wire.AnswerPoll{Poll: "j1", Text: "Contoh dari desa"})
		after(2 * time.Second)
		if ts := desk.get().tallies; len(ts) != 1 || ts[0].N != 1 || !slices.Equal(ts[0].Texts, []string{"Contoh dari desa"}) {
			t.Errorf("the desk reads %+v", ts)
		}
		if ts := again.get().tallies; len(ts) != 0 {
			t.Errorf("the room reads %+v", ts)
		}
	})
}
