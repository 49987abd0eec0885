package signaling

import (
	"testing"
	"testing/synctest"
	"time"

	"betang/classroom"
	"betang/classroom/checks"
	"betang/signaling/wire"
)

// outcomes are the checks in the journal, by person.
func (h *hall) outcomes() map[classroom.PersonID][]classroom.Checked {
	h.t.Helper()
	facts, err := h.store.Facts(h.t.Context(), lecture, 0)
	if err != nil {
		h.t.Fatal(err)
	}
	out := map[classroom.PersonID][]classroom.Checked{}
	for _, f := range facts {
		if c, ok := f.Body.(classroom.Checked); ok {
			out[f.By.Person] = append(out[f.By.Person], c)
		}
	}
	return out
}

// TestChecks: for an hour one person answers, one does not, one loses the network whenever asked.
func TestChecks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		plan := checks.Plan{Every: 20 * 60_000, Window: 90_000}
		h := newHallThatAsks(t, plan)
		_, cs := h.lectureWith("sri", "budi")
		sri, budi := cs[0], cs[1]
		phone := h.join("sri")
		secret := []byte("secret")
		began, answered := time.Now(), 0
		for time.Since(began) < time.Hour-2*time.Minute {
			after(5 * time.Second)
			c := sri.get().mine.Check
			if c == nil {
				continue
			}
			if other := phone.get().mine.Check; other == nil || *other != *c {
				t.Fatalf("the phone shows %+v, the page %+v", other, c)
			}
			moment := plan.At(secret, string(lecture), "per1", c.Check)
			if got := time.Since(began).Milliseconds(); got < moment || got > moment+8000 {
				t.Errorf("check %d stands %d ms after the start, its moment is %d", c.Check, got, moment)
			}
			phone.must("here", wire.Here{Check: c.Check})
			if _, code := sri.ask("here", wire.Here{Check: c.Check}); code != "check_over" {
				t.Errorf("the second answer: %q", code)
			}
			after(time.Second)
			if sri.get().mine.Check != nil || phone.get().mine.Check != nil {
				t.Error("an answered check stands")
			}
			answered++
		}
		got := h.outcomes()
		if answered != 3 || len(got["per1"]) != 3 {
			t.Fatalf("%d answered, in the journal %+v", answered, got["per1"])
		}
		for i, c := range got["per1"] {
			if c.N != i || c.Outcome != checks.Answered || c.After > 6000 {
				t.Errorf("sri: %+v", c)
			}
		}
		for i, c := range got["per2"] {
			if c.N != i || c.Outcome != checks.Missed || c.After != 0 {
				t.Errorf("budi: %+v", c)
			}
		}
		if p := budi.get().mine.Presence; p.ChecksMissed != 3 || p.ChecksAnswered != 0 || p.Percent < 99 {
			t.Errorf("three missed checks of budi: %+v", p)
		}
		if p := sri.get().mine.Presence; p.ChecksAnswered != 3 {
			t.Errorf("sri is told %+v", p)
		}
	})
}

// TestCheckExcused: who loses the network while a check stands has missed nothing, nor has anybody whose event pauses or
// whose server dies; after a restart the checks go on where they were.
func TestCheckExcused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHallThatAsks(t, checks.Plan{Every: 10 * 60_000, Window: 90_000})
		_, cs := h.lectureWith("sri", "budi")
		wait := func(c *client) int {
			t.Helper()
			for range 20 * 60 {
				after(time.Second)
				if k := c.get().mine.Check; k != nil {
					return k.Check
				}
			}
			t.Fatal("never asked")
			return 0
		}
		wait(cs[0])
		cs[0].mute() // the network is gone; the socket does not know yet
		after(60 * time.Second)
		if got := h.outcomes()["per1"]; len(got) != 1 || got[0].Outcome != checks.Excused {
			t.Fatalf("an outage in the window: %+v", got)
		}
		cs[0].kill()
		back := h.rejoin("sri", cs[0])
		n := wait(back)
		if n != 1 {
			t.Errorf("check %d follows check 0", n)
		}
		op := h.join("op")
		op.must("phase", wire.SetPhase{To: "paused"})
		after(3 * time.Second)
		if got := h.outcomes()["per1"]; len(got) != 2 || got[1].Outcome != checks.Excused {
			t.Errorf("a pause in the window: %+v", got)
		}
		op.must("phase", wire.SetPhase{To: "live"})
		if n := wait(back); n != 2 {
			t.Errorf("check %d follows check 1", n)
		}
		after(10 * time.Second)
		h.restart()
		again := h.rejoin("sri", back)
		after(2 * time.Minute)
		if got := h.outcomes()["per1"]; len(got) != 2 {
			t.Errorf("a check that stood when the server died: %+v", got)
		}
		if n := wait(again); n != 3 {
			t.Errorf("check %d follows check 2 after a restart", n)
		}
	})
}
