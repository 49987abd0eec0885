package api

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"time"

	"betang/classroom"
	"betang/classroom/roster"
	"betang/classroom/roster/sheet"
)

// RosterStore is what taking in lists and giving out codes asks of storage.
type RosterStore interface {
	roster.Known
	roster.Keeper
	roster.CodeKeeper
	SaveImport(ctx context.Context, i roster.Import) error
	RosterUnits(ctx context.Context, event classroom.EventID) ([]roster.Unit, error)
	Roster(ctx context.Context, event classroom.EventID, unit string, all bool) ([]roster.Invited, error)
}

const (
	shownProblems = 500 // in a preview; the workbook has them all
	stepEvery     = 150 * time.Millisecond
)

// importStep is one line of the answer while a list is being read, compared or saved.
type importStep struct {
	Step  string `json:"step"` // "read", "compare", "save"
	Done  int64  `json:"done"`
	Total int64  `json:"total"`
}

// importResult is the last line: what the file holds and, after a save, what became of it. Result is "preview",
// "saved" or "failed".
type importResult struct {
	Result   string          `json:"result"`
	Digest   string          `json:"digest"` // SHA-256 of the file, hexadecimal: a save must name that of its preview
	Tables   []importTable   `json:"tables"`
	People   int             `json:"people"`
	New      int             `json:"new"`
	Changed  int             `json:"changed"`
	Same     int             `json:"same"`
	Doubles  int             `json:"doubles"`
	Refused  int             `json:"refused"`
	Problems []importProblem `json:"problems"` // the first 500
	Warnings []importWarning `json:"warnings"`
	Samples  []importSample  `json:"samples"`
	Message  string          `json:"message,omitempty"` // of a failure
	Code     string          `json:"code,omitempty"`
}

type importTable struct {
	Name    string         `json:"name"`
	Header  int            `json:"header"` // row; 0: no heading found, the sheet was left out
	Rows    int            `json:"rows"`
	Columns []importColumn `json:"columns"`
	Refused []string       `json:"refused"` // columns that are not collected
}

type importColumn struct {
	Field  string `json:"field"`
	Header string `json:"header"`
}

type importProblem struct {
	Sheet   string   `json:"sheet"`
	Row     int      `json:"row"`
	Code    string   `json:"code"`
	Message string   `json:"message"`
	Other   int      `json:"other,omitempty"`
	Cells   []string `json:"cells"`
}

type importWarning struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	N       int    `json:"n"`
}

type importSample struct {
	Row    int      `json:"row"`
	State  string   `json:"state"`
	NIP    string   `json:"nip"`
	Front  string   `json:"front"`
	Name   string   `json:"name"`
	Back   string   `json:"back"`
	Kind   string   `json:"kind"`
	Grade  string   `json:"grade"`
	Job    string   `json:"position"`
	Unit   string   `json:"unit"`
	Inst   string   `json:"instansi"`
	Region string   `json:"region"`
	Warn   []string `json:"warn"`
}

// rosterImport takes a list as the request's body. Without ?save it only says what it would do; with ?save=DIGEST it
// does it. The answer is a stream of JSON lines, steps first and one result last, so that a page can show how far it
// is; nothing is kept on the server between preview and save. A refusal before the first step is an ordinary error.
func (s *server) rosterImport(w http.ResponseWriter, r *http.Request) {
	_, id, data, err := s.readList(w, r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	digest := sha256.Sum256(data)
	name := hex.EncodeToString(digest[:])
	save := r.URL.Query().Get("save")
	if save != "" && save != name {
		s.refuse(w, r, classroom.Refuse(classroom.Conflict, "roster_other_file"))
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/x-ndjson; charset=utf-8")
	h.Set("X-Accel-Buffering", "no") // a proxy that gathers the answer would hold the progress back
	out := newLines(w)

	ctx := r.Context()
	sheets, report, err := parseList(data, out)
	if err != nil {
		s.importFailed(r, out, err)
		return
	}
	plan, err := roster.NewPlan(ctx, report, s.roster, s.tokens.Newcomer, func(done, total int) { out.step("compare", int64(done), int64(total)) })
	if err != nil {
		s.importFailed(r, out, err)
		return
	}
	result := s.importResult(r, sheets, report, plan)
	result.Digest, result.Result = name, "preview"
	if save != "" {
		if err := plan.Save(ctx, s.roster, id, func(done, total int) { out.step("save", int64(done), int64(total)) }); err != nil {
			s.importFailed(r, out, err)
			return
		}
		by := claimsOf(r)
		err := s.roster.SaveImport(ctx, roster.Import{
			Event: id, Digest: digest, By: by.ID, People: plan.People(), Added: plan.New, Changed: plan.Changed, Refused: len(plan.Problems),
		})
		if err != nil {
			s.importFailed(r, out, err)
			return
		}
		s.log.InfoContext(ctx, "roster imported", "id", noteOf(r).id, "event", string(id), "digest", name, "people", plan.People(),
			"new", plan.New, "changed", plan.Changed, "refused", len(plan.Problems), "token", by.ID, "role", string(by.Role))
		result.Result = "saved"
	}
	out.line(result)
}

// rosterProblems answers with the workbook of the rows of the sent list that cannot be taken.
func (s *server) rosterProblems(w http.ResponseWriter, r *http.Request) {
	_, id, data, err := s.readList(w, r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	sheets, report, err := parseList(data, nil)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	plan, err := roster.NewPlan(r.Context(), report, s.roster, s.tokens.Newcomer, nil)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	h.Set("Content-Disposition", `attachment; filename="baris-bermasalah-`+string(id)+`.xlsx"`)
	lang := language(r)
	err = sheet.WriteProblems(w, sheets, report.Tables, plan.Problems, func(code string) string { return s.sentence(code, lang) })
	if err != nil {
		s.log.ErrorContext(r.Context(), "write the rows with errors", "id", noteOf(r).id, "err", err)
	}
}

// readList reads the file of a request for an event that exists.
func (s *server) readList(w http.ResponseWriter, r *http.Request) (Hub, classroom.EventID, []byte, error) {
	hub, id, err := s.openHub(r)
	if err != nil {
		return nil, "", nil, err
	}
	data, err := readBody(w, r, "application/octet-stream", sheet.MaxFile)
	return hub, id, data, err
}

func parseList(data []byte, out *lines) ([]roster.Sheet, roster.Report, error) {
	progress := func(done, total int64) {
		if out != nil {
			out.step("read", done, total)
		}
	}
	sheets, err := sheet.Read(data, progress)
	if err != nil {
		return nil, roster.Report{}, err
	}
	report, err := roster.Parse(sheets, time.Now())
	return sheets, report, err
}

func (s *server) importFailed(r *http.Request, out *lines, err error) {
	e := s.refusal(r, err)
	noteOf(r).code = e.Code
	out.line(importResult{Result: "failed", Message: e.Message, Code: e.Code})
}

func (s *server) importResult(r *http.Request, sheets []roster.Sheet, report roster.Report, plan *roster.Plan) importResult {
	lang := language(r)
	out := importResult{
		People: plan.People(), New: plan.New, Changed: plan.Changed, Same: plan.Same, Doubles: report.Doubles, Refused: len(plan.Problems),
		Tables: []importTable{}, Problems: []importProblem{}, Warnings: []importWarning{}, Samples: []importSample{},
	}
	for _, t := range report.Tables {
		table := importTable{Name: t.Name, Header: t.Header, Rows: t.Rows, Columns: []importColumn{}, Refused: append([]string{}, t.Refused...)}
		for _, c := range t.Columns {
			table.Columns = append(table.Columns, importColumn{string(c.Field), c.Header})
		}
		out.Tables = append(out.Tables, table)
	}
	for _, p := range plan.Problems[:min(len(plan.Problems), shownProblems)] {
		out.Problems = append(out.Problems, importProblem{sheets[p.Sheet].Name, p.Row, p.Code, s.sentence(p.Code, lang), p.Other, p.Cells[:min(len(p.Cells), 8)]})
	}
	for _, code := range slices.Sorted(maps.Keys(plan.Warn)) {
		out.Warnings = append(out.Warnings, importWarning{code, s.sentence(code, lang), plan.Warn[code]})
	}
	for _, e := range plan.Samples {
		p := e.Person
		out.Samples = append(out.Samples, importSample{
			Row: e.Row, State: e.State, NIP: p.NIP, Front: p.Front, Name: p.Name, Back: p.Back, Kind: p.Kind, Grade: p.Grade,
			Job: p.Position, Unit: p.Unit, Inst: p.Instansi, Region: roster.RegionName(p.Region), Warn: append([]string{}, e.Warn...),
		})
	}
	return out
}

// lines writes an answer of JSON lines, each at once.
type lines struct {
	w    io.Writer
	ctl  *http.ResponseController
	name string    // of the step told last
	last time.Time // and when
}

func newLines(w http.ResponseWriter) *lines { return &lines{w: w, ctl: http.NewResponseController(w)} }

// step tells how far something is, a few times a second.
func (l *lines) step(name string, done, total int64) {
	now := time.Now()
	if name == l.name && done < total && now.Sub(l.last) < stepEvery {
		return
	}
	l.name, l.last = name, now
	l.line(importStep{name, done, total})
}

func (l *lines) line(v any) {
	body, err := json.Marshal(v)
	if err != nil {
		return
	}
	_, _ = l.w.Write(append(body, '\n')) // the reader is gone: nobody to tell
	_ = l.ctl.Flush()
}

// rosterUnits lists the units on an event's list, for printing codes.
func (s *server) rosterUnits(w http.ResponseWriter, r *http.Request) {
	_, id, err := s.openHub(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	units, err := s.roster.RosterUnits(r.Context(), id)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	type unit struct {
		Name   string `json:"name"`
		People int    `json:"people"`
		Coded  int    `json:"coded"`
	}
	out := []unit{}
	for _, u := range units {
		out = append(out, unit{u.Name, u.People, u.Coded})
	}
	answer(w, http.StatusOK, out)
}

type codesRequest struct {
	Unit  string `json:"unit"`
	All   bool   `json:"all"`   // every unit
	Renew bool   `json:"renew"` // also for those who have a code, which is void then
}

type codeRow struct {
	Name string `json:"name"`
	NIP  string `json:"nip"` // masked: a printed sheet lies about
	Unit string `json:"unit"`
	Code string `json:"code"`
}

// rosterCodes makes personal codes and shows them, this once: the server keeps hashes.
func (s *server) rosterCodes(w http.ResponseWriter, r *http.Request) {
	var req codesRequest
	err := decode(w, r, &req)
	var id classroom.EventID
	if err == nil {
		_, id, err = s.openHub(r)
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	people, err := s.roster.Roster(r.Context(), id, req.Unit, req.All)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	var ids []classroom.PersonID
	rows := []codeRow{}
	for _, p := range people {
		if p.Coded && !req.Renew {
			continue
		}
		ids = append(ids, p.Person.ID)
		rows = append(rows, codeRow{Name: p.Person.FullName(), NIP: maskNIP(p.Person.NIP), Unit: p.Person.Unit})
	}
	codes, err := roster.GiveCodes(r.Context(), s.roster, id, ids, func(b []byte) { _, _ = rand.Read(b) })
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	for i, c := range codes {
		rows[i].Code = c.Code
	}
	by := claimsOf(r)
	s.log.InfoContext(r.Context(), "personal codes made", "id", noteOf(r).id, "event", string(id), "codes", len(codes), "renew", req.Renew,
		"token", by.ID, "role", string(by.Role))
	answer(w, http.StatusOK, rows)
}
