package api

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"betang/classroom"
	"betang/classroom/material"
	"betang/signaling/wire"
)

// mayPresent is who uploads material, in the policy table.
const mayPresent = "material"

// maxUploads is the requests of uploads of one token a minute: a deck of 300 pages is 600 pictures and 50 pieces.
const maxUploads = 1500

// MaterialStore keeps the bytes of material.
type MaterialStore interface {
	BeginDeck(ctx context.Context, event classroom.EventID, u material.Upload) (token string, err error)
	DeckInfo(ctx context.Context, token string) (classroom.EventID, material.Upload, error)
	DeckLacks(ctx context.Context, token string) (material.Upload, material.Missing, error)
	SavePicture(ctx context.Context, token string, p material.Part, kind string, body []byte) error
	SavePiece(ctx context.Context, token string, n int, body []byte) error
	SealDeck(ctx context.Context, token string) (classroom.Deck, error)
	DropDeck(ctx context.Context, token string) error
	Picture(ctx context.Context, token string, p material.Part) (kind string, body []byte, err error)
	DeckPiece(ctx context.Context, token string, n int) ([]byte, error)
}

// RoomHub is what material asks of an event's hub.
type RoomHub interface {
	Do(ctx context.Context, by classroom.Actor, cmd classroom.Command) (rev int64, err error)
	Read(ctx context.Context, f func(r *classroom.Room)) error
}

// MaterialConfig is what material needs.
type MaterialConfig struct {
	Store MaterialStore
	Hub   func(ctx context.Context, id classroom.EventID) (RoomHub, error)
}

// materialServer takes decks in, part by part, and gives their pages out.
type materialServer struct {
	*server
	MaterialConfig
}

// uploadRoutes are for who presents, with their token.
func (m *materialServer) uploadRoutes(r chi.Router) {
	r.Route("/events/{event}/decks", func(r chi.Router) {
		r.Use(m.authorize(mayPresent), m.byToken(m.limits.uploads))
		r.Post("/", m.begin)
		r.Get("/{deck}", m.lacks)
		r.Put("/{deck}/pages/{page}/{size}", m.picture)
		r.Put("/{deck}/pieces/{piece}", m.piece)
		r.Post("/{deck}/finish", m.finish)
		r.Delete("/{deck}", m.drop)
	})
}

// pageRoutes are for everyone who was told the deck's token: it cannot be guessed, and what it names never changes.
func (m *materialServer) pageRoutes(r chi.Router) {
	r.Get("/{deck}/{page}/{size}", m.givePicture)
	r.Get("/{deck}/file", m.giveFile)
}

// uploadState is what an upload lacks. With nothing missing it can be finished.
type uploadState struct {
	Deck   string   `json:"deck"`
	Pages  []string `json:"pages"`  // "1/l": the large picture of page 1
	Pieces []int    `json:"pieces"` // of the file
}

func (m *materialServer) begin(w http.ResponseWriter, r *http.Request) {
	var req struct {
		Title string `json:"title"`
		Pages int    `json:"pages"`
		Bytes int    `json:"bytes"`
		File  string `json:"file"` // SHA-256 of the file, or of the pictures that were chosen
	}
	hub, event, err := m.open(r)
	if err == nil {
		err = decode(w, r, &req)
	}
	u := material.Upload{Token: NewTokenID(), By: claimsOf(r).ID, Pages: req.Pages, Bytes: req.Bytes, At: time.Now()}
	if err == nil {
		u.Title, u.File, err = checkUpload(req.Title, req.File, req.Pages, req.Bytes)
	}
	if err == nil {
		err = mayBegin(r.Context(), hub)
	}
	if err == nil {
		u.Token, err = m.Store.BeginDeck(r.Context(), event, u)
	}
	if err != nil {
		m.refuse(w, r, err)
		return
	}
	m.answerLacks(w, r, u.Token)
}

func checkUpload(title, file string, pages, size int) (clean string, digest [32]byte, err error) {
	clean, code := wire.Tidy(title, 1, material.MaxTitle)
	sum, hexErr := hex.DecodeString(file)
	switch {
	case code != "":
		err = classroom.Refuse(classroom.Invalid, "deck_title")
	case pages < 1 || pages > material.MaxPages:
		err = classroom.Refuse(classroom.Invalid, "deck_pages")
	case size < 0 || size > material.MaxOriginal:
		err = classroom.Refuse(classroom.Invalid, "deck_file_big")
	case hexErr != nil || len(sum) != len(digest):
		err = classroom.Refuse(classroom.Invalid, "message_malformed")
	default:
		digest = [32]byte(sum)
	}
	return clean, digest, err
}

// mayBegin spares a presenter an upload of which the room would not take the end.
func mayBegin(ctx context.Context, hub RoomHub) error {
	ended := false
	err := hub.Read(ctx, func(room *classroom.Room) { ended = room.Phase() == classroom.Ended })
	if err == nil && ended {
		err = classroom.Refuse(classroom.Conflict, "event_ended")
	}
	return err
}

func (m *materialServer) lacks(w http.ResponseWriter, r *http.Request) {
	if _, err := m.own(r); err != nil {
		m.refuse(w, r, err)
		return
	}
	m.answerLacks(w, r, deckToken(r))
}

func (m *materialServer) answerLacks(w http.ResponseWriter, r *http.Request, token string) {
	_, lacks, err := m.Store.DeckLacks(r.Context(), token)
	if err != nil {
		m.refuse(w, r, err)
		return
	}
	out := uploadState{Deck: token, Pages: []string{}, Pieces: append([]int{}, lacks.Pieces...)}
	for _, p := range lacks.Pictures {
		size := "/s"
		if p.Large {
			size = "/l"
		}
		out.Pages = append(out.Pages, strconv.Itoa(p.Page)+size)
	}
	answer(w, http.StatusOK, out)
}

func (m *materialServer) picture(w http.ResponseWriter, r *http.Request) {
	p, err := partOf(r)
	if err == nil {
		_, err = m.own(r)
	}
	var body []byte
	if err == nil {
		body, err = readBody(w, r, "application/octet-stream", material.MaxPage)
	}
	if err == nil {
		pic, ok := material.Inspect(body)
		if !ok {
			err = classroom.Refuse(classroom.Invalid, "deck_picture")
		} else {
			err = m.Store.SavePicture(r.Context(), deckToken(r), p, pic.Type, body)
		}
	}
	m.done(w, r, err)
}

func (m *materialServer) piece(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(chi.URLParam(r, "piece"))
	if err != nil {
		err = classroom.Refuse(classroom.Invalid, "deck_piece")
	} else {
		_, err = m.own(r)
	}
	var body []byte
	if err == nil {
		body, err = readBody(w, r, "application/octet-stream", material.MaxPiece)
	}
	if err == nil && n == 0 {
		if kind, _ := material.FileType(body); kind == "" {
			err = classroom.Refuse(classroom.Invalid, "deck_file_type")
		}
	}
	if err == nil {
		err = m.Store.SavePiece(r.Context(), deckToken(r), n, body)
	}
	m.done(w, r, err)
}

// finish makes an upload of which nothing is missing a deck of the room. Sent again it says the same.
func (m *materialServer) finish(w http.ResponseWriter, r *http.Request) {
	hub, err := m.own(r)
	var d classroom.Deck
	if err == nil {
		d, err = m.Store.SealDeck(r.Context(), deckToken(r))
	}
	if err == nil {
		_, err = hub.Do(r.Context(), actorOf(claimsOf(r)), classroom.AddDeck{Deck: d})
	}
	m.done(w, r, err)
}

// drop gives an upload up, or takes a deck out of the room, and its bytes with it.
func (m *materialServer) drop(w http.ResponseWriter, r *http.Request) {
	hub, _, err := m.open(r)
	token := deckToken(r)
	var d classroom.DeckView
	var there bool
	if err == nil {
		err = hub.Read(r.Context(), func(room *classroom.Room) { d, there = room.DeckByToken(token) })
	}
	switch {
	case err != nil:
	case there:
		_, err = hub.Do(r.Context(), actorOf(claimsOf(r)), classroom.DropDeck{Deck: d.ID})
	default:
		_, err = m.own(r)
	}
	if err == nil {
		err = m.Store.DropDeck(r.Context(), token)
	}
	m.done(w, r, err)
}

func (m *materialServer) done(w http.ResponseWriter, r *http.Request, err error) {
	if err != nil {
		m.refuse(w, r, err)
		return
	}
	answer(w, http.StatusOK, struct{}{})
}

// open finds the hub of the path's event.
func (m *materialServer) open(r *http.Request) (RoomHub, classroom.EventID, error) {
	id := classroom.EventID(chi.URLParam(r, "event"))
	if !id.Valid() {
		return nil, "", classroom.Refuse(classroom.NotFound, "event_unknown")
	}
	hub, err := m.Hub(r.Context(), id)
	if err != nil {
		return nil, "", err
	}
	noteOf(r).event = id
	return hub, id, nil
}

// own is open for an upload of the caller's own.
func (m *materialServer) own(r *http.Request) (RoomHub, error) {
	hub, id, err := m.open(r)
	if err != nil {
		return nil, err
	}
	event, u, err := m.Store.DeckInfo(r.Context(), deckToken(r))
	switch {
	case err != nil:
	case event != id:
		err = classroom.Refuse(classroom.NotFound, "deck_unknown")
	case u.By != claimsOf(r).ID:
		err = classroom.Refuse(classroom.NotAllowed, "deck_other")
	}
	return hub, err
}

func deckToken(r *http.Request) string { return chi.URLParam(r, "deck") }

func partOf(r *http.Request) (material.Part, error) {
	page, err := strconv.Atoi(chi.URLParam(r, "page"))
	size := chi.URLParam(r, "size")
	if err != nil || size != "l" && size != "s" {
		return material.Part{}, classroom.Refuse(classroom.NotFound, "page_unknown")
	}
	return material.Part{Page: page, Large: size == "l"}, nil
}

func (m *materialServer) givePicture(w http.ResponseWriter, r *http.Request) {
	p, err := partOf(r)
	var kind string
	var body []byte
	if err == nil {
		kind, body, err = m.Store.Picture(r.Context(), deckToken(r), p)
	}
	if err != nil {
		m.refuse(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "private, max-age=31536000, immutable")
	_, _ = w.Write(body) // the reader is gone: nobody to tell
}

// giveFile gives the file as it was uploaded, while its presenter lets everyone have it.
func (m *materialServer) giveFile(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	token := deckToken(r)
	event, _, err := m.Store.DeckInfo(r.Context(), token)
	var hub RoomHub
	if err == nil {
		hub, err = m.Hub(r.Context(), event)
	}
	var d classroom.DeckView
	var there bool
	if err == nil {
		noteOf(r).event = event
		err = hub.Read(r.Context(), func(room *classroom.Room) { d, there = room.DeckByToken(token) })
	}
	switch {
	case err != nil:
	case !there:
		err = classroom.Refuse(classroom.NotFound, "deck_unknown")
	case !d.Shared:
		err = classroom.Refuse(classroom.NotAllowed, "deck_not_shared")
	}
	var body []byte
	if err == nil {
		body, err = m.Store.DeckPiece(r.Context(), token, 0)
	}
	if err != nil {
		m.refuse(w, r, err)
		return
	}
	kind, ending := material.FileType(body)
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Length", strconv.Itoa(d.Bytes))
	h.Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(fileName(d.Title)+ending))
	for n := 1; ; n++ {
		if _, err := w.Write(body); err != nil || n == material.Pieces(d.Bytes) {
			return // all of it is out, or the reader is gone
		}
		if body, err = m.Store.DeckPiece(r.Context(), token, n); err != nil {
			if !errors.Is(err, context.Canceled) {
				m.log.ErrorContext(r.Context(), "deck's file broken off", "id", noteOf(r).id, "err", err)
			}
			panic(http.ErrAbortHandler) // half a file must not look whole
		}
	}
}

// fileName makes of a title what every system takes for a file's name.
func fileName(title string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) {
			return '-'
		}
		return r
	}, strings.Trim(title, ". "))
}
