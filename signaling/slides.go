package signaling

import (
	"time"

	"betang/classroom"
	"betang/classroom/material"
	"betang/signaling/wire"
)

// slides is what the hub keeps of the material beside the room: what is drawn and where the pointer stands. It is of
// the moment, and goes with the hub. Owned by the hub's goroutine.
type slides struct {
	board material.Board

	turned bool // another page is open: its ink goes out, if anybody has ink on the screen or it has some
	inked  bool // it was drawn on since ink went out
	shown  bool // what went out last had strokes

	pointer wire.Point
	moved   bool      // since it went out
	ours    bool      // by somebody at this node
	sentAt  time.Time // when it did
}

// pointEvery is the least time between two moves of the pointer to everyone, and pointMore as much for each thousand
// sockets: a crowd sees it move in larger steps.
const (
	pointEvery = 150 * time.Millisecond
	pointMore  = 100 * time.Millisecond
)

// deckViews are the decks, if they changed since a revision: all for who may present, those that were open once or are
// shared for everyone. What is not shown yet may be nobody's business.
func (h *Hub) deckViews(aud audience, since int64) *[]wire.Deck {
	all, rev := h.room.Decks()
	if rev <= since || rev == 0 {
		return nil
	}
	out := []wire.Deck{}
	for _, d := range all {
		if !aud.backstage() && !d.Seen && !d.Shared {
			continue
		}
		v := wire.Deck{ID: string(d.ID), Token: d.Token, Title: d.Title, Pages: d.Pages, Bytes: d.Bytes, Shared: d.Shared}
		if aud.backstage() {
			v.By = d.By.Name
		}
		out = append(out, v)
	}
	return &out
}

func (h *Hub) pageView(since int64) *wire.Page {
	at, rev := h.room.Page()
	if rev <= since || rev == 0 {
		return nil
	}
	return &wire.Page{Deck: string(at.Deck), Page: at.Page}
}

// draw changes what is drawn on a page that a presenter has before them; everyone sees it while it is open.
func (h *Hub) draw(d wire.Draw) error {
	err := h.putInk(d)
	if err == nil {
		h.drew(d)
	}
	return err
}

// putInk is draw at this node alone.
func (h *Hub) putInk(d wire.Draw) error {
	v, ok := h.room.Deck(classroom.DeckID(d.Deck))
	if !ok {
		return classroom.Refuse(classroom.NotFound, "deck_unknown")
	}
	if d.Page < 1 || d.Page > v.Pages {
		return classroom.Refuse(classroom.Invalid, "page_unknown")
	}
	at := material.Place{Deck: d.Deck, Page: d.Page}
	switch d.Do {
	case "undo":
		h.slides.board.Undo(at)
	case "clear":
		h.slides.board.Clear(at)
	default:
		s := material.Stroke{Color: d.Color, Wide: d.Wide, Points: d.Points}
		if !s.Valid() {
			return classroom.Refuse(classroom.Invalid, "ink_invalid")
		}
		h.slides.board.Draw(at, s)
	}
	h.slides.inked = true
	h.wake()
	return nil
}

// point moves the pointer.
func (h *Hub) point(p wire.Point) {
	h.putPoint(p)
	h.slides.ours = true
}

// putPoint is point at this node alone.
func (h *Hub) putPoint(p wire.Point) {
	if at, _ := h.room.Page(); at.Deck == "" {
		p = wire.Point{}
	}
	if p != h.slides.pointer {
		h.slides.pointer, h.slides.moved = p, true
		h.wake()
	}
}

// inkView is what is drawn on the open page.
func (h *Hub) inkView() wire.Ink {
	at, _ := h.room.Page()
	v := wire.Ink{Deck: string(at.Deck), Page: at.Page, Strokes: []wire.Stroke{}}
	for _, s := range h.slides.board.Drawing(material.Place{Deck: v.Deck, Page: v.Page}).Strokes {
		v.Strokes = append(v.Strokes, wire.Stroke(s))
	}
	return v
}

// sendSlides sends what is drawn and the pointer, after the states of the same tick.
func (h *Hub) sendSlides() {
	defer h.show()
	s := &h.slides
	if s.turned && s.pointer.On {
		s.pointer, s.moved = wire.Point{}, true
	}
	if s.turned || s.inked {
		s.turned, s.inked = false, false
		if ink := h.inkView(); s.shown || len(ink.Strokes) > 0 {
			s.shown = len(ink.Strokes) > 0
			h.toAll(latestInk, h.prepare("ink", ink))
		}
	}
	if !s.moved {
		return
	}
	now := h.now()
	least := pointEvery + pointMore*time.Duration(len(h.members)/1000)
	if since := now.Sub(s.sentAt); s.pointer.On && since >= 0 && since < least {
		h.wake()
		return
	}
	s.moved, s.sentAt = false, now
	if at := s.pointer; s.ours {
		s.ours, h.gestures.Point = false, &at
	}
	h.toAll(latestPoint, h.prepare("point", s.pointer))
}

// toAll gives one message to every socket.
func (h *Hub) toAll(kind latest, it item) {
	for _, m := range h.members {
		if m.conn != nil {
			m.conn.replace(kind, it)
		}
	}
}
