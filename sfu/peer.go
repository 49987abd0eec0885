package sfu

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/pion/webrtc/v4"
)

// peer is one PeerConnection, a publisher's or a viewer's.
type peer struct {
	e      *Engine
	router *Router
	id     PeerID
	pub    *publisher // exactly one of the two
	view   *viewer
	pc     *webrtc.PeerConnection // nil when making it failed

	neg  sync.Mutex // one negotiation at a time; guards text
	text string     // last offer, as pion got it

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

// open makes the connection, answers, and joins the router. The listener hears of the peer only after that.
func (p *peer) open(ctx context.Context, o *offer) (string, error) {
	api := p.e.publish
	if p.view != nil {
		api = p.e.viewerAPI(p.view)
	}
	pc, err := api.NewPeerConnection(webrtc.Configuration{
		Certificates: []webrtc.Certificate{p.e.cert}, BundlePolicy: webrtc.BundlePolicyMaxBundle,
		RTPHeaderEncryptionPolicy: webrtc.RTPHeaderEncryptionPolicyDisable,
	})
	if err != nil {
		return "", fmt.Errorf("sfu: connection: %w", err)
	}
	p.pc = pc
	if p.pub != nil {
		pc.OnTrack(p.pub.addTrack)
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
		if pc.ConnectionState() != webrtc.PeerConnectionStateConnected {
			p.end("never connected")
		}
	})
	p.mu.Unlock()
	if doomed {
		p.end("closed while joining")
		return answer, nil
	}
	pc.OnConnectionStateChange(func(webrtc.PeerConnectionState) { p.changed() })
	p.changed() // it may have happened already
	return answer, nil
}

// abandon undoes a peer that was never opened.
func (p *peer) abandon() {
	if p.pc != nil {
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
	return p.negotiateLocked(ctx, o)
}

func (p *peer) negotiateLocked(ctx context.Context, o *offer) (answer string, err error) {
	defer func() {
		if r := recover(); r != nil {
			answer, err = "", invalid(fmt.Sprint("panic: ", r), nil)
		}
	}()
	if err := ctx.Err(); err != nil {
		return "", fmt.Errorf("sfu: %w", err)
	}
	if err := p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: o.text}); err != nil {
		return "", p.refused("offer", err)
	}
	if p.view != nil {
		if err := p.view.bindSlots(o); err != nil {
			return "", p.refused("slots", err)
		}
	}
	d, err := p.pc.CreateAnswer(nil)
	if err != nil {
		return "", p.refused("answer", err)
	}
	if p.pub != nil {
		p.pub.prepare(d.SDP)
	} else {
		p.view.prepare(d.SDP)
	}
	gathered := webrtc.GatheringCompletePromise(p.pc)
	if err := p.pc.SetLocalDescription(d); err != nil {
		return "", p.refused("answer", err)
	}
	p.text = o.text
	select {
	case <-gathered:
	case <-ctx.Done():
		return "", fmt.Errorf("sfu: gathering: %w", ctx.Err())
	}
	return cleanAnswer(p.pc.LocalDescription().SDP), nil
}

// refused sorts out whose fault a failed negotiation is.
func (p *peer) refused(what string, err error) error {
	if errors.Is(err, webrtc.ErrConnectionClosed) {
		return &Error{Code: PeerUnknown, Err: err}
	}
	return invalid(what, err)
}

// restart does an ICE restart (RFC 9725 section 4.4.2) for credentials that came without an offer.
func (p *peer) restart(ctx context.Context, f fragment) (string, error) {
	p.neg.Lock()
	defer p.neg.Unlock()
	if old := credentials(p.text); old == f {
		return "", nil
	}
	text, err := withCredentials(p.text, f)
	if err != nil {
		return "", err
	}
	o, err := readOfferSafely(text, p.pub != nil)
	if err != nil {
		return "", err
	}
	answer, err := p.negotiateLocked(ctx, o)
	if err != nil {
		return "", err
	}
	return writeFragment(answer)
}

// changed looks at the connection's state. pion calls it from many goroutines, in no order, so the call says only that
// there may be something to see.
func (p *peer) changed() {
	p.mu.Lock()
	if p.ending {
		p.mu.Unlock()
		return
	}
	state := p.pc.ConnectionState()
	first := false
	switch state {
	case webrtc.PeerConnectionStateConnected:
		first = !p.spoke
		p.tellLocked(Connected)
	case webrtc.PeerConnectionStateDisconnected:
		p.tellLocked(Disconnected)
	}
	p.mu.Unlock()
	switch {
	case state == webrtc.PeerConnectionStateFailed, state == webrtc.PeerConnectionStateClosed:
		p.end(strings.ToLower(state.String()))
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
	if err := p.pc.GracefulClose(); err != nil {
		p.e.log.Debug("closing", "peer", p.id, "err", err)
	}
	if p.pub != nil {
		p.pub.readers.Wait()
	}
	p.e.release(p)
}
