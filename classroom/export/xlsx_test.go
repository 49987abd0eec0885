package export

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
)

func xlsxBytes(t testing.TB, table Table, h Heading) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteXLSX(&b, table, h); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// parts reads the files of a workbook.
func parts(t *testing.T, data []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name] = string(text)
	}
	return out
}

func signedHeading() Heading {
	h := NewHeading(demoSheet())
	h.Letterhead.Address = "Jalan Contoh Nomor 1, Palangka Raya"
	h.Signer.Name, h.Signer.Rank, h.Signer.NIP = "Drs. CONTOH, M.Si.", "Pembina Utama Muda (IV/c)", "196812121990031998"
	return h
}

// TestXLSX compares the parts that are ours, readable line by line.
func TestXLSX(t *testing.T) {
	data := xlsxBytes(t, Attendance(demoSheet()), signedHeading())
	if !bytes.Equal(data, xlsxBytes(t, Attendance(demoSheet()), signedHeading())) {
		t.Error("the same sheet gave other bytes")
	}
	if name := os.Getenv("BETANG_XLSX"); name != "" { // to look at it
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files := parts(t, data)
	var b strings.Builder
	for _, name := range []string{"docProps/core.xml", "xl/workbook.xml", "xl/styles.xml", "xl/worksheets/sheet1.xml"} {
		text, ok := files[name]
		if !ok {
			t.Fatalf("no %s in the workbook", name)
		}
		fmt.Fprintf(&b, "-- %s --\n%s\n", name, regexp.MustCompile(`><(c|row|col|xf|mergeCell|definedName|sheet\w*|page\w*|header\w*|cols|auto\w*|font|border|fill|dc|dcterms|cp)\b`).
			ReplaceAllString(text, ">\n<$1"))
	}
	golden(t, "attendance.xlsx.golden", []byte(b.String()))
	for name := range files {
		if strings.Contains(name, "calcChain") || strings.Contains(files[name], "<f>") {
			t.Errorf("a formula in %s", name)
		}
	}
}

// reopen writes a workbook and reads it again.
func reopen(t *testing.T, table Table, h Heading) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(xlsxBytes(t, table, h)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// TestXLSXReads: what a reader of the file gets.
func TestXLSXReads(t *testing.T) {
	f := reopen(t, Attendance(demoSheet()), signedHeading())
	rows, err := f.GetRows(sheetName)
	if err != nil {
		t.Fatal(err)
	}
	head := -1
	for i, row := range rows {
		if len(row) > 2 && row[2] == "NIP" {
			head = i
		}
	}
	if head < 0 {
		t.Fatalf("no header row in %q", rows)
	}
	// What is shown is what the CSV says, but for the last columns, which CSV has not shorter.
	for n, cells := range Attendance(demoSheet()).Rows {
		for i, c := range cells {
			got := ""
			if row := rows[head+1+n]; i < len(row) {
				got = row[i]
			}
			if got != shown(c) {
				t.Errorf("row %d, column %d: shows %q, want %q", n+1, i+1, got, shown(c))
			}
		}
	}

	first := head + 2 // rows count from 1
	raw := func(col string) (string, excelize.CellType) {
		t.Helper()
		cell := fmt.Sprint(col, first)
		v, err := f.GetCellValue(sheetName, cell, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		kind, err := f.GetCellType(sheetName, cell)
		if err != nil {
			t.Fatal(err)
		}
		return v, kind
	}
	if v, kind := raw("C"); v != "199001012015031999" || kind != excelize.CellTypeInlineString {
		t.Errorf("NIP is %q of type %v", v, kind)
	}
	id, err := f.GetCellStyle(sheetName, fmt.Sprint("C", first))
	if err != nil {
		t.Fatal(err)
	}
	if style, err := f.GetStyle(id); err != nil || style.NumFmt != 49 {
		t.Errorf("NIP has number format %+v, %v; want 49 (@)", style, err)
	}
	if v, kind := raw("I"); kind != excelize.CellTypeUnset || !strings.HasPrefix(v, "0.3765") { // 9:02:10 of a day
		t.Errorf("Jam Masuk is %q of type %v", v, kind)
	}
	if v, kind := raw("K"); v != "135" || kind != excelize.CellTypeUnset {
		t.Errorf("Durasi is %q of type %v", v, kind)
	}

	panes, err := f.GetPanes(sheetName)
	if err != nil || !panes.Freeze || panes.YSplit != head+1 || panes.XSplit != 0 {
		t.Errorf("panes %+v, %v; the header is row %d", panes, err, head+1)
	}
	page, err := f.GetPageLayout(sheetName)
	if err != nil || *page.Orientation != "landscape" || *page.Size != folio || *page.FitToWidth != 1 || *page.FitToHeight != 0 {
		t.Errorf("page %+v, %v", page, err)
	}
	names := map[string]string{}
	for _, n := range f.GetDefinedName() {
		names[n.Name] = n.RefersTo
	}
	if want := fmt.Sprintf("'%s'!$%d:$%d", sheetName, head+1, head+1); names["_xlnm.Print_Titles"] != want {
		t.Errorf("names %v, want %s repeated", names, want)
	}
	if got := names["_xlnm.Print_Area"]; !strings.HasPrefix(got, "'Daftar Hadir'!$A$1:$P$") {
		t.Errorf("prints %s", got)
	}
	var text []string
	for _, row := range rows {
		text = append(text, strings.Join(row, " "))
	}
	for _, want := range []string{
		"PEMERINTAH PROVINSI KALIMANTAN TENGAH", "BADAN PENGEMBANGAN SUMBER DAYA MANUSIA", "DAFTAR HADIR",
		": Rabu, 24 September 2025", ": pukul 09.00–11.30 WIB", ": Daring melalui Betang dan Aula Jayang Tingang",
		"Palangka Raya, 24 September 2025", "Drs. CONTOH, M.Si.", "NIP. 196812121990031998",
	} {
		if !strings.Contains(strings.Join(text, "\n"), want) {
			t.Errorf("%q is missing", want)
		}
	}
}

func TestXLSXEmptyAndOdd(t *testing.T) {
	sheet := demoSheet()
	sheet.Rows = nil
	sheet.Ended = false
	xlsxBytes(t, Attendance(sheet), NewHeading(sheet))

	table := Table{
		Columns: []Column{{Title: "Hari", Kind: Day, Width: 12}, {Title: "Uraian", Width: 20}},
		Rows: [][]Cell{
			{Date(time.Date(2025, 9, 24, 20, 0, 0, 0, time.UTC)), Text("_x0041_ <&> \x00 \ufffe")},
			{nil, Text(strings.Repeat("panjang 𝄞 ", 10_000))},
		},
	}
	f := reopen(t, table, Heading{Title: strings.Repeat("&", 300)})
	rows, err := f.GetRows(sheetName)
	if err != nil {
		t.Fatal(err)
	}
	at := 0
	for rows[at] == nil || rows[at][0] != "Hari" {
		at++
	}
	if got := rows[at+1]; got[0] != "25/09/2025" || got[1] != "_x0041_ <&>   \ufffd" {
		t.Errorf("got %q", got)
	}
	long := rows[at+2][1]
	if n := len(utf16.Encode([]rune(long))); n > maxCell || n < maxCell-100 || !strings.HasSuffix(long, "(selengkapnya dalam CSV)") {
		t.Errorf("a cell of %d units, ending in %q", n, long[len(long)-40:])
	}
}

// BenchmarkXLSX: a hall of 10,000 people.
func BenchmarkXLSX(b *testing.B) {
	sheet := hallSheet(10_000)
	b.ReportAllocs()
	for b.Loop() {
		b.SetBytes(int64(len(xlsxBytes(b, Attendance(sheet), NewHeading(sheet)))))
	}
}

// BenchmarkCSV: the same as CSV.
func BenchmarkCSV(b *testing.B) {
	sheet := hallSheet(10_000)
	b.ReportAllocs()
	for b.Loop() {
		b.SetBytes(int64(len(csvBytes(b, Attendance(sheet)))))
	}
}
