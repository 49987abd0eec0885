package export

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
)

func TestSignSheet(t *testing.T) {
	at := time.Date(2026, 11, 30, 2, 0, 0, 0, time.UTC)
	s := SignSheet{
		Event: classroom.Event{ID: "demo", Title: "Kuliah Umum", StartsAt: at, EndsAt: at.Add(2 * time.Hour), Policy: attend.DefaultPolicy()},
		Hall:  "Aula BKPSDM, Sampit", PIC: "Yulius Sandan, S.P.",
	}
	for i := range 40 {
		s.People = append(s.People, classroom.Person{Name: fmt.Sprintf("Orang Rekaan %d", i), NIP: "199001012015031001", Unit: "Dinas Kesehatan"})
	}
	var a, b bytes.Buffer
	if err := s.Write(&a); err != nil {
		t.Fatal(err)
	}
	if err := s.Write(&b); err != nil || !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Errorf("the same sheet is not the same bytes: %v", err)
	}
	// 46 rows of 9 mm on sheets of 215 mm: at least three pages, each with its own number.
	if pages := bytes.Count(a.Bytes(), []byte("/Type /Page\n")); pages < 3 {
		t.Errorf("%d pages", pages)
	}
}
