package signaling

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// TestLooks: whoever comes and goes and however far the hub falls behind, nobody waits twice, everybody who is due is given
// out once, in the order of the beats and within a beat in the order in which they came, in slices that are bounded.
func TestLooks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l looks
		var members []*member
		var want, got []string
		waits := map[*member]bool{}
		name := func(m *member) string { return fmt.Sprint(m.turn) }
		for beat := range rapid.IntRange(1, 20).Draw(t, "beats") {
			for range rapid.IntRange(0, 200).Draw(t, "come") {
				members = append(members, &member{turn: l.turn()})
			}
			var due []*member
			for _, m := range members { // in the order in which they came
				if (m.turn+beat)%mineEvery == 0 {
					due = append(due, m)
					if !waits[m] {
						waits[m] = true
						want = append(want, name(m))
					}
				}
			}
			if len(due) > 0 {
				due = rapid.Permutation(due).Draw(t, "as the map gives them")
			}
			l.add(due)
			for range rapid.IntRange(0, 4).Draw(t, "slices") {
				slice := l.take()
				if len(slice) > lookSlice {
					t.Fatalf("%d at once", len(slice))
				}
				for _, m := range slice {
					got = append(got, name(m))
					waits[m] = false
				}
			}
			if len(l.due) > len(members) {
				t.Fatalf("%d wait, of %d", len(l.due), len(members))
			}
		}
		for len(l.due) > 0 {
			for _, m := range l.take() {
				got = append(got, name(m))
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("looked at %v\nwere due %v", got, want)
		}
	})
}
