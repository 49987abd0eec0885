package sfu

import (
	"context"

	"betang/sfu/admit"
)

// Publish implements Media.
func (e *Engine) Publish(ctx context.Context, router RouterID, id PeerID, text string) (string, error) {
	answer, err := e.admit(ctx, router, id, text, true)
	e.tally(err, &e.count.published)
	return answer, err
}

// Subscribe implements Media.
func (e *Engine) Subscribe(ctx context.Context, router RouterID, id PeerID, text string) (string, error) {
	answer, err := e.admit(ctx, router, id, text, false)
	e.tally(err, &e.count.subscribed)
	return answer, err
}

func (e *Engine) tally(err error, ok interface{ Add(uint64) uint64 }) {
	if err != nil {
		e.count.refused.Add(1)
	} else {
		ok.Add(1)
	}
}

// admit makes a peer and answers its first offer. When that fails nobody is told of the peer.
func (e *Engine) admit(ctx context.Context, router RouterID, id PeerID, text string, publisher bool) (string, error) {
	o, err := readOfferSafely(text, publisher)
	if err != nil {
		return "", err
	}
	var rung admit.Rung
	if !publisher { // the stage is never refused
		var ok bool
		if rung, ok = e.overload.admission(); !ok {
			return "", &Error{Code: Overloaded}
		}
	}
	p, err := e.reserve(router, id, publisher)
	if err != nil {
		return "", err
	}
	defer e.work.Done()
	if p.view != nil {
		p.view.grant(rung)
	}
	answer, err := p.open(ctx, o)
	if err != nil {
		p.abandon()
		return "", err
	}
	return withTCP(answer, e.tcpPort), nil
}

// reserve takes the id, and holds Shutdown until the caller is Done.
func (e *Engine) reserve(router RouterID, id PeerID, publisher bool) (*peer, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.closed:
		return nil, &Error{Code: MediaClosed}
	case len(e.peers) >= e.maxPeers:
		return nil, &Error{Code: TooManyPeers}
	case e.peers[id] != nil:
		return nil, &Error{Code: PeerExists}
	}
	p := newPeer(e, e.routerLocked(router), id, publisher)
	e.peers[id] = p
	p.router.peers++
	e.work.Add(1)
	return p, nil
}

// release frees the id, and the router with its last peer.
func (e *Engine) release(p *peer) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.peers, p.id)
	p.router.peers--
	e.sweepLocked(p.router)
}

// router is the event's; nil where it has neither peers nor a scene.
func (e *Engine) router(id RouterID) *Router {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.routers[id]
}

func (e *Engine) routerLocked(id RouterID) *Router {
	r := e.routers[id]
	if r == nil {
		r = newRouter(e, id)
		e.routers[id] = r
	}
	return r
}

// sweepLocked forgets a router that has neither peers nor a scene.
func (e *Engine) sweepLocked(r *Router) {
	if r.peers == 0 && !r.staged {
		delete(e.routers, r.id)
	}
}

func (e *Engine) find(router RouterID, id PeerID) *peer {
	e.mu.Lock()
	defer e.mu.Unlock()
	if p := e.peers[id]; p != nil && p.router.id == router {
		return p
	}
	return nil
}

// Restart implements Media.
func (e *Engine) Restart(ctx context.Context, router RouterID, id PeerID, text string) (string, error) {
	p := e.find(router, id)
	if p == nil || !p.ready() {
		return "", &Error{Code: PeerUnknown}
	}
	o, err := readOfferSafely(text, p.pub != nil)
	if err != nil {
		return "", err
	}
	answer, err := p.negotiate(ctx, o)
	return withTCP(answer, e.tcpPort), err
}

// Fragment implements Media. Candidates are read over: the peer's checks tell where it is.
func (e *Engine) Fragment(ctx context.Context, router RouterID, id PeerID, frag string) (string, error) {
	p := e.find(router, id)
	if p == nil || !p.ready() {
		return "", &Error{Code: PeerUnknown}
	}
	f, err := readFragment(frag)
	if err != nil || f.pwd == "" {
		return "", err
	}
	answer, err := p.restart(ctx, f)
	return withTCP(answer, e.tcpPort), err
}

// Close implements Media. It returns at once; the listener hears Gone when all is freed.
func (e *Engine) Close(router RouterID, id PeerID) {
	if p := e.find(router, id); p != nil {
		p.end("closed by owner")
	}
}

// SetScene implements Media. It may come before the router's first peer.
func (e *Engine) SetScene(router RouterID, scene Scene) {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return
	}
	r := e.routerLocked(router)
	r.staged = !scene.empty()
	e.sweepLocked(r)
	e.mu.Unlock()
	r.setScene(scene)
}

// Deliveries implements Media.
func (e *Engine) Deliveries(router RouterID, dst []Delivery) []Delivery {
	r := e.router(router)
	if r == nil {
		return dst
	}
	return r.deliveries(dst)
}
