package export

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"betang/classroom"
)

// WriteCSV writes the header and the rows for Indonesian Excel: UTF-8 with BOM, semicolons, CRLF, every field in
// quotes.
func WriteCSV(w io.Writer, t Table) error {
	b := bufio.NewWriter(w)
	_, _ = b.WriteString("\ufeff")
	fields := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		fields[i] = plain(c.Title)
	}
	writeRecord(b, fields)
	for n, row := range t.Rows {
		if len(row) != len(t.Columns) {
			return fmt.Errorf("export: row %d has %d cells for %d columns", n+1, len(row), len(t.Columns))
		}
		for i, c := range row {
			fields[i] = shown(c)
		}
		writeRecord(b, fields)
	}
	return b.Flush() // keeps the first error of all writes
}

func writeRecord(b *bufio.Writer, fields []string) {
	for i, f := range fields {
		if i > 0 {
			_ = b.WriteByte(';')
		}
		_ = b.WriteByte('"')
		_, _ = b.WriteString(strings.ReplaceAll(f, `"`, `""`))
		_ = b.WriteByte('"')
	}
	_, _ = b.WriteString("\r\n")
}

// shown is a cell as text.
func shown(c Cell) string {
	switch c := c.(type) {
	case Text:
		return plain(string(c))
	case Whole:
		return strconv.Itoa(int(c))
	case Time:
		return time.Time(c).In(classroom.WIB).Format("15.04")
	case Date:
		return time.Time(c).In(classroom.WIB).Format("02/01/2006")
	}
	return ""
}
