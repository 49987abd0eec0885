package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"betang/classroom"
	"betang/classroom/halls"
	"betang/classroom/roster"
	"betang/signaling"
)

// The endpoints of Ruang Bersama in the policy table.
const (
	mayHall   = "hall"
	mayScreen = "hall.screen"
	mayHalls  = "halls.read"
	mayJudge  = "flag.judge"
)

// HallStore is what Ruang Bersama asks of storage.
type HallStore interface {
	Roster(ctx context.Context, event classroom.EventID, unit string, all bool) ([]roster.Invited, error)
	PeopleByID(ctx context.Context, ids []classroom.PersonID) (map[classroom.PersonID]classroom.Person, error)
	SaveHallFile(ctx context.Context, event classroom.EventID, f halls.File) error
	HallFiles(ctx context.Context, event classroom.EventID) ([]halls.File, error)
	HallFile(ctx context.Context, event classroom.EventID, digest [32]byte) (halls.File, error)
	SavePIC(ctx context.Context, event classroom.EventID, p halls.PIC, code string) error
	PICByCode(ctx context.Context, event classroom.EventID, code string) (halls.PIC, error)
}

// HallHub is what Ruang Bersama asks of an event's hub.
type HallHub interface {
	RoomHub
	Screens(ctx context.Context) (map[classroom.HallID]signaling.Screens, error)
}

// HallConfig is what Ruang Bersama needs.
type HallConfig struct {
	Store HallStore
	Hub   func(ctx context.Context, id classroom.EventID) (HallHub, error)
	// Key seals the codes on the screens; at least 32 bytes, the same over restarts.
	Key []byte
	// Base is the address that phones open: "https://kuliah.example.go.id".
	Base string
	// Flags looks for what is odd in an event's attendance: classroom.LoadFlags on the store.
	Flags func(ctx context.Context, id classroom.EventID) ([]classroom.Flag, error)
	// Facts reads an event's journal after a fact.
	Facts func(ctx context.Context, id classroom.EventID, after int64) ([]classroom.Fact, error)
}

// hallServer serves the desk of a PIC, the screen, the phones and BPSDM.
type hallServer struct {
	*server
	HallConfig
	typed *typedCodes
}

func (s *server) hallRoutes(r chi.Router, cfg HallConfig) {
	h := &hallServer{server: s, HallConfig: cfg, typed: newTypedCodes()}
	r.Route("/hall", func(r chi.Router) { // a phone that read a screen's code; no token yet
		r.Use(s.byAddress(s.limits.identify))
		r.Post("/scan", h.scan)
		r.Post("/identify", h.identifyPhone)
		r.Post("/newcomer", h.newcomerPhone)
		r.Post("/mark", h.markPhone)
	})
	r.With(s.byAddress(s.limits.join)).Post("/events/{event}/pic", h.enterPIC)
	r.With(s.byAddress(s.limits.join)).Post("/events/{event}/screen", h.enterScreen)
	r.With(s.authorize(mayScreen)).Get("/events/{event}/screen/code", h.screenCodes)
	r.Route("/events/{event}/halls", func(r chi.Router) {
		r.Use(s.authorize(mayHall), s.byToken(s.limits.bpsdm))
		r.Get("/", h.desk)
		r.Post("/", h.open)
		r.Get("/roster", h.slice)
		r.Get("/{hall}", h.hall)
		r.Post("/{hall}/close", h.command(func(id classroom.HallID) classroom.Command { return classroom.CloseHall{Hall: id} }))
		r.Post("/{hall}/reopen", h.command(func(id classroom.HallID) classroom.Command { return classroom.ReopenHall{Hall: id} }))
		r.Post("/{hall}/screen", h.giveScreen)
		r.Post("/{hall}/marks", h.marks)
		r.Post("/{hall}/strike", h.strike)
		r.Post("/{hall}/files", h.upload)
		r.Get("/{hall}/sheet.pdf", h.sheetPDF)
	})
	r.Route("/bpsdm/events/{event}/halls", func(r chi.Router) {
		r.Use(s.authorize(mayHalls), s.byToken(s.limits.bpsdm))
		r.Get("/", h.all)
		r.Post("/strike", h.strike)
		r.Post("/pics", h.makePIC)
		r.Get("/files/{digest}", h.file)
		r.Get("/flags", h.flags)
		r.With(s.authorize(mayJudge)).Post("/flags/{flag}", h.judge)
		r.Get("/sheet.pdf", h.unitSheet)
		r.Get("/{hall}", h.hallLog)
	})
}

// openHall finds the hub of the path's event.
func (h *hallServer) openHall(r *http.Request) (HallHub, classroom.EventID, error) {
	id := classroom.EventID(chi.URLParam(r, "event"))
	if !id.Valid() {
		return nil, "", classroom.Refuse(classroom.NotFound, "event_unknown")
	}
	return h.openEvent(r, id)
}

func (h *hallServer) openEvent(r *http.Request, id classroom.EventID) (HallHub, classroom.EventID, error) {
	hub, err := h.Hub(r.Context(), id)
	if err != nil {
		return nil, "", err
	}
	noteOf(r).event = id
	return hub, id, nil
}

func actorOf(c signaling.Claims) classroom.Actor {
	return classroom.Actor{Person: c.Person, Role: c.Role, Name: c.Name, Link: c.ID}
}

// hallInfo is one hall as its PIC and BPSDM see it.
type hallInfo struct {
	ID        string `json:"id"`
	Entry     string `json:"entry"`
	Name      string `json:"name"`
	Place     string `json:"place"`
	PIC       string `json:"pic"`
	Opened    string `json:"opened"`
	Closed    string `json:"closed"` // "": open
	Screens   int    `json:"screens"`
	Receiving bool   `json:"receiving"`
	Inside    int    `json:"inside"` // came and did not go
	Left      int    `json:"left"`
	ByLevel   [3]int `json:"byLevel"` // people by the level of their last stay: B, C, D
}

type deskAnswer struct {
	Event eventInfo  `json:"event"`
	Name  string     `json:"name"`  // of the PIC
	Slice string     `json:"slice"` // whose people: a name; "" for all
	Until string     `json:"until"` // when late marks end
	Halls []hallInfo `json:"halls"`
}

// desk lists the PIC's halls.
func (h *hallServer) desk(w http.ResponseWriter, r *http.Request) {
	by := claimsOf(r)
	hub, id, err := h.openHall(r)
	var public Hub
	if err == nil {
		public, err = h.hub(r.Context(), id)
	}
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	out := deskAnswer{Name: by.Name, Slice: sliceName(by.Slice)}
	out.Halls, out.Until, err = h.list(r.Context(), hub, func(v classroom.HallView) bool { return v.Owner.Link == by.ID })
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	out.Event = eventInfo{public.PublicEvent(), h.notice, time.Now().UnixMilli()}
	answer(w, http.StatusOK, out)
}

func sliceName(slice string) string {
	if name := roster.RegionName(slice); name != "" {
		return name
	}
	return slice
}

// list gives the halls that are wanted.
func (h *hallServer) list(ctx context.Context, hub HallHub, want func(classroom.HallView) bool) ([]hallInfo, string, error) {
	screens, err := hub.Screens(ctx)
	if err != nil {
		return nil, "", err
	}
	out := []hallInfo{}
	until := ""
	err = hub.Read(ctx, func(room *classroom.Room) {
		until = stamp(room.MarksUntil().UnixMilli())
		index := map[string]int{}
		for _, v := range room.Halls() {
			if want(v) {
				index[string(v.ID)] = len(out)
				out = append(out, infoOf(v, screens[v.ID]))
			}
		}
		last := map[[2]string]halls.Stay{}
		for _, s := range room.HallStays(time.Now()) {
			if _, is := index[s.Hall]; is {
				last[[2]string{s.Hall, s.Person}] = s
			}
		}
		for key, s := range last {
			info := &out[index[key[0]]]
			if s.NoOut {
				info.Inside++
			} else {
				info.Left++
			}
			info.ByLevel[s.Level[0]-'B']++
		}
	})
	return out, until, err
}

func infoOf(v classroom.HallView, s signaling.Screens) hallInfo {
	info := hallInfo{
		ID: string(v.ID), Entry: v.Entry, Name: v.Name, Place: v.Place, PIC: v.Owner.Name, Opened: v.Opened.Format(time.RFC3339),
		Screens: s.Connected, Receiving: s.Receiving,
	}
	if !v.Closed.IsZero() {
		info.Closed = v.Closed.Format(time.RFC3339)
	}
	return info
}

type openRequest struct {
	Entry string `json:"entry"`
	Name  string `json:"name"`
	Place string `json:"place"`
}

// open opens a hall.
func (h *hallServer) open(w http.ResponseWriter, r *http.Request) {
	var req openRequest
	err := decode(w, r, &req)
	var hub HallHub
	if err == nil {
		hub, _, err = h.openHall(r)
	}
	name, ok1 := cleanName(req.Name)
	place, ok2 := cleanName(req.Place)
	if err == nil && (!ok1 || !ok2) {
		err = classroom.Refuse(classroom.Invalid, "hall_name")
	}
	if err == nil {
		_, err = hub.Do(r.Context(), actorOf(claimsOf(r)), classroom.OpenHall{Entry: req.Entry, Name: name, Place: place})
	}
	var mine []hallInfo
	if err == nil {
		mine, _, err = h.list(r.Context(), hub, func(v classroom.HallView) bool { return v.Entry == req.Entry })
	}
	if err == nil && len(mine) == 0 {
		err = classroom.Refuse(classroom.NotFound, "hall_unknown")
	}
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	answer(w, http.StatusOK, mine[0])
}

// command gives a handler for a command that needs nothing but the hall.
func (h *hallServer) command(cmd func(classroom.HallID) classroom.Command) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		hub, _, err := h.openHall(r)
		if err == nil {
			_, err = hub.Do(r.Context(), actorOf(claimsOf(r)), cmd(hallParam(r)))
		}
		if err != nil {
			h.refuse(w, r, err)
			return
		}
		answer(w, http.StatusOK, struct{}{})
	}
}

func hallParam(r *http.Request) classroom.HallID { return classroom.HallID(chi.URLParam(r, "hall")) }

// hallPerson is somebody in a hall, as the PIC sees them.
type hallPerson struct {
	Person string     `json:"person"`
	Name   string     `json:"name"`
	NIP    string     `json:"nip"` // masked
	Unit   string     `json:"unit"`
	Marks  []hallMark `json:"marks"`
	Stays  []hallStay `json:"stays"`
}

type hallMark struct {
	Entry  string `json:"entry"`
	Out    bool   `json:"out"`
	Level  string `json:"level"`
	At     string `json:"at"`
	Struck bool   `json:"struck"`
}

type hallStay struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Level string `json:"level"`
	NoOut bool   `json:"noOut"`
	NoIn  bool   `json:"noIn"`
}

type hallAnswer struct {
	hallInfo
	ScreenCode string       `json:"screenCode"` // for the hall's computer; "" when closed
	ScreenPage string       `json:"screenPage"`
	People     []hallPerson `json:"people"`
	Now        int64        `json:"now"`
}

// hall shows one hall to its PIC.
func (h *hallServer) hall(w http.ResponseWriter, r *http.Request) {
	hub, event, err := h.openHall(r)
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	by, id := claimsOf(r), hallParam(r)
	list, _, err := h.list(r.Context(), hub, func(v classroom.HallView) bool { return v.ID == id && v.Owner.Link == by.ID })
	if err == nil && len(list) == 0 {
		err = classroom.Refuse(classroom.NotFound, "hall_unknown")
	}
	var people []hallPerson
	if err == nil {
		people, err = h.people(r.Context(), hub, id)
	}
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	now := time.Now().UnixMilli()
	out := hallAnswer{hallInfo: list[0], People: people, Now: now, ScreenPage: h.Base + "/k/" + string(event) + "/layar"}
	if out.Closed == "" {
		out.ScreenCode = halls.ScreenCode(h.Key, string(event), string(id), now)
	}
	answer(w, http.StatusOK, out)
}

// people lists who has a mark in a hall, by name.
func (h *hallServer) people(ctx context.Context, hub HallHub, id classroom.HallID) ([]hallPerson, error) {
	var ids []classroom.PersonID
	out := []hallPerson{}
	err := hub.Read(ctx, func(room *classroom.Room) {
		ids = room.HallPeople(id)
		stays := map[string][]hallStay{}
		for _, s := range room.HallStays(time.Now()) {
			if s.Hall == string(id) {
				stays[s.Person] = append(stays[s.Person], hallStay{stamp(s.From), stamp(s.To), string(s.Level), s.NoOut, s.NoIn})
			}
		}
		for _, p := range ids {
			row := hallPerson{Person: string(p), Marks: []hallMark{}, Stays: stays[string(p)]}
			if row.Stays == nil {
				row.Stays = []hallStay{}
			}
			for _, m := range room.HallMarks(id, p) {
				row.Marks = append(row.Marks, hallMark{m.ID, m.Out, string(m.Level), stamp(m.At), m.Struck})
			}
			out = append(out, row)
		}
	})
	if err != nil {
		return nil, err
	}
	known, err := h.Store.PeopleByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	for i := range out {
		p := known[classroom.PersonID(out[i].Person)]
		out[i].Name, out[i].NIP, out[i].Unit = p.FullName(), maskNIP(p.NIP), p.Unit
	}
	slices.SortStableFunc(out, func(a, b hallPerson) int {
		return strings.Compare(classroom.SearchKey(a.Name), classroom.SearchKey(b.Name))
	})
	return out, nil
}

// maxSlice bounds what a PIC's phone keeps.
const maxSlice = 5000

type slicePerson struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	NIP  string `json:"nip"` // masked
	Unit string `json:"unit"`
}

type sliceAnswer struct {
	People []slicePerson `json:"people"`
	Total  int           `json:"total"` // more than People when the list is too long for a phone
}

// slice lists the people whom the PIC looks after, for a phone to keep.
func (h *hallServer) slice(w http.ResponseWriter, r *http.Request) {
	_, id, err := h.openHall(r)
	var people []classroom.Person
	if err == nil {
		people, err = h.sliceOf(r.Context(), id, claimsOf(r).Slice)
	}
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	out := sliceAnswer{People: []slicePerson{}, Total: len(people)}
	for _, p := range people[:min(len(people), maxSlice)] {
		out.People = append(out.People, slicePerson{string(p.ID), p.FullName(), maskNIP(p.NIP), p.Unit})
	}
	answer(w, http.StatusOK, out)
}

func (h *hallServer) sliceOf(ctx context.Context, id classroom.EventID, slice string) ([]classroom.Person, error) {
	all, err := h.Store.Roster(ctx, id, "", true)
	if err != nil {
		return nil, err
	}
	var out []classroom.Person
	for _, p := range all {
		if inSlice(p.Person, slice) {
			out = append(out, p.Person)
		}
	}
	return out, nil
}

// inSlice tells whether a PIC with this slice looks after p.
func inSlice(p classroom.Person, slice string) bool {
	if slice == "" || p.Region == slice {
		return true
	}
	key := classroom.SearchKey(slice)
	return classroom.SearchKey(p.Unit) == key || classroom.SearchKey(p.Instansi) == key
}
