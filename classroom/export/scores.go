package export

import (
	"betang/classroom"
	"betang/classroom/poll"
	"betang/classroom/roster"
)

// Scores lists what each person of a sheet has right in the pre-test and the post-test. Who answered nothing of a test has
// blanks there, not a nought.
func Scores(sheet classroom.Sheet, room *classroom.Room) Table {
	t := Table{Columns: []Column{
		{Title: "No", Width: 5, Kind: Number},
		{Title: "NIP", Width: 21, Kind: Code},
		{Title: "Nama", Width: 34, Wrap: true},
		{Title: "Unit kerja", Width: 34, Wrap: true},
		{Title: "Kabupaten/kota", Width: 24, Wrap: true},
		{Title: "Pre-test benar", Width: 10, Kind: Number},
		{Title: "Pre-test soal", Width: 10, Kind: Number},
		{Title: "Nilai pre-test", Width: 10, Kind: Number},
		{Title: "Post-test benar", Width: 10, Kind: Number},
		{Title: "Post-test soal", Width: 10, Kind: Number},
		{Title: "Nilai post-test", Width: 10, Kind: Number},
		{Title: "Kenaikan", Width: 10, Kind: Number},
	}}
	for i, row := range sheet.Rows {
		p := row.Person
		cells := []Cell{Whole(i + 1), Text(p.NIP), Text(p.FullName()), Text(p.Unit), Text(roster.RegionName(p.Region))}
		values := map[poll.Set]int{}
		for _, set := range []poll.Set{poll.Pre, poll.Post} {
			right, of, sat := room.Score(set, p.ID)
			if !sat {
				cells = append(cells, nil, nil, nil)
				continue
			}
			values[set] = percent(right, of) // of 100
			cells = append(cells, Whole(right), Whole(of), Whole(values[set]))
		}
		var gain Cell
		if len(values) == 2 {
			gain = Whole(values[poll.Post] - values[poll.Pre])
		}
		t.Rows = append(t.Rows, append(cells, gain))
	}
	return t
}

// ScoresHeading is the heading of Scores on paper.
func ScoresHeading(sheet classroom.Sheet) Heading {
	h := NewHeading(sheet)
	h.Title = "NILAI PRE-TEST DAN POST-TEST"
	return h
}
