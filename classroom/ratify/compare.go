package ratify

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"betang/classroom"
	"betang/classroom/cosign"
	"betang/classroom/journal"
	"betang/classroom/proof"
)

// Compare holds a database against a genuine document: the copy of it that is kept there, the journal up to the fact that
// was signed, and the evidence of each person. A person's own proof is compared as far as it goes. file is the document
// as it was read.
func Compare(ctx context.Context, store Store, d proof.Document, file []byte) ([]proof.Finding, error) {
	m, id := d.Manifest, classroom.EventID(d.Manifest.Event)
	var found []proof.Finding
	add := func(where string, row int, format string, args ...any) {
		found = append(found, proof.Finding{Where: "database, " + where, Row: row, Why: fmt.Sprintf(format, args...)})
	}
	addField := func(where, field, why string) {
		found = append(found, proof.Finding{Where: "database, " + where, Field: field, Why: why})
	}
	kept, err := store.RatifiedByNumber(ctx, m.Number)
	switch {
	case classroom.KindOf(err) == classroom.NotFound:
		add("ratified", 0, "number %s is missing", m.Number)
	case err != nil:
		return nil, err
	case !d.One && !bytes.Equal(kept.Document, file), kept.Event != id, kept.Revision != m.RevisionNumber(), kept.At != m.RatifiedAt:
		add("ratified", 0, "the copy of number %s is not what was signed", m.Number)
		_, inside := proof.Verify(kept.Document, nil)
		for _, f := range inside {
			f.Where = "database, ratified, " + f.Where
			found = append(found, f)
		}
	}
	if err := compareJP(ctx, store, d, kept, addField); err != nil {
		return nil, err
	}
	if err := store.Verify(ctx, id); err != nil {
		add("journal", 0, "%s", err.Error())
	}
	entries, err := store.Entries(ctx, id)
	if err != nil {
		return nil, err
	}
	last := journal.Genesis(string(id))
	if m.JournalSeq > 0 && m.JournalSeq <= int64(len(entries)) {
		last = entries[m.JournalSeq-1].Hash
	}
	if hex.EncodeToString(last[:]) != m.Journal {
		add("journal", 0, "fact %d is not the one that was signed", m.JournalSeq)
	}
	facts, err := store.Facts(ctx, id, 0)
	if err != nil {
		if len(found) > 0 {
			return found, nil // a journal that cannot be read was named above
		}
		return nil, err
	}
	var voided int64
	if v, ok := voidings(facts)[m.Number]; ok {
		voided = v.At.UnixMilli()
	}
	if kept.Voided != voided {
		add("ratified_void", 0, "whether number %s is void is not what the journal says", m.Number)
	}
	facts = facts[:min(len(facts), int(m.JournalSeq))] // as they were when it was signed
	ev, err := store.Event(ctx, id)
	if err != nil {
		add("events", 0, "cannot be read: %s", err.Error())
		return found, nil
	}
	compareEvent(ev, facts, m, addField)
	spans, err := store.Spans(ctx, id)
	if err != nil {
		return nil, err
	}
	evidence, err := classroom.Evidence(ev, facts, spans)
	if err != nil {
		add("journal", 0, "cannot be replayed: %s", err.Error())
		return found, nil
	}
	of := ByPerson(evidence)
	for _, r := range d.Rows {
		if have, signed := of[r.Person], anybodys(r.Evidence); !slices.Equal(have, signed) {
			add(fmt.Sprint("evidence of row ", r.No), r.No, "is not what was signed%s", difference(have, signed))
		}
		delete(of, r.Person)
	}
	witnesses, err := store.Witnessed(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, e := range m.Edges {
		if !slices.ContainsFunc(witnesses, func(w cosign.Witness) bool {
			return w.Node == e.Node && int64(len(w.Heads)) >= e.K && w.Heads[e.K-1].Hash() == e.Head(m.Event).Hash()
		}) {
			add("edges", 0, "what %s signed is missing", e.Node)
		}
	}
	if len(of) > 0 && !d.One {
		add("evidence", 0, "of %d people who are not in the signed list", len(of))
	}
	return found, nil
}

// compareEvent names what of an event's row is not what was signed. Its policy is that of the row with the changes of the
// journal.
func compareEvent(ev classroom.Event, facts []classroom.Fact, m proof.Manifest, add func(where, field, why string)) {
	const why = "is not what was signed"
	for _, f := range []struct {
		field string
		same  bool
	}{
		{"kind", string(ev.Kind) == m.Kind},
		{"title", ev.Title == m.Title},
		{"speaker", ev.Speaker == m.Speaker},
		{"host", ev.Host == m.Host},
		{"place", ev.Place == m.Place},
		{"starts_at", ev.StartsAt.UnixMilli() == m.StartsAt},
		{"ends_at", ev.EndsAt.UnixMilli() == m.EndsAt},
	} {
		if !f.same {
			add("events", f.field, why)
		}
	}
	if room, err := classroom.Replay(ev, facts); err == nil && room.Event().Policy != m.Policy {
		add("events", "policy", why)
	}
}

// compareJP names what beside a list is not what the list says: the sums of a year are made of it.
func compareJP(ctx context.Context, store Store, d proof.Document, kept classroom.RatifiedList, add func(where, field, why string)) error {
	m := d.Manifest
	if kept.Number == "" {
		return nil // that it is missing was said
	}
	jp, year, err := store.RatifiedJP(ctx, classroom.EventID(m.Event), m.RevisionNumber())
	if err != nil {
		return err
	}
	want := time.UnixMilli(m.StartsAt).In(classroom.WIB).Year()
	if len(jp) > 0 && year != want {
		add("ratified_jp", "year", fmt.Sprintf("is not %d", want))
	}
	for _, r := range d.Rows {
		have, ok := jp[classroom.PersonID(r.Person)]
		if !ok || have != r.Credited.JP {
			add("ratified_jp", "jp", fmt.Sprintf("of row %d is not what was signed", r.No))
		}
		delete(jp, classroom.PersonID(r.Person))
	}
	if len(jp) > 0 && !d.One {
		add("ratified_jp", "person", fmt.Sprintf("of %d people who are not in the signed list", len(jp)))
	}
	return nil
}

// difference names the first piece of evidence that differs.
func difference(have, signed []proof.Evidence) string {
	for i, s := range signed {
		switch {
		case i >= len(have):
			return fmt.Sprintf(": piece %d is missing", i+1)
		case have[i].Session != s.Session:
			return fmt.Sprintf(": piece %d, session", i+1)
		case have[i].Class != s.Class:
			return fmt.Sprintf(": piece %d, class", i+1)
		case have[i].From != s.From:
			return fmt.Sprintf(": piece %d, from", i+1)
		case have[i].To != s.To:
			return fmt.Sprintf(": piece %d, to", i+1)
		}
	}
	return fmt.Sprintf(": piece %d was added", len(signed)+1)
}
