package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"testing"
	"time"

	"betang/classroom"
	"betang/classroom/material"
	"betang/classroom/store/query"
)

// deckFile is a file of two pieces.
var deckFile = append([]byte("%PDF-1.7"), bytes.Repeat([]byte("0123456789abcdef"), material.MaxPiece/16)...)

func uploadNamed(token string) material.Upload {
	return material.Upload{
		Token: token, By: "link-1", Title: "Arah pembangunan", Pages: 2, Bytes: len(deckFile), File: sha256.Sum256(deckFile), At: begin,
	}
}

func TestDeckUpload(t *testing.T) {
	ctx := t.Context()
	s := withEvents(t, "demo", "lain")
	begin := func(u material.Upload, event classroom.EventID) string {
		t.Helper()
		token, err := s.BeginDeck(ctx, event, u)
		must(t, err)
		return token
	}
	if got := begin(uploadNamed("one"), "demo"); got != "one" {
		t.Fatalf("began %q", got)
	}
	// The connection is cut, the page reloaded, the same file chosen: what is there is not sent again.
	must(t, s.SavePicture(ctx, "one", material.Part{Page: 1, Large: true}, "image/webp", []byte("large 1")))
	must(t, s.SavePiece(ctx, "one", 1, deckFile[material.MaxPiece:]))
	if got := begin(uploadNamed("two"), "demo"); got != "one" {
		t.Errorf("the same file again began %q", got)
	}
	if got := begin(uploadNamed("three"), "lain"); got != "three" {
		t.Errorf("in another event: %q", got)
	}
	_, lacks, err := s.DeckLacks(ctx, "one")
	must(t, err)
	want := material.Missing{Pictures: []material.Part{{Page: 1}, {Page: 2, Large: true}, {Page: 2}}, Pieces: []int{0}}
	if !slices.Equal(lacks.Pictures, want.Pictures) || !slices.Equal(lacks.Pieces, want.Pieces) {
		t.Errorf("lacks %+v, want %+v", lacks, want)
	}
	if _, err := s.SealDeck(ctx, "one"); code(err) != "deck_missing" {
		t.Errorf("sealed with holes: %v", err)
	}
	if _, _, err := s.Picture(ctx, "one", material.Part{Page: 1, Large: true}); code(err) != "page_unknown" {
		t.Errorf("a page of an unfinished deck is shown: %v", err)
	}
	for _, p := range want.Pictures {
		must(t, s.SavePicture(ctx, "one", p, "image/png", []byte("picture")))
	}
	must(t, s.SavePicture(ctx, "one", material.Part{Page: 1, Large: true}, "image/webp", []byte("sent twice")))
	for what, err := range map[string]error{
		"page_unknown": s.SavePicture(ctx, "one", material.Part{Page: 3}, "image/png", []byte("x")),
		"deck_piece":   s.SavePiece(ctx, "one", 0, deckFile[:100]),
		"deck_unknown": s.SavePiece(ctx, "none", 0, deckFile[:100]),
	} {
		if code(err) != what {
			t.Errorf("want %s, got %v", what, err)
		}
	}
	must(t, s.SavePiece(ctx, "one", 0, deckFile[:material.MaxPiece]))
	d, err := s.SealDeck(ctx, "one")
	must(t, err)
	again, err := s.SealDeck(ctx, "one")
	must(t, err)
	sum := uploadNamed("").File
	if d != again || d.Pages != 2 || d.File != hex.EncodeToString(sum[:]) || len(d.Pictures) != 64 {
		t.Errorf("sealed %+v, then %+v", d, again)
	}
	kind, body, err := s.Picture(ctx, "one", material.Part{Page: 1, Large: true})
	if must(t, err); kind != "image/webp" || string(body) != "large 1" {
		t.Errorf("picture %s %q", kind, body)
	}
	if err := s.SavePicture(ctx, "one", material.Part{Page: 1}, "image/png", []byte("x")); code(err) != "deck_unknown" {
		t.Errorf("a whole deck was changed: %v", err)
	}
	must(t, s.DropDeck(ctx, "one"))
	must(t, s.DropDeck(ctx, "one"))
	if _, _, err := s.DeckInfo(ctx, "one"); code(err) != "deck_unknown" {
		t.Errorf("dropped: %v", err)
	}
	var left int
	must(t, s.reads.QueryRowContext(ctx, "SELECT (SELECT count(*) FROM deck_pages) + (SELECT count(*) FROM deck_pieces)").Scan(&left))
	if left != 0 {
		t.Errorf("%d parts are left of a dropped deck", left)
	}
}

func TestDeckOtherFileAndBounds(t *testing.T) {
	ctx := t.Context()
	s := withEvents(t, "demo")
	u := uploadNamed("one")
	u.Pages, u.File = 1, sha256.Sum256([]byte("another file"))
	_, err := s.BeginDeck(ctx, "demo", u)
	must(t, err)
	for _, large := range []bool{true, false} {
		must(t, s.SavePicture(ctx, "one", material.Part{Page: 1, Large: large}, "image/png", []byte("picture")))
	}
	must(t, s.SavePiece(ctx, "one", 0, deckFile[:material.MaxPiece]))
	must(t, s.SavePiece(ctx, "one", 1, deckFile[material.MaxPiece:]))
	if _, err := s.SealDeck(ctx, "one"); code(err) != "deck_file_other" {
		t.Errorf("a file that is not the announced one: %v", err)
	}

	u.Bytes = material.MaxOriginal
	var refused string
	for i := range material.MaxDecks {
		u.Token, u.File[0] = string(rune('a'+i)), byte(i)
		if _, err := s.BeginDeck(ctx, "demo", u); err != nil {
			refused = code(err)
			break
		}
	}
	if refused != "deck_limit" {
		t.Errorf("twenty more decks: %q", refused)
	}
	// Nobody finished them: a day later there is room again.
	u.Token, u.At = "late", begin.Add(unfinishedFor+time.Hour)
	_, err = s.BeginDeck(ctx, "demo", u)
	must(t, err)
	have, err := s.read.DecksOf(ctx, "demo")
	if must(t, err); have.N != 1 {
		t.Errorf("%d decks are left", have.N)
	}
	must(t, s.write(ctx, true, func(ctx context.Context, w *writer) error {
		return w.q.GrowDeck(ctx, query.GrowDeckParams{Token: "late", More: material.MaxEvent - 3})
	}))
	if err := s.SavePicture(ctx, "late", material.Part{Page: 1}, "image/png", []byte("four")); code(err) != "deck_space" {
		t.Errorf("more than an event may hold: %v", err)
	}
	must(t, s.SavePicture(ctx, "late", material.Part{Page: 1}, "image/png", []byte("it.")))
}

func code(err error) string {
	if e, ok := errors.AsType[*classroom.Error](err); ok {
		return e.Code
	}
	return ""
}
