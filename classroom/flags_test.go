package classroom

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"betang/classroom/attend"
	"betang/classroom/checks"
)

// odd is an event in which each kind of flag is to be found once, and next to each something that looks like it and
// is none.
func odd(t *testing.T) (h *hall, spans []attend.Span) {
	h = newHall(t)
	min := func(n int) int64 { return h.room.Event().StartsAt.Add(time.Duration(n) * time.Minute).UnixMilli() }
	clock := func(n int) { h.now = time.UnixMilli(min(n)).UTC() }
	person := func(id, session string) Actor {
		return Actor{Role: RoleParticipant, Person: PersonID(id), Session: SessionID(session)}
	}
	received := func(id, session string, from, to int) {
		spans = append(spans, attend.Span{Person: id, Session: session, Class: attend.Delivered, From: min(from), To: min(to)})
	}
	mark := func(entry, hall, id string, out bool, at int) {
		h.do(pic, MarkHall{Entry: entry, Hall: HallID(hall), Person: PersonID(id), Out: out, At: min(at), How: "list", Reason: "Tanpa ponsel"})
	}

	// One browser for two people; another for one person who came back; and phones that tell nothing.
	for i, by := range []Actor{person("a", "s1"), person("b", "s2"), person("c", "s3"), person("c", "s4"), person("d", "s5"), person("e", "s6")} {
		h.do(by, Admit{Method: "nip", Device: []string{"dev-1", "dev-1", "dev-2", "dev-2", "", ""}[i]})
	}
	h.do(Actor{Role: RoleGuest, Session: "s7"}, Admit{Method: "guest", Device: "dev-2"})
	h.do(pic, OpenHall{"open-0001", "Aula", "Sampit"})
	h.do(pic, OpenHall{"open-0002", "Ruang rapat", "Sampit"})
	h.do(operator, SetPhase{Live})

	// Two places for 20 minutes; the other only reloads: 90 seconds side by side.
	received("two", "x1", 0, 60)
	received("two", "x2", 40, 100)
	received("reload", "y1", 0, 60)
	spans = append(spans, attend.Span{Person: "reload", Session: "y2", Class: attend.Delivered, From: min(60) - 90_000, To: min(100)})

	// Present from beginning to end without an answer; with one answer; and away half the time.
	for _, id := range []string{"sleeper", "awake", "away"} {
		received(id, "z-"+id, 0, map[string]int{"away": 50}[id]+map[string]int{"sleeper": 100, "awake": 100}[id])
	}

	clock(60)
	mark("mark-0001", "h1", "noout", false, 5)
	mark("mark-0002", "h1", "fine", false, 5)
	mark("mark-0003", "h1", "both", false, 5)
	mark("mark-0004", "h2", "both", false, 20) // in both from 20 to 40
	mark("mark-0005", "h1", "both", true, 40)
	mark("mark-0006", "h2", "both", true, 50)
	mark("mark-0007", "h1", "moved", false, 5)
	mark("mark-0008", "h1", "moved", true, 20)
	mark("mark-0009", "h2", "moved", false, 25) // went over
	mark("mark-0010", "h2", "moved", true, 50)
	mark("mark-0011", "h1", "fine", true, 55)
	for _, c := range []struct {
		id      string
		outcome string
	}{{"sleeper", checks.Missed}, {"awake", checks.Missed}, {"awake", checks.Answered}, {"away", checks.Missed}} {
		h.do(person(c.id, "z-"+c.id), RecordCheck{N: h.room.Checks(PersonID(c.id)).Next, Outcome: c.outcome, Asked: min(50)})
	}
	clock(100)
	return h, spans
}

func told(flags []Flag) string {
	var out []string
	for _, f := range flags {
		out = append(out, fmt.Sprintf("%s %v %v %ds", f.Kind, f.Persons, f.Halls, f.Seconds))
	}
	return strings.Join(out, "\n")
}

func TestFlags(t *testing.T) {
	h, spans := odd(t)
	find := func() []Flag {
		t.Helper()
		flags, err := Flags(h.room.Event(), h.facts, spans)
		if err != nil {
			t.Fatal(err)
		}
		return flags
	}
	want := `device [a b] [] 0s
two_places [two] [] 1200s
two_halls [both] [h1 h2] 1200s
unchecked [sleeper] [] 0s`
	if got := told(find()); got != want {
		t.Errorf("while the hall is open:\n%s\nwant:\n%s", got, want)
	}
	h.do(operator, SetPhase{Ended})
	want = strings.Replace(want, "unchecked", "no_out [noout] [h1] 0s\nunchecked", 1)
	flags := find()
	if got := told(flags); got != want {
		t.Errorf("when nobody can go out any more:\n%s\nwant:\n%s", got, want)
	}
	if again := find(); !reflect.DeepEqual(flags, again) {
		t.Error("the same facts and evidence give other flags")
	}
}

// A verdict is a fact with a reason and a name. It changes no credit, the last one counts and all stay.
func TestJudgeFlag(t *testing.T) {
	h, spans := odd(t)
	before, err := NewSheet(h.room.Event(), h.facts, spans, nil)
	if err != nil {
		t.Fatal(err)
	}
	flags, err := Flags(h.room.Event(), h.facts, spans)
	if err != nil {
		t.Fatal(err)
	}
	const who = "Kepala Bidang, BPSDM"
	f := flags[0]
	judge := JudgeFlag{f, VerdictAct, "Dipanggil untuk klarifikasi", who}
	h.refuse(operator, judge, NotAllowed, "role")
	h.refuse(bpsdm, JudgeFlag{f, "maybe", "Dipanggil", who}, Invalid, "flag_verdict")
	h.refuse(bpsdm, JudgeFlag{f, VerdictAct, " ", who}, Invalid, "reason_empty")
	h.refuse(bpsdm, JudgeFlag{f, VerdictAct, "Dipanggil", ""}, Invalid, "correction_who")
	h.refuse(bpsdm, JudgeFlag{Flag{Kind: "x", Persons: f.Persons}, VerdictAct, "Dipanggil", who}, NotFound, "flag_unknown")
	if got := h.do(bpsdm, judge); got != "flag.judged" {
		t.Error(got)
	}
	if got := h.do(bpsdm, judge); got != "" {
		t.Errorf("sent twice: %s", got)
	}
	h.do(bpsdm, JudgeFlag{f, VerdictFine, "Suami istri, satu laptop", who})
	said := h.room.Judgements(f.Key())
	if len(said) != 2 || said[0].Verdict != VerdictAct || said[1].Reason != "Suami istri, satu laptop" || said[1].Who != who || said[1].At.IsZero() {
		t.Errorf("said %+v", said)
	}
	after, err := NewSheet(h.room.Event(), h.facts, spans, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(before.Rows, after.Rows) {
		t.Error("a verdict changed somebody's credit")
	}
	for i := range maxVerdicts {
		_, err = h.room.Apply(h.now, bpsdm, JudgeFlag{f, VerdictFine, fmt.Sprintf("Sekali lagi %d", i), who})
	}
	var refused *Error
	if !errors.As(err, &refused) || refused.Code != "flag_many" {
		t.Errorf("judged without end: %v", err)
	}
}

func TestFlagKey(t *testing.T) {
	f := Flag{Kind: FlagDevice, Persons: []PersonID{"a", "b"}}
	more := Flag{Kind: FlagDevice, Persons: []PersonID{"a", "b"}, From: 5, Seconds: 9, Percent: 100, Missed: 2}
	if f.Key() != more.Key() || len(f.Key()) != 24 {
		t.Error("evidence that is added makes another flag")
	}
	seen := map[string]bool{}
	for _, other := range []Flag{
		f,
		{Kind: FlagTwoPlaces, Persons: f.Persons},
		{Kind: FlagDevice, Persons: []PersonID{"a", "b", "c"}},
		{Kind: FlagDevice, Persons: []PersonID{`a" "b`}},
		{Kind: FlagDevice, Persons: f.Persons, Halls: []HallID{"h1"}},
	} {
		if seen[other.Key()] {
			t.Errorf("two flags have one key: %+v", other)
		}
		seen[other.Key()] = true
	}
}

func TestHallLog(t *testing.T) {
	h := newHall(t)
	at := h.now.UnixMilli()
	h.do(pic, OpenHall{"open-0001", "Aula", ""})
	h.do(sri, ScanHall{Entry: "scan-0001", Hall: "h1", At: at, How: "qr"})
	h.do(pic, MarkHall{Entry: "mark-0001", Hall: "h1", Person: "p-budi", At: at, How: "paper", Reason: "Lembar 1", File: sheetHash})
	h.do(bpsdm, StrikeMark{"mark-0001", "Tanda tangan ganda"})
	log := HallLog(h.facts, "h1")
	if len(log) != 2 || log[0].By.Person != "p-sri" || !log[0].Struck.IsZero() {
		t.Fatalf("log %+v", log)
	}
	if e := log[1]; e.By.Name != pic.Name || e.Reason != "Lembar 1" || e.File != sheetHash || e.Why != "Tanda tangan ganda" || e.StruckBy.Role != RoleBPSDM || !e.Taken.Equal(h.now) {
		t.Errorf("paper %+v", e)
	}
	if other := HallLog(h.facts, "h2"); other != nil {
		t.Errorf("another hall's %+v", other)
	}
}
