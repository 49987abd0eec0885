package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"betang/classroom"
	"betang/classroom/halls"
	"betang/classroom/roster"
	"betang/signaling"
)

const (
	maxMarkBatch = 200
	maxMarksBody = 128 << 10
)

// marksRequest is what a PIC's phone sends of its queue. Times are by the phone's own clock, which is not believed:
// what counts is how long before Sent a mark was taken.
type marksRequest struct {
	Sent  int64      `json:"sent"`
	Marks []sentMark `json:"marks"`
}

type sentMark struct {
	Entry  string `json:"entry"`  // made by the phone: a mark counts once
	Person string `json:"person"` // from the phone's list; or NIP, or Code of a personal card
	NIP    string `json:"nip"`
	Code   string `json:"code"`
	Out    bool   `json:"out"`
	At     int64  `json:"at"`
	How    string `json:"how"` // "list", "card", "paper"
	Reason string `json:"reason"`
	File   string `json:"file"`
}

// markResult tells what became of one mark. Retry: the server could not decide now, send it again.
type markResult struct {
	Entry   string `json:"entry"`
	OK      bool   `json:"ok"`
	Retry   bool   `json:"retry"`
	Code    string `json:"code"`
	Message string `json:"message"`
	Person  string `json:"person"`
	Name    string `json:"name"`
}

// marks takes in a PIC's queue. Each mark has its own outcome; sending all of them again does no harm.
func (h *hallServer) marks(w http.ResponseWriter, r *http.Request) {
	var req marksRequest
	err := decodeUpTo(w, r, &req, maxMarksBody)
	if err == nil && len(req.Marks) > maxMarkBatch {
		err = classroom.Refuse(classroom.Invalid, "body_too_large")
	}
	var hub HallHub
	var event classroom.EventID
	if err == nil {
		hub, event, err = h.openHall(r)
	}
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	now := time.Now()
	out := make([]markResult, len(req.Marks))
	for i, m := range req.Marks {
		at := now.UnixMilli() - max(0, req.Sent-m.At)
		p, err := h.mark(w, r, hub, event, m, at)
		out[i] = markResult{Entry: m.Entry, OK: err == nil, Person: string(p.ID), Name: p.FullName()}
		if err != nil {
			e := h.refusal(r, err)
			out[i].Code, out[i].Message = e.Code, e.Message
			out[i].Retry = classroom.Passing(err)
		}
	}
	answer(w, http.StatusOK, out)
}

func (h *hallServer) mark(w http.ResponseWriter, r *http.Request, hub HallHub, event classroom.EventID, m sentMark, at int64) (classroom.Person, error) {
	by := claimsOf(r)
	p, err := h.whom(w, r, event, by, m)
	if err != nil {
		return p, err
	}
	reason, ok := cleanName(m.Reason)
	if !ok {
		return p, classroom.Refuse(classroom.Invalid, "reason_empty")
	}
	if m.File != "" {
		digest, err := digestOf(m.File)
		if err != nil {
			return p, err
		}
		if _, err := h.Store.HallFile(r.Context(), event, digest); err != nil {
			return p, err
		}
	}
	id := hallParam(r)
	var opened int64
	if err := hub.Read(r.Context(), func(room *classroom.Room) {
		if v, ok := room.Hall(id); ok {
			opened = v.Opened.UnixMilli()
		}
	}); err != nil {
		return p, err
	}
	_, err = hub.Do(r.Context(), actorOf(by), classroom.MarkHall{
		Entry: m.Entry, Hall: id, Person: p.ID, Out: m.Out, At: max(at, opened), How: m.How, Reason: reason, File: m.File,
	})
	return p, err
}

// whom finds the person a mark is about: one of the PIC's own people, or whoever showed a personal card.
func (h *hallServer) whom(w http.ResponseWriter, r *http.Request, event classroom.EventID, by signaling.Claims, m sentMark) (classroom.Person, error) {
	ctx := r.Context()
	if m.Code != "" {
		code, ok := cleanCode(m.Code)
		if !ok {
			return classroom.Person{}, classroom.Refuse(classroom.Invalid, "code_form")
		}
		return try(w, func() (classroom.Person, error) {
			p, err := h.store.PersonByCode(ctx, event, code)
			return p, as(err, classroom.NotFound, "code_unknown")
		}, budget{h.limits.linkCodes, by.ID})
	}
	var p classroom.Person
	var err error
	if m.NIP != "" {
		nip, _, parse := roster.ParseNIP(m.NIP)
		if parse != nil {
			return p, parse
		}
		p, err = h.store.PersonByNIP(ctx, nip)
		err = as(err, classroom.NotFound, "nip_unknown")
	} else {
		p, err = h.store.Person(ctx, classroom.PersonID(m.Person))
		err = as(err, classroom.NotFound, "hall_person")
	}
	if err == nil && !inSlice(p, by.Slice) {
		return classroom.Person{}, classroom.Refuse(classroom.NotAllowed, "hall_slice")
	}
	return p, err
}

func digestOf(s string) (out [32]byte, err error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != 32 || s != strings.ToLower(s) {
		return out, classroom.Refuse(classroom.Invalid, "hall_file")
	}
	return [32]byte(b), nil
}

type strikeRequest struct {
	Entry  string `json:"entry"`
	Reason string `json:"reason"`
}

// strike withdraws a mark, for its PIC or BPSDM.
func (h *hallServer) strike(w http.ResponseWriter, r *http.Request) {
	var req strikeRequest
	err := decode(w, r, &req)
	var hub HallHub
	if err == nil {
		hub, _, err = h.openHall(r)
	}
	reason, ok := cleanName(req.Reason)
	if err == nil && !ok {
		err = classroom.Refuse(classroom.Invalid, "reason_empty")
	}
	if err == nil {
		_, err = hub.Do(r.Context(), actorOf(claimsOf(r)), classroom.StrikeMark{Entry: req.Entry, Reason: reason})
	}
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	answer(w, http.StatusOK, struct{}{})
}

// upload takes the picture of a signed sheet and answers with its name, its SHA-256.
func (h *hallServer) upload(w http.ResponseWriter, r *http.Request) {
	hub, event, err := h.openHall(r)
	var body []byte
	if err == nil {
		body, err = readBody(w, r, "application/octet-stream", halls.MaxFile)
	}
	kind := ""
	if err == nil {
		kind, err = pictureType(body)
	}
	id := hallParam(r)
	if err == nil {
		err = h.mayUpload(r.Context(), hub, id, claimsOf(r))
	}
	f := halls.File{Digest: sha256.Sum256(body), Hall: string(id), Type: kind, At: time.Now(), By: claimsOf(r).ID, Body: body}
	if err == nil {
		err = h.Store.SaveHallFile(r.Context(), event, f)
	}
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	answer(w, http.StatusOK, map[string]string{"file": hex.EncodeToString(f.Digest[:])})
}

func (h *hallServer) mayUpload(ctx context.Context, hub HallHub, id classroom.HallID, by signaling.Claims) error {
	err := classroom.Refuse(classroom.NotFound, "hall_unknown")
	failed := hub.Read(ctx, func(room *classroom.Room) {
		switch v, ok := room.Hall(id); {
		case !ok:
		case v.Owner.Link != by.ID:
			err = classroom.Refuse(classroom.NotAllowed, "hall_other")
		case time.Now().After(room.MarksUntil()):
			err = classroom.Refuse(classroom.Conflict, "hall_late")
		default:
			err = nil
		}
	})
	if failed != nil {
		return failed
	}
	if err != nil {
		return err
	}
	return nil
}

// pictureType tells JPEG, PNG and PDF by their first bytes, whatever their sender calls them. Nothing else is taken.
func pictureType(b []byte) (string, error) {
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xd8\xff")):
		return "image/jpeg", nil
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")):
		return "image/png", nil
	case bytes.HasPrefix(b, []byte("%PDF-1.")):
		return "application/pdf", nil
	}
	return "", classroom.Refuse(classroom.Invalid, "hall_file_type")
}
