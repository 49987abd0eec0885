package signaling

import (
	"context"

	"betang/classroom"
	"betang/signaling/wire"
)

// Hub is one event that runs.
type Hub struct{}

// Do applies a command; on return what it did is durable. rev is the room's revision then.
func (h *Hub) Do(ctx context.Context, by classroom.Actor, cmd classroom.Command) (rev int64, err error) {
	return 0, nil
}

// Publish answers a publisher's offer. The source enters the stage when its transport connects.
// The id stands in the WHIP session's URL and is the source's id.
func (h *Hub) Publish(ctx context.Context, c Claims, kind classroom.SourceKind, offer string) (id classroom.SourceID, answer string, err error) {
	return "", "", nil
}

// Watch answers a player's offer (WHEP). The id stands in the WHEP session's URL; nobody else learns it.
func (h *Hub) Watch(ctx context.Context, c Claims, offer string) (id classroom.SourceID, answer string, err error) {
	return "", "", nil
}

// Restart applies a new offer to a session of the same token. NotFound media_unknown if there is none.
func (h *Hub) Restart(ctx context.Context, c Claims, id classroom.SourceID, offer string) (answer string, err error) {
	return "", nil
}

// Fragment applies a trickle-ice-sdpfrag; answer is "" when there is nothing to say.
func (h *Hub) Fragment(ctx context.Context, c Claims, id classroom.SourceID, frag string) (answer string, err error) {
	return "", nil
}

// Hangup ends a session of the same token (an operator's token ends anyone's).
func (h *Hub) Hangup(ctx context.Context, c Claims, id classroom.SourceID) error { return nil }

// PublicEvent is the event as everyone may see it, now.
func (h *Hub) PublicEvent() wire.Event { return wire.Event{} }

// Counts is who is there, with regions: about a second old.
func (h *Hub) Counts() wire.Counts { return wire.Counts{} }

// Flush saves all evidence gathered so far; on return it is stored.
func (h *Hub) Flush(ctx context.Context) error { return nil }
