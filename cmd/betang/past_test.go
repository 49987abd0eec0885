package main

import (
	"testing"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/store"
)

// past writes into a data folder what a server would have left there: an event of two hours and what happened in it.
type past struct {
	t     *testing.T
	st    *store.Store
	ev    classroom.Event
	room  *classroom.Room
	start time.Time
	now   time.Time
	facts []classroom.Fact // not kept yet
}

// pastLecture plans a lecture in a folder; end closes it.
func pastLecture(t *testing.T, dir string, ev classroom.Event) *past {
	t.Helper()
	ev.Kind, ev.EndsAt, ev.Policy = classroom.Lecture, ev.StartsAt.Add(2*time.Hour), attend.DefaultPolicy()
	p := &past{t: t, st: openStore(t, dir), ev: ev, room: classroom.NewRoom(ev), start: ev.StartsAt, now: ev.StartsAt}
	p.must(p.st.SaveEvent(t.Context(), ev))
	return p
}

// pastOperator is who leads a past lecture.
var pastOperator = classroom.Actor{Role: classroom.RoleOperator, Session: "op"}

// do has somebody do something now.
func (p *past) do(by classroom.Actor, cmd classroom.Command) {
	p.t.Helper()
	facts, err := p.room.Apply(p.now, by, cmd)
	p.must(err)
	p.facts = append(p.facts, facts...)
}

// keep writes what was done so far into the journal.
func (p *past) keep() {
	p.t.Helper()
	p.must(p.st.Append(p.t.Context(), p.ev.ID, p.facts))
	p.facts = nil
}

// end ends the lecture as planned and closes the folder.
func (p *past) end() {
	p.t.Helper()
	p.now = p.ev.EndsAt
	p.do(pastOperator, classroom.SetPhase{To: classroom.Ended})
	p.keep()
	p.must(p.st.Close())
}

func (p *past) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// openStore opens a data folder; the caller closes it.
func openStore(t *testing.T, dir string) *store.Store {
	t.Helper()
	st, err := store.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return st
}
