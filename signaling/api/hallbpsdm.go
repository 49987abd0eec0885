package api

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"betang/classroom"
	"betang/classroom/halls"
	"betang/classroom/roster"
)

// hallsAnswer is everything BPSDM looks at of an event's halls.
type hallsAnswer struct {
	Until string     `json:"until"`
	Halls []hallInfo `json:"halls"`
	Files []fileRow  `json:"files"`
}

type fileRow struct {
	File string `json:"file"` // SHA-256
	Hall string `json:"hall"` // name
	Type string `json:"type"`
	At   string `json:"at"`
	Size int    `json:"size"`
}

// all shows BPSDM every hall and the pictures of sheets.
func (h *hallServer) all(w http.ResponseWriter, r *http.Request) {
	hub, id, err := h.openHall(r)
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	out := hallsAnswer{Files: []fileRow{}}
	out.Halls, out.Until, err = h.list(r.Context(), hub, func(classroom.HallView) bool { return true })
	names := map[classroom.HallID]string{}
	for _, v := range out.Halls {
		names[classroom.HallID(v.ID)] = v.Name
	}
	var files []halls.File
	if err == nil {
		files, err = h.Store.HallFiles(r.Context(), id)
	}
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	for _, f := range files {
		out.Files = append(out.Files, fileRow{
			File: hex.EncodeToString(f.Digest[:]), Hall: names[classroom.HallID(f.Hall)], Type: f.Type, At: stamp(f.At.UnixMilli()), Size: f.Size,
		})
	}
	answer(w, http.StatusOK, out)
}

// file gives the picture of a sheet. It came from outside: it is only ever downloaded, never shown as a page of ours.
func (h *hallServer) file(w http.ResponseWriter, r *http.Request) {
	_, id, err := h.openHall(r)
	var digest [32]byte
	if err == nil {
		digest, err = digestOf(chi.URLParam(r, "digest"))
	}
	var f halls.File
	if err == nil {
		f, err = h.Store.HallFile(r.Context(), id, digest)
	}
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	ending := map[string]string{"image/jpeg": ".jpg", "image/png": ".png", "application/pdf": ".pdf"}[f.Type]
	head := w.Header()
	head.Set("Content-Type", f.Type)
	head.Set("Content-Disposition", `attachment; filename="lembar-`+hex.EncodeToString(f.Digest[:4])+ending+`"`)
	head.Set("Content-Length", strconv.Itoa(len(f.Body)))
	_, _ = w.Write(f.Body) // the reader is gone: nobody to tell
}

type picRequest struct {
	Name  string `json:"name"`
	Slice string `json:"slice"`
}

type picAnswer struct {
	Link string `json:"link"`
	Code string `json:"code"`
}

// makePIC makes a link and a code for somebody who looks after halls. This is the only time they are readable.
func (h *hallServer) makePIC(w http.ResponseWriter, r *http.Request) {
	var req picRequest
	err := decode(w, r, &req)
	var id classroom.EventID
	if err == nil {
		_, id, err = h.openHall(r)
	}
	name, ok1 := cleanName(req.Name)
	slice, ok2 := cleanName(req.Slice)
	if err == nil && (!ok1 || !ok2 || len(name) < 2 || len(name) > maxTyped || len(slice) > maxTyped) {
		err = classroom.Refuse(classroom.Invalid, "name_invalid")
	}
	var out picAnswer
	if err == nil {
		pic := halls.PIC{ID: NewTokenID(), Name: name, Slice: slice}
		out.Code = roster.NewCode(func(b []byte) { _, _ = rand.Read(b) })
		if err = h.Store.SavePIC(r.Context(), id, pic, out.Code); err == nil {
			out.Link, err = h.tokens.Issue(picClaims(id, pic))
		}
	}
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	out.Link = h.Base + "/k/" + string(id) + "/ruang#t=" + out.Link
	by := claimsOf(r)
	h.log.InfoContext(r.Context(), "link for a PIC made", "id", noteOf(r).id, "event", string(id), "token", by.ID)
	answer(w, http.StatusOK, out)
}
