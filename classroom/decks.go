package classroom

import (
	"encoding/hex"
	"fmt"
	"slices"
	"unicode/utf8"

	"betang/classroom/material"
)

// DeckID names one deck of material within its event: "d" and a running number.
type DeckID string

// Deck is one file shown page by page, as its presenter's browser made pictures of it.
type Deck struct {
	ID       DeckID `json:"id"`
	Token    string `json:"token"` // names its pictures to whoever may see them
	Title    string `json:"title"`
	Pages    int    `json:"pages"`
	Bytes    int    `json:"bytes,omitempty"` // of the file as it was uploaded; 0: the pictures are all there is
	File     string `json:"file,omitempty"`  // SHA-256 of that file, hex
	Pictures string `json:"pictures"`        // SHA-256 over the pictures' own, in order, hex
}

// The commands of material.
type (
	// AddDeck takes in a deck that is uploaded to its last byte; its ID is the room's to give.
	AddDeck struct{ Deck Deck }
	// DropDeck takes a deck out: one's own, the desk anybody's.
	DropDeck struct{ Deck DeckID }
	// ShareDeck lets everyone download a deck's file, or no longer.
	ShareDeck struct {
		Deck DeckID
		On   bool
	}
	// ShowPage puts a page, from 1, before everyone: a deck is opened by it, and its pages are turned. Deck "" closes it.
	ShowPage struct {
		Deck DeckID
		Page int
	}
)

func (AddDeck) commandName() string   { return "deck.add" }
func (DropDeck) commandName() string  { return "deck.drop" }
func (ShareDeck) commandName() string { return "deck.share" }
func (ShowPage) commandName() string  { return "page" }

// DeckView is a copy of one deck.
type DeckView struct {
	Deck
	By     Actor // who uploaded it
	Shared bool  // everyone may download its file
	Seen   bool  // it was open at some time: everyone may know of it
}

// decks is an event's material, and the page that is open.
type decks struct {
	all  []DeckView
	n    int // decks so far
	rev  int64
	at   Leaf
	open int64 // revision of at
}

// Leaf is the page that is open; the zero Leaf is none.
type Leaf struct {
	Deck DeckID
	Page int
}

// Decks are all decks, in the order they came, and the number of the fact that changed them last.
func (r *Room) Decks() ([]DeckView, int64) { return slices.Clone(r.decks.all), r.decks.rev }

// Deck finds a deck by its id.
func (r *Room) Deck(id DeckID) (DeckView, bool) {
	if i := r.decks.index(id); i >= 0 {
		return r.decks.all[i], true
	}
	return DeckView{}, false
}

// DeckByToken finds a deck by the name of its pictures.
func (r *Room) DeckByToken(token string) (DeckView, bool) {
	for _, d := range r.decks.all {
		if d.Token == token {
			return d, true
		}
	}
	return DeckView{}, false
}

// Page is what is open, and the number of the fact that turned to it.
func (r *Room) Page() (Leaf, int64) { return r.decks.at, r.decks.open }

func (d *decks) index(id DeckID) int {
	return slices.IndexFunc(d.all, func(v DeckView) bool { return v.ID == id })
}

// check holds what makes a deck.
func (d Deck) check() error {
	digest := func(s string) bool {
		b, err := hex.DecodeString(s)
		return err == nil && len(b) == 32
	}
	n := utf8.RuneCountInString(d.Title)
	switch {
	case n < 1 || n > material.MaxTitle || !validText(d.Title, 4*material.MaxTitle):
		return Refuse(Invalid, "deck_title")
	case d.Pages < 1 || d.Pages > material.MaxPages:
		return Refuse(Invalid, "deck_pages")
	case d.Bytes < 0 || d.Bytes > material.MaxOriginal:
		return Refuse(Invalid, "deck_file_big")
	case d.Token == "" || len(d.Token) > 64 || !digest(d.Pictures) || (d.Bytes > 0) != digest(d.File):
		return Refuse(Invalid, "deck_broken")
	}
	return nil
}

func (r *Room) planDecks(by Actor, cmd Command) ([]FactBody, error) {
	switch c := cmd.(type) {
	case AddDeck:
		return r.planAddDeck(c.Deck)
	case DropDeck:
		v, err := r.ownDeck(by, c.Deck)
		if err != nil {
			return nil, err
		}
		if r.decks.at.Deck == v.ID {
			return []FactBody{PageShown{}, DeckDropped(c)}, nil
		}
		return []FactBody{DeckDropped(c)}, nil
	case ShareDeck:
		v, err := r.ownDeck(by, c.Deck)
		if err != nil || v.Shared == c.On {
			return nil, err
		}
		if v.Bytes == 0 {
			return nil, Refuse(Invalid, "deck_no_file")
		}
		return []FactBody{DeckShared(c)}, nil
	case ShowPage:
		return r.planPage(Leaf(c))
	}
	return nil, Refuse(Invalid, "command_unknown")
}

func (r *Room) planAddDeck(d Deck) ([]FactBody, error) {
	if _, ok := r.DeckByToken(d.Token); ok {
		return nil, nil // sent again: the answer was lost
	}
	if err := d.check(); err != nil {
		return nil, err
	}
	switch {
	case r.phase == Ended:
		return nil, Refuse(Conflict, "event_ended")
	case len(r.decks.all) >= material.MaxDecks:
		return nil, Refuse(Conflict, "deck_limit")
	}
	d.ID = DeckID(numberID("d", r.decks.n+1))
	return []FactBody{DeckAdded{d}}, nil
}

// ownDeck finds a deck that by may change: its own, the desk anybody's.
func (r *Room) ownDeck(by Actor, id DeckID) (DeckView, error) {
	v, ok := r.Deck(id)
	if !ok {
		return v, Refuse(NotFound, "deck_unknown")
	}
	own := standing{source: Source{Owner: v.By.Link}, by: v.By}
	if !own.owned(by) && !May(by.Role, "deck.any") {
		return v, Refuse(NotAllowed, "deck_other")
	}
	return v, nil
}

func (r *Room) planPage(at Leaf) ([]FactBody, error) {
	if at.Deck == "" {
		at.Page = 0
	}
	switch {
	case at == r.decks.at:
		return nil, nil // two presenters turned at once
	case r.phase == Ended:
		return nil, Refuse(Conflict, "event_ended")
	case at.Deck != "":
		v, ok := r.Deck(at.Deck)
		if !ok {
			return nil, Refuse(NotFound, "deck_unknown")
		}
		if at.Page < 1 || at.Page > v.Pages {
			return nil, Refuse(Invalid, "page_unknown")
		}
	}
	return []FactBody{PageShown(at)}, nil
}

func (r *Room) foldDecks(f Fact) error {
	d := &r.decks
	switch b := f.Body.(type) {
	case DeckAdded:
		if b.Deck.ID != DeckID(numberID("d", d.n+1)) || b.Deck.Pages < 1 {
			return fmt.Errorf("deck %q of %d pages", b.Deck.ID, b.Deck.Pages)
		}
		d.n++
		d.all = append(d.all, DeckView{Deck: b.Deck, By: f.By})
	case DeckDropped:
		i := d.index(b.Deck)
		if i < 0 || d.at.Deck == b.Deck {
			return fmt.Errorf("deck %q dropped", b.Deck)
		}
		d.all = slices.Delete(d.all, i, i+1)
	case DeckShared:
		i := d.index(b.Deck)
		if i < 0 {
			return fmt.Errorf("no deck %q", b.Deck)
		}
		d.all[i].Shared = b.On
	case PageShown:
		i := d.index(b.Deck)
		if b.Deck != "" && (i < 0 || b.Page < 1 || b.Page > d.all[i].Pages) {
			return fmt.Errorf("page %d of deck %q", b.Page, b.Deck)
		}
		d.at, d.open = Leaf(b), f.Seq
		if i < 0 || d.all[i].Seen {
			return nil
		}
		d.all[i].Seen = true
	}
	d.rev = f.Seq
	return nil
}
