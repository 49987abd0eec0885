package signaling

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"betang/signaling/wire"
)

// TestVotesOfACrowdGoOutOnceASecond: above 200 sessions a stream of votes is one message a second to each, and who voted
// knows it at once all the same.
func TestVotesOfACrowdGoOutOnceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		mod, asker := h.join("mod"), h.join("guest")
		asker.must("ask", wire.Ask{Text: "satu"})
		mod.must("approve", wire.Approve{Question: "q1"})
		voters := make([]*client, 30)
		for i := range voters {
			voters[i] = h.join("guest")
		}
		for range crowd {
			h.join("guest")
		}
		after(2 * time.Second)
		before := asker.get().states
		for i, v := range voters {
			v.must("support", wire.Support{Question: "q1", On: true})
			after(10 * time.Millisecond)
			if !slices.Contains(v.get().mine.Supported, "q1") {
				t.Fatalf("voter %d does not know of the vote", i)
			}
			after(90 * time.Millisecond)
		}
		after(1500 * time.Millisecond) // 3 s of votes, and the beat after
		got := asker.get()
		if n := got.states - before; n > 5 {
			t.Errorf("%d messages for 3 s of votes", n)
		}
		if n := got.questions["q1"].Support; n != len(voters) {
			t.Errorf("%d votes are known, of %d", n, len(voters))
		}
	})
}
