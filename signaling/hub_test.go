package signaling

import (
	"testing"
	"testing/synctest"
	"time"

	"betang/signaling/wire"
)

func TestHelloGivesASnapshotThenChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		sri := h.join("sri")
		got := sri.get()
		if got.order[0] != "welcome" || got.order[1] != "state" || got.fulls != 1 {
			t.Errorf("order %v with %d full states, want welcome, one full state", got.order, got.fulls)
		}
		you := got.welcome.You
		if you.Name != "Sri Wahyuni, S.Sos." || you.NIP != "1990••••••••••••01" || you.Unit != "Dinas Kesehatan" {
			t.Errorf("you are %+v", you)
		}
		if got.event.Phase != "scheduled" || got.event.JP != 2 {
			t.Errorf("event is %+v", got.event)
		}

		mod := h.join("mod")
		sri.must("ask", wire.Ask{Text: "Kapan jalan diperbaiki?"})
		after(150 * time.Millisecond)
		if n := len(sri.get().questions); n != 0 {
			t.Errorf("the room sees %d questions that wait for the moderator", n)
		}
		if q := sri.get().mine.Questions; len(q) != 1 || q[0].Status != "pending" {
			t.Errorf("mine is %+v", q)
		}
		q := mod.get().questions["q1"]
		if q.Text != "Kapan jalan diperbaiki?" || q.Region != "Wilayah 62.02" || q.Unit != "Dinas Kesehatan" {
			t.Errorf("the moderator sees %+v", q)
		}
		mod.must("approve", wire.Approve{Question: "q1"})
		after(150 * time.Millisecond)
		if q := sri.get().questions["q1"]; q.Status != "approved" {
			t.Errorf("the room sees %+v", q)
		}
	})
}
