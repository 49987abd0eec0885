package classroom

import (
	"slices"
	"testing"
	"time"
)

// TestCueRuns: what was started by mistake never ran, and the last cue ends with the event.
func TestCueRuns(t *testing.T) {
	at := func(min int) time.Time { return time.Date(2026, 11, 26, 2, min, 0, 0, time.UTC) }
	cue := func(id CueID) Cue { return Cue{ID: id, Title: "Acara " + string(id)} }
	facts := []Fact{
		{At: at(0), Body: CueUndone{"c1"}}, // of nothing
		{At: at(1), Body: CueStarted{cue("c1")}},
		{At: at(5), Body: CueStarted{cue("c2")}},
		{At: at(6), Body: CueUndone{"c2"}},
		{At: at(8), Body: CueStarted{cue("c3")}},
		{At: at(8), Body: PhaseSet{Paused}},
	}
	want := []CueRun{{cue("c1"), at(1), at(8)}, {cue("c3"), at(8), time.Time{}}}
	if got := CueRuns(facts); !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	want[1].To = at(9)
	if got := CueRuns(append(facts, Fact{At: at(9), Body: PhaseSet{Ended}})); !slices.Equal(got, want) {
		t.Errorf("after the end %+v, want %+v", got, want)
	}
}
