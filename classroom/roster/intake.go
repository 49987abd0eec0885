package roster

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"betang/classroom"
)

// portion is how many people one look-up and one transaction take: a live event's own writes go in between.
const portion = 500

// Known is where people already stand; classroom/store is one.
type Known interface {
	// PeopleByNIP finds who has, or had, each number. Numbers nobody has are left out.
	PeopleByNIP(ctx context.Context, nips []string) (map[string]classroom.Person, error)
}

// Keeper takes people in; classroom/store is one.
type Keeper interface {
	// SaveListed keeps people as the list of an event ("": of none) has them.
	SaveListed(ctx context.Context, event classroom.EventID, people []classroom.Person) error
	// Invite puts people on an event's list; those on it stay.
	Invite(ctx context.Context, event classroom.EventID, people []classroom.PersonID) error
}

// Plan is what taking a file in would do.
type Plan struct {
	New, Changed, Same int
	Warn               map[string]int // how many rows have each warning
	Problems           []Problem      // of the report, and what only shows against the people known
	Samples            []Sample       // the first rows, for the preview

	save    []classroom.Person // new and changed
	earlier []classroom.Person // new people under their earlier number, to be saved before
	all     []classroom.PersonID
}

// Sample is a row as it would be taken in.
type Sample struct {
	Row    int
	Person classroom.Person
	State  string // "new", "changed" or "same"
	Warn   []string
}

const samples = 20

// WarnOldNumber says that the file has a number of somebody who has another one by now; the present one stays.
const WarnOldNumber = "roster_warn_old_number"

// People is how many people the file names.
func (p *Plan) People() int { return len(p.all) }

// NewPlan compares a report with the people known. newID makes an id for somebody new, of whom only the number is known to be theirs. progress, which may be nil,
// is told how many entries are compared.
func NewPlan(ctx context.Context, r Report, known Known, newID func(nip string) classroom.PersonID, progress func(done, total int)) (*Plan, error) {
	p := &Plan{Warn: map[string]int{}, Problems: slices.Clone(r.Problems)}
	taken := map[classroom.PersonID]int{} // -> row
	done := 0
	for part := range slices.Chunk(r.Entries, portion) {
		var nips []string
		for _, e := range part {
			nips = append(nips, e.Person.NIP)
			if e.Previous != "" {
				nips = append(nips, e.Previous)
			}
		}
		have, err := known.PeopleByNIP(ctx, nips)
		if err != nil {
			return nil, err
		}
		for _, e := range part {
			p.take(e, have, taken, newID)
		}
		if done += len(part); progress != nil {
			progress(done, len(r.Entries))
		}
	}
	slices.SortStableFunc(p.Problems, func(a, b Problem) int { return cmp.Or(cmp.Compare(a.Sheet, b.Sheet), cmp.Compare(a.Row, b.Row)) })
	return p, nil
}

func (p *Plan) take(e Entry, have map[string]classroom.Person, taken map[classroom.PersonID]int, newID func(nip string) classroom.PersonID) {
	now, is := have[e.Person.NIP]
	before, was := have[e.Previous]
	if e.Previous == "" {
		was = false
	}
	if is && was && now.ID != before.ID {
		p.refuse(e, CodeClash, 0)
		return
	}
	if !is && was {
		now = before
	}
	if is || was {
		if row, double := taken[now.ID]; double {
			p.refuse(e, CodeDouble, row)
			return
		}
	}
	person, warn, state := e.Person, e.Warn, "new"
	if is || was {
		state = "changed"
		if is && now.NIP != "" && now.NIP != person.NIP && e.Previous != now.NIP {
			person.NIP = now.NIP
			warn = append(warn, WarnOldNumber)
		}
		if now.Verified && !sharesWord(now.Name, person.Name) {
			warn = append(warn, WarnOtherNamed)
		}
		person = merge(now, person)
		if person == now {
			state = "same"
		}
	} else {
		person.ID = newID(person.NIP)
		if e.Previous != "" {
			first := person
			first.NIP = e.Previous
			p.earlier = append(p.earlier, first)
		}
	}
	switch state {
	case "new":
		p.New++
	case "changed":
		p.Changed++
	default:
		p.Same++
	}
	if state != "same" {
		p.save = append(p.save, person)
	}
	taken[person.ID] = e.Row
	p.all = append(p.all, person.ID)
	for _, w := range warn {
		p.Warn[w]++
	}
	if len(p.Samples) < samples {
		p.Samples = append(p.Samples, Sample{e.Row, person, state, warn})
	}
}

func (p *Plan) refuse(e Entry, code string, other int) {
	p.Problems = append(p.Problems, Problem{Sheet: e.Sheet, Row: e.Row, Code: code, Other: other, Cells: e.Cells})
}

// merge gives what the file says, and what was known where the file says nothing.
func merge(known, file classroom.Person) classroom.Person {
	file.ID = known.ID
	for _, f := range []struct{ to, from *string }{
		{&file.Grade, &known.Grade},
		{&file.Position, &known.Position},
		{&file.Unit, &known.Unit},
		{&file.Instansi, &known.Instansi},
		{&file.Region, &known.Region},
	} {
		if *f.to == "" {
			*f.to = *f.from
		}
	}
	// A list without titles does not take them away.
	if file.Front == "" && file.Back == "" && classroom.SearchKey(file.Name) == classroom.SearchKey(known.Name) {
		file.Front, file.Back = known.Front, known.Back
	}
	return file
}

// sharesWord tells whether two names have a word in common.
func sharesWord(a, b string) bool {
	words := map[string]bool{}
	for _, w := range strings.Fields(a) {
		words[classroom.SearchKey(w)] = true
	}
	for _, w := range strings.Fields(b) {
		if words[classroom.SearchKey(w)] {
			return true
		}
	}
	return classroom.SearchKey(a) == classroom.SearchKey(b)
}

// Save makes a plan real, in portions: what is saved stays when a later portion fails, and taking the same file in
// again does the rest. event, if not "", gets everybody of the file on its list. progress may be nil.
func (p *Plan) Save(ctx context.Context, to Keeper, event classroom.EventID, progress func(done, total int)) error {
	total, done := len(p.earlier)+len(p.save), 0
	if event != "" {
		total += len(p.all)
	}
	step := func(n int) {
		if done += n; progress != nil {
			progress(done, total)
		}
	}
	for _, people := range [][]classroom.Person{p.earlier, p.save} {
		for part := range slices.Chunk(people, portion) {
			if err := to.SaveListed(ctx, event, part); err != nil {
				return err
			}
			step(len(part))
		}
	}
	if event == "" {
		return nil
	}
	for part := range slices.Chunk(p.all, portion) {
		if err := to.Invite(ctx, event, part); err != nil {
			return err
		}
		step(len(part))
	}
	return nil
}
