package export

import (
	"fmt"
	"strings"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/roster"
)

// attendanceColumns are those of a daftar hadir in their usual order, and after them, never among them, what an
// auditor needs to do the sum again.
func attendanceColumns() []Column {
	return []Column{
		{Title: "No", Width: 5, Kind: Number},
		{Title: "Nama (dengan gelar)", Width: 26, Wrap: true},
		{Title: "NIP", Width: 20, Kind: Code},
		{Title: "Pangkat/Golongan", Width: 18, Wrap: true},
		{Title: "Jabatan", Width: 18, Wrap: true},
		{Title: "Unit Kerja/Perangkat Daerah", Width: 20, Wrap: true},
		{Title: "Instansi", Width: 19, Wrap: true},
		{Title: "Kabupaten/Kota", Width: 16, Wrap: true},
		{Title: "Jam Masuk", Width: 8, Kind: Clock},
		{Title: "Jam Keluar", Width: 8, Kind: Clock},
		{Title: "Durasi (menit)", Width: 8, Kind: Number},
		{Title: "% Kehadiran", Width: 11, Kind: Number},
		{Title: "Cara Presensi", Width: 14, Wrap: true},
		{Title: "JP", Width: 5, Kind: Number},
		{Title: "Tanda Tangan/Verifikasi", Width: 18, Wrap: true},
		{Title: "Keterangan", Width: 17, Wrap: true},
		{Title: "Durasi (detik)", Width: 9, Kind: Number, Screen: true},
		{Title: "Jeda dijembatani (detik)", Width: 13, Kind: Number, Screen: true},
		{Title: "Soket (detik)", Width: 9, Kind: Number, Screen: true},
		{Title: "Terkirim (detik)", Width: 10, Kind: Number, Screen: true},
		{Title: "Terdekode (detik)", Width: 11, Kind: Number, Screen: true},
		{Title: "Interval kehadiran (WIB)", Width: 44, Screen: true},
	}
}

// Attendance is the daftar hadir of an event, in the order of the sheet.
func Attendance(sheet classroom.Sheet) Table {
	t := Table{Columns: attendanceColumns()}
	for i, row := range sheet.Rows {
		p, r := row.Person, row.Result
		cells := []Cell{
			Whole(i + 1), Text(p.FullName()), Text(p.NIP), Text(roster.GradeName(p.Grade)), Text(p.Position),
			Text(p.Unit), Text(p.Instansi), Text(roster.RegionName(p.Region)), moment(r.First), moment(r.Last),
			Whole(r.Seconds / 60), Whole(r.Percent), Text(method(row)), Whole(r.JP), Text(signature(p)),
			Text(remark(p, r)),
			Whole(r.Seconds), Whole(r.Bridged), Whole(r.SocketSeconds), Whole(r.DeliveredSecs), Whole(r.DecodedSecs),
			Text(intervals(r.Intervals)),
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

// moment is a time in Unix ms, blank for never. What is left of a second is dropped, as in every interval.
func moment(ms int64) Cell {
	if ms == 0 {
		return nil
	}
	return Time(time.UnixMilli(ms).Truncate(time.Second))
}

// method names the levels of proof that any of the credit comes from (DOMAIN section 4.4): A on one's own device, and how
// identity was shown there; B to D in a Ruang Bersama. Rule set 1 knew A alone.
func method(row classroom.Row) string {
	levels := row.Result.Sources.Levels()
	if row.Result.PolicyVersion <= attend.Rule1 || levels == "" && row.Method != "" {
		levels = "A"
	}
	var parts []string
	for _, l := range levels {
		switch l {
		case 'A':
			parts = append(parts, ownDevice(row.Method))
		case 'B':
			parts = append(parts, "B – Ruang Bersama (pindai QR)")
		case 'C':
			parts = append(parts, "C – Ruang Bersama (dicatat PIC)")
		case 'D':
			parts = append(parts, "D – Ruang Bersama (lembar tanda tangan)")
		}
	}
	if row.Result.CorrectedSecs > 0 && len(parts) == 0 { // nothing but the desk's word
		return "Koreksi BPSDM"
	}
	return strings.Join(parts, "; ")
}

func ownDevice(m string) string {
	switch m {
	case "nip":
		return "A – Daring (NIP)"
	case "code":
		return "A – Daring (kode pribadi)"
	case "link":
		return "A – Daring (tautan pribadi)"
	}
	return "A – Daring"
}

// signature stands for the signature of a person whom the roster knows; the others may still sign the paper.
func signature(p classroom.Person) string {
	if p.Verified {
		return "Terverifikasi sistem"
	}
	return ""
}

func remark(p classroom.Person, r attend.Result) string {
	var notes []string
	switch {
	case p.Name == "":
		notes = append(notes, "Tidak ada dalam daftar pegawai")
	case !p.Verified:
		notes = append(notes, "Menunggu verifikasi")
	}
	if r.Meets {
		notes = append(notes, "Memenuhi syarat")
	} else {
		notes = append(notes, "Belum memenuhi syarat")
	}
	if r.CorrectedSecs > 0 {
		notes = append(notes, fmt.Sprintf("Termasuk koreksi %d menit", (r.CorrectedSecs+59)/60))
	}
	if r.VoidedSecs > 0 {
		notes = append(notes, fmt.Sprintf("Dikurangi dengan keputusan %d menit", (r.VoidedSecs+59)/60))
	}
	return strings.Join(notes, "; ")
}

// intervals lists credited presence to the second: "09.00.05–09.45.10; 09.50.00–11.30.00". An interval that goes on
// after midnight names the days.
func intervals(list []attend.Interval) string {
	parts := make([]string, len(list))
	for i, iv := range list {
		from, to := time.UnixMilli(iv.From).In(classroom.WIB), time.UnixMilli(iv.To).In(classroom.WIB)
		layout := "15.04.05"
		if from.YearDay() != to.YearDay() {
			layout = "02/01 15.04.05"
		}
		parts[i] = from.Format(layout) + "–" + to.Format(layout)
	}
	return strings.Join(parts, "; ")
}

var (
	days   = [...]string{"Minggu", "Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu"}
	months = [...]string{
		"Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November",
		"Desember",
	}
)

// date is "24 September 2025" in WIB.
func date(t time.Time) string {
	t = t.In(classroom.WIB)
	return fmt.Sprintf("%d %s %d", t.Day(), months[t.Month()-1], t.Year())
}

// dayAndDate is "Rabu, 24 September 2025" in WIB.
func dayAndDate(t time.Time) string { return days[t.In(classroom.WIB).Weekday()] + ", " + date(t) }

// Moment is "Rabu, 24 September 2025 pukul 12.00 WIB".
func Moment(t time.Time) string { return dayAndDate(t) + " pukul " + hour(t) + " WIB" }

// hour is "09.00" in WIB.
func hour(t time.Time) string { return t.In(classroom.WIB).Format("15.04") }

// sameDay tells whether two times are of one day in WIB.
func sameDay(a, b time.Time) bool {
	return a.In(classroom.WIB).Format(time.DateOnly) == b.In(classroom.WIB).Format(time.DateOnly)
}
