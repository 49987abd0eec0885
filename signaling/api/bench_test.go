package api

import (
	"fmt"
	"testing"
	"time"

	"betang/classroom"
	"betang/signaling"
)

func BenchmarkVerify(b *testing.B) {
	tokens := testTokens(b, newFakeStore())
	token, err := tokens.Issue(signaling.Claims{ID: NewTokenID(), Event: demo, Role: classroom.RoleParticipant, Person: "p-1", Expires: epoch.Add(time.Hour)})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tokens.Verify(token, epoch); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSearch looks through a kuliah umum of 10,000 people for one.
func BenchmarkSearch(b *testing.B) {
	sheet := classroom.Sheet{}
	for i := range 10_000 {
		p := sri()
		p.Name = fmt.Sprintf("Pegawai Nomor %05d", i)
		sheet.Rows = append(sheet.Rows, classroom.Row{Person: p})
	}
	b.ReportAllocs()
	for b.Loop() {
		if got := pageOf(sheet, epoch, attendanceQuery{Q: "pegawai nomor 09999", Page: 1, Size: 50}); got.Total != 1 {
			b.Fatal(got.Total)
		}
	}
}
