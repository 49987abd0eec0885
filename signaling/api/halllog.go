package api

import (
	"bytes"
	"net/http"
	"slices"
	"time"

	"betang/classroom"
	"betang/classroom/export"
)

// hallLogRow is one mark as BPSDM checks it: whose word it is, when it came in, on what ground.
type hallLogRow struct {
	Entry  string `json:"entry"`
	Person string `json:"person"`
	Name   string `json:"name"`
	NIP    string `json:"nip"` // masked
	Unit   string `json:"unit"`
	Out    bool   `json:"out"`
	Level  string `json:"level"`
	How    string `json:"how"`
	At     string `json:"at"`
	Taken  string `json:"taken"`
	By     string `json:"by"` // the PIC; "": the person's own phone
	Reason string `json:"reason"`
	File   string `json:"file"` // SHA-256 of a sheet's picture
	Struck string `json:"struck"`
	Why    string `json:"why"` // it was withdrawn
}

// hallLog lists all marks of one hall.
func (h *hallServer) hallLog(w http.ResponseWriter, r *http.Request) {
	_, event, err := h.openHall(r)
	var facts []classroom.Fact
	if err == nil {
		facts, err = h.Facts(r.Context(), event, 0)
	}
	log := classroom.HallLog(facts, hallParam(r))
	ids := make([]classroom.PersonID, len(log))
	for i, e := range log {
		ids[i] = e.Person
	}
	slices.Sort(ids)
	var people map[classroom.PersonID]classroom.Person
	if err == nil {
		people, err = h.Store.PeopleByID(r.Context(), slices.Compact(ids))
	}
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	out := []hallLogRow{}
	for _, e := range log {
		p := people[e.Person]
		row := hallLogRow{
			Entry: e.Entry, Person: string(e.Person), Name: p.FullName(), NIP: maskNIP(p.NIP), Unit: p.Unit, Out: e.Out, Level: e.Level,
			How: e.How, At: stamp(e.At), Taken: e.Taken.Format(time.RFC3339), Reason: e.Reason, File: e.File, Why: e.Why,
		}
		if e.By.Role == classroom.RolePIC {
			row.By = e.By.Name
		}
		if !e.Struck.IsZero() {
			row.Struck = e.Struck.Format(time.RFC3339)
		}
		out = append(out, row)
	}
	answer(w, http.StatusOK, out)
}

// unitSheet gives the paper of one perangkat daerah, for a place that has no PIC with a phone.
func (h *hallServer) unitSheet(w http.ResponseWriter, r *http.Request) {
	hub, id, err := h.openHall(r)
	unit := r.URL.Query().Get("unit")
	var ev classroom.Event
	if err == nil {
		err = hub.Read(r.Context(), func(room *classroom.Room) { ev = room.Event() })
	}
	var people []classroom.Person
	if err == nil {
		people, err = h.sliceOf(r.Context(), id, unit)
	}
	if err == nil && len(people) == 0 {
		err = classroom.Refuse(classroom.NotFound, "unit_empty")
	}
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	h.sendSheet(w, r, export.SignSheet{Event: ev, Office: h.office, Unit: sliceName(unit), People: people}, "lembar-presensi-"+string(id))
}

// sendSheet writes the paper to sign.
func (h *hallServer) sendSheet(w http.ResponseWriter, r *http.Request, s export.SignSheet, name string) {
	s.People = s.People[:min(len(s.People), maxSlice)]
	var file bytes.Buffer
	if err := s.Write(&file); err != nil {
		h.refuse(w, r, err)
		return
	}
	attach(w, name+".pdf", "application/pdf", &file)
}
