package export

import (
	"strings"
	"testing"

	"betang/classroom/survey"
)

// TestSurvey: each item has its mean and how often each value was given, words are text, and two answers show nothing.
func TestSurvey(t *testing.T) {
	var all []survey.Answer
	for v := 3; v <= 5; v++ {
		a := survey.Answer{Good: "=1+1"}
		for range survey.Items {
			a.Values = append(a.Values, v)
		}
		all = append(all, a)
	}
	all[0].Values[0], all[1].Good, all[2].Good = 4, "", ""
	rows := strings.Split(strings.TrimRight(string(csvBytes(t, Survey(survey.Add(all)))), "\r\n"), "\r\n")
	if len(rows) != 1+len(survey.Items)+1 {
		t.Fatalf("%d rows:\n%s", len(rows), strings.Join(rows, "\n"))
	}
	for i, want := range map[int]string{
		1:  `"1";"Penyelenggaraan";"Pelayanan panitia";"4,33";"0";"0";"0";"2";"1"`,
		5:  `"5";"Narasumber";"Penguasaan materi";"4,00";"0";"0";"1";"1";"1"`,
		11: `"11";"Yang sudah baik";"'=1+1";"";"";"";"";"";""`,
	} {
		if rows[i] != want {
			t.Errorf("row %d: %s, want %s", i, rows[i], want)
		}
	}
	for _, key := range survey.Items {
		if surveyItems[key][1] == "" {
			t.Errorf("item %q has no name", key)
		}
	}
	if n := len(Survey(survey.Add(all[:2])).Rows); n != 0 {
		t.Errorf("two answers give %d rows", n)
	}
}
