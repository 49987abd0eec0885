package export

import (
	"io"

	"betang/classroom"
	"betang/classroom/roster"
)

// SignSheet is the paper of a Ruang Bersama without phones or signal: the people of a PIC, with room to sign. Blank rows
// at its end are for who was not expected.
type SignSheet struct {
	Event  classroom.Event
	Office Office
	Hall   string // name and place; "" when the hall is not known yet
	PIC    string
	Unit   string // whose people, without a PIC
	People []classroom.Person
}

// blankRows is how many rows a sheet has for people who are not on the list.
const blankRows = 6

// Write writes the sheet as PDF.
func (s SignSheet) Write(w io.Writer) error {
	h := NewHeading(classroom.Sheet{Event: s.Event, Ended: true})
	if s.Office.Letterhead.Office != "" {
		h.Letterhead = s.Office.Letterhead
	}
	h.Title = "DAFTAR HADIR RUANG BERSAMA"
	h.Right = []Line{{"Ruang", s.Hall}, {"PIC", s.PIC}}
	if s.Unit != "" {
		h.Right = []Line{{"Perangkat Daerah", s.Unit}, {"Ruang", s.Hall}}
	}
	h.Right = append(h.Right, Line{"Cara presensi", "D – Lembar tanda tangan"})
	h.Signer = Signer{City: s.Office.Signer.City, Office: "PIC Ruang Bersama", Name: s.PIC}
	t := Table{Columns: []Column{
		{Title: "No", Width: 5, Kind: Number},
		{Title: "Nama (dengan gelar)", Width: 30, Wrap: true},
		{Title: "NIP", Width: 20, Kind: Code},
		{Title: "Pangkat/Golongan", Width: 18, Wrap: true},
		{Title: "Unit Kerja/Perangkat Daerah", Width: 26, Wrap: true},
		{Title: "Jam Masuk", Width: 9},
		{Title: "Jam Keluar", Width: 9},
		{Title: "Tanda Tangan", Width: 34, Kind: Sign},
	}}
	for i := range len(s.People) + blankRows {
		var p classroom.Person
		if i < len(s.People) {
			p = s.People[i]
		}
		t.Rows = append(t.Rows, []Cell{
			Whole(i + 1), Text(p.FullName()), Text(p.NIP), Text(roster.GradeName(p.Grade)), Text(p.Unit), nil, nil, nil,
		})
	}
	return WritePDF(w, Print{Paper: s.Office.Paper, Heading: h, Table: t})
}
