package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"time"

	"betang/classroom"
	"betang/classroom/material"
	"betang/classroom/store/query"
)

// The states of a deck.
const (
	deckComing int64 = iota
	deckWhole
	deckGoing
)

// unfinishedFor is how long the parts of an upload are kept for its end.
const unfinishedFor = 24 * time.Hour

// BeginDeck starts an upload under u.Token, or gives the token under which the same one was begun and not ended.
// Conflict deck_limit, deck_space.
func (s *Store) BeginDeck(ctx context.Context, event classroom.EventID, u material.Upload) (token string, err error) {
	if err := s.sweepDecks(ctx, u.At.Add(-unfinishedFor)); err != nil {
		return "", err
	}
	err = s.write(ctx, true, func(ctx context.Context, w *writer) error {
		var err error
		token, err = w.q.DeckLike(ctx, query.DeckLikeParams{
			Event: string(event), By: u.By, File: u.File[:], Pages: int64(u.Pages), Bytes: int64(u.Bytes),
		})
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		have, err := w.q.DecksOf(ctx, string(event))
		switch {
		case err != nil:
			return err
		case have.N >= material.MaxDecks:
			return classroom.Refuse(classroom.Conflict, "deck_limit")
		case have.Used+int64(u.Bytes) > material.MaxEvent:
			return classroom.Refuse(classroom.Conflict, "deck_space")
		}
		token = u.Token
		err = w.q.AddDeck(ctx, query.AddDeckParams{
			Token: u.Token, Event: string(event), By: u.By, Title: u.Title, Pages: int64(u.Pages), Bytes: int64(u.Bytes),
			File: u.File[:], At: u.At.UnixMilli(),
		})
		if foreignKey(err) {
			return classroom.Refuse(classroom.NotFound, "event_unknown")
		}
		return err
	})
	return token, err
}

// DeckLacks tells what an upload lacks; NotFound deck_unknown.
func (s *Store) DeckLacks(ctx context.Context, token string) (material.Upload, material.Missing, error) {
	_, u, err := s.DeckInfo(ctx, token)
	if err != nil {
		return u, material.Missing{}, err
	}
	digests, err := s.read.DeckDigests(ctx, token)
	if err != nil {
		return u, material.Missing{}, fail(err)
	}
	pieces, err := s.read.DeckPieceNumbers(ctx, token)
	if err != nil {
		return u, material.Missing{}, fail(err)
	}
	pictures, file := map[material.Part]bool{}, map[int]bool{}
	for _, d := range digests {
		pictures[material.Part{Page: int(d.Page), Large: d.Large}] = true
	}
	for _, n := range pieces {
		file[int(n)] = true
	}
	return u, u.Lacks(pictures, file), nil
}

func uploadOf(row query.Deck) material.Upload {
	return material.Upload{
		Token: row.Token, By: row.By, Title: row.Title, Pages: int(row.Pages), Bytes: int(row.Bytes), File: [32]byte(row.File),
		At: time.UnixMilli(row.At).UTC(),
	}
}

// SavePicture keeps the picture of a page, once. Invalid page_unknown, Conflict deck_space.
func (s *Store) SavePicture(ctx context.Context, token string, p material.Part, kind string, body []byte) error {
	digest := sha256.Sum256(body)
	return s.part(ctx, token, len(body), func(w *writer, u material.Upload) (int64, error) {
		if p.Page < 1 || p.Page > u.Pages {
			return 0, classroom.Refuse(classroom.Invalid, "page_unknown")
		}
		return w.q.AddDeckPage(ctx, query.AddDeckPageParams{
			Token: token, Page: int64(p.Page), Large: p.Large, Type: kind, Digest: digest[:], Body: body,
		})
	})
}

// SavePiece keeps a piece of the file, once. Invalid deck_piece, Conflict deck_space.
func (s *Store) SavePiece(ctx context.Context, token string, n int, body []byte) error {
	return s.part(ctx, token, len(body), func(w *writer, u material.Upload) (int64, error) {
		if len(body) == 0 || len(body) != u.Piece(n) {
			return 0, classroom.Refuse(classroom.Invalid, "deck_piece")
		}
		return w.q.AddDeckPiece(ctx, query.AddDeckPieceParams{Token: token, Piece: int64(n), Body: body})
	})
}

func (s *Store) part(ctx context.Context, token string, size int, add func(w *writer, u material.Upload) (int64, error)) error {
	return s.write(ctx, true, func(ctx context.Context, w *writer) error {
		row, err := w.q.Deck(ctx, token)
		if errors.Is(err, sql.ErrNoRows) || err == nil && row.State != deckComing {
			return classroom.Refuse(classroom.NotFound, "deck_unknown")
		}
		if err != nil {
			return err
		}
		have, err := w.q.DecksOf(ctx, row.Event)
		if err != nil {
			return err
		}
		// A deck counts as much as its file from its beginning; what is over that is new.
		if more := max(row.Used+int64(size), row.Bytes) - max(row.Used, row.Bytes); have.Used+more > material.MaxEvent {
			return classroom.Refuse(classroom.Conflict, "deck_space")
		}
		n, err := add(w, uploadOf(row))
		if err != nil || n == 0 {
			return err
		}
		return w.q.GrowDeck(ctx, query.GrowDeckParams{Token: token, More: int64(size)})
	})
}

// SealDeck ends an upload of which nothing is missing, and gives what the journal says of it. Called again it gives the
// same. Conflict deck_missing, deck_file_other: the pieces are not the file that was announced.
func (s *Store) SealDeck(ctx context.Context, token string) (classroom.Deck, error) {
	d, err := s.weighDeck(ctx, token)
	if err != nil {
		return d, err
	}
	return d, s.turnWhole(ctx, token)
}

func (s *Store) turnWhole(ctx context.Context, token string) error {
	return s.write(ctx, true, func(ctx context.Context, w *writer) error {
		_, err := w.q.TurnDeck(ctx, query.TurnDeckParams{Token: token, To: deckWhole})
		return err
	})
}

// weighDeck tells what a deck of which nothing is missing is, with the digests of its bytes.
func (s *Store) weighDeck(ctx context.Context, token string) (classroom.Deck, error) {
	u, lacks, err := s.DeckLacks(ctx, token)
	if err != nil {
		return classroom.Deck{}, err
	}
	if !lacks.None() {
		return classroom.Deck{}, classroom.Refuse(classroom.Conflict, "deck_missing")
	}
	d := classroom.Deck{Token: token, Title: u.Title, Pages: u.Pages, Bytes: u.Bytes}
	digests, err := s.read.DeckDigests(ctx, token)
	if err != nil {
		return d, fail(err)
	}
	pictures := sha256.New()
	for _, row := range digests {
		pictures.Write(row.Digest)
	}
	d.Pictures = hex.EncodeToString(pictures.Sum(nil))
	if u.Bytes > 0 {
		file := sha256.New()
		for n := range material.Pieces(u.Bytes) {
			body, err := s.DeckPiece(ctx, token, n)
			if err != nil {
				return d, err
			}
			file.Write(body)
		}
		sum := file.Sum(nil)
		if !bytes.Equal(sum, u.File[:]) {
			return d, classroom.Refuse(classroom.Conflict, "deck_file_other")
		}
		d.File = hex.EncodeToString(sum)
	}
	return d, nil
}

// DeckInfo tells what a deck is, on its way in or whole, and of which event; NotFound deck_unknown.
func (s *Store) DeckInfo(ctx context.Context, token string) (classroom.EventID, material.Upload, error) {
	row, err := s.read.Deck(ctx, token)
	if err == nil && row.State == deckGoing {
		err = sql.ErrNoRows
	}
	if err != nil {
		return "", material.Upload{}, missing(err, "deck_unknown")
	}
	return classroom.EventID(row.Event), uploadOf(row), nil
}

// Picture reads the picture of a page of a deck that is whole or on its way from another origin; NotFound page_unknown.
func (s *Store) Picture(ctx context.Context, token string, p material.Part) (kind string, body []byte, err error) {
	row, err := s.read.DeckPage(ctx, query.DeckPageParams{Token: token, Page: int64(p.Page), Large: p.Large})
	if err != nil {
		return "", nil, missing(err, "page_unknown")
	}
	return row.Type, row.Body, nil
}

// DeckPiece reads a piece of a deck's file; NotFound deck_unknown.
func (s *Store) DeckPiece(ctx context.Context, token string, n int) ([]byte, error) {
	body, err := s.read.DeckPiece(ctx, query.DeckPieceParams{Token: token, Piece: int64(n)})
	return body, missing(err, "deck_unknown")
}

// DropDeck takes a deck's bytes out. Nobody sees them from the first step on; they go in portions, for questions must
// not wait until a hundred megabytes are gone.
func (s *Store) DropDeck(ctx context.Context, token string) error {
	err := s.write(ctx, false, func(ctx context.Context, w *writer) error {
		_, err := w.q.TurnDeck(ctx, query.TurnDeckParams{Token: token, To: deckGoing})
		return err
	})
	if err != nil {
		return err
	}
	for more := true; more; {
		err := s.write(ctx, true, func(ctx context.Context, w *writer) error {
			pages, err := w.q.CutDeckPages(ctx, token)
			if err != nil {
				return err
			}
			pieces, err := w.q.CutDeckPieces(ctx, token)
			if err != nil {
				return err
			}
			if more = pages+pieces > 0; more {
				return nil
			}
			return w.q.CutDeck(ctx, token)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// sweepDecks takes out what was begun before and never ended, and what a dead server left half gone.
func (s *Store) sweepDecks(ctx context.Context, before time.Time) error {
	tokens, err := s.read.DecksGone(ctx, before.UnixMilli())
	return s.dropDecks(ctx, tokens, err)
}

// dropDecks takes out those that a query found.
func (s *Store) dropDecks(ctx context.Context, tokens []string, err error) error {
	if err != nil {
		return fail(err)
	}
	for _, token := range tokens {
		if err := s.DropDeck(ctx, token); err != nil {
			return err
		}
	}
	return nil
}
