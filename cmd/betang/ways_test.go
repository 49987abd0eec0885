package main

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"betang/sfu"
	"betang/sfu/icetcp"
	"betang/sfu/sfutest"
	"betang/sfu/sfutest/impair"
	"betang/sfu/turn"
)

// number is one port number of an address: UDP for an engine with its TURN, TCP for what serve makes of it.
type number struct {
	t      *testing.T
	engine *sfu.Engine
	relay  *turn.Server
	port   *port
	secret turn.Secret
	ice    iceServers
	host   string
}

func newNumber(t *testing.T, host string) *number {
	t.Helper()
	n := &number{t: t, host: host, secret: turn.Secret("secret of the test")}
	var listener net.Listener
	for n.engine == nil { // the number may be taken over UDP
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", net.JoinHostPort(host, "0"))
		if err != nil {
			t.Fatal(err)
		}
		e, err := sfu.New(sfu.Config{Listen: l.Addr().String(), TCPPort: l.Addr().(*net.TCPAddr).Port, TURN: true})
		if err != nil {
			t.Logf("%v: %v", l.Addr(), err)
			_ = l.Close()
			continue
		}
		listener, n.engine = l, e
	}
	media := n.engine.Addr().(*net.UDPAddr).AddrPort()
	if at := listener.Addr().(*net.TCPAddr).AddrPort(); at != media {
		t.Fatalf("TCP %v, UDP %v: not one number", at, media)
	}
	var err error
	n.relay, err = turn.New(turn.Config{
		Secret: n.secret, Media: media, Addrs: n.engine.Candidates(), Conn: n.engine.TURNConn(), Max: 10,
	})
	if err != nil {
		t.Fatal(err)
	}
	secure, err := loadTLS(selfSigned(t))
	if err != nil {
		t.Fatal(err)
	}
	n.ice = iceServers{secret: n.secret, tls: true, tcp: int(media.Port()), udp: int(media.Port())}
	n.port = sharePort(listener, secure, icetcp.New(media, 10), n.relay, slog.New(slog.DiscardHandler))
	t.Cleanup(func() {
		if err := n.port.Close(); err != nil {
			t.Error(err)
		}
		if err := n.engine.Shutdown(); err != nil {
			t.Error(err)
		}
	})
	return n
}

// within dials TURN over TCP inside TLS, which pion does only for certificates that this machine trusts.
type within struct{}

func (within) Dial(network, addr string) (net.Conn, error) {
	return (&tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}}).Dial(network, addr)
}

// way is the only one that a client may take.
type way struct {
	name     string
	turn     string // how its URL ends; "": no TURN
	tcp, tls bool
}

func (n *number) client(w way) *webrtc.PeerConnection {
	n.t.Helper()
	network := webrtc.NetworkTypeUDP4
	switch {
	case w.turn != "" && n.host == "::1":
		network = webrtc.NetworkTypeUDP6
	case w.turn == "" && w.tcp:
		network = webrtc.NetworkTypeTCP4
	}
	var s webrtc.SettingEngine
	s.SetIncludeLoopbackCandidate(true)
	s.SetNetworkTypes([]webrtc.NetworkType{network})
	if w.tls {
		s.SetICEProxyDialer(within{})
	}
	var cfg webrtc.Configuration
	if w.turn != "" {
		cfg.ICETransportPolicy = webrtc.ICETransportPolicyRelay
		for _, server := range n.ice.list("demo", w.name, net.JoinHostPort(n.host, strconv.Itoa(n.ice.tcp)), time.Minute) {
			for _, url := range server.URLs {
				if strings.HasPrefix(url, "turn:") && strings.HasSuffix(url, w.turn) {
					cfg.ICEServers = append(cfg.ICEServers, webrtc.ICEServer{URLs: []string{url}, Username: server.Username, Credential: server.Credential})
				}
			}
		}
		if len(cfg.ICEServers) != 1 {
			n.t.Fatalf("%s: %v", w.name, cfg.ICEServers)
		}
	}
	pc, err := webrtc.NewAPI(webrtc.WithSettingEngine(s)).NewPeerConnection(cfg)
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(func() { _ = pc.GracefulClose() })
	return pc
}

// toSix is a port of 127.0.0.1 that leads to the number's IPv6 address.
func (n *number) toSix(tcp bool) int {
	n.t.Helper()
	if tcp {
		p, err := impair.NewTCP(n.port.Addr().String(), 1, impair.Link{}, impair.Link{})
		if err != nil {
			n.t.Fatal(err)
		}
		n.t.Cleanup(p.Close)
		return p.Port()
	}
	p, err := impair.NewUDP(n.engine.Addr().(*net.UDPAddr), 1, impair.Link{}, impair.Link{})
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(p.Close)
	return p.Port()
}

// negotiate leaves the answer the candidates of the way.
func (n *number) negotiate(pc *webrtc.PeerConnection, w way, ask func(offer string) (string, error)) {
	n.t.Helper()
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		n.t.Fatal(err)
	}
	if err := pc.SetLocalDescription(offer); err != nil {
		n.t.Fatal(err)
	}
	answer, err := ask(offer.SDP)
	if err != nil {
		n.t.Fatal(err)
	}
	var kept strings.Builder
	candidates := 0
	for line := range strings.Lines(answer) {
		if f := strings.Fields(line); strings.HasPrefix(line, "a=candidate:") {
			if strings.EqualFold(f[2], "tcp") != (w.tcp && w.turn == "") {
				continue
			}
			if f[4] != n.host || f[5] != strconv.Itoa(n.ice.udp) {
				n.t.Errorf("%s: a candidate elsewhere: %s", w.name, line)
			}
			candidates++
			if n.host == "::1" && w.turn == "" { // pion never is at ::1 itself
				line = strings.Replace(line, " ::1 "+f[5]+" ", " 127.0.0.1 "+strconv.Itoa(n.toSix(w.tcp))+" ", 1)
			}
		}
		kept.WriteString(line)
	}
	if candidates == 0 {
		n.t.Fatalf("%s: no candidate in\n%s", w.name, answer)
	}
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: kept.String()}); err != nil {
		n.t.Fatal(err)
	}
}

// TestEveryWayIn: one number, UDP and TCP, IPv4 and IPv6. By each way alone, all others closed to it, a viewer hears the voice: UDP,
// ICE-TCP, and TURN over UDP, TCP and TLS.
func TestEveryWayIn(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"127.0.0.1", "::1"} {
		t.Run(host, func(t *testing.T) {
			n := newNumber(t, host)
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus}, "a", "s")
			if err != nil {
				t.Fatal(err)
			}
			direct := way{name: "publisher"}
			pub := n.client(direct)
			if _, err := pub.AddTransceiverFromTrack(track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}); err != nil {
				t.Fatal(err)
			}
			n.negotiate(pub, direct, func(o string) (string, error) { return n.engine.Publish(ctx, "demo", "pub", o) })
			n.engine.SetScene("demo", sfu.Scene{Audio: []sfu.PeerID{"pub"}})
			spoken := make(chan struct{})
			go func() {
				defer close(spoken)
				tick := time.NewTicker(20 * time.Millisecond)
				defer tick.Stop()
				for i := uint16(0); ; i++ {
					select {
					case <-tick.C:
						_ = track.WriteRTP(&rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: i, Timestamp: uint32(i) * 960}, Payload: sfutest.Opus(int(i))})
					case <-ctx.Done():
						return
					}
				}
			}()
			defer func() { cancel(); <-spoken }()

			type viewer struct {
				way
				heard chan struct{}
			}
			var all []viewer
			for _, w := range []way{
				{name: "udp"},
				{name: "ice-tcp", tcp: true},
				{name: "turn-udp", turn: "transport=udp"},
				{name: "turn-tcp", turn: "transport=tcp", tcp: true},
				{name: "turn-tls", turn: "transport=tcp", tcp: true, tls: true},
			} {
				v := viewer{w, make(chan struct{})}
				pc := n.client(w)
				if _, err := pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
					t.Fatal(err)
				}
				pc.OnTrack(func(tr *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
					for range 25 {
						if _, _, err := tr.ReadRTP(); err != nil {
							return
						}
					}
					close(v.heard)
				})
				n.negotiate(pc, w, func(o string) (string, error) { return n.engine.Subscribe(ctx, "demo", sfu.PeerID(w.name), o) })
				all = append(all, v)
			}
			for _, v := range all {
				select {
				case <-v.heard:
				case <-ctx.Done():
					t.Errorf("%s: not half a second of voice: %+v, %+v", v.name, n.engine.Stats(), n.relay.Stats())
				}
			}
			for over, want := range map[transport]uint64{overICE: 1, overTURN: 1, overTURNS: 1, overHTTP: 0, overHTTPS: 0} {
				if got := n.port.count[over].came.Load(); got < want || want == 0 && got > 0 {
					t.Errorf("%s: %d connections, not %d", transportNames[over], got, want)
				}
			}
			if st := n.relay.Stats(); st.Allocated < 3 || st.Stray > 0 {
				t.Errorf("TURN: %+v", st)
			}
		})
	}
}
