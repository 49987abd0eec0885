package classroom

import (
	"cmp"
	"context"
	"slices"
	"time"

	"betang/classroom/attend"
)

// Row is one person of a daftar hadir.
type Row struct {
	Person Person // only the ID, if the person is not in the roster any more
	Result attend.Result
	Method string // how the person was first let in: "nip", "code" or "link"; "" if the journal does not say
	Checks CheckTally
}

// Sheet is the attendance of one event as the evidence so far gives it.
type Sheet struct {
	Event Event
	Rows  []Row         // everybody with any evidence, each once, by perangkat daerah, then name
	Live  attend.Window // when the event was live; of one still running, up to the last that is known
	Ended bool          // nothing will be added
	AsOf  time.Time     // of the last fact or evidence, UTC; zero if there is none

	Ceremony []attend.Interval // stretches of Live that are ceremony by the rundown
}

// Held is when the event was held, for credit.
func (s Sheet) Held() attend.Held { return attend.Held{Live: s.Live, Ceremony: s.Ceremony} }

// AttendanceSource is where LoadSheet reads; classroom/store is one. PeopleByID leaves out ids it does not know.
type AttendanceSource interface {
	Event(ctx context.Context, id EventID) (Event, error)
	Facts(ctx context.Context, id EventID, after int64) ([]Fact, error)
	Spans(ctx context.Context, id EventID) ([]attend.Span, error)
	PeopleByID(ctx context.Context, ids []PersonID) (map[PersonID]Person, error)
}

// LoadSheet reads an event's attendance. NotFound event_unknown if there is no such event.
func LoadSheet(ctx context.Context, src AttendanceSource, id EventID) (Sheet, error) {
	ev, err := src.Event(ctx, id)
	if err != nil {
		return Sheet{}, err
	}
	// Spans before facts: a later fact at worst lengthens the window, and no span is newer than the window's end.
	spans, err := src.Spans(ctx, id)
	if err != nil {
		return Sheet{}, err
	}
	facts, err := src.Facts(ctx, id, 0)
	if err != nil {
		return Sheet{}, err
	}
	people, err := src.PeopleByID(ctx, Present(facts, spans))
	if err != nil {
		return Sheet{}, err
	}
	return NewSheet(ev, facts, spans, people)
}

// NewSheet works out an event's attendance. It is a pure function of its arguments: the same facts and spans give
// the same sheet at any time. Guests, whose spans name nobody, are not in it.
func NewSheet(ev Event, facts []Fact, spans []attend.Span, people map[PersonID]Person) (Sheet, error) {
	room, err := Replay(ev, facts)
	if err != nil {
		return Sheet{}, err
	}
	asOf := lastKnown(facts, spans)
	spans = room.evidence(asOf, spans)
	held := room.Held(asOf)
	sheet := Sheet{Event: room.Event(), Live: held.Live, Ceremony: held.Ceremony, Ended: room.Phase() == Ended, AsOf: asOf}

	methods := firstMethods(facts)
	of := map[PersonID][]attend.Span{}
	for _, sp := range spans {
		of[PersonID(sp.Person)] = append(of[PersonID(sp.Person)], sp)
	}
	for _, id := range Present(facts, spans) {
		p, ok := people[id]
		if !ok {
			p.ID = id // somebody was there, whatever became of the roster
		}
		sheet.Rows = append(sheet.Rows, Row{
			Person: p, Result: attend.Credit(sheet.Event.Policy, held, of[id]), Method: methods[id],
			Checks: room.Checks(id),
		})
	}
	sortRows(sheet.Rows)
	return sheet, nil
}

// Evidence is all that credit takes in of an event: the recorded spans of people, what marks in halls are worth, and what
// the correction desk granted. It is a pure function of what is stored, so that a signed list can be held against it.
func Evidence(ev Event, facts []Fact, spans []attend.Span) ([]attend.Span, error) {
	room, err := Replay(ev, facts)
	if err != nil {
		return nil, err
	}
	return room.evidence(lastKnown(facts, spans), spans), nil
}

// Present lists the persons with any evidence, mark or grant, ascending by id. A mark may turn out to be worth nothing:
// that person is on the list all the same, for somebody to look at.
func Present(facts []Fact, spans []attend.Span) []PersonID {
	var ids []PersonID
	for _, sp := range spans {
		if _, isHall := PersonID(sp.Person).Hall(); sp.Person != "" && !isHall {
			ids = append(ids, PersonID(sp.Person))
		}
	}
	contested := map[CorrectionID]PersonID{}
	for _, f := range facts {
		switch b := f.Body.(type) {
		case HallMarked:
			ids = append(ids, b.Person)
		case Contested:
			contested[b.Correction] = f.By.Person
		case Decided:
			if b.Granted {
				ids = append(ids, contested[b.Correction])
			}
		case Corrected:
			contested[b.Correction] = b.Person
			if !b.Void {
				ids = append(ids, b.Person)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// lastKnown is the time of the last fact or evidence.
func lastKnown(facts []Fact, spans []attend.Span) time.Time {
	var last time.Time
	if n := len(facts); n > 0 {
		last = facts[n-1].At
	}
	for _, sp := range spans {
		if to := time.UnixMilli(sp.To); to.After(last) {
			last = to
		}
	}
	if last.IsZero() {
		return last
	}
	return last.UTC()
}

// firstMethods tells how each person was let in the first time.
func firstMethods(facts []Fact) map[PersonID]string {
	methods := map[PersonID]string{}
	for _, f := range facts {
		body, ok := f.Body.(Admitted)
		if !ok || f.By.Person == "" {
			continue
		}
		if _, known := methods[f.By.Person]; !known {
			methods[f.By.Person] = body.Method
		}
	}
	return methods
}

// sortRows orders by perangkat daerah, then the government it belongs to, then name; the id settles namesakes.
func sortRows(rows []Row) {
	type keyed struct {
		unit, instansi, name string
		row                  Row
	}
	all := make([]keyed, len(rows))
	for i, r := range rows {
		all[i] = keyed{SearchKey(r.Person.Unit), SearchKey(r.Person.Instansi), SearchKey(r.Person.Name), r}
	}
	slices.SortFunc(all, func(a, b keyed) int {
		return cmp.Or(cmp.Compare(a.unit, b.unit), cmp.Compare(a.instansi, b.instansi), cmp.Compare(a.name, b.name),
			cmp.Compare(a.row.Person.ID, b.row.Person.ID))
	})
	for i := range all {
		rows[i] = all[i].row
	}
}
