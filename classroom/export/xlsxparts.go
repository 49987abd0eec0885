package export

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// styles are the ids of the looks of cells.
type styles struct {
	kop, office, rule, title, notice    int
	label, value                        int
	head                                int
	words, wrapped, code, number, clock int
	day                                 int
	sign, signName                      int
	bold, sum                           int
}

const (
	fontName = "Arial"
	black    = "000000"
)

func newStyles(f *excelize.File) (styles, error) {
	var s styles
	font := func(size float64, bold bool) *excelize.Font {
		return &excelize.Font{Family: fontName, Size: size, Bold: bold, Color: black}
	}
	box := []excelize.Border{
		{Type: "left", Color: "808080", Style: 1},
		{Type: "right", Color: "808080", Style: 1},
		{Type: "top", Color: "808080", Style: 1},
		{Type: "bottom", Color: "808080", Style: 1},
	}
	centre := func(wrap bool) *excelize.Alignment {
		return &excelize.Alignment{Horizontal: "center", Vertical: "center", WrapText: wrap}
	}
	left := func(wrap bool) *excelize.Alignment {
		return &excelize.Alignment{Horizontal: "left", Vertical: "center", WrapText: wrap}
	}
	body := font(10, false)
	for _, st := range []struct {
		id    *int
		style excelize.Style
	}{
		{&s.kop, excelize.Style{Font: font(12, true), Alignment: centre(false)}},
		{&s.office, excelize.Style{Font: font(14, true), Alignment: centre(false)}},
		{&s.rule, excelize.Style{
			Font: font(9, false), Alignment: centre(false),
			Border: []excelize.Border{{Type: "bottom", Color: black, Style: 6}},
		}},
		{&s.title, excelize.Style{Font: font(13, true), Alignment: centre(false)}},
		{&s.notice, excelize.Style{
			Font: &excelize.Font{Family: fontName, Size: 9, Italic: true, Color: black}, Alignment: centre(false),
		}},
		{&s.label, excelize.Style{Font: font(10, false), Alignment: &excelize.Alignment{Vertical: "top"}}},
		{&s.value, excelize.Style{Font: font(10, false), Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}}},
		{&s.head, excelize.Style{
			Font: font(9, true), Alignment: centre(true), Border: box,
			Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E7E6E6"}},
		}},
		// General, not text: cells formatted as text show ##### beyond 255 characters in older Excels.
		{&s.words, excelize.Style{Font: body, Alignment: left(false), Border: box}},
		{&s.wrapped, excelize.Style{Font: body, Alignment: left(true), Border: box}},
		{&s.code, excelize.Style{Font: body, Alignment: centre(false), Border: box, NumFmt: 49}},
		{&s.number, excelize.Style{Font: body, Alignment: centre(false), Border: box, NumFmt: 1}},
		{&s.clock, excelize.Style{Font: body, Alignment: centre(false), Border: box, CustomNumFmt: new(`hh"."mm`)}},
		{&s.day, excelize.Style{Font: body, Alignment: centre(false), Border: box, CustomNumFmt: new(`dd"/"mm"/"yyyy`)}},
		{&s.sign, excelize.Style{Font: font(10, false), Alignment: centre(true)}},
		{&s.signName, excelize.Style{
			Font: &excelize.Font{Family: fontName, Size: 10, Bold: true, Underline: "single", Color: black}, Alignment: centre(true),
		}},
		{&s.bold, excelize.Style{Font: font(11, true), Alignment: &excelize.Alignment{Vertical: "center"}}},
		{&s.sum, excelize.Style{Font: font(10, true), Alignment: centre(false), Border: box}},
	} {
		id, err := f.NewStyle(&st.style)
		if err != nil {
			return s, err
		}
		*st.id = id
	}
	return s, nil
}

// of is the look of a column's cells.
func (s styles) of(c Column) int {
	switch {
	case c.Kind == Code:
		return s.code
	case c.Kind == Number:
		return s.number
	case c.Kind == Clock:
		return s.clock
	case c.Kind == Day:
		return s.day
	case c.Wrap:
		return s.wrapped
	}
	return s.words
}

// headingRows is how many rows stand above the table's header. They are few, because they stay on the screen with it.
func (b *book) headingRows() int { return 4 + b.noticeRows() + b.infoRows() }

func (b *book) noticeRows() int {
	if b.heading.Notice == "" {
		return 0
	}
	return 1
}

func (b *book) infoRows() int { return max(len(b.heading.Left), len(b.heading.Right)) }

// writeHeading writes kop, title and what the list is about, in two halves side by side.
func (b *book) writeHeading() error {
	h := b.heading
	width := max(4, b.printed)
	wide := []struct {
		text   string
		style  int
		height float64
	}{
		{h.Letterhead.Government, b.styles.kop, 17},
		{h.Letterhead.Office, b.styles.office, 19},
		{h.Letterhead.Address, b.styles.rule, 13},
		{h.Title, b.styles.title, 24},
	}
	if h.Notice != "" {
		wide = append(wide, struct {
			text   string
			style  int
			height float64
		}{h.Notice, b.styles.notice, 14})
	}
	for _, line := range wide {
		values := make([]any, width)
		for i := range values {
			values[i] = excelize.Cell{StyleID: line.style} // a border needs every cell of a merged row
		}
		values[0] = excelize.Cell{StyleID: line.style, Value: plain(line.text)}
		if err := b.addRow(values, line.height); err != nil {
			return err
		}
		if err := b.merge(1, width); err != nil {
			return err
		}
	}
	half := width / 2
	for i := range b.infoRows() {
		values := make([]any, width)
		height := lineHeight
		for side, info := range [][]Line{h.Left, h.Right} {
			if i < len(info) {
				at := side * half
				value := ": " + plain(info[i].Value)
				values[at] = excelize.Cell{StyleID: b.styles.label, Value: plain(info[i].Label)}
				values[at+labelColumns] = excelize.Cell{StyleID: b.styles.value, Value: value}
				height = max(height, heightOf(lines(value, b.widthOf(at+labelColumns, side*(width-half)+half))))
			}
		}
		if err := b.addRow(values, height); err != nil {
			return err
		}
		if err := b.merge(1+labelColumns, half); err != nil {
			return err
		}
		if err := b.merge(half+1+labelColumns, width); err != nil {
			return err
		}
	}
	return nil
}

// lineHeight is that of one line of 10 points, in points; a row of several has a little air besides.
const lineHeight = 14.0

func heightOf(lines int) float64 { return lineHeight + 12.75*float64(lines-1) }

// lines is about how many lines a text takes in a cell that is so many characters wide. Programs that open the file
// do not work out the height of rows by themselves.
func lines(text string, width float64) int {
	n, used := 1, 0
	limit := max(1, int(width*1.15)) // a column's width is in digits, and letters are narrower
	for _, word := range strings.Fields(text) {
		length := utf8.RuneCountInString(word)
		if used > 0 && used+1+length <= limit {
			used += 1 + length
			continue
		}
		if used > 0 {
			n++
		}
		n += (length - 1) / limit // a word that is too long is broken
		used = (length-1)%limit + 1
	}
	return n
}

// widthOf is that of columns together, counted from 0, without the last.
func (b *book) widthOf(from, to int) float64 {
	sum := 0.0
	for _, c := range b.table.Columns[min(from, len(b.table.Columns)):min(to, len(b.table.Columns))] {
		sum += c.Width
	}
	return sum
}

// labelColumns is how many columns a label takes: on the left the narrow one of numbers with its neighbour, on the
// right two columns of hours.
const labelColumns = 2

// writeSignature writes the block at the bottom right.
func (b *book) writeSignature() error {
	s := b.heading.Signer
	name, nip, nameStyle := s.Name, "", b.styles.signName
	if name == "" {
		name, nameStyle = strings.Repeat(".", 40), b.styles.sign
	}
	if s.NIP != "" {
		nip = "NIP. " + s.NIP
	}
	last := max(4, b.printed)
	first := max(1, last-4)
	for _, line := range []struct {
		text   string
		style  int
		height float64
	}{
		{"", b.styles.sign, 12},
		{s.City + ", " + b.heading.Date, b.styles.sign, 14},
		{s.Office, b.styles.sign, 14},
		{"", b.styles.sign, 48},
		{name, nameStyle, 14},
		{s.Rank, b.styles.sign, 14},
		{nip, b.styles.sign, 14},
	} {
		values := make([]any, last)
		if line.text != "" {
			values[first-1] = excelize.Cell{StyleID: line.style, Value: plain(line.text)}
		}
		if err := b.addRow(values, line.height); err != nil {
			return err
		}
		if err := b.merge(first, last); err != nil {
			return err
		}
	}
	return nil
}

// merge joins columns of the last row written, counted from 1.
func (b *book) merge(from, to int) error {
	if from >= to {
		return nil
	}
	left, err := excelize.CoordinatesToCellName(from, b.row)
	if err != nil {
		return err
	}
	right, err := excelize.CoordinatesToCellName(to, b.row)
	if err != nil {
		return err
	}
	if err := b.sw.MergeCell(left, right); err != nil {
		return fmt.Errorf("merge %s:%s: %w", left, right, err)
	}
	return nil
}
