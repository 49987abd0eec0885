package export

import (
	"fmt"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
)

var nine = time.Date(2025, 9, 24, 2, 0, 0, 0, time.UTC) // 09.00 WIB

// at is h hours, m minutes, s seconds after nine, in ms.
func at(h, m, s int) int64 {
	return nine.Add(time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second).UnixMilli()
}

// demoSheet is a small attendance with everything that has to be shown.
func demoSheet() classroom.Sheet {
	return classroom.Sheet{
		Event: classroom.Event{
			ID: "demo", Kind: classroom.Lecture, Title: "Kuliah Umum \"Huma Betang\" & Pelayanan Publik", Speaker: "Gubernur Kalimantan Tengah",
			Host: "BPSDM Provinsi Kalimantan Tengah", Place: "Daring melalui Betang dan Aula Jayang Tingang",
			StartsAt: nine, EndsAt: nine.Add(150 * time.Minute), Policy: attend.DefaultPolicy(),
		},
		Live:  attend.Window{{From: at(0, 2, 10), To: at(1, 0, 0)}, {From: at(1, 10, 0), To: at(2, 28, 0)}},
		Ended: true,
		AsOf:  nine.Add(149 * time.Minute),
		Rows: []classroom.Row{
			{
				Person: classroom.Person{
					ID: "1", NIP: "199001012015031999", Front: "Dr.", Name: "Sri Wahyuni", Back: "S.Sos., M.Si.", Kind: "PNS",
					Grade: "III/b", Position: "Analis Kebijakan Ahli Muda", Unit: "Badan Kepegawaian Daerah",
					Instansi: "Pemerintah Provinsi Kalimantan Tengah", Region: "62.71", Verified: true,
				},
				Method: "nip",
				Result: attend.Result{
					PolicyVersion: 1, Intervals: []attend.Interval{{From: at(0, 2, 10), To: at(1, 0, 0)}, {From: at(1, 10, 0), To: at(2, 28, 0)}},
					Seconds: 8150, Bridged: 4, LiveSeconds: 8150, Percent: 100, Meets: true, JP: 3, First: at(0, 2, 10), Last: at(2, 28, 0),
					SocketSeconds: 8150, DeliveredSecs: 8146, DecodedSecs: 8101,
				},
			},
			{
				Person: classroom.Person{
					ID: "2", NIP: "199502282022212998", Name: "Budi", Back: "S.Pd.", Kind: "PPPK", Grade: "IX", Position: "Guru Ahli Pertama",
					Unit: "SMA Negeri 1 Sampit; Dinas Pendidikan", Instansi: "Pemerintah Provinsi Kalimantan Tengah", Region: "62.02", Verified: true,
				},
				Method: "code",
				Result: attend.Result{
					PolicyVersion: 1, Intervals: []attend.Interval{{From: at(0, 30, 5) + 900, To: at(1, 0, 0)}},
					Seconds: 1794, LiveSeconds: 8150, Percent: 22, First: at(0, 30, 5) + 900, Last: at(1, 0, 0),
					SocketSeconds: 2000, DeliveredSecs: 1794, DecodedSecs: 1700,
				},
			},
			{
				Person: classroom.Person{
					ID: "3", NIP: "198812122025241997", Name: "=HYPERLINK(\"http://x\";\"Siti\")", Position: "@jabatan", Unit: "+62 \"Unit\"",
					Instansi: "-", Region: "62.06",
				},
				Method: "link",
				Result: attend.Result{PolicyVersion: 1, LiveSeconds: 8150, SocketSeconds: 12},
			},
			{Person: classroom.Person{ID: "4"}, Result: attend.Result{PolicyVersion: 1, LiveSeconds: 8150}},
		},
	}
}

// hallSheet is a full hall of n people.
func hallSheet(n int) classroom.Sheet {
	sheet := demoSheet()
	demo := sheet.Rows[0]
	sheet.Rows = nil
	for i := range n {
		row := demo
		row.Person.Name = fmt.Sprint("Peserta ", i)
		row.Person.NIP = fmt.Sprintf("19900101%04d03%d%03d", 2010+i/1998, 1+i/999%2, 1+i%999)
		sheet.Rows = append(sheet.Rows, row)
	}
	return sheet
}
