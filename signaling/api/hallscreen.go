package api

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	qrcode "github.com/skip2/go-qrcode"

	"betang/classroom"
	"betang/classroom/halls"
	"betang/signaling"
)

type codeRequest struct {
	Code string `json:"code"`
}

// tokenAnswer gives a session token to whoever showed a code, and the page it opens.
type tokenAnswer struct {
	Token string `json:"token"`
	Name  string `json:"name"`
}

// enterPIC turns a PIC's code into what their link holds.
func (h *hallServer) enterPIC(w http.ResponseWriter, r *http.Request) {
	var req codeRequest
	err := decode(w, r, &req)
	var event classroom.EventID
	if err == nil {
		_, event, err = h.openHall(r)
	}
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	code, ok := cleanCode(req.Code)
	if !ok {
		h.refuse(w, r, classroom.Refuse(classroom.Invalid, "code_form"))
		return
	}
	pic, err := try(w, func() (halls.PIC, error) {
		p, err := h.Store.PICByCode(r.Context(), event, code)
		if err == nil && h.tokens.Revoked(p.ID) {
			err = classroom.Refuse(classroom.NotFound, "code_unknown")
		}
		return p, err
	}, budget{h.limits.codes, address(r)}, budget{h.limits.linkCodes, "pic " + string(event)})
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	token, err := h.tokens.Issue(picClaims(event, pic))
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	answer(w, http.StatusOK, tokenAnswer{token, pic.Name})
}

// picLife is how long a PIC's link lives: from the invitation to the last paper sheet.
const picLife = 30 * 24 * time.Hour

func picClaims(event classroom.EventID, p halls.PIC) signaling.Claims {
	return signaling.Claims{
		ID: p.ID, Event: event, Role: classroom.RolePIC, Name: p.Name, Slice: p.Slice, Expires: time.Now().Add(picLife),
	}
}

// enterScreen turns the code on a PIC's phone into a token for the hall's screen.
func (h *hallServer) enterScreen(w http.ResponseWriter, r *http.Request) {
	var req codeRequest
	err := decode(w, r, &req)
	var hub HallHub
	var event classroom.EventID
	if err == nil {
		hub, event, err = h.openHall(r)
	}
	var found classroom.HallView
	if err == nil {
		found, err = try(w, func() (classroom.HallView, error) {
			var v classroom.HallView
			err := hub.Read(r.Context(), func(room *classroom.Room) {
				now := time.Now().UnixMilli()
				for _, hall := range room.Halls() {
					if hall.Closed.IsZero() && halls.IsScreenCode(h.Key, string(event), string(hall.ID), req.Code, now) {
						v = hall
					}
				}
			})
			if err == nil && v.ID == "" {
				err = classroom.Refuse(classroom.NotFound, "hall_screen_code")
			}
			return v, err
		}, budget{h.limits.codes, address(r)}, budget{h.limits.linkCodes, "screen " + string(event)})
	}
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	h.answerScreen(w, r, event, found)
}

// giveScreen makes the PIC's own device, or one beside it, the hall's screen.
func (h *hallServer) giveScreen(w http.ResponseWriter, r *http.Request) {
	hub, event, err := h.openHall(r)
	var v classroom.HallView
	if err == nil {
		err = hub.Read(r.Context(), func(room *classroom.Room) { v, _ = room.Hall(hallParam(r)) })
	}
	switch {
	case err != nil:
	case v.ID == "" || v.Owner.Link != claimsOf(r).ID:
		err = classroom.Refuse(classroom.NotFound, "hall_unknown")
	case !v.Closed.IsZero():
		err = classroom.Refuse(classroom.Conflict, "hall_closed")
	}
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	h.answerScreen(w, r, event, v)
}

func (h *hallServer) answerScreen(w http.ResponseWriter, r *http.Request, event classroom.EventID, v classroom.HallView) {
	token, err := h.tokens.Issue(signaling.Claims{
		ID: NewTokenID(), Event: event, Role: classroom.RoleHall, Person: classroom.HallPerson(v.ID), Hall: v.ID, Name: v.Name,
		Method: "link", Parent: v.Owner.Link, Expires: time.Now().Add(sessionLife),
	})
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	answer(w, http.StatusOK, tokenAnswer{token, v.Name})
}

// ahead is how many codes beyond the present one a screen gets: it goes on through a short loss of its network.
const ahead = 2

type screenAnswer struct {
	Now    int64       `json:"now"`
	Hall   string      `json:"hall"`
	Page   string      `json:"page"` // what to open for typing the code: "kuliah.example.go.id/h"
	Closed bool        `json:"closed"`
	Inside int         `json:"inside"`
	Left   int         `json:"left"`
	Codes  []shownCode `json:"codes"`
	Phase  string      `json:"phase"`
	Until  string      `json:"until"`
}

type shownCode struct {
	From  int64   `json:"from"`  // Unix ms
	To    int64   `json:"to"`    // when the next one takes its place
	Typed string  `json:"typed"` // "4839 2071"
	QR    drawing `json:"qr"`
}

// drawing is a QR without its quiet zone, as the path of an SVG of that many modules a side.
type drawing struct {
	Size int    `json:"size"`
	Path string `json:"path"`
}

// screenCodes gives the present code of a hall and the next ones.
func (h *hallServer) screenCodes(w http.ResponseWriter, r *http.Request) {
	by := claimsOf(r)
	hub, event, err := h.openHall(r)
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	list, until, err := h.list(r.Context(), hub, func(v classroom.HallView) bool { return v.ID == by.Hall })
	if err == nil && len(list) == 0 {
		err = classroom.Refuse(classroom.NotFound, "hall_unknown")
	}
	var phase classroom.Phase
	if err == nil {
		err = hub.Read(r.Context(), func(room *classroom.Room) { phase = room.Phase() })
	}
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	info, now := list[0], time.Now().UnixMilli()
	_, page, _ := strings.Cut(h.Base, "://")
	out := screenAnswer{
		Now: now, Hall: info.Name, Page: page + "/h", Closed: info.Closed != "", Inside: info.Inside, Left: info.Left, Codes: []shownCode{},
		Phase: string(phase), Until: until,
	}
	for slot := halls.Slot(now); !out.Closed && slot <= halls.Slot(now)+ahead; slot++ {
		qr, err := draw(h.Base + "/h#" + halls.Code(h.Key, string(event), string(by.Hall), slot))
		if err != nil {
			h.refuse(w, r, err)
			return
		}
		typed := h.typed.give(h.Key, event, by.Hall, slot, now)
		out.Codes = append(out.Codes, shownCode{
			From: slot * halls.Turn, To: (slot + 1) * halls.Turn, Typed: typed[:4] + " " + typed[4:], QR: qr,
		})
	}
	answer(w, http.StatusOK, out)
}

// draw makes a QR that survives a smudge or a lamp's reflection (level M).
func draw(text string) (drawing, error) {
	q, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return drawing{}, fmt.Errorf("draw a QR: %w", err)
	}
	q.DisableBorder = true
	dots := q.Bitmap()
	var path strings.Builder
	for y, row := range dots {
		for x := 0; x < len(row); x++ {
			from := x
			for x < len(row) && row[x] {
				x++
			}
			if x > from {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from, y, x-from, x-from)
			}
		}
	}
	return drawing{len(dots), path.String()}, nil
}

// typedCodes are the numbers on all screens. They are only eight digits, so they are looked up among those that were
// given out, not worked out from what somebody types; after a restart every screen fetches anew within seconds.
type typedCodes struct {
	mu    sync.Mutex
	by    map[string]typedCode // bounded: swept of stale ones when a turn begins
	of    map[typedCode]string
	swept int64
}

type typedCode struct {
	event classroom.EventID
	hall  classroom.HallID
	slot  int64
}

func newTypedCodes() *typedCodes {
	return &typedCodes{by: map[string]typedCode{}, of: map[typedCode]string{}}
}

// give gives the number of a hall's turn: the same to each of its screens, and to no other hall's.
func (t *typedCodes) give(key []byte, event classroom.EventID, hall classroom.HallID, slot, now int64) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if current := halls.Slot(now); current != t.swept {
		t.swept = current
		for text, c := range t.by {
			if c.slot <= current && halls.Fresh(c.slot, now) != nil {
				delete(t.by, text)
				delete(t.of, c)
			}
		}
	}
	c := typedCode{event, hall, slot}
	if text, ok := t.of[c]; ok {
		return text
	}
	text := halls.Typed(key, string(event), string(hall), slot)
	for n := 1; ; n++ {
		if _, taken := t.by[text]; !taken {
			break
		}
		text = halls.Typed(key, string(event), fmt.Sprintf("%s/%d", hall, n), slot)
	}
	t.by[text], t.of[c] = c, text
	return text
}

// find tells whose number somebody typed, in any spacing.
func (t *typedCodes) find(text string, now int64) (typedCode, error) {
	digits := strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, text)
	t.mu.Lock()
	defer t.mu.Unlock()
	c, ok := t.by[digits]
	if !ok {
		return c, classroom.Refuse(classroom.NotFound, string(halls.ErrCode))
	}
	if err := halls.Fresh(c.slot, now); err != nil {
		return c, classroom.Refuse(classroom.NotAllowed, string(halls.ErrStale))
	}
	return c, nil
}
