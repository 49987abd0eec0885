package export

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"betang/classroom"
	"betang/classroom/poll"
)

// TestPolls: each option of what was asked stands in a row, drafts and test questions do not, nobody is named, and an answer
// that Excel would compute is text.
func TestPolls(t *testing.T) {
	at := time.Date(2026, 11, 26, 2, 0, 0, 0, time.UTC)
	room := classroom.NewRoom(classroom.Event{ID: "demo", Kind: classroom.Lecture, StartsAt: at, EndsAt: at.Add(time.Hour)})
	op := classroom.Actor{Role: classroom.RoleOperator, Session: "s-op"}
	person := func(id string) classroom.Actor {
		return classroom.Actor{Role: classroom.RoleParticipant, Person: classroom.PersonID(id), Session: classroom.SessionID("s-" + id), Name: "Nama " + id}
	}
	do := func(by classroom.Actor, cmd classroom.Command) {
		t.Helper()
		if _, err := room.Apply(at, by, cmd); err != nil {
			t.Fatalf("%+v: %v", cmd, err)
		}
	}
	for _, spec := range []poll.Spec{
		{Kind: poll.Single, Text: "Jelas?", Options: []string{"Ya", "Tidak", "Ragu"}},
		{Kind: poll.Text, Text: "Saran?", Anonymous: true},
		{Kind: poll.Single, Text: "2 + 2?", Options: []string{"3", "4"}, Right: 2, Set: poll.Post},
		{Kind: poll.Scale, Text: "Draf?", Top: 5},
	} {
		do(op, classroom.MakePoll{Spec: spec})
	}
	for _, id := range []classroom.PollID{"j1", "j2", "j3"} {
		do(op, classroom.TurnPoll{Poll: id, To: poll.Open})
	}
	for i, id := range []string{"a", "b", "c"} {
		do(person(id), classroom.AnswerPoll{Poll: "j1", Answer: poll.Answer{Pick: poll.Pick(1 << (i / 2))}})
	}
	do(person("a"), classroom.AnswerPoll{Poll: "j2", Answer: poll.Answer{Text: `=HYPERLINK("x")`}})
	do(person("a"), classroom.AnswerPoll{Poll: "j3", Answer: poll.Answer{Pick: 2}})
	var file bytes.Buffer
	if err := WriteCSV(&file, Polls(room)); err != nil {
		t.Fatal(err)
	}
	_, rows, _ := strings.Cut(file.String(), "\r\n")
	want := strings.Join([]string{
		`"1";"Jelas?";"pilih satu";"tidak";"3";"Ya";"2";"67"`,
		`"1";"Jelas?";"pilih satu";"tidak";"3";"Tidak";"1";"33"`,
		`"1";"Jelas?";"pilih satu";"tidak";"3";"Ragu";"0";"0"`,
		`"2";"Saran?";"jawaban singkat";"ya";"1";"'=HYPERLINK(""x"")";"";""`,
		"",
	}, "\r\n")
	if rows != want {
		t.Errorf("rows:\n%s\nwant:\n%s", rows, want)
	}
}
