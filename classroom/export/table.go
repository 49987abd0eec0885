package export

import (
	"strings"
	"time"
	"unicode"
)

// Table is a list ready to be written in any format.
type Table struct {
	Caption string // above it, where there are several
	Narrow  bool   // on paper not stretched to its width
	Total   bool   // the last row adds up the others
	Columns []Column
	Rows    [][]Cell // each as long as Columns
}

// Column is the head of a column and how it stands on paper.
type Column struct {
	Title  string
	Width  float64 // in characters
	Kind   Kind
	Wrap   bool // break long text into lines
	Screen bool // not printed: for auditors, on the screen only
}

// Kind is what the cells of a column hold, beside blanks.
type Kind uint8

// The kinds of column.
const (
	Words  Kind = iota // Text
	Code               // Text made of digits that must stay text: a NIP
	Number             // Whole
	Clock              // Time of day, hh.mm
	Day                // date, dd/mm/yyyy
	Sign               // blank on a screen; on paper room to sign, odd rows left, even rows right
)

// Cell is a Text, Whole, Time or Date; nil is blank.
type Cell interface{ cell() }

// The contents of cells.
type (
	// Text is shown as it is, but never taken for a formula.
	Text string
	// Whole is a whole number.
	Whole int
	// Time is shown as its time of day in WIB, hh.mm; XLSX keeps the seconds.
	Time time.Time
	// Date is shown as its day in WIB, dd/mm/yyyy.
	Date time.Time
)

func (Text) cell()  {}
func (Whole) cell() {}
func (Time) cell()  {}
func (Date) cell()  {}

// plain makes typed text harmless: control characters become spaces, and what a spreadsheet could take for a formula
// (also after a detour over CSV) gets an apostrophe before it, as one would type it. Dashes alone, which people
// write for "none", stay.
func plain(s string) string {
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return ' '
		case r == unicode.ReplacementChar, r == '\ufffe', r == '\uffff':
			return '\ufffd' // XML has no place for the two last
		case unicode.Is(unicode.Cf, r):
			return -1 // invisible, and could hide the first character
		}
		return r
	}, s))
	first := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsSpace(r) })
	if first < 0 || strings.Trim(s, "-") == "" {
		return s
	}
	if strings.ContainsAny(string([]rune(s)[:1]), "=+-@\uff1d\uff0b\uff0d\uff20") {
		return "'" + s
	}
	return s
}
