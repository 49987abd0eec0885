package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"time"

	"github.com/pion/webrtc/v4"
)

// speaker is who the viewers of a run watch, and what the run shares with them: one clock, and a mark in each packet.
type speaker struct {
	*publisher
	epoch  time.Time // when the clock began
	api    *webrtc.API
	client *http.Client
	quit   context.CancelFunc // nil before publish
}

// newSpeaker makes one whose picture has these layers, silent until publish. The caller ends it.
func newSpeaker(nack bool, token string, picture []shape) (*speaker, error) {
	api, err := newAPI(nack)
	if err != nil {
		return nil, err
	}
	speaks := api
	if len(picture) > 1 {
		if speaks, err = newAPI(nack, withSimulcast); err != nil {
			return nil, err
		}
	}
	s := &speaker{epoch: time.Now(), api: api, client: newClient()}
	var m mark
	rand.Read(m[:])
	s.publisher, err = newPublisher(speaks, s.client, token, m, picture, func() int64 { return int64(time.Since(s.epoch)) })
	return s, err
}

// publish connects to a WHIP endpoint and sends until ctx is done or the speaker ends.
func (s *speaker) publish(ctx context.Context, whip string) error {
	if err := s.connect(ctx, whip); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	ctx, s.quit = context.WithCancel(ctx)
	s.start(ctx)
	return nil
}

// end hangs up, once all viewers have.
func (s *speaker) end() {
	if s.quit != nil {
		s.quit()
	}
	s.stop()
	s.client.CloseIdleConnections()
}
