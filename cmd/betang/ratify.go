package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/export"
	"betang/classroom/journal"
	"betang/classroom/proof"
	"betang/classroom/store"
)

// signingKey is the Ed25519 key of the data folder, made at the first start and kept.
func signingKey(ctx context.Context, st *store.Store) (ed25519.PrivateKey, error) {
	seed, err := st.Secret(ctx, "attendance-signing", ed25519.SeedSize)
	if err != nil {
		return nil, err
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

func publicHex(key ed25519.PrivateKey) string {
	return hex.EncodeToString(key.Public().(ed25519.PublicKey))
}

// loadSheet is an event's attendance: as ratified, or as the evidence gives it so far.
func loadSheet(ctx context.Context, st *store.Store, id classroom.EventID) (classroom.Sheet, error) {
	signed, err := st.Ratified(ctx, id)
	if classroom.KindOf(err) == classroom.NotFound {
		return classroom.LoadSheet(ctx, st, id)
	}
	if err != nil {
		return classroom.Sheet{}, err
	}
	d, found := proof.Verify(signed, nil)
	if len(found) > 0 {
		return classroom.Sheet{}, fmt.Errorf("the ratified attendance of %s was touched: %s", id, found[0])
	}
	return export.Frozen(d), nil
}

// Run prints the public key.
func (c *Key) Run(ctx context.Context, stdout io.Writer) error {
	st, err := store.Open(ctx, c.Data.Data)
	if err != nil {
		return err
	}
	defer st.Close()
	key, err := signingKey(ctx, st)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(stdout, publicHex(key))
	return err
}

// Run freezes an event's attendance.
func (c *Ratify) Run(ctx context.Context, stdout io.Writer) error {
	if strings.TrimSpace(c.By) == "" || strings.TrimSpace(c.Reason) == "" {
		return errors.New("--by and --reason must say something")
	}
	st, err := store.Open(ctx, c.Data.Data)
	if err != nil {
		return err
	}
	defer st.Close()
	d, err := ratify(ctx, st, classroom.EventID(c.Event), c.By, c.Reason, time.Now())
	switch classroom.KindOf(err) {
	case classroom.Conflict:
		return fmt.Errorf("event %q cannot be ratified: it has not ended, or was ratified before", c.Event)
	case classroom.NotFound:
		return eventError(c.Event, err)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s: %d orang, nomor %s\n", c.Event, len(d.Rows), d.Manifest.Number)
	return nil
}

// errStillCounting: what is signed must be final, and a running server closes the last evidence of an event within
// some 12 s of its end (10 s of silence, 2 s until it is saved). What a dead server left open is closed at the next start.
var errStillCounting = errors.New("evidence of this event is still open: ratify 15 s after its end; after a crash, start the server once before")

// ratify signs and keeps an event's attendance.
func ratify(ctx context.Context, st *store.Store, id classroom.EventID, by, reason string, now time.Time) (proof.Document, error) {
	key, err := signingKey(ctx, st)
	if err != nil {
		return proof.Document{}, err
	}
	ev, err := st.Event(ctx, id)
	if err != nil {
		return proof.Document{}, err
	}
	if err := st.Verify(ctx, id); err != nil {
		return proof.Document{}, err // a touched journal is not signed
	}
	spans, err := st.Spans(ctx, id)
	if err != nil {
		return proof.Document{}, err
	}
	if slices.ContainsFunc(spans, func(s attend.Span) bool { return s.Open }) {
		return proof.Document{}, errStillCounting
	}
	facts, err := st.Facts(ctx, id, 0)
	if err != nil {
		return proof.Document{}, err
	}
	entries, err := st.Entries(ctx, id)
	if err != nil {
		return proof.Document{}, err
	}
	entries = entries[:len(facts)] // facts are only added, so these are theirs
	var ids []classroom.PersonID
	for _, s := range spans {
		ids = append(ids, classroom.PersonID(s.Person))
	}
	slices.Sort(ids)
	people, err := st.PeopleByID(ctx, slices.Compact(ids))
	if err != nil {
		return proof.Document{}, err
	}
	sheet, err := classroom.NewSheet(ev, facts, spans, people)
	if err != nil {
		return proof.Document{}, err
	}
	r := export.Ratification{Number: rand.Text()[:20], At: now, By: by, Reason: reason, Journal: journal.Genesis(string(id))}
	if n := len(entries); n > 0 {
		r.Seq, r.Journal = entries[n-1].Seq, entries[n-1].Hash
	}
	d, err := export.Ratify(sheet, spans, r, key)
	if err != nil {
		return proof.Document{}, err
	}
	file, err := d.Encode()
	if err != nil {
		return proof.Document{}, err
	}
	return d, st.SaveRatified(ctx, id, d.Manifest.Number, now.UnixMilli(), file)
}

// Run checks a document and, if wanted, the database it came from.
func (c *Verify) Run(ctx context.Context, stdout io.Writer) error {
	file, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	var trust ed25519.PublicKey
	if c.Key != "" {
		b, err := hex.DecodeString(c.Key)
		if err != nil || len(b) != ed25519.PublicKeySize {
			return errors.New("--key is not 64 hexadecimal digits")
		}
		trust = b
	}
	d, found := proof.Verify(file, trust)
	if c.Data != "" && len(found) == 0 {
		more, err := compare(ctx, c.Data, d)
		if err != nil {
			return err
		}
		found = append(found, more...)
	}
	for _, f := range found {
		fmt.Fprintln(stdout, f)
	}
	if len(found) > 0 {
		return fmt.Errorf("%s is NOT as it was signed", c.File)
	}
	m := d.Manifest
	fmt.Fprintf(stdout, "genuine: %s, %d people, number %s\nsigned by %x\nsha256 %x\n", m.Title, m.Rows, m.Number, []byte(d.Key), sha256.Sum256(file))
	if trust == nil {
		fmt.Fprintln(stdout, "Compare the key with the one the signing server published (betang key), or give it as --key.")
	}
	fmt.Fprintln(stdout, "This shows that nothing changed since the server signed; not that the server told the truth before.")
	return nil
}

// compare holds the database against a genuine document: the journal up to the fact that was signed, and each
// person's evidence.
func compare(ctx context.Context, dir string, d proof.Document) ([]proof.Finding, error) {
	st, err := store.OpenReadOnly(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer st.Close()
	m, id := d.Manifest, classroom.EventID(d.Manifest.Event)
	var found []proof.Finding
	if err := st.Verify(ctx, id); err != nil {
		found = append(found, proof.Finding{Where: "database, journal", Why: err.Error()})
	}
	entries, err := st.Entries(ctx, id)
	if err != nil {
		return nil, err
	}
	last := journal.Genesis(string(id))
	if m.JournalSeq > 0 && m.JournalSeq <= int64(len(entries)) {
		last = entries[m.JournalSeq-1].Hash
	}
	if hex.EncodeToString(last[:]) != m.Journal {
		found = append(found, proof.Finding{Where: "database, journal", Why: fmt.Sprintf("fact %d is not the one that was signed", m.JournalSeq)})
	}
	spans, err := st.Spans(ctx, id)
	if err != nil {
		return nil, err
	}
	of := map[string][]proof.Evidence{}
	for _, s := range slices.DeleteFunc(spans, func(s attend.Span) bool { return s.Person == "" }) {
		of[s.Person] = append(of[s.Person], proof.Evidence{Session: s.Session, Class: int(s.Class), From: s.From, To: s.To})
	}
	for _, r := range d.Rows {
		if !slices.Equal(of[r.Person], r.Evidence) {
			found = append(found, proof.Finding{Where: fmt.Sprint("database, evidence of row ", r.No), Row: r.No, Why: "is not what was signed"})
		}
		delete(of, r.Person)
	}
	if len(of) > 0 {
		found = append(found, proof.Finding{Where: "database, evidence", Why: fmt.Sprintf("of %d people who are not in the signed list", len(of))})
	}
	return found, nil
}
