package export

import "strings"

// Seal is what a paper says of the signed document it was made from; the zero Seal: there is none yet.
type Seal struct {
	Number   string // of the document
	Revision int
	Status   string // "Ditetapkan Rabu, 24 September 2025 pukul 12.00 WIB oleh ..."
	Hash     string // SHA-256 of the signed document, hexadecimal
	Key      string // the public key it is signed with, hexadecimal
	Link     string // of the verification page; ""
}

// line names the document at the foot of each page.
func (s Seal) line() string {
	if s.Number == "" {
		return "Belum ditetapkan"
	}
	return "Dokumen " + s.Number + revision(s.Revision) + " · SHA-256 " + s.Hash
}

func revision(n int) string {
	if n <= 1 {
		return ""
	}
	return ", revisi " + shown(Whole(n))
}

func (s Seal) explain() []string {
	lines := []string{
		"Nomor dokumen: " + s.Number + revision(s.Revision),
		"SHA-256: " + grouped(s.Hash),
		"Kunci publik (Ed25519): " + grouped(s.Key),
	}
	if s.Link != "" {
		lines = append(lines, "Periksa keaslian: pindai kode QR, atau buka "+s.Link)
	}
	return append(lines, "Tanda tangan digital menunjukkan bahwa daftar ini tidak berubah sejak ditetapkan.")
}

// grouped sets a long number in groups of eight, which people can compare and lines can break.
func grouped(hex string) string {
	var parts []string
	for len(hex) > 8 {
		parts = append(parts, hex[:8])
		hex = hex[8:]
	}
	return strings.Join(append(parts, hex), " ")
}
