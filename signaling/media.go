package signaling

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"betang/classroom"
	"betang/sfu"
	"betang/signaling/wire"
)

const (
	exchangeWait = 10 * time.Second // one SDP exchange, the wait for a free place included
	connectMs    = 45_000           // until an answered peer must be connected

	// maxPublishers of one token: camera, screen and interpreter, each while its successor connects, and some more.
	maxPublishers = 8
)

type peerState uint8

const (
	peerOffered   peerState = iota // its SDP is with the engine
	peerAnswered                   // the answer is out
	peerConnected                  // media flows, or did a moment ago
)

// peer is one transport in the hub's eyes: a viewer's, or a publisher's, which is one source. Owned by the hub's
// goroutine, but for what is set at its making: id, claims, actor, kind, audio.
type peer struct {
	// What each beat reads of everybody, see member.
	kind      classroom.SourceKind // "": a viewer
	member    *member              // nil: WHIP or WHEP
	delivered int64                // Unix ms of the last proof that media reached it
	born      int64
	state     peerState
	up        bool // the engine said Connected
	audience  bool // it is a viewer that the event is for: not a monitor of the desk or of those on the stage
	step      step // of stand

	id     sfu.PeerID
	claims Claims
	actor  classroom.Actor
	audio  bool // the offer has audio to send
	behind bool // it wishes to wait behind the stage
	stage  bool // its source is on the stage, or on the way there

	origin string       // which RTCPeerConnection it is: the session id of its SDP
	upAt   int64        // Unix ms of the engine's Connected
	stand  sfu.Standing // where on the ladder a viewer is; zero: not told yet
}

func (h *Hub) router() sfu.RouterID { return sfu.RouterID(h.id) }

func (h *Hub) sourceOf(p *peer) classroom.Source {
	return classroom.Source{ID: classroom.SourceID(p.id), Kind: p.kind, Owner: p.claims.ID, Label: h.label(p)}
}

// Publish answers a publisher's offer. The source enters the stage when its transport connects.
// The id stands in the WHIP session's URL and is the source's id. ctx bounds the exchange.
func (h *Hub) Publish(ctx context.Context, c Claims, kind classroom.SourceKind, offer string) (id classroom.SourceID, answer string, err error) {
	return h.publishFor(ctx, nil, c, kind, offer, false)
}

// Watch answers a player's offer (WHEP). The id stands in the WHEP session's URL; nobody else learns it.
func (h *Hub) Watch(ctx context.Context, c Claims, offer string) (id classroom.SourceID, answer string, err error) {
	return h.watchFor(ctx, nil, c, offer)
}

// publishFor answers a publisher. The same RTCPeerConnection offering again restarts its ICE and stays the source it is.
func (h *Hub) publishFor(
	ctx context.Context, m *member, c Claims, kind classroom.SourceKind, offer string, behind bool,
) (classroom.SourceID, string, error) {
	if again, answer, err := h.restartFor(ctx, m, kind, offer); again != nil || err != nil {
		return sourceOf(again), answer, err
	}
	p := h.newPeer(m, c, kind, offer)
	p.behind = behind
	return h.offer(ctx, p, func(ctx context.Context) (string, error) {
		return h.srv.cfg.Media.Publish(ctx, h.router(), p.id, offer)
	})
}

// watchFor subscribes a viewer. The same RTCPeerConnection offering again renegotiates; another one replaces it.
func (h *Hub) watchFor(ctx context.Context, m *member, c Claims, offer string) (classroom.SourceID, string, error) {
	if again, answer, err := h.restartFor(ctx, m, "", offer); again != nil || err != nil {
		return sourceOf(again), answer, err
	}
	p := h.newPeer(m, c, "", offer)
	return h.offer(ctx, p, func(ctx context.Context) (string, error) {
		return h.srv.cfg.Media.Subscribe(ctx, h.router(), p.id, offer)
	})
}

func sourceOf(p *peer) classroom.SourceID {
	if p == nil {
		return ""
	}
	return classroom.SourceID(p.id)
}

// restartFor gives a session's own peer the new offer of its RTCPeerConnection. It is nil where that is another one, or
// the engine has lost the peer: then the offer is answered as a first one.
func (h *Hub) restartFor(ctx context.Context, m *member, kind classroom.SourceKind, offer string) (*peer, string, error) {
	origin := sdpOrigin(offer)
	if m == nil || origin == "" {
		return nil, "", nil
	}
	var again *peer
	if err := h.call(ctx, func() {
		if v := m.viewer; kind == "" && v != nil && v.state != peerOffered && v.origin == origin {
			again = v
		}
		for _, p := range m.sources {
			if p.kind == kind && p.state != peerOffered && p.origin == origin {
				again = p
			}
		}
	}); err != nil || again == nil {
		return nil, "", err
	}
	answer, err := h.exchange(ctx, func(ctx context.Context) (string, error) {
		return h.srv.cfg.Media.Restart(ctx, h.router(), again.id, offer)
	})
	if err != nil {
		h.log.Info("peer not restarted; making it anew", "peer", string(again.id), "err", err)
		return nil, "", nil
	}
	return again, answer, nil
}

func (h *Hub) newPeer(m *member, c Claims, kind classroom.SourceKind, offer string) *peer {
	p := &peer{
		id: h.newPeerID(), claims: c, kind: kind, member: m, audience: kind == "" && inAudience(c.Role),
		audio: sdpSendsAudio(offer), origin: sdpOrigin(offer), born: h.now().UnixMilli(),
	}
	if m != nil {
		p.actor = m.actor
	} else {
		p.actor = classroom.Actor{Person: c.Person, Role: c.Role, Session: classroom.SessionID(p.id), Name: c.Name, Link: c.ID}
	}
	return p
}

// newPeerID makes an unguessable id. With several nodes it tells at which one the peer is.
func (h *Hub) newPeerID() sfu.PeerID {
	id := "p" + strings.ToLower(rand.Text())
	if h.srv.cfg.Nodes != nil {
		id += "." + h.srv.cfg.Nodes.Name()
	}
	return sfu.PeerID(id)
}

// offer runs an exchange for a new peer: known to the hub before the engine hears of it, so that no change of its
// state is missed, and forgotten again if the engine refuses.
func (h *Hub) offer(ctx context.Context, p *peer, exchange func(context.Context) (string, error)) (classroom.SourceID, string, error) {
	if err := h.try(ctx, func() error { return h.reserve(p) }); err != nil {
		return "", "", err
	}
	answer, err := h.exchange(ctx, exchange)
	// Settled also when the asker has gone: the engine may hold the peer already.
	if err = h.try(context.WithoutCancel(ctx), func() error { return h.settle(p, err) }); err != nil {
		return "", "", err
	}
	return classroom.SourceID(p.id), answer, nil
}

// reserve checks what can be checked before the engine works, and makes the peer known.
func (h *Hub) reserve(p *peer) error {
	switch {
	case h.broken:
		return classroom.Refuse(classroom.Internal, "storage")
	case h.room.Phase() == classroom.Ended:
		return classroom.Refuse(classroom.Conflict, "event_ended")
	case h.expired(p.claims):
		return classroom.Refuse(classroom.NotAllowed, "token_expired")
	case p.member != nil && h.members[p.member.id] != p.member:
		return errGone
	case h.room.Banned(p.actor):
		return classroom.Refuse(classroom.NotAllowed, "banned")
	case p.kind == "" && !classroom.May(p.claims.Role, "watch"):
		return classroom.Refuse(classroom.NotAllowed, "not_allowed")
	case p.kind != "":
		if h.publishers(p.claims.ID) >= maxPublishers {
			return classroom.Refuse(classroom.TooMany, "media_busy")
		}
		if _, err := h.room.Plan(h.now(), p.actor, classroom.EnterStage{Source: h.sourceOf(p)}); err != nil {
			return err
		}
	}
	h.peers[p.id] = p
	h.srv.addPeer(p.id, h)
	return nil
}

func (h *Hub) publishers(token string) int {
	n := 0
	for _, p := range h.peers {
		if p.kind != "" && p.claims.ID == token {
			n++
		}
	}
	return n
}

// exchange runs one SDP exchange in one of the server's bounded places, on the caller's goroutine.
func (h *Hub) exchange(ctx context.Context, f func(context.Context) (string, error)) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, exchangeWait)
	defer cancel()
	select {
	case h.srv.sdp <- struct{}{}:
	case <-ctx.Done():
		return "", &classroom.Error{Kind: classroom.TooMany, Code: "media_busy", Err: ctx.Err()}
	}
	defer func() { <-h.srv.sdp }()
	answer, err := f(ctx)
	return answer, mediaError(err)
}

// mediaError gives an engine's error a kind: what the offer itself got wrong is Invalid, the rest is ours.
func mediaError(err error) error {
	if err == nil {
		return nil
	}
	refused := &classroom.Error{Kind: classroom.Internal, Code: "media_failed", Err: err}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		refused.Kind, refused.Code = classroom.TooMany, "media_busy"
	}
	if e, ok := errors.AsType[*sfu.Error](err); ok {
		switch e.Code {
		case sfu.CodecUnsupported:
			refused.Kind, refused.Code = classroom.Invalid, "codec_unsupported"
		case sfu.SDPInvalid:
			refused.Kind, refused.Code = classroom.Invalid, "media_refused"
		case sfu.TooManyPeers, sfu.Overloaded:
			refused.Kind, refused.Code = classroom.TooMany, "media_busy"
		case sfu.PeerUnknown:
			refused.Kind, refused.Code = classroom.NotFound, "media_unknown"
		}
	}
	return refused
}

// settle takes in how an exchange ended.
func (h *Hub) settle(p *peer, err error) error {
	if h.peers[p.id] != p { // closed meanwhile: event ended, token revoked, or the engine lost it already
		h.shut(p)
		if err == nil {
			err = classroom.Refuse(classroom.Conflict, "media_unknown")
		}
		return err
	}
	if err != nil {
		h.takeDown(p)
		return err
	}
	if p.state == peerOffered {
		p.state = peerAnswered
	}
	if m := p.member; m != nil {
		if h.members[m.id] != m {
			h.takeDown(p)
			return errGone
		}
		if p.kind == "" {
			if m.viewer != nil && m.viewer != p {
				h.closePeer(m.viewer)
			}
			m.viewer = p
			h.steer(m)
			h.sendRung(m) // what was heard of it before it was this session's
			if len(m.sources) > 0 || m.look != asStanding || h.room.IsClass() {
				h.setScene() // it needs its own
			}
		} else {
			m.sources[p.id] = p
		}
	}
	if p.up {
		h.enter(p)
	}
	return nil
}

// enter puts a connected publisher on the stage. It takes the place of the same owner's source of the same kind: a
// publisher that reconnects, or moves to another device.
func (h *Hub) enter(p *peer) {
	if p.kind == "" || p.stage || p.state == peerOffered {
		return
	}
	p.stage = true
	h.apply(request{by: p.actor, cmd: classroom.EnterStage{Source: h.sourceOf(p), Behind: p.behind}, then: func(_ int64, err error) {
		if err != nil {
			h.log.Warn("source not on stage", "peer", string(p.id), "err", err)
			p.stage = false
			m := p.member
			h.closePeer(p)
			h.tell(m, func(c *conn) {
				c.refuse(0, err)
				c.answer("medialost", 0, wire.MediaLost{Source: string(p.id)})
			})
			return
		}
		for _, old := range h.peers {
			if old != p && old.stage && old.kind == p.kind && old.claims.ID == p.claims.ID {
				m := old.member
				h.takeDown(old)
				if m != p.member {
					h.tell(m, func(c *conn) { c.refuse(0, classroom.Refuse(classroom.Conflict, "source_replaced")) })
				}
			}
		}
	}})
}

// takeDown ends a publisher and takes its source off the stage.
func (h *Hub) takeDown(p *peer) {
	on := p.stage
	h.closePeer(p)
	if on {
		h.leaveStage(p)
	}
}

// leaveStage takes a lost or ended publisher's source off. What the journal refuses now, reconcile tries again.
func (h *Hub) leaveStage(p *peer) {
	p.stage = false
	h.apply(request{by: p.actor, cmd: classroom.LeaveStage{Source: classroom.SourceID(p.id)}, then: func(_ int64, err error) {
		if err != nil && classroom.KindOf(err) != classroom.NotFound {
			h.log.Warn("source still on stage", "peer", string(p.id), "err", err)
		}
	}})
}

// reconcile takes sources off the stage whose transport is no more: those of an earlier run of the server, and those
// whose leaving the journal refused.
func (h *Hub) reconcile() {
	var rs []request
	for _, s := range h.room.Stage().Sources {
		if p := h.peers[sfu.PeerID(s.ID)]; p != nil && p.stage {
			continue
		}
		by, ok := h.room.Publisher(s.ID)
		if !ok || !h.ours(s.ID) {
			continue
		}
		lost := classroom.NoteSilent{Source: s.ID, Silent: true} // it did not go on purpose
		rs = append(rs, request{by: by, cmd: lost, then: func(int64, error) {}})
		rs = append(rs, request{by: by, cmd: classroom.LeaveStage{Source: s.ID}, then: func(_ int64, err error) {
			if err != nil {
				h.log.Warn("stale source still on stage", "source", string(s.ID), "err", err)
			}
		}})
	}
	if len(rs) > 0 {
		h.apply(rs...)
	}
}

// tell says something to a session's socket, if it has one.
func (h *Hub) tell(m *member, f func(*conn)) {
	if m != nil && m.conn != nil {
		f(m.conn)
	}
}

// closePeer forgets a peer and has the engine close it. It does not touch the stage.
func (h *Hub) closePeer(p *peer) {
	h.forgetPeer(p)
	h.srv.dropPeer(p.id)
	h.shut(p)
}

func (h *Hub) forgetPeer(p *peer) {
	delete(h.peers, p.id)
	delete(h.floor.held, p.id)
	delete(h.floor.directed, p.id)
	if m := p.member; m != nil {
		if m.viewer == p {
			m.viewer = nil
		}
		delete(m.sources, p.id)
	}
}

func (h *Hub) shut(p *peer) {
	h.hands.do(func() { h.srv.cfg.Media.Close(h.router(), p.id) })
}

// Restart applies a new offer to a session of the same token. NotFound media_unknown if there is none.
func (h *Hub) Restart(ctx context.Context, c Claims, id classroom.SourceID, offer string) (answer string, err error) {
	return h.onPeer(ctx, c, id, func(ctx context.Context, p *peer) (string, error) {
		return h.srv.cfg.Media.Restart(ctx, h.router(), p.id, offer)
	})
}

// Fragment applies a trickle-ice-sdpfrag; answer is "" when there is nothing to say.
func (h *Hub) Fragment(ctx context.Context, c Claims, id classroom.SourceID, frag string) (answer string, err error) {
	return h.onPeer(ctx, c, id, func(ctx context.Context, p *peer) (string, error) {
		return h.srv.cfg.Media.Fragment(ctx, h.router(), p.id, frag)
	})
}

func (h *Hub) onPeer(ctx context.Context, c Claims, id classroom.SourceID, f func(context.Context, *peer) (string, error)) (string, error) {
	var p *peer
	if err := h.call(ctx, func() { p = h.peers[sfu.PeerID(id)] }); err != nil {
		return "", err
	}
	// Somebody else's session is as unknown as none: ids of viewers are secrets.
	if p == nil || p.claims.ID != c.ID {
		return "", classroom.Refuse(classroom.NotFound, "media_unknown")
	}
	return h.exchange(ctx, func(ctx context.Context) (string, error) { return f(ctx, p) })
}

// Hangup ends a session of the same token or person (an operator's token ends any source).
func (h *Hub) Hangup(ctx context.Context, c Claims, id classroom.SourceID) error {
	return h.hangup(ctx, classroom.Actor{Person: c.Person, Role: c.Role, Name: c.Name, Link: c.ID}, id)
}

func (h *Hub) hangup(ctx context.Context, by classroom.Actor, id classroom.SourceID) error {
	err := classroom.Refuse(classroom.NotFound, "media_unknown")
	var result error = err
	if callErr := h.call(ctx, func() {
		told := false // by the home, at another node, it comes too late for the answer
		defer func() { told = true }()
		then := func(_ int64, err error) {
			if !told {
				result = err
			}
		}
		p := h.peers[sfu.PeerID(id)]
		if p == nil && h.far(id) && classroom.May(by.Role, "stage.leave.any") {
			result = nil // its own node closes it when it has left the stage
			h.apply(request{by: by, cmd: classroom.LeaveStage{Source: id}, then: then})
			return
		}
		if p == nil {
			return
		}
		if own := p.owned(by); !own && (p.kind == "" || !classroom.May(by.Role, "stage.leave.any")) {
			return
		}
		result = nil
		if !p.stage {
			h.closePeer(p)
			return
		}
		// sendOff closes it; if the journal refuses, the source is still on the stage, and its media stays.
		h.apply(request{by: by, cmd: classroom.LeaveStage{Source: id}, then: then})
	}); callErr != nil {
		return callErr
	}
	return result
}
