package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"betang/classroom"
	"betang/classroom/papers"
	"betang/classroom/roster"
	"betang/classroom/store/query"
)

// PeopleByNIP finds who has, or had, each number. Numbers nobody has are left out.
func (s *Store) PeopleByNIP(ctx context.Context, nips []string) (map[string]classroom.Person, error) {
	people := make(map[string]classroom.Person, len(nips))
	for portion := range slices.Chunk(nips, lookUp) {
		rows, err := s.read.PeopleByNIP(ctx, portion)
		if err != nil {
			return nil, fail(err)
		}
		for _, row := range rows {
			people[row.Asked] = person(row.Person, row.Nip)
		}
	}
	return people, nil
}

// Invite puts people on an event's list; who is on it stays. NotFound event_unknown if the event, or one of the
// people, does not exist, and then nobody is put on it.
func (s *Store) Invite(ctx context.Context, event classroom.EventID, people []classroom.PersonID) error {
	if len(people) == 0 {
		return nil
	}
	return s.write(ctx, len(people) >= importSize, func(ctx context.Context, w *writer) error {
		for _, p := range people {
			err := w.q.Invite(ctx, query.InviteParams{Event: string(event), Person: string(p)})
			if foreignKey(err) {
				return classroom.Refuse(classroom.NotFound, "event_unknown")
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// SaveImport records that a list was taken in, now.
func (s *Store) SaveImport(ctx context.Context, i roster.Import) error {
	now := time.Now().UnixMilli()
	return s.write(ctx, false, func(ctx context.Context, w *writer) error {
		return w.q.SaveImport(ctx, query.SaveImportParams{
			Event: string(i.Event), At: now, Digest: i.Digest[:], By: i.By,
			People: int64(i.People), Added: int64(i.Added), Changed: int64(i.Changed), Refused: int64(i.Refused),
		})
	})
}

// RosterUnits lists the units of an event's list, by name.
func (s *Store) RosterUnits(ctx context.Context, event classroom.EventID) ([]roster.Unit, error) {
	rows, err := s.read.RosterUnits(ctx, string(event))
	if err != nil {
		return nil, fail(err)
	}
	units := make([]roster.Unit, len(rows))
	for i, r := range rows {
		units[i] = roster.Unit{Name: r.Unit, People: int(r.People), Coded: int(r.Coded)}
	}
	return units, nil
}

// Roster lists who is on an event's list, by unit and name: of one unit, or all of them.
func (s *Store) Roster(ctx context.Context, event classroom.EventID, unit string, all bool) ([]roster.Invited, error) {
	rows, err := s.read.RosterPeople(ctx, query.RosterPeopleParams{Event: string(event), Unit: unit, Every: all})
	if err != nil {
		return nil, fail(err)
	}
	people := make([]roster.Invited, len(rows))
	for i, r := range rows {
		people[i] = roster.Invited{Person: person(r.Person, r.Nip), Coded: r.Coded != 0}
	}
	return people, nil
}

// SaveCodes is SaveCode for many: all of them, or none on an error.
func (s *Store) SaveCodes(ctx context.Context, event classroom.EventID, codes []roster.PersonalCode) error {
	key, err := s.Secret(ctx, codeSecret, sha256.Size)
	if err != nil {
		return err
	}
	now := time.Now().UnixMilli()
	return s.write(ctx, len(codes) >= importSize, func(ctx context.Context, w *writer) error {
		for _, c := range codes {
			code := plainCode(c.Code)
			if code == "" {
				return classroom.Refuse(classroom.Invalid, "code_invalid")
			}
			hash := codeHash(key, event, code)
			err := w.q.SaveCode(ctx, query.SaveCodeParams{Event: string(event), Person: string(c.Person), Hash: hash})
			switch {
			case unique(err):
				return classroom.Refuse(classroom.Conflict, "code_taken")
			case foreignKey(err):
				return classroom.Refuse(classroom.NotFound, "person_unknown")
			case err != nil:
				return err
			}
			v := papers.Version{Kind: papers.OfCode, Event: string(event), Key: string(c.Person), At: now}
			if err := w.change(ctx, v, event, "", papers.Code{Hash: hex.EncodeToString(hash)}); err != nil {
				return err
			}
		}
		return nil
	})
}
