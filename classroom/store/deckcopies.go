package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"betang/classroom"
	"betang/classroom/material"
	"betang/classroom/papers"
	"betang/classroom/store/query"
)

// Decks that were uploaded at another origin. The journal names a deck, with digests of its bytes, before anybody shows it; so a store
// that has the journal knows which decks it lacks, tells a wrong copy from a right one, and takes out what is dropped.

// DecksDue are the decks that journals name and this store has not whole, of events that end after a moment.
func (s *Store) DecksDue(ctx context.Context, after time.Time) (tokens []string, err error) {
	tokens, err = s.read.DecksDue(ctx, after.UnixMilli())
	return tokens, fail(err)
}

// DueDeck is a deck that a journal names and does not say to be dropped; NotFound deck_unknown.
func (s *Store) DueDeck(ctx context.Context, token string) (classroom.Deck, error) {
	n, err := s.read.NamedDeck(ctx, token)
	return deckOf(n), missing(err, "deck_unknown")
}

func deckOf(n query.NamedDeck) classroom.Deck {
	return classroom.Deck{
		ID: classroom.DeckID(n.ID), Token: n.Token, Title: n.Title, Pages: int(n.Pages), Bytes: int(n.Bytes), File: n.File, Pictures: n.Pictures,
	}
}

// BeginCopy makes room for the parts of a deck that a journal names, or finds what came before, and tells what is missing. What is whole
// lacks nothing. NotFound deck_unknown: no journal names it, or one says that it is dropped.
func (s *Store) BeginCopy(ctx context.Context, token string) (material.Missing, error) {
	if _, err := s.DueDeck(ctx, token); err != nil {
		return material.Missing{}, err
	}
	if _, lacks, err := s.DeckLacks(ctx, token); classroom.KindOf(err) != classroom.NotFound {
		return lacks, err
	}
	err := s.write(ctx, false, func(ctx context.Context, w *writer) error {
		n, err := w.q.NamedDeck(ctx, token)
		if errors.Is(err, sql.ErrNoRows) {
			return classroom.Refuse(classroom.NotFound, "deck_unknown")
		}
		if err != nil {
			return err
		}
		if _, err := w.q.Deck(ctx, token); !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		var file [32]byte // nobody goes on with an upload that has no file by this
		sum, err := hex.DecodeString(n.File)
		if err != nil || copy(file[:], sum) != len(sum) {
			return fmt.Errorf("%w: deck %.40q", papers.ErrPaper, token)
		}
		return w.q.AddDeck(ctx, query.AddDeckParams{
			Token: n.Token, Event: n.Event, By: n.By, Title: n.Title, Pages: n.Pages, Bytes: n.Bytes, File: file[:], At: time.Now().UnixMilli(),
		})
	})
	if err != nil {
		return material.Missing{}, err
	}
	_, lacks, err := s.DeckLacks(ctx, token)
	return lacks, err
}

// SealCopy ends a copy of which nothing is missing, if it is what the journal names; else it takes out what came, and the copy begins anew:
// ErrPaper. Conflict deck_missing.
func (s *Store) SealCopy(ctx context.Context, token string) error {
	want, err := s.DueDeck(ctx, token)
	if err != nil {
		return err
	}
	got, err := s.weighDeck(ctx, token)
	if err == nil && got.Pictures == want.Pictures && got.File == want.File {
		return s.turnWhole(ctx, token)
	}
	if other, ok := errors.AsType[*classroom.Error](err); err == nil || ok && other.Code == "deck_file_other" {
		err = errors.Join(fmt.Errorf("%w: the bytes of deck %.40q are not those that the journal names", papers.ErrPaper, token), s.DropDeck(ctx, token))
	}
	return err
}

// DropDecks takes out what journals say to be dropped.
func (s *Store) DropDecks(ctx context.Context) error {
	tokens, err := s.read.DecksDropped(ctx)
	return s.dropDecks(ctx, tokens, err)
}
