package cluster

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"betang/classroom"
)

// An edge learns the events of the day while its line stands: an event that nobody opened there before a cut can be opened there all the
// same, and who comes with a link of their own is let in and counted.

const (
	aheadEvery = 4              // beats between two looks at the events of the day: 5 s
	aheadFor   = 36 * time.Hour // how long before they begin
)

// dayAhead are the events of the day, and their digest.
type dayAhead struct {
	Digest string            `json:"digest"`
	Events []classroom.Event `json:"events,omitempty"` // none for who knows the digest
}

// eventsAhead tells another node the events that are to come, or under way.
func (m *Member) eventsAhead(ctx context.Context, known string) (day dayAhead, err error) {
	now, err := m.Now(ctx)
	if err != nil {
		return day, err
	}
	list, err := m.cfg.Dir.EventsWithin(ctx, now, now.Add(aheadFor))
	if err != nil {
		return day, err
	}
	text, err := json.Marshal(list)
	if err != nil {
		return day, err
	}
	sum := sha256.Sum256(text)
	if day.Digest = hex.EncodeToString(sum[:8]); day.Digest != known {
		day.Events = list
	}
	return day, nil
}

// learnAhead keeps them here.
func (m *Member) learnAhead(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, m.cfg.Term/4) // the beats wait
	defer cancel()
	var day dayAhead
	if !m.cfg.Self.Edge || !m.ask(ctx, kindAhead, "", m.ahead, &day) || day.Digest == m.ahead {
		return
	}
	for _, ev := range day.Events {
		if err := m.cfg.Dir.KeepEvent(ctx, ev); err != nil {
			m.log.Error("an event of the day is not kept", "event", string(ev.ID), "err", err)
			return
		}
	}
	m.ahead = day.Digest
}
