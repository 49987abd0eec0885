package store

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"betang/classroom"
	"betang/classroom/papers"
	"betang/classroom/survey"
)

// TestLoose: two stores that gave one another their loose papers hold the same, by digest and by content: every answer once, of an office
// the later report, and who answered at one does not at the other. What is no answer is refused, and nothing kept.
func TestLoose(t *testing.T) {
	ctx := t.Context()
	long := time.UnixMilli(0)
	at := time.UnixMilli(1_790_000_000_000).UTC()
	a, b := open(t, t.TempDir()), open(t, t.TempDir())
	answer := survey.Answer{Values: slices.Repeat([]int{4}, len(survey.Items)), Good: "Jelas"}
	report := classroom.Readiness{At: at, Region: "62.02", Unit: "Dinas Kesehatan", Verdict: classroom.ReadySaving, Kbps: 300}
	for _, s := range []*Store{a, b} {
		must(t, s.SaveEvent(ctx, demoEvent(demo)))
	}
	if got, err := a.LooseDigests(ctx, long); err != nil || len(got) != 0 {
		t.Errorf("of nothing: %v, %v", got, err)
	}
	must(t, a.SaveSurvey(ctx, demo, "p:sri", answer))
	must(t, a.SaveReadiness(ctx, demo, report))
	must(t, b.SaveSurvey(ctx, demo, "p:budi", answer))
	report.At, report.Unit, report.Verdict = at.Add(time.Hour), "DINAS KESEHATAN", classroom.ReadyWell
	must(t, b.SaveReadiness(ctx, demo, report))
	for _, way := range [][2]*Store{{a, b}, {b, a}, {a, b}} {
		l, err := way[0].Loose(ctx, string(demo))
		must(t, err)
		_, err = way[1].TakeLoose(ctx, l)
		must(t, err)
	}
	one, err := a.LooseDigests(ctx, long)
	must(t, err)
	other, err := b.LooseDigests(ctx, long)
	must(t, err)
	if whole, err := a.Loose(ctx, string(demo)); err != nil || one[string(demo)] == "" || one[string(demo)] != other[string(demo)] || whole.Digest() != one[string(demo)] {
		t.Errorf("digests %v and %v, %v", one, other, err)
	}
	for name, s := range map[string]*Store{"a": a, "b": b} {
		answers, err := s.Surveys(ctx, demo)
		must(t, err)
		reports, err := s.Readiness(ctx, demo)
		must(t, err)
		if len(answers) != 2 || len(reports) != 1 || reports[0].Verdict != classroom.ReadyWell || reports[0].Unit != "DINAS KESEHATAN" {
			t.Errorf("%s: %+v, %+v", name, answers, reports)
		}
		for _, who := range []string{"p:sri", "p:budi"} {
			if done, err := s.HasSurvey(ctx, demo, who); !done || err != nil {
				t.Errorf("%s may answer again at %s (%v)", who, name, err)
			}
		}
	}
	if got, err := a.LooseDigests(ctx, demoEvent(demo).EndsAt); err != nil || len(got) != 0 {
		t.Errorf("of what is long over: %v, %v", got, err)
	}
	bad := papers.Loose{Event: string(demo), Answers: map[string]json.RawMessage{"x": []byte(`{"values":[9]}`)}, Answered: []string{"p:ani"}}
	if _, err := b.TakeLoose(ctx, bad); !errors.Is(err, papers.ErrPaper) {
		t.Errorf("what is no answer: %v", err)
	}
	bad = papers.Loose{Event: string(demo), Reports: []papers.Report{{Region: "62.02", Unit: "X", Verdict: "bagus"}}}
	if _, err := b.TakeLoose(ctx, bad); !errors.Is(err, papers.ErrPaper) {
		t.Errorf("what is no report: %v", err)
	}
	if done, _ := b.HasSurvey(ctx, demo, "p:ani"); done {
		t.Error("half of what was refused is kept")
	}
}
