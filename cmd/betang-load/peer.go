package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"
)

// newAPI makes what peers are made from: VP8 with RTX and Opus, loopback only; more may add to it.
//
// Each viewer has a socket of its own. They cannot share one: a mux tells packets apart by where they come from, and
// all of them come from the server's one port.
func newAPI(nack bool, more ...func(*webrtc.MediaEngine, *interceptor.Registry) error) (*webrtc.API, error) {
	media := &webrtc.MediaEngine{}
	feedback := []webrtc.RTCPFeedback{{Type: "nack"}, {Type: "nack", Parameter: "pli"}}
	err := errors.Join(
		media.RegisterCodec(webrtc.RTPCodecParameters{
			RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1"},
			PayloadType:        111,
		}, webrtc.RTPCodecTypeAudio),
		media.RegisterCodec(webrtc.RTPCodecParameters{
			RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: videoClock, RTCPFeedback: feedback},
			PayloadType:        96,
		}, webrtc.RTPCodecTypeVideo),
		media.RegisterCodec(webrtc.RTPCodecParameters{
			RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeRTX, ClockRate: videoClock, SDPFmtpLine: "apt=96"},
			PayloadType:        97,
		}, webrtc.RTPCodecTypeVideo),
	)
	reg := &interceptor.Registry{}
	for _, add := range more {
		err = errors.Join(err, add(media, reg))
	}
	if err != nil {
		return nil, err
	}
	if err := webrtc.ConfigureRTCPReports(reg); err != nil { // a server may take receiver reports for a sign of life
		return nil, err
	}
	if nack {
		if err := webrtc.ConfigureNack(media, reg); err != nil {
			return nil, err
		}
	}
	var set webrtc.SettingEngine
	set.SetIncludeLoopbackCandidate(true)
	set.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6})
	set.SetIPFilter(net.IP.IsLoopback)
	set.SetRemoteIPFilter(net.IP.IsLoopback)
	set.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	return webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(reg), webrtc.WithSettingEngine(set)), nil
}

// session is one peer with its HTTP side.
type session struct {
	pc        *webrtc.PeerConnection
	http      *http.Client
	url       string // to hang up; "" before the answer
	token     string
	connected chan struct{} // closed when media can flow
	failed    chan struct{} // closed when the connection is lost or ended
}

// newSession makes a peer that is not connected yet.
func newSession(api *webrtc.API, c *http.Client, token string) (*session, error) {
	pc, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, err
	}
	s := &session{pc: pc, http: c, token: token, connected: make(chan struct{}), failed: make(chan struct{})}
	var up, down sync.Once
	pc.OnConnectionStateChange(func(st webrtc.PeerConnectionState) {
		switch st {
		case webrtc.PeerConnectionStateConnected:
			up.Do(func() { close(s.connected) })
		case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed:
			down.Do(func() { close(s.failed) })
		}
	})
	return s, nil
}

// connect offers by HTTP, takes the answer and waits until media can flow.
func (s *session) connect(ctx context.Context, endpoint string) error {
	return s.deal(ctx, func(ctx context.Context, offer string) (string, error) {
		answer, url, err := post(ctx, s.http, endpoint, s.token, offer)
		s.url = url
		return answer, err
	})
}

// deal is connect with an exchange of offer for answer of one's own.
func (s *session) deal(ctx context.Context, exchange func(ctx context.Context, offer string) (string, error)) error {
	offer, err := s.pc.CreateOffer(nil)
	if err != nil {
		return err
	}
	gathered := webrtc.GatheringCompletePromise(s.pc)
	if err := s.pc.SetLocalDescription(offer); err != nil {
		return err
	}
	select {
	case <-gathered:
	case <-ctx.Done():
		return ctx.Err()
	}
	answer, err := exchange(ctx, s.pc.LocalDescription().SDP)
	if err != nil {
		return err
	}
	if err := s.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		return err
	}
	t := time.NewTimer(20 * time.Second)
	defer t.Stop()
	select {
	case <-s.connected:
		return nil
	case <-s.failed:
		return errors.New("the connection failed")
	case <-t.C:
		return fmt.Errorf("no connection after 20 s (%s)", s.pc.ICEConnectionState())
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close hangs up, also when the run was interrupted.
func (s *session) close() {
	if s.url != "" {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		hangUp(ctx, s.http, s.url, s.token)
	}
	_ = s.pc.Close()
}
