package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"betang/signaling/wire"
)

// door is a light viewer's way in and out.
type door interface {
	enter(ctx context.Context, offer string) (answer string, err error)
	leave() // also when the run was interrupted
}

// whepDoor is any server's (WHEP).
type whepDoor struct {
	http     *http.Client
	endpoint string
	token    string
	session  string // to hang up; "" before the answer
}

func (d *whepDoor) enter(ctx context.Context, offer string) (string, error) {
	answer, session, err := post(ctx, d.http, d.endpoint, d.token, offer)
	d.session = session
	return answer, err
}

func (d *whepDoor) leave() {
	if d.session == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	hangUp(ctx, d.http, d.session, d.token)
}

// pageDoor is Betang's own, as a guest's page takes it: the event's door, a websocket that stays, and the offer by it.
type pageDoor struct{ *line }

func (d pageDoor) enter(ctx context.Context, offer string) (string, error) {
	if err := d.join(ctx); err != nil {
		return "", fmt.Errorf("by websocket: %w", err)
	}
	go d.read()
	return d.exchange(func(sdp string) (string, any) { return "watch", wire.Watch{SDP: sdp} })(ctx, offer)
}

func (d pageDoor) leave() { d.close() }
