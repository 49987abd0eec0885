package export

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"betang/classroom"

	"github.com/xuri/excelize/v2"
)

const (
	sheetName = "Daftar Hadir"
	folio     = 14    // the paper called F4: 8.5 x 13 inches (ECMA-376 part 1, 18.3.1.63)
	maxCell   = 32767 // UTF-16 units Excel keeps of one cell
)

// WriteXLSX writes a table with its heading as a workbook that is ready to be filtered on a screen and printed on
// F4, landscape: the header row stands still, repeats on every page, and the columns for auditors are not printed.
//
// What is attached (sums) goes on a second sheet, "Rekap".
func WriteXLSX(w io.Writer, t Table, h Heading, annexes ...Annex) error {
	f := excelize.NewFile()
	b := &book{f: f, table: t, heading: h}
	err := b.write()
	if err == nil && len(annexes) > 0 {
		err = b.recap(annexes)
	}
	if err == nil {
		err = pack(w, f)
	}
	if err = errors.Join(err, f.Close()); err != nil { // Close removes the files of a large list
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

// pack writes a workbook with its parts in the order of their names. excelize gives the sheets that were streamed in any order, and
// the same list must be the same bytes.
func pack(w io.Writer, f *excelize.File) error {
	var b bytes.Buffer
	if _, err := f.WriteTo(&b); err != nil {
		return err
	}
	r, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		return err
	}
	slices.SortFunc(r.File, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	z := zip.NewWriter(w)
	for _, part := range r.File {
		if err := z.Copy(part); err != nil {
			return err
		}
	}
	return z.Close()
}

// book is one workbook in the making.
type book struct {
	f       *excelize.File
	sw      *excelize.StreamWriter
	table   Table
	heading Heading
	styles  styles
	row     int // the last row written
	printed int // columns that are printed; the rest are for the screen
	header  int // row of the table's header
}

func (b *book) write() error {
	for _, c := range b.table.Columns {
		if !c.Screen {
			b.printed++
		}
	}
	var err error
	if b.styles, err = newStyles(b.f); err != nil {
		return err
	}
	b.header = b.headingRows() + 1
	if err := b.properties(); err != nil {
		return err
	}
	// The stream writer copies the settings of the sheet when it is made.
	if b.sw, err = b.f.NewStreamWriter(sheetName); err != nil {
		return err
	}
	for i, c := range b.table.Columns {
		if err := b.sw.SetColWidth(i+1, i+1, c.Width); err != nil {
			return err
		}
	}
	err = b.sw.SetPanes(&excelize.Panes{
		Freeze: true, YSplit: b.header, TopLeftCell: fmt.Sprint("A", b.header+1), ActivePane: "bottomLeft",
	})
	if err != nil {
		return err
	}
	for _, part := range []func() error{b.writeHeading, b.writeTable, b.writeSignature, b.sw.Flush} {
		if err := part(); err != nil {
			return err
		}
	}
	return b.names()
}

// lastRow is the last row of the table: of its header, if it is empty.
func (b *book) lastRow() int { return b.header + len(b.table.Rows) }

// properties sets what concerns the whole sheet, its filter and its paper.
func (b *book) properties() error {
	f := b.f
	created := b.heading.Created.UTC().Format(time.RFC3339)
	if err := f.SetDocProps(&excelize.DocProperties{
		Creator: b.heading.Letterhead.Office, LastModifiedBy: b.heading.Letterhead.Office, Title: b.heading.Title,
		Created: created, Modified: created, Language: "id-ID",
	}); err != nil {
		return err
	}
	if err := f.SetSheetName("Sheet1", sheetName); err != nil {
		return err
	}
	last, err := excelize.CoordinatesToCellName(len(b.table.Columns), b.lastRow())
	if err != nil {
		return err
	}
	if err := f.AutoFilter(sheetName, fmt.Sprintf("A%d:%s", b.header, last), nil); err != nil {
		return err
	}
	if err := f.SetSheetProps(sheetName, &excelize.SheetPropsOptions{FitToPage: new(true)}); err != nil {
		return err
	}
	if err := f.SetPageLayout(sheetName, &excelize.PageLayoutOptions{
		Size: new(folio), Orientation: new("landscape"), FitToWidth: new(1), FitToHeight: new(0),
	}); err != nil {
		return err
	}
	if err := f.SetPageMargins(sheetName, &excelize.PageLayoutMarginsOptions{
		Left: new(0.4), Right: new(0.4), Top: new(0.5), Bottom: new(0.6), Header: new(0.3), Footer: new(0.3),
		Horizontally: new(true),
	}); err != nil {
		return err
	}
	return f.SetHeaderFooter(sheetName, &excelize.HeaderFooterOptions{
		OddFooter: "&L&8" + strings.ReplaceAll(footer(b.heading), "&", "&&") + "&R&8Halaman &P dari &N",
	})
}

// footer names the paper on each page, short enough for the 255 characters of a footer.
func footer(h Heading) string {
	text := h.Title
	if len(h.Left) > 0 {
		text += ": " + h.Left[0].Value
	}
	text = plain(text)
	if r := []rune(text); len(r) > 100 {
		text = string(r[:99]) + "…"
	}
	return text
}

// names says what is printed, and which row on every page.
func (b *book) names() error {
	lastPrinted, err := excelize.ColumnNumberToName(max(1, b.printed))
	if err != nil {
		return err
	}
	for _, n := range []excelize.DefinedName{
		{Name: "_xlnm.Print_Area", RefersTo: fmt.Sprintf("'%s'!$A$1:$%s$%d", sheetName, lastPrinted, b.row)},
		{Name: "_xlnm.Print_Titles", RefersTo: fmt.Sprintf("'%s'!$%d:$%d", sheetName, b.header, b.header)},
	} {
		n.Scope = sheetName
		if err := b.f.SetDefinedName(&n); err != nil {
			return err
		}
	}
	return nil
}

// writeTable writes the header row and the rows.
func (b *book) writeTable() error {
	values := make([]any, len(b.table.Columns))
	head := 42.0
	for i, c := range b.table.Columns {
		title := plain(c.Title)
		values[i] = excelize.Cell{StyleID: b.styles.head, Value: title}
		head = max(head, heightOf(min(lines(title, c.Width), 15)))
	}
	if err := b.addRow(values, head); err != nil {
		return err
	}
	for n, row := range b.table.Rows {
		if len(row) != len(b.table.Columns) {
			return fmt.Errorf("row %d has %d cells for %d columns", n+1, len(row), len(b.table.Columns))
		}
		tall := 1
		for i, c := range row {
			v := value(c)
			values[i] = excelize.Cell{StyleID: b.styles.of(b.table.Columns[i]), Value: v}
			if text, ok := v.(string); ok && b.table.Columns[i].Wrap {
				tall = max(tall, lines(text, b.table.Columns[i].Width))
			}
		}
		if err := b.addRow(values, heightOf(min(tall, 30))); err != nil {
			return err
		}
	}
	return nil
}

// addRow writes the next row, with its height in points.
func (b *book) addRow(values []any, height float64) error {
	b.row++
	return b.sw.SetRow(fmt.Sprint("A", b.row), values, excelize.RowOpts{Height: height})
}

// value is a cell as Excel stores it: dates and times as days since 30 December 1899 in WIB.
func value(c Cell) any {
	switch c := c.(type) {
	case Text:
		return limited(plain(string(c)))
	case Whole:
		return int(c)
	case Time:
		t := time.Time(c).In(classroom.WIB)
		return float64(t.Hour()*3600+t.Minute()*60+t.Second()) / 86400
	case Date:
		y, m, d := time.Time(c).In(classroom.WIB).Date()
		return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Hours() / 24)
	}
	return nil
}

// limited cuts what no cell can hold, and says so.
func limited(s string) string {
	const note = " … (selengkapnya dalam CSV)"
	if len(s) <= maxCell { // no string has more UTF-16 units than bytes
		return s
	}
	units := 0
	for i, r := range s {
		if units += 1; r > 0xffff {
			units++
		}
		if units > maxCell-len(note) {
			return s[:i] + note
		}
	}
	return s
}
