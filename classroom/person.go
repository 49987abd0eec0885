package classroom

import (
	"strings"
	"time"
	"unicode"
)

// WIB is the time of every screen and paper: UTC+7 without summer time (Asia/Pontianak). Storage is in UTC.
var WIB = time.FixedZone("WIB", 7*60*60)

// Person is somebody the roster or an invitation knows. NIP is an attribute, never a key, and text everywhere.
type Person struct {
	ID       PersonID
	NIP      string // 18 digits, or "" for who has none
	Front    string // gelar depan: "Dr."
	Name     string
	Back     string // gelar belakang: "S.Sos., M.Si."
	Kind     string // status_pegawai of kalteng.json: PNS, CPNS, PPPK, PPPK_PW, ...
	Grade    string // golongan: "III/b", "IX", or ""
	Position string // jabatan
	Unit     string // unit kerja or perangkat daerah
	Instansi string // the government that employs: not the place
	Region   string // Kemendagri code of the place of work: "62.02", or ""
	Verified bool   // false: entered by the person at the door, "menunggu verifikasi"
}

// FullName is the name with its titles, as papers print it: "Dr. Sri Wahyuni, S.Sos., M.Si.".
func (p Person) FullName() string {
	name := strings.TrimSpace(p.Front + " " + p.Name)
	if p.Back == "" {
		return name
	}
	return name + ", " + p.Back
}

// SearchKey is what of a text counts when people search and sort: its letters and digits, in lower case.
// "Palangka Raya" and "PALANGKARAYA" have the same key.
func SearchKey(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}
