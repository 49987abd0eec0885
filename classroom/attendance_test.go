package classroom

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"betang/classroom/attend"

	"pgregory.net/rapid"
)

var nine = time.Date(2025, 9, 24, 2, 0, 0, 0, time.UTC) // 09.00 WIB

// minute is m minutes after nine, in ms.
func minute(m int) int64 { return nine.Add(time.Duration(m) * time.Minute).UnixMilli() }

// lecture makes the facts of an event from phases at minutes and people let in at its beginning.
type lecture struct {
	facts []Fact
}

func (l *lecture) add(at int, by Actor, body FactBody) {
	l.facts = append(l.facts, Fact{
		Seq: int64(len(l.facts) + 1), At: nine.Add(time.Duration(at) * time.Minute), By: by, Body: body,
	})
}

func (l *lecture) phase(at int, to Phase) { l.add(at, Actor{Role: RoleOperator}, PhaseSet{To: to}) }

func (l *lecture) admit(at int, id PersonID, session SessionID, method string) {
	l.add(at, Actor{Person: id, Role: RoleParticipant, Session: session}, Admitted{Method: method})
}

func lectureEvent() Event {
	return Event{
		ID: "demo", Kind: Lecture, Title: "Kuliah Umum", StartsAt: nine, EndsAt: nine.Add(2 * time.Hour),
		Policy: attend.DefaultPolicy(),
	}
}

func TestNewSheet(t *testing.T) {
	var l lecture
	l.admit(0, "sri", "s1", "nip")
	l.admit(0, "budi", "s2", "code")
	l.add(1, Actor{Role: RoleGuest, Session: "g"}, Admitted{Method: "guest"})
	l.phase(10, Live)
	l.admit(30, "sri", "s3", "link")
	l.phase(60, Paused)
	l.phase(70, Live)
	l.phase(110, Ended)
	spans := []attend.Span{
		// Sri: two devices at once, 40 minutes of 90, and a socket all the time.
		{Person: "sri", Session: "s1", Class: attend.Delivered, From: minute(20), To: minute(40)},
		{Person: "sri", Session: "s3", Class: attend.Decoded, From: minute(30), To: minute(60)},
		{Person: "sri", Session: "s1", Class: attend.Socket, From: minute(0), To: minute(130)},
		// Budi: there from before the beginning until after the end.
		{Person: "budi", Session: "s2", Class: attend.Delivered, From: minute(0), To: minute(130)},
		// Somebody who is not in the roster any more, and was gone before it began.
		{Person: "x9", Session: "s4", Class: attend.Delivered, From: minute(2), To: minute(8)},
		{Person: "", Session: "g", Class: attend.Delivered, From: minute(0), To: minute(130)},
	}
	people := map[PersonID]Person{
		"sri":  {ID: "sri", Name: "Sri Wahyuni", Unit: "Dinas Pendidikan", Verified: true},
		"budi": {ID: "budi", Name: "Budi", Unit: "Dinas Kesehatan", Verified: true},
		"ani":  {ID: "ani", Name: "Ani"},
	}
	sheet, err := NewSheet(lectureEvent(), l.facts, spans, people)
	if err != nil {
		t.Fatal(err)
	}
	if want := (attend.Window{{From: minute(10), To: minute(60)}, {From: minute(70), To: minute(110)}}); !slices.Equal(sheet.Live, want) {
		t.Errorf("live %v, want %v", sheet.Live, want)
	}
	if !sheet.Ended || !sheet.AsOf.Equal(nine.Add(130*time.Minute)) {
		t.Errorf("ended %v, as of %v", sheet.Ended, sheet.AsOf)
	}
	if len(sheet.Rows) != 3 {
		t.Fatalf("rows %+v", sheet.Rows)
	}
	gone, budi, sri := sheet.Rows[0], sheet.Rows[1], sheet.Rows[2]
	if gone.Person != (Person{ID: "x9"}) || gone.Method != "" || gone.Result.Seconds != 0 || gone.Result.First != 0 || gone.Result.Meets {
		t.Errorf("gone: %+v", gone)
	}
	if r := budi.Result; budi.Person.ID != "budi" || budi.Method != "code" || r.Seconds != 90*60 || r.Percent != 100 || !r.Meets || r.JP != 2 {
		t.Errorf("budi: %+v", budi)
	}
	if r := sri.Result; sri.Person.ID != "sri" || sri.Method != "nip" || r.Seconds != 40*60 || r.Percent != 44 || r.Meets || r.JP != 0 ||
		r.First != minute(20) || r.Last != minute(60) || r.SocketSeconds != 90*60 || r.DeliveredSecs != 20*60 || r.DecodedSecs != 30*60 {
		t.Errorf("sri: %+v", sri)
	}
}

// TestNewSheetRunning: an event that still runs is measured up to what is known, not to a clock.
func TestNewSheetRunning(t *testing.T) {
	var l lecture
	span := attend.Span{Person: "sri", Session: "s", Class: attend.Delivered, From: minute(10), To: minute(30), Open: true}
	people := map[PersonID]Person{"sri": {ID: "sri"}}

	sheet, err := NewSheet(lectureEvent(), nil, nil, nil)
	if err != nil || len(sheet.Rows) != 0 || len(sheet.Live) != 0 || sheet.Ended || !sheet.AsOf.IsZero() {
		t.Errorf("nothing happened: %+v, %v", sheet, err)
	}
	sheet, err = NewSheet(lectureEvent(), nil, []attend.Span{span}, people)
	if err != nil || len(sheet.Rows) != 1 || len(sheet.Live) != 0 || sheet.Rows[0].Result.Percent != 0 {
		t.Errorf("never live: %+v, %v", sheet, err)
	}

	l.phase(10, Live)
	sheet, err = NewSheet(lectureEvent(), l.facts, []attend.Span{span}, people)
	if err != nil || !slices.Equal(sheet.Live, attend.Window{{From: minute(10), To: minute(30)}}) || sheet.Ended || sheet.Rows[0].Result.Percent != 100 {
		t.Errorf("up to the evidence: %+v, %v", sheet, err)
	}
	l.admit(50, "late", "s9", "nip")
	sheet, err = NewSheet(lectureEvent(), l.facts, []attend.Span{span}, people)
	if err != nil || !slices.Equal(sheet.Live, attend.Window{{From: minute(10), To: minute(50)}}) || sheet.Rows[0].Result.Percent != 50 {
		t.Errorf("up to the fact: %+v, %v", sheet, err)
	}
	l.phase(60, Paused)
	sheet, err = NewSheet(lectureEvent(), l.facts, []attend.Span{span}, people)
	if err != nil || !slices.Equal(sheet.Live, attend.Window{{From: minute(10), To: minute(60)}}) || sheet.Ended {
		t.Errorf("paused: %+v, %v", sheet, err)
	}
}

func TestSheetOrder(t *testing.T) {
	var spans []attend.Span
	people := map[PersonID]Person{}
	for id, p := range map[PersonID]Person{
		"1": {Unit: "dinas kesehatan", Instansi: "Kab. B", Name: "ani"},
		"2": {Unit: "Dinas Kesehatan", Instansi: "Kab. A", Name: "Zul"},
		"3": {Unit: "Dinas Kesehatan", Instansi: "Kab. B", Name: "Ana Zed"},
		"4": {Unit: "Dinas Kesehatan", Instansi: "Kab. B", Name: "Anabel"},
		"5": {Unit: "BPSDM", Name: "Sama", Front: "Zr."},
		"6": {Unit: "BPSDM", Name: "Sama", Front: "Ar."},
		"7": {Unit: "Bappeda", Name: "Éva"},
	} {
		p.ID = id
		people[id] = p
		spans = append(spans, attend.Span{Person: string(id), Class: attend.Socket, From: 1, To: 2})
	}
	sheet, err := NewSheet(lectureEvent(), nil, spans, people)
	if err != nil {
		t.Fatal(err)
	}
	var got []PersonID
	for _, r := range sheet.Rows {
		got = append(got, r.Person.ID)
	}
	if want := []PersonID{"7", "5", "6", "2", "4", "3", "1"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestSheetProperties: each person once, whoever was there is in, nobody has more than the live time, and neither
// the order of the spans nor how often the sheet is made changes anything.
func TestSheetProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l lecture
		l.phase(10, Live)
		if rapid.Bool().Draw(t, "ended") {
			l.phase(rapid.IntRange(11, 100).Draw(t, "end"), Ended)
		}
		names := map[string]bool{}
		var spans []attend.Span
		for range rapid.IntRange(0, 20).Draw(t, "spans") {
			from := rapid.IntRange(0, 110).Draw(t, "from")
			sp := attend.Span{
				Person:  rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(t, "person"),
				Session: rapid.SampledFrom([]string{"x", "y"}).Draw(t, "session"),
				Class:   rapid.SampledFrom([]attend.Class{attend.Socket, attend.Delivered, attend.Decoded}).Draw(t, "class"),
				From:    minute(from), To: minute(from + rapid.IntRange(0, 30).Draw(t, "length")),
			}
			names[sp.Person] = sp.Person != ""
			spans = append(spans, sp)
		}
		people := map[PersonID]Person{"a": {ID: "a", Name: "A"}, "b": {ID: "b", Name: "B"}}
		sheet, err := NewSheet(lectureEvent(), l.facts, spans, people)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range sheet.Rows {
			if !names[string(r.Person.ID)] {
				t.Fatalf("%q is in twice, or was never there", r.Person.ID)
			}
			names[string(r.Person.ID)] = false
			if live := sheet.Live.Length(); int64(r.Result.Seconds)*1000 > live {
				t.Fatalf("%d s of %d ms", r.Result.Seconds, live)
			}
		}
		for name, missing := range names {
			if missing {
				t.Fatalf("%q is not in", name)
			}
		}
		again, err := NewSheet(lectureEvent(), l.facts, rapid.Permutation(spans).Draw(t, "order"), people)
		if err != nil || !reflect.DeepEqual(again, sheet) {
			t.Fatalf("got %+v, %v\nthen %+v", sheet, err, again)
		}
	})
}

// shelf is a source that fails where told.
type shelf struct {
	fail  string
	facts []Fact
	spans []attend.Span
	asked []PersonID
}

var errShelf = errors.New("shelf")

func (s *shelf) broken(what string) error {
	if s.fail == what {
		return errShelf
	}
	return nil
}

func (s *shelf) Event(context.Context, EventID) (Event, error) {
	return lectureEvent(), s.broken("event")
}

func (s *shelf) Facts(context.Context, EventID, int64) ([]Fact, error) {
	return s.facts, s.broken("facts")
}

func (s *shelf) Spans(context.Context, EventID) ([]attend.Span, error) {
	return s.spans, s.broken("spans")
}

func (s *shelf) PeopleByID(_ context.Context, ids []PersonID) (map[PersonID]Person, error) {
	s.asked = ids
	return map[PersonID]Person{"sri": {ID: "sri", Name: "Sri"}}, s.broken("people")
}

func TestLoadSheet(t *testing.T) {
	var l lecture
	l.phase(0, Live)
	src := &shelf{facts: l.facts, spans: []attend.Span{
		{Person: "sri", Class: attend.Delivered, From: minute(0), To: minute(9)},
		{Person: "", Class: attend.Socket},
		{Person: "sri", Class: attend.Socket, From: minute(0), To: minute(9)},
	}}
	sheet, err := LoadSheet(t.Context(), src, "demo")
	if err != nil || len(sheet.Rows) != 1 || sheet.Rows[0].Person.Name != "Sri" || sheet.Rows[0].Result.Seconds != 540 {
		t.Errorf("got %+v, %v", sheet, err)
	}
	if !slices.Equal(src.asked, []PersonID{"sri"}) {
		t.Errorf("asked for %v", src.asked)
	}
	for _, what := range []string{"event", "facts", "spans", "people"} {
		src.fail = what
		if _, err := LoadSheet(t.Context(), src, "demo"); !errors.Is(err, errShelf) {
			t.Errorf("%s failed: %v", what, err)
		}
	}
	src.fail, src.facts = "", []Fact{{Seq: 7, Body: PhaseSet{To: Live}}}
	if _, err := LoadSheet(t.Context(), src, "demo"); err == nil {
		t.Error("a journal with a hole made a sheet")
	}
}

func TestFullName(t *testing.T) {
	for want, p := range map[string]Person{
		"Dr. Sri Wahyuni, S.Sos., M.Si.": {Front: "Dr.", Name: "Sri Wahyuni", Back: "S.Sos., M.Si."},
		"Suharto":                        {Name: "Suharto"},
		"Budi, S.T.":                     {Name: "Budi", Back: "S.T."},
		"H. Ali":                         {Front: "H.", Name: "Ali"},
	} {
		if got := p.FullName(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestSearchKey(t *testing.T) {
	for in, want := range map[string]string{
		"Palangka Raya": "palangkaraya", "PALANGKARAYA": "palangkaraya", "S.Sos., M.Si.": "ssosmsi", " É 7\t": "é7", "": "",
	} {
		if got := SearchKey(in); got != want {
			t.Errorf("SearchKey(%q) = %q, want %q", in, got, want)
		}
	}
}
