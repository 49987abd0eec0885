package export

import (
	"bytes"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"betang/classroom"
	"betang/classroom/attend"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (go test -update writes it anew):\n%s", path, firstDifference(string(got), string(want)))
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		var a, b string
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			return fmt.Sprintf("line %d\n got %q\nwant %q", i+1, a, b)
		}
	}
	return ""
}

func csvBytes(t testing.TB, table Table) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteCSV(&b, table); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestCSV(t *testing.T) {
	got := csvBytes(t, Attendance(demoSheet()))
	golden(t, "attendance.csv.golden", got)
	if !bytes.Equal(got, csvBytes(t, Attendance(demoSheet()))) {
		t.Error("the same sheet gave other bytes")
	}

	text, ok := strings.CutPrefix(string(got), "\ufeff")
	if !ok {
		t.Error("no BOM")
	}
	if strings.Count(text, "\r\n") != 5 || strings.Count(text, "\n") != 5 || !strings.HasSuffix(text, "\r\n") {
		t.Error("lines do not end in CRLF")
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = ';'
	records, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	wantHead := "No|Nama (dengan gelar)|NIP|Pangkat/Golongan|Jabatan|Unit Kerja/Perangkat Daerah|Instansi|Kabupaten/Kota|" +
		"Jam Masuk|Jam Keluar|Durasi (menit)|% Kehadiran|Cara Presensi|JP|Tanda Tangan/Verifikasi|Keterangan|" +
		"Durasi (detik)|Jeda dijembatani (detik)|Soket (detik)|Terkirim (detik)|Terdekode (detik)|Interval kehadiran (WIB)"
	if head := strings.Join(records[0], "|"); head != wantHead {
		t.Errorf("columns:\n%s\nwant\n%s", head, wantHead)
	}
	if len(records) != 5 {
		t.Errorf("%d records", len(records))
	}
}

// TestCSVQuotesAll: every field stands in quotes, so that a NIP of digits is not told apart from a name.
func TestCSVQuotesAll(t *testing.T) {
	got := csvBytes(t, Table{
		Columns: []Column{{Title: "A;B"}, {Title: "C"}, {Title: "D"}, {Title: "E"}, {Title: "F"}},
		Rows: [][]Cell{{
			Text("a\"b;c\r\nd"), Whole(-7), nil, Time(time.Date(2025, 9, 24, 17, 5, 59, 0, time.UTC)),
			Date(time.Date(2025, 9, 24, 17, 5, 0, 0, time.UTC)),
		}},
	})
	want := "\ufeff\"A;B\";\"C\";\"D\";\"E\";\"F\"\r\n\"a\"\"b;c  d\";\"-7\";\"\";\"00.05\";\"25/09/2025\"\r\n"
	if string(got) != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

type fullDisk struct{ left int }

var errFull = errors.New("full")

func (f *fullDisk) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestWriteErrors(t *testing.T) {
	table := Attendance(hallSheet(100))
	if err := WriteCSV(&fullDisk{5000}, table); !errors.Is(err, errFull) {
		t.Errorf("CSV: %v", err)
	}
	if err := WriteXLSX(&fullDisk{5000}, table, NewHeading(demoSheet())); !errors.Is(err, errFull) {
		t.Errorf("XLSX: %v", err)
	}
	bad := Table{Columns: []Column{{Title: "A"}, {Title: "B"}}, Rows: [][]Cell{{Whole(1)}}}
	if err := WriteCSV(&bytes.Buffer{}, bad); err == nil {
		t.Error("CSV took a short row")
	}
	if err := WriteXLSX(&bytes.Buffer{}, bad, Heading{}); err == nil {
		t.Error("XLSX took a short row")
	}
}

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"Sri Wahyuni":         "Sri Wahyuni",
		"=1+1":                "'=1+1",
		"+62":                 "'+62",
		"-2+3":                "'-2+3",
		"@SUM(A1)":            "'@SUM(A1)",
		"\t=1":                "'=1",
		"\r\n=1":              "'=1",
		"  =1":                "'=1",
		"\u200b=1":            "'=1",
		"\ufeff@x":            "'@x",
		"\u00a0-1":            "'-1",
		"＝1":                  "'＝1",
		"-":                   "-",
		"--":                  "--",
		"a=b":                 "a=b",
		"a\tb\x00c\nd":        "a b c d",
		"'=1":                 "'=1",
		"bad\xff":             "bad\ufffd",
		"x\uffffy":            "x\ufffdy",
		"":                    "",
		"Ma'ruf \u2028 Amin ": "Ma'ruf   Amin",
	} {
		if got := plain(in); got != want {
			t.Errorf("plain(%q) = %q, want %q", in, got, want)
		}
	}
}

// FuzzCSV: whatever people typed comes out as one field of one line that no spreadsheet takes for a formula.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{"Sri", "=cmd|' /C calc'!A0", "\"\";\"", "\t\r\n@", "\u200b+1", "-", "\xff\xfe", "＝1", "'", ";\r\n\""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		table := Table{Columns: []Column{{Title: "A"}, {Title: "B"}}, Rows: [][]Cell{{Text(s), Whole(1)}}}
		got := csvBytes(t, table)
		if !utf8.Valid(got) {
			t.Fatalf("not UTF-8: %q", got)
		}
		r := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(got), "\ufeff")))
		r.Comma = ';'
		records, err := r.ReadAll()
		if err != nil || len(records) != 2 || len(records[1]) != 2 || records[1][1] != "1" {
			t.Fatalf("%q became %q: %v", s, records, err)
		}
		field := records[1][0]
		if strings.Trim(field, "-") != "" && strings.ContainsAny(field[:1], "=+-@\t\r") {
			t.Fatalf("%q became %q", s, field)
		}
	})
}

func TestNewHeading(t *testing.T) {
	h := NewHeading(demoSheet())
	var got []string
	for _, l := range append(h.Left, h.Right...) {
		got = append(got, l.Label+": "+l.Value)
	}
	want := []string{
		`Kegiatan: Kuliah Umum "Huma Betang" & Pelayanan Publik`, "Hari/Tanggal: Rabu, 24 September 2025",
		"Waktu: pukul 09.00–11.30 WIB", "Narasumber: Gubernur Kalimantan Tengah",
		"Tempat: Daring melalui Betang dan Aula Jayang Tingang",
		"Siaran langsung: 09.02.10–10.00.00, 10.10.00–11.28.00 WIB (135 menit 50 detik)",
		"Syarat: hadir minimal 70 %; 45 menit per JP; jeda sampai 10 detik dihitung hadir (aturan versi 2)",
		"Penyelenggara: BPSDM Provinsi Kalimantan Tengah",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if h.Notice != "" || h.Date != "24 September 2025" {
		t.Errorf("notice %q, date %q", h.Notice, h.Date)
	}

	running := demoSheet()
	running.Ended, running.Live = false, nil
	running.Event.EndsAt = nine.Add(24 * time.Hour)
	running.Event.Policy.ApprovedJP = 4
	h = NewHeading(running)
	if want := "Data sementara: kegiatan belum berakhir; keadaan 24 September 2025 pukul 11.29 WIB"; h.Notice != want {
		t.Errorf("notice %q", h.Notice)
	}
	if h.Left[1].Value != "Rabu, 24 September 2025 – Kamis, 25 September 2025" || h.Right[1].Value != "belum dimulai" ||
		!strings.Contains(h.Right[2].Value, "; 4 JP;") {
		t.Errorf("got %+v", h)
	}
	h = NewHeading(classroom.Sheet{})
	if h.Notice != "Data sementara: kegiatan belum berakhir" {
		t.Errorf("notice %q", h.Notice)
	}
}

func TestIntervalsOverMidnight(t *testing.T) {
	got := intervals([]attend.Interval{{From: at(14, 30, 0), To: at(16, 0, 0)}, {From: at(16, 0, 1), To: at(16, 0, 2)}})
	if want := "24/09 23.30.00–25/09 01.00.00; 01.00.01–01.00.02"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLines(t *testing.T) {
	for _, c := range []struct {
		text  string
		width float64
		want  int
	}{
		{"", 10, 1},
		{"satu", 10, 1},
		{"satu dua tiga empat", 10, 2},
		{"satu dua tiga empat", 4, 5},
		{"sangatpanjangsekali", 5, 4},
		{"a sangatpanjangsekali b", 5, 6},
		{"x", 0, 1},
	} {
		if got := lines(c.text, c.width); got != c.want {
			t.Errorf("lines(%q, %v) = %d, want %d", c.text, c.width, got, c.want)
		}
	}
}
