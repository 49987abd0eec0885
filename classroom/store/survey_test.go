package store

import (
	"errors"
	"slices"
	"testing"

	"betang/classroom"
	"betang/classroom/survey"
)

// One answer a person, kept apart from who gave it: no row of the answers tells whose it is.
func TestSurvey(t *testing.T) {
	s := open(t, t.TempDir())
	must(t, s.SaveEvent(t.Context(), demoEvent(demo)))
	a := survey.Answer{Values: slices.Repeat([]int{4}, len(survey.Items)), Good: "<b>Jelas</b>"}
	must(t, s.SaveSurvey(t.Context(), demo, "p:sri", a))
	err := s.SaveSurvey(t.Context(), demo, "p:sri", a)
	if e, ok := errors.AsType[*classroom.Error](err); !ok || e.Code != "survey_done" {
		t.Errorf("twice: %v", err)
	}
	must(t, s.SaveSurvey(t.Context(), demo, "p:budi", a))
	got, err := s.Surveys(t.Context(), demo)
	must(t, err)
	if len(got) != 2 || got[0].Good != a.Good || !slices.Equal(got[1].Values, a.Values) {
		t.Errorf("%+v", got)
	}
	for who, want := range map[string]bool{"p:sri": true, "p:ani": false} {
		if done, err := s.HasSurvey(t.Context(), demo, who); err != nil || done != want {
			t.Errorf("%s has answered: %v (%v)", who, done, err)
		}
	}
	if err := s.SaveSurvey(t.Context(), "nosuch", "p:sri", a); classroom.KindOf(err) != classroom.NotFound {
		t.Errorf("of no event: %v", err)
	}
}
