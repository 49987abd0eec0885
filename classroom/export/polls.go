package export

import (
	"math"
	"slices"
	"strconv"

	"betang/classroom"
	"betang/classroom/poll"
)

// pollKinds are the kinds as a reader of the sheet says them.
var pollKinds = map[poll.Kind]string{poll.Single: "pilih satu", poll.Multiple: "pilih beberapa", poll.Scale: "skala", poll.Text: "jawaban singkat"}

// setNames are the tests as a reader says them.
var setNames = map[poll.Set]string{poll.Pre: "Pre-test", poll.Post: "Post-test"}

// asked are the polls that were opened and are of no test.
func asked(room *classroom.Room) []classroom.PollView {
	return slices.DeleteFunc(room.Polls(0), func(p classroom.PollView) bool {
		return p.Spec.Set != poll.NoSet || p.Status == poll.Draft || p.Status == poll.Dropped
	})
}

// written are all answers to a poll of kind text. Those of an anonymous one stand by the alphabet: the order in which they came
// would say whose they are to anyone who knows who answered first.
func written(room *classroom.Room, p classroom.PollView) []string {
	texts := room.PollTexts(p.ID, math.MaxInt)
	if p.Spec.Anonymous {
		slices.Sort(texts)
	}
	return texts
}

// answerName is option i of a choice, or value i+1 of a scale.
func answerName(s poll.Spec, i int) string {
	if s.Kind == poll.Scale {
		return strconv.Itoa(i + 1)
	}
	return s.Options[i]
}

// percent is n of all, rounded to the nearest; 0 of none.
func percent(n, all int) int {
	if all == 0 {
		return 0
	}
	return (200*n + all) / (2 * all)
}

// Polls lists what came of each poll that was opened and is of no test: a row for each option, value or written answer. Nobody
// is named, not even in a poll that was not anonymous: the sheet goes further than the event.
func Polls(room *classroom.Room) Table {
	t := Table{Columns: []Column{
		{Title: "No", Width: 5, Kind: Number},
		{Title: "Pertanyaan", Width: 44, Wrap: true},
		{Title: "Cara menjawab", Width: 16},
		{Title: "Anonim", Width: 9},
		{Title: "Orang menjawab", Width: 10, Kind: Number},
		{Title: "Pilihan atau jawaban", Width: 44, Wrap: true},
		{Title: "Jumlah", Width: 10, Kind: Number},
		{Title: "Persen", Width: 10, Kind: Number},
	}}
	for i, p := range asked(room) {
		anonymous := "tidak"
		if p.Spec.Anonymous {
			anonymous = "ya"
		}
		row := func(answer string, n, share Cell) {
			t.Rows = append(t.Rows, []Cell{Whole(i + 1), Text(p.Spec.Text), Text(pollKinds[p.Spec.Kind]), Text(anonymous), Whole(p.Tally.N), Text(answer), n, share})
		}
		if p.Spec.Kind == poll.Text {
			texts := written(room, p)
			for _, text := range texts {
				row(text, nil, nil)
			}
			if len(texts) == 0 {
				row("", nil, nil)
			}
			continue
		}
		for i, n := range p.Tally.Counts {
			row(answerName(p.Spec, i), Whole(n), Whole(percent(n, p.Tally.N)))
		}
	}
	return t
}

// PollsHeading is the heading of Polls on paper.
func PollsHeading(sheet classroom.Sheet) Heading {
	h := NewHeading(sheet)
	h.Title = "HASIL JAJAK PENDAPAT"
	return h
}
