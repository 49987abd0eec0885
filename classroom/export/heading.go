package export

import (
	"fmt"
	"strings"
	"time"

	"betang/classroom"
)

// Letterhead is the kop: who issues the paper.
type Letterhead struct {
	Government string // "PEMERINTAH PROVINSI KALIMANTAN TENGAH"
	Office     string
	Address    string // one line, may be ""
	Emblem     []byte // lambang, PNG or JPEG, on printed paper; may be nil
}

// Signer signs at the bottom right. Without a name there is a dotted line to write on.
type Signer struct {
	City   string // "Palangka Raya"
	Office string // jabatan
	Name   string // with titles
	Rank   string // "Pembina Utama Muda (IV/c)"
	NIP    string
}

// Line is one fact of the heading: "Tempat", "Aula".
type Line struct{ Label, Value string }

// Heading is what stands around a table on paper. NewHeading fills it; Letterhead and Signer are the office's own
// settings and may be replaced.
type Heading struct {
	Letterhead Letterhead
	Title      string
	Left       []Line
	Right      []Line
	Notice     string // below the title: that the list is not final; may be ""
	Date       string // of the signature
	Signer     Signer
	Seal       Seal
	Created    time.Time // written into the file; fixed by the sheet, so that the bytes are
}

// NewHeading describes an attendance sheet.
func NewHeading(sheet classroom.Sheet) Heading {
	ev := sheet.Event
	h := Heading{
		Letterhead: Letterhead{
			Government: "PEMERINTAH PROVINSI KALIMANTAN TENGAH",
			Office:     "BADAN PENGEMBANGAN SUMBER DAYA MANUSIA",
		},
		Title: "DAFTAR HADIR",
		Left: []Line{
			{"Kegiatan", ev.Title},
			{"Hari/Tanggal", planned(ev)},
			{"Waktu", "pukul " + hour(ev.StartsAt) + "–" + hour(ev.EndsAt) + " WIB"},
		},
		Right: []Line{
			{"Tempat", ev.Place},
			{"Siaran langsung", broadcast(sheet)},
			{"Syarat", classroom.RuleLine(ev.Policy)},
		},
		Date:    date(ev.EndsAt),
		Signer:  Signer{City: "Palangka Raya", Office: "Kepala Badan Pengembangan Sumber Daya Manusia"},
		Created: ev.StartsAt,
	}
	if ev.Speaker != "" {
		h.Left = append(h.Left, Line{"Narasumber", ev.Speaker})
		h.Right = append(h.Right, Line{"Penyelenggara", ev.Host})
	}
	if !sheet.Ended {
		h.Notice = "Data sementara: kegiatan belum berakhir"
		if !sheet.AsOf.IsZero() {
			h.Notice += fmt.Sprintf("; keadaan %s pukul %s WIB", date(sheet.AsOf), hour(sheet.AsOf))
			h.Created = sheet.AsOf
		}
	}
	return h
}

func planned(ev classroom.Event) string {
	if sameDay(ev.StartsAt, ev.EndsAt) {
		return dayAndDate(ev.StartsAt)
	}
	return dayAndDate(ev.StartsAt) + " – " + dayAndDate(ev.EndsAt)
}

// broadcast says when the event was live: what counts as 100 %.
func broadcast(sheet classroom.Sheet) string {
	if len(sheet.Live) == 0 {
		return "belum dimulai"
	}
	live := time.Duration(sheet.Live.Length()) * time.Millisecond
	return fmt.Sprintf("%s WIB (%d menit %d detik)", strings.ReplaceAll(intervals(sheet.Live), "; ", ", "),
		int(live.Minutes()), int(live.Seconds())%60)
}
