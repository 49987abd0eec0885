package roster

import (
	"cmp"
	"slices"
	"strings"

	"betang/classroom"
)

// offices are jabatan in the order of protocol, by what their names begin with or, for an echelon, hold. Rosters have no
// column for the echelon, so it is read off the jabatan; who is not found here comes by golongan.
var offices = [][]string{
	{"gubernur"},
	{"wakil gubernur"},
	{"bupati", "wali kota", "walikota", "penjabat bupati", "penjabat wali kota", "pj. bupati", "pj. wali kota"},
	{"wakil bupati", "wakil wali kota", "wakil walikota"},
	{"eselon i.", "sekretaris daerah"},
	{
		"eselon ii", "asisten pemerintahan", "asisten perekonomian", "asisten administrasi", "asisten bidang", "asisten i", "staf ahli",
		"kepala dinas", "kepala badan", "kepala biro", "kepala satuan", "kepala pelaksana", "inspektur daerah", "inspektur provinsi",
		"inspektur kabupaten", "inspektur kota", "sekretaris dprd", "sekretaris dewan", "direktur rumah sakit", "direktur rsud",
	},
	{"eselon iii", "camat", "sekretaris dinas", "sekretaris badan", "sekretaris inspektorat", "inspektur pembantu", "kepala bagian", "kepala bidang", "wakil direktur"},
	{"eselon iv", "lurah", "sekretaris camat", "sekretaris kecamatan", "kepala sub", "kepala seksi", "kepala uptd", "kepala upt", "kepala puskesmas", "kepala sekolah"},
}

// rankOf is somebody's place by protocol: the smaller, the earlier.
func rankOf(p classroom.Person) int {
	office := strings.ToLower(strings.Join(strings.Fields(p.Position), " "))
	for _, prefix := range []string{"plt. ", "plt ", "plh. ", "plh ", "pj. ", "pj "} {
		office = strings.TrimPrefix(office, prefix)
	}
	for rank, names := range offices {
		for _, name := range names {
			if strings.HasPrefix(office, name) || strings.HasPrefix(name, "eselon") && strings.Contains(office+".", name) {
				return rank
			}
		}
	}
	return len(offices)
}

// gradeRank orders golongan: IV/e before IV/d and so on, then PPPK from XVII down, then who has none.
func gradeRank(code string) int {
	pns, pppk := load().pnsOrder, load().pppkOrder
	if i := slices.Index(pns, code); i >= 0 {
		return len(pns) - i
	}
	if i := slices.Index(pppk, code); i >= 0 {
		return len(pns) + len(pppk) - i
	}
	return len(pns) + len(pppk) + 1
}

// SortByProtocol orders a daftar hadir by protocol: pejabat first, by their office, then golongan, then perangkat daerah
// and name.
func SortByProtocol(rows []classroom.Row) {
	type place struct {
		office, grade    int
		unit, name, last string
		row              classroom.Row
	}
	all := make([]place, len(rows))
	for i, r := range rows {
		p := r.Person
		all[i] = place{rankOf(p), gradeRank(p.Grade), classroom.SearchKey(p.Unit), classroom.SearchKey(p.Name), string(p.ID), r}
	}
	slices.SortFunc(all, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.office, b.office), cmp.Compare(a.grade, b.grade), cmp.Compare(a.unit, b.unit),
			cmp.Compare(a.name, b.name), cmp.Compare(a.last, b.last))
	})
	for i := range all {
		rows[i] = all[i].row
	}
}
