package ratify

import (
	"encoding/hex"

	"betang/classroom"
	"betang/classroom/export"
	"betang/classroom/proof"
)

// officeOf is an office as a list keeps it; nil if nothing is known of it.
func officeOf(o export.Office, url string) *proof.Office {
	if o.Letterhead.Office == "" && o.Signer.City == "" && url == "" {
		return nil
	}
	l, s := o.Letterhead, o.Signer
	out := proof.Office{
		Government: l.Government, Office: l.Office, Address: l.Address, City: s.City, Position: s.Office, Name: s.Name, Rank: s.Rank,
		NIP: s.NIP, Paper: o.Paper.Name(), URL: url,
	}
	if len(l.Emblem) > 0 {
		out.Emblem = hashOf(l.Emblem)
	}
	return &out
}

// Daftar is a list ready to be written in every format, always in the same bytes: on the papers of the office as it was when the
// list was ratified. office and url stand in for what a list from before that was kept does not say. The lambang is office's,
// if it is still the one of that day; a list names it only by its sum.
func (l List) Daftar(office export.Office, url string) export.Daftar {
	if o := l.Doc.Manifest.Office; o != nil {
		emblem := office.Letterhead.Emblem
		if len(emblem) > 0 && hashOf(emblem) != o.Emblem {
			emblem = nil
		}
		office = export.Office{
			Letterhead: export.Letterhead{Government: o.Government, Office: o.Office, Address: o.Address, Emblem: emblem},
			Signer:     export.Signer{City: o.City, Office: o.Position, Name: o.Name, Rank: o.Rank, NIP: o.NIP},
			Paper:      export.PaperNamed(o.Paper),
		}
		url = o.URL
	}
	return export.Daftar{Sheet: Frozen(l.Doc), Office: office, Seal: l.Seal(url)}
}

// Seal is what papers say of a list. base is the server's address; "" leaves out the verification page.
func (l List) Seal(base string) export.Seal {
	m := l.Doc.Manifest
	s := export.Seal{
		Number: l.Number, Revision: l.Revision, Hash: l.Hash, Key: hex.EncodeToString(l.Doc.Key),
		Status: "Ditetapkan " + export.Moment(l.RatifiedAt()) + " oleh " + m.By + ". Dasar: " + m.Reason,
	}
	if base != "" {
		s.Link = base + "/v/" + l.Number
	}
	return s
}

// FromDocument is the list of a document that was read and verified elsewhere; file is its bytes.
func FromDocument(doc proof.Document, file []byte) List {
	m := doc.Manifest
	l := List{Doc: doc, Hash: hashOf(file)}
	l.Event, l.Number, l.Revision, l.At, l.Document = classroom.EventID(m.Event), m.Number, m.RevisionNumber(), m.RatifiedAt, file
	return l
}
