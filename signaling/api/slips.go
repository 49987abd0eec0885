package api

import (
	"bytes"
	"net/http"
	"time"

	"betang/classroom"
	"betang/classroom/export"
	"betang/classroom/roster"
)

// maxSlips is how many slips one file has: 167 pages and some 4 MB.
const maxSlips = 2000

// rosterSlips prints codes that rosterCodes has just given out. The server does not know them any more, so whoever prints
// brings them; nothing of them is kept or logged.
func (s *server) rosterSlips(w http.ResponseWriter, r *http.Request) {
	var req struct {
		Codes []codeRow `json:"codes"`
	}
	err := decodeUpTo(w, r, &req, maxSlips*1000)
	var hub Hub
	var id classroom.EventID
	if err == nil {
		hub, id, err = s.openHub(r)
	}
	switch {
	case err != nil:
	case len(req.Codes) == 0:
		err = classroom.Refuse(classroom.Invalid, "message_malformed")
	case len(req.Codes) > maxSlips:
		err = classroom.Refuse(classroom.Invalid, "body_too_large")
	}
	slips := make([]export.Slip, len(req.Codes))
	for i, c := range req.Codes {
		if !roster.IsCode(c.Code) {
			err = classroom.Refuse(classroom.Invalid, "message_malformed")
			break
		}
		slips[i] = export.Slip{Name: c.Name, NIP: c.NIP, Unit: c.Unit, Code: c.Code}
	}
	var file bytes.Buffer
	if err == nil {
		e := hub.PublicEvent()
		at, _ := time.Parse(time.RFC3339, e.StartsAt) // our own
		err = export.Slips{Title: e.Title, At: at, Slips: slips}.Write(&file)
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	attach(w, "kode-masuk-"+string(id)+".pdf", "application/pdf", &file)
}
