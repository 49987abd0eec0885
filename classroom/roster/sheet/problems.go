package sheet

import (
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"

	"betang/classroom/roster"
)

// WriteProblems writes the workbook of the rows that were not taken: a sheet for each sheet of the file that has
// some, its own header, each row as it came, and before it the row's number and what is amiss, in the words say gives to a
// code. All cells are text, so a NIP stays whole, and no cell is a formula. Put right, the workbook can be taken in
// as it is.
func WriteProblems(w io.Writer, sheets []roster.Sheet, tables []roster.TableInfo, problems []roster.Problem, say func(code string) string) error {
	f := excelize.NewFile()
	defer f.Close()
	style, err := f.NewStyle(&excelize.Style{NumFmt: 49}) // 49 is "@", text
	if err != nil {
		return err
	}
	bold, err := f.NewStyle(&excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	if err != nil {
		return err
	}
	n := 0
	for i, t := range tables {
		var mine []roster.Problem
		for _, p := range problems {
			if p.Sheet == i {
				mine = append(mine, p)
			}
		}
		if len(mine) == 0 {
			continue
		}
		n++
		name := fmt.Sprintf("Bermasalah %d", n)
		if n == 1 {
			err = f.SetSheetName("Sheet1", name)
		} else {
			_, err = f.NewSheet(name)
		}
		if err != nil {
			return err
		}
		if err := writeSheet(f, name, headerCells(sheets[i], t), mine, style, bold, say); err != nil {
			return err
		}
	}
	return f.Write(w)
}

func writeSheet(f *excelize.File, name string, head []string, problems []roster.Problem, style, bold int, say func(string) string) error {
	sw, err := f.NewStreamWriter(name)
	if err != nil {
		return err
	}
	if err := sw.SetColWidth(1, 1, 8); err != nil {
		return err
	}
	if err := sw.SetColWidth(2, 2, 60); err != nil {
		return err
	}
	if err := sw.SetColWidth(3, max(3, len(head)+2), 24); err != nil {
		return err
	}
	row := func(no int, style int, first, second string, cells []string) error {
		out := []any{excelize.Cell{StyleID: style, Value: first}, excelize.Cell{StyleID: style, Value: second}}
		for _, c := range cells {
			out = append(out, excelize.Cell{StyleID: style, Value: c})
		}
		return sw.SetRow(fmt.Sprintf("A%d", no), out)
	}
	if err := row(1, bold, "Baris", "Masalah", head); err != nil {
		return err
	}
	for i, p := range problems {
		text := say(p.Code)
		if p.Other > 0 {
			text += fmt.Sprintf(" (baris %d)", p.Other)
		}
		if err := row(i+2, style, fmt.Sprint(p.Row), text, p.Cells); err != nil {
			return err
		}
	}
	return sw.Flush()
}

// headerCells are the names of the columns as the file has them, those in two rows joined.
func headerCells(s roster.Sheet, t roster.TableInfo) []string {
	var out []string
	for _, r := range s.Rows {
		if r.No == t.Header {
			out = append(out, r.Cells...)
		}
	}
	for _, c := range t.Columns {
		for len(out) <= c.Index {
			out = append(out, "")
		}
		out[c.Index] = c.Header
	}
	return out
}
