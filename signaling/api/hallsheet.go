package api

import (
	"bytes"
	"net/http"
	"strconv"

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
	var file bytes.Buffer
	if err == nil {
		hall := v.Name
		if v.Place != "" {
			hall += ", " + v.Place
		}
		sheet := export.SignSheet{Event: ev, Office: h.office, Hall: hall, PIC: by.Name, People: people[:min(len(people), maxSlice)]}
		err = sheet.Write(&file)
	}
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	head := w.Header()
	head.Set("Content-Type", "application/pdf")
	head.Set("Content-Disposition", `attachment; filename="lembar-presensi-`+string(id)+"-"+string(v.ID)+`.pdf"`)
	head.Set("Content-Length", strconv.Itoa(file.Len()))
	_, _ = file.WriteTo(w) // the reader is gone: nobody to tell
}
