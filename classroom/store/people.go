package store

import (
	"context"
	"slices"
	"time"

	"betang/classroom"
	"betang/classroom/papers"
	"betang/classroom/store/query"
)

// importSize is how many people make an import, which lets others go first.
const importSize = 100

// lookUp is how many people one query asks for; SQLite takes 32,766 parameters.
const lookUp = 500

// SavePeople keeps people, in place of what was known under their ids: all of them, or none on an error. A new NIP
// of a known person becomes the current one, and the old one still finds them. Conflict nip_taken means that a NIP
// belongs, or belonged, to somebody else.
func (s *Store) SavePeople(ctx context.Context, people []classroom.Person) error {
	return s.SaveListed(ctx, "", people)
}

// SaveListed is SavePeople for the list of an event: of two servers that change the same person while they are parted, the
// event's later home goes first.
func (s *Store) SaveListed(ctx context.Context, event classroom.EventID, people []classroom.Person) error {
	for _, p := range people {
		if p.ID == "" {
			return classroom.Refuse(classroom.Invalid, "person_invalid")
		}
	}
	if len(people) == 0 {
		return nil
	}
	now := time.Now().UnixMilli()
	return s.write(ctx, len(people) >= importSize, func(ctx context.Context, w *writer) error {
		for _, p := range people {
			if err := w.writePerson(ctx, p, now); err != nil {
				return err
			}
			v := papers.Version{Kind: papers.OfPerson, Key: string(p.ID), At: now}
			if err := w.change(ctx, v, event, p.NIP, personVersion(p)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *writer) putPerson(ctx context.Context, p classroom.Person) error {
	return w.q.SavePerson(ctx, query.SavePersonParams{
		ID: string(p.ID), Front: p.Front, Name: p.Name, Back: p.Back, Kind: p.Kind, Grade: p.Grade,
		Position: p.Position, Unit: p.Unit, Instansi: p.Instansi, Region: p.Region, Verified: p.Verified,
	})
}

func (w *writer) writePerson(ctx context.Context, p classroom.Person, now int64) error {
	if err := w.putPerson(ctx, p); err != nil {
		return err
	}
	if err := w.q.RetireNIP(ctx, query.RetireNIPParams{Person: string(p.ID), Nip: p.NIP}); err != nil {
		return err
	}
	if p.NIP == "" {
		return nil
	}
	n, err := w.q.SaveNIP(ctx, query.SaveNIPParams{Nip: p.NIP, Person: string(p.ID), Since: now})
	if err != nil {
		return err
	}
	if n == 0 {
		return classroom.Refuse(classroom.Conflict, "nip_taken")
	}
	return nil
}

// Person reads one person; NotFound person_unknown.
func (s *Store) Person(ctx context.Context, id classroom.PersonID) (classroom.Person, error) {
	row, err := s.read.Person(ctx, string(id))
	if err != nil {
		return classroom.Person{}, missing(err, "person_unknown")
	}
	return person(row.Person, row.Nip), nil
}

// PersonByNIP finds the person who has, or had, a NIP of 18 digits; NotFound nip_unknown.
func (s *Store) PersonByNIP(ctx context.Context, nip string) (classroom.Person, error) {
	row, err := s.read.PersonByNIP(ctx, nip)
	if err != nil {
		return classroom.Person{}, missing(err, "nip_unknown")
	}
	return person(row.Person, row.Nip), nil
}

// PeopleByID reads many people. Ids that are unknown are left out.
func (s *Store) PeopleByID(ctx context.Context, ids []classroom.PersonID) (map[classroom.PersonID]classroom.Person, error) {
	people := make(map[classroom.PersonID]classroom.Person, len(ids))
	for portion := range slices.Chunk(ids, lookUp) {
		keys := make([]string, len(portion))
		for i, id := range portion {
			keys[i] = string(id)
		}
		rows, err := s.read.PeopleByID(ctx, keys)
		if err != nil {
			return nil, fail(err)
		}
		for _, row := range rows {
			p := person(row.Person, row.Nip)
			people[p.ID] = p
		}
	}
	return people, nil
}

func person(p query.Person, nip string) classroom.Person {
	return classroom.Person{
		ID: classroom.PersonID(p.ID), NIP: nip, Front: p.Front, Name: p.Name, Back: p.Back, Kind: p.Kind,
		Grade: p.Grade, Position: p.Position, Unit: p.Unit, Instansi: p.Instansi, Region: p.Region,
		Verified: p.Verified,
	}
}
