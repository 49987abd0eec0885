package cluster

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"betang/classroom"
	"betang/classroom/material"
)

// Decks are copied part by part: the journal names a deck with digests of its bytes, so an origin knows what it lacks, and asks
// each other one for that. What came stays, so a copy goes on where it was, also from another origin. A picture that a page asks for
// before it came is fetched first. A deck that the journal drops is taken out everywhere.

const (
	deckAsk   = 64              // parts in a question; pictures go before the file
	deckBytes = 4 << 20         // of parts, after which an answer ends: the largest part is of 1.5 MB
	deckTimes = 1000            // questions for a deck in one look: more than its parts
	deckSoon  = 8 * time.Second // for a picture that somebody looks for; their page asks again
)

// DeckStore holds decks; classroom/store has it.
type DeckStore interface {
	// DecksDue are those that journals name and are not whole here, of events that end after a moment.
	DecksDue(ctx context.Context, after time.Time) (tokens []string, err error)
	DueDeck(ctx context.Context, token string) (classroom.Deck, error)
	BeginCopy(ctx context.Context, token string) (material.Missing, error)
	SealCopy(ctx context.Context, token string) error
	// DropDecks takes out those that journals drop.
	DropDecks(ctx context.Context) error
	SavePicture(ctx context.Context, token string, p material.Part, kind string, body []byte) error
	SavePiece(ctx context.Context, token string, n int, body []byte) error
	Picture(ctx context.Context, token string, p material.Part) (kind string, body []byte, err error)
	DeckPiece(ctx context.Context, token string, n int) ([]byte, error)
}

// deckPart is a picture, or with Page 0 a piece of the file.
type deckPart struct {
	material.Part
	Piece int    `json:"piece,omitempty"`
	Body  []byte `json:"body"`
}

// errNoDeck: no other origin that can be reached has what is missing.
var errNoDeck = errors.New("no origin has the rest of a deck")

// giveDeck answers with what is here of what the asker lacks.
func (c *copier) giveDeck(ctx context.Context, ask paperAsk, answer *paperAnswer) error {
	if _, err := c.store.DueDeck(ctx, ask.Deck); classroom.KindOf(err) == classroom.NotFound {
		return nil // dropped, or not known yet: nobody gets it from here
	} else if err != nil {
		return err
	}
	size := 0
	give := func(p deckPart, err error) error {
		if err == nil {
			answer.Parts = append(answer.Parts, p)
			size += len(p.Body)
		} else if classroom.KindOf(err) != classroom.NotFound {
			return err
		}
		return nil
	}
	for _, p := range ask.Lacks.Pictures {
		if size > deckBytes {
			return nil
		}
		_, body, err := c.store.Picture(ctx, ask.Deck, p)
		if err := give(deckPart{Part: p, Body: body}, err); err != nil {
			return err
		}
	}
	for _, n := range ask.Lacks.Pieces {
		if size > deckBytes {
			return nil
		}
		body, err := c.store.DeckPiece(ctx, ask.Deck, n)
		if err := give(deckPart{Piece: n, Body: body}, err); err != nil {
			return err
		}
	}
	return nil
}

// decks copies decks, and takes out dropped ones, until the member's end.
func (c *copier) decks() {
	failed := troubles{} // by deck
	for look := 0; wait(c.m.ctx, c.m.cfg.Term/4); look++ {
		c.lookForDecks(look, failed)
	}
}

// lookForDecks looks for what nobody had before only now and then: it may be lost for good.
func (c *copier) lookForDecks(look int, failed troubles) {
	ctx := c.m.ctx
	tell := func(token string, err error) {
		if failed.news(ctx, token, err) {
			c.m.log.Warn("a deck is not copied; trying again", "err", err)
		}
	}
	if err := c.store.DropDecks(ctx); err != nil {
		tell("", err)
		return
	}
	tokens, err := c.store.DecksDue(ctx, time.Now().Add(-looseFor))
	tell("", err)
	for _, token := range tokens {
		if failed[token] != "" && look%looseEvery != 0 {
			continue
		}
		err := c.copyDeck(ctx, token)
		if classroom.KindOf(err) == classroom.NotFound { // dropped meanwhile
			err = nil
		}
		tell(token, err)
	}
}

// copyDeck copies a deck to its end, if other origins have all of it. Who looks for a picture goes between two questions.
func (c *copier) copyDeck(ctx context.Context, token string) error {
	for range deckTimes {
		lacks, err := c.store.BeginCopy(ctx, token)
		if err != nil {
			return err
		}
		if lacks.None() {
			return c.store.SealCopy(ctx, token)
		}
		if err := c.parts(ctx, token, lacks); err != nil {
			return err
		}
	}
	return nil
}

// parts copies some of what a deck lacks: at least one part.
func (c *copier) parts(ctx context.Context, token string, lacks material.Missing) error {
	lacks.Pictures = lacks.Pictures[:min(len(lacks.Pictures), deckAsk)]
	lacks.Pieces = lacks.Pieces[:min(len(lacks.Pieces), deckAsk-len(lacks.Pictures))]
	errs := errNoDeck
	for _, n := range c.m.otherOrigins() {
		answer, err := c.ask(ctx, n.URL, paperAsk{ID: rand.Text(), Node: c.m.cfg.Self.Name, Deck: token, Lacks: lacks})
		if err == nil && len(answer.Parts) > 0 {
			if err = c.takeParts(ctx, token, answer.Parts); err == nil {
				return nil
			}
		}
		if err != nil {
			errs = errors.Join(errs, fmt.Errorf("%s: %w", n.Name, err))
		}
	}
	return errs
}

func (c *copier) takeParts(ctx context.Context, token string, parts []deckPart) error {
	for _, p := range parts {
		if p.Page == 0 {
			if err := c.store.SavePiece(ctx, token, p.Piece, p.Body); err != nil {
				return err
			}
			continue
		}
		pic, ok := material.Inspect(p.Body)
		if !ok || len(p.Body) > material.MaxPage {
			return classroom.Refuse(classroom.Invalid, "deck_picture")
		}
		if err := c.store.SavePicture(ctx, token, p.Part, pic.Type, p.Body); err != nil {
			return err
		}
	}
	return nil
}

// CopyPicture copies one picture at once, if a journal names its deck and another origin has it; NotFound if not.
func (m *Member) CopyPicture(ctx context.Context, token string, p material.Part) error {
	return m.copyPart(ctx, token, material.Missing{Pictures: []material.Part{p}},
		func(d classroom.Deck) bool { return p.Page >= 1 && p.Page <= d.Pages },
		func(ctx context.Context) error { _, _, err := m.copies.store.Picture(ctx, token, p); return err })
}

// CopyPiece is CopyPicture for a piece of the file.
func (m *Member) CopyPiece(ctx context.Context, token string, n int) error {
	return m.copyPart(ctx, token, material.Missing{Pieces: []int{n}},
		func(d classroom.Deck) bool { return n >= 0 && n < material.Pieces(d.Bytes) },
		func(ctx context.Context) error { _, err := m.copies.store.DeckPiece(ctx, token, n); return err })
}

func (m *Member) copyPart(
	ctx context.Context, token string, part material.Missing, has func(d classroom.Deck) bool, here func(ctx context.Context) error,
) error {
	unknown, c := classroom.Refuse(classroom.NotFound, "page_unknown"), m.copies
	if c == nil {
		return unknown
	}
	d, err := c.store.DueDeck(ctx, token)
	if err != nil {
		return err
	}
	if !has(d) {
		return unknown
	}
	ctx, cancel := context.WithTimeout(ctx, deckSoon)
	defer cancel()
	select {
	case c.deck <- struct{}{}:
		defer func() { <-c.deck }()
	case <-ctx.Done():
		return unknown
	}
	if err := here(ctx); classroom.KindOf(err) != classroom.NotFound {
		return err // somebody else wanted it too
	}
	if _, err := c.store.BeginCopy(ctx, token); err != nil {
		return err
	}
	return c.parts(ctx, token, part)
}
