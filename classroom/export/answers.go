package export

import (
	"strconv"
	"strings"

	"betang/classroom"
	"betang/classroom/poll"
)

// Answers are Scores with what each person answered to each question of the tests and to each poll that said it is by name; a star
// stands before a right answer. Anonymous polls have no column here, so that not even who answered them can be read.
func Answers(sheet classroom.Sheet, room *classroom.Room) Table {
	t := Scores(sheet, room)
	column := map[classroom.PollID]int{}
	var named []classroom.PollView
	number := map[poll.Set]int{}
	for _, p := range room.Polls(0) {
		if p.Spec.Anonymous || p.Status == poll.Draft || p.Status == poll.Dropped {
			continue
		}
		number[p.Spec.Set]++
		name := setNames[p.Spec.Set]
		if p.Spec.Set == poll.NoSet {
			name = "Jajak pendapat"
		}
		column[p.ID] = len(t.Columns)
		named = append(named, p)
		t.Columns = append(t.Columns, Column{Title: name + " " + strconv.Itoa(number[p.Spec.Set]) + ". " + p.Spec.Text, Width: 28, Wrap: true, Screen: true})
	}
	for i, row := range sheet.Rows {
		cells := append(t.Rows[i], make([]Cell, len(named))...)
		for id, a := range room.PollAnswers(classroom.Actor{Person: row.Person.ID}) {
			if at, ok := column[id]; ok {
				cells[at] = Text(answered(named[at-len(t.Columns)+len(named)].Spec, a))
			}
		}
		t.Rows[i] = cells
	}
	return t
}

// answered is an answer in the words of its poll.
func answered(s poll.Spec, a poll.Answer) string {
	switch s.Kind {
	case poll.Text:
		return a.Text
	case poll.Scale:
		return strconv.Itoa(a.Value)
	}
	var picked []string
	for i, o := range s.Options {
		if a.Pick.Has(i) {
			picked = append(picked, o)
		}
	}
	text := strings.Join(picked, "; ")
	if s.Right != 0 && a.Pick == s.Right {
		return "* " + text
	}
	return text
}

// AnswersHeading is the heading of Answers on paper, which has the scores alone.
func AnswersHeading(sheet classroom.Sheet) Heading {
	h := ScoresHeading(sheet)
	h.Title = "NILAI DAN JAWABAN PER ORANG"
	h.Right = append(h.Right, Line{"Tanda *", "jawaban benar"})
	return h
}
