package sfu_test

import (
	"context"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"betang/sfu"
	"betang/sfu/icetcp"
	"betang/sfu/sfutest"
	"betang/sfu/sfutest/impair"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// rig is an engine on real sockets, its ICE-TCP, and a proxy in front of each.
type rig struct {
	e    *sfu.Engine
	udp  *impair.UDP
	tcp  *impair.TCP
	ctx  context.Context
	sent *webrtc.TrackLocalStaticRTP
}

func newRig(t *testing.T, full bool) *rig {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e, err := sfu.New(sfu.Config{Listen: "127.0.0.1:0", Full: full, TCPPort: listener.Addr().(*net.TCPAddr).Port})
	if err != nil {
		t.Fatal(err)
	}
	media := icetcp.New(e.Addr().(*net.UDPAddr).AddrPort(), 100)
	accepted := make(chan struct{})
	go func() {
		defer close(accepted)
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { _ = media.Serve(c) }()
		}
	}()
	r := &rig{e: e}
	if r.udp, err = impair.NewUDP(e.Addr().(*net.UDPAddr), 1, impair.Link{}, impair.Link{}); err != nil {
		t.Fatal(err)
	}
	slow := impair.Link{Delay: 100 * time.Millisecond} // UDP is tried first, however busy the machine is
	if r.tcp, err = impair.NewTCP(listener.Addr().String(), 1, slow, slow); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 40*time.Second)
	r.ctx = ctx
	t.Cleanup(func() {
		cancel()
		r.udp.Close()
		r.tcp.Close()
		_ = listener.Close()
		<-accepted
		media.Close()
		if err := e.Shutdown(); err != nil {
			t.Error(err)
		}
	})

	if r.sent, err = webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus}, "a", "s"); err != nil {
		t.Fatal(err)
	}
	pub := client(t)
	t.Cleanup(func() { _ = pub.GracefulClose() })
	if _, err := pub.AddTransceiverFromTrack(r.sent,
		webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}); err != nil {
		t.Fatal(err)
	}
	call(t, pub, func(o string) (string, error) { return e.Publish(ctx, room, "pub", o) })
	e.SetScene(room, sfu.Scene{Audio: []sfu.PeerID{"pub"}})
	talk := make(chan struct{})
	go func() {
		defer close(talk)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for i := uint16(0); ; i++ {
			select {
			case <-tick.C:
				_ = r.sent.WriteRTP(&rtp.Packet{
					Header: rtp.Header{Version: 2, SequenceNumber: i, Timestamp: uint32(i) * 960}, Payload: sfutest.Opus(int(i)),
				})
			case <-ctx.Done():
				return
			}
		}
	}()
	t.Cleanup(func() { cancel(); <-talk })
	return r
}

// watch joins through the proxies and counts the voice packets that come.
func (r *rig) watch(t *testing.T) (pc *webrtc.PeerConnection, came *atomic.Int64) {
	t.Helper()
	var s webrtc.SettingEngine
	s.SetIncludeLoopbackCandidate(true)
	s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeTCP4})
	s.SetIPFilter(func(ip net.IP) bool { return ip.IsLoopback() })
	s.SetICETimeouts(2*time.Second, 20*time.Second, 500*time.Millisecond)
	pc, err := webrtc.NewAPI(webrtc.WithSettingEngine(s)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pc.GracefulClose() })
	if _, err := pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio,
		webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
		t.Fatal(err)
	}
	came = new(atomic.Int64)
	pc.OnTrack(func(tr *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		for {
			if _, _, err := tr.ReadRTP(); err != nil {
				return
			}
			came.Add(1)
		}
	})
	call(t, pc, func(o string) (string, error) {
		answer, err := r.e.Subscribe(r.ctx, room, "view", o)
		if !strings.Contains(answer, "tcptype passive") {
			t.Errorf("no TCP candidate in %s", answer)
		}
		return impair.Rewrite(answer, r.udp.Port(), r.tcp.Port()), err
	})
	return pc, came
}

// grows waits for n more packets and says how long they took.
func (r *rig) grows(t *testing.T, came *atomic.Int64, n int64) time.Duration {
	t.Helper()
	began, want := time.Now(), came.Load()+n
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for came.Load() < want {
		select {
		case <-tick.C:
		case <-r.ctx.Done():
			t.Fatalf("%d packets came, %d wanted: %+v", came.Load(), want, r.e.Stats())
		}
	}
	return time.Since(began)
}

// blocks waits until the UDP proxy has swallowed a packet: a busy machine may bring TCP up before the first is sent.
func (r *rig) blocks(t *testing.T) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, lost := r.udp.Counts(); lost > 0 {
			return
		}
		select {
		case <-tick.C:
		case <-r.ctx.Done():
			t.Fatal("no UDP packet was blocked: none was sent")
		}
	}
}

func eachTransport(t *testing.T, f func(t *testing.T, r *rig)) {
	for name, full := range map[string]bool{"lean": false, "full": true} {
		t.Run(name, func(t *testing.T) { f(t, newRig(t, full)) })
	}
}

// No UDP packet gets through from the beginning: the voice comes over TCP.
func TestUDPBlockedAtStart(t *testing.T) {
	eachTransport(t, func(t *testing.T, r *rig) {
		r.udp.Block()
		_, came := r.watch(t)
		t.Logf("50 packets after %v", r.grows(t, came, 50)) // the clock is real: a figure, not a check
		r.blocks(t)
		if passed, lost := r.udp.Counts(); passed > 0 {
			t.Errorf("UDP: %d passed, %d blocked", passed, lost)
		}
		if r.tcp.Accepted() == 0 {
			t.Error("no TCP connection came")
		}
	})
}

// restart is what the web client does a second after it sees that its transport is silent.
func (r *rig) restart(t *testing.T, pc *webrtc.PeerConnection) {
	t.Helper()
	offer, err := pc.CreateOffer(&webrtc.OfferOptions{ICERestart: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := pc.SetLocalDescription(offer); err != nil {
		t.Fatal(err)
	}
	answer, err := r.e.Restart(r.ctx, room, "view", offer.SDP)
	if err != nil {
		t.Fatal(err)
	}
	answer = impair.Rewrite(answer, r.udp.Port(), r.tcp.Port())
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		t.Fatal(err)
	}
}

// UDP is blocked in the middle of a session; after an ICE restart the voice is back over TCP, and it is the same session.
func TestUDPBlockedInMidSession(t *testing.T) {
	eachTransport(t, func(t *testing.T, r *rig) {
		r.tcp.Block() // else a busy machine is on TCP from the start, and there is no path to lose
		pc, came := r.watch(t)
		r.grows(t, came, 50)
		r.tcp.Unblock()
		lost := make(chan struct{}, 1)
		pc.OnICEConnectionStateChange(func(s webrtc.ICEConnectionState) {
			if s == webrtc.ICEConnectionStateDisconnected {
				select {
				case lost <- struct{}{}:
				default:
				}
			}
		})
		began := time.Now()
		r.udp.Block()
		select {
		case <-lost:
		case <-r.ctx.Done():
			t.Fatal("the path was not lost: the test blocks nothing")
		}
		noticed := time.Since(began)
		r.restart(t, pc)
		d := r.grows(t, came, 50)
		t.Logf("noticed after %v, 50 packets %v after the restart", noticed, d) // the clock is real: a figure, not a check
		if s := r.e.Stats(); s.Subscribed != 1 || s.Viewers != 1 {
			t.Errorf("%d sessions, %d viewers", s.Subscribed, s.Viewers)
		}
	})
}
