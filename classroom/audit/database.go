package audit

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"betang/classroom"
	"betang/classroom/proof"
	"betang/classroom/ratify"
)

// Data is a data folder that is read.
type Data interface {
	ratify.Store
	Tables
	Events(ctx context.Context) ([]classroom.Event, error)
	Integrity(ctx context.Context) ([]string, error)
}

// Database names what in a data folder is not as it was written: what SQLite finds, what the journals, the signed lists and the sums
// beside files tell. notes are what may well be right: the roster says something else of somebody than a signed list.
func Database(ctx context.Context, st Data) (found, notes []Finding, err error) {
	own, err := st.Integrity(ctx)
	for _, s := range own {
		found = append(found, Finding{"SQLite: " + s, "SQLite: " + s})
	}
	if err != nil {
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		found = append(found, Finding{"SQLite tidak dapat memeriksa berkas: " + err.Error(), "SQLite cannot check the file: " + err.Error()})
	}
	if err := st.EachRow(ctx, func(r classroom.StoredRow) {
		if f, bad := sumBeside(r); bad {
			found = append(found, f)
		}
	}, func(table string, err error) { found = append(found, unreadable(table, err)) }); err != nil {
		found = append(found, Finding{"skema tidak terbaca: " + err.Error(), "the schema cannot be read: " + err.Error()})
	}
	events, err := st.Events(ctx)
	if err != nil {
		found = append(found, Finding{"kegiatan tidak terbaca: " + err.Error(), "the events cannot be read: " + err.Error()})
	}
	for _, ev := range events {
		more, notable := event(ctx, st, ev)
		found, notes = append(found, more...), append(notes, notable...)
	}
	return found, notes, ctx.Err()
}

// sumBeside holds a file in a row to the SHA-256 in the same row.
func sumBeside(r classroom.StoredRow) (Finding, bool) {
	var digest, body string
	for i, c := range r.Columns {
		switch c {
		case "digest":
			digest = r.Values[i]
		case "body":
			body = r.Values[i]
		}
	}
	if digest == "" || body == "" {
		return Finding{}, false
	}
	b, err := hex.DecodeString(strings.TrimPrefix(body, "blob:"))
	sum := sha256.Sum256(b)
	if err == nil && strings.EqualFold("blob:"+hex.EncodeToString(sum[:]), digest) {
		return Finding{}, false
	}
	return Finding{
		fmt.Sprintf("tabel %s, baris %s: berkas di dalamnya bukan yang dicatat (SHA-256 berbeda)", r.Table, keyText(r)),
		fmt.Sprintf("table %s, row %s: the file in it is not the one that was noted (SHA-256 differs)", r.Table, keyText(r)),
	}, true
}

// event checks one event: its journal, and every list of it that was signed.
func event(ctx context.Context, st Data, ev classroom.Event) (found, notes []Finding) {
	say := func(f Finding) {
		found = append(found, Finding{fmt.Sprintf("kegiatan %s, %s", ev.ID, f.ID), fmt.Sprintf("event %s, %s", ev.ID, f.EN)})
	}
	failed := func(err error) { say(Finding{"tidak terbaca: " + err.Error(), "cannot be read: " + err.Error()}) }
	if err := st.Verify(ctx, ev.ID); err != nil {
		say(Finding{"jurnal: " + reason(err), "journal: " + reason(err)})
	}
	facts, err := st.Facts(ctx, ev.ID, 0)
	if err != nil {
		failed(err)
	} else if _, err := classroom.Replay(ev, facts); err != nil {
		say(Finding{"jurnal tidak dapat diputar ulang: " + err.Error(), "the journal cannot be replayed: " + err.Error()})
	}
	heads, err := st.Ratified(ctx, ev.ID)
	if err != nil {
		failed(err)
		return found, notes
	}
	for i, h := range heads {
		kept, err := st.RatifiedByNumber(ctx, h.Number)
		if err != nil {
			failed(err)
			continue
		}
		doc, touched := proof.Verify(kept.Document, nil)
		for _, f := range touched {
			say(Finding{"daftar " + h.Number + ", " + Indonesian(f), "list " + h.Number + ", " + f.String()})
		}
		if len(touched) > 0 {
			continue
		}
		if kept.Number != doc.Manifest.Number {
			say(Finding{"daftar " + h.Number + ": nomornya bukan yang ditandatangani", "list " + h.Number + ": its number is not the one that was signed"})
		}
		more, err := ratify.Compare(ctx, st, doc, kept.Document)
		if err != nil {
			failed(err)
			continue
		}
		if i < len(heads)-1 {
			more = only(more, "journal", "ratified") // what came later changed the evidence, and a revision says so
		}
		for _, f := range more {
			say(Finding{"daftar " + h.Number + ", " + Indonesian(f), "list " + h.Number + ", " + f.String()})
		}
		if i == len(heads)-1 {
			notes = append(notes, since(ctx, st, doc)...)
		}
	}
	return found, notes
}

func only(list []proof.Finding, where ...string) (out []proof.Finding) {
	for _, f := range list {
		for _, w := range where {
			if strings.HasPrefix(f.Where, "database, "+w) {
				out = append(out, f)
				break
			}
		}
	}
	return out
}

func reason(err error) string {
	if e, ok := errors.AsType[*classroom.Error](err); ok && e.Err != nil {
		return e.Err.Error()
	}
	return err.Error()
}

// since tells in what the roster differs from a list that was signed. It may well: people move.
func since(ctx context.Context, st Data, d proof.Document) (notes []Finding) {
	ids := make([]classroom.PersonID, len(d.Rows))
	for i, r := range d.Rows {
		ids[i] = classroom.PersonID(r.Person)
	}
	people, err := st.PeopleByID(ctx, ids)
	if err != nil {
		return []Finding{{"daftar pegawai tidak terbaca: " + err.Error(), "the roster cannot be read: " + err.Error()}}
	}
	l := ratify.List{Doc: d}
	for _, r := range d.Rows {
		p, ok := people[classroom.PersonID(r.Person)]
		if !ok {
			if r.Name != "" {
				notes = append(notes, inRow(l, r.No, "tidak ada lagi dalam daftar pegawai", "is not in the roster any more"))
			}
			continue
		}
		for _, f := range []struct{ column, now, signed string }{
			{"gelar depan", p.Front, r.Front},
			{"nama", p.Name, r.Name},
			{"gelar belakang", p.Back, r.Back},
			{"golongan", p.Grade, r.Grade},
			{"jabatan", p.Position, r.Position},
			{"unit", p.Unit, r.Unit},
			{"instansi", p.Instansi, r.Instansi},
			{"wilayah", p.Region, r.Region},
			{"jenis", p.Kind, r.Kind},
		} {
			if f.now != f.signed {
				notes = append(notes, inRow(l, r.No, fmt.Sprintf("%s dalam daftar pegawai kini %s, yang ditetapkan %s", f.column, shown(f.now, f.signed), shown(f.signed, f.now)),
					fmt.Sprintf("%s is %s in the roster now, ratified was %s", f.column, shown(f.now, f.signed), shown(f.signed, f.now))))
			}
		}
		if p.NIP != r.NIP {
			notes = append(notes, inRow(l, r.No, "NIP dalam daftar pegawai kini lain", "the NIP in the roster is another one now"))
		}
	}
	return notes
}

// Trusted is a key in hexadecimal digits; nil for "".
func Trusted(s string) (ed25519.PublicKey, error) {
	if s == "" {
		return nil, nil
	}
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != ed25519.PublicKeySize {
		return nil, errors.New("--key bukan 64 angka heksadesimal (--key is not 64 hexadecimal digits)")
	}
	return b, nil
}
