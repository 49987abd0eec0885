package api

import (
	"errors"
	"net/http"
	"time"

	"betang/classroom"
	"betang/classroom/halls"
	"betang/classroom/roster"
	"betang/signaling"
)

// A phone's way: scan (the code becomes a ticket that holds hall and time), identify (the ticket becomes a person's),
// mark. A phone that has been through it holds a pass, and its next scan skips the middle step.
const (
	audienceScan = "betang-scan" // hall and moment
	audienceMe   = "betang-scan-me"
	audiencePass = "betang-pass" // whose phone this is, for one event

	scanLife = 10 * time.Minute // to type a NIP after scanning: the mark is of the scan's time
	passLife = 3 * 24 * time.Hour
)

type scanRequest struct {
	QR   string `json:"qr"`
	Code string `json:"code"`
	Pass string `json:"pass"`
}

type scanAnswer struct {
	Event  string      `json:"event"`
	Title  string      `json:"title"`
	Phase  string      `json:"phase"`
	Hall   string      `json:"hall"`
	Ticket string      `json:"ticket"`
	Me     *phoneState `json:"me"` // null: the phone must say whose it is
	Now    int64       `json:"now"`
}

// phoneState is who holds the phone, and where they stand.
type phoneState struct {
	Name     string `json:"name"` // masked
	NIP      string `json:"nip"`  // masked
	Unit     string `json:"unit"`
	Region   string `json:"region"`
	Verified bool   `json:"verified"`
	Ticket   string `json:"ticket"`
	State    string `json:"state"` // "none", "in", "out"
	From     string `json:"from"`
	To       string `json:"to"`
	Other    string `json:"other"` // another hall where the person is still in
}

// scan exchanges what a camera read, or fingers typed, for a ticket.
func (h *hallServer) scan(w http.ResponseWriter, r *http.Request) {
	var req scanRequest
	if err := decode(w, r, &req); err != nil {
		h.refuse(w, r, err)
		return
	}
	now := time.Now()
	event, hall, how, err := h.readScan(w, r, req, now)
	var hub HallHub
	var public Hub
	if err == nil {
		hub, _, err = h.openEvent(r, event)
	}
	if err == nil {
		public, err = h.hub(r.Context(), event)
	}
	var view classroom.HallView
	if err == nil {
		view, err = h.openHallView(r, hub, hall)
	}
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	c := signaling.Claims{
		ID: NewTokenID(), Event: event, Role: classroom.RoleParticipant, Hall: hall, Method: how, Expires: now.Add(scanLife),
	}
	ticket, err := h.tokens.sign(audienceScan, c)
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	e := public.PublicEvent()
	out := scanAnswer{Event: e.ID, Title: e.Title, Phase: e.Phase, Hall: view.Name, Ticket: ticket, Now: now.UnixMilli()}
	if me, err := h.tokens.parse(audiencePass, req.Pass, now, 0); req.Pass != "" && err == nil && me.Event == event {
		if p, err := h.store.Person(r.Context(), me.Person); err == nil {
			out.Me, err = h.state(r, hub, c, p)
			if err != nil {
				h.refuse(w, r, err)
				return
			}
		}
	}
	answer(w, http.StatusOK, out)
}

// readScan tells which hall was scanned, and how. A wrong typed number is a guess.
func (h *hallServer) readScan(w http.ResponseWriter, r *http.Request, req scanRequest, now time.Time) (classroom.EventID, classroom.HallID, string, error) {
	if req.Code != "" {
		c, err := try(w, func() (typedCode, error) { return h.typed.find(req.Code, now.UnixMilli()) }, budget{h.limits.nips, address(r)})
		return c.event, c.hall, "code", err
	}
	event, hall, err := halls.ReadCode(h.Key, req.QR, now.UnixMilli())
	if code, is := errors.AsType[halls.Refusal](err); is {
		err = classroom.Refuse(classroom.NotAllowed, string(code))
	}
	return classroom.EventID(event), classroom.HallID(hall), "qr", err
}

func (h *hallServer) openHallView(r *http.Request, hub HallHub, id classroom.HallID) (v classroom.HallView, err error) {
	ok := false
	if err = hub.Read(r.Context(), func(room *classroom.Room) { v, ok = room.Hall(id) }); err != nil {
		return v, err
	}
	switch {
	case !ok:
		return v, classroom.Refuse(classroom.NotFound, "hall_unknown")
	case !v.Closed.IsZero():
		return v, classroom.Refuse(classroom.Conflict, "hall_closed")
	}
	return v, nil
}

// state tells where a person stands, with a ticket that is theirs.
func (h *hallServer) state(r *http.Request, hub HallHub, scan signaling.Claims, p classroom.Person) (*phoneState, error) {
	scan.ID, scan.Person = NewTokenID(), p.ID
	ticket, err := h.tokens.sign(audienceMe, scan)
	if err != nil {
		return nil, err
	}
	out := &phoneState{
		Name: roster.MaskName(p.Name), NIP: maskNIP(p.NIP), Unit: p.Unit, Region: roster.RegionName(p.Region), Verified: p.Verified,
		Ticket: ticket, State: "none",
	}
	err = hub.Read(r.Context(), func(room *classroom.Room) { where(out, room, scan.Hall, p.ID) })
	return out, err
}

func where(out *phoneState, room *classroom.Room, hall classroom.HallID, p classroom.PersonID) {
	for _, s := range room.HallStaysOf(p, time.Now()) {
		if s.Hall != string(hall) {
			if v, ok := room.Hall(classroom.HallID(s.Hall)); ok && s.NoOut {
				out.Other = v.Name
			}
			continue
		}
		if s.NoIn {
			continue
		}
		out.State, out.From, out.To = "in", stamp(s.From), ""
		if !s.NoOut {
			out.State, out.To = "out", stamp(s.To)
		}
	}
}

type phoneRequest struct {
	Ticket string `json:"ticket"`
	NIP    string `json:"nip"`
	Code   string `json:"code"`
	Name   string `json:"name"` // of a newcomer, with Unit and Region
	Unit   string `json:"unit"`
	Region string `json:"region"`
}

// ticketOf reads a ticket that was made for use.
func (h *hallServer) ticketOf(r *http.Request, use, ticket string) (signaling.Claims, HallHub, error) {
	c, err := h.tokens.parse(use, ticket, time.Now(), 0)
	if e, ok := errors.AsType[*classroom.Error](err); ok {
		code := "hall_ticket"
		if e.Code == "token_expired" {
			code = string(halls.ErrStale)
		}
		err = &classroom.Error{Kind: classroom.NotAllowed, Code: code, Err: e}
	}
	if err != nil {
		return c, nil, err
	}
	hub, _, err := h.openEvent(r, c.Event)
	return c, hub, err
}

// identifyPhone finds whose phone it is: by NIP or personal code, as at the event's door.
func (h *hallServer) identifyPhone(w http.ResponseWriter, r *http.Request) {
	h.phone(w, r, func(scan signaling.Claims, req phoneRequest) (classroom.Person, error) {
		p, _, err := h.find(w, r, doorOf(scan), identifyRequest{NIP: req.NIP, Code: req.Code})
		return p, err
	})
}

// newcomerPhone takes in somebody with a sound NIP whom no list knows: "menunggu verifikasi".
func (h *hallServer) newcomerPhone(w http.ResponseWriter, r *http.Request) {
	h.phone(w, r, func(scan signaling.Claims, req phoneRequest) (classroom.Person, error) {
		c, err := h.asNewcomer(w, r, doorOf(scan), joinRequest{NIP: req.NIP, Name: req.Name, Unit: req.Unit, Region: req.Region})
		if err != nil {
			return classroom.Person{}, err
		}
		return h.store.Person(r.Context(), c.Person)
	})
}

// doorOf is the link that a scanned code stands for at the event's door.
func doorOf(scan signaling.Claims) signaling.Claims {
	return signaling.Claims{ID: "hall " + string(scan.Event) + " " + string(scan.Hall), Event: scan.Event, Role: classroom.RoleParticipant}
}

func (h *hallServer) phone(w http.ResponseWriter, r *http.Request, whose func(scan signaling.Claims, req phoneRequest) (classroom.Person, error)) {
	var req phoneRequest
	err := decode(w, r, &req)
	var scan signaling.Claims
	var hub HallHub
	if err == nil {
		scan, hub, err = h.ticketOf(r, audienceScan, req.Ticket)
	}
	var p classroom.Person
	if err == nil {
		p, err = whose(scan, req)
	}
	var out *phoneState
	if err == nil {
		out, err = h.state(r, hub, scan, p)
	}
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	answer(w, http.StatusOK, out)
}

type phoneMark struct {
	Ticket string `json:"ticket"`
	Entry  string `json:"entry"` // made by the phone
	Out    bool   `json:"out"`
	Device string `json:"device"` // a random name of this browser
}

type phoneMarked struct {
	phoneState
	Pass string `json:"pass"`
}

// markPhone records that whoever holds the phone is here, or goes, at the time of the scan.
func (h *hallServer) markPhone(w http.ResponseWriter, r *http.Request) {
	var req phoneMark
	err := decode(w, r, &req)
	var c signaling.Claims
	var hub HallHub
	if err == nil {
		c, hub, err = h.ticketOf(r, audienceMe, req.Ticket)
	}
	if err == nil && !halls.ValidID(req.Device) {
		err = classroom.Refuse(classroom.Invalid, "message_malformed")
	}
	var v classroom.HallView
	if err == nil {
		v, err = h.openHallView(r, hub, c.Hall)
	}
	if err == nil {
		at := max(c.Expires.Add(-scanLife).UnixMilli(), v.Opened.UnixMilli()) // tickets hold whole seconds
		by := classroom.Actor{Person: c.Person, Role: classroom.RoleParticipant}
		_, err = hub.Do(r.Context(), by, classroom.ScanHall{
			Entry: req.Entry, Hall: c.Hall, Out: req.Out, At: at, How: c.Method, Device: req.Device,
		})
	}
	var out phoneMarked
	if err == nil {
		err = hub.Read(r.Context(), func(room *classroom.Room) { where(&out.phoneState, room, c.Hall, c.Person) })
	}
	if err == nil {
		out.Pass, err = h.tokens.sign(audiencePass, signaling.Claims{
			ID: NewTokenID(), Event: c.Event, Role: classroom.RoleParticipant, Person: c.Person, Expires: time.Now().Add(passLife),
		})
	}
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	answer(w, http.StatusOK, out)
}
