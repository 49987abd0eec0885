package export

import (
	"crypto/ed25519"
	"encoding/hex"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/proof"
)

// Ratification is the deed that freezes an attendance list.
type Ratification struct {
	Number  string // of the document, unguessable
	At      time.Time
	By      string // who ratifies
	Reason  string
	Journal [32]byte // hash of the event's last fact
	Seq     int64    // and its number
}

// Ratify signs a sheet together with the spans it was worked out from. Conflict event_not_ended while anything may
// still be added.
func Ratify(sheet classroom.Sheet, spans []attend.Span, r Ratification, key ed25519.PrivateKey) (proof.Document, error) {
	if !sheet.Ended {
		return proof.Document{}, classroom.Refuse(classroom.Conflict, "event_not_ended")
	}
	ev := sheet.Event
	m := proof.Manifest{
		Number: r.Number, Event: string(ev.ID), Kind: string(ev.Kind), Title: ev.Title, Speaker: ev.Speaker, Host: ev.Host,
		Place: ev.Place, StartsAt: ev.StartsAt.UnixMilli(), EndsAt: ev.EndsAt.UnixMilli(), Policy: ev.Policy,
		Live: proof.FromWindow(sheet.Live), Ceremony: proof.FromWindow(sheet.Ceremony), JournalSeq: r.Seq, Journal: hex.EncodeToString(r.Journal[:]),
		RatifiedAt: r.At.UnixMilli(), By: r.By, Reason: r.Reason, AsOf: sheet.AsOf.UnixMilli(),
	}
	of := map[string][]proof.Evidence{}
	for _, s := range spans {
		of[s.Person] = append(of[s.Person], proof.Evidence{Session: s.Session, Class: int(s.Class), From: s.From, To: s.To})
	}
	rows := make([]proof.Row, len(sheet.Rows))
	for i, row := range sheet.Rows {
		p := row.Person
		rows[i] = proof.Row{
			No: i + 1, Person: string(p.ID), Front: p.Front, Name: p.Name, Back: p.Back, NIP: p.NIP, Grade: p.Grade,
			Position: p.Position, Unit: p.Unit, Instansi: p.Instansi, Region: p.Region, Verified: p.Verified,
			Method: row.Method, Credited: proof.FromResult(row.Result), Evidence: of[string(p.ID)],
		}
	}
	return proof.Sign(m, rows, key)
}

// Frozen is the sheet that a document holds, so that every export of a ratified event shows what was ratified,
// whatever became of the roster or the rules since.
func Frozen(d proof.Document) classroom.Sheet {
	m := d.Manifest
	sheet := classroom.Sheet{
		Event: classroom.Event{
			ID: classroom.EventID(m.Event), Kind: classroom.EventKind(m.Kind), Title: m.Title, Speaker: m.Speaker, Host: m.Host,
			Place: m.Place, StartsAt: time.UnixMilli(m.StartsAt).UTC(), EndsAt: time.UnixMilli(m.EndsAt).UTC(), Policy: m.Policy,
		},
		Live: m.Held().Live, Ceremony: m.Held().Ceremony, Ended: true, AsOf: time.UnixMilli(m.AsOf).UTC(),
	}
	for _, r := range d.Rows {
		sheet.Rows = append(sheet.Rows, classroom.Row{
			Person: classroom.Person{
				ID: classroom.PersonID(r.Person), Front: r.Front, Name: r.Name, Back: r.Back, NIP: r.NIP, Grade: r.Grade,
				Position: r.Position, Unit: r.Unit, Instansi: r.Instansi, Region: r.Region, Verified: r.Verified,
			},
			Result: r.Credited.Result(), Method: r.Method,
		})
	}
	return sheet
}
