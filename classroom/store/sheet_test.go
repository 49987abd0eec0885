package store

import (
	"testing"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
)

var _ classroom.AttendanceSource = (*Store)(nil)

// TestSheet: the attendance of a running event, read beside the server that writes it.
func TestSheet(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	must(t, s.SaveEvent(t.Context(), demoEvent(demo)))
	must(t, s.SavePeople(t.Context(), []classroom.Person{sri()}))
	room := classroom.NewRoom(demoEvent(demo))
	say := func(at time.Time, by classroom.Actor, cmd classroom.Command) {
		t.Helper()
		facts, err := room.Apply(at, by, cmd)
		must(t, err)
		must(t, s.Append(t.Context(), demo, facts))
	}
	say(begin, classroom.Actor{Role: classroom.RoleOperator, Session: "op"}, classroom.SetPhase{To: classroom.Live})
	say(begin, classroom.Actor{Person: "p1", Role: classroom.RoleParticipant, Session: "s1"}, classroom.Admit{Method: "nip"})
	from := begin.UnixMilli()
	must(t, s.SaveSpans(t.Context(), demo, []attend.Span{
		{Person: "p1", Session: "s1", Class: attend.Delivered, From: from, To: from + 90_500, Open: true},
		{Person: "p1", Session: "s1", Class: attend.Socket, From: from, To: from + 181_000, Open: true},
		{Person: "", Session: "g", Class: attend.Delivered, From: from, To: from + 100_000},
	}))

	ro := openReadOnly(t, dir)
	sheet, err := classroom.LoadSheet(t.Context(), ro, demo)
	must(t, err)
	if len(sheet.Rows) != 1 || sheet.Ended || sheet.Live.Length() != 181_000 {
		t.Fatalf("got %+v", sheet)
	}
	row := sheet.Rows[0]
	if r := row.Result; row.Person != sri() || row.Method != "nip" || r.Seconds != 90 || r.SocketSeconds != 181 || r.Percent != 50 {
		t.Errorf("got %+v", row)
	}
	_, err = classroom.LoadSheet(t.Context(), ro, "nope")
	refused(t, err, classroom.NotFound, "event_unknown")
}
