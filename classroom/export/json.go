package export

import (
	"encoding/json"
	"io"
	"time"

	"betang/classroom"
	"betang/classroom/roster"
)

// listJSON is a daftar hadir for programs. Fields are only ever added. Times are RFC 3339 with WIB's offset; a NIP is
// text, because it does not fit a number.
type listJSON struct {
	Format   string     `json:"format"`
	Event    eventJSON  `json:"event"`
	Final    bool       `json:"final"` // nothing will be added
	Ratified *sealJSON  `json:"ratified"`
	People   []rowJSON  `json:"people"`
	Sums     Recap      `json:"sums"`
	Live     []spanJSON `json:"live"`
}

type eventJSON struct {
	ID        string `json:"id"`
	Kind      string `json:"kind"`
	Title     string `json:"title"`
	Speaker   string `json:"speaker"`
	Host      string `json:"host"`
	Place     string `json:"place"`
	StartsAt  string `json:"startsAt"`
	EndsAt    string `json:"endsAt"`
	Condition string `json:"condition"`

	Rule           int `json:"rule"`           // version of the rule set
	PolicyRevision int `json:"policyRevision"` // of the event's policy; 0: as it was planned
}

type sealJSON struct {
	Number   string `json:"number"`
	Revision int    `json:"revision"`
	SHA256   string `json:"sha256"`
	Key      string `json:"key"`
	Page     string `json:"page"`
}

type rowJSON struct {
	No         int        `json:"no"`
	Name       string     `json:"name"`
	NIP        string     `json:"nip"`
	Grade      string     `json:"grade"`
	Position   string     `json:"position"`
	Unit       string     `json:"unit"`
	Instansi   string     `json:"instansi"`
	RegionCode string     `json:"regionCode"`
	Region     string     `json:"region"`
	Verified   bool       `json:"verified"`
	Method     string     `json:"method"`
	In         string     `json:"in"` // "" for never
	Out        string     `json:"out"`
	Seconds    int        `json:"seconds"`
	Percent    int        `json:"percent"`
	Meets      bool       `json:"meets"`
	JP         int        `json:"jp"`
	Corrected  int        `json:"correctedSeconds"`
	Remark     string     `json:"remark"`
	Intervals  []spanJSON `json:"intervals"`
}

type spanJSON struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// WriteJSON writes a sheet for programs, with its sums. It is not the signed document, only what that says.
func WriteJSON(w io.Writer, sheet classroom.Sheet, seal Seal) error {
	ev := sheet.Event
	out := listJSON{
		Format: "betang.daftar-hadir.1", Final: sheet.Ended, People: []rowJSON{}, Sums: Recapitulate(sheet), Live: []spanJSON{},
		Event: eventJSON{
			ID: string(ev.ID), Kind: string(ev.Kind), Title: ev.Title, Speaker: ev.Speaker, Host: ev.Host, Place: ev.Place,
			StartsAt: stamp(ev.StartsAt.UnixMilli()), EndsAt: stamp(ev.EndsAt.UnixMilli()), Condition: classroom.RuleLine(ev.Policy),
			Rule: ev.Policy.Version, PolicyRevision: ev.Policy.Revision,
		},
	}
	for _, iv := range sheet.Live {
		out.Live = append(out.Live, spanJSON{stamp(iv.From), stamp(iv.To)})
	}
	if seal != (Seal{}) {
		out.Ratified = &sealJSON{seal.Number, max(1, seal.Revision), seal.Hash, seal.Key, seal.Link}
	}
	for i, row := range sheet.Rows {
		p, r := row.Person, row.Result
		line := rowJSON{
			No: i + 1, Name: p.FullName(), NIP: p.NIP, Grade: p.Grade, Position: p.Position, Unit: p.Unit, Instansi: p.Instansi,
			RegionCode: p.Region, Region: roster.RegionName(p.Region), Verified: p.Verified, Method: row.Method, In: stamp(r.First),
			Out: stamp(r.Last), Seconds: r.Seconds, Percent: r.Percent, Meets: r.Meets, JP: r.JP, Corrected: r.CorrectedSecs,
			Remark: remark(p, r), Intervals: []spanJSON{},
		}
		for _, iv := range r.Intervals {
			line.Intervals = append(line.Intervals, spanJSON{stamp(iv.From), stamp(iv.To)})
		}
		out.People = append(out.People, line)
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	return e.Encode(out)
}

// stamp is a time in WIB to the millisecond; "" for never.
func stamp(ms int64) string {
	if ms == 0 {
		return ""
	}
	return time.UnixMilli(ms).In(classroom.WIB).Format("2006-01-02T15:04:05.000Z07:00")
}
