package sfu

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// link is the transport under a peer: pion's PeerConnection for publishers, a lean one for viewers, and pion's again for
// a viewer whose offer asks for more than the lean one does.
// answer and restart are called with peer.neg held.
type link interface {
	// answer takes the first offer or a later one. All candidates are in the answer.
	answer(ctx context.Context, o *offer) (string, error)
	// restart takes new ICE credentials and gives ours as a fragment, "" when it has had them before.
	restart(ctx context.Context, f fragment) (string, error)
	state() linkState
	// watch names who is called, from any goroutine, when the state may have changed.
	watch(changed func())
	// close ends it and waits for what runs on it.
	close() error
}

// outlet is a viewer's link as its shard sees it. Only the shard calls it. A packet may wait for the end of the shard's
// round; what the two are given is the caller's again when they return.
type outlet interface {
	// sendRTP sends a packet, with pad bytes of RTP padding where the link gains by it. index is its sequence number with
	// the rollover count above (RFC 3711 section 3.3.1); each comes once, or with the same bytes.
	sendRTP(s *shard, d *Down, h *rtp.Header, index uint64, payload []byte, pad int) error
	sendRTCP(s *shard, packets []rtcp.Packet) error
	// sendPadding sends nothing but padding on a slot's retransmission stream.
	sendPadding(s *shard, d *Down, pt uint8, index uint64) error
	// path is where the viewer is reached; the zero value where that is not known.
	path() netip.AddrPort
}

type linkState uint8

const (
	linkNew    linkState = iota
	linkUp               // media can flow
	linkSilent           // no sign of life for a while
	linkDown             // for good
)

// newLink chooses a peer's transport by what it is for and what its first offer asks.
func (e *Engine) newLink(p *peer, o *offer) (link, error) {
	if p.view != nil && !e.full {
		if l := newLeanLink(p.view, o); l != nil {
			p.view.out = l
			e.count.lean.Add(1)
			return l, nil
		}
	}
	l, err := e.newPionLink(p)
	if err != nil {
		return nil, err
	}
	if p.view != nil {
		p.view.out = l
	}
	return l, nil
}

// pionLink is a PeerConnection.
type pionLink struct {
	p    *peer
	pc   *webrtc.PeerConnection
	text string // last offer, as pion got it; guarded by peer.neg
}

func (e *Engine) newPionLink(p *peer) (*pionLink, error) {
	var api *webrtc.API
	if p.view != nil {
		api = e.viewerAPI(p.view)
	} else {
		api = e.publisherAPI(p.pub)
	}
	pc, err := api.NewPeerConnection(webrtc.Configuration{
		Certificates: []webrtc.Certificate{e.cert}, BundlePolicy: webrtc.BundlePolicyMaxBundle,
		RTPHeaderEncryptionPolicy: webrtc.RTPHeaderEncryptionPolicyDisable,
	})
	if err != nil {
		return nil, fmt.Errorf("sfu: connection: %w", err)
	}
	if p.pub != nil {
		pc.OnTrack(p.pub.addTrack)
	}
	return &pionLink{p: p, pc: pc}, nil
}

func (l *pionLink) answer(ctx context.Context, o *offer) (string, error) {
	p := l.p
	if err := l.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: o.text}); err != nil {
		return "", l.refused("offer", err)
	}
	if p.view != nil {
		err := p.view.bindSlots(o, func(d *Down, _ section) error {
			_, err := l.pc.AddTrack(d)
			return err
		})
		if err != nil {
			return "", l.refused("slots", err)
		}
	}
	d, err := l.pc.CreateAnswer(nil)
	if err != nil {
		return "", l.refused("answer", err)
	}
	if p.pub != nil {
		p.pub.prepare(d.SDP)
	} else {
		p.view.prepare(d.SDP)
	}
	gathered := webrtc.GatheringCompletePromise(l.pc)
	if err := l.pc.SetLocalDescription(d); err != nil {
		return "", l.refused("answer", err)
	}
	l.text = o.text
	select {
	case <-gathered:
	case <-ctx.Done():
		return "", fmt.Errorf("sfu: gathering: %w", ctx.Err())
	}
	return cleanAnswer(l.pc.LocalDescription().SDP), nil
}

// restart makes the offer that the peer would have made.
func (l *pionLink) restart(ctx context.Context, f fragment) (string, error) {
	if credentials(l.text) == f {
		return "", nil
	}
	text, err := withCredentials(l.text, f)
	if err != nil {
		return "", err
	}
	o, err := readOfferSafely(text, l.p.pub != nil)
	if err != nil {
		return "", err
	}
	answer, err := l.answer(ctx, o)
	if err != nil {
		return "", err
	}
	return writeFragment(answer)
}

// refused sorts out whose fault a failed negotiation is.
func (l *pionLink) refused(what string, err error) error {
	if errors.Is(err, webrtc.ErrConnectionClosed) {
		return &Error{Code: PeerUnknown, Err: err}
	}
	return invalid(what, err)
}

func (l *pionLink) state() linkState {
	switch l.pc.ConnectionState() {
	case webrtc.PeerConnectionStateConnected:
		return linkUp
	case webrtc.PeerConnectionStateDisconnected:
		return linkSilent
	case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed:
		return linkDown
	}
	return linkNew
}

func (l *pionLink) watch(changed func()) {
	l.pc.OnConnectionStateChange(func(webrtc.PeerConnectionState) { changed() })
}

func (l *pionLink) close() error { return l.pc.GracefulClose() }

func (l *pionLink) sendRTP(_ *shard, d *Down, h *rtp.Header, _ uint64, payload []byte, _ int) error {
	_, err := d.writer.WriteRTP(h, payload)
	return err
}

func (l *pionLink) sendRTCP(_ *shard, packets []rtcp.Packet) error { return l.pc.WriteRTCP(packets) }

// sendPadding is for viewers that are probed; these are not.
func (l *pionLink) sendPadding(*shard, *Down, uint8, uint64) error { return errors.ErrUnsupported }

// path is the ICE agent's secret.
func (l *pionLink) path() netip.AddrPort { return netip.AddrPort{} }

// writeRTCP is for publishers: keyframe requests and NACKs.
func (p *publisher) writeRTCP(packets ...rtcp.Packet) {
	if l, ok := p.link.(*pionLink); ok {
		_ = l.pc.WriteRTCP(packets) // lost like any datagram, and asked again
	}
}
