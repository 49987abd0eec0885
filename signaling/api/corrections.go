package api

import (
	"context"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/correction"
	"betang/classroom/roster"
)

// deskRow is one request at the correction desk, with the evidence beside it.
type deskRow struct {
	requestView
	Name   string  `json:"name"`
	NIP    string  `json:"nip"`
	Unit   string  `json:"unit"`
	Region string  `json:"region"`
	Own    ownView `json:"own"`
	// What the person would have if all that was asked for were granted.
	IfSeconds int  `json:"ifSeconds"`
	IfPercent int  `json:"ifPercent"`
	IfMeets   bool `json:"ifMeets"`
}

// corrections lists the requests of an event, oldest first.
func (s *server) corrections(w http.ResponseWriter, r *http.Request) {
	hub, _, err := s.openHub(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	list, err := hub.Corrections(r.Context())
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	out := []deskRow{}
	for i, view := range requestsOf(list) {
		row, err := s.deskRow(r, hub, list[i], view)
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		out = append(out, row)
	}
	answer(w, http.StatusOK, out)
}

func (s *server) deskRow(r *http.Request, hub Hub, q correction.Request, view requestView) (deskRow, error) {
	id := classroom.PersonID(q.Person)
	p, err := s.store.Person(r.Context(), id)
	if err != nil && classroom.KindOf(err) != classroom.NotFound {
		return deskRow{}, err
	}
	own, err := hub.Own(r.Context(), id)
	if err != nil {
		return deskRow{}, err
	}
	class := attend.Corrected
	if q.Desk && q.Decisions[0].Void {
		class = attend.Voided
	}
	would := own.Result(attend.Span{Person: q.Person, Session: q.ID, Class: class, From: q.Span.From, To: q.Span.To})
	return deskRow{
		requestView: view, Name: titled(p), NIP: p.NIP, Unit: p.Unit, Region: roster.RegionName(p.Region), Own: ownOf(own),
		IfSeconds: would.Seconds, IfPercent: would.Percent, IfMeets: would.Meets,
	}, nil
}

// correct grants somebody a stretch, or takes one away, without having been asked. The person stands in the body: a NIP is
// found by the table's search, and no id of ours tells who it is. Somebody who is on no list is named by NIP, name and unit.
func (s *server) correct(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Person string `json:"person"`
		NIP    string `json:"nip"` // instead of Person
		Name   string `json:"name"`
		Unit   string `json:"unit"`
		Void   bool   `json:"void"`
		From   int64  `json:"from"` // Unix ms
		To     int64  `json:"to"`
		Reason string `json:"reason"`
		Who    string `json:"who"`
	}
	hub, id, err := s.openHub(r)
	if err == nil {
		err = decode(w, r, &body)
	}
	person := classroom.PersonID(body.Person)
	reason, who, bad := tidyDeed(body.Reason, body.Who, ofCorrection)
	if err == nil {
		err = bad
	}
	switch {
	case err != nil:
	case body.NIP == "":
		_, err = s.store.Person(r.Context(), person)
		err = as(err, classroom.NotFound, string(correction.ErrPerson))
	case body.Void: // who is not on the list has nothing to take away
		err = classroom.Refuse(classroom.Invalid, string(correction.ErrPerson))
	default:
		person, err = s.unlisted(r.Context(), body.NIP, body.Name, body.Unit)
	}
	if err == nil {
		_, err = hub.Do(r.Context(), actorOf(claimsOf(r)), classroom.Correct{
			Person: person, Void: body.Void, From: body.From, To: body.To, Reason: reason, Who: who,
		})
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	s.readAnew(id)
	s.corrections(w, r)
}

// unlisted finds somebody by NIP who came and is not on the attendance list. Who is in no roster either is taken in as at the
// door, "menunggu verifikasi". Conflict correction_other: the roster knows the number as somebody else's.
func (s *server) unlisted(ctx context.Context, number, name, unit string) (classroom.PersonID, error) {
	nip, _, err := roster.ParseNIP(number)
	if err != nil {
		return "", err
	}
	name, ok := cleanName(name)
	if n := utf8.RuneCountInString(name); !ok || n < 2 || n > maxTyped {
		return "", classroom.Refuse(classroom.Invalid, "name_invalid")
	}
	known, err := s.store.PersonByNIP(ctx, nip)
	if err == nil {
		if !strings.Contains(classroom.SearchKey(titled(known)), classroom.SearchKey(name)) {
			return "", classroom.Refuse(classroom.Conflict, "correction_other")
		}
		return known.ID, nil
	}
	if classroom.KindOf(err) != classroom.NotFound {
		return "", err
	}
	if unit, ok = cleanName(unit); !ok || utf8.RuneCountInString(unit) < 2 || utf8.RuneCountInString(unit) > maxTyped {
		return "", classroom.Refuse(classroom.Invalid, "unit_invalid")
	}
	p := classroom.Person{ID: s.tokens.Newcomer(nip), NIP: nip, Name: name, Unit: unit}
	return p.ID, as(s.store.SavePeople(ctx, []classroom.Person{p}), classroom.Conflict, "correction_other")
}

// decide grants a stretch or refuses.
func (s *server) decide(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Granted bool   `json:"granted"`
		From    int64  `json:"from"` // Unix ms; 0 unless granted
		To      int64  `json:"to"`
		Reason  string `json:"reason"`
		Who     string `json:"who"`
	}
	hub, id, err := s.openHub(r)
	if err == nil {
		err = decode(w, r, &body)
	}
	reason, who, bad := tidyDeed(body.Reason, body.Who, ofCorrection)
	if err == nil {
		err = bad
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	cmd := classroom.Decide{
		Correction: classroom.CorrectionID(chi.URLParam(r, "correction")), Granted: body.Granted, From: body.From, To: body.To,
		Reason: reason, Who: who,
	}
	if _, err := hub.Do(r.Context(), actorOf(claimsOf(r)), cmd); err != nil {
		s.refuse(w, r, err)
		return
	}
	s.readAnew(id)
	s.corrections(w, r)
}
