package material

import (
	"slices"
	"strings"
)

// The bounds of what is drawn.
const (
	MaxPoints  = 200     // of one stroke
	MaxStrokes = 80      // on one page; the oldest gives way
	MaxInk     = 8 << 10 // bytes of points on one page, for all of it goes out with each stroke; the oldest give way
	maxDrawn   = 60      // pages with strokes on them; the one drawn on longest ago gives way
)

// pointDigits write a coordinate, 0 to 4095, with two digits; a point is x, then y.
const pointDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// Stroke is one line drawn on a page.
type Stroke struct {
	Color  string // one of the page's few, by name
	Wide   bool   // a marker's, half transparent
	Points string // pointDigits, four for each point
}

// Valid tells whether a stroke is one.
func (s Stroke) Valid() bool {
	switch s.Color {
	case "red", "blue", "green", "yellow":
	default:
		return false
	}
	n := len(s.Points)
	return n >= 4 && n%4 == 0 && n <= 4*MaxPoints && strings.Trim(s.Points, pointDigits) == ""
}

// Place is one page of one deck.
type Place struct {
	Deck string
	Page int
}

// Drawing is what is drawn on a page: Rev counts what was done to it.
type Drawing struct {
	Rev     int
	Strokes []Stroke
}

// Board holds what is drawn on an event's pages. It is of the moment: nothing of it goes into the journal.
type Board struct {
	pages map[Place]*Drawing
	order []Place // the latest drawn on last
}

// Drawing is what is drawn on a page.
func (b *Board) Drawing(at Place) Drawing {
	if d := b.pages[at]; d != nil {
		return Drawing{d.Rev, slices.Clone(d.Strokes)}
	}
	return Drawing{}
}

// Draw adds a stroke; what is not one changes nothing.
func (b *Board) Draw(at Place, s Stroke) {
	if !s.Valid() {
		return
	}
	d := b.touch(at)
	d.Strokes = append(d.Strokes, s)
	over := 0
	for ; len(d.Strokes)-over > MaxStrokes || ink(d.Strokes[over:]) > MaxInk; over++ {
	}
	d.Strokes = slices.Delete(d.Strokes, 0, over)
	d.Rev++
}

func ink(strokes []Stroke) int {
	n := 0
	for _, s := range strokes {
		n += len(s.Points)
	}
	return n
}

// Undo takes the last stroke back.
func (b *Board) Undo(at Place) {
	if d := b.pages[at]; d != nil && len(d.Strokes) > 0 {
		d.Strokes = d.Strokes[:len(d.Strokes)-1]
		d.Rev++
	}
}

// Clear wipes a page.
func (b *Board) Clear(at Place) {
	if d := b.pages[at]; d != nil && len(d.Strokes) > 0 {
		d.Strokes = nil
		d.Rev++
	}
}

func (b *Board) touch(at Place) *Drawing {
	if b.pages == nil {
		b.pages = map[Place]*Drawing{}
	}
	if i := slices.Index(b.order, at); i >= 0 {
		b.order = slices.Delete(b.order, i, i+1)
	} else if len(b.order) == maxDrawn {
		delete(b.pages, b.order[0])
		b.order = slices.Delete(b.order, 0, 1)
	}
	b.order = append(b.order, at)
	if b.pages[at] == nil {
		b.pages[at] = &Drawing{}
	}
	return b.pages[at]
}
