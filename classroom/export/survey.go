package export

import (
	"fmt"
	"strings"

	"betang/classroom"
	"betang/classroom/survey"
)

// surveyItems are the items of the evaluation as a reader says them.
var surveyItems = map[string][2]string{
	"service":    {"Penyelenggaraan", "Pelayanan panitia"},
	"broadcast":  {"Penyelenggaraan", "Gambar dan suara siaran"},
	"material":   {"Penyelenggaraan", "Kesesuaian materi"},
	"schedule":   {"Penyelenggaraan", "Ketepatan waktu pelaksanaan"},
	"mastery":    {"Narasumber", "Penguasaan materi"},
	"order":      {"Narasumber", "Sistematika penyajian"},
	"answers":    {"Narasumber", "Cara menjawab pertanyaan"},
	"time":       {"Narasumber", "Penggunaan waktu"},
	"language":   {"Narasumber", "Penggunaan bahasa"},
	"motivation": {"Narasumber", "Pemberian motivasi"},
}

// Survey is what the evaluation adds up to: a row for each item, then what people wrote. It has no rows below survey.MinShown answers.
func Survey(r survey.Result) Table {
	t := Table{Columns: []Column{
		{Title: "No", Width: 5, Kind: Number},
		{Title: "Bagian", Width: 20},
		{Title: "Butir atau saran", Width: 60, Wrap: true},
		{Title: "Rata-rata (1–5)", Width: 12},
	}}
	for v := range survey.Top {
		t.Columns = append(t.Columns, Column{Title: fmt.Sprint("Nilai ", v+1), Width: 9, Kind: Number})
	}
	add := func(part, what, mean string, counts []int) {
		row := []Cell{Whole(len(t.Rows) + 1), Text(part), Text(what), Text(mean)}
		for v := range survey.Top {
			var n Cell
			if counts != nil {
				n = Whole(counts[v])
			}
			row = append(row, n)
		}
		t.Rows = append(t.Rows, row)
	}
	for _, item := range r.Items {
		name := surveyItems[item.Key]
		add(name[0], name[1], strings.Replace(fmt.Sprintf("%.2f", float64(item.Mean)/100), ".", ",", 1), item.Counts)
	}
	for _, s := range r.Good {
		add("Yang sudah baik", s, "", nil)
	}
	for _, s := range r.Better {
		add("Yang perlu diperbaiki", s, "", nil)
	}
	return t
}

// SurveyHeading is the heading of Survey on paper.
func SurveyHeading(sheet classroom.Sheet, r survey.Result) Heading {
	h := NewHeading(sheet)
	h.Title = "HASIL EVALUASI KEGIATAN"
	h.Right = append(h.Right, Line{"Jumlah jawaban", fmt.Sprintf("%d (anonim)", r.N)})
	return h
}
