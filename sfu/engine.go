package sfu

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	mathrand "math/rand/v2"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/transport/v5"
	"github.com/pion/webrtc/v4"

	"betang/sfu/lite"
	relay "betang/sfu/turn"
	"betang/sfu/udp"
)

// Config is how an engine is made.
type Config struct {
	Listen    string         // UDP address, as ":8443"; all transports share this port
	Conn      net.PacketConn // used instead of Listen; the engine closes it
	PublicIPs []string       // addresses of a 1:1 NAT in front of us, announced beside the local ones
	Net       transport.Net  // a virtual network for tests; nil: the real one
	Listener  Listener       // hears of peers; may be set later
	Log       *slog.Logger   // nil: discards
	Began     time.Time      // origin of the engine's clock, which proof of delivery is timed by; zero: now
	Shards    int            // goroutines that forward; 0: one per CPU, at most 16
	Sockets   int            // of the port, for the shards to share out; 0: one
	Full      bool           // viewers get a PeerConnection too, as those do whose offer wants more than the lean transport gives
	Busy      float64        // part of its time from which a shard is busy and merges voice (see merger); 0: 0.15; negative: always
	MaxPeers  int            // publishers and viewers together; 0: 10000
	MaxEgress int64          // bits a second to all viewers together; near it newcomers get less. 0: no limit
	MaxCPU    float64        // part of the processors' time from which newcomers get less; 0: see package admit; negative: no limit
	TURN      bool           // the port serves TURN as well: its datagrams go to TURNConn, which somebody must read
	Relay     bool           // the port takes in links of other nodes: their datagrams go to RelayConn, which somebody must read
	TCPPort   int            // where ICE-TCP is taken in for us (package icetcp), announced in answers; 0: nowhere
	Seed      uint64         // of the dice by which viewers probe and climb at different times; 0: a random one
}

// The times of a transport's life. A browser proves consent (RFC 7675) every 4 to 6 s and reports every second or so,
// hence a silence of 7 s means something, and Chromium's own limit is 15 s.
const (
	silentAfter = 7 * time.Second  // Disconnected
	goneAfter   = 15 * time.Second // Gone
	joinWithin  = 30 * time.Second // Gone when it never connected
)

// Engine is the media plane: all routers and peers behind one UDP port. It implements Media.
type Engine struct {
	log          *slog.Logger
	socks        []*udp.Conn // one port
	host         *lite.Host  // reads the sockets; what is no lean viewer's goes to side
	side         *side
	turn         *side // nil: no TURN
	nodes        *side // nil: no relay
	mux          *ice.UDPMuxDefault
	settings     webrtc.SettingEngine
	takes        *webrtc.MediaEngine // publishers have an API each, see publisherAPI
	interceptors *interceptor.Registry
	watch        *webrtc.MediaEngine // viewers on pion get an API each, see viewerAPI
	cert         webrtc.Certificate
	identity     tls.Certificate  // the same one
	candidates   []netip.AddrPort // of a lean viewer's answer
	maxPeers     int
	tcpPort      int
	full         bool
	busyAt       float64
	began        time.Time
	seed         uint64 // see dice

	shards   []*shard
	overload overload
	count    counters
	source   atomic.Uint32 // last rewrite.Source given out
	next     atomic.Uint32 // shard of the next viewer

	listener atomic.Pointer[Listener]
	notices  notices
	moves    chan struct{}  // one token: see Moves
	work     sync.WaitGroup // every goroutine of routers and peers
	stop     chan struct{}
	crowd    chan struct{} // one token: a stage has more voices than slots
	silence  sync.Once     // makes silent
	silent   atomic.Pointer[Up]
	serving  sync.WaitGroup // shards, the notifier and the ear for voices, which end after the peers

	mu      sync.Mutex
	closed  bool
	routers map[RouterID]*Router
	peers   map[PeerID]*peer

	measures measures // guarded by mu
}

var _ Media = (*Engine)(nil)

// New opens the port and starts the shards; Shutdown frees them.
func New(cfg Config) (*Engine, error) {
	if cfg.Began.IsZero() {
		cfg.Began = time.Now()
	}
	e := &Engine{
		log: cfg.Log, full: cfg.Full, busyAt: cfg.Busy, maxPeers: cfg.MaxPeers, tcpPort: cfg.TCPPort, began: cfg.Began,
		seed:    cmp.Or(cfg.Seed, mathrand.Uint64()),
		routers: map[RouterID]*Router{}, peers: map[PeerID]*peer{}, stop: make(chan struct{}), crowd: make(chan struct{}, 1), moves: make(chan struct{}, 1),
	}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	if e.maxPeers <= 0 {
		e.maxPeers = 10000
	}
	if cfg.Listener != nil {
		e.SetListener(cfg.Listener)
	}
	var err error
	if err = e.makeCertificate(); err != nil {
		return nil, fmt.Errorf("sfu: certificate: %w", err)
	}
	if e.socks, err = openPort(cfg); err != nil {
		return nil, fmt.Errorf("sfu: %w", err)
	}
	if err := e.prepare(cfg); err != nil {
		return nil, errors.Join(err, e.closePort())
	}
	e.candidates = hostCandidates(e.mux.GetListenAddresses(), cfg.PublicIPs)
	e.host, err = lite.NewHost(lite.Config{
		Conns: e.socks, Cert: e.identity, Other: e.aside, Quiet: silentAfter, Lost: goneAfter,
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("sfu: %w", err), e.mux.Close(), e.closePort())
	}
	n := cfg.Shards
	if n <= 0 {
		n = min(runtime.GOMAXPROCS(0), 16)
	}
	for i := range n {
		s := newShard(e, i)
		e.shards = append(e.shards, s)
		e.serving.Go(s.run)
	}
	e.overload.begin(cfg, n)
	e.serving.Go(e.runBudget)
	e.notices.wake = make(chan struct{}, 1)
	e.serving.Go(e.runNotices)
	e.serving.Go(e.runVoices)
	return e, nil
}

// openPort opens the media port.
func openPort(cfg Config) ([]*udp.Conn, error) {
	if cfg.Conn == nil {
		return udp.ListenShards(context.Background(), cfg.Listen, max(cfg.Sockets, 1))
	}
	c, err := udp.Wrap(cfg.Conn)
	return []*udp.Conn{c}, err
}

func (e *Engine) closePort() error {
	var errs []error
	for _, c := range e.socks {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

// prepare sets pion up: ICE-lite on one port, DTLS server, AES-128-GCM first.
func (e *Engine) prepare(cfg Config) error {
	logs := pionLogs{e.log}
	s := &e.settings
	s.LoggerFactory = logs
	s.SetLite(true)
	s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6})
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	s.SetICETimeouts(silentAfter, goneAfter-silentAfter, 2*time.Second)
	s.DisableActiveTCP(true)
	if err := s.SetAnsweringDTLSRole(webrtc.DTLSRoleServer); err != nil {
		return err
	}
	s.SetSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AEAD_AES_256_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80)
	// ICE has proven the address already: DTLS need not ask for a cookie, which saves a round trip.
	s.SetDTLSInsecureSkipHelloVerify(true)
	s.SetDTLSRetransmissionInterval(250 * time.Millisecond)
	// What is sent again under its own number, as encoders without RTX and pion's senders do, comes a round trip and more behind the newest:
	// more than pion's 64 packets from 1.5 Mbit/s on. 1,024 is what browsers have.
	s.SetSRTPReplayProtectionWindow(1024)
	s.SetReceiveMTU(1600)
	if cfg.Net != nil {
		s.SetNet(cfg.Net)
	}
	if a, ok := e.socks[0].LocalAddr().(*net.UDPAddr); ok && (a.IP.IsUnspecified() || a.IP.IsLoopback()) {
		s.SetIncludeLoopbackCandidate(true) // for browsers on this machine
	}
	if len(cfg.PublicIPs) > 0 {
		err := s.SetICEAddressRewriteRules(webrtc.ICEAddressRewriteRule{
			External: cfg.PublicIPs, AsCandidateType: webrtc.ICECandidateTypeHost, Mode: webrtc.ICEAddressRewriteAppend,
		})
		if err != nil {
			return fmt.Errorf("sfu: public addresses: %w", err)
		}
	}
	var err error
	if e.takes, e.interceptors, err = publisherMedia(); err != nil {
		return fmt.Errorf("sfu: codecs: %w", err)
	}
	if e.watch, err = viewerMedia(); err != nil {
		return fmt.Errorf("sfu: codecs: %w", err)
	}
	e.side = newSide(e.socks[0], &e.count, DropPublisherQueue)
	if cfg.TURN {
		e.turn = newSide(e.socks[0], &e.count, DropTURNQueue)
	}
	if cfg.Relay {
		e.nodes = newSide(e.socks[0], &e.count, DropRelayQueue)
	}
	e.mux = ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: e.side, Net: cfg.Net, Logger: logs.NewLogger("mux")})
	s.SetICEUDPMux(e.mux)
	return nil
}

// viewerAPI is a viewer's own, because its RTCP goes straight to it (rtcpSinks) and not through a goroutine per slot.
func (e *Engine) viewerAPI(v *viewer) *webrtc.API {
	s := e.settings
	s.BufferFactory = v.buffer
	s.SetICEBindingRequestHandler((&follow{}).look)
	return webrtc.NewAPI(webrtc.WithMediaEngine(e.watch), webrtc.WithInterceptorRegistry(&interceptor.Registry{}),
		webrtc.WithSettingEngine(s))
}

// makeCertificate makes the one for all peers; its fingerprint is in every answer, nobody checks its dates. pion's own
// would end after a month and with it the server's ability to answer.
func (e *Engine) makeCertificate() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return err
	}
	template := x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "WebRTC"}, SignatureAlgorithm: x509.ECDSAWithSHA256,
		NotBefore: e.began.AddDate(0, 0, -1), NotAfter: e.began.AddDate(20, 0, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	if err != nil {
		return err
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		return err
	}
	e.cert = webrtc.CertificateFromX509(key, parsed)
	e.identity = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: parsed}
	return nil
}

// aside takes the datagrams that are no lean viewer's.
func (e *Engine) aside(b []byte, from netip.AddrPort) {
	switch {
	case b[0] == lite.RelayByte:
		if e.nodes != nil {
			e.nodes.push(b, from)
		}
	case !relay.IsDatagram(b):
		e.side.push(b, from)
	case e.turn != nil:
		e.turn.push(b, from)
	}
}

// TURNConn is the media port as a TURN server sees it; nil without Config.TURN.
func (e *Engine) TURNConn() net.PacketConn {
	if e.turn == nil {
		return nil
	}
	return e.turn
}

// RelayConn is the media port as the nodes that relay for us see it; nil without Config.Relay.
func (e *Engine) RelayConn() net.PacketConn {
	if e.nodes == nil {
		return nil
	}
	return e.nodes
}

// Candidates are the addresses of the media port that answers name.
func (e *Engine) Candidates() []netip.AddrPort { return slices.Clone(e.candidates) }

// Addr is the address of the media port.
func (e *Engine) Addr() net.Addr { return e.socks[0].LocalAddr() }

// SetListener names who hears of peers from now on.
func (e *Engine) SetListener(l Listener) { e.listener.Store(&l) }

// now is Unix time in nanoseconds that never steps.
func (e *Engine) now() int64 {
	return e.began.UnixNano() + int64(time.Since(e.began))
}

// Shutdown ends all peers, tells the listener of each, and returns when every goroutine has ended and the port is free.
func (e *Engine) Shutdown() error {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return nil
	}
	e.closed = true
	all := make([]*peer, 0, len(e.peers))
	for _, p := range e.peers {
		all = append(all, p)
	}
	e.mu.Unlock()
	for _, p := range all {
		p.end("shutdown")
	}
	e.work.Wait()
	close(e.stop)
	e.serving.Wait()
	err := errors.Join(e.mux.Close(), e.closePort())
	e.host.Close()
	return err
}
