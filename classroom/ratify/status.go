package ratify

import (
	"context"
	"time"

	"betang/classroom"
)

// Status says whether an event's attendance can be ratified now, and what was ratified before.
type Status struct {
	Ended     bool
	Open      int // spans that still grow
	People    int // who would be on the list
	Meets     int
	Pending   int // corrections that wait for a decision
	Decisions int // decisions since the newest list
	Lists     []List
	Voids     map[string]classroom.Voiding // by number, of those that were taken back
	Absent    *classroom.ListRatified      // the newest list, if it was ratified at another server and its document is not here
}

// Status looks at an event.
func (d *Desk) Status(ctx context.Context, id classroom.EventID) (Status, error) {
	g, err := d.gather(ctx, id)
	if err != nil {
		return Status{}, err
	}
	s := Status{Ended: g.sheet.Ended, Open: g.open, People: len(g.sheet.Rows), Voids: voidings(g.facts)}
	for _, r := range g.sheet.Rows {
		if r.Result.Meets {
			s.Meets++
		}
	}
	if s.Lists, err = d.lists(ctx, id); err != nil {
		return Status{}, err
	}
	if absent, lacks := missing(g.facts, heads(s.Lists)); lacks {
		s.Absent = &absent
	}
	since := int64(0)
	if n := len(s.Lists); n > 0 {
		since = s.Lists[n-1].Doc.Manifest.JournalSeq
	}
	waiting := map[classroom.CorrectionID]bool{}
	for _, f := range g.facts {
		switch b := f.Body.(type) {
		case classroom.Contested:
			waiting[b.Correction] = true
		case classroom.Decided:
			delete(waiting, b.Correction)
			if f.Seq > since && len(s.Lists) > 0 {
				s.Decisions++
			}
		case classroom.Corrected:
			if f.Seq > since && len(s.Lists) > 0 {
				s.Decisions++
			}
		}
	}
	s.Pending = len(waiting)
	return s, nil
}

// ByNumber finds a list for the verification page, and the one of its event that counts now: none (Number "") if the
// newest was voided. NotFound number_unknown.
func (d *Desk) ByNumber(ctx context.Context, number string) (list, newest List, err error) {
	if list, err = d.open(ctx, number); err != nil {
		return List{}, List{}, err
	}
	heads, err := d.store.Ratified(ctx, list.Event)
	if err != nil {
		return List{}, List{}, err
	}
	for _, h := range heads {
		if h.Number == number {
			list.Voided = h.Voided // the document never changes and may have been read long ago; this does
		}
	}
	newest, _, err = d.Newest(ctx, list.Event)
	return list, newest, err
}

// Row finds a person in a list; no is 0 for who is not in it.
func (l List) Row(person classroom.PersonID) (no int) {
	for _, r := range l.Doc.Rows {
		if r.Person == string(person) {
			return r.No
		}
	}
	return 0
}

// RatifiedAt is when it was ratified.
func (l List) RatifiedAt() time.Time { return time.UnixMilli(l.At).UTC() }

func heads(lists []List) []classroom.RatifiedList {
	out := make([]classroom.RatifiedList, len(lists))
	for i, l := range lists {
		out[i] = l.RatifiedList
	}
	return out
}
