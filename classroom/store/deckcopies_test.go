package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"betang/classroom"
	"betang/classroom/material"
	"betang/classroom/papers"

	"pgregory.net/rapid"
)

// deckFact is the next fact of a journal that a test writes.
func deckFact(seq int64, body classroom.FactBody) []classroom.Fact {
	return []classroom.Fact{{Seq: seq, At: begin, By: classroom.Actor{Role: classroom.RoleSpeaker, Link: "link-1"}, Body: body}}
}

// putDeck uploads a deck of two pages and two pieces to its end.
func putDeck(t testing.TB, s *Store, token string) classroom.Deck {
	t.Helper()
	u := uploadNamed(token)
	u.By = token
	_, err := s.BeginDeck(t.Context(), "demo", u)
	must(t, err)
	for page := 1; page <= u.Pages; page++ {
		for _, large := range []bool{true, false} {
			must(t, s.SavePicture(t.Context(), token, material.Part{Page: page, Large: large}, "image/png", fmt.Append(nil, token, page, large)))
		}
	}
	for n := range material.Pieces(u.Bytes) {
		must(t, s.SavePiece(t.Context(), token, n, deckFile[n*material.MaxPiece:min(len(deckFile), (n+1)*material.MaxPiece)]))
	}
	d, err := s.SealDeck(t.Context(), token)
	must(t, err)
	return d
}

// TestDeckCopies: two origins with one journal upload decks, copy parts of what the journal names in any order, also wrong ones, and drop
// decks. Once each has copied what it lacks from the other and forgotten what was dropped, both hold the decks of the journal to the byte.
func TestDeckCopies(t *testing.T) {
	if testing.Short() {
		t.Skip("writes hundreds of transactions")
	}
	ctx, round := t.Context(), 0
	rapid.Check(t, func(r *rapid.T) {
		if round++; round > 12 { // each opens two stores
			return
		}
		both := []*Store{withEvents(t, "demo"), withEvents(t, "demo")}
		var seq int64
		tell := func(body classroom.FactBody) {
			seq++
			for _, s := range both {
				must(t, s.Append(ctx, "demo", deckFact(seq, body)))
			}
		}
		named := map[string]classroom.Deck{} // by token, of the journal
		tokens := func() (list []string) {
			for token := range named {
				list = append(list, token)
			}
			slices.Sort(list)
			return list
		}
		// part copies a picture or piece, to one that began the copy.
		part := func(from, to *Store, token string, m material.Missing) {
			for _, p := range m.Pictures {
				if kind, body, err := from.Picture(ctx, token, p); err == nil {
					must(t, to.SavePicture(ctx, token, p, kind, body))
				}
			}
			for _, n := range m.Pieces {
				if body, err := from.DeckPiece(ctx, token, n); err == nil {
					must(t, to.SavePiece(ctx, token, n, body))
				}
			}
		}
		seal := func(s *Store, token string) (fresh bool) {
			err := s.SealCopy(ctx, token)
			if err != nil && !errors.Is(err, papers.ErrPaper) && code(err) != "deck_missing" {
				r.Fatal(err)
			}
			return err == nil
		}
		n := 0
		for range rapid.IntRange(1, 10).Draw(r, "steps") {
			i := rapid.IntRange(0, 1).Draw(r, "at")
			s, other := both[i], both[1-i]
			switch what := rapid.IntRange(0, 5).Draw(r, "what"); {
			case what == 0 || len(named) == 0:
				n++
				d := putDeck(t, s, fmt.Sprint("deck-", n))
				if _, err := other.BeginCopy(ctx, d.Token); code(err) != "deck_unknown" {
					r.Fatalf("a deck that no journal names is copied: %v", err)
				}
				d.ID = classroom.DeckID(fmt.Sprint("d", n))
				tell(classroom.DeckAdded{Deck: d})
				named[d.Token] = d
			case what == 1:
				token := rapid.SampledFrom(tokens()).Draw(r, "drop")
				tell(classroom.DeckDropped{Deck: named[token].ID})
				delete(named, token)
				must(t, s.DropDecks(ctx))
			default:
				token := rapid.SampledFrom(tokens()).Draw(r, "copy")
				lacks, err := s.BeginCopy(ctx, token)
				must(t, err)
				switch {
				case lacks.None():
					seal(s, token)
				case what == 2 && len(lacks.Pictures) > 0: // a wrong one
					must(t, s.SavePicture(ctx, token, lacks.Pictures[0], "image/png", []byte("another")))
				case len(lacks.Pictures) > 0:
					p := rapid.SampledFrom(lacks.Pictures).Draw(r, "picture")
					part(other, s, token, material.Missing{Pictures: []material.Part{p}})
					if _, _, err := s.Picture(ctx, token, p); err != nil {
						r.Fatalf("a page that came is not shown: %v", err)
					}
				default:
					part(other, s, token, lacks)
				}
			}
		}
		for i, s := range both {
			for due := []string{""}; len(due) > 0; { // a wrong copy comes twice
				var err error
				due, err = s.DecksDue(ctx, begin.AddDate(-1, 0, 0))
				must(t, err)
				for _, token := range due {
					lacks, err := s.BeginCopy(ctx, token)
					must(t, err)
					part(both[1-i], s, token, lacks)
					seal(s, token)
				}
			}
		}
		for _, s := range both {
			must(t, s.DropDecks(ctx))
			for i := range n {
				token := fmt.Sprint("deck-", i+1)
				d, there := named[token]
				if !there {
					if _, _, err := s.DeckInfo(ctx, token); code(err) != "deck_unknown" {
						r.Errorf("%s was dropped: %v", token, err)
					}
					if _, err := s.BeginCopy(ctx, token); code(err) != "deck_unknown" {
						r.Errorf("%s was dropped and is copied: %v", token, err)
					}
					continue
				}
				got, err := s.SealDeck(ctx, token)
				must(t, err)
				if d.ID = ""; got != d {
					r.Errorf("%+v, want %+v", got, d)
				}
				first, err := s.DeckPiece(ctx, token, 0)
				if must(t, err); !bytes.Equal(first, deckFile[:material.MaxPiece]) {
					r.Errorf("%s: another file", token)
				}
			}
		}
	})
}

// TestDeckCopyWrong: a copy whose bytes are not those of the journal is never whole, and begins anew. An old event's decks are not looked for.
func TestDeckCopyWrong(t *testing.T) {
	ctx := t.Context()
	s, from := withEvents(t, "demo"), withEvents(t, "demo")
	d := putDeck(t, from, "one")
	d.ID = "d1"
	must(t, s.Append(ctx, "demo", deckFact(1, classroom.DeckAdded{Deck: d})))
	fill := func(wrong string) {
		t.Helper()
		lacks, err := s.BeginCopy(ctx, "one")
		must(t, err)
		if len(lacks.Pictures) != 4 || len(lacks.Pieces) != 2 {
			t.Fatalf("%s: it does not begin anew: %+v", wrong, lacks)
		}
		for i, p := range lacks.Pictures {
			kind, body, err := from.Picture(ctx, "one", p)
			if must(t, err); wrong == "picture" && i == 2 {
				body = []byte("another")
			}
			must(t, s.SavePicture(ctx, "one", p, kind, body))
		}
		if err := s.SealCopy(ctx, "one"); code(err) != "deck_missing" {
			t.Errorf("without its file: %v", err)
		}
		for _, n := range lacks.Pieces {
			body, err := from.DeckPiece(ctx, "one", n)
			if must(t, err); wrong == "file" && n == 1 {
				body = bytes.Repeat([]byte("x"), len(body))
			}
			must(t, s.SavePiece(ctx, "one", n, body))
		}
	}
	for _, wrong := range []string{"picture", "file"} {
		fill(wrong)
		if err := s.SealCopy(ctx, "one"); !errors.Is(err, papers.ErrPaper) {
			t.Errorf("another %s was taken: %v", wrong, err)
		}
	}
	fill("nothing")
	if due, err := s.DecksDue(ctx, begin.AddDate(1, 0, 0)); err != nil || len(due) != 0 {
		t.Errorf("of an event of last year: %q, %v", due, err)
	}
	if due, err := s.DecksDue(ctx, begin.AddDate(-1, 0, 0)); err != nil || !slices.Equal(due, []string{"one"}) {
		t.Errorf("due: %q, %v", due, err)
	}
	must(t, s.SealCopy(ctx, "one"))
	if due, err := s.DecksDue(ctx, begin.AddDate(-1, 0, 0)); err != nil || len(due) != 0 {
		t.Errorf("due when it is whole: %q, %v", due, err)
	}
	u, _, err := s.DeckLacks(ctx, "one")
	if must(t, err); u.By != "link-1" || u.Title != d.Title || u.File != sha256.Sum256(deckFile) {
		t.Errorf("%+v", u)
	}
}

// TestDecksNamedBefore: the migration finds in the journals of an older store what they name, as if the facts came later.
func TestDecksNamedBefore(t *testing.T) {
	ctx := t.Context()
	s := withEvents(t, "demo")
	sum := strings.Repeat("0f", 32)
	for seq, body := range []classroom.FactBody{
		classroom.DeckAdded{Deck: classroom.Deck{ID: "d1", Token: "one", Title: `"Arah"`, Pages: 3, Bytes: 7, File: sum, Pictures: sum}},
		classroom.DeckAdded{Deck: classroom.Deck{ID: "d2", Token: "two", Title: "Gambar", Pages: 1, Pictures: sum}},
		classroom.PageShown{Deck: "d1", Page: 2},
		classroom.DeckDropped{Deck: "d2"},
	} {
		must(t, s.Append(ctx, "demo", deckFact(int64(seq)+1, body)))
	}
	rows := func() (out []string) {
		t.Helper()
		found, err := s.reads.QueryContext(ctx, "SELECT concat_ws('|', id, token, by, title, pages, bytes, file, pictures, dropped) FROM named_decks ORDER BY id")
		must(t, err)
		defer found.Close()
		for found.Next() {
			var row string
			must(t, found.Scan(&row))
			out = append(out, row)
		}
		must(t, found.Err())
		return out
	}
	want := []string{`d1|one|link-1|"Arah"|3|7|` + sum + "|" + sum + "|0", "d2|two|link-1|Gambar|1|0||" + sum + "|1"}
	if got := rows(); !slices.Equal(got, want) {
		t.Errorf("by the facts: %q", got)
	}
	text, err := os.ReadFile("migrations/0180_named_decks.sql")
	must(t, err)
	up, _, _ := strings.Cut(string(text), "-- +goose Down")
	must(t, s.write(ctx, true, func(ctx context.Context, w *writer) error {
		_, err := w.conn.ExecContext(ctx, "DELETE FROM named_decks;"+up[strings.LastIndex(up, "StatementEnd")+len("StatementEnd"):])
		return err
	}))
	if got := rows(); !slices.Equal(got, want) {
		t.Errorf("by the migration: %q", got)
	}
}
