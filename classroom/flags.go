package classroom

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"betang/classroom/attend"
	"betang/classroom/halls"
)

// FlagKind names what is odd.
type FlagKind string

// The flags. They inform; people decide. One network address is never one: a hall, an office and a whole mobile
// operator have one.
const (
	FlagDevice    FlagKind = "device"     // one browser came in for several people, each on their own and in no hall
	FlagTwoPlaces FlagKind = "two_places" // one person's devices received the lecture at the same time, in two places
	FlagNoOut     FlagKind = "no_out"     // in a hall without a way out
	FlagTwoHalls  FlagKind = "two_halls"  // in two halls at the same time
	FlagUnchecked FlagKind = "unchecked"  // present all the time, and answered no check of those asked
)

// flagOrder is how they are listed: what weighs most, first.
var flagOrder = []FlagKind{FlagDevice, FlagTwoPlaces, FlagTwoHalls, FlagNoOut, FlagUnchecked}

// twoPlaces is how long two of a person's devices must receive side by side to be told: a reload overlaps for seconds.
const twoPlaces = 2 * time.Minute

// Flag is one odd thing, for somebody to look at.
type Flag struct {
	Kind    FlagKind
	Persons []PersonID // ascending; one but for FlagDevice
	Halls   []HallID   // of FlagNoOut and FlagTwoHalls
	From    int64      // when; 0 for FlagDevice and FlagUnchecked
	Seconds int        // how long, of FlagTwoPlaces and FlagTwoHalls
	Percent int        // of FlagUnchecked
	Missed  int        // of FlagUnchecked: checks
}

// LoadFlags reads an event's attendance and looks for what is odd. NotFound event_unknown if there is no such event.
func LoadFlags(ctx context.Context, src AttendanceSource, id EventID) ([]Flag, error) {
	ev, err := src.Event(ctx, id)
	if err != nil {
		return nil, err
	}
	spans, err := src.Spans(ctx, id)
	if err != nil {
		return nil, err
	}
	facts, err := src.Facts(ctx, id, 0)
	if err != nil {
		return nil, err
	}
	return Flags(ev, facts, spans)
}

// Flags looks for what is odd in an event's attendance. It is a pure function of what is stored, and orders what it
// finds by kind, then time, then person.
func Flags(ev Event, facts []Fact, spans []attend.Span) ([]Flag, error) {
	room, err := Replay(ev, facts)
	if err != nil {
		return nil, err
	}
	asOf := lastKnown(facts, spans)
	stays := room.HallStays(asOf)
	sheet, err := NewSheet(ev, facts, spans, nil)
	if err != nil {
		return nil, err
	}
	out := slices.Concat(
		oneDevice(facts), sideBySide(spans), noOut(room, stays), twoHalls(stays), unchecked(sheet.Rows),
	)
	slices.SortStableFunc(out, func(a, b Flag) int {
		return cmp.Or(cmp.Compare(slices.Index(flagOrder, a.Kind), slices.Index(flagOrder, b.Kind)), cmp.Compare(a.From, b.From),
			slices.Compare(a.Persons, b.Persons))
	})
	return out, nil
}

// oneDevice finds browsers by which several people were let in. A phone that helps its neighbours in a hall is no flag:
// there the hall's screen and its PIC are witnesses.
func oneDevice(facts []Fact) []Flag {
	people := map[string]map[PersonID]struct{}{}
	for _, f := range facts {
		b, ok := f.Body.(Admitted)
		if !ok || b.Device == "" || f.By.Person == "" || f.By.Role != RoleParticipant {
			continue
		}
		if people[b.Device] == nil {
			people[b.Device] = map[PersonID]struct{}{}
		}
		people[b.Device][f.By.Person] = struct{}{}
	}
	var out []Flag
	for _, of := range people {
		if len(of) > 1 {
			out = append(out, Flag{Kind: FlagDevice, Persons: slices.Sorted(maps.Keys(of))})
		}
	}
	return out
}

// sideBySide finds people two of whose sessions received media at the same time for longer than a reload takes.
func sideBySide(spans []attend.Span) []Flag {
	of := map[string][]attend.Span{}
	for _, s := range spans {
		if _, isHall := PersonID(s.Person).Hall(); s.Person != "" && !isHall && s.Class == attend.Delivered {
			of[s.Person] = append(of[s.Person], s)
		}
	}
	var out []Flag
	for person, all := range of {
		if from, ms := overlap(all); ms > twoPlaces.Milliseconds() {
			out = append(out, Flag{Kind: FlagTwoPlaces, Persons: []PersonID{PersonID(person)}, From: from, Seconds: int(ms / 1000)})
		}
	}
	return out
}

// overlap is when, first, and for how long more than one session is in spans. One session's own never overlap.
func overlap(spans []attend.Span) (first, total int64) {
	type edge struct {
		at   int64
		step int
	}
	edges := make([]edge, 0, 2*len(spans))
	for _, s := range spans {
		edges = append(edges, edge{s.From, 1}, edge{s.To, -1})
	}
	slices.SortFunc(edges, func(a, b edge) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.step, b.step)) })
	depth := 0
	var since int64
	for _, e := range edges {
		before := depth
		depth += e.step
		switch {
		case before == 1 && depth == 2:
			since = e.at
		case before == 2 && depth == 1 && e.at > since:
			if total == 0 {
				first = since
			}
			total += e.at - since
		}
	}
	return first, total
}

// noOut finds who came into a hall and never went, once nobody can go any more: the hall closed, or the event ended.
func noOut(room *Room, stays []halls.Stay) []Flag {
	var out []Flag
	for _, s := range stays {
		h, _ := room.Hall(HallID(s.Hall))
		if s.NoOut && (!h.Closed.IsZero() || room.Phase() == Ended) {
			out = append(out, Flag{Kind: FlagNoOut, Persons: []PersonID{PersonID(s.Person)}, Halls: []HallID{HallID(s.Hall)}, From: s.From})
		}
	}
	return out
}

// twoHalls finds people who were in two halls at the same time.
func twoHalls(stays []halls.Stay) []Flag {
	of := map[string][]halls.Stay{}
	for _, s := range stays {
		of[s.Person] = append(of[s.Person], s)
	}
	var out []Flag
	for person, all := range of {
		for i, a := range all {
			for _, b := range all[i+1:] {
				from, to := max(a.From, b.From), min(a.To, b.To)
				if a.Hall == b.Hall || from > to || a.NoIn || b.NoIn {
					continue
				}
				out = append(out, Flag{
					Kind: FlagTwoHalls, Persons: []PersonID{PersonID(person)}, Halls: []HallID{HallID(a.Hall), HallID(b.Hall)},
					From: from, Seconds: int((to - from) / 1000),
				})
			}
		}
	}
	return out
}

// unchecked finds who was present from beginning to end and let every check pass.
func unchecked(rows []Row) []Flag {
	var out []Flag
	for _, r := range rows {
		if r.Result.Percent == 100 && r.Checks.Answered == 0 && r.Checks.Missed > 0 {
			out = append(out, Flag{
				Kind: FlagUnchecked, Persons: []PersonID{r.Person.ID}, Percent: r.Result.Percent, Missed: r.Checks.Missed,
			})
		}
	}
	return out
}
