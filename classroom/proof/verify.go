package proof

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"

	"betang/classroom/attend"
)

// Finding is something in a document that is not as it was signed.
type Finding struct {
	Where string // "manifest", "key and signature", "frame", or "row 12"
	Row   int    // from 1; 0: not a row
	Field string // as the file names it, where the change could be told down to it
	Why   string
}

// String is the finding in one line.
func (f Finding) String() string {
	if f.Field != "" {
		return f.Where + ", field " + f.Field + ": " + f.Why
	}
	return f.Where + ": " + f.Why
}

// Verify checks a file and names everything in it that was touched; no findings: it is as it was signed. With a key
// known from elsewhere, trust, a document signed by another key is a finding; with none, only the file's own key is
// used, and the caller must compare it. The document is what could be read of the file.
func Verify(file []byte, trust ed25519.PublicKey) (Document, []Finding) {
	var found []Finding
	add := func(where string, row int, format string, args ...any) {
		found = append(found, Finding{Where: where, Row: row, Why: fmt.Sprintf(format, args...)})
	}
	addFields := func(where string, row int, fields []string, why string) {
		for _, field := range fields {
			found = append(found, Finding{where, row, field, why})
		}
		if len(fields) == 0 {
			add(where, row, "%s", why)
		}
	}
	lines := bytes.SplitAfter(file, []byte("\n"))
	var d Document
	if len(lines) < 5 {
		add("frame", 0, "not a Betang attendance document, or cut off")
		return d, found
	}

	text, ok := between(lines[0], manifestHead, ",\n")
	if !ok || canonical(text, &d.Manifest) != nil {
		inner, _ := bytes.CutPrefix(lines[0], []byte(manifestHead))
		addFields("manifest", 0, brokenField(inner, lines[1], Manifest{}), unreadable)
	} else if d.Manifest.Format != Format {
		found = append(found, Finding{"manifest", 0, "format", fmt.Sprintf("%q is not known to this program", d.Manifest.Format)})
	}
	var signed struct {
		Key       string `json:"key"`
		Signature string `json:"signature"`
	}
	inner, ok := between(lines[1], "", ",\n")
	if !ok || canonical([]byte("{"+string(inner)+"}"), &signed) != nil {
		add("key and signature", 0, "cannot be read: they were changed")
	} else {
		d.Key, d.Signature = unhex(signed.Key, ed25519.PublicKeySize), unhex(signed.Signature, ed25519.SignatureSize)
		switch {
		case d.Key == nil || d.Signature == nil:
			add("key and signature", 0, "cannot be read: they were changed")
		case trust != nil && !trust.Equal(d.Key):
			add("key and signature", 0, "signed by another key than the one given")
		case !ed25519.Verify(d.Key, append([]byte(context), text...), d.Signature):
			where, fields := unsigned(d)
			addFields(where, 0, fields, "the signature does not fit: the manifest, the key or the signature was changed")
		}
	}
	d.One = string(lines[2]) == proofLine
	if !d.One && string(lines[2]) != listLine {
		add("frame", 0, "line 3 was changed")
	}
	end := len(lines) - 2 // what follows the last line break must be nothing
	if string(lines[end]) != "]}\n" || len(lines[end+1]) != 0 {
		add("frame", 0, "the end was changed or cut off")
		if string(lines[end]) != "]}\n" && len(lines[end+1]) != 0 {
			end++ // the end lost its own line break: rows reach up to it
		}
	}
	rows := lines[3:end]
	if len(found) > 0 && found[0].Where != "frame" {
		add("rows", 0, "cannot be judged: what they are checked against was itself changed")
		return d, found
	}
	next := 1
	for i, raw := range rows {
		c := checkRow(raw, lines[4+i], next, i == len(rows)-1, d.Manifest)
		if c.why == "" {
			for ; next < c.no && !d.One; next++ {
				add(fmt.Sprint("row ", next), next, "is missing")
			}
			d.Rows, d.paths = append(d.Rows, c.row), append(d.paths, c.path)
		} else {
			addFields(fmt.Sprint("row ", c.no), c.no, c.fields, c.why)
		}
		next = c.no + 1
	}
	if d.One {
		if len(rows) != 1 {
			add("frame", 0, "a proof holds one row, this one %d", len(rows))
		}
		return d, found
	}
	for ; next <= d.Manifest.Rows; next++ {
		add(fmt.Sprint("row ", next), next, "is missing")
	}
	if len(found) == 0 {
		found = checkEdges(d)
	}
	return d, found
}

// unsigned tells what of a manifest is not as signed: fields whose marks do not fit, or, if with the right marks it is
// what was signed, the marks. If all marks fit, it is most likely the key or the signature.
func unsigned(d Document) (where string, fields []string) {
	fields = changed(d.Manifest, d.Manifest.Marks)
	if len(fields) == 0 {
		return "key and signature", nil
	}
	d.Manifest.Marks = marks(d.Manifest)
	if b, err := encode(d.Manifest); err == nil && ed25519.Verify(d.Key, append([]byte(context), b...), d.Signature) {
		fields = []string{"marks"}
	}
	return "manifest", fields
}

// checked is what became of one row.
type checked struct {
	row    Row
	path   []Hash
	no     int
	fields []string // that were touched, as far as can be told
	why    string   // "": it is whole
}

const unreadable = "cannot be read: it was changed"

// checkRow reads the row that should have the number want, and tells which it is and what is wrong with it. A row that
// is whole may stand for a later number: those between are missing.
func checkRow(raw, after []byte, want int, last bool, m Manifest) checked {
	tail := ",\n"
	if last {
		tail = "\n"
	}
	text, ok := between(raw, "", tail)
	var l line
	if !ok || canonical(text, &l) != nil {
		return checked{no: want, fields: brokenField(raw, after, line{}), why: unreadable}
	}
	c := checked{row: l.Row, no: want, path: make([]Hash, len(l.Path))}
	b, err := encode(l.Row)
	if err != nil {
		c.why = unreadable
		return c
	}
	for i, s := range l.Path {
		h := unhex(s, len(Hash{}))
		if h == nil {
			c.fields, c.why = []string{"path"}, "was changed"
			return c
		}
		c.path[i] = Hash(h)
	}
	got, ok := rootOf(leafHash(b), l.Row.No-1, m.Rows, c.path)
	switch root := unhex(m.Root, len(Hash{})); {
	case !ok || root == nil || got != Hash(root):
		c.why = "is not what was signed: the row or its path was changed or added"
		if c.fields = changed(l.Row, l.Row.Marks); len(c.fields) > 0 {
			c.why = "is not what was signed"
			l.Row.Marks = marks(l.Row)
			if b, err := encode(l.Row); err == nil && ok && root != nil {
				if got, _ := rootOf(leafHash(b), l.Row.No-1, m.Rows, c.path); got == Hash(root) {
					c.fields = []string{"marks"} // with the right ones the row is what was signed
				}
			}
		}
	case l.Row.No < want:
		c.why = fmt.Sprintf("row %d stands in its place", l.Row.No)
	case !reflect.DeepEqual(Recompute(m, l.Row), l.Row.Credited):
		c.no, c.fields, c.why = l.Row.No, []string{"credited"}, "the credit does not follow from the evidence by the rule of the manifest"
	default:
		c.no = l.Row.No
	}
	return c
}

// Recompute works a row's credit out again from its evidence by the manifest's rule.
func Recompute(m Manifest, r Row) Credited {
	spans := make([]attend.Span, len(r.Evidence))
	for i, e := range r.Evidence {
		spans[i] = attend.Span{Person: r.Person, Session: e.Session, Class: attend.Class(e.Class), From: e.From, To: e.To}
	}
	return FromResult(attend.Credit(m.Policy, m.Held(), spans))
}

// canonical decodes what encode wrote, and nothing else.
func canonical(text []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return err
	}
	again, err := encode(reflect.ValueOf(into).Elem().Interface())
	if err != nil {
		return err
	}
	if !bytes.Equal(again, text) {
		return fmt.Errorf("not in canonical form")
	}
	return nil
}

func between(b []byte, head, tail string) ([]byte, bool) {
	b, ok := bytes.CutPrefix(b, []byte(head))
	if !ok {
		return nil, false
	}
	return bytes.CutSuffix(b, []byte(tail))
}

// unhex reads exactly n bytes; nil if it cannot.
func unhex(s string, n int) []byte {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != n || hex.EncodeToString(b) != s {
		return nil
	}
	return b
}
