package api

import (
	"net/http"

	"betang/classroom"
	"betang/classroom/export"
)

// sheetPDF gives the paper for a hall without phones or signal: the PIC's own people, with room to sign.
func (h *hallServer) sheetPDF(w http.ResponseWriter, r *http.Request) {
	by := claimsOf(r)
	hub, id, err := h.openHall(r)
	var v classroom.HallView
	var ev classroom.Event
	if err == nil {
		err = hub.Read(r.Context(), func(room *classroom.Room) {
			v, _ = room.Hall(hallParam(r))
			ev = room.Event()
		})
	}
	if err == nil && (v.ID == "" || v.Owner.Link != by.ID) {
		err = classroom.Refuse(classroom.NotFound, "hall_unknown")
	}
	var people []classroom.Person
	if err == nil {
		people, err = h.sliceOf(r.Context(), id, by.Slice)
	}
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	hall := v.Name
	if v.Place != "" {
		hall += ", " + v.Place
	}
	h.sendSheet(w, r, export.SignSheet{Event: ev, Office: h.office, Hall: hall, PIC: by.Name, People: people},
		"lembar-presensi-"+string(id)+"-"+string(v.ID))
}
