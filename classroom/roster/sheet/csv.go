package sheet

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"betang/classroom/roster"
)

// readText reads separated values: with ; or , or tab or |, in UTF-8, UTF-16 or Windows-1252, as Excel's several
// "save as" give them.
func readText(data []byte, progress Progress) ([]roster.Sheet, error) {
	text, ok := decodeText(data)
	if !ok {
		return nil, refuse(CodeUnknown, nil)
	}
	skipped := 0
	sep, rest := separator(text)
	if len(rest) != len(text) {
		skipped = 1 // the line "sep=;" that Excel reads and does not show
	}
	r := csv.NewReader(strings.NewReader(rest))
	r.Comma, r.LazyQuotes, r.FieldsPerRecord, r.ReuseRecord = sep, true, -1, true
	out, g := roster.Sheet{}, gauge{}
	for n := 0; ; n++ {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, refuse(CodeBroken, err)
		}
		cells := make([]string, 0, len(rec))
		for i, c := range rec {
			if i == maxColumn {
				break
			}
			cells = append(cells, clip(c))
		}
		line, _ := r.FieldPos(0)
		if err := g.add(&out, line+skipped, cells); err != nil {
			return nil, err
		}
		if n%1000 == 0 {
			progress(r.InputOffset(), int64(len(rest)))
		}
	}
	progress(int64(len(rest)), int64(len(rest)))
	return []roster.Sheet{out}, nil
}

// decodeText gives the text of a file; ok is false for what is no text at all.
func decodeText(data []byte) (string, bool) {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		data = data[3:]
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return wide(data[2:], binary.LittleEndian)
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return wide(data[2:], binary.BigEndian)
	}
	if bytes.IndexByte(data, 0) >= 0 {
		return "", false
	}
	if utf8.Valid(data) {
		return string(data), true
	}
	var b strings.Builder
	b.Grow(len(data) + len(data)/8)
	for _, c := range data {
		b.WriteRune(windows1252(c))
	}
	return b.String(), true
}

func wide(data []byte, order binary.ByteOrder) (string, bool) {
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	text := string(utf16.Decode(units))
	return text, !strings.ContainsRune(text, 0)
}

// windows1252 gives the characters that a person's data has between 0x80 and 0x9f; above, the table is Latin-1.
func windows1252(c byte) rune {
	switch c {
	case 0x91:
		return '‘'
	case 0x92:
		return '’'
	case 0x93:
		return '“'
	case 0x94:
		return '”'
	case 0x96:
		return '–'
	case 0x97:
		return '—'
	case 0x95:
		return '•'
	}
	if c >= 0x80 && c < 0xa0 {
		return utf8.RuneError
	}
	return rune(c)
}

// separator finds what separates the cells: what the line "sep=" says, else the candidate that splits most of the
// first lines into the most cells. Commas stand in names with titles, so they must win clearly.
func separator(text string) (sep rune, rest string) {
	first, after, _ := strings.Cut(text, "\n")
	if mark, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(first)), "sep="); ok && len(mark) == 1 {
		return rune(mark[0]), after
	}
	best, most := ',', 0
	lines := strings.SplitN(text, "\n", 60)
	for _, c := range []rune{';', '\t', '|', ','} {
		cells := 0
		for _, l := range lines {
			cells += strings.Count(l, string(c))
		}
		if c == ',' {
			cells /= 2
		}
		if cells > most {
			best, most = c, cells
		}
	}
	return best, text
}
