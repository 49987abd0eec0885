package proof

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"betang/classroom/attend"
	"betang/classroom/cosign"
)

// full is a document in which every field has a value, those that may be left out too, but for a few in some rows.
func full(t testing.TB) (Document, []byte) {
	t.Helper()
	const from = 1_764_036_000_000
	p := attend.DefaultPolicy()
	p.Rounding, p.Ceremony, p.CapJP, p.Revision = attend.RoundNearest, false, 4, 2
	m := Manifest{
		Number: "K7QM2F9D", Event: "demo", Kind: "lecture", Title: `Kuliah <umum> & "Betang", {1}`, Speaker: "Gubernur", Host: "BPSDM", Place: "Aula, Jalan [A]",
		StartsAt: from, EndsAt: from + 7_200_000, Policy: p, Live: [][2]int64{{from, from + 3_600_000}, {from + 3_700_000, from + 7_200_000}},
		Ceremony: [][2]int64{{from + 60_000, from + 360_000}}, JournalSeq: 300, Journal: strings.Repeat("ab", 32), RatifiedAt: from + 9_000_000,
		By: "Kepala BPSDM", AsOf: from + 7_300_000, Reason: "Berita Acara 1", Revision: 2, Supersedes: strings.Repeat("cd", 32), Order: "protocol",
	}
	var rows []Row
	for i := range 3 {
		r := Row{
			No: i + 1, Person: "p" + string(rune('a'+i)), Front: "Dr.", Name: `Sri "Ayu" Wahyuni`, Back: "S.Sos., M.Si.", NIP: "19900101201503200" + string(rune('1'+i)),
			Grade: "III/b", Position: "Analis, Muda", Unit: "Dinas {Pendidikan}", Instansi: "Provinsi", Region: "62.02", Verified: i > 0, Method: "nip",
			Evidence: []Evidence{
				{"s1", int(attend.Delivered), from, from + 3_000_000, 0},
				{"s1", int(attend.Decoded), from, from + 2_000_000, 0},
				{"s1", int(attend.Socket), from - 60_000, from + 7_300_000, 0},
				{"h", int(attend.Marked), from + 4_000_000, from + 5_000_000, 0},
				{"k", int(attend.Corrected), from + 5_500_000, from + 6_000_000, 0},
				{"v", int(attend.Voided), from + 100_000, from + 900_000, 0},
				{"q", int(attend.Scanned), from + 6_000_000, from + 6_100_000, 0},
				{"l", int(attend.Paper), from + 6_200_000, from + 6_300_000, 0},
			},
			Kind: "PNS", Salt: strings.Repeat("0f", 16),
		}
		if i == 1 {
			r.Kind, r.Evidence = "", r.Evidence[:2]
		}
		if i == 2 { // enough for the JP, over a gap that is bridged, and on after the end
			r.Evidence = []Evidence{{"s1", int(attend.Delivered), from, from + 3_000_000, 0}, {"s1", int(attend.Delivered), from + 3_005_000, from + 7_300_000, 0}}
		}
		r.Credited = Recompute(m, r)
		rows = append(rows, r)
	}
	e := &rows[0].Evidence[0]
	e.Node = 1
	spans := []attend.Span{{Person: rows[0].Person, Session: e.Session, Class: attend.Class(e.Class), From: e.From, To: e.To}, {Person: "hall:1", Session: "s9", Class: attend.Socket, From: 5, To: 6}}
	edge, err := FromWitness(cosign.Witness{
		Node: "kotim-1", Key: key(2).Public().(ed25519.PublicKey), Spans: spans, Mark: 7,
		Heads: []cosign.Signed{cosign.Sign(cosign.Next("demo", "kotim-1", nil, 7, spans), key(2))},
	})
	if err != nil {
		t.Fatal(err)
	}
	edge.Rest = []Apart{{"hall:1", "s9", int(attend.Socket), 5, 6}}
	m.Office = &Office{"PEMERINTAH", "BADAN", "Jalan 1", strings.Repeat("ef", 32), "Palangka Raya", "Kepala", "Nama", "IV/c", "197001011995031001", "f4", "https://x"}
	m.Edges, m.Unsigned = []Edge{*edge}, []string{"seruyan-1 signed nothing"}
	d, err := Sign(m, rows, key(1))
	if err != nil {
		t.Fatal(err)
	}
	file, err := d.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return d, file
}

// place is where a byte of a whole file stands, found by other means than Verify's.
type place struct {
	where string
	field string // "" for the frame around the fields
	next  string // of a comma: the field after it
}

// places maps every byte of a file.
func places(t *testing.T, file []byte) []place {
	t.Helper()
	out := make([]place, len(file))
	at := 0
	for n, raw := range bytes.SplitAfter(file, []byte("\n")) {
		where := "frame"
		switch {
		case n == 0:
			where = "manifest"
		case n == 1:
			where = "key and signature"
		case bytes.HasPrefix(raw, []byte(`{"row":`)):
			where = "row " + string(rune('0'+n-2))
		}
		for i := range raw {
			out[at+i].where = where
		}
		if text := bytes.TrimRight(raw, ",\n"); where == "manifest" {
			fieldsOf(t, out[at:], text, len(`{"manifest":`), "")
		} else if strings.HasPrefix(where, "row") {
			fieldsOf(t, out[at:], text, 0, "")
		}
		at += len(raw)
	}
	return out
}

// fieldsOf reads an object with the standard library's decoder and marks the bytes of each member.
func fieldsOf(t *testing.T, out []place, text []byte, from int, prefix string) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(text[from:]))
	if _, err := dec.Token(); err != nil {
		t.Fatal(err)
	}
	at := from + 1 // the first member's key
	last := ""
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			t.Fatal(err)
		}
		name := tok.(string)
		valueAt := from + int(dec.InputOffset()) + 1
		var v json.RawMessage
		if err := dec.Decode(&v); err != nil {
			t.Fatal(err)
		}
		end := from + int(dec.InputOffset())
		full := prefix + name
		if last != "" {
			out[at].field, out[at].next = last, full
			at++
		}
		for ; at < end; at++ {
			out[at].field = full
		}
		switch name {
		case "row":
			fieldsOf(t, out, text[:end], valueAt, "")
		case "credited":
			fieldsOf(t, out, text[:end], valueAt, "credited.")
		}
		last = full
	}
}

// TestFlips: one changed byte anywhere, in a bit of it or made into what means something in JSON, is found; no field
// is named but the one it stands in, and inside a field's value or name that field is named, save of a row's path, which
// alone cannot tell whether it or the row was changed.
func TestFlips(t *testing.T) {
	d, file := full(t)
	full := map[string]bool{} // the fields that have a value somewhere
	for _, v := range []any{d.Manifest, d.Rows[0], d.Rows[2], d.Rows[0].Credited, d.Rows[2].Credited} {
		for i, val := 0, reflect.ValueOf(v); i < val.NumField(); i++ {
			name := val.Type().String() + "." + val.Type().Field(i).Name
			full[name] = full[name] || !val.Field(i).IsZero()
		}
	}
	for name, ok := range full {
		if !ok {
			t.Errorf("%s is empty in all rows: the test does not try it", name)
		}
	}
	where := places(t, file)
	one, err := d.ProofFor(2)
	if err != nil {
		t.Fatal(err)
	}
	try := func(file []byte, i int, to byte, p place) {
		t.Helper()
		bad := bytes.Clone(file)
		bad[i] = to
		_, found := Verify(bad, nil)
		what := func() string { return string(file[max(0, i-20):i]) + "[" + string(file[i]) + "→" + string(to) + "]" }
		if len(found) == 0 {
			t.Fatalf("byte %d was not noticed: %s", i, what())
		}
		f := found[0]
		if file[i] != '\n' && f.Where != p.where {
			t.Errorf("%s is in %+v, found %v", what(), p, f)
		}
		named := f.Field
		if named != "" && named != p.field && named != p.next && (p.field != "credited" || !strings.HasPrefix(named, "credited.")) && (p.field != "row" || named != "no") {
			t.Errorf("%s is in %+v, but named is %q", what(), p, named)
		}
		frame := p.field == "" || p.field == "row" || p.field == "path" || p.next != ""
		if named == "" && !frame {
			t.Errorf("%s is in %+v, and no field is named: %v", what(), p, f)
		}
	}
	rng := rand.New(rand.NewPCG(3, 4))
	for i, p := range where {
		to := file[i] ^ 1<<rng.IntN(8)
		if means := []byte(`"\,:{}[]0 `); rng.IntN(2) == 0 && bytes.IndexByte(means, file[i]) < 0 {
			to = means[rng.IntN(len(means))]
		}
		try(file, i, to, p)
	}
	for range 1000 {
		i := rng.IntN(len(file))
		try(file, i, file[i]^byte(1+rng.IntN(255)), where[i])
	}
	of := places(t, one)
	for i := range of {
		if of[i].where == "row 1" {
			try(one, i, one[i]^1, of[i])
		}
	}
}
