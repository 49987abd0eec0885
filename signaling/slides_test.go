package signaling

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"betang/classroom"
	"betang/signaling/wire"
)

// addDeck gives the room a deck, as the API does when an upload is whole.
func (h *hall) addDeck(token string, pages int) {
	h.t.Helper()
	hub, err := h.srv.Hub(h.t.Context(), lecture)
	if err != nil {
		h.t.Fatal(err)
	}
	sum := strings.Repeat("ab", 32)
	by := actorOf("spk")
	by.Name = "Gubernur"
	_, err = hub.Do(context.WithoutCancel(h.t.Context()), by, classroom.AddDeck{Deck: classroom.Deck{
		Token: token, Title: "Arah pembangunan", Pages: pages, Bytes: 10, File: sum, Pictures: sum,
	}})
	if err != nil {
		h.t.Fatal(err)
	}
	after(aTick)
}

func TestAPageTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		sri, spk, mod := h.join("sri"), h.join("spk"), h.join("mod")
		h.addDeck("SECRET", 60)
		if d := spk.get().decks; len(d) != 1 || d[0].By != "Gubernur" || d[0].Pages != 60 {
			t.Errorf("the speaker's decks: %+v", d)
		}
		if d := sri.get().decks; len(d) != 0 {
			t.Errorf("the room knows of what was not shown: %+v", d)
		}
		if _, code := sri.ask("page", wire.ShowPage{Deck: "d1", Page: 1}); code != "not_allowed" {
			t.Errorf("a participant turned the page: %q", code)
		}
		spk.must("page", wire.ShowPage{Deck: "d1", Page: 1})
		after(aTick)
		if c := sri.get(); c.page != (wire.Page{Deck: "d1", Page: 1}) || len(c.decks) != 1 || c.decks[0].Token != "SECRET" || c.decks[0].By != "" {
			t.Fatalf("opened: %+v of %+v", c.page, c.decks)
		}
		if _, code := spk.ask("page", wire.ShowPage{Deck: "d1", Page: 61}); code != "page_unknown" {
			t.Errorf("a page that is not there: %q", code)
		}

		// What is drawn is of the page, and goes to everyone; a late joiner has both at once.
		line := wire.Draw{Deck: "d1", Page: 2, Do: "stroke", Color: "red", Points: "AAAA____"}
		spk.must("page", wire.ShowPage{Deck: "d1", Page: 2})
		spk.must("ink", line)
		mod.must("ink", line)
		mod.must("ink", wire.Draw{Deck: "d1", Page: 2, Do: "undo"})
		if _, code := spk.ask("ink", wire.Draw{Deck: "d1", Page: 2, Do: "stroke", Color: "pink", Points: "AAAA"}); code != "ink_invalid" {
			t.Errorf("an unknown colour: %q", code)
		}
		if _, code := sri.ask("ink", line); code != "not_allowed" {
			t.Errorf("a participant drew: %q", code)
		}
		after(aTick)
		late := h.join("budi")
		for name, c := range map[string]*client{"sri": sri, "budi, late": late} {
			if got := c.get(); got.page.Page != 2 || got.ink.Page != 2 || len(got.ink.Strokes) != 1 || got.ink.Strokes[0].Points != line.Points {
				t.Errorf("%s: page %+v, ink %+v", name, got.page, got.ink)
			}
		}
		spk.must("page", wire.ShowPage{Deck: "d1", Page: 3})
		after(aTick)
		if got := sri.get(); got.page.Page != 3 || got.ink.Page != 3 || len(got.ink.Strokes) != 0 {
			t.Errorf("turned on: page %+v, ink %+v", got.page, got.ink)
		}

		// The pointer: of many moves the last one arrives, and it goes with the page.
		for i := range 20 {
			spk.must("point", wire.Point{On: true, X: i, Y: 7})
		}
		after(10 * aTick)
		moves := 0
		for _, what := range sri.get().order {
			if what == "point" {
				moves++
			}
		}
		if p := sri.get().point; p != (wire.Point{On: true, X: 19, Y: 7}) || moves > 3 {
			t.Errorf("pointer %+v after %d messages", p, moves)
		}
		spk.must("page", wire.ShowPage{})
		after(10 * aTick)
		if c := sri.get(); c.page != (wire.Page{}) || c.point.On {
			t.Errorf("closed: %+v, pointer %+v", c.page, c.point)
		}

		// After a restart the decks and the page are there; what was drawn was of the moment.
		spk.must("page", wire.ShowPage{Deck: "d1", Page: 2})
		h.restart()
		again := h.join("sri")
		if c := again.get(); c.page != (wire.Page{Deck: "d1", Page: 2}) || len(c.decks) != 1 || len(c.ink.Strokes) != 0 {
			t.Errorf("after a restart: %+v of %+v, ink %+v", c.page, c.decks, c.ink)
		}
	})
}
