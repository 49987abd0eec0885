package export

import (
	"time"

	"betang/classroom"
)

// jenisDiklat is SIASN's kind of training by default; a forum is a meeting and gives none.
var jenisDiklat = map[classroom.EventKind]string{classroom.Lecture: "9", classroom.Class: "3"}

// SIASN is the "Rekap SIASN": what BKN's "Riwayat Diklat/Kursus" wants of everybody who got JP, in its names, dates as
// dd-mm-yyyy and JP as a whole number. Ids that only BKN gives out (pnsOrangId, instansiId) stay blank for the BKPSDM.
func SIASN(sheet classroom.Sheet, by Letterhead) Table {
	t := Table{Columns: []Column{
		{Title: "No", Width: 5, Kind: Number},
		{Title: "NIP", Width: 20, Kind: Code},
		{Title: "Nama", Width: 26, Wrap: true},
		{Title: "Instansi", Width: 26, Wrap: true},
		{Title: "pnsOrangId", Width: 14, Kind: Code},
		{Title: "instansiId", Width: 14, Kind: Code},
		{Title: "jenisDiklatId", Width: 10, Kind: Code},
		{Title: "jenisKursusSertipikat", Width: 12, Kind: Code},
		{Title: "namaKursus", Width: 34, Wrap: true},
		{Title: "institusiPenyelenggara", Width: 26, Wrap: true},
		{Title: "nomorSertipikat", Width: 18, Kind: Code},
		{Title: "tahunKursus", Width: 9, Kind: Number},
		{Title: "tanggalKursus", Width: 12, Kind: Code},
		{Title: "tanggalSelesaiKursus", Width: 12, Kind: Code},
		{Title: "jumlahJam", Width: 9, Kind: Number},
		{Title: "path", Width: 18, Kind: Code},
	}}
	ev := sheet.Event
	host := ev.Host
	if host == "" {
		host = by.Office
	}
	day := func(at time.Time) Text { return Text(at.In(classroom.WIB).Format("02-01-2006")) }
	for _, row := range sheet.Rows {
		if row.Result.JP == 0 || row.Person.NIP == "" {
			continue
		}
		p := row.Person
		t.Rows = append(t.Rows, []Cell{
			Whole(len(t.Rows) + 1), Text(p.NIP), Text(p.FullName()), Text(p.Instansi), nil, nil, Text(jenisDiklat[ev.Kind]), nil,
			Text(ev.Title), Text(host), nil, Whole(ev.StartsAt.In(classroom.WIB).Year()), day(ev.StartsAt), day(ev.EndsAt),
			Whole(row.Result.JP), nil,
		})
	}
	return t
}

func siasnHeading(h Heading) Heading {
	h.Title = "REKAP SIASN"
	return h
}
