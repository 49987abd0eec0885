package audit

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"strings"

	"betang/classroom/export"
	"betang/classroom/ratify"
)

// Given is what a list from before it was kept does not say of its papers, and the lambang, of which a list keeps the sum alone.
type Given struct {
	Office export.Office
	URL    string
}

// Verdict is what a paper is.
type Verdict struct {
	List   ratify.List
	Format string // of export.Formats
	Found  []Finding
	Saved  bool // nothing of what it says differs: another program, or another version of this one, wrote the file
}

// ErrKind is a file of no kind that a list is written in.
var ErrKind = errors.New("bukan XLSX, CSV, PDF atau JSON dari Betang (not an XLSX, CSV, PDF or JSON of Betang)")

// kinds are the formats that a file may be in, by how its name ends.
var kinds = map[string][]string{".xlsx": {"xlsx", "siasn"}, ".csv": {"csv"}, ".pdf": {"pdf"}, ".json": {"json"}}

// heads tell the kind of a file whose name does not.
var heads = []struct{ head, kind string }{{"PK", ".xlsx"}, {"%PDF", ".pdf"}, {"{", ".json"}, {"\ufeff", ".csv"}}

// Paper finds the list that a file was made of, and what in the file is not so. The file is the newest of several that it fits
// equally well. The lists come from signed documents that were verified before, the newest last.
func Paper(name string, have []byte, lists []ratify.List, given Given) (Verdict, error) {
	formats := kinds[strings.ToLower(path.Ext(name))]
	for _, h := range heads {
		if formats == nil && bytes.HasPrefix(have, []byte(h.head)) {
			formats = kinds[h.kind]
		}
	}
	if formats == nil || len(lists) == 0 {
		return Verdict{}, ErrKind
	}
	best := Verdict{}
	for i := len(lists) - 1; i >= 0; i-- {
		for _, format := range formats {
			v, err := compare(lists[i], format, have, given)
			if err != nil {
				return Verdict{}, err
			}
			if len(v.Found) == 0 {
				return v, nil
			}
			if best.Format == "" || len(v.Found) < len(best.Found) || v.Saved && !best.Saved && len(v.Found) == len(best.Found) {
				best = v
			}
		}
	}
	best.Found = more(best.Found, 40)
	return best, nil
}

func compare(l ratify.List, format string, have []byte, given Given) (Verdict, error) {
	d := l.Daftar(given.Office, given.URL)
	var made bytes.Buffer
	if err := d.Write(&made, format); err != nil {
		return Verdict{}, err
	}
	v := against(l, d.Layout, format, made.Bytes(), have)
	if o := l.Doc.Manifest.Office; len(v.Found) > 0 && format == "pdf" && o != nil && o.Emblem != "" && len(d.Office.Letterhead.Emblem) == 0 {
		v.Found = []Finding{{
			"dokumen ini dicetak dengan lambang; berikan berkas lambang yang sama (SHA-256 " + o.Emblem + ") dengan --kop-emblem",
			"this paper was printed with an emblem; give the same picture (SHA-256 " + o.Emblem + ") as --kop-emblem",
		}}
	}
	return v, nil
}

// against compares a file with the one that it should be.
func against(l ratify.List, layout func() export.Layout, format string, want, have []byte) Verdict {
	v := Verdict{List: l, Format: format}
	if bytes.Equal(want, have) {
		return v
	}
	switch format {
	case "csv":
		v.Found, v.Saved = compareCSV(l, want, have)
	case "json":
		v.Found, v.Saved = compareJSON(l, want, have)
	case "pdf":
		v.Found = comparePDF(l, layout(), want, have)
	default:
		v.Found, v.Saved = compareXLSX(l, want, have)
	}
	return v
}

// firstDifference is where two files begin to differ.
func firstDifference(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// resaved says that nothing of what is said differs.
func resaved(at int, where string) Finding {
	if where != "" {
		where = ", " + where
	}
	return Finding{
		fmt.Sprintf("isi setiap sel sama dengan yang ditandatangani, tetapi berkasnya bukan yang dibagikan (mulai byte %d%s): disimpan ulang oleh program lain, atau ditulis versi Betang yang lain", at+1, where),
		fmt.Sprintf("every cell says what was signed, but it is not the file that was handed out (from byte %d%s): another program saved it anew, or another version of Betang wrote it", at+1, where),
	}
}
