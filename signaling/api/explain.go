package api

import (
	"net/http"
	"slices"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/signaling"
)

// explained tells how one person's figures came about: the rule, what was credited, and every stretch that was not with
// its reason. Of a ratified event it is what was ratified.
type explained struct {
	Person    string     `json:"person"`
	Rule      string     `json:"rule"` // the policy in one line, with its version
	Version   int        `json:"version"`
	Sentences []string   `json:"sentences"` // in Indonesian
	Intervals []interval `json:"intervals"`
	Gaps      []gapView  `json:"gaps"`
	Levels    string     `json:"levels"` // "AB": of what was credited
	// Seconds of each class that has any, never mixed.
	Classes []classSum `json:"classes"`
}

type classSum struct {
	Class   string `json:"class"`
	Seconds int    `json:"seconds"`
}

// explain answers for the person named in the body.
func (s *server) explain(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Person string `json:"person"`
	}
	hub, id, err := s.openHub(r)
	if err == nil {
		err = decode(w, r, &body)
	}
	var sheet classroom.Sheet
	if err == nil {
		sheet, _, err = s.sheets.get(r.Context(), id, hub, sheetAge)
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	i := slices.IndexFunc(sheet.Rows, func(row classroom.Row) bool { return string(row.Person.ID) == body.Person })
	if i < 0 {
		s.refuse(w, r, classroom.Refuse(classroom.NotFound, "not_attended"))
		return
	}
	answer(w, http.StatusOK, explainedOf(sheet, sheet.Rows[i]))
}

func explainedOf(sheet classroom.Sheet, row classroom.Row) explained {
	c, p := row.Result, sheet.Event.Policy
	out := explained{
		Person: string(row.Person.ID), Rule: classroom.RuleLine(p), Version: p.Version, Sentences: classroom.Explain(p, c),
		Intervals: intervalsOf(c), Gaps: gapsOf(signaling.Own{Policy: p, Held: sheet.Held()}, c), Levels: c.Sources.Levels(),
	}
	for _, x := range []classSum{
		{"delivered", c.DeliveredSecs},
		{"decoded", c.DecodedSecs},
		{"socket", c.SocketSeconds},
		{"scanned", c.ScannedSecs},
		{"marked", c.MarkedSecs},
		{"paper", c.PaperSecs},
		{"corrected", c.CorrectedSecs},
		{"voided", c.VoidedSecs},
	} {
		if x.Seconds > 0 || x.Class == "delivered" || x.Class == "decoded" || x.Class == "socket" {
			out.Classes = append(out.Classes, x)
		}
	}
	return out
}

func intervalsOf(c attend.Result) []interval {
	out := make([]interval, len(c.Intervals))
	for i, iv := range c.Intervals {
		out[i] = interval{exactly(iv.From), exactly(iv.To)}
	}
	return out
}
