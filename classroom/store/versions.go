package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/papers"
	"betang/classroom/store/query"
)

// SetTerm notes by which token this node, of that name, became the home of an event: versions that are made here carry it. With no
// event it notes the name alone.
func (s *Store) SetTerm(ctx context.Context, event classroom.EventID, token int64, node string) error {
	return s.write(ctx, false, func(ctx context.Context, w *writer) error {
		return w.q.PutTerm(ctx, query.PutTermParams{Event: string(event), Token: token, Node: node})
	})
}

// SharedBy is the name of the node that serves from here; "" if this server was never one of several.
func (s *Store) SharedBy(ctx context.Context) (node string, err error) {
	term, err := s.read.Term(ctx, "")
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return term.Node, fail(err)
}

// change keeps a new version of something, in place of all that count now. home is the event whose home makes it; "" for
// none. What says nothing new is no version.
func (w *writer) change(ctx context.Context, v papers.Version, home classroom.EventID, nip string, body any) error {
	var err error
	if v.Body, err = json.Marshal(body); err != nil {
		return err
	}
	heads, err := w.headsOf(ctx, v)
	if err != nil {
		return err
	}
	if len(heads) == 1 && papers.Same(heads[0].Body, v.Body) {
		return nil
	}
	term, err := w.q.Term(ctx, string(home))
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	v.ID, v.Token, v.Source = rand.Text(), term.Token, term.Node
	_, err = w.putVersion(ctx, papers.Next(heads, v), nip)
	return err
}

// putVersion keeps a version, which may be here already.
func (w *writer) putVersion(ctx context.Context, v papers.Version, nip string) (fresh bool, err error) {
	n, err := w.q.PutVersion(ctx, query.PutVersionParams{
		ID: v.ID, Kind: v.Kind, Event: v.Event, Key: v.Key, Token: v.Token, At: v.At, Source: v.Source, Nip: nip, Body: string(v.Body),
	})
	if err != nil || n == 0 {
		return false, err
	}
	for _, b := range v.Bases {
		if err := errors.Join(w.q.PutBase(ctx, query.PutBaseParams{ID: v.ID, Base: b}), w.q.Spend(ctx, b)); err != nil {
			return false, err
		}
	}
	return true, nil
}

// headsOf are the versions of what v is one of that no other takes the place of, the one that counts first.
func (w *writer) headsOf(ctx context.Context, v papers.Version) ([]papers.Version, error) {
	rows, err := w.q.VersionHeads(ctx, query.VersionHeadsParams{Kind: v.Kind, Event: v.Event, Key: v.Key})
	heads := make([]papers.Version, len(rows))
	for i, r := range rows {
		heads[i] = versionOf(r)
	}
	return heads, err
}

func versionOf(r query.Version) papers.Version {
	return papers.Version{
		ID: r.ID, Kind: r.Kind, Event: r.Event, Key: r.Key, Token: r.Token, At: r.At, Source: r.Source, Body: json.RawMessage(r.Body),
	}
}

func personVersion(p classroom.Person) papers.Person {
	return papers.Person{
		Front: p.Front, Name: p.Name, Back: p.Back, Kind: p.Kind, Grade: p.Grade, Position: p.Position, Unit: p.Unit,
		Instansi: p.Instansi, Region: p.Region, Verified: p.Verified, NIP: p.NIP,
	}
}

// PersonOf is a person as a version has them.
func PersonOf(v papers.Version) (p classroom.Person, err error) {
	var b papers.Person
	err = json.Unmarshal(v.Body, &b)
	return classroom.Person{
		ID: classroom.PersonID(v.Key), NIP: b.NIP, Front: b.Front, Name: b.Name, Back: b.Back, Kind: b.Kind, Grade: b.Grade,
		Position: b.Position, Unit: b.Unit, Instansi: b.Instansi, Region: b.Region, Verified: b.Verified,
	}, err
}

// checkBody refuses what settle could not bring into the tables, before any of it is kept; nip is a person's.
func checkBody(v papers.Version) (nip string, err error) {
	switch v.Kind {
	case papers.OfEvent:
		var e papers.Event
		var policy attend.Policy
		if err = json.Unmarshal(v.Body, &e); err == nil {
			err = json.Unmarshal(e.Policy, &policy)
		}
		if v.Key != v.Event {
			err = errors.New("an event of another event")
		}
	case papers.OfPerson:
		var p classroom.Person
		p, err = PersonOf(v)
		nip = p.NIP
	case papers.OfCode:
		var b papers.Code
		_, err = hashOf(v, &b, func() string { return b.Hash })
	case papers.OfPIC:
		var b papers.PIC
		_, err = hashOf(v, &b, func() string { return b.Hash })
	}
	if err != nil {
		err = errors.Join(papers.ErrPaper, err)
	}
	return nip, err
}

// settle brings the tables in line with the version that counts. It follows from the versions alone, whatever came first.
func (w *writer) settle(ctx context.Context, v papers.Version, now int64) error {
	switch v.Kind {
	case papers.OfEvent:
		var e papers.Event
		if err := json.Unmarshal(v.Body, &e); err != nil {
			return errors.Join(papers.ErrPaper, err)
		}
		return w.putEvent(ctx, classroom.EventID(v.Key), e)
	case papers.OfPerson:
		return w.settlePerson(ctx, v, now)
	case papers.OfCode:
		var b papers.Code
		hash, err := hashOf(v, &b, func() string { return b.Hash })
		if err != nil {
			return err
		}
		return w.q.SaveCode(ctx, query.SaveCodeParams{Event: v.Event, Person: v.Key, Hash: hash})
	default:
		var b papers.PIC
		hash, err := hashOf(v, &b, func() string { return b.Hash })
		if err != nil {
			return err
		}
		return w.q.SavePIC(ctx, query.SavePICParams{Event: v.Event, ID: v.Key, Name: b.Name, Slice: b.Slice, Hash: hash})
	}
}

func hashOf(v papers.Version, into any, hash func() string) ([]byte, error) {
	if err := json.Unmarshal(v.Body, into); err != nil {
		return nil, errors.Join(papers.ErrPaper, err)
	}
	b, err := hex.DecodeString(hash())
	if err != nil || len(b) != 32 {
		return nil, papers.ErrPaper
	}
	return b, nil
}

// settlePerson does it for a person and every number that they have or had. A number that two people claim is that of the version that
// counts most; the other has none then.
func (w *writer) settlePerson(ctx context.Context, v papers.Version, now int64) error {
	p, err := PersonOf(v)
	if err != nil {
		return errors.Join(papers.ErrPaper, err)
	}
	if err := w.putPerson(ctx, p); err != nil {
		return err
	}
	if err := w.q.RetireNIPs(ctx, v.Key); err != nil {
		return err
	}
	nips, err := w.q.NIPsOf(ctx, v.Key)
	if err != nil {
		return err
	}
	for _, nip := range nips {
		owner, err := w.q.OwnerOfNIP(ctx, nip)
		if err != nil {
			return err
		}
		current := owner == v.Key && nip == p.NIP
		if owner != v.Key {
			heads, err := w.headsOf(ctx, papers.Version{Kind: papers.OfPerson, Key: owner})
			if err != nil || len(heads) == 0 {
				return errors.Join(err, papers.ErrPaper)
			}
			other, err := PersonOf(heads[0])
			if err != nil {
				return err
			}
			current = other.NIP == nip
		}
		if err := w.q.PutNIP(ctx, query.PutNIPParams{Nip: nip, Person: owner, Current: current, Since: now}); err != nil {
			return err
		}
	}
	return nil
}
