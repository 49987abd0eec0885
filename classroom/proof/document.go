package proof

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"betang/classroom/attend"
)

// Format names this layout of documents.
const Format = "betang.kehadiran.1"

// Manifest is what is signed.
type Manifest struct {
	Format     string        `json:"format"`
	Number     string        `json:"number"` // of the document, unguessable: the verification page is found by it
	Event      string        `json:"event"`
	Kind       string        `json:"kind"`
	Title      string        `json:"title"`
	Speaker    string        `json:"speaker"`
	Host       string        `json:"host"`
	Place      string        `json:"place"`
	StartsAt   int64         `json:"startsAt"` // as planned, Unix ms
	EndsAt     int64         `json:"endsAt"`
	Policy     attend.Policy `json:"policy"`
	Live       [][2]int64    `json:"live"` // when the event was live, Unix ms
	Ceremony   [][2]int64    `json:"ceremony,omitempty"`
	JournalSeq int64         `json:"journalSeq"` // the last fact of the event
	Journal    string        `json:"journal"`    // and its hash in the chain
	RatifiedAt int64         `json:"ratifiedAt"` // Unix ms
	By         string        `json:"by"`
	AsOf       int64         `json:"asOf"` // of the last fact or evidence, Unix ms
	Reason     string        `json:"reason"`
	Rows       int           `json:"rows"`
	Root       string        `json:"root"` // of the Merkle tree over the rows

	// Later additions; absent in documents from before.
	Revision   int      `json:"revision,omitempty"`              // 0: the first
	Supersedes string   `json:"supersedes,omitempty"`            // SHA-256 of the document before this revision
	Order      string   `json:"order,omitempty"`                 // of the rows: "protocol", or "" by unit, then name
	Edges      []Edge   `json:"edges,omitempty" marks:"late"`    // other servers that signed the evidence that they gathered
	Unsigned   []string `json:"unsigned,omitempty" marks:"late"` // those whose evidence here is not signed by them, and why
	Office     *Office  `json:"office,omitempty" marks:"late"`   // what stands on the papers of this list beside it
	Marks      []string `json:"marks,omitempty"`                 // of the fields before this one, see marks.go
}

// Office is what an office had printed on its papers when a list was ratified. It is signed with the list, so that every paper of
// it can be made anew, byte by byte, and compared.
type Office struct {
	Government string `json:"government"` // the kop
	Office     string `json:"office"`
	Address    string `json:"address"`
	Emblem     string `json:"emblem"` // SHA-256 of the lambang, hexadecimal; "" without
	City       string `json:"city"`   // of who signs by hand
	Position   string `json:"position"`
	Name       string `json:"name"`
	Rank       string `json:"rank"`
	NIP        string `json:"nip"`
	Paper      string `json:"paper"` // "f4" or "a4"
	URL        string `json:"url"`   // of the server, before the verification page; ""
}

// RevisionNumber counts from 1.
func (m Manifest) RevisionNumber() int { return max(1, m.Revision) }

// Row is one person: who, what was seen of them, and what it earned.
type Row struct {
	No       int        `json:"no"` // from 1, as printed
	Person   string     `json:"person"`
	Front    string     `json:"front"`
	Name     string     `json:"name"`
	Back     string     `json:"back"`
	NIP      string     `json:"nip"`
	Grade    string     `json:"grade"`
	Position string     `json:"position"`
	Unit     string     `json:"unit"`
	Instansi string     `json:"instansi"`
	Region   string     `json:"region"` // Kemendagri code
	Verified bool       `json:"verified"`
	Method   string     `json:"method"`
	Credited Credited   `json:"credited"`
	Evidence []Evidence `json:"evidence"`

	// Later additions; absent in documents from before.
	Kind  string   `json:"kind,omitempty"`  // PNS, PPPK, ...
	Salt  string   `json:"salt,omitempty"`  // keeps a row from being guessed by its neighbour's proof
	Marks []string `json:"marks,omitempty"` // of the fields before this one, see marks.go
}

// Credited is attend.Result with names that stay.
type Credited struct {
	Rule      int        `json:"rule"`
	Intervals [][2]int64 `json:"intervals"` // Unix ms
	Seconds   int        `json:"seconds"`
	Bridged   int        `json:"bridged"`
	Live      int        `json:"live"`
	Percent   int        `json:"percent"`
	Meets     bool       `json:"meets"`
	JP        int        `json:"jp"`
	First     int64      `json:"first"`
	Last      int64      `json:"last"`
	Socket    int        `json:"socket"`
	Delivered int        `json:"delivered"`
	Decoded   int        `json:"decoded"`

	// Since rule 2.
	Counted   int       `json:"counted,omitempty"`
	Scanned   int       `json:"scanned,omitempty"`
	Marked    int       `json:"marked,omitempty"`
	Paper     int       `json:"paper,omitempty"`
	Corrected int       `json:"corrected,omitempty"`
	Voided    int       `json:"voided,omitempty"`
	Sources   int       `json:"sources,omitempty"`
	Outside   int       `json:"outside,omitempty"`
	Missing   []Missing `json:"missing,omitempty"`

	PolicyRevision int `json:"policyRevision,omitempty" marks:"late"` // of the manifest's policy
}

// Missing is attend.Missing.
type Missing struct {
	From int64  `json:"from"`
	To   int64  `json:"to"`
	Why  string `json:"why"`
	Seen int    `json:"seen,omitempty"`
}

// Evidence is one span.
type Evidence struct {
	Session string `json:"session"`
	Class   int    `json:"class"`
	From    int64  `json:"from"`
	To      int64  `json:"to"`
	Node    int    `json:"node,omitempty"` // which of the manifest's edges gathered and signed it, from 1; 0: none
}

// FromResult names a result's parts for a document. A result of rule 1 is written as it was when there was no other.
func FromResult(r attend.Result) Credited {
	c := Credited{
		Rule: r.PolicyVersion, Intervals: pairs(r.Intervals), Seconds: r.Seconds, Bridged: r.Bridged, Live: r.LiveSeconds,
		Percent: r.Percent, Meets: r.Meets, JP: r.JP, First: r.First, Last: r.Last,
		Socket: r.SocketSeconds, Delivered: r.DeliveredSecs, Decoded: r.DecodedSecs,
		Scanned: r.ScannedSecs, Marked: r.MarkedSecs, Paper: r.PaperSecs, Corrected: r.CorrectedSecs, Voided: r.VoidedSecs,
		Sources: int(r.Sources), Outside: r.OutsideSeconds, PolicyRevision: r.PolicyRevision,
	}
	if r.PolicyVersion > attend.Rule1 {
		c.Counted = r.CountedSeconds
	}
	for _, m := range r.Missing {
		c.Missing = append(c.Missing, Missing{m.From, m.To, string(m.Why), int(m.Seen)})
	}
	return c
}

// FromWindow gives a window as a manifest holds it.
func FromWindow(w attend.Window) [][2]int64 { return pairs(w) }

func pairs(list []attend.Interval) [][2]int64 {
	out := make([][2]int64, len(list))
	for i, v := range list {
		out[i] = [2]int64{v.From, v.To}
	}
	return out
}

// Held is when the event was held.
func (m Manifest) Held() attend.Held {
	return attend.Held{Live: window(m.Live), Ceremony: window(m.Ceremony)}
}

// Result is what FromResult named.
func (c Credited) Result() attend.Result {
	r := attend.Result{
		PolicyVersion: c.Rule, Intervals: window(c.Intervals), Seconds: c.Seconds, Bridged: c.Bridged, LiveSeconds: c.Live,
		CountedSeconds: c.Counted, Percent: c.Percent, Meets: c.Meets, JP: c.JP, First: c.First, Last: c.Last,
		SocketSeconds: c.Socket, DeliveredSecs: c.Delivered, DecodedSecs: c.Decoded,
		ScannedSecs: c.Scanned, MarkedSecs: c.Marked, PaperSecs: c.Paper, CorrectedSecs: c.Corrected, VoidedSecs: c.Voided,
		Sources: attend.Class(c.Sources), OutsideSeconds: c.Outside, PolicyRevision: c.PolicyRevision,
	}
	if c.Rule == attend.Rule1 {
		r.CountedSeconds = c.Live
	}
	for _, m := range c.Missing {
		r.Missing = append(r.Missing, attend.Missing{From: m.From, To: m.To, Why: attend.Why(m.Why), Seen: attend.Class(m.Seen)})
	}
	return r
}

func window(list [][2]int64) attend.Window {
	out := make(attend.Window, len(list))
	for i, v := range list {
		out[i] = attend.Interval{From: v[0], To: v[1]}
	}
	return out
}

// Document is a signed attendance list.
type Document struct {
	Manifest  Manifest
	Key       ed25519.PublicKey
	Signature []byte
	Rows      []Row
	One       bool // it is one person's proof, not the list

	paths [][]Hash
}

// context keeps a signature from meaning anything else.
const context = "betang kehadiran 1\x00"

// Sign fills in the manifest's format, count and root, and signs it.
func Sign(m Manifest, rows []Row, key ed25519.PrivateKey) (Document, error) {
	rows = slices.Clone(rows)
	leaves := make([]Hash, len(rows))
	for i, r := range rows {
		if r.No != i+1 {
			return Document{}, fmt.Errorf("proof: row %d has the number %d", i+1, r.No)
		}
		r.Marks = marks(r)
		rows[i] = r
		b, err := encode(r)
		if err != nil {
			return Document{}, fmt.Errorf("proof: row %d: %w", i+1, err)
		}
		leaves[i] = leafHash(b)
	}
	root, paths := tree(leaves)
	m.Format, m.Rows, m.Root = Format, len(rows), hex.EncodeToString(root[:])
	m.Marks = marks(m)
	b, err := encode(m)
	if err != nil {
		return Document{}, fmt.Errorf("proof: manifest: %w", err)
	}
	return Document{
		Manifest: m, Key: key.Public().(ed25519.PublicKey), Signature: ed25519.Sign(key, append([]byte(context), b...)),
		Rows: rows, paths: paths,
	}, nil
}

// line is one person in a file.
type line struct {
	Row  Row      `json:"row"`
	Path []string `json:"path"`
}

// manifestHead begins a file.
const manifestHead = `{"manifest":`

// The third line of a file tells whether it is a list or one person's part of it.
const (
	listLine  = "\"rows\":[\n"
	proofLine = "\"one\":[\n"
)

// Encode gives the file.
func (d Document) Encode() ([]byte, error) { return d.file(listLine) }

// ProofFor gives the file that proves one row, and shows nobody else's.
func (d Document) ProofFor(no int) ([]byte, error) {
	if no < 1 || no > len(d.Rows) || len(d.paths) != len(d.Rows) {
		return nil, fmt.Errorf("proof: no row %d in a list of %d", no, len(d.Rows))
	}
	d.Rows, d.paths = d.Rows[no-1:no], d.paths[no-1:no]
	return d.file(proofLine)
}

func (d Document) file(third string) ([]byte, error) {
	m, err := encode(d.Manifest)
	if err != nil {
		return nil, fmt.Errorf("proof: %w", err)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s%s,\n", manifestHead, m)
	fmt.Fprintf(&b, "\"key\":\"%x\",\"signature\":\"%x\",\n%s", []byte(d.Key), d.Signature, third)
	for i, r := range d.Rows {
		l := line{Row: r, Path: make([]string, len(d.paths[i]))}
		for j, h := range d.paths[i] {
			l.Path[j] = hex.EncodeToString(h[:])
		}
		text, err := encode(l)
		if err != nil {
			return nil, fmt.Errorf("proof: row %d: %w", i+1, err)
		}
		b.Write(text)
		if i < len(d.Rows)-1 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
	}
	b.WriteString("]}\n")
	return b.Bytes(), nil
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
