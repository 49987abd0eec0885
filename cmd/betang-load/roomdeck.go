package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"betang/signaling/wire"
)

// deckPages is how many pages the operator's deck has: a turn is known by its page for so many turns.
const deckPages = 30

// turns is what the page turns of a room took.
type turns struct {
	at [deckPages + 1]atomic.Int64 // room time when each page was last asked for

	mu    sync.Mutex
	delay histogram
}

// uploadDeck makes the operator's pictures a deck of the room, as a presenter's browser does.
func (r *room) uploadDeck(ctx context.Context, desk *line) error {
	var pic bytes.Buffer
	if err := png.Encode(&pic, image.NewGray(image.Rect(0, 0, 96, 54))); err != nil {
		return err
	}
	at := r.base.String() + "/api/events/" + r.event + "/decks"
	call := func(method, url, kind string, body []byte) ([]byte, error) {
		req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		req.Header.Set("Authorization", "Bearer "+desk.token)
		req.Header.Set("Content-Type", kind)
		res, err := desk.http.Do(req)
		if err != nil {
			return nil, err
		}
		defer func() { _ = res.Body.Close() }()
		out, err := io.ReadAll(io.LimitReader(res.Body, 1<<16))
		if err == nil && res.StatusCode/100 != 2 {
			err = fmt.Errorf("%s: %s", res.Status, bytes.TrimSpace(out))
		}
		return out, err
	}
	out, err := call(http.MethodPost, at, "application/json", fmt.Appendf(nil, `{"title":"Beban","pages":%d,"bytes":0,"file":"%064x"}`, deckPages, 1))
	if err != nil {
		return err
	}
	var up struct {
		Deck  string
		Pages []string
	}
	if err := json.Unmarshal(out, &up); err != nil {
		return err
	}
	for _, part := range up.Pages {
		if _, err := call(http.MethodPut, at+"/"+up.Deck+"/pages/"+part, "application/octet-stream", pic.Bytes()); err != nil {
			return err
		}
	}
	_, err = call(http.MethodPost, at+"/"+up.Deck+"/finish", "application/json", nil)
	return err
}

// turn has the operator show the next page.
func (r *room) turn(ctx context.Context, desk *line, n int) error {
	page := 1 + n%deckPages
	r.turns.at[page].Store(r.now())
	return desk.do(ctx, "page", wire.ShowPage{Deck: "d1", Page: page})
}

// question has a guest ask and the operator let everybody see it. The room's first question is q1.
func (r *room) question(ctx context.Context, desk *line, n int) error {
	if err := r.lines[(n*7)%len(r.lines)].do(ctx, "ask", wire.Ask{Text: fmt.Sprint("Pertanyaan ", n, "?")}); err != nil {
		return err
	}
	return desk.do(ctx, "approve", wire.Approve{Question: fmt.Sprint("q", n+2)})
}

// turned notes a message that turns the page, if it is one and is new to the line.
func (l *line) turned(data []byte, now int64) {
	page, ok := pageIn(data)
	if !ok || !l.crowd || page == l.page || page > deckPages || !l.room.window.open.Load() {
		return
	}
	l.page = page
	if at := l.room.turns.at[page].Load(); at > 0 {
		l.room.turns.mu.Lock()
		l.room.turns.delay.add(time.Duration(now - at))
		l.room.turns.mu.Unlock()
	}
}

// pageIn finds the page that a state message opens.
func pageIn(data []byte) (int, bool) {
	_, rest, ok := bytes.Cut(data, []byte(`"page":{`))
	if !ok {
		return 0, false
	}
	if _, rest, ok = bytes.Cut(rest, []byte(`"page":`)); !ok {
		return 0, false
	}
	n := 0
	for n < len(rest) && rest[n] >= '0' && rest[n] <= '9' {
		n++
	}
	v, err := strconv.Atoi(string(rest[:n]))
	return v, err == nil
}
