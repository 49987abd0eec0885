package ratify

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/cosign"
	"betang/classroom/export"
	"betang/classroom/journal"
	"betang/classroom/proof"
	"betang/classroom/roster"
)

// Source is what a list is made of.
type Source interface {
	classroom.AttendanceSource
	Entries(ctx context.Context, id classroom.EventID) ([]journal.Entry, error)
	Verify(ctx context.Context, id classroom.EventID) error
	// Witnessed is what other nodes sent of an event, and signed.
	Witnessed(ctx context.Context, id classroom.EventID) ([]cosign.Witness, error)
}

// Archive keeps what was ratified, and what each person got by it.
type Archive interface {
	SaveDraft(ctx context.Context, list classroom.RatifiedList) error
	Drafts(ctx context.Context, event classroom.EventID) (numbers []string, err error)
	Document(ctx context.Context, number string) (classroom.RatifiedList, error)
	SaveRatified(ctx context.Context, list classroom.RatifiedList, year int, jp map[classroom.PersonID]int) error
	Ratified(ctx context.Context, event classroom.EventID) ([]classroom.RatifiedList, error)
	RatifiedByNumber(ctx context.Context, number string) (classroom.RatifiedList, error)
	VoidRatified(ctx context.Context, number string, at int64) error
	RatifiedJP(ctx context.Context, event classroom.EventID, revision int) (jp map[classroom.PersonID]int, year int, err error)
	YearJP(ctx context.Context, person classroom.PersonID, year int) (int, error)
}

// Store is both; classroom/store is one.
type Store interface {
	Source
	Archive
}

// Desk ratifies, and reads what was ratified. Its methods may be called at the same time.
type Desk struct {
	store Store
	key   ed25519.PrivateKey // nil: only reading
	pages [][]byte           // the secrets of PersonKey, the present one first; none: the key's own

	turn chan struct{} // holds one token: whose it is may read a document, so that a crowd reads it once

	mu   sync.Mutex // guards read; never held while the store is called
	read []List     // the documents that were asked for last, the newest last: they never change
}

// maxRows is how many rows of documents are kept read: 10,000 are some 20 MB.
const maxRows = 40_000

// New makes a desk. Without a key it can only read.
func New(store Store, key ed25519.PrivateKey) *Desk {
	return &Desk{store: store, key: key, turn: make(chan struct{}, 1)}
}

// SharePages has PersonKey come from secrets that other servers have, too: the first; what the others made still opens its line. It is
// called before the desk is used.
func (d *Desk) SharePages(secrets ...[]byte) { d.pages = secrets }

// Public is the public key, hexadecimal.
func (d *Desk) Public() string { return hex.EncodeToString(d.key.Public().(ed25519.PublicKey)) }

// Deed is who ratifies, and on what ground.
type Deed struct {
	By     string // name and office
	Reason string
	Order  string // of the list: ByProtocol, or "" by perangkat daerah, then name

	Office export.Office // whose papers the list is printed on
	URL    string        // of the server, for the QR code of the verification page; ""
}

// ByProtocol orders a list by protocol.
const ByProtocol = "protocol"

// check refuses a deed without a name or ground.
func (x Deed) check() error {
	for _, s := range []string{x.By, x.Reason} {
		if n := utf8.RuneCountInString(strings.TrimSpace(s)); n < 3 || n > 300 || !utf8.ValidString(s) {
			return classroom.Refuse(classroom.Invalid, "ratify_who_why")
		}
	}
	if x.Order != "" && x.Order != ByProtocol {
		return classroom.Refuse(classroom.Invalid, "ratify_order")
	}
	return nil
}

// List is a ratified list as it was read and verified.
type List struct {
	classroom.RatifiedList
	Doc  proof.Document
	Hash string // SHA-256 of the document, hexadecimal
}

// Name brings the event's journal the fact that a document is its list: only the event's home can.
type Name func(ctx context.Context, c classroom.RatifyList) error

// Ratify freezes an event's attendance, or makes a revision of it. The document is kept first, as a draft; it counts from the fact that
// name brings, and if that is refused it never does. Conflict: event_not_ended; evidence_open while
// something is still being counted (a running server closes the last evidence some 12 s after the end: 10 s of silence,
// 2 s until it is saved); nothing_to_revise if a revision would say the same again. Internal journal_broken: a journal
// that was touched is not signed.
func (d *Desk) Ratify(ctx context.Context, id classroom.EventID, deed Deed, now time.Time, name Name) (List, error) {
	if err := deed.check(); err != nil {
		return List{}, err
	}
	g, err := d.gather(ctx, id)
	if err != nil {
		return List{}, err
	}
	switch {
	case !g.sheet.Ended:
		return List{}, classroom.Refuse(classroom.Conflict, "event_not_ended")
	case g.open > 0:
		return List{}, classroom.Refuse(classroom.Conflict, "evidence_open")
	}
	if err := d.store.Verify(ctx, id); err != nil {
		return List{}, err
	}
	before, err := d.store.Ratified(ctx, id)
	if err != nil {
		return List{}, err
	}
	var last List // read anew: its hash goes into what is signed
	if n := len(before); n > 0 {
		if last, err = d.load(ctx, before[n-1].Number); err != nil {
			return List{}, err
		}
	}
	if deed.Order == ByProtocol {
		roster.SortByProtocol(g.sheet.Rows)
	}
	m := proof.Manifest{
		Number: rand.Text()[:20], JournalSeq: g.seq, Journal: hex.EncodeToString(g.end[:]), RatifiedAt: now.UnixMilli(),
		By: strings.TrimSpace(deed.By), Reason: strings.TrimSpace(deed.Reason), Order: deed.Order, Office: officeOf(deed.Office, deed.URL),
	}
	revision := 1
	if n := len(before); n > 0 {
		revision, m.Supersedes = last.Revision+1, last.Hash
	}
	absent, lacks := missing(g.facts, before)
	if lacks { // ratified at another server, and its document is not here: it is a revision of that
		revision, m.Supersedes = absent.Revision+1, absent.SHA256
	}
	if revision > 1 {
		m.Revision = revision
	}
	witnesses, err := d.store.Witnessed(ctx, id)
	if err != nil {
		return List{}, err
	}
	doc, err := sign(g.sheet, g.evidence, witnesses, m, d.key)
	if err != nil {
		return List{}, err
	}
	if n := len(before); n > 0 && !lacks && before[n-1].Voided == 0 && saysTheSame(last.Doc, doc) {
		return List{}, classroom.Refuse(classroom.Conflict, "nothing_to_revise")
	}
	file, err := doc.Encode()
	if err != nil {
		return List{}, err
	}
	kept := classroom.RatifiedList{Event: id, Number: m.Number, Revision: revision, At: m.RatifiedAt, Document: file}
	if err := d.store.SaveDraft(ctx, kept); err != nil {
		return List{}, err
	}
	hash := hashOf(file)
	if err := name(ctx, classroom.RatifyList{Number: kept.Number, SHA256: hash, Revision: revision, Reason: m.Reason, Who: m.By}); err != nil {
		return List{}, err
	}
	if err := d.Settle(ctx, id); err != nil {
		return List{}, err
	}
	return List{kept, doc, hash}, nil
}

// gathered is all that a list is made of, as it stands.
type gathered struct {
	sheet    classroom.Sheet
	evidence []attend.Span
	facts    []classroom.Fact
	open     int // spans that still grow
	seq      int64
	end      journal.Hash
}

func (d *Desk) gather(ctx context.Context, id classroom.EventID) (gathered, error) {
	var g gathered
	ev, err := d.store.Event(ctx, id)
	if err != nil {
		return g, err
	}
	spans, err := d.store.Spans(ctx, id)
	if err != nil {
		return g, err
	}
	for _, s := range spans {
		if s.Open {
			g.open++
		}
	}
	if g.facts, err = d.store.Facts(ctx, id, 0); err != nil {
		return g, err
	}
	if err := d.settle(ctx, id, g.facts); err != nil {
		return g, err
	}
	entries, err := d.store.Entries(ctx, id)
	if err != nil {
		return g, err
	}
	g.end = journal.Genesis(string(id))
	if n := len(g.facts); n > 0 { // facts are only added, so the entries hold at least these
		g.seq, g.end = entries[n-1].Seq, entries[n-1].Hash
	}
	people, err := d.store.PeopleByID(ctx, classroom.Present(g.facts, spans))
	if err != nil {
		return g, err
	}
	if g.sheet, err = classroom.NewSheet(ev, g.facts, spans, people); err != nil {
		return g, err
	}
	g.evidence, err = classroom.Evidence(ev, g.facts, spans)
	return g, err
}

// Sheet is an event's attendance: as ratified last, or as the evidence gives it so far.
func (d *Desk) Sheet(ctx context.Context, id classroom.EventID) (classroom.Sheet, error) {
	list, ok, err := d.Newest(ctx, id)
	if err != nil {
		return classroom.Sheet{}, err
	}
	if !ok {
		return classroom.LoadSheet(ctx, d.store, id)
	}
	return Frozen(list.Doc), nil
}

// Newest is the list of an event that counts; ok is false if it was never ratified, or if its newest list was voided.
func (d *Desk) Newest(ctx context.Context, id classroom.EventID) (list List, ok bool, err error) {
	heads, err := d.store.Ratified(ctx, id)
	n := len(heads)
	if err != nil || n == 0 || heads[n-1].Voided != 0 {
		return List{}, false, err
	}
	list, err = d.open(ctx, heads[n-1].Number)
	return list, err == nil, err
}

// lists reads all lists of an event, the newest last.
func (d *Desk) lists(ctx context.Context, id classroom.EventID) ([]List, error) {
	kept, err := d.store.Ratified(ctx, id)
	if err != nil {
		return nil, err
	}
	out := make([]List, len(kept))
	for i, k := range kept {
		if out[i], err = d.open(ctx, k.Number); err != nil {
			return nil, err
		}
		out[i].Voided = k.Voided
	}
	return out, nil
}

// open gives a document, read and verified now or before. NotFound number_unknown.
func (d *Desk) open(ctx context.Context, number string) (List, error) {
	if l, ok := d.known(number); ok {
		return l, nil
	}
	select {
	case d.turn <- struct{}{}:
	case <-ctx.Done():
		return List{}, ctx.Err()
	}
	defer func() { <-d.turn }()
	if l, ok := d.known(number); ok { // whoever had the turn before read it
		return l, nil
	}
	l, err := d.load(ctx, number)
	if err != nil {
		return List{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.read = append(d.read, l)
	for rows := d.rows(); rows > maxRows && len(d.read) > 1; rows = d.rows() {
		d.read = slices.Delete(d.read, 0, 1)
	}
	return l, nil
}

// known finds a document that was read, and moves it to the end: the others go first.
func (d *Desk) known(number string) (List, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := slices.IndexFunc(d.read, func(l List) bool { return l.Number == number })
	if i < 0 {
		return List{}, false
	}
	l := d.read[i]
	d.read = append(slices.Delete(d.read, i, i+1), l)
	return l, true
}

// rows counts the rows of all documents that are kept; d.mu must be held.
func (d *Desk) rows() int {
	n := 0
	for _, l := range d.read {
		n += len(l.Doc.Rows)
	}
	return n
}

// load reads and verifies a document.
func (d *Desk) load(ctx context.Context, number string) (List, error) {
	k, err := d.store.RatifiedByNumber(ctx, number)
	if err != nil {
		return List{}, err
	}
	doc, found := proof.Verify(k.Document, nil)
	if len(found) > 0 {
		return List{}, &classroom.Error{
			Kind: classroom.Internal, Code: "ratified_broken",
			Err: fmt.Errorf("the ratified attendance of %s, number %s, was touched: %s", k.Event, k.Number, found[0]),
		}
	}
	return List{k, doc, hashOf(k.Document)}, nil
}

func hashOf(file []byte) string {
	h := sha256.Sum256(file)
	return hex.EncodeToString(h[:])
}

// Year is what a person got in a year by what was ratified.
func (d *Desk) Year(ctx context.Context, person classroom.PersonID, year int) (int, error) {
	return d.store.YearJP(ctx, person, year)
}
