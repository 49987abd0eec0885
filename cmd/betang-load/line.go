package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"betang/signaling/wire"

	"github.com/gorilla/websocket"
)

// sentAt stands before the time of sending in what the operator announces.
const sentAt = "beban @"

// writeBuffers are shared: a socket of a crowd writes seldom.
var writeBuffers sync.Pool

// line is one page's websocket.
type line struct {
	room    *room
	http    *http.Client
	dialer  websocket.Dialer
	token   string
	name    string // of the guest; no JSON needs escaping in it
	session string
	rev     int64

	mu    sync.Mutex
	ws    *websocket.Conn
	id    uint32
	asked map[uint32]chan wire.Envelope
	last  int64 // time of sending of the announcement seen last
	page  int   // the page seen last
	crowd bool  // what it hears is measured
	delay histogram
}

// newLine makes the line of guest n. Its source address is one of many on loopback: there are not ports enough on one.
func newLine(r *room, n int) *line {
	source := net.IPv4(127, 0, byte(1+n/perSource), 1)
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: source}, Timeout: 20 * time.Second}
	return &line{
		room: r, asked: map[uint32]chan wire.Envelope{},
		http: &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DialContext: d.DialContext, DisableKeepAlives: true}},
		dialer: websocket.Dialer{
			NetDialContext: d.DialContext, HandshakeTimeout: 20 * time.Second,
			ReadBufferSize: 1 << 10, WriteBufferSize: 1 << 10, WriteBufferPool: &writeBuffers,
		},
	}
}

// join goes in by the guests' door and opens the websocket.
func (l *line) join(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.room.base.String()+"/api/events/"+l.room.event+"/join",
		bytes.NewReader([]byte(`{"guest":true,"name":"`+l.name+`"}`)))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+l.room.guest)
	req.Header.Set("Content-Type", "application/json")
	res, err := l.http.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	var in struct{ Token string }
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<16))
	if err != nil {
		return err
	}
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("join: %s: %s", res.Status, bytes.TrimSpace(body))
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return err
	}
	l.token = in.Token
	return l.open(ctx)
}

// open connects, and reads until the room's state is here.
func (l *line) open(ctx context.Context) error {
	ws, res, err := l.dialer.DialContext(ctx, "ws://"+l.room.base.Host+"/ws", nil)
	if res != nil {
		_ = res.Body.Close()
	}
	if err != nil {
		if res != nil {
			err = fmt.Errorf("%w: %s", err, res.Status)
		}
		return err
	}
	hello, err := wire.Encode("hello", 1, wire.Hello{
		V: wire.Version, Event: l.room.event, Token: l.token, Rev: l.rev, Session: l.session, Lang: "id", Placed: true,
	})
	if err == nil {
		err = ws.WriteMessage(websocket.TextMessage, hello)
	}
	for seen := false; err == nil && !seen; {
		seen, err = l.greet(ws)
	}
	if err != nil {
		_ = ws.Close()
		return err
	}
	l.mu.Lock()
	l.ws, l.id = ws, 1
	l.mu.Unlock()
	return nil
}

// greet takes one message of the beginning; true: it was the state.
func (l *line) greet(ws *websocket.Conn) (bool, error) {
	_ = ws.SetReadDeadline(time.Now().Add(20 * time.Second))
	_, data, err := ws.ReadMessage()
	if err != nil {
		return false, err
	}
	_ = ws.SetReadDeadline(time.Time{})
	env, err := wire.Open(data)
	if err != nil {
		return false, err
	}
	switch env.T {
	case "welcome":
		var w wire.Welcome
		if err := json.Unmarshal(env.D, &w); err != nil {
			return false, err
		}
		l.session = w.Session
	case "state":
		var s struct{ Rev int64 }
		if err := json.Unmarshal(env.D, &s); err != nil {
			return false, err
		}
		l.rev = s.Rev
		return true, nil
	case "error", "goodbye":
		return false, fmt.Errorf("hello: %s", data)
	}
	return false, nil
}

// read takes what comes until the socket ends.
func (l *line) read() {
	l.mu.Lock()
	ws := l.ws
	l.mu.Unlock()
	for {
		_, data, err := ws.ReadMessage()
		if err != nil {
			l.mu.Lock()
			for id, c := range l.asked {
				close(c)
				delete(l.asked, id)
			}
			l.mu.Unlock()
			return
		}
		l.take(data)
	}
}

// take looks for the mark before it reads JSON: most messages are for everybody, and a crowd has little time.
func (l *line) take(data []byte) {
	now := l.room.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if sent, ok := stamp(data); ok && sent > l.last {
		l.last = sent
		if l.room.window.open.Load() {
			l.delay.add(time.Duration(now - sent))
		}
	}
	l.turned(data, now)
	if len(l.asked) == 0 {
		return
	}
	if env, err := wire.Open(data); err == nil && l.asked[env.ID] != nil {
		l.asked[env.ID] <- env
		delete(l.asked, env.ID)
	}
}

// stamp finds the time of sending in a message.
func stamp(data []byte) (int64, bool) {
	i := bytes.Index(data, []byte(sentAt))
	if i < 0 {
		return 0, false
	}
	data = data[i+len(sentAt):]
	n := 0
	for n < len(data) && data[n] >= '0' && data[n] <= '9' {
		n++
	}
	v, err := strconv.ParseInt(string(data[:n]), 10, 64)
	return v, err == nil
}

// do sends a message and waits for its ack.
func (l *line) do(ctx context.Context, t string, body any) error {
	env, err := l.ask(ctx, t, body)
	if err == nil && env.T != "ack" {
		return fmt.Errorf("%s: %s %s", t, env.T, env.D)
	}
	return err
}

// ask sends a message and waits for what answers it.
func (l *line) ask(ctx context.Context, t string, body any) (wire.Envelope, error) {
	answer := make(chan wire.Envelope, 1)
	l.mu.Lock()
	l.id++
	l.asked[l.id] = answer
	data, err := wire.Encode(t, l.id, body)
	if err == nil {
		err = l.ws.WriteMessage(websocket.TextMessage, data)
	}
	l.mu.Unlock()
	if err != nil {
		return wire.Envelope{}, err
	}
	select {
	case env, ok := <-answer:
		if !ok {
			return env, errors.New("the socket ended")
		}
		return env, nil
	case <-time.After(20 * time.Second):
		return wire.Envelope{}, fmt.Errorf("%s: no answer", t)
	case <-ctx.Done():
		return wire.Envelope{}, ctx.Err()
	}
}

// comeBack opens the socket again as a page does whose network was away (PROTOCOL.md, "Course of a socket").
func (l *line) comeBack(ctx context.Context) (tries int, err error) {
	wait := 200*time.Millisecond + rand.N(800*time.Millisecond)
	for {
		if !pause(ctx, wait) {
			return tries, errors.Join(err, ctx.Err())
		}
		tries++
		if err = l.open(ctx); err == nil {
			go l.read()
			return tries, nil
		}
		wait = time.Second + rand.N(time.Duration(min(tries, 8))*time.Second)
	}
}

func (l *line) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ws != nil {
		_ = l.ws.Close()
	}
}
