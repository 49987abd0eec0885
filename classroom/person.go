package classroom

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
