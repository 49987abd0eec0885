package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/material"
	"betang/classroom/store"
	"betang/signaling"
)

// onlyRoom is a hub that is nothing but its room.
type onlyRoom struct{ room *classroom.Room }

func (h onlyRoom) Do(_ context.Context, by classroom.Actor, cmd classroom.Command) (int64, error) {
	_, err := h.room.Apply(time.Now(), by, cmd)
	return h.room.Rev(), err
}

func (h onlyRoom) Read(_ context.Context, f func(*classroom.Room)) error { f(h.room); return nil }

// slideBench is the API over a real store and one room.
type slideBench struct {
	*bench
	room *classroom.Room
}

func newSlideBench(t *testing.T) slideBench {
	t.Helper()
	ev := lectureNow(demo)
	st := openStore(t, ev)
	room := classroom.NewRoom(ev)
	return slideBench{newBench(t, func(c *Config) {
		c.Material = MaterialConfig{Store: st, Hub: func(_ context.Context, id classroom.EventID) (RoomHub, error) {
			if id != demo {
				return nil, classroom.Refuse(classroom.NotFound, "event_unknown")
			}
			return onlyRoom{room}, nil
		}}
	}), room}
}

func (b slideBench) put(path, token string, body []byte) reply {
	b.t.Helper()
	return b.do(http.MethodPut, path, token, string(body), "Content-Type: application/octet-stream")
}

func picture(w, h int) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, w, h))); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func TestMaterialFromUploadToDownload(t *testing.T) {
	const at = "/api/events/demo/decks"
	b := newSlideBench(t)
	spk := b.link(classroom.RoleSpeaker)
	other := b.link(classroom.RoleSpeaker, func(c *signaling.Claims) { c.ID = "link-other" })
	file := append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte("x"), material.MaxPiece)...)
	sum := sha256.Sum256(file)
	ask := fmt.Sprintf(`{"title":"Arah: pembangunan","pages":2,"bytes":%d,"file":"%x"}`, len(file), sum)

	b.do(http.MethodPost, at, b.link(classroom.RolePlayer), ask).refused(403, classroom.NotAllowed, "not_allowed")
	b.do(http.MethodPost, at, spk, `{"title":"x","pages":500,"bytes":1,"file":""}`).refused(400, classroom.Invalid, "deck_pages")
	b.do(http.MethodPost, at, spk, `{"title":"x","pages":1,"bytes":104857600,"file":""}`).refused(400, classroom.Invalid, "deck_file_big")
	b.do(http.MethodPost, at, spk, `{"title":"`+"\u202e"+`","pages":1,"bytes":1,"file":""}`).refused(400, classroom.Invalid, "deck_title")

	var up uploadState
	b.do(http.MethodPost, at, spk, ask).json(&up)
	deck := at + "/" + up.Deck
	if len(up.Pages) != 4 || len(up.Pieces) != 2 || up.Pages[0] != "1/l" {
		t.Fatalf("a new upload lacks %+v", up)
	}
	b.put(deck+"/pages/1/l", other, picture(96, 54)).refused(403, classroom.NotAllowed, "deck_other")
	b.put(deck+"/pages/1/l", spk, []byte("<svg onload=alert(1)>")).refused(400, classroom.Invalid, "deck_picture")
	b.put(deck+"/pages/1/l", spk, picture(material.MaxSide, material.MaxSide)).refused(400, classroom.Invalid, "deck_picture")
	b.put(deck+"/pages/1/l", spk, make([]byte, material.MaxPage+1)).refused(413, classroom.Invalid, "body_too_large")
	b.put(deck+"/pages/1/x", spk, picture(96, 54)).refused(404, classroom.NotFound, "page_unknown")
	b.put(deck+"/pages/9/l", spk, picture(96, 54)).refused(400, classroom.Invalid, "page_unknown")
	b.put(deck+"/pieces/0", spk, []byte("PK\x03\x04 a presentation")).refused(400, classroom.Invalid, "deck_file_type")
	b.put(deck+"/pieces/1", spk, []byte("short")).refused(400, classroom.Invalid, "deck_piece")
	b.do(http.MethodPost, deck+"/finish", spk, "").refused(409, classroom.Conflict, "deck_missing")

	large := picture(96, 54)
	for _, part := range up.Pages[:3] {
		b.put(deck+"/pages/"+part, spk, large).json(&struct{}{})
	}
	// Begun anew with the same file, the upload goes on where it was.
	b.do(http.MethodPost, at, spk, ask).json(&up)
	if at+"/"+up.Deck != deck || len(up.Pages) != 1 || up.Pages[0] != "2/s" {
		t.Fatalf("gone on, it lacks %+v", up)
	}
	b.put(deck+"/pages/2/s", spk, large).json(&struct{}{})
	for i := range up.Pieces {
		b.put(fmt.Sprint(deck, "/pieces/", i), spk, file[i*material.MaxPiece:min(len(file), (i+1)*material.MaxPiece)]).json(&struct{}{})
	}
	b.do(http.MethodGet, deck, spk, "").json(&up)
	if len(up.Pages)+len(up.Pieces) != 0 {
		t.Errorf("at its end it lacks %+v", up)
	}
	b.do(http.MethodGet, "/m/"+up.Deck+"/1/l", "", "").refused(404, classroom.NotFound, "page_unknown")
	for range 2 { // the first answer was lost
		b.do(http.MethodPost, deck+"/finish", spk, "").json(&struct{}{})
	}
	if all, _ := b.room.Decks(); len(all) != 1 || all[0].File != hex.EncodeToString(sum[:]) || all[0].By.Link != "link-speaker" {
		t.Fatalf("the room has %+v", all)
	}

	w := b.do(http.MethodGet, "/m/"+up.Deck+"/1/l", "", "")
	if w.Code != 200 || w.Header().Get("Content-Type") != "image/png" || !bytes.Equal(w.Body.Bytes(), large) ||
		w.Header().Get("Cache-Control") != "private, max-age=31536000, immutable" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("page 1: %d %v", w.Code, w.Header())
	}
	b.do(http.MethodGet, "/m/"+up.Deck+"/file", "", "").refused(403, classroom.NotAllowed, "deck_not_shared")
	if _, err := b.room.Apply(time.Now(), classroom.Actor{Role: classroom.RoleSpeaker, Link: "link-speaker"}, classroom.ShareDeck{Deck: "d1", On: true}); err != nil {
		t.Fatal(err)
	}
	w = b.do(http.MethodGet, "/m/"+up.Deck+"/file", "", "")
	if w.Code != 200 || !bytes.Equal(w.Body.Bytes(), file) || w.Header().Get("Content-Type") != "application/pdf" ||
		w.Header().Get("Content-Disposition") != "attachment; filename*=UTF-8''Arah-%20pembangunan.pdf" {
		t.Errorf("the file: %d %v", w.Code, w.Header())
	}

	b.do(http.MethodDelete, deck, other, "").refused(403, classroom.NotAllowed, "deck_other")
	b.do(http.MethodDelete, deck, b.link(classroom.RoleModerator), "").json(&struct{}{})
	b.do(http.MethodGet, "/m/"+up.Deck+"/1/l", "", "").refused(404, classroom.NotFound, "page_unknown")
	if all, _ := b.room.Decks(); len(all) != 0 {
		t.Errorf("dropped, the room has %+v", all)
	}
}

func TestMaterialGivenUp(t *testing.T) {
	const at = "/api/events/demo/decks"
	b := newSlideBench(t)
	spk := b.link(classroom.RoleSpeaker)
	var up uploadState
	b.do(http.MethodPost, at, spk, fmt.Sprintf(`{"title":"Foto","pages":1,"bytes":0,"file":"%064x"}`, 1)).json(&up)
	if len(up.Pieces) != 0 {
		t.Errorf("pictures alone lack pieces: %+v", up)
	}
	b.do(http.MethodDelete, at+"/"+up.Deck, spk, "").json(&struct{}{})
	b.put(at+"/"+up.Deck+"/pages/1/l", spk, picture(4, 3)).refused(404, classroom.NotFound, "deck_unknown")
	b.do(http.MethodPost, at+"/"+up.Deck+"/finish", spk, "").refused(404, classroom.NotFound, "deck_unknown")
	for _, to := range []classroom.Phase{classroom.Live, classroom.Ended} {
		if _, err := b.room.Apply(time.Now(), classroom.Actor{Role: classroom.RoleOperator, Link: "op"}, classroom.SetPhase{To: to}); err != nil {
			t.Fatal(err)
		}
	}
	b.do(http.MethodPost, at, spk, fmt.Sprintf(`{"title":"Foto","pages":1,"bytes":0,"file":"%064x"}`, 2)).refused(409, classroom.Conflict, "event_ended")
}

// BenchmarkPage is one picture of 100 kB read from the store and answered.
func BenchmarkPage(b *testing.B) {
	st, err := store.Open(b.Context(), b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer st.Close()
	start := time.Now()
	if err := st.SaveEvent(b.Context(), classroom.Event{ID: demo, Kind: classroom.Lecture, Title: "x", StartsAt: start, EndsAt: start.Add(time.Hour), Policy: attend.DefaultPolicy()}); err != nil {
		b.Fatal(err)
	}
	u := material.Upload{Token: "deck", By: "x", Title: "x", Pages: 1, File: [32]byte{1}, At: start}
	_, err = st.BeginDeck(b.Context(), demo, u)
	for _, large := range []bool{true, false} {
		if err == nil {
			err = st.SavePicture(b.Context(), "deck", material.Part{Page: 1, Large: large}, "image/webp", make([]byte, 100_000))
		}
	}
	if err == nil {
		_, err = st.SealDeck(b.Context(), "deck")
	}
	if err != nil {
		b.Fatal(err)
	}
	m := &materialServer{server: &server{}, MaterialConfig: MaterialConfig{Store: st}}
	mux := chi.NewRouter()
	mux.Route("/m", m.pageRoutes)
	b.SetBytes(100_000)
	for b.Loop() {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/m/deck/1/l", nil))
		if w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
	}
}
