package proof

import (
	"crypto/ed25519"
	"encoding/hex"
	"strings"
	"testing"

	"betang/classroom/attend"
	"betang/classroom/cosign"
)

// cosigned is a list in which an edge signed the evidence of two people and of a screen. lie may change the rows and the
// manifest after the edge signed, and before the server does.
func cosigned(t *testing.T, lie func(m *Manifest, rows []Row)) []byte {
	t.Helper()
	d, _ := document(t, 3)
	var spans []attend.Span
	for i, r := range d.Rows[:2] {
		d.Rows[i].Evidence[0].Node = 1
		e := r.Evidence[0]
		spans = append(spans, attend.Span{Person: r.Person, Session: e.Session, Class: attend.Class(e.Class), From: e.From, To: e.To})
	}
	spans = append(spans, attend.Span{Person: "hall:1", Session: "s9", Class: attend.Socket, From: 5, To: 6})
	head := cosign.Sign(cosign.Next("demo", "kotim-1", nil, 7, spans), key(2))
	edge, err := FromWitness(cosign.Witness{Node: "kotim-1", Key: key(2).Public().(ed25519.PublicKey), Heads: []cosign.Signed{head}, Spans: spans, Mark: 7})
	if err != nil {
		t.Fatal(err)
	}
	edge.Rest = []Apart{{"hall:1", "s9", int(attend.Socket), 5, 6}}
	d.Manifest.Edges = []Edge{*edge}
	lie(&d.Manifest, d.Rows)
	for i := range d.Rows {
		d.Rows[i].Credited = Recompute(d.Manifest, d.Rows[i])
	}
	if d, err = Sign(d.Manifest, d.Rows, key(1)); err != nil {
		t.Fatal(err)
	}
	file, err := d.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// TestServerCannotLieAboutAnEdge: a server that signs other evidence than an edge sent is found out, although its own
// signature and every credit fit.
func TestServerCannotLieAboutAnEdge(t *testing.T) {
	for name, c := range map[string]struct {
		lie  func(m *Manifest, rows []Row)
		says string // "": it is whole
	}{
		"the truth":            {func(*Manifest, []Row) {}, ""},
		"its own evidence":     {func(_ *Manifest, rows []Row) { rows[2].Evidence[0].To += 1000 }, ""},
		"a minute more":        {func(_ *Manifest, rows []Row) { rows[0].Evidence[0].To += 60_000 }, "edge kotim-1: the evidence"},
		"another person":       {func(_ *Manifest, rows []Row) { rows[0].Person = "px" }, "edge kotim-1: the evidence"},
		"one left out":         {func(_ *Manifest, rows []Row) { rows[0].Evidence = rows[0].Evidence[1:] }, "edge kotim-1: the evidence"},
		"one put in":           {func(_ *Manifest, rows []Row) { rows[2].Evidence[0].Node = 1 }, "edge kotim-1: the evidence"},
		"a screen left out":    {func(m *Manifest, _ []Row) { m.Edges[0].Rest = nil }, "edge kotim-1: the evidence"},
		"an edge that is none": {func(_ *Manifest, rows []Row) { rows[2].Evidence[0].Node = 2 }, "row 3, field evidence"},
		"a digest of its own": {func(m *Manifest, rows []Row) {
			rows[0].Evidence[0].To += 60_000
			digest := cosign.Digest(nil)
			m.Edges[0].Digest = hex.EncodeToString(digest[:])
		}, "edge kotim-1: its signature does not fit"},
		"another event's": {func(m *Manifest, _ []Row) { m.Event = "other" }, "edge kotim-1: its signature does not fit"},
	} {
		_, found := Verify(cosigned(t, c.lie), nil)
		switch {
		case c.says == "" && len(found) > 0:
			t.Errorf("%s: %v", name, found)
		case c.says != "" && (len(found) == 0 || !strings.HasPrefix(found[0].String(), c.says)):
			t.Errorf("%s: found %v", name, found)
		}
	}
}

// TestTouchedEdge: after the server signed, whatever is touched of an edge is named.
func TestTouchedEdge(t *testing.T) {
	file := cosigned(t, func(*Manifest, []Row) {})
	at := strings.Index(string(file), `"k":1,"upTo":7`)
	if at < 0 {
		t.Fatal("no edge in the file")
	}
	file[at+len(`"k":1,"upTo":`)] = '8'
	if _, found := Verify(file, nil); len(found) == 0 || found[0].Where != "manifest" || found[0].Field != "edges" {
		t.Errorf("found %v", found)
	}
}
