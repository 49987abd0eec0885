package audit

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"betang/classroom/ratify"
)

func compareCSV(l ratify.List, want, have []byte) (found []Finding, saved bool) {
	w := split(records(want, ';'))
	text := have
	if !utf8.Valid(bytes.TrimPrefix(text, []byte("\ufeff"))) { // Excel's "CSV" without "UTF-8"
		text = latin(text)
	}
	for _, sep := range []byte(";,\t") {
		g := split(records(text, sep))
		if len(g.head) == 0 {
			continue
		}
		if found = w.differences(l, g); len(found) > 0 {
			return found, false
		}
		return []Finding{resaved(firstDifference(want, have), placeInCSV(l, w, want, firstDifference(want, have)))}, true
	}
	at := firstDifference(want, have)
	return []Finding{{
		fmt.Sprintf("berkas tidak terbaca sebagai daftar hadir; berbeda mulai byte %d, %s", at+1, placeInCSV(l, w, want, at)),
		fmt.Sprintf("the file cannot be read as an attendance list; it differs from byte %d on, %s", at+1, placeInCSV(l, w, want, at)),
	}}, false
}

// records reads a CSV as tolerantly as people write it: fields with or without quotation marks, any line break.
func records(file []byte, sep byte) (rows [][]string) {
	file = bytes.TrimPrefix(file, []byte("\ufeff"))
	var row []string
	var field []byte
	quoted := false
	end := func() {
		row = append(row, string(field))
		field = field[:0]
	}
	for i := 0; i < len(file); i++ {
		switch c := file[i]; {
		case quoted && c == '"' && i+1 < len(file) && file[i+1] == '"':
			field = append(field, '"')
			i++
		case c == '"' && (quoted || len(field) == 0):
			quoted = !quoted
		case quoted:
			field = append(field, c)
		case c == sep:
			end()
		case c == '\r' && i+1 < len(file) && file[i+1] == '\n':
		case c == '\n' || c == '\r':
			end()
			rows, row = append(rows, row), nil
		default:
			field = append(field, c)
		}
	}
	if len(field) > 0 || len(row) > 0 {
		end()
		rows = append(rows, row)
	}
	return rows
}

// placeInCSV names the cell in which a byte of the file stands as it should be.
func placeInCSV(l ratify.List, g grid, want []byte, at int) string {
	rows := records(want[:min(at+1, len(want))], ';')
	if len(rows) == 0 {
		return "awal berkas"
	}
	n := len(rows) - 1
	column := cellAt(g.head, len(rows[n])-1)
	if n == 0 {
		return "judul kolom " + column
	}
	return fmt.Sprintf("baris %d%s, kolom %s", n, person(l, n), column)
}

// latin turns Windows-1252 into UTF-8: its upper half is Latin-1 but for marks, of which a list holds the dash and quotation marks.
func latin(text []byte) []byte {
	marks := map[byte]rune{0x85: '…', 0x91: '‘', 0x92: '’', 0x93: '“', 0x94: '”', 0x96: '–', 0x97: '—'}
	var out []byte
	for _, c := range text {
		r, ok := marks[c]
		if !ok {
			r = rune(c)
		}
		out = utf8.AppendRune(out, r)
	}
	return out
}
