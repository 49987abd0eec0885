package sheet

import (
	"bytes"

	"betang/classroom"
	"betang/classroom/roster"
)

// The codes of Read's refusals, all of kind Invalid.
const (
	CodeOld     = "sheet_old"     // .xls of Excel 97-2003, or a workbook with a password
	CodeUnknown = "sheet_unknown" // neither a workbook nor text
	CodeBroken  = "sheet_broken"  // a workbook that cannot be read to its end
	CodeTooBig  = "sheet_too_big" // over the bounds below
	CodeNothing = "sheet_nothing" // no cell with text
)

// The bounds of one file.
const (
	MaxFile   = 64 << 20 // bytes as sent
	maxRows   = 200_000  // with text, over all sheets
	maxCells  = 6_000_000
	maxColumn = 256     // columns looked at
	maxText   = 1000    // bytes of a cell; longer text is cut, for no field of a person is that long
	maxPacked = 1 << 30 // unpacked bytes of one part of a workbook
)

// Progress is told how far a reading has come: bytes done of total. It may be nil.
type Progress func(done, total int64)

// Read reads a whole file: a workbook's sheets, or one sheet of a CSV. Rows without text are left out, and the
// numbers of the others are those that the spreadsheet program shows.
func Read(data []byte, progress Progress) ([]roster.Sheet, error) {
	if progress == nil {
		progress = func(int64, int64) {}
	}
	if len(data) > MaxFile {
		return nil, refuse(CodeTooBig, nil)
	}
	var sheets []roster.Sheet
	var err error
	switch {
	case bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0")):
		return nil, refuse(CodeOld, nil)
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		sheets, err = readWorkbook(data, progress)
	default:
		sheets, err = readText(data, progress)
	}
	if err != nil {
		return nil, err
	}
	for _, s := range sheets {
		if len(s.Rows) > 0 {
			return sheets, nil
		}
	}
	return nil, refuse(CodeNothing, nil)
}

func refuse(code string, err error) error {
	return &classroom.Error{Kind: classroom.Invalid, Code: code, Err: err}
}

// gauge counts what all sheets of a file hold together.
type gauge struct{ rows, cells int }

// add counts a row and drops it when it is empty.
func (g *gauge) add(into *roster.Sheet, no int, cells []string) error {
	for len(cells) > 0 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	if len(cells) == 0 {
		return nil
	}
	g.rows++
	g.cells += len(cells)
	if g.rows > maxRows || g.cells > maxCells {
		return refuse(CodeTooBig, nil)
	}
	into.Rows = append(into.Rows, roster.SheetRow{No: no, Cells: cells})
	return nil
}

// clip trims a cell and cuts it to maxText bytes, between characters.
func clip(s string) string {
	s = string(bytes.TrimSpace(bytes.ToValidUTF8([]byte(s), []byte("\ufffd"))))
	if len(s) <= maxText {
		return s
	}
	n := maxText
	for n > 0 && s[n]&0xc0 == 0x80 {
		n--
	}
	return s[:n]
}
