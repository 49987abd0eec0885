package main

import (
	"context"
	"crypto/ed25519"
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
	"betang/classroom/proof"
	"betang/classroom/ratify"
	"betang/classroom/store"
)

// ratifyDesk is the desk of a data folder. The Ed25519 key is made at the first start and kept.
func ratifyDesk(ctx context.Context, st *store.Store) (*ratify.Desk, error) {
	seed, err := st.Secret(ctx, "attendance-signing", ed25519.SeedSize)
	if err != nil {
		return nil, err
	}
	return ratify.New(st, ed25519.NewKeyFromSeed(seed)), nil
}

// Run prints the public key.
func (c *Key) Run(ctx context.Context, stdout io.Writer) error {
	st, err := store.Open(ctx, c.Data.Data)
	if err != nil {
		return err
	}
	defer st.Close()
	if c.Node {
		key, err := nodeKey(ctx, st)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(stdout, "%x\n", []byte(key.Public().(ed25519.PublicKey)))
		return err
	}
	desk, err := ratifyDesk(ctx, st)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(stdout, desk.Public())
	return err
}

// Run freezes an event's attendance, or makes a revision.
func (c *Ratify) Run(ctx context.Context, stdout io.Writer) error {
	st, err := store.Open(ctx, c.Data.Data)
	if err != nil {
		return err
	}
	defer st.Close()
	desk, err := ratifyDesk(ctx, st)
	if err != nil {
		return err
	}
	deed := ratify.Deed{By: c.By, Reason: c.Reason}
	if c.Order == ratify.ByProtocol {
		deed.Order = ratify.ByProtocol
	}
	list, err := desk.Ratify(ctx, classroom.EventID(c.Event), deed, time.Now())
	if e, ok := errors.AsType[*classroom.Error](err); ok {
		switch e.Code {
		case "ratify_who_why":
			return errors.New("--by and --reason must say something")
		case "event_not_ended":
			return fmt.Errorf("event %q cannot be ratified: it has not ended", c.Event)
		case "nothing_to_revise":
			return fmt.Errorf("event %q was ratified before, and a revision would say the same", c.Event)
		case "evidence_open":
			return errors.New("evidence of this event is still open: ratify 15 s after its end; after a crash, start the server once before")
		}
	}
	if err != nil {
		return eventError(c.Event, err)
	}
	fmt.Fprintf(stdout, "%s: %d orang, nomor %s, revisi %d\nsha256 %s\n", c.Event, len(list.Doc.Rows), list.Number, list.Revision, list.Hash)
	return nil
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
	var void classroom.Voiding
	if c.Data != "" && len(found) == 0 {
		st, err := store.OpenReadOnly(ctx, c.Data)
		if err != nil {
			return err
		}
		defer st.Close()
		if found, err = ratify.Compare(ctx, st, d, file); err != nil {
			return err
		}
		if len(found) == 0 {
			if void, _, err = ratify.VoidOf(ctx, st, classroom.EventID(d.Manifest.Event), d.Manifest.Number); err != nil {
				return err
			}
		}
	}
	found = append(found, c.strangers(d.Manifest)...)
	for _, f := range found {
		fmt.Fprintln(stdout, f)
	}
	if len(found) > 0 {
		return fmt.Errorf("%s is NOT as it was signed", c.File)
	}
	m := d.Manifest
	what := fmt.Sprintf("%d people", m.Rows)
	if d.One {
		what = fmt.Sprintf("row %d of %d people (%s, %d JP)", d.Rows[0].No, m.Rows, d.Rows[0].Name, d.Rows[0].Credited.JP)
	}
	fmt.Fprintf(stdout, "genuine: %s, %s, number %s, revision %d\nsigned by %x\nsha256 %x\n", m.Title, what, m.Number, m.RevisionNumber(), []byte(d.Key), sha256.Sum256(file))
	if void.Number != "" {
		fmt.Fprintf(stdout, "VOID since %s WIB by %s: %s\n", void.At.In(classroom.WIB).Format("2006-01-02 15:04"), void.Who, void.Reason)
	}
	if trust == nil {
		fmt.Fprintln(stdout, "Compare the key with the one the signing server published (betang key), or give it as --key.")
	}
	for _, e := range m.Edges {
		fmt.Fprintf(stdout, "co-signed by %s with key %s: %d stretches of evidence that it gathered\n", e.Node, e.Key, e.Spans)
	}
	for _, why := range m.Unsigned {
		fmt.Fprintln(stdout, "not co-signed:", why)
	}
	if len(m.Edges) > 0 {
		fmt.Fprintln(stdout, "What an edge co-signed, the server that keeps the list did not change, also before it signed itself: as long as the key is the edge's (betang key --node there; --edge NAME=KEY here). Not that the edge told the truth.")
	}
	fmt.Fprintln(stdout, "This shows that nothing changed since the server signed; not that the server told the truth before. It may have been voided, or a later revision may count instead: see the verification page of the number.")
	return nil
}

// strangers are edges that did not sign with the key that is known of them, and known ones that did not sign.
func (c *Verify) strangers(m proof.Manifest) (found []proof.Finding) {
	for name, key := range c.Edge {
		var keys []string
		for _, e := range m.Edges {
			if node, _, _ := strings.Cut(e.Node, "."); node == name || e.Node == name { // a node's name, or with its store's
				keys = append(keys, e.Key)
			}
		}
		if len(keys) == 0 {
			found = append(found, proof.Finding{Where: "edge " + name, Why: "signed nothing of this list"})
		} else if !slices.Contains(keys, key) {
			found = append(found, proof.Finding{Where: "edge " + name, Why: "signed by another key than the one given"})
		}
	}
	return found
}
