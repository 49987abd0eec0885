package audit

import (
	"bytes"
	"crypto/ed25519"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/export"
	"betang/classroom/proof"
	"betang/classroom/ratify"
)

var testKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))

// signedList is a list of n people, no two with the same of anything, on three pages or so from 40 people on.
func signedList(t testing.TB, n int) ratify.List {
	t.Helper()
	const from = 1_764_036_000_000
	p := attend.DefaultPolicy()
	m := proof.Manifest{
		Number: "K7QM2F9D", Event: "demo", Kind: "lecture", Title: `Kuliah Umum "Huma Betang"; (1)`, Speaker: "Gubernur", Host: "BPSDM", Place: "Aula",
		StartsAt: from, EndsAt: from + 7_200_000, Policy: p, Live: [][2]int64{{from, from + 7_200_000}}, RatifiedAt: from + 9_000_000,
		By: "Kepala BPSDM", AsOf: from + 7_300_000, Reason: "Berita Acara 1",
		Office: &proof.Office{Government: "PEMERINTAH", Office: "BADAN", Address: "Jalan 1", City: "Palangka Raya", Position: "Kepala", Name: "Nama, M.Si.", Rank: "IV/c", NIP: "197001011995031001", Paper: "f4", URL: "https://contoh.example"},
	}
	rows := make([]proof.Row, n)
	for i := range rows {
		r := proof.Row{
			No: i + 1, Person: fmt.Sprint("p", i), Front: "Dr.", Name: fmt.Sprintf("Sri Wahyuni %d", i), Back: "S.Sos.", NIP: fmt.Sprintf("199001012015032%03d", i+1),
			Grade: "III/b", Position: fmt.Sprint("Analis ", i), Unit: fmt.Sprint("Dinas ", i), Instansi: fmt.Sprint("Pemerintah ", i), Region: "62.02",
			Verified: i > 0, Method: "nip",
			Evidence: []proof.Evidence{{Session: "s1", Class: int(attend.Delivered), From: from + int64(i)*1000, To: from + 4_500_000 + int64(i)*61_000}},
		}
		r.Credited = proof.Recompute(m, r)
		rows[i] = r
	}
	doc, err := proof.Sign(m, rows, testKey)
	if err != nil {
		t.Fatal(err)
	}
	file, err := doc.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return ratify.FromDocument(doc, file)
}

func written(t testing.TB, d export.Daftar, format string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := d.Write(&b, format); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var everyFormat = []string{"csv", "json", "xlsx", "siasn", "pdf"}

// TestPapersAsHandedOut: the same list is always the same bytes, and they are genuine.
func TestPapersAsHandedOut(t *testing.T) {
	l := signedList(t, 45)
	older := l
	older.Number = "OLDER"
	for _, f := range slices.Repeat(everyFormat, 5) {
		name := "x." + map[string]string{"siasn": "xlsx"}[f]
		if name == "x." {
			name += f
		}
		v, err := Paper(name, written(t, l.Daftar(export.Office{}, ""), f), []ratify.List{older, l}, Given{})
		if err != nil || len(v.Found) > 0 || v.Format != f || v.List.Number != l.Number {
			t.Errorf("%s: %s, %v, %v", f, v.Format, v.Found, err)
		}
	}
	if _, err := Paper("x.docx", []byte("hello"), []ratify.List{l}, Given{}); err == nil {
		t.Error("a file of another kind was taken")
	}
}

// TestPaperFlips: 1,000 random bytes of every format, changed one at a time: each is found, and in CSV the cell in which it
// stands is named, which the standard library's reader tells independently. Of the packed formats make test tries 200;
// BETANG_FLIPS=1000 all.
func TestPaperFlips(t *testing.T) {
	l := signedList(t, 20)
	rng := rand.New(rand.NewPCG(5, 6))
	for _, f := range everyFormat {
		rng := rand.New(rand.NewPCG(rng.Uint64(), 1))
		t.Run(f, func(t *testing.T) {
			t.Parallel()
			d := l.Daftar(export.Office{}, "")
			want := written(t, d, f)
			lay := d.Layout()
			cells := map[int][2]int{}
			if f == "csv" {
				cells = csvPlaces(t, want)
			}
			persons, contents := 0, 0
			flips := 1000
			if n, err := strconv.Atoi(os.Getenv("BETANG_FLIPS")); err == nil {
				flips = n
			} else if f != "csv" && f != "json" {
				flips = 200
			}
			for range flips {
				i := rng.IntN(len(want))
				bad := bytes.Clone(want)
				bad[i] ^= byte(1 + rng.IntN(255))
				v := against(l, func() export.Layout { return lay }, f, want, bad)
				if len(v.Found) == 0 {
					t.Fatalf("byte %d was not noticed", i)
				}
				for _, x := range v.Found {
					if len(x.ID) < 10 || len(x.EN) < 10 || x.ID == x.EN {
						t.Fatalf("byte %d: %q", i, x)
					}
				}
				if strings.HasPrefix(v.Found[0].ID, "baris ") || strings.Contains(v.Found[0].ID, ", baris ") {
					persons++
				}
				if !v.Saved {
					contents++
				}
				if at, ok := cells[i]; ok && at[0] > 0 {
					row, title := fmt.Sprintf("baris %d,", at[0]), csvTitle(want, at[1])
					if !strings.Contains(fmt.Sprint(v.Found), row) || !strings.Contains(fmt.Sprint(v.Found), title) {
						t.Errorf("byte %d is in %s %s: %v", i, row, title, v.Found)
					}
				}
			}
			t.Logf("%d of %d bytes: %d name a person, %d changed what the file says or made it unreadable", flips, len(want), persons, contents)
			if least := map[string]int{"csv": 900, "json": 700, "xlsx": 130, "siasn": 50, "pdf": 40}[f] * flips / 1000; persons < least {
				t.Errorf("%d name a person, fewer than %d", persons, least)
			}
		})
	}
}

// csvPlaces maps the bytes between the quotation marks of a CSV to row and column.
func csvPlaces(t *testing.T, file []byte) map[int][2]int {
	t.Helper()
	r := csv.NewReader(bytes.NewReader(file[3:]))
	r.Comma = ';'
	starts := []int{0}
	for i, c := range file {
		if c == '\n' {
			starts = append(starts, i+1)
		}
	}
	out := map[int][2]int{}
	for n := 0; ; n++ {
		rec, err := r.Read()
		if err != nil {
			return out
		}
		for c, s := range rec {
			line, col := r.FieldPos(c)
			at := starts[line-1] + col // the column counts from 1 and names the quotation mark
			if line == 1 {
				at += 3 // the byte order mark
			}
			for k := range len(s) {
				out[at+k] = [2]int{n, c}
			}
		}
	}
}

func csvTitle(file []byte, column int) string {
	return strings.Trim(strings.Split(string(file[3:bytes.IndexByte(file, '\r')]), ";")[column], `"`)
}

// TestEveryField: whichever cell of whichever row is not what was signed, that row and that column are named, in every format.
func TestEveryField(t *testing.T) {
	l := signedList(t, 20)
	d := l.Daftar(export.Office{}, "")
	lay := d.Layout()
	was := map[string][]byte{}
	for _, f := range everyFormat {
		was[f] = written(t, d, f)
	}
	for _, c := range []struct {
		change             func(r *classroom.Row)
		title, siasn, json string // the column's title, and the name in JSON; "" if it is not there
		paper              bool   // it is printed
	}{
		{func(r *classroom.Row) { r.Person.Name = "Orang Lain" }, "Nama (dengan gelar)", "Nama", "name", true},
		{func(r *classroom.Row) { r.Person.NIP = "199001012015031777" }, "NIP", "NIP", "nip", true},
		{func(r *classroom.Row) { r.Person.Grade = "IV/a" }, "Pangkat/Golongan", "", "grade", true},
		{func(r *classroom.Row) { r.Person.Position = "Kepala" }, "Jabatan", "", "position", true},
		{func(r *classroom.Row) { r.Person.Unit = "Badan" }, "Unit Kerja/Perangkat Daerah", "", "unit", true},
		{func(r *classroom.Row) { r.Person.Instansi = "Pemda" }, "Instansi", "Instansi", "instansi", true},
		{func(r *classroom.Row) { r.Person.Region = "62.71" }, "Kabupaten/Kota", "", "regionCode", true},
		{func(r *classroom.Row) { r.Result.First += 600_000 }, "Jam Masuk", "", "in", true},
		{func(r *classroom.Row) { r.Result.Last += 600_000 }, "Jam Keluar", "", "out", true},
		{func(r *classroom.Row) { r.Result.Seconds += 600 }, "Durasi (menit)", "", "seconds", true},
		{func(r *classroom.Row) { r.Result.Percent += 10 }, "% Kehadiran", "", "percent", true},
		{func(r *classroom.Row) { r.Method = "code" }, "Cara Presensi", "", "method", true},
		{func(r *classroom.Row) { r.Result.JP += 3 }, "JP", "jumlahJam", "jp", true},
		{func(r *classroom.Row) { r.Person.Verified = !r.Person.Verified }, "Tanda Tangan/Verifikasi", "", "verified", true},
		{func(r *classroom.Row) { r.Result.Meets = !r.Result.Meets }, "Keterangan", "", "meets", true},
		{func(r *classroom.Row) { r.Result.Bridged += 5 }, "Jeda dijembatani (detik)", "", "", false},
		{func(r *classroom.Row) { r.Result.SocketSeconds += 5 }, "Soket (detik)", "", "", false},
		{func(r *classroom.Row) { r.Result.DeliveredSecs += 5 }, "Terkirim (detik)", "", "", false},
		{func(r *classroom.Row) { r.Result.DecodedSecs += 5 }, "Terdekode (detik)", "", "", false},
		{func(r *classroom.Row) { r.Result.Intervals = r.Result.Intervals[:0] }, "Interval kehadiran (WIB)", "", "intervals", false},
	} {
		for _, f := range everyFormat {
			names := map[string]string{"csv": c.title, "xlsx": c.title, "siasn": c.siasn, "json": c.json}
			if c.paper {
				names["pdf"] = c.title
			}
			if names[f] == "" {
				continue
			}
			// In the middle of the list; the Rekap SIASN holds only those who got JP.
			at := 16
			other := d
			other.Sheet = ratify.Frozen(l.Doc)
			c.change(&other.Sheet.Rows[at])
			v := against(l, func() export.Layout { return lay }, f, was[f], written(t, other, f))
			want := fmt.Sprintf("baris %d, Sri Wahyuni %d", at+1, at)
			ok := false
			for _, x := range v.Found {
				if !strings.Contains(x.ID, want) && strings.HasPrefix(x.ID, "baris ") {
					t.Errorf("%s, %s: another row is named: %s", f, c.title, x.ID)
				}
				ok = ok || strings.Contains(x.ID, want) && strings.Contains(x.ID, names[f])
			}
			if !ok || v.Saved {
				t.Errorf("%s, %s: %v", f, c.title, v.Found)
			}
		}
	}
}

// TestSavedAnew: what a spreadsheet makes of a list when it saves it is told from what somebody changed.
func TestSavedAnew(t *testing.T) {
	l := signedList(t, 12)
	want := written(t, l.Daftar(export.Office{}, ""), "csv")
	excel := func(change func(rows [][]string)) []byte {
		rows := records(want, ';')
		change(rows)
		var b bytes.Buffer
		for _, r := range rows {
			for i, s := range r { // quotation marks only where they are needed
				if strings.ContainsAny(s, `";`) {
					r[i] = `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
				}
			}
			b.WriteString(strings.Join(r, ";") + "\r\n")
		}
		return b.Bytes()
	}
	for _, c := range []struct {
		name   string
		change func(rows [][]string)
		saved  bool
		says   []string
	}{
		{"as it was", func([][]string) {}, true, []string{"isi setiap sel sama"}},
		{"sorted", func(rows [][]string) { rows[1], rows[5] = rows[5], rows[1] }, true, []string{"isi setiap sel sama"}},
		{"hours shortened", func(rows [][]string) { rows[3][8] = strings.TrimPrefix(rows[3][8], "0") }, true, []string{"isi setiap sel sama"}},
		{"more minutes", func(rows [][]string) { rows[3][10] = "120" }, false, []string{"baris 3, Sri Wahyuni 2", "kolom Durasi (menit)", `tertulis "120"`, `signed was "77"`}},
		{"NIP by Excel", func(rows [][]string) { rows[4][2] = "1,99001E+17" }, false, []string{"baris 4", "kolom NIP: rusak oleh Excel"}},
		{"NIP rounded", func(rows [][]string) { rows[4][2] = rows[4][2][:15] + "000" }, false, []string{"baris 4", "kolom NIP: rusak oleh Excel"}},
		{"row deleted", func(rows [][]string) { copy(rows[4:], rows[5:]); rows[len(rows)-1] = nil }, false, []string{"baris 4, Sri Wahyuni 3", "tidak ada lagi"}},
		{"somebody added", func(rows [][]string) { rows[12] = append([]string{"99"}, rows[12][1:]...) }, false, []string{"baris 12", "kolom No"}},
	} {
		v := against(l, nil, "csv", want, excel(c.change))
		if v.Saved != c.saved {
			t.Errorf("%s: saved %v: %v", c.name, v.Saved, v.Found)
		}
		for _, s := range c.says {
			if !strings.Contains(fmt.Sprint(v.Found), s) {
				t.Errorf("%s: %q is not in %v", c.name, s, v.Found)
			}
		}
		if nip := "199001012015032004"; strings.Contains(fmt.Sprint(v.Found), nip) {
			t.Errorf("%s: a NIP is printed", c.name)
		}
	}
}

// FuzzPaper: whatever a file holds, it is answered.
func FuzzPaper(f *testing.F) {
	l := signedList(f, 3)
	d := l.Daftar(export.Office{}, "")
	lay := d.Layout()
	was := map[string][]byte{}
	for i, format := range everyFormat {
		was[format] = written(f, d, format)
		f.Add(byte(i), was[format])
	}
	f.Fuzz(func(t *testing.T, kind byte, file []byte) {
		format := everyFormat[int(kind)%len(everyFormat)]
		v := against(l, func() export.Layout { return lay }, format, was[format], file)
		if len(v.Found) == 0 && !bytes.Equal(file, was[format]) {
			t.Error("a file that differs was taken for the same")
		}
	})
}
