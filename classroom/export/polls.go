package export

import (
	"math"
	"strconv"

	"betang/classroom"
	"betang/classroom/poll"
)

// pollKinds are the kinds as a reader of the sheet says them.
var pollKinds = map[poll.Kind]string{poll.Single: "pilih satu", poll.Multiple: "pilih beberapa", poll.Scale: "skala", poll.Text: "jawaban singkat"}

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
	no := 0
	for _, p := range room.Polls(0) {
		if p.Spec.Set != poll.NoSet || p.Status == poll.Draft || p.Status == poll.Dropped {
			continue
		}
		no++
		anonymous := "tidak"
		if p.Spec.Anonymous {
			anonymous = "ya"
		}
		row := func(answer string, n, percent Cell) {
			t.Rows = append(t.Rows, []Cell{Whole(no), Text(p.Spec.Text), Text(pollKinds[p.Spec.Kind]), Text(anonymous), Whole(p.Tally.N), Text(answer), n, percent})
		}
		if p.Spec.Kind == poll.Text {
			texts := room.PollTexts(p.ID, math.MaxInt)
			for _, text := range texts {
				row(text, nil, nil)
			}
			if len(texts) == 0 {
				row("", nil, nil)
			}
			continue
		}
		for i, n := range p.Tally.Counts {
			answer := strconv.Itoa(i + 1)
			if p.Spec.Kind != poll.Scale {
				answer = p.Spec.Options[i]
			}
			share := 0
			if p.Tally.N > 0 {
				share = (200*n + p.Tally.N) / (2 * p.Tally.N) // of those who answered, rounded to the nearest
			}
			row(answer, Whole(n), Whole(share))
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
