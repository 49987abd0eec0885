package classroom

import (
	"fmt"
	"strings"
	"testing"

	"betang/classroom/material"

	"pgregory.net/rapid"
)

func deckOf(token string, pages int) Deck {
	return Deck{Token: token, Title: "Arah pembangunan", Pages: pages, Bytes: 1000, File: sheetHash, Pictures: sheetHash}
}

func TestDecks(t *testing.T) {
	h := newHall(t)
	h.refuse(sri, AddDeck{deckOf("t1", 3)}, NotAllowed, "role")
	h.refuse(interpreter, ShowPage{"d1", 1}, NotAllowed, "role")
	h.refuse(speaker, AddDeck{deckOf("t1", 0)}, Invalid, "deck_pages")
	h.refuse(speaker, AddDeck{deckOf("t1", material.MaxPages+1)}, Invalid, "deck_pages")
	big, untitled, unread := deckOf("t1", 3), deckOf("t1", 3), deckOf("t1", 3)
	big.Bytes, untitled.Title, unread.Pictures = material.MaxOriginal+1, "", "x"
	h.refuse(speaker, AddDeck{big}, Invalid, "deck_file_big")
	h.refuse(speaker, AddDeck{untitled}, Invalid, "deck_title")
	h.refuse(speaker, AddDeck{unread}, Invalid, "deck_broken")
	h.want(h.do(speaker, AddDeck{deckOf("t1", 3)}), "deck.added")
	h.want(h.do(speaker, AddDeck{deckOf("t1", 3)}), "") // the answer was lost
	h.refuse(speaker, ShowPage{"d2", 1}, NotFound, "deck_unknown")
	h.refuse(speaker, ShowPage{"d1", 0}, Invalid, "page_unknown")
	h.refuse(speaker, ShowPage{"d1", 4}, Invalid, "page_unknown")

	// The committee uploads, who speaks turns the pages; two who turn to the same page turn once.
	h.do(operator, AddDeck{deckOf("t2", 2)})
	h.do(speaker, ShowPage{"d2", 1})
	h.want(h.do(speaker, ShowPage{"d2", 2}), "page.shown")
	h.want(h.do(moderator, ShowPage{"d2", 2}), "")
	at, rev := h.room.Page()
	h.want(at, Leaf{"d2", 2})
	h.want(rev, h.room.Rev())
	if all, changed := h.room.Decks(); !all[1].Seen || all[0].Seen || changed != rev-1 {
		t.Errorf("after two pages of the second deck: %+v at %d", all, changed)
	}

	h.refuse(speaker2, DropDeck{"d1"}, NotAllowed, "deck_other")
	h.refuse(speaker, ShareDeck{"d2", true}, NotAllowed, "deck_other")
	h.do(speaker, ShareDeck{"d1", true})
	h.want(h.do(operator, DropDeck{"d2"}), "page.shown deck.dropped")
	at, _ = h.room.Page()
	h.want(at, Leaf{})
	pictures := deckOf("t3", 1)
	pictures.Bytes, pictures.File = 0, ""
	h.do(moderator, AddDeck{pictures})
	h.refuse(moderator, ShareDeck{"d3", true}, Invalid, "deck_no_file")
	for i := range material.MaxDecks - 2 {
		h.do(operator, AddDeck{deckOf(fmt.Sprint("more", i), 1)})
	}
	h.refuse(operator, AddDeck{deckOf("last", 1)}, Conflict, "deck_limit")

	h.do(speaker, ShowPage{"d1", 3})
	h.do(operator, SetPhase{Live})
	h.do(operator, SetPhase{Ended})
	at, _ = h.room.Page()
	h.want(at, Leaf{})
	h.refuse(speaker, ShowPage{"d1", 3}, Conflict, "event_ended")
	h.do(speaker, ShareDeck{"d1", false}) // what was shared by mistake can be taken back
	h.do(speaker, DropDeck{"d1"})
	h.checkReplay()
}

// drawDeck gives a command of the material.
func drawDeck(t *rapid.T) (Actor, Command) {
	id := rapid.SampledFrom([]DeckID{"d1", "d1", "d2", "d3", "d0", ""}).Draw(t, "deck")
	by := rapid.SampledFrom([]Actor{speaker, speaker2, operator, moderator, interpreter}).Draw(t, "presenter")
	switch rapid.IntRange(0, 5).Draw(t, "material") {
	case 0:
		token := rapid.SampledFrom([]string{"t1", "t2", "t3", "t4", ""}).Draw(t, "token")
		d := deckOf(token, rapid.SampledFrom([]int{0, 1, 3, 300, 301}).Draw(t, "pages"))
		if rapid.Bool().Draw(t, "pictures only") {
			d.Bytes, d.File = 0, ""
		}
		return by, AddDeck{d}
	case 1:
		return by, DropDeck{id}
	case 2:
		return by, ShareDeck{id, rapid.Bool().Draw(t, "on")}
	}
	return by, ShowPage{id, rapid.IntRange(-1, 4).Draw(t, "page")}
}

// seenDecks is what can be seen of the material.
func seenDecks(r *Room) string {
	all, rev := r.Decks()
	at, open := r.Page()
	return fmt.Sprint(all, rev, at, open)
}

// checkDecks holds what is so of the material in every room.
func checkDecks(t *rapid.T, r *Room) {
	t.Helper()
	all, rev := r.Decks()
	at, open := r.Page()
	if rev > r.Rev() || open > r.Rev() || len(all) > material.MaxDecks {
		t.Fatalf("%d decks at %d, page at %d of %d", len(all), rev, open, r.Rev())
	}
	tokens, found := map[string]bool{}, at == Leaf{}
	for _, d := range all {
		if tokens[d.Token] || !strings.HasPrefix(string(d.ID), "d") || d.Pages < 1 || d.Shared && d.Bytes == 0 {
			t.Fatalf("deck %+v in %+v", d, all)
		}
		tokens[d.Token] = true
		found = found || d.ID == at.Deck && at.Page >= 1 && at.Page <= d.Pages && d.Seen
	}
	if !found || r.Phase() == Ended && at != (Leaf{}) {
		t.Fatalf("page %+v of %+v, event %s", at, all, r.Phase())
	}
}
