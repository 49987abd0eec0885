package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"betang/classroom"
	"betang/classroom/roster"
)

func codeOf(err error) string {
	if e, ok := errors.AsType[*classroom.Error](err); ok {
		return e.Code
	}
	return fmt.Sprint(err)
}

// agency is a workbook as an agency sends it: letterhead in merged cells, blank rows, an agency's name merged down
// over its people, a NIP as text, one that was typed as a number, a hidden sheet, rich text.
func agency(t testing.TB) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	const s = "Sheet1"
	must(f.SetCellValue(s, "A1", "PEMERINTAH PROVINSI KALIMANTAN TENGAH"))
	must(f.MergeCell(s, "A1", "E1"))
	must(f.SetCellValue(s, "A2", "DAFTAR PEGAWAI"))
	must(f.MergeCell(s, "A2", "E3"))
	must(f.SetSheetRow(s, "A6", &[]any{"NO", "NAMA", "NIP", "UNIT KERJA", "KAB/KOTA"}))
	must(f.SetSheetRow(s, "A7", &[]any{1, "Sri Wahyuni, S.Sos", "199001012015032999", "Dinas Kesehatan", "Kotim"}))
	must(f.SetSheetRow(s, "A8", &[]any{2, "Ahmad Yani", "'19850505 201001 1 998", nil, "Kobar"}))
	must(f.SetCellValue(s, "B10", "Rusak"))
	must(f.SetCellFloat(s, "C10", 199001012015031008, -1, 64))
	must(f.MergeCell(s, "D7", "D10"))
	must(f.SetCellRichText(s, "B11", []excelize.RichTextRun{{Text: "M. "}, {Text: "Noor"}}))
	must(f.SetSheetRow(s, "C11", &[]any{"199502282022212998", "Dinas Sosial", "Palangkaraya"}))
	_, err := f.NewSheet("Lama")
	must(err)
	must(f.SetSheetRow("Lama", "A1", &[]any{"Nama", "NIP"}))
	must(f.SetSheetVisible("Lama", false))
	var b bytes.Buffer
	must(f.Write(&b))
	return b.Bytes()
}

func TestReadWorkbook(t *testing.T) {
	sheets, err := Read(agency(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(sheets) != 1 || sheets[0].Name != "Sheet1" {
		t.Fatalf("sheets: %+v", sheets)
	}
	report, err := roster.Parse(sheets, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range report.Entries {
		got = append(got, fmt.Sprintf("%d %s %s %s %s %s", e.Row, e.Person.NIP, e.Person.Name, e.Person.Back, e.Person.Unit, e.Person.Region))
	}
	want := []string{
		"7 199001012015032999 Sri Wahyuni S.Sos Dinas Kesehatan 62.02",
		"8 198505052010011998 Ahmad Yani  Dinas Kesehatan 62.01",
		"11 199502282022212998 M. Noor  Dinas Sosial 62.71",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if len(report.Problems) != 1 || report.Problems[0].Row != 10 || report.Problems[0].Code != roster.CodeExcel {
		t.Errorf("a NIP typed as a number: %+v", report.Problems)
	}
	if report.Tables[0].Header != 6 {
		t.Errorf("header: %+v", report.Tables[0])
	}
}

func TestReadText(t *testing.T) {
	utf16 := func(s string) string {
		out := "\xff\xfe"
		for _, r := range s {
			out += string([]byte{byte(r), byte(r >> 8)})
		}
		return out
	}
	want := []string{"NIP", "Nama", "Sri, S.Sos", "199001012015032999"}
	for name, text := range map[string]string{
		"semicolons, BOM, CRLF": "\xef\xbb\xbfNIP;Nama\r\n199001012015032999;Sri, S.Sos\r\n",
		"commas, quoted":        "NIP,Nama\n199001012015032999,\"Sri, S.Sos\"\n",
		"tabs in UTF-16":        utf16("NIP\tNama\r\n199001012015032999\tSri, S.Sos\r\n"),
		"what sep= says":        "sep=|\nNIP|Nama\n199001012015032999|Sri, S.Sos\n",
	} {
		sheets, err := Read([]byte(text), nil)
		if err != nil || len(sheets) != 1 || len(sheets[0].Rows) != 2 {
			t.Errorf("%s: %+v, %v", name, sheets, err)
			continue
		}
		got := slices.Concat(sheets[0].Rows[0].Cells, sheets[0].Rows[1].Cells)
		slices.Sort(got)
		sorted := slices.Sorted(slices.Values(want))
		if !slices.Equal(got, sorted) {
			t.Errorf("%s: %q", name, got)
		}
	}
	sheets, err := Read([]byte("sep=;\r\nNIP;Nama\r\n\r\n1;\x93Sri\x94 \xe9\r\n"), nil)
	if err != nil || sheets[0].Rows[1].No != 4 || sheets[0].Rows[1].Cells[1] != "“Sri” é" {
		t.Errorf("Windows-1252 after a blank line: %+v, %v", sheets, err)
	}
}

func TestReadRefuses(t *testing.T) {
	for name, c := range map[string]struct{ data, code string }{
		"old Excel":        {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", CodeOld},
		"a picture":        {"\x89PNG\r\n\x1a\n\x00\x00", CodeUnknown},
		"a torn workbook":  {string(agency(t)[:2000]), CodeBroken},
		"nothing":          {"", CodeNothing},
		"only separators":  {";;;\n;;;\n", CodeNothing},
		"too large a file": {strings.Repeat("x", MaxFile+1), CodeTooBig},
	} {
		if _, err := Read([]byte(c.data), nil); codeOf(err) != c.code || classroom.KindOf(err) != classroom.Invalid {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
}

// TestProblemsComeBack: the workbook of the bad rows, put right, is itself a list.
func TestProblemsComeBack(t *testing.T) {
	sheets, err := Read([]byte("Nama;NIP;Unit Kerja\nSri;199001012015031000;=cmd|' /C calc'!A0\nAdi;12;BKD\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	report, err := roster.Parse(sheets, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := WriteProblems(&b, sheets, report.Tables, report.Problems, func(code string) string { return "<" + code + ">" }); err != nil {
		t.Fatal(err)
	}
	again, err := Read(b.Bytes(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := again[0].Rows[1].Cells; !slices.Equal(got, []string{"2", "<nip_excel>", "Sri", "199001012015031000", "=cmd|' /C calc'!A0"}) {
		t.Errorf("row: %q", got)
	}
	f, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if formula, err := f.GetCellFormula("Bermasalah 1", "E2"); err != nil || formula != "" {
		t.Errorf("a formula in the workbook: %q, %v", formula, err)
	}
	for _, r := range again[0].Rows[1:] {
		r.Cells[3] = "19900101201503100" + fmt.Sprint(r.No)
	}
	fixed, err := roster.Parse(again, time.Time{})
	if err != nil || len(fixed.Entries) != 2 || len(fixed.Problems) != 0 || fixed.Entries[1].Person.Unit != "BKD" {
		t.Errorf("put right: %+v, %v", fixed, err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(agency(f))
	f.Add([]byte("Nama;NIP\nSri;199001012015032999\n"))
	f.Add([]byte("\xff\xfeN\x00I\x00P\x00"))
	f.Add([]byte("sep=\t\n\"a\nb\"\t1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		sheets, err := Read(data, nil)
		if err != nil {
			if classroom.KindOf(err) != classroom.Invalid {
				t.Fatalf("not a refusal: %v", err)
			}
			return
		}
		for _, s := range sheets {
			last := 0
			for _, r := range s.Rows {
				if r.No <= last || len(r.Cells) == 0 || len(r.Cells) > maxColumn {
					t.Fatalf("row %d after %d with %d cells", r.No, last, len(r.Cells))
				}
				last = r.No
			}
		}
		_, _ = roster.Parse(sheets, time.Time{}) // it must not panic
	})
}

// manyPeople is a workbook of n people.
func manyPeople(tb testing.TB, n int) []byte {
	tb.Helper()
	f := excelize.NewFile()
	defer f.Close()
	sw, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		tb.Fatal(err)
	}
	row := func(i int, cells ...any) {
		if err := sw.SetRow(fmt.Sprintf("A%d", i), cells); err != nil {
			tb.Fatal(err)
		}
	}
	row(1, "No", "Nama", "NIP", "Golongan", "Jabatan", "Unit Kerja", "Instansi", "Kabupaten/Kota")
	born := time.Date(1965, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		nip := fmt.Sprintf("%s201503%d%03d", born.AddDate(0, 0, i%12000).Format("20060102"), i%2+1, i/12000+1)
		row(i+2, i+1, fmt.Sprintf("Pegawai Nomor %c%c%c, S.Sos", 'A'+i%26, 'A'+i/26%26, 'A'+i/676%26), nip, "III/a", "Analis Kepegawaian", fmt.Sprintf("Dinas %d", i%300), "Pemerintah Provinsi Kalimantan Tengah", "Kotim")
	}
	if err := sw.Flush(); err != nil {
		tb.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func BenchmarkReadAndParse(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		data := manyPeople(b, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sheets, err := Read(data, nil)
				if err != nil {
					b.Fatal(err)
				}
				r, err := roster.Parse(sheets, time.Time{})
				if err != nil || len(r.Entries) != n || len(r.Problems) != 0 {
					b.Fatalf("%d entries, %d problems, %v", len(r.Entries), len(r.Problems), err)
				}
			}
		})
	}
}
