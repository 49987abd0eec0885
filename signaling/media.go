package signaling

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
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

// setScene tells the engine what every viewer sees: the room's scene while the event is live, nothing otherwise.
func (h *Hub) setScene() {
	h.wantFar()
	h.setHeld()
	var scene sfu.Scene
	if h.room.Phase() == classroom.Live {
		st := h.room.Stage()
		scene.Main = sfu.PeerID(st.Scene.Main)
		scene.Second = sfu.PeerID(st.Scene.Second)
		scene.Interpreter = sfu.PeerID(st.Scene.Interpreter)
		for _, s := range st.Sources {
			if h.sounds(s.ID, st.Held[s.ID]) && !st.Behind[s.ID] {
				scene.Audio = append(scene.Audio, sfu.PeerID(s.ID))
			}
		}
		scene.Shared = sharedIn(scene, st)
	}
	if h.away.cut {
		h.standBy(&scene)
	}
	if h.room.IsClass() {
		scene = h.classScenes()
	} else {
		h.direct(scene)
	}
	if h.moved && scene.Equal(h.scene) {
		return
	}
	h.scene, h.moved = scene, true
	h.hands.do(func() { h.srv.cfg.Media.SetScene(h.router(), scene) })
}

// sounds tells whether a source is heard. Whether one at another node has sound the engine knows better: an id without is
// nothing to it.
func (h *Hub) sounds(id classroom.SourceID, held classroom.Held) bool {
	p := h.peers[sfu.PeerID(id)]
	return (p != nil && p.audio || h.far(id)) && !held.Sound && !h.room.StandsBy(id)
}

// sharedIn says which slots of a scene show a shared screen.
func sharedIn(s sfu.Scene, st classroom.StageView) (shared sfu.Shared) {
	for _, src := range st.Sources {
		if src.Kind == classroom.Screen {
			shared.Main = shared.Main || s.Main == sfu.PeerID(src.ID)
			shared.Second = shared.Second || s.Second == sfu.PeerID(src.ID)
		}
	}
	return shared
}

// takeChanges takes in what the engine told of peers.
func (h *Hub) takeChanges() {
	now := h.now().UnixMilli()
	for _, ch := range h.changes.take() {
		p := h.peers[ch.peer]
		if p == nil {
			continue
		}
		if ch.connected {
			p.state = peerConnected
			if !p.up {
				p.up, p.upAt = true, now
			}
			h.enter(p)
		}
		if ch.gone && h.peers[ch.peer] == p {
			h.lost(p)
		}
	}
}

// lost is the end of a peer that nobody asked for.
func (h *Hub) lost(p *peer) {
	m := p.member
	current := p.kind != "" || m != nil && m.viewer == p
	h.forgetPeer(p)
	if p.stage {
		h.noteSilent(p, true) // so the room knows that it was lost, and did not go
		h.leaveStage(p)
	}
	if current && p.state != peerOffered {
		lost := wire.MediaLost{}
		if p.kind != "" {
			lost.Source = string(p.id)
		}
		h.tell(m, func(c *conn) { c.answer("medialost", 0, lost) })
	}
}

// sweepPeers ends peers whose token is no longer good or that never connected, and counts the viewers of the others. Those
// of sessions without a socket are looked after by sweepAbsent.
func (h *Hub) sweepPeers(now time.Time) {
	ms := now.UnixMilli()
	seen := watchers{regions: map[string]regionWatch{}}
	for _, p := range h.peers {
		switch {
		case p.member == nil && h.expired(p.claims):
			h.takeDown(p)
		case p.state == peerAnswered && ms-p.born > connectMs:
			h.lost(p)
			h.srv.dropPeer(p.id)
			h.shut(p)
		case p.kind == "" && p.state == peerConnected && p.audience:
			seen.add(p, ms)
		}
	}
	h.watchers = seen
}

// peerChanges collects what the engine tells until the hub takes it: per peer at most "connected" and "gone", so it
// is bounded by the number of peers and never blocks the engine.
type peerChanges struct {
	note chan struct{} // has room for one: something is there

	mu    sync.Mutex
	order []sfu.PeerID
	by    map[sfu.PeerID]peerChange
}

type peerChange struct {
	peer            sfu.PeerID
	connected, gone bool
}

func (h *Hub) peerChanged(id sfu.PeerID, state sfu.PeerState) {
	if state == sfu.Disconnected {
		return // it may come back; delivery evidence stops by itself
	}
	c := &h.changes
	c.mu.Lock()
	ch, known := c.by[id]
	if !known {
		if c.by == nil {
			c.by = map[sfu.PeerID]peerChange{}
		}
		c.order = append(c.order, id)
		ch.peer = id
	}
	switch state {
	case sfu.Connected:
		ch.connected = true
	case sfu.Gone:
		ch.gone = true
	}
	c.by[id] = ch
	c.mu.Unlock()
	select {
	case c.note <- struct{}{}:
	default:
	}
}

func (c *peerChanges) take() []peerChange {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make([]peerChange, 0, len(c.order))
	for _, id := range c.order {
		all = append(all, c.by[id])
	}
	c.order = nil
	clear(c.by)
	return all
}

// hands performs calls into the engine in order, off the hub's goroutine: closing a transport may take a while. Its
// queue is bounded by what it is about: a close for each peer, a scene for each change of the stage.
type hands struct {
	mu    sync.Mutex
	queue []func()
	over  bool
	note  chan struct{}
	done  chan struct{}
}

func (a *hands) start() {
	a.note = make(chan struct{}, 1)
	a.done = make(chan struct{})
	go a.run()
}

func (a *hands) do(f func()) {
	a.mu.Lock()
	a.queue = append(a.queue, f)
	a.mu.Unlock()
	a.wake()
}

func (a *hands) wake() {
	select {
	case a.note <- struct{}{}:
	default:
	}
}

func (a *hands) run() {
	defer close(a.done)
	for range a.note {
		a.mu.Lock()
		queue, over := a.queue, a.over
		a.queue = nil
		a.mu.Unlock()
		for _, f := range queue {
			f()
		}
		if over {
			return
		}
	}
}

// stop performs what is queued and ends.
func (a *hands) stop() {
	a.mu.Lock()
	a.over = true
	a.mu.Unlock()
	a.wake()
	<-a.done
}
