package store

import (
	"testing"
	"time"

	"betang/classroom"
)

// An office's later report takes the place of its earlier one, whatever the case of its letters; another event's are
// its own, and one that does not exist takes none.
func TestReadiness(t *testing.T) {
	s := open(t, t.TempDir())
	must(t, s.SaveEvent(t.Context(), demoEvent(demo)))
	at := time.UnixMilli(1_790_000_000_000).UTC()
	r := classroom.Readiness{
		At: at, Region: "62.02", Unit: "Dinas Kesehatan", Verdict: classroom.ReadySaving, Socket: true, TCP: true, Kbps: 300, Loss: 12,
		RTT: 640, Mic: true,
	}
	must(t, s.SaveReadiness(t.Context(), demo, r))
	r.At, r.Unit, r.Verdict, r.UDP = at.Add(time.Hour), "DINAS KESEHATAN", classroom.ReadyWell, true
	must(t, s.SaveReadiness(t.Context(), demo, r))
	r.Times = 2
	other := r
	other.Region, other.Times = "62.01", 1
	must(t, s.SaveReadiness(t.Context(), demo, other))
	got, err := s.Readiness(t.Context(), demo)
	must(t, err)
	if len(got) != 2 || got[0] != other || got[1] != r {
		t.Errorf("%+v", got)
	}
	if err := s.SaveReadiness(t.Context(), "nosuch", r); classroom.KindOf(err) != classroom.NotFound {
		t.Errorf("of no event: %v", err)
	}
}
