package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"betang/classroom"
	"betang/classroom/audit"
	"betang/classroom/proof"
	"betang/classroom/ratify"
	"betang/classroom/store"
)

// Run checks a signed document, a paper that was made of one, or the data folder.
func (c *Verify) Run(ctx context.Context, stdout io.Writer) error {
	trust, err := audit.Trusted(c.Key)
	if err != nil {
		return err
	}
	if c.File == "" {
		return c.folder(ctx, trust, stdout)
	}
	file, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	if isDocument(c.File, file) {
		return c.document(ctx, file, trust, stdout)
	}
	return c.paper(ctx, file, trust, stdout)
}

// isDocument tells the signed JSON from the JSON for programs, also where a byte of either was changed.
func isDocument(name string, file []byte) bool {
	export := bytes.HasPrefix(file, []byte("{\n")) || bytes.Contains(file[:min(len(file), 100)], []byte("betang.daftar-hadir"))
	return strings.EqualFold(filepath.Ext(name), ".json") && !export || bytes.HasPrefix(file, []byte(`{"manifest":`))
}

// touched prints findings and gives the error that ends the command.
func touched(stdout io.Writer, what string, found []audit.Finding) error {
	for _, f := range found {
		fmt.Fprintln(stdout, f)
	}
	return fmt.Errorf("%s TIDAK seperti yang ditandatangani (is NOT as it was signed)", what)
}

// paper checks an XLSX, CSV, PDF or JSON of a ratified list.
func (c *Verify) paper(ctx context.Context, file []byte, trust ed25519.PublicKey, stdout io.Writer) error {
	office, err := c.office()
	if err != nil {
		return err
	}
	lists, voids, err := c.lists(ctx, trust, stdout)
	if err != nil {
		return err
	}
	if len(lists) == 0 {
		return errors.New("diperlukan dokumen bertanda tangan dari daftar ini (JSON, \"Unduh dokumen bertanda tangan\" pada halaman BPSDM): taruh di folder berkas ini, atau sebutkan dengan --signed\n" +
			"  the signed document of this list is needed (JSON, from BPSDM's page): put it into the folder of this file, or name it with --signed")
	}
	v, err := audit.Paper(c.File, file, lists, audit.Given{Office: office, URL: c.URL})
	if err != nil {
		return err
	}
	m := v.List.Doc.Manifest
	if len(v.Found) > 0 {
		fmt.Fprintf(stdout, "Dibandingkan dengan daftar nomor %s, revisi %d: %s\n  Compared with list number %s, revision %d: %s\n",
			m.Number, m.RevisionNumber(), m.Title, m.Number, m.RevisionNumber(), m.Title)
		return touched(stdout, c.File, v.Found)
	}
	fmt.Fprintf(stdout, "ASLI: %s, %d orang, nomor %s, revisi %d: sama dengan yang dibagikan, byte demi byte\n", m.Title, m.Rows, m.Number, m.RevisionNumber())
	fmt.Fprintf(stdout, "  genuine: %s, %d people, number %s, revision %d: the same as was handed out, byte by byte\nditandatangani dengan kunci (signed by) %x\n",
		m.Title, m.Rows, m.Number, m.RevisionNumber(), []byte(v.List.Doc.Key))
	printVoid(stdout, voids[m.Number])
	limits(stdout, trust)
	return nil
}

// lists are the signed lists that a paper may have been made of: those given, else those of the data folder, else those that lie
// beside the file. One that was touched is said, and not used.
func (c *Verify) lists(ctx context.Context, trust ed25519.PublicKey, stdout io.Writer) ([]ratify.List, map[string]classroom.Voiding, error) {
	voids := map[string]classroom.Voiding{}
	var files [][]byte
	switch {
	case len(c.Signed) > 0:
		for _, name := range c.Signed {
			b, err := os.ReadFile(name)
			if err != nil {
				return nil, nil, err
			}
			files = append(files, b)
		}
	case c.Data != "":
		st, err := store.OpenReadOnly(ctx, c.Data)
		if err != nil {
			return nil, nil, err
		}
		defer st.Close()
		events, err := st.Events(ctx)
		if err != nil {
			return nil, nil, err
		}
		for _, ev := range events {
			heads, err := st.Ratified(ctx, ev.ID)
			if err != nil {
				return nil, nil, err
			}
			for _, h := range heads {
				kept, err := st.RatifiedByNumber(ctx, h.Number)
				if err != nil {
					return nil, nil, err
				}
				files = append(files, kept.Document)
				if h.Voided != 0 {
					if voids[h.Number], _, err = ratify.VoidOf(ctx, st, ev.ID, h.Number); err != nil {
						return nil, nil, err
					}
				}
			}
		}
	default:
		names, err := filepath.Glob(filepath.Join(filepath.Dir(c.File), "*.json"))
		if err != nil {
			return nil, nil, err
		}
		for _, name := range names {
			b, err := os.ReadFile(name)
			if err == nil && bytes.HasPrefix(b, []byte(`{"manifest":`)) {
				files = append(files, b)
			}
		}
	}
	var lists []ratify.List
	for _, b := range files {
		doc, found := proof.Verify(b, trust)
		if len(found) > 0 {
			fmt.Fprintf(stdout, "Dokumen nomor %s tidak dipakai: %s\n  Document number %s is not used: %s\n",
				doc.Manifest.Number, audit.Indonesian(found[0]), doc.Manifest.Number, found[0])
			continue
		}
		if !doc.One {
			lists = append(lists, ratify.FromDocument(doc, b))
		}
	}
	slices.SortStableFunc(lists, func(a, b ratify.List) int { return int(a.At - b.At) })
	return lists, voids, nil
}

// folder checks the data folder itself.
func (c *Verify) folder(ctx context.Context, trust ed25519.PublicKey, stdout io.Writer) error {
	if c.Data == "" {
		return errors.New("sebutkan berkas, atau folder data dengan --data (name a file, or a data folder with --data)")
	}
	var found, notes []audit.Finding
	log, err := os.ReadFile(store.LogFile(c.Data))
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	found = append(found, audit.WAL(log)...)
	st, err := store.OpenReadOnly(ctx, c.Data)
	switch {
	case classroom.KindOf(err) == classroom.NotFound:
		return err
	case err != nil:
		return touched(stdout, c.Data, append(found, audit.Finding{
			ID: "SQLite tidak dapat membuka berkas: " + err.Error(), EN: "SQLite cannot open the file: " + err.Error(),
		}))
	}
	defer st.Close()
	more, notes, err := audit.Database(ctx, st)
	if err != nil {
		return err
	}
	found = append(found, more...)
	if c.Seal != "" {
		file, err := os.ReadFile(c.Seal)
		if err != nil {
			return err
		}
		since, came, err := audit.CheckSeal(ctx, st, file, trust)
		if err != nil {
			return err
		}
		found, notes = append(found, since...), append(notes, came...)
	}
	for _, n := range notes {
		fmt.Fprintf(stdout, "catatan: %s\n  note: %s\n", n.ID, n.EN)
	}
	if len(found) > 0 {
		return touched(stdout, c.Data, found)
	}
	fmt.Fprintln(stdout, "UTUH: berkas, jurnal, bukti dan semua daftar yang ditandatangani\n  whole: the file, the journals, the evidence and all signed lists")
	if c.Seal == "" {
		fmt.Fprintln(stdout, "Tanpa --seal (betang seal) daftar pegawai dan tabel lain di luar jurnal tidak dapat dibandingkan dengan keadaan semula.\n"+
			"  Without --seal (betang seal) the roster and other tables outside the journal cannot be compared with what they were.")
	}
	return nil
}

// document checks a signed document and, if wanted, the database it came from.
func (c *Verify) document(ctx context.Context, file []byte, trust ed25519.PublicKey, stdout io.Writer) error {
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
	if found = append(found, c.strangers(d.Manifest)...); len(found) > 0 {
		both := make([]audit.Finding, len(found))
		for i, f := range found {
			both[i] = audit.Finding{ID: audit.Indonesian(f), EN: f.String()}
		}
		return touched(stdout, c.File, both)
	}
	m := d.Manifest
	orang, people := fmt.Sprintf("%d orang", m.Rows), fmt.Sprintf("%d people", m.Rows)
	if d.One {
		r := d.Rows[0]
		orang = fmt.Sprintf("baris %d dari %d orang (%s, %d JP)", r.No, m.Rows, r.Name, r.Credited.JP)
		people = fmt.Sprintf("row %d of %d people (%s, %d JP)", r.No, m.Rows, r.Name, r.Credited.JP)
	}
	fmt.Fprintf(stdout, "ASLI: %s, %s, nomor %s, revisi %d\n", m.Title, orang, m.Number, m.RevisionNumber())
	fmt.Fprintf(stdout, "  genuine: %s, %s, number %s, revision %d\nditandatangani dengan kunci (signed by) %x\nsha256 %x\n",
		m.Title, people, m.Number, m.RevisionNumber(), []byte(d.Key), sha256.Sum256(file))
	printVoid(stdout, void)
	for _, e := range m.Edges {
		fmt.Fprintf(stdout, "co-signed by %s with key %s: %d stretches of evidence that it gathered\n", e.Node, e.Key, e.Spans)
	}
	for _, why := range m.Unsigned {
		fmt.Fprintln(stdout, "not co-signed:", why)
	}
	if len(m.Edges) > 0 {
		fmt.Fprintln(stdout, "What an edge co-signed, the server that keeps the list did not change, also before it signed itself: as long as the key is the edge's (betang key --node there; --edge NAME=KEY here). Not that the edge told the truth.")
	}
	limits(stdout, trust)
	return nil
}

func printVoid(stdout io.Writer, v classroom.Voiding) {
	if v.Number == "" {
		return
	}
	at := v.At.In(classroom.WIB).Format(time.DateOnly + " 15:04")
	fmt.Fprintf(stdout, "BATAL sejak %s WIB oleh %s: %s\n  VOID since %s WIB by %s: %s\n", at, v.Who, v.Reason, at, v.Who, v.Reason)
}

// limits says what this does not show.
func limits(stdout io.Writer, trust ed25519.PublicKey) {
	if trust == nil {
		fmt.Fprintln(stdout, "Bandingkan kunci itu dengan yang diumumkan server (betang key), atau berikan sebagai --key.\n"+
			"  Compare the key with the one the signing server published (betang key), or give it as --key.")
	}
	fmt.Fprintln(stdout, "Ini menunjukkan bahwa tidak ada yang berubah sejak server menandatangani, bukan bahwa server jujur sebelumnya. Daftar ini mungkin sudah dibatalkan atau direvisi: lihat halaman pemeriksaan nomornya.\n"+
		"  This shows that nothing changed since the server signed; not that the server told the truth before. It may have been voided, or a later revision may count instead: see the verification page of the number.")
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

// Run seals a data folder as it stands.
func (c *Seal) Run(ctx context.Context, stdout io.Writer) error {
	st, err := store.Open(ctx, c.Data.Data)
	if err != nil {
		return err
	}
	defer st.Close()
	seed, err := st.Secret(ctx, signingSecret, ed25519.SeedSize)
	if err != nil {
		return err
	}
	file, err := audit.Seal(ctx, st, ed25519.NewKeyFromSeed(seed), time.Now().UnixMilli())
	if err != nil {
		return err
	}
	if err := os.WriteFile(c.Out, file, 0o600); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s: sha256 %x\nSimpan di luar server ini; periksa dengan betang verify --data FOLDER --seal %s\n", c.Out, sha256.Sum256(file), c.Out)
	return nil
}
