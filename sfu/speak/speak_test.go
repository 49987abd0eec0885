package speak

import (
	"testing"

	"pgregory.net/rapid"
)

const step = 200e6

// talk steps a selector n times with fixed levels.
func talk(s *Selector[string], now *int64, n int, voices ...Voice[string]) [Slots]string {
	var got [Slots]string
	for range n {
		*now += step
		got = s.Step(*now, voices)
	}
	return got
}

func TestWhoSpeaksIsHeard(t *testing.T) {
	var s Selector[string]
	now := int64(1e9)
	quiet := []Voice[string]{{"a", 5}, {"b", 5}, {"c", 5}, {"d", 5}, {"e", 5}}
	if got := talk(&s, &now, 10, quiet...); got != [Slots]string{"a", "b", "c"} {
		t.Fatalf("who came first: %v", got)
	}
	loud := []Voice[string]{{"a", 80}, {"b", 5}, {"c", 5}, {"d", 80}, {"e", 5}}
	if got := talk(&s, &now, 1, loud...); got != [Slots]string{"a", "b", "c"} {
		t.Errorf("a cough took a slot: %v", got)
	}
	talk(&s, &now, 5, quiet...)
	got := talk(&s, &now, 3, loud...)
	if got != [Slots]string{"a", "d", "c"} && got != [Slots]string{"a", "b", "d"} {
		t.Errorf("half a second of speech is not heard: %v", got)
	}
	if got[0] != "a" {
		t.Errorf("who goes on speaking lost the place: %v", got)
	}
	// Between two sentences the slot is kept.
	if again := talk(&s, &now, 10, quiet...); again != got {
		t.Errorf("lost in a pause: %v, was %v", again, got)
	}
	// Who leaves makes room at once.
	if again := talk(&s, &now, 1, Voice[string]{"b", 5}, Voice[string]{"e", 5}, Voice[string]{"d", 60}); again == got {
		t.Errorf("a voice that left has a slot: %v", again)
	}
}

func TestRule(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s Selector[string]
		names := []string{"a", "b", "c", "d", "e", "f", "g"}
		now, before := int64(1e9), [Slots]string{}
		swapped := [Slots]int64{}
		level := map[string]int{}
		for range rapid.IntRange(1, 100).Draw(t, "steps") {
			now += rapid.Int64Range(0, 400e6).Draw(t, "pass")
			n := rapid.IntRange(0, len(names)).Draw(t, "n")
			voices := make([]Voice[string], n)
			here := map[string]bool{}
			for i := range n {
				if rapid.IntRange(0, 3).Draw(t, "change") == 0 {
					level[names[i]] = rapid.IntRange(0, 127).Draw(t, "level")
				}
				voices[i] = Voice[string]{names[i], level[names[i]]}
				here[names[i]] = true
			}
			got := s.Step(now, voices)
			seen, filled := map[string]bool{}, 0
			for i, id := range got {
				if id == "" {
					continue
				}
				filled++
				if seen[id] || !here[id] {
					t.Fatalf("%v of %v", got, voices)
				}
				seen[id] = true
				if before[i] != "" && here[before[i]] && before[i] != id {
					// A living voice lost its slot: only to a speaker, only after its time, only where all are taken.
					if level[id] < floor || now-swapped[i] < atLeast || n <= Slots {
						t.Fatalf("slot %d: %s for %s at %d, given at %d, levels %v", i, id, before[i], now, swapped[i], level)
					}
				}
				if before[i] != id {
					swapped[i] = now
				}
			}
			if filled != min(n, Slots) {
				t.Fatalf("%d slots of %d voices: %v", filled, n, got)
			}
			before = got
		}
		// Whoever alone speaks now is heard soon.
		one := rapid.SampledFrom(names).Draw(t, "one")
		voices := make([]Voice[string], len(names))
		for i, name := range names {
			voices[i] = Voice[string]{name, 0}
			if name == one {
				voices[i].Level = 90
			}
		}
		for range 40 { // all that was heard before has paled in 8 s
			now += 200e6
			before = s.Step(now, voices)
		}
		if before[0] != one && before[1] != one && before[2] != one {
			t.Fatalf("%s speaks and %v are heard", one, before)
		}
	})
}
