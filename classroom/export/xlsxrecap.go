package export

import (
	"fmt"

	"github.com/xuri/excelize/v2"
)

const recapName = "Rekap"

// recap writes the annexes on a sheet of their own, one table below the other.
func (b *book) recap(annexes []Annex) error {
	if _, err := b.f.NewSheet(recapName); err != nil {
		return err
	}
	if err := b.f.SetSheetProps(recapName, &excelize.SheetPropsOptions{FitToPage: new(true)}); err != nil {
		return err
	}
	if err := b.f.SetPageLayout(recapName, &excelize.PageLayoutOptions{
		Size: new(folio), Orientation: new("portrait"), FitToWidth: new(1), FitToHeight: new(0),
	}); err != nil {
		return err
	}
	sw, err := b.f.NewStreamWriter(recapName)
	if err != nil {
		return err
	}
	widths := annexes[0].Tables[0].Columns
	for i, c := range widths {
		if err := sw.SetColWidth(i+1, i+1, c.Width); err != nil {
			return err
		}
	}
	row := 0
	put := func(height float64, values ...any) error {
		row++
		return sw.SetRow(fmt.Sprint("A", row), values, excelize.RowOpts{Height: height})
	}
	for _, a := range annexes {
		if err := put(24, excelize.Cell{StyleID: b.styles.bold, Value: plain(a.Title)}); err != nil {
			return err
		}
		if err := put(lineHeight, excelize.Cell{StyleID: b.styles.label, Value: plain(footer(b.heading))}); err != nil {
			return err
		}
		for _, t := range a.Tables {
			if err := b.recapTable(t, put); err != nil {
				return err
			}
		}
	}
	return sw.Flush()
}

func (b *book) recapTable(t Table, put func(height float64, values ...any) error) error {
	if err := put(lineHeight); err != nil {
		return err
	}
	if err := put(18, excelize.Cell{StyleID: b.styles.bold, Value: plain(t.Caption)}); err != nil {
		return err
	}
	head := make([]any, len(t.Columns))
	for i, c := range t.Columns {
		head[i] = excelize.Cell{StyleID: b.styles.head, Value: plain(c.Title)}
	}
	if err := put(42, head...); err != nil {
		return err
	}
	for n, row := range t.Rows {
		values := make([]any, len(row))
		for i, c := range row {
			style := b.styles.of(t.Columns[i])
			if t.Total && n == len(t.Rows)-1 {
				style = b.styles.sum
			}
			values[i] = excelize.Cell{StyleID: style, Value: value(c)}
		}
		if err := put(lineHeight+2, values...); err != nil {
			return err
		}
	}
	return nil
}
