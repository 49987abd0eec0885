package ratify

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"slices"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/cosign"
	"betang/classroom/proof"
)

// sign makes the document of a sheet and of the evidence it was worked out from. m holds the deed; the rest is filled in.
func sign(sheet classroom.Sheet, evidence []attend.Span, witnesses []cosign.Witness, m proof.Manifest, key ed25519.PrivateKey) (proof.Document, error) {
	ev := sheet.Event
	m.Event, m.Kind, m.Title, m.Speaker, m.Host, m.Place = string(ev.ID), string(ev.Kind), ev.Title, ev.Speaker, ev.Host, ev.Place
	m.StartsAt, m.EndsAt, m.Policy, m.AsOf = ev.StartsAt.UnixMilli(), ev.EndsAt.UnixMilli(), ev.Policy, sheet.AsOf.UnixMilli()
	m.Live, m.Ceremony = proof.FromWindow(sheet.Live), nil
	if len(sheet.Ceremony) > 0 {
		m.Ceremony = proof.FromWindow(sheet.Ceremony)
	}
	of := ByPerson(evidence)
	listed := map[string]bool{}
	for _, row := range sheet.Rows {
		listed[string(row.Person.ID)] = true
	}
	for _, w := range witnesses {
		if err := attribute(&m, of, listed, w); err != nil {
			m.Unsigned = append(m.Unsigned, err.Error())
		}
	}
	rows := make([]proof.Row, len(sheet.Rows))
	for i, row := range sheet.Rows {
		p := row.Person
		rows[i] = proof.Row{
			No: i + 1, Person: string(p.ID), Front: p.Front, Name: p.Name, Back: p.Back, NIP: p.NIP, Grade: p.Grade,
			Position: p.Position, Unit: p.Unit, Instansi: p.Instansi, Region: p.Region, Verified: p.Verified,
			Method: row.Method, Credited: proof.FromResult(row.Result), Evidence: of[string(p.ID)], Kind: p.Kind,
			Salt: salt(key, m.Number, string(p.ID)),
		}
	}
	return proof.Sign(m, rows, key)
}

// attribute adds a node that signed what it sent to the manifest, and marks its evidence as its own. Nothing is added when
// the list does not hold exactly that.
func attribute(m *proof.Manifest, of map[string][]proof.Evidence, listed map[string]bool, w cosign.Witness) error {
	edge, err := proof.FromWitness(w)
	if err != nil {
		return err
	}
	var own []*proof.Evidence
	for _, sp := range w.Spans {
		if !listed[sp.Person] {
			edge.Rest = append(edge.Rest, proof.Apart{Person: sp.Person, Session: sp.Session, Class: int(sp.Class), From: sp.From, To: sp.To})
			continue
		}
		want := proof.Evidence{Session: sp.Session, Class: int(sp.Class), From: sp.From, To: sp.To}
		i := slices.Index(of[sp.Person], want)
		if i < 0 {
			return fmt.Errorf("the list does not hold all that %s signed", w.Node)
		}
		own = append(own, &of[sp.Person][i])
	}
	m.Edges = append(m.Edges, *edge)
	for _, e := range own {
		e.Node = len(m.Edges)
	}
	return nil
}

// salt is 16 bytes that nobody else can guess.
func salt(key ed25519.PrivateKey, number, person string) string {
	mac := hmac.New(sha256.New, key.Seed())
	mac.Write([]byte("betang salt 1\x00" + number + "\x00" + person))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// ByPerson sorts evidence into what rows hold. Nobody's is left out.
func ByPerson(evidence []attend.Span) map[string][]proof.Evidence {
	of := map[string][]proof.Evidence{}
	for _, s := range evidence {
		if s.Person != "" {
			of[s.Person] = append(of[s.Person], proof.Evidence{Session: s.Session, Class: int(s.Class), From: s.From, To: s.To})
		}
	}
	return of
}

// saysTheSame tells whether a revision would change nothing that anybody reads.
func saysTheSame(a, b proof.Document) bool {
	bare := func(d proof.Document) (proof.Manifest, []proof.Row) {
		m := d.Manifest
		m.Number, m.Revision, m.Supersedes, m.RatifiedAt, m.By, m.Reason, m.Root, m.Marks = "", 0, "", 0, "", "", "", nil
		m.JournalSeq, m.Journal, m.AsOf = 0, "", 0 // a request that was refused is a fact, too
		m.Edges, m.Unsigned = nil, nil
		rows := make([]proof.Row, len(d.Rows))
		for i, r := range d.Rows {
			r.Salt, r.Marks, r.Evidence = "", nil, anybodys(r.Evidence)
			rows[i] = r
		}
		return m, rows
	}
	am, ar := bare(a)
	bm, br := bare(b)
	return reflect.DeepEqual(am, bm) && reflect.DeepEqual(ar, br)
}

// anybodys is evidence without who signed it.
func anybodys(list []proof.Evidence) []proof.Evidence {
	list = slices.Clone(list)
	for i := range list {
		list[i].Node = 0
	}
	return list
}

// Frozen is the sheet that a document holds, so that every export of a ratified event shows what was ratified,
// whatever became of the roster or the rules since.
func Frozen(d proof.Document) classroom.Sheet {
	m := d.Manifest
	held := m.Held()
	sheet := classroom.Sheet{
		Event: classroom.Event{
			ID: classroom.EventID(m.Event), Kind: classroom.EventKind(m.Kind), Title: m.Title, Speaker: m.Speaker, Host: m.Host,
			Place: m.Place, StartsAt: time.UnixMilli(m.StartsAt).UTC(), EndsAt: time.UnixMilli(m.EndsAt).UTC(), Policy: m.Policy,
		},
		Live: held.Live, Ceremony: held.Ceremony, Ended: true, AsOf: time.UnixMilli(m.AsOf).UTC(),
	}
	for _, r := range d.Rows {
		sheet.Rows = append(sheet.Rows, classroom.Row{
			Person: classroom.Person{
				ID: classroom.PersonID(r.Person), Front: r.Front, Name: r.Name, Back: r.Back, NIP: r.NIP, Kind: r.Kind, Grade: r.Grade,
				Position: r.Position, Unit: r.Unit, Instansi: r.Instansi, Region: r.Region, Verified: r.Verified,
			},
			Result: r.Credited.Result(), Method: r.Method,
		})
	}
	return sheet
}
