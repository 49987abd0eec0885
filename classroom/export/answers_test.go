package export

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"betang/classroom"
	"betang/classroom/notes"
	"betang/classroom/poll"

	"github.com/xuri/excelize/v2"
)

// quiz is an event with a test before, a test after, a named poll and two anonymous ones.
type quiz struct {
	t     *testing.T
	at    time.Time
	room  *classroom.Room
	facts []classroom.Fact
}

func newQuiz(t *testing.T) *quiz {
	at := time.Date(2026, 11, 26, 2, 0, 0, 0, time.UTC)
	q := &quiz{t: t, at: at, room: classroom.NewRoom(classroom.Event{
		ID: "demo", Kind: classroom.Lecture, Title: `Kuliah <b>Umum</b> & "Betang"`, Speaker: "Gubernur", Host: "BPSDM", Place: "Aula", StartsAt: at, EndsAt: at.Add(time.Hour),
	})}
	for _, spec := range []poll.Spec{
		{Kind: poll.Single, Text: "2 + 2?", Options: []string{"3", "4"}, Right: 2, Set: poll.Pre},
		{Kind: poll.Multiple, Text: "Genap?", Options: []string{"1", "2", "4"}, Right: 6, Set: poll.Post},
		{Kind: poll.Text, Text: "=Harapan?"},
		{Kind: poll.Text, Text: "Rahasia?", Anonymous: true},
		{Kind: poll.Scale, Text: "Puas?", Top: 5, Anonymous: true},
	} {
		q.do(operator, classroom.MakePoll{Spec: spec})
	}
	for i := range 5 {
		q.do(operator, classroom.TurnPoll{Poll: classroom.PollID(fmt.Sprint("j", i+1)), To: poll.Open})
	}
	return q
}

var operator = classroom.Actor{Role: classroom.RoleOperator, Session: "s-op"}

func participant(id string) classroom.Actor {
	return classroom.Actor{Role: classroom.RoleParticipant, Person: classroom.PersonID(id), Session: classroom.SessionID("s-" + id), Name: "Nama " + id}
}

func (q *quiz) do(by classroom.Actor, cmd classroom.Command) {
	q.t.Helper()
	q.at = q.at.Add(time.Second)
	facts, err := q.room.Apply(q.at, by, cmd)
	if err != nil {
		q.t.Fatalf("%+v: %v", cmd, err)
	}
	q.facts = append(q.facts, facts...)
}

func (q *quiz) answer(id string, no int, a poll.Answer) {
	q.t.Helper()
	q.do(participant(id), classroom.AnswerPoll{Poll: classroom.PollID(fmt.Sprint("j", no)), Answer: a})
}

// sheet is the attendance sheet of three people.
func (q *quiz) sheet() classroom.Sheet {
	s := classroom.Sheet{Event: q.room.Event(), Ended: true}
	for i, id := range []string{"a", "b", "c"} {
		s.Rows = append(s.Rows, classroom.Row{Person: classroom.Person{ID: classroom.PersonID(id), NIP: "19900101201503100" + fmt.Sprint(i), Name: "Nama " + id, Unit: "Dinas " + id, Region: "62.71"}})
	}
	return s
}

// TestAnswers: each person's marks and answers stand in their row, a NIP is text, what Excel would compute is text, and who
// answered nothing has blanks.
func TestAnswers(t *testing.T) {
	q := newQuiz(t)
	q.answer("a", 1, poll.Answer{Pick: 2})
	q.answer("b", 1, poll.Answer{Pick: 1})
	q.answer("a", 2, poll.Answer{Pick: 6})
	q.answer("b", 2, poll.Answer{Pick: 2})
	q.answer("b", 3, poll.Answer{Text: `=HYPERLINK("x")`})
	table := Answers(q.sheet(), q.room)
	_, rows, _ := strings.Cut(string(csvBytes(t, table)), "\r\n")
	want := strings.Join([]string{
		`"1";"199001012015031000";"Nama a";"Dinas a";"Kota Palangka Raya";"1";"1";"100";"1";"1";"100";"0";"* 4";"* 2; 4";""`,
		`"2";"199001012015031001";"Nama b";"Dinas b";"Kota Palangka Raya";"0";"1";"0";"0";"1";"0";"0";"3";"2";"'=HYPERLINK(""x"")"`,
		`"3";"199001012015031002";"Nama c";"Dinas c";"Kota Palangka Raya";"";"";"";"";"";"";"";"";"";""`,
		"",
	}, "\r\n")
	if rows != want {
		t.Errorf("rows:\n%s\nwant:\n%s", rows, want)
	}

	var file bytes.Buffer
	if err := WriteXLSX(&file, table, AnswersHeading(q.sheet())); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := f.GetRows(sheetName)
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for r, row := range all {
		for c, v := range row {
			cell, _ := excelize.CoordinatesToCellName(c+1, r+1)
			if formula, _ := f.GetCellFormula(sheetName, cell); formula != "" {
				t.Errorf("%s is the formula %s", cell, formula)
			}
			if v == "199001012015031000" {
				found = true
				if kind, err := f.GetCellType(sheetName, cell); err != nil || kind == excelize.CellTypeNumber || kind == excelize.CellTypeUnset {
					t.Errorf("the NIP in %s is of type %v (%v)", cell, kind, err)
				}
			}
		}
	}
	if !found {
		t.Error("the workbook has no NIP")
	}
}

// TestAnonymousPollsNameNobody: whoever of three gives which answer to an anonymous poll, in whatever order and after whatever change
// of mind, no file that leaves the server differs by a byte.
func TestAnonymousPollsNameNobody(t *testing.T) {
	answers := []poll.Answer{{Text: "Lebih sering"}, {Text: "Cukup"}, {Text: "Jarang saja"}}
	files := func(order, who []int) [][]byte {
		q := newQuiz(t)
		for _, id := range []string{"a", "b", "c"} {
			q.answer(id, 3, poll.Answer{Text: "Semoga lancar, " + id})
		}
		for _, i := range order {
			id := string(rune('a' + who[i]))
			q.answer(id, 4, poll.Answer{Text: "Belum tahu"})
			q.answer(id, 4, answers[i])
			q.answer(id, 5, poll.Answer{Value: i + 1})
		}
		q.at = time.Date(2026, 11, 26, 2, 30, 0, 0, time.UTC)
		q.do(classroom.Actor{Role: classroom.RoleMinutes, Session: "s-n"}, classroom.PutNote{Kind: notes.Remark, Text: "Jajak pendapat selesai"})
		sheet := q.sheet()
		var xlsx, minutes bytes.Buffer
		if err := WriteXLSX(&xlsx, Answers(sheet, q.room), AnswersHeading(sheet)); err != nil {
			t.Fatal(err)
		}
		if err := (Minutes{Sheet: sheet, Room: q.room, Facts: q.facts}).WriteDOCX(&minutes); err != nil {
			t.Fatal(err)
		}
		return [][]byte{csvBytes(t, Answers(sheet, q.room)), xlsx.Bytes(), csvBytes(t, Polls(q.room)), csvBytes(t, Scores(sheet, q.room)), minutes.Bytes()}
	}
	permutations := [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}
	want := files(permutations[0], permutations[0])
	if !bytes.Contains(want[2], []byte("Jarang saja")) {
		t.Fatal("the sheet of polls has no anonymous answers at all")
	}
	for _, order := range permutations {
		for _, who := range permutations {
			for i, got := range files(order, who) {
				if !bytes.Equal(got, want[i]) {
					t.Errorf("file %d tells who answered what when they answer in the order %v as %v: %s", i, order, who, firstDifference(string(got), string(want[i])))
				}
			}
		}
	}
	for i, file := range [][]byte{want[0], want[3]} {
		if bytes.Contains(file, []byte("Rahasia?")) || bytes.Contains(file, []byte("Puas?")) {
			t.Errorf("list %d by person has an anonymous poll", i)
		}
	}
}
