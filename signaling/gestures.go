package signaling

import (
	"slices"

	"betang/classroom"
	"betang/classroom/material"
	"betang/signaling/wire"
)

// Gestures are what people do that is kept nowhere: reactions, strokes on a page, the pointer. They are no facts, so every node
// tells the others those of its own members. One that is lost on the way is no harm: of what is drawn the home tells all there is
// on the open page, again and again.
type Gestures struct {
	Reactions wire.Reactions `json:"reactions,omitzero"`
	Draws     []wire.Draw    `json:"draws,omitempty"`
	Point     *wire.Point    `json:"point,omitempty"`
	Ink       *wire.Ink      `json:"ink,omitempty"` // of the home
}

// gestures are those of this node's members that the other nodes have not been told. Owned by the hub's goroutine.
type gestures struct {
	Gestures
	inkRev  int            // of the open page's drawing, as the home told it last
	inkAt   material.Place // the page
	drawnAt int            // the beat in which somebody here drew last
}

const (
	maxDraws = 64 // told at once; more are dropped, and the home mends it
	inkEvery = 5  // beats between two times that the home tells what is drawn
)

// tellInk has the home tell what is drawn, from time to time. It is called once a beat, show as often as something goes out.
func (h *Hub) tellInk() {
	if h.away.place != nil && h.away.token != 0 && h.beats%inkEvery == 0 {
		h.gestures.Ink = h.homeInk()
	}
}

// show tells the other nodes what is new.
func (h *Hub) show() {
	g := &h.gestures
	if h.away.place == nil {
		g.Gestures = Gestures{}
		return
	}
	if g.Reactions == (wire.Reactions{}) && len(g.Draws) == 0 && g.Point == nil && g.Ink == nil {
		return
	}
	h.away.place.Show(g.Gestures)
	g.Gestures = Gestures{}
}

// homeInk is what is drawn on the open page, if there is something, or was when it was told last.
func (h *Hub) homeInk() *wire.Ink {
	at, _ := h.room.Page()
	page := material.Place{Deck: string(at.Deck), Page: at.Page}
	d := h.slides.board.Drawing(page)
	if len(d.Strokes) == 0 && (page != h.gestures.inkAt || d.Rev == h.gestures.inkRev) {
		return nil
	}
	h.gestures.inkAt, h.gestures.inkRev = page, d.Rev
	ink := h.inkView()
	return &ink
}

// drew notes a stroke of a member of this node.
func (h *Hub) drew(d wire.Draw) {
	h.gestures.drawnAt = h.beats
	if len(h.gestures.Draws) < maxDraws {
		h.gestures.Draws = append(h.gestures.Draws, d)
	}
}

// Shown is Seat's.
func (h *Hub) Shown(g Gestures) {
	_ = h.call(h.srv.ctx, func() {
		if _, on, _ := h.room.Chat(); on && h.room.Phase() == classroom.Live {
			addReactions(&h.reactions.fresh, g.Reactions)
		}
		for _, d := range g.Draws {
			_ = h.putInk(d) // of a deck that this node has not heard of yet: the home tells again
		}
		if g.Point != nil {
			h.putPoint(*g.Point)
		}
		if g.Ink != nil && h.homeless() && h.beats-h.gestures.drawnAt > inkEvery {
			h.mendInk(*g.Ink)
		}
	})
}

// mendInk makes a page's drawing the home's.
func (h *Hub) mendInk(ink wire.Ink) {
	at := material.Place{Deck: ink.Deck, Page: ink.Page}
	var strokes []material.Stroke
	for _, s := range ink.Strokes {
		strokes = append(strokes, material.Stroke(s))
	}
	if slices.Equal(h.slides.board.Drawing(at).Strokes, strokes) {
		return
	}
	h.slides.board.Clear(at)
	for _, s := range strokes {
		h.slides.board.Draw(at, s)
	}
	h.slides.inked = true
	h.wake()
}
