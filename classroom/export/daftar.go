package export

import (
	"fmt"
	"io"
	"slices"

	"betang/classroom"
	"betang/classroom/roster"
)

// Office is what an office sets for its papers.
type Office struct {
	Letterhead Letterhead
	Signer     Signer
	Paper      Paper
}

// Daftar is a daftar hadir of one event, ready to be written in every format.
type Daftar struct {
	Sheet    classroom.Sheet
	Office   Office
	Seal     Seal // of a ratified list
	Protocol bool // pejabat first, instead of by perangkat daerah; a ratified list keeps the order it was ratified in
}

// Formats are the ways to write a Daftar, and their media types.
var Formats = map[string]string{
	"xlsx":  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	"csv":   "text/csv; charset=utf-8",
	"pdf":   "application/pdf",
	"json":  "application/json; charset=utf-8",
	"siasn": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

// Write writes the list.
func (d Daftar) Write(w io.Writer, format string) error {
	p := d.print()
	switch format {
	case "xlsx":
		return WriteXLSX(w, p.Table, p.Heading, p.Annexes...)
	case "csv":
		return WriteCSV(w, p.Table)
	case "pdf":
		return WritePDF(w, p)
	case "json":
		return WriteJSON(w, d.ordered(), d.Seal)
	case "siasn":
		return WriteXLSX(w, SIASN(d.ordered(), p.Heading.Letterhead), siasnHeading(p.Heading))
	}
	return fmt.Errorf("export: no format %q", format)
}

// ordered is the sheet in the order in which it is written.
func (d Daftar) ordered() classroom.Sheet {
	sheet := d.Sheet
	if d.Protocol && d.Seal == (Seal{}) {
		sheet.Rows = slices.Clone(sheet.Rows)
		roster.SortByProtocol(sheet.Rows)
	}
	return sheet
}

// print is the list as it stands on paper.
func (d Daftar) print() Print {
	sheet := d.ordered()
	h := NewHeading(sheet)
	h.Seal = d.Seal
	if d.Office.Letterhead.Office != "" {
		h.Letterhead = d.Office.Letterhead
	}
	if d.Office.Signer.City != "" {
		h.Signer = d.Office.Signer
	}
	return Print{Paper: d.Office.Paper, Heading: h, Table: Attendance(sheet), Annexes: Attached(sheet)}
}
