package roster

import (
	"slices"
	"strings"

	"betang/classroom"
)

// headerRows is how far down a header is looked for: below letterhead, title and blank rows.
const headerRows = 60

// headings are the search keys of headers, most telling first: a header belongs to the first field of which it
// holds a key ("whole" fields must be matched whole, because their words stand inside others).
var headings = []struct {
	field Field
	whole bool
	keys  []string
}{
	{fieldRefused, true, []string{"nik", "ktp", "noktp", "nonik", "npwp", "nonpwp", "norekening", "rekening", "norek", "alamat", "alamatrumah", "nohp", "hp", "telepon", "notelp", "nowa", "email", "tempatlahir", "tanggallahir", "tgllahir", "tempattanggallahir", "ttl", "agama", "jeniskelamin", "jk", "lp", "nomorindukkependudukan", "pendidikan", "namaibukandung", "bank", "namabank"}},
	{FieldOldNIP, false, []string{"niplama", "nilama", "nipsebelum", "nomorlama", "nipppklama", "nipterdahulu"}},
	{FieldNameNIP, true, []string{"namanip", "nipnama", "namadannip", "nipdannama", "namanipnippppk", "namanipnipppk", "namalengkapnip", "namapegawainip"}},
	{FieldNIP, true, []string{"nip", "nipbaru", "nippppk", "nipppk", "nipnippppk", "nipnipppk", "nipninpppk", "nipnrp", "nonip", "nomorindukpegawai", "nomorinduk", "nipnipppkbaru", "nipasn", "niasn", "nomorindukpppk", "nipcpns", "nipatauninpppk", "nipataunippppk", "nippns", "nip18digit", "nip18angka"}},
	{FieldFront, false, []string{"gelardepan", "glrdepan", "geldepan"}},
	{FieldBack, false, []string{"gelarbelakang", "glrbelakang", "gelbelakang"}},
	{FieldKind, true, []string{"status", "statuspegawai", "statuskepegawaian", "jenispegawai", "jeniskepegawaian", "statusasn", "kedudukanpegawai", "pnspppk", "jenisasn"}},
	{FieldGrade, true, []string{"gol", "golongan", "golruang", "golonganruang", "goldanruang", "pangkatgol", "pangkatgolongan", "pangkatgolruang", "pangkatgolonganruang", "pangkatgolru", "golru", "pangkatdangolongan", "pangkatdangolonganruang", "golongandanpangkat", "golonganpangkat", "golpangkat", "golonganakhir", "golakhir", "pangkatgolakhir", "kelasgolongan", "pangkatgolonganterakhir"}},
	{FieldRank, true, []string{"pangkat", "namapangkat", "pangkatterakhir", "pangkatakhir"}},
	{FieldPosition, false, []string{"jabatan"}},
	{FieldAgency, false, []string{"perangkatdaerah", "opd", "skpd", "organisasiperangkat", "unitinduk", "unorinduk"}},
	{FieldUnit, false, []string{"unitkerja", "unitorganisasi", "satuankerja", "satker", "unor", "tempatkerja", "tempattugas", "unit", "sekolah", "bidang"}},
	{FieldInstansi, false, []string{"instansi", "pemerintahdaerah", "pemda"}},
	{FieldRegion, false, []string{"kabupaten", "kabkota", "kota", "wilayah", "lokasi", "daerah"}},
	{FieldName, false, []string{"nama"}},
}

// fieldOf tells what a header means; "" for nothing that is wanted.
func fieldOf(header string) Field {
	key := classroom.SearchKey(header)
	if key == "" || len(key) > 60 {
		return ""
	}
	for _, h := range headings {
		for _, k := range h.keys {
			if key == k || !h.whole && strings.Contains(key, k) {
				if h.field == FieldName && nameOfOther(key) {
					return ""
				}
				return h.field
			}
		}
	}
	// "NIP / NI PPPK (18 digit)", "NIP/NIPPPK Pegawai": a header that starts so is the number.
	if strings.HasPrefix(key, "nip") && !strings.Contains(key, "atasan") && !strings.Contains(key, "nama") {
		return FieldNIP
	}
	if strings.Contains(key, "nip") && strings.Contains(key, "nama") {
		return FieldNameNIP
	}
	return ""
}

// nameOfOther tells that a header with "nama" names something else than the person.
func nameOfOther(key string) bool {
	for _, k := range []string{"atasan", "ibu", "bank", "suami", "istri", "anak", "kegiatan", "diklat", "pelatihan", "desa", "kecamatan"} {
		if strings.Contains(key, k) {
			return true
		}
	}
	return false
}

// header is where the columns of a table are.
type header struct {
	index   int // of its last row in Sheet.Rows
	at      map[Field]int
	columns []Column
	refused []string
}

// findHeader looks for the row that names the columns: the first with a number and a name. A heading may take two
// rows ("Gelar" over "Depan" and "Belakang"): then the second completes what the first left open.
func findHeader(s Sheet) (header, bool) {
	for i, row := range s.Rows {
		if i >= headerRows {
			break
		}
		h := readHeader(row.Cells, nil)
		if !h.complete() && i+1 < len(s.Rows) && s.Rows[i+1].No == row.No+1 && len(h.at) > 0 {
			if two := readHeader(row.Cells, s.Rows[i+1].Cells); two.complete() && !holdsNumber(s.Rows[i+1].Cells) {
				two.index = i + 1
				return two, true
			}
		}
		if !h.complete() {
			continue
		}
		h.index = i
		// A second row of headings below, as merged heads have it, adds columns and is no person.
		if i+1 < len(s.Rows) && !holdsNumber(s.Rows[i+1].Cells) {
			if two := readHeader(row.Cells, s.Rows[i+1].Cells); len(two.at) > len(h.at) {
				two.index = i + 1
				return two, true
			}
		}
		return h, true
	}
	return header{}, false
}

func (h header) complete() bool {
	_, nip := h.at[FieldNIP]
	_, name := h.at[FieldName]
	_, both := h.at[FieldNameNIP]
	return both || nip && name
}

// readHeader reads one row of headings, or two of which the upper reaches to the right over empty cells.
func readHeader(upper, lower []string) header {
	h := header{at: map[Field]int{}}
	over := ""
	for i := range max(len(upper), len(lower)) {
		text := cell(upper, i)
		if text != "" {
			over = text
		}
		if lower != nil {
			if sub := cell(lower, i); sub != "" && sub != text {
				if f := fieldOf(sub); f != "" && fieldOf(over+" "+sub) != f && fieldOf(over+" "+sub) != "" || f == "" {
					text = over + " " + sub
				} else {
					text = sub
				}
			}
		}
		f := fieldOf(text)
		if f == "" {
			continue
		}
		if f == fieldRefused {
			if !slices.Contains(h.refused, text) {
				h.refused = append(h.refused, text)
			}
			continue
		}
		if _, taken := h.at[f]; taken {
			continue
		}
		h.at[f] = i
		h.columns = append(h.columns, Column{f, text, i})
	}
	return h
}

// holdsNumber tells whether a row holds something like a NIP: a row of data, then, and no heading.
func holdsNumber(cells []string) bool {
	for _, c := range cells {
		if n := countDigits(c); n >= 9 {
			return true
		}
	}
	return false
}

func countDigits(s string) int {
	n := 0
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			n++
		}
	}
	return n
}

func cell(cells []string, i int) string {
	if i < 0 || i >= len(cells) {
		return ""
	}
	return cells[i]
}
