package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"betang/classroom"
	"betang/classroom/papers"
	"betang/classroom/store/query"
)

const (
	pageMost  = 1000    // papers at once
	pageBytes = 4 << 20 // of bodies, after which a page ends: the largest single one is a list of some 20 MB
)

// Papers gives the papers that came to this store after the one of an id, in that order, and whether there are more. If it holds no
// such id, it gives all from the first: another store may have had the name.
func (s *Store) Papers(ctx context.Context, after string) (list []papers.Paper, more bool, err error) {
	ids, err := s.read.PaperIDs(ctx, query.PaperIDsParams{Last: after, Most: pageMost + 1})
	if err != nil {
		return nil, false, fail(err)
	}
	size := 0
	for _, id := range ids {
		if len(list) == pageMost || size > pageBytes {
			return list, true, nil
		}
		p := papers.Paper{ID: id}
		if p.Body, err = s.paperBody(ctx, p); err != nil {
			return nil, false, fail(err)
		}
		size += len(p.Body)
		list = append(list, p)
	}
	return list, false, nil
}

// PapersAfter counts those that Papers would give in all.
func (s *Store) PapersAfter(ctx context.Context, after string) (int, error) {
	n, err := s.read.PapersAfter(ctx, after)
	return int(n), fail(err)
}

func (s *Store) paperBody(ctx context.Context, p papers.Paper) (json.RawMessage, error) {
	kind, event, key, err := p.Parts()
	if err != nil {
		return nil, err
	}
	var body any
	switch kind {
	case papers.KindInvited:
		return nil, nil
	case papers.KindVersion:
		r, err := s.read.Version(ctx, key)
		if err != nil {
			return nil, err
		}
		v := versionOf(r)
		if v.Bases, err = s.read.Bases(ctx, key); err != nil {
			return nil, err
		}
		body = v
	case papers.KindImport:
		at, digest, err := importKey(key)
		if err != nil {
			return nil, err
		}
		i, err := s.read.ImportAt(ctx, query.ImportAtParams{Event: event, At: at, Digest: digest})
		if err != nil {
			return nil, err
		}
		body = papers.Import{At: i.At, Digest: i.Digest, By: i.By, People: i.People, Added: i.Added, Changed: i.Changed, Refused: i.Refused}
	case papers.KindHall:
		digest, err := hex.DecodeString(key)
		if err != nil {
			return nil, err
		}
		f, err := s.read.HallFile(ctx, query.HallFileParams{Event: event, Digest: digest})
		if err != nil {
			return nil, err
		}
		body = papers.Hall{Hall: f.Hall, Type: f.Type, At: f.At, By: f.By, Body: f.Body}
	case papers.KindList:
		l, err := s.Document(ctx, key)
		if err != nil {
			return nil, err
		}
		body = papers.List{Revision: int64(l.Revision), At: l.At, Document: l.Document, Settled: l.Settled}
	}
	return json.Marshal(body)
}

func importKey(key string) (at int64, digest []byte, err error) {
	a, b, _ := strings.Cut(key, "-")
	at, err = strconv.ParseInt(a, 10, 64)
	digest, err2 := hex.DecodeString(b)
	return at, digest, errors.Join(err, err2)
}

// Copied is the id of the last paper that was copied from each source.
func (s *Store) Copied(ctx context.Context) (map[string]string, error) {
	rows, err := s.read.Copied(ctx)
	last := map[string]string{}
	for _, r := range rows {
		last[r.Peer] = r.Last
	}
	return last, fail(err)
}

// TakePapers keeps papers of another origin, and that they came from there up to the last of them: all, or nothing. It is durable on
// return. What is here already changes nothing. The events that they speak of must be known.
func (s *Store) TakePapers(ctx context.Context, peer string, list []papers.Paper) (took papers.Took, err error) {
	now := time.Now().UnixMilli()
	err = s.write(ctx, true, func(ctx context.Context, w *writer) error {
		took = papers.Took{}
		for _, p := range list {
			if err := w.takePaper(ctx, p, now, &took); errors.Is(err, papers.ErrPaper) {
				took.Bad = append(took.Bad, err)
			} else if err != nil {
				return fmt.Errorf("%.80s: %w", p.ID, err)
			}
		}
		if len(took.Missing) > 0 {
			return errMissing
		}
		if len(list) == 0 {
			return nil
		}
		return w.q.PutCopied(ctx, query.PutCopiedParams{Peer: peer, Last: list[len(list)-1].ID})
	})
	if errors.Is(err, errMissing) {
		err = nil
	}
	return took, err
}

var errMissing = errors.New("papers speak of people who are not known")

func (w *writer) takePaper(ctx context.Context, p papers.Paper, now int64, took *papers.Took) error {
	kind, event, key, err := p.Parts()
	if err != nil {
		return err
	}
	read := func(into any) error {
		if err := json.Unmarshal(p.Body, into); err != nil {
			return fmt.Errorf("%w: %.80q: %w", papers.ErrPaper, p.ID, err)
		}
		return nil
	}
	switch kind {
	case papers.KindVersion:
		var v papers.Version
		if err := read(&v); err != nil {
			return err
		}
		if err := v.Check(); err != nil || v.ID != key || v.Event != event {
			return errors.Join(papers.ErrPaper, err)
		}
		return w.takeVersion(ctx, v, now, took)
	case papers.KindInvited:
		if err := w.q.Invite(ctx, query.InviteParams{Event: event, Person: key}); foreignKey(err) {
			took.Missing = append(took.Missing, key)
		} else if err != nil {
			return err
		}
		return nil
	case papers.KindImport:
		var i papers.Import
		if err := read(&i); err != nil {
			return err
		}
		if len(i.Digest) != 32 || key != fmt.Sprintf("%d-%x", i.At, i.Digest) {
			return papers.ErrPaper
		}
		if _, err := w.q.ImportAt(ctx, query.ImportAtParams{Event: event, At: i.At, Digest: i.Digest}); !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		took.New++
		return w.q.SaveImport(ctx, query.SaveImportParams{
			Event: event, At: i.At, Digest: i.Digest, By: i.By, People: i.People, Added: i.Added, Changed: i.Changed, Refused: i.Refused,
		})
	case papers.KindHall:
		var f papers.Hall
		if err := read(&f); err != nil {
			return err
		}
		digest, err := hex.DecodeString(key)
		if err != nil || len(digest) != 32 {
			return papers.ErrPaper
		}
		return w.q.SaveHallFile(ctx, query.SaveHallFileParams{
			Event: event, Digest: digest, Hall: f.Hall, Type: f.Type, At: f.At, By: f.By, Body: f.Body,
		})
	default:
		var l papers.List
		if err := read(&l); err != nil {
			return err
		}
		if _, err := w.q.RatifiedByNumber(ctx, key); !errors.Is(err, sql.ErrNoRows) {
			return err // it is here, or cannot be looked for
		}
		took.New++
		return w.q.SaveDraft(ctx, query.SaveDraftParams{Number: key, Event: event, Revision: l.Revision, At: l.At, Document: l.Document, Settled: l.Settled})
	}
}

func (w *writer) takeVersion(ctx context.Context, v papers.Version, now int64, took *papers.Took) error {
	nip, err := checkBody(v)
	if err != nil {
		return err
	}
	fresh, err := w.putVersion(ctx, v, nip)
	if err != nil || !fresh {
		return err
	}
	took.New++
	heads, err := w.headsOf(ctx, v)
	if err != nil || len(heads) == 0 {
		return err // a later one is here, and its own base is not yet
	}
	if c, clash := papers.ClashOf(heads); clash {
		took.Clashes = append(took.Clashes, c)
	}
	if err := w.settle(ctx, heads[0], now); foreignKey(err) && v.Kind == papers.OfCode {
		took.Missing = append(took.Missing, v.Key)
	} else if unique(err) {
		return fmt.Errorf("%w: version %.40q: %w", papers.ErrPaper, v.ID, err)
	} else if err != nil {
		return err
	}
	return nil
}

// Clashes are the people of an event's list whom two origins changed while they were parted, and nobody since.
func (s *Store) Clashes(ctx context.Context, event classroom.EventID) ([]papers.Clash, error) {
	rows, err := s.read.ListClashes(ctx, string(event))
	if err != nil {
		return nil, fail(err)
	}
	var out []papers.Clash
	for len(rows) > 0 {
		var heads []papers.Version
		for _, r := range rows {
			if r.Key == rows[0].Key {
				heads = append(heads, versionOf(r))
			}
		}
		rows = rows[len(heads):]
		if c, ok := papers.ClashOf(heads); ok {
			out = append(out, c)
		}
	}
	return out, nil
}

// CopyEvent keeps an event that another node told of, unless it is known.
func (s *Store) CopyEvent(ctx context.Context, e classroom.Event) error {
	return s.copyEvent(ctx, e, func(ctx context.Context, w *writer, row query.CopyEventParams) error { return w.q.CopyEvent(ctx, row) })
}

// KeepEvent keeps an event as the origins have it now, in place of an earlier copy. A version of it that is here stays: then this store is
// one of those that make them.
func (s *Store) KeepEvent(ctx context.Context, e classroom.Event) error {
	return s.copyEvent(ctx, e, func(ctx context.Context, w *writer, row query.CopyEventParams) error {
		return w.q.KeepEvent(ctx, query.KeepEventParams(row))
	})
}

func (s *Store) copyEvent(ctx context.Context, e classroom.Event, put func(context.Context, *writer, query.CopyEventParams) error) error {
	if !e.ID.Valid() {
		return classroom.Refuse(classroom.Invalid, "event_invalid")
	}
	policy, err := json.Marshal(e.Policy)
	if err != nil {
		return fail(err)
	}
	return s.write(ctx, false, func(ctx context.Context, w *writer) error {
		return put(ctx, w, query.CopyEventParams{
			ID: string(e.ID), Kind: string(e.Kind), Title: e.Title, Speaker: e.Speaker, Host: e.Host, Place: e.Place,
			StartsAt: e.StartsAt.UnixMilli(), EndsAt: e.EndsAt.UnixMilli(), Policy: string(policy),
		})
	})
}

// CopyPerson keeps a person of whom another node told, in place of an earlier copy, unless a version of them is here. A copy is no version:
// nobody changed anything.
func (s *Store) CopyPerson(ctx context.Context, p classroom.Person) error {
	if p.ID == "" {
		return classroom.Refuse(classroom.Invalid, "person_invalid")
	}
	now := time.Now().UnixMilli()
	return s.write(ctx, false, func(ctx context.Context, w *writer) error {
		known, err := w.q.HasVersion(ctx, query.HasVersionParams{Kind: papers.OfPerson, Key: string(p.ID)})
		if err != nil || known != 0 {
			return err
		}
		return w.writePerson(ctx, p, now)
	})
}
