package sfu

import "context"

// RouterID names a router: one per event.
type RouterID string

// PeerID names one transport, a publisher's or a viewer's, unique within the engine.
type PeerID string

// Scene says which publisher fills which slot of every viewer; "" leaves a slot empty.
// Of more voices in Audio than there are slots, those who speak are heard.
type Scene struct {
	Main        PeerID
	Second      PeerID
	Interpreter PeerID
	Tiles       []PeerID // the gallery of a class, by slot; "" leaves one empty. No more than TileSlots are shown
	Small       bool     // the tiles stand small on the screen: the least height is enough for them. Heeded in a viewer's own scene
	Audio       []PeerID
	Hush        bool // while nobody sends sound, silence is sent: proof needs media
	Shared      Shared
}

// Shared says which of Main and Second are shared screens, whose letters must stay sharp: they come before cameras, and lose frames
// before lines.
type Shared struct{ Main, Second bool }

// TileSlots is how many pictures of a gallery a viewer gets at most, beside the three of the stage.
const TileSlots = 9

// Loudness is how loud a publisher is at the moment, in dB above silence (RFC 6464): 0 to 127.
type Loudness struct {
	Peer  PeerID
	Level int
}

// Delivery is proof that media reached a viewer: its RTCP reports advanced between From and To (Unix ms).
type Delivery struct {
	Peer     PeerID
	From, To int64
}

// PeerState is what a listener is told of a transport.
type PeerState uint8

// The states. A peer ends Gone exactly once, whatever the cause, also after a Close by its owner.
const (
	Connected    PeerState = iota // media can flow
	Disconnected                  // no sign of life for a while; may come back
	Gone                          // closed; the id is free again
)

// Listener hears of peers. Calls come from the engine's goroutines and must not block or call back into sfu.
type Listener interface {
	PeerChanged(peer PeerID, state PeerState)
}

// Media is what signaling needs of the engine, here so that both sides read the same words.
type Media interface {
	// Publish answers a publisher's offer (WHIP, RFC 9725): audio, and video with up to three simulcast layers.
	Publish(ctx context.Context, router RouterID, peer PeerID, offer string) (answer string, err error)
	// Subscribe answers a viewer's offer: recvonly m-lines become the slots, in order.
	Subscribe(ctx context.Context, router RouterID, peer PeerID, offer string) (answer string, err error)
	// Restart applies a new offer (ICE restart or renegotiation) to a living peer.
	Restart(ctx context.Context, router RouterID, peer PeerID, offer string) (answer string, err error)
	// Fragment applies a trickle-ice-sdpfrag (RFC 8840): candidates, or new ICE credentials, in which case the
	// answer is the server's own fragment, else "".
	Fragment(ctx context.Context, router RouterID, peer PeerID, frag string) (answer string, err error)
	// Close ends a peer. Unknown peers are fine.
	Close(router RouterID, peer PeerID)
	// SetScene switches the slots of all viewers of a router.
	SetScene(router RouterID, scene Scene)
	// Direct gives one viewer a scene of its own instead of the router's; nil takes it back. One who is on the stage so
	// does not hear itself, and what is behind the stage goes to those who stand there.
	Direct(router RouterID, viewer PeerID, scene *Scene)
	// Hold stops a publisher's sound or picture, or both, from being forwarded to anybody, and lets it go on again.
	Hold(router RouterID, peer PeerID, sound, picture bool)
	// Deliveries appends the proof gathered since the last call.
	Deliveries(router RouterID, dst []Delivery) []Delivery
	// SetQuality says what a viewer wants at most. Unknown peers are fine.
	SetQuality(router RouterID, peer PeerID, q Quality)
	// Voices appends how loud the publishers are whose sound is forwarded.
	Voices(router RouterID, dst []Loudness) []Loudness
	// Standings appends where viewers stand of whom that has changed since the last call.
	Standings(router RouterID, dst []Standing) []Standing
	// Healths appends how what the publishers send arrives.
	Healths(router RouterID, dst []Health) []Health
	// Quiets appends how long each publisher has sent no media.
	Quiets(router RouterID, dst []Quiet) []Quiet
}
