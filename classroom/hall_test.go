package classroom

import (
	"testing"
	"time"

	"betang/classroom/attend"
)

var (
	pic      = Actor{Role: RolePIC, Link: "l-pic", Name: "Yulius, BKPSDM"}
	picPhone = Actor{Role: RolePIC, Link: "l-pic", Name: "Yulius, BKPSDM", Session: "other phone"}
	otherPIC = Actor{Role: RolePIC, Link: "l-pic-2", Name: "Dewi, Dinkes"}
)

const sheetHash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// A whole morning: a hall of four people, three levels, one PIC without signal for an hour.
func TestRuangBersama(t *testing.T) {
	h := newHall(t)
	min := func(n int) int64 { return h.room.Event().StartsAt.Add(time.Duration(n) * time.Minute).UnixMilli() }
	clock := func(n int) { h.now = time.UnixMilli(min(n)).UTC() }
	h.do(pic, OpenHall{"open-0001", "Aula BKPSDM", "Sampit"})
	if got := h.do(picPhone, OpenHall{"open-0001", "Aula BKPSDM", "Sampit"}); got != "" {
		t.Errorf("opened twice: %s", got)
	}
	h.do(operator, SetPhase{Live})
	clock(10)
	h.do(sri, ScanHall{Entry: "scan-sri-1", Hall: "h1", At: min(10), How: "qr", Device: "d1"})
	h.refuse(budi, ScanHall{Entry: "scan-budi-1", Hall: "h1", Out: true, At: min(10), How: "qr"}, Conflict, "hall_not_in")
	h.refuse(otherPIC, MarkHall{Entry: "mark-0001", Hall: "h1", Person: "p-dewi", At: min(5), How: "list", Reason: "Tanpa ponsel"}, NotAllowed, "hall_other")
	h.refuse(pic, MarkHall{Entry: "mark-0001", Hall: "h1", Person: "p-dewi", At: min(5), How: "list"}, Invalid, "reason_empty")
	h.refuse(pic, MarkHall{Entry: "mark-0001", Hall: "h1", Person: HallPerson("h1"), At: min(5), How: "list", Reason: "Tanpa ponsel"}, Invalid, "hall_person")
	clock(110)
	h.do(sri, ScanHall{Entry: "scan-sri-2", Hall: "h1", Out: true, At: min(110), How: "code"})
	h.do(operator, SetPhase{Ended})
	h.refuse(budi, ScanHall{Entry: "scan-budi-2", Hall: "h1", At: min(110), How: "qr"}, Conflict, "event_ended")

	// The PIC's phone has signal again: what it kept comes in, out of order and twice.
	clock(150)
	out := MarkHall{Entry: "mark-0002", Hall: "h1", Person: "p-dewi", Out: true, At: min(65), How: "card", Reason: "Kartu QR"}
	in := MarkHall{Entry: "mark-0001", Hall: "h1", Person: "p-dewi", At: min(5), How: "list", Reason: "Tanpa ponsel"}
	for range 2 {
		h.do(picPhone, out)
		h.do(picPhone, in)
	}
	h.refuse(pic, MarkHall{Entry: "mark-0003", Hall: "h1", Person: "p-lia", At: min(0), How: "paper", Reason: "Lembar 1"}, Invalid, "hall_file")
	h.do(pic, MarkHall{Entry: "mark-0003", Hall: "h1", Person: "p-lia", At: min(0), How: "paper", Reason: "Lembar 1", File: sheetHash})
	h.do(pic, MarkHall{Entry: "mark-0004", Hall: "h1", Person: "p-lia", Out: true, At: min(110), How: "paper", Reason: "Lembar 1", File: sheetHash})
	h.do(pic, MarkHall{Entry: "mark-0005", Hall: "h1", Person: "p-wrong", At: min(0), How: "list", Reason: "Tanpa ponsel"})
	h.do(pic, StrikeMark{"mark-0005", "Salah pilih nama"})
	h.refuse(otherPIC, StrikeMark{"mark-0001", "Iseng saja"}, NotAllowed, "hall_other")
	h.do(pic, CloseHall{"h1"})

	late := h.room.MarksUntil()
	if want := time.Date(2026, 11, 25, 5, 0, 0, 0, time.UTC); !late.Equal(want) {
		t.Errorf("marks until %v, want noon in WIB the day after: %v", late, want)
	}
	h.now = late.Add(time.Millisecond)
	h.refuse(pic, MarkHall{Entry: "mark-0009", Hall: "h1", Person: "p-late", At: min(5), How: "list", Reason: "Terlambat"}, Conflict, "hall_late")
	if got := h.do(pic, in); got != "" {
		t.Errorf("a mark that is in already, after the deadline: %s", got)
	}

	// The screen had the lecture from minute 2 to 60 and from 61 to 110.
	screen := func(from, to int) attend.Span {
		return attend.Span{Person: string(HallPerson("h1")), Session: "s-screen", Class: attend.Delivered, From: min(from), To: min(to)}
	}
	spans := []attend.Span{screen(2, 60), screen(61, 110)}
	ev := h.room.Event()
	ev.Policy.Earns |= attend.Scanned | attend.Marked | attend.Paper
	sheet, err := NewSheet(ev, h.facts, spans, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := map[PersonID]int{}
	for _, row := range sheet.Rows {
		got[row.Person.ID] = row.Result.Seconds / 60
	}
	// The policy's bridging is shorter than the minute in which the screen had nothing.
	for id, want := range map[PersonID]int{"p-sri": (60 - 10) + (110 - 61), "p-dewi": (60 - 5) + (65 - 61), "p-lia": (60 - 2) + (110 - 61), "p-wrong": 0} {
		have, listed := got[id]
		if !listed || have != want {
			t.Errorf("%s: %d minutes (listed %v), want %d", id, have, listed, want)
		}
	}
	if len(got) != 4 {
		t.Errorf("on the sheet: %v; the screen is nobody", got)
	}
	evidence, err := Evidence(ev, h.facts, spans)
	if err != nil {
		t.Fatal(err)
	}
	classes := map[string]attend.Class{}
	for _, s := range evidence {
		classes[s.Person] |= s.Class
	}
	if classes["p-sri"] != attend.Scanned || classes["p-dewi"] != attend.Marked || classes["p-lia"] != attend.Paper || len(classes) != 3 {
		t.Errorf("classes %v", classes)
	}

	h.checkReplay()
}

func TestHallPerson(t *testing.T) {
	if id, ok := HallPerson("h12").Hall(); !ok || id != "h12" {
		t.Error(id, ok)
	}
	if _, ok := PersonID("p-hall:1").Hall(); ok {
		t.Error("a person is taken for a hall")
	}
}
