package cluster

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"betang/classroom"
	"betang/classroom/material"
	"betang/classroom/store"
)

// deckOrigin is an origin with a store.
type deckOrigin struct {
	*copier
	st    *store.Store
	web   *httptest.Server
	asked atomic.Int64
}

func newDeckOrigin(t *testing.T, name string) *deckOrigin {
	t.Helper()
	st, err := store.Open(t.Context(), t.TempDir())
	ok(t, err)
	t.Cleanup(func() { _ = st.Close() })
	now := time.Now().UTC().Truncate(time.Millisecond)
	ok(t, st.SaveEvent(t.Context(), classroom.Event{ID: "kuliah", Kind: classroom.Lecture, Title: "Kuliah", StartsAt: now, EndsAt: now.Add(time.Hour)}))
	o := &deckOrigin{copier: testCopier(t, "rahasia"), st: st}
	o.store, o.m.copies, o.m.ctx = st, o.copier, t.Context()
	o.m.cfg.Self.Name = name
	o.web = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.asked.Add(1)
		o.ServeHTTP(w, r)
	}))
	t.Cleanup(o.web.Close)
	return o
}

func (o *deckOrigin) tell(t *testing.T, seq int64, body classroom.FactBody) {
	t.Helper()
	ok(t, o.st.Append(t.Context(), "kuliah", []classroom.Fact{{Seq: seq, At: time.UnixMilli(1000 * seq).UTC(), By: classroom.Actor{Role: classroom.RoleSpeaker}, Body: body}}))
}

// TestDeckFromOriginToOrigin: a deck of more than one answer goes to the origin whose journal names it, a picture at once if somebody looks
// for it, and goes from there to a third when the first is gone. What is not named is asked of nobody, and what is dropped goes everywhere.
func TestDeckFromOriginToOrigin(t *testing.T) {
	const pages = 40 // 80 parts
	ctx := t.Context()
	a, b, c := newDeckOrigin(t, "a"), newDeckOrigin(t, "b"), newDeckOrigin(t, "c")
	b.m.living.Store(&[]Node{{Name: "a", URL: a.web.URL}})
	picture := func(page int, large bool) []byte {
		var body bytes.Buffer
		img := image.NewGray(image.Rect(0, 0, 16, 9))
		img.Pix[0], img.Pix[1] = byte(page), map[bool]byte{true: 1}[large]
		ok(t, png.Encode(&body, img))
		return body.Bytes()
	}
	_, err := a.st.BeginDeck(ctx, "kuliah", material.Upload{Token: "one", By: "link", Title: "Arah", Pages: pages, At: time.Now()})
	ok(t, err)
	for page := 1; page <= pages; page++ {
		for _, large := range []bool{true, false} {
			ok(t, a.st.SavePicture(ctx, "one", material.Part{Page: page, Large: large}, "image/png", picture(page, large)))
		}
	}
	deck, err := a.st.SealDeck(ctx, "one")
	ok(t, err)
	deck.ID = "d1"

	last := material.Part{Page: pages, Large: true}
	if err := b.m.CopyPicture(ctx, "one", last); classroom.KindOf(err) != classroom.NotFound || a.asked.Load() != 0 {
		t.Errorf("before the journal names it: %v, and %d questions", err, a.asked.Load())
	}
	for _, o := range []*deckOrigin{a, b, c} {
		o.tell(t, 1, classroom.DeckAdded{Deck: deck})
	}
	if err := b.m.CopyPicture(ctx, "one", material.Part{Page: pages + 1}); classroom.KindOf(err) != classroom.NotFound || a.asked.Load() != 0 {
		t.Errorf("a page that is none: %v, and %d questions", err, a.asked.Load())
	}
	done := make(chan error)
	for range 20 { // viewers
		go func() { done <- b.m.CopyPicture(ctx, "one", last) }()
	}
	for range 20 {
		ok(t, <-done)
	}
	if kind, body, err := b.st.Picture(ctx, "one", last); err != nil || kind != "image/png" || !bytes.Equal(body, picture(pages, true)) || a.asked.Load() != 1 {
		t.Errorf("a page that 20 look for: %v, by %d questions", err, a.asked.Load())
	}
	failed := map[string]string{}
	if b.lookForDecks(0, failed); len(failed) > 0 || a.asked.Load() != 1+2 {
		t.Errorf("the rest came by %d questions: %v", a.asked.Load()-1, failed)
	}

	a.web.Close()
	c.m.living.Store(&[]Node{{Name: "a", URL: a.web.URL}, {Name: "b", URL: b.web.URL}})
	if c.lookForDecks(0, failed); len(failed) > 0 {
		t.Errorf("from the second when the first is gone: %v", failed)
	}
	if got, err := c.st.SealDeck(ctx, "one"); err != nil || fmt.Sprint(got.Pictures) != deck.Pictures {
		t.Errorf("at the third: %+v, %v", got, err)
	}
	b.tell(t, 2, classroom.DeckDropped{Deck: "d1"})
	b.lookForDecks(0, failed)
	c.tell(t, 2, classroom.DeckDropped{Deck: "d1"})
	c.lookForDecks(0, failed)
	for _, o := range []*deckOrigin{b, c} {
		if _, _, err := o.st.DeckInfo(ctx, "one"); classroom.KindOf(err) != classroom.NotFound {
			t.Errorf("dropped, it is still there: %v", err)
		}
	}
	if len(failed) > 0 {
		t.Error(failed)
	}
}

// TestDeckNotFromWhoDroppedIt: an origin gives out no part of a deck of which its journal does not say that it is there, and says of one that
// it lacks too that it has nothing.
func TestDeckNotFromWhoDroppedIt(t *testing.T) {
	a, b := newDeckOrigin(t, "a"), newDeckOrigin(t, "b")
	b.m.living.Store(&[]Node{{Name: "a", URL: a.web.URL}})
	sum := fmt.Sprintf("%064x", 1)
	b.tell(t, 1, classroom.DeckAdded{Deck: classroom.Deck{ID: "d1", Token: "one", Title: "Arah", Pages: 1, Pictures: sum}})
	failed := map[string]string{}
	if b.lookForDecks(0, failed); failed["one"] != errNoDeck.Error() {
		t.Errorf("nobody has it: %v", failed)
	}
	_, err := a.st.BeginDeck(t.Context(), "kuliah", material.Upload{Token: "one", By: "link", Title: "Arah", Pages: 1, At: time.Now()})
	ok(t, err)
	ok(t, a.st.SavePicture(t.Context(), "one", material.Part{Page: 1}, "image/png", []byte("x")))
	answer, err := b.ask(t.Context(), a.web.URL, paperAsk{ID: "q", Node: "b", Deck: "one", Lacks: material.Missing{Pictures: []material.Part{{Page: 1}}}})
	if err != nil || len(answer.Parts) != 0 {
		t.Errorf("an upload that no journal names: %d parts, %v", len(answer.Parts), err)
	}
}

// DueDeck is giver's: it knows one deck.
func (giver) DueDeck(_ context.Context, token string) (classroom.Deck, error) {
	if token != "one" {
		return classroom.Deck{}, classroom.Refuse(classroom.NotFound, "deck_unknown")
	}
	return classroom.Deck{Token: token, Pages: 1}, nil
}

func (giver) Picture(context.Context, string, material.Part) (kind string, body []byte, err error) {
	return "image/png", []byte("x"), nil
}

func (giver) DeckPiece(_ context.Context, _ string, n int) ([]byte, error) {
	if n != 0 {
		return nil, classroom.Refuse(classroom.NotFound, "deck_unknown")
	}
	return []byte("%PDF"), nil
}
