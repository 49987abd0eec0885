package sfu

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// peer is one transport and what it is for: a publisher's or a viewer's.
type peer struct {
	e      *Engine
	router *Router
	id     PeerID
	pub    *publisher // exactly one of the two
	view   *viewer
	link   link // nil when making it failed

	neg sync.Mutex // one negotiation at a time

	mu     sync.Mutex
	told   PeerState // last word to the listener, once spoke
	spoke  bool
	opened bool // answered and in the router
	doomed bool // to be ended as soon as it is open
	ending bool
	timer  *time.Timer // ends a peer that never connects
}

func newPeer(e *Engine, r *Router, id PeerID, publishes bool) *peer {
	p := &peer{e: e, router: r, id: id}
	if publishes {
		p.pub = newPublisher(p)
	} else {
		p.view = newViewer(p)
	}
	return p
}

// readOfferSafely holds whatever a foreign text may do to the parser.
func readOfferSafely(text string, publisher bool) (o *offer, err error) {
	defer func() {
		if r := recover(); r != nil {
			o, err = nil, invalid(fmt.Sprint("panic: ", r), nil)
		}
	}()
	return readOffer(text, publisher)
}

// open makes the link, answers, and joins the router. The listener hears of the peer only after that.
func (p *peer) open(ctx context.Context, o *offer) (string, error) {
	var err error
	if p.link, err = p.e.newLink(p, o); err != nil {
		return "", err
	}
	answer, err := p.negotiate(ctx, o)
	if err != nil {
		return "", err
	}
	p.router.add(p)
	p.mu.Lock()
	p.opened = true
	doomed := p.doomed
	p.timer = time.AfterFunc(joinWithin, func() {
		if s := p.link.state(); s == linkNew {
			p.end("never connected")
		}
	})
	p.mu.Unlock()
	if doomed {
		p.end("closed while joining")
		return answer, nil
	}
	p.link.watch(p.changed)
	p.changed() // it may have happened already
	return answer, nil
}

// abandon undoes a peer that was never opened.
func (p *peer) abandon() {
	if p.link != nil {
		p.free()
		return
	}
	p.e.release(p)
}

// ready tells whether the peer may be negotiated with.
func (p *peer) ready() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.opened && !p.ending
}

// negotiate answers an offer, the first one or a later one. All candidates are in the answer.
func (p *peer) negotiate(ctx context.Context, o *offer) (answer string, err error) {
	p.neg.Lock()
	defer p.neg.Unlock()
	defer func() {
		if r := recover(); r != nil {
			answer, err = "", invalid(fmt.Sprint("panic: ", r), nil)
		}
	}()
	if err := ctx.Err(); err != nil {
		return "", fmt.Errorf("sfu: %w", err)
	}
	return p.link.answer(ctx, o)
}

// restart does an ICE restart (RFC 9725 section 4.4.2) for credentials that came without an offer.
func (p *peer) restart(ctx context.Context, f fragment) (answer string, err error) {
	p.neg.Lock()
	defer p.neg.Unlock()
	defer func() {
		if r := recover(); r != nil {
			answer, err = "", invalid(fmt.Sprint("panic: ", r), nil)
		}
	}()
	return p.link.restart(ctx, f)
}

// changed looks at the link's state. It is called from many goroutines, in no order, so the call says only that there may
// be something to see.
func (p *peer) changed() {
	p.mu.Lock()
	if p.ending || !p.opened {
		p.mu.Unlock()
		return
	}
	state := p.link.state()
	first := false
	switch state {
	case linkUp:
		first = !p.spoke
		p.tellLocked(Connected)
	case linkSilent:
		p.tellLocked(Disconnected)
	}
	p.mu.Unlock()
	switch {
	case state == linkDown:
		p.end("connection lost or closed")
	case first:
		p.router.connected(p)
	}
}

func (p *peer) tellLocked(s PeerState) {
	if p.spoke && p.told == s {
		return
	}
	p.spoke, p.told = true, s
	p.e.notices.push(p.id, s)
}

// end closes the peer, once. It does not wait; Shutdown does.
func (p *peer) end(why string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.opened {
		p.doomed = true
		return
	}
	if p.ending {
		return
	}
	p.ending = true
	p.timer.Stop()
	p.e.log.Debug("peer ends", "peer", p.id, "why", why)
	p.e.work.Go(func() { // under the lock, so that Shutdown, which comes through here, waits for it
		p.router.remove(p)
		p.free()
		if p.pub != nil && p.pub.remote != nil {
			close(p.pub.remote.done)
			return
		}
		p.e.notices.push(p.id, Gone)
	})
}

// free closes the connection, waits for what runs on it, and gives the id back.
func (p *peer) free() {
	if p.pub != nil {
		p.pub.stop()
	} else {
		p.view.stop()
	}
	if err := p.link.close(); err != nil {
		p.e.log.Debug("closing", "peer", p.id, "err", err)
	}
	if p.pub != nil {
		p.pub.finish()
	}
	p.e.release(p)
}
