package roster

import (
	"slices"
	"strings"
	"testing"
	"time"

	"betang/classroom"

	"pgregory.net/rapid"
)

// table makes a sheet of lines, cells parted by "|"; an empty line counts and is left out, as readers do.
func table(text string) Sheet {
	var s Sheet
	for i, line := range strings.Split(strings.Trim(text, "\n"), "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		var cells []string
		for c := range strings.SplitSeq(line, "|") {
			cells = append(cells, strings.TrimSpace(c))
		}
		s.Rows = append(s.Rows, SheetRow{i + 1, cells})
	}
	return s
}

func parse(t *testing.T, text string) Report {
	t.Helper()
	r, err := Parse([]Sheet{table(text)}, time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestParseListOfAnAgency: letterhead, blank rows, a heading over two rows, column numbers, a group title, the head
// again on the next page, sums and the signature.
func TestParseListOfAnAgency(t *testing.T) {
	r := parse(t, `
PEMERINTAH PROVINSI KALIMANTAN TENGAH
DINAS PENDIDIKAN
Jalan D.I. Panjaitan No. 4 Palangka Raya, Telp. 0536-3221234

DAFTAR NAMA PEGAWAI
NO | NAMA | NIP | NIK | PANGKAT/GOL. RUANG | JABATAN | UNIT KERJA | KAB/KOTA | GELAR |
| | | | | | | | DEPAN | BELAKANG
1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10
I. SEKRETARIAT
1 | SRI WAHYUNI | '19900101 201503 2 999 | 6271010101900001 | Penata Muda (III/a) | Analis | Sekretariat | Palangkaraya | | S.Sos., M.Si
2 | AHMAD YANI | 19850505.201001.1.998 | | IIIB | Guru | SMAN 1 Sampit | KOTIM | Drs. |

NO | NAMA | NIP | NIK | PANGKAT/GOL. RUANG | JABATAN | UNIT KERJA | KAB/KOTA
3 | M. NOOR | 199502282022212998 | | IX | Guru | SMAN 1 Sampit | Banjarmasin
4 | RUSAK | 1.99001012015031E+17 | | III/a | Guru | SMAN 1 Sampit | Kotim
5 | PENDEK | 19900101201503199 | | III/a | Guru | SMAN 1 Sampit | Kotim
6 | LAMA | 131234567 | | | Guru | SMAN 1 Sampit | Kotim
7 | DUA | 199001012015031001, 199001012015031002 | | | Guru | SMAN 1 Sampit | Kotim
8 | | 199001012015031003 | | | Guru | SMAN 1 Sampit | Kotim
9 | TANPA NOMOR | | | | Guru | SMAN 1 Sampit | Kotim
10 | SRI  WAHYUNI | 199001012015032999 | | III/a | Analis | Sekretariat | Kotim
11 | ORANG LAIN | 199001012015032999 | | III/a | Analis | Sekretariat | Kotim
JUMLAH | 11 ORANG
| | | | | Palangka Raya, 3 November 2026
| | | | | NIP. 197001011995031001`)
	info := r.Tables[0]
	if info.Header != 7 || info.Rows != 11 || !slices.Equal(info.Refused, []string{"NIK"}) {
		t.Errorf("header in row %d, %d rows, refused %v", info.Header, info.Rows, info.Refused)
	}
	want := []classroom.Person{
		{NIP: "199001012015032999", Name: "SRI WAHYUNI", Back: "S.Sos., M.Si", Kind: "PNS", Grade: "III/a", Position: "Analis", Unit: "Sekretariat", Region: "62.71", Verified: true},
		{NIP: "198505052010011998", Front: "Drs.", Name: "AHMAD YANI", Kind: "PNS", Grade: "III/b", Position: "Guru", Unit: "SMAN 1 Sampit", Region: "62.02", Verified: true},
		{NIP: "199502282022212998", Name: "M. NOOR", Kind: "PPPK", Grade: "IX", Position: "Guru", Unit: "SMAN 1 Sampit", Verified: true},
	}
	if len(r.Entries) != len(want) {
		t.Fatalf("%d entries: %+v", len(r.Entries), r.Entries)
	}
	for i, e := range r.Entries {
		if e.Person != want[i] {
			t.Errorf("row %d:\n got %+v\nwant %+v", e.Row, e.Person, want[i])
		}
	}
	if w := r.Entries[2].Warn; !slices.Equal(w, []string{WarnRegion}) {
		t.Errorf("warnings of M. NOOR: %v", w)
	}
	var got []string
	for _, p := range r.Problems {
		got = append(got, p.Code)
	}
	codes := []string{CodeExcel, CodeLength, CodeOld, CodeSeveral, CodeNoName, CodeNoNIP, CodeDouble}
	if !slices.Equal(got, codes) || r.Doubles != 1 || r.Problems[6].Other != 10 {
		t.Errorf("problems %v, want %v; %d doubles; %+v", got, codes, r.Doubles, r.Problems[len(r.Problems)-1])
	}
}

func TestParseHeaders(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want classroom.Person
	}{
		"name and number in one cell": {`
No. | NAMA / NIP | PANGKAT | JABATAN | OPD
1 | Dr. SRI WAHYUNI, S.Sos NIP. 19900101 201503 2 999 | Penata Muda Tk. I | Analis | BKD`,
			classroom.Person{NIP: "199001012015032999", Front: "Dr.", Name: "SRI WAHYUNI", Back: "S.Sos", Kind: "PNS", Grade: "III/b", Position: "Analis", Unit: "BKD", Verified: true}},
		"instansi is not the place": {`
NIP/NI PPPK;x | Nama Lengkap | Instansi | Lokasi Kerja | Unit Kerja | Perangkat Daerah | Status Kepegawaian
199502282022242998 | Rahmadi | Pemerintah Provinsi Kalimantan Tengah | Kab. Katingan | SMKN 1 Kasongan | Dinas Pendidikan | PPPK Paruh Waktu`,
			classroom.Person{NIP: "199502282022242998", Name: "Rahmadi", Kind: "PPPK_PW", Unit: "SMKN 1 Kasongan, Dinas Pendidikan", Instansi: "Pemerintah Provinsi Kalimantan Tengah", Region: "62.06", Verified: true}},
		"a superior's name is no name": {`
Nama Atasan | NIP Atasan | Nama Pegawai | NIP Baru | Golongan Ruang
Budi | 198001012005011001 | Sri | 199001012015032999 | III / a`,
			classroom.Person{NIP: "199001012015032999", Name: "Sri", Kind: "PNS", Grade: "III/a", Verified: true}},
	} {
		t.Run(name, func(t *testing.T) {
			r := parse(t, c.text)
			if len(r.Entries) != 1 || r.Entries[0].Person != c.want {
				t.Errorf("got %+v\n%+v\nproblems %+v\nwant %+v", r.Entries, r.Tables, r.Problems, c.want)
			}
		})
	}
	_, err := Parse([]Sheet{table("Rekap | Jumlah\nPNS | 12")}, time.Time{})
	if codeOf(err) != CodeNoHeader {
		t.Errorf("a file without people: %v", err)
	}
}

func TestParseEarlierNumber(t *testing.T) {
	r := parse(t, `
Nama | NIP | NIP Lama
Sri | 199001012015032999 | 199001012019212998
Adi | 199001012015031998 | 131234567
Edi | 199001012015031997 | apa saja`)
	if got := r.Entries[0].Previous; got != "199001012019212998" {
		t.Errorf("earlier number %q", got)
	}
	if e := r.Entries[1]; e.Previous != "" || slices.Contains(e.Warn, WarnOldNIP) {
		t.Errorf("the 9-digit NIP is history of nobody's concern: %+v", e)
	}
	if e := r.Entries[2]; !slices.Contains(e.Warn, WarnOldNIP) {
		t.Errorf("no warning: %+v", e)
	}
}

func TestSplitTitles(t *testing.T) {
	for in, want := range map[string][3]string{
		"Dr. Sri Wahyuni, S.Sos., M.Si.":  {"Dr.", "Sri Wahyuni", "S.Sos., M.Si."},
		"SRI WAHYUNI":                     {"", "SRI WAHYUNI", ""},
		"Suharto":                         {"", "Suharto", ""},
		"M. Noor":                         {"", "M. Noor", ""},
		"H. M. Noor, SE, MM":              {"H.", "M. Noor", "SE, MM"},
		"Drs. H. Ahmad Yani M.Pd":         {"Drs. H.", "Ahmad Yani", "M.Pd"},
		"dr. Ni Luh Sari, Sp.PD(K)":       {"dr.", "Ni Luh Sari", "Sp.PD(K)"},
		"Prof. Dr. Ir. Budi, M.Sc., Ph.D": {"Prof. Dr. Ir.", "Budi", "M.Sc., Ph.D"},
		"I Nyoman Sudira":                 {"", "I Nyoman Sudira", ""},
		"Yulianto, A.Md.Kep":              {"", "Yulianto", "A.Md.Kep"},
		"Ir. Soekarno":                    {"Ir.", "Soekarno", ""},
		"Apt. Rina, S.Farm":               {"Apt.", "Rina", "S.Farm"},
		"Wahyuni, Sri":                    {"", "Wahyuni, Sri", ""},
		"Siti Aminah, S. Pd":              {"", "Siti Aminah", "S. Pd"},
		"Irwan":                           {"", "Irwan", ""},
		"Dra. Hj. Nurul S.Pd.I":           {"Dra. Hj.", "Nurul", "S.Pd.I"},
		"Lies Ariany, SST, M.Keb":         {"", "Lies Ariany", "SST, M.Keb"},
	} {
		f, n, b := SplitTitles(in)
		if got := [3]string{f, n, b}; got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestGradeOf(t *testing.T) {
	for in, want := range map[string]string{
		"III/a": "III/a", "iii a": "III/a", "IIIA": "III/a", "III / d": "III/d", "Penata Muda (III/a)": "III/a",
		"Penata Muda Tingkat I, III/b": "III/b", "Penata Muda Tk.I": "III/b", "Pembina Utama": "IV/e", "Golongan IX": "IX", "IX": "IX",
		"II.c": "II/c", "Pengatur - II/c": "II/c",
	} {
		if got, known := gradeOf(in, ""); got != want || !known {
			t.Errorf("%q: %q %v, want %q", in, got, known, want)
		}
	}
	if got, known := gradeOf("Eselon", ""); got != "Eselon" || known {
		t.Errorf("unknown grade: %q %v", got, known)
	}
	if got, known := gradeOf("", "Penata"); got != "III/c" || !known {
		t.Errorf("rank alone: %q %v", got, known)
	}
}

// TestParseAnything: whatever the cells hold, each row of data is an entry, a double or a problem; numbers are whole
// and stand once.
func TestParseAnything(t *testing.T) {
	junk := rapid.SampledFrom([]string{"", "-", "NIP", "Nama", "199001012015032999", "19900101 201503 2 998", "1,99E+17", "Sri", "Dr. Adi, SE", "1", "III/a", "\u200b", "=1+1", "Jumlah", "'"})
	rapid.Check(t, func(t *rapid.T) {
		s := Sheet{Rows: []SheetRow{{1, []string{"No", "Nama", "NIP", "Gol"}}}}
		for i := range rapid.IntRange(0, 30).Draw(t, "rows") {
			s.Rows = append(s.Rows, SheetRow{i + 2, rapid.SliceOfN(junk, 1, 5).Draw(t, "cells")})
		}
		r, err := Parse([]Sheet{s}, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(r.Entries) + len(r.Problems) + r.Doubles; n != r.Tables[0].Rows {
			t.Fatalf("%d rows became %d", r.Tables[0].Rows, n)
		}
		seen := map[string]bool{}
		for _, e := range r.Entries {
			if !shape.MatchString(e.Person.NIP) || seen[e.Person.NIP] || e.Person.Name == "" {
				t.Fatalf("entry %+v", e)
			}
			seen[e.Person.NIP] = true
		}
	})
}
