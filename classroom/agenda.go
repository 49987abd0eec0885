package classroom

import "time"

// CueRun is one stretch of an event in which a cue was the present one.
type CueRun struct {
	Cue  Cue       // as it was started
	From time.Time // UTC
	To   time.Time // zero: it still runs
}

// CueRuns are the cues of a journal in the order in which they ran. One that was started by mistake and undone is not among them: the
// cue before it went on.
func CueRuns(facts []Fact) []CueRun {
	var out []CueRun
	end := func(at time.Time) {
		if n := len(out); n > 0 && out[n-1].To.IsZero() {
			out[n-1].To = at
		}
	}
	for _, f := range facts {
		switch b := f.Body.(type) {
		case CueStarted:
			end(f.At)
			out = append(out, CueRun{Cue: b.Cue, From: f.At})
		case CueUndone:
			if n := len(out); n > 0 && out[n-1].Cue.ID == b.Cue {
				if out = out[:n-1]; n > 1 {
					out[n-2].To = time.Time{}
				}
			}
		case PhaseSet:
			if b.To == Ended {
				end(f.At)
			}
		}
	}
	return out
}
