package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"betang/classroom"
	"betang/classroom/checks"
	"betang/classroom/roster"
	"betang/classroom/store"
	"betang/sfu"
	"betang/sfu/icetcp"
	"betang/sfu/turn"
	"betang/signaling"
	"betang/signaling/api"
	"betang/static"
)

const (
	// goodbyeTime is how long a stopping server waits for sockets to hear goodbye and for evidence to reach disk.
	goodbyeTime = 8 * time.Second
	// revocationPoll is how soon a link revoked by `betang token revoke` stops opening anything.
	revocationPoll = 2 * time.Second
	// maxTCPMedia bounds the connections that carry media over TCP, by ICE-TCP and by TURN. Each holds up to two sockets and 300 kB of buffers.
	maxTCPMedia = 3000
)

// Run is the only wiring: it opens the store, starts the media engine, the hubs and the web server, and takes
// them down in the opposite order.
func (c *Serve) Run(ctx context.Context, stdout io.Writer) error {
	log, err := newLog(c.LogFormat, c.LogLevel)
	if err != nil {
		return err
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return errors.New("--tls-cert and --tls-key go together")
	}
	for _, network := range c.Proxy {
		if _, err := netip.ParsePrefix(network); err != nil {
			return fmt.Errorf("--proxy %q is not a network like 10.0.0.0/8", network)
		}
	}
	st, closeData, err := openData(ctx, c.Data.Data, log)
	if err != nil {
		return err
	}
	defer closeData()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", c.Listen, err)
	}
	defer listener.Close()
	base, err := c.baseURL(listener.Addr())
	if err != nil {
		return err
	}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	var serving atomic.Bool // with the secrets that the store has
	nodes, leave, err := c.join(ctx, st, base, func() {
		if serving.Load() {
			end(errSecrets)
		}
	}, log)
	if err != nil {
		return err
	}
	defer leave()
	serving.Store(true)
	tokens, err := openTokens(ctx, st)
	if err != nil {
		return err
	}
	desk, err := ratifyDesk(ctx, st)
	if err != nil {
		return err
	}
	log.Info("attendance documents are signed with this key", "public", desk.Public())
	office, err := c.office()
	if err != nil {
		return err
	}

	plan, err := c.plan()
	if err != nil {
		return err
	}
	checkSecret, err := st.Secret(ctx, "checks", 32)
	if err != nil {
		return err
	}

	hallKey, err := st.Secret(ctx, "halls", 32)
	if err != nil {
		return err
	}

	var secure *tls.Config
	if c.TLSCert != "" {
		if secure, err = loadTLS(c.TLSCert, c.TLSKey); err != nil {
			return fmt.Errorf("--tls-cert and --tls-key: %w", err)
		}
	}
	mediaAddr := c.Media
	if mediaAddr == "" {
		mediaAddr = listener.Addr().String()
	}
	tcpPort := listener.Addr().(*net.TCPAddr).Port
	began := time.Now() // the engine and the hubs must count time alike
	engine, err := sfu.New(sfu.Config{
		Began:  began,
		Listen: mediaAddr, PublicIPs: c.PublicIP, TCPPort: tcpPort, TURN: true, Relay: len(c.RelayTo) > 0 || nodes != nil, MaxEgress: c.MaxEgress * 1_000_000, Log: log.With("part", "sfu"),
	})
	if err != nil {
		return fmt.Errorf("media on %s: %w", mediaAddr, err)
	}
	defer func() {
		if err := engine.Shutdown(); err != nil {
			log.Error("close the media port", "err", err)
		}
	}()

	node, err := c.relay(nodes, engine, log.With("part", "relay"))
	if err != nil {
		return fmt.Errorf("relay: %w", err)
	}
	if node != nil {
		defer node.Close()
	}

	mediaPort := engine.Addr().(*net.UDPAddr).AddrPort()
	turnSecret, err := st.Secret(ctx, "turn", 32)
	if err != nil {
		return err
	}
	relay, err := turn.New(turn.Config{
		Secret: turnSecret, Media: mediaPort, Addrs: engine.Candidates(), Conn: engine.TURNConn(), Max: maxTCPMedia,
		Log: sfu.PionLogs(log.With("part", "turn")),
	})
	if err != nil {
		return fmt.Errorf("turn: %w", err)
	}
	media := icetcp.New(mediaPort, maxTCPMedia)
	shared := sharePort(listener, secure, media, relay, log.With("part", "tcp"))
	defer shared.Close()

	ice := iceServers{secret: turnSecret, fixed: c.URL, tls: secure != nil, tcp: tcpPort, udp: int(mediaPort.Port())}
	fares := newStatus(c.Data.Data, engine, nodes, node)
	defer fares.watch()()
	hubConfig := signaling.Config{
		Status: fares.Now,
		Began:  began, Store: st, Media: c.media(engine), Verify: tokens, Revoked: tokens.Revoked, Origins: append([]string{base}, c.Origin...),
		Checks: plan, CheckSecret: checkSecret, ICE: ice.list,
		MaskNIP: roster.Mask, RegionName: roster.RegionName, Log: log.With("part", "signaling"),
	}
	joined(&hubConfig, nodes, st, node)
	hubs := signaling.New(hubConfig)
	engine.SetListener(hubs)
	opening(nodes, hubs, engine, desk)
	if err := settleDrafts(ctx, st, desk); err != nil {
		return err
	}
	handler := api.New(api.Config{
		Tokens: tokens, Store: peopleOf(nodes, st), Roster: st, Hub: api.Hubs[api.Hub](hubs), Socket: hubs, Static: static.Handler(c.others(nodes)),
		Sheet: desk.Sheet, Ratify: desk, Papers: papersOf(nodes, st), Office: office, BaseURL: base,
		ICE: ice.list, Measure: engine.Measure, Readiness: st, Record: st,
		Material: api.MaterialConfig{Store: slidesOf(nodes, st), Hub: api.Hubs[api.RoomHub](hubs)},
		Halls: api.HallConfig{
			Store: st, Hub: api.Hubs[api.HallHub](hubs), Key: hallKey, Base: base,
			Flags: func(ctx context.Context, id classroom.EventID) ([]classroom.Flag, error) {
				return classroom.LoadFlags(ctx, st, id)
			},
			Facts: st.Facts,
		},
		Notice:  api.Notice{Unit: c.NoticeUnit, Contact: c.NoticeContact},
		Proxies: c.Proxy, Metrics: metrics(engine, shared, nodes, node), Log: log.With("part", "web"),
	})

	if c.Demo {
		if err := showDemo(ctx, st, tokens, base, c.Data.Data, stdout); err != nil {
			return err
		}
	}
	log.Info("serving", "url", base, "web", listener.Addr().String(), "media", engine.Addr().String(), "version", version)

	if c.Edge {
		nodes.Heed(warnInTheClear(log))
		handler = newPictures(api.FromOrigin(func() []*url.URL { return origins(nodes) }, handler))
	}
	if nodes != nil {
		handler = givingPapers(nodes, amongNodes(nodes, handler))
	}
	web := &http.Server{
		Handler:           securely(handler, secure != nil),
		ConnContext:       noteTLS,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(shared) }()
	stopPoll := pollRevocations(ctx, tokens, log)
	defer stopPoll()

	select {
	case <-ctx.Done():
		if cause := context.Cause(ctx); errors.Is(cause, errSecrets) {
			err = cause
		}
	case err = <-failed:
	}
	log.Info("stopping: saying goodbye")
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbyeTime)
	defer cancel()
	// Shutdown of net/http leaves websockets alone (its own contract), so the hubs say goodbye first.
	err = errors.Join(err, hubs.Shutdown(last), web.Shutdown(last))
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// openData opens the data folder for this process alone, and closes the attendance that a server which died left open.
func openData(ctx context.Context, dir string, log *slog.Logger) (st *store.Store, closeData func(), err error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, nil, err
	}
	unlock, err := lockFolder(dir)
	if err != nil {
		return nil, nil, err
	}
	if st, err = store.Open(ctx, dir); err != nil {
		unlock()
		return nil, nil, err
	}
	closeData = func() {
		_ = st.Close()
		unlock()
	}
	closed, err := st.CloseSpans(ctx)
	if err != nil {
		closeData()
		return nil, nil, fmt.Errorf("close what a dead server left open: %w", err)
	}
	if closed > 0 {
		log.Info("closed attendance left open by a server that died", "spans", closed)
	}
	return st, closeData, nil
}

// plan is when people are asked whether they still follow.
func (c *Serve) plan() (checks.Plan, error) {
	p := checks.Plan{Every: c.CheckEvery.Milliseconds(), Window: c.CheckWindow.Milliseconds()}
	if c.CheckEvery != 0 && !p.On() {
		return p, fmt.Errorf("--check-window %v: more than nothing and at most two thirds of --check-every %v", c.CheckWindow, c.CheckEvery)
	}
	return p, nil
}

// baseURL is where people find this server: --url, or localhost, for which browsers give camera and microphone
// without HTTPS.
func (c *Serve) baseURL(addr net.Addr) (string, error) {
	if c.URL != "" {
		u, err := url.Parse(c.URL)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			return "", fmt.Errorf("--url %q is not an address like https://corpu.example.go.id", c.URL)
		}
		return strings.TrimRight(c.URL, "/"), nil
	}
	scheme := "http"
	if c.TLSCert != "" {
		scheme = "https"
	}
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return "", err
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "localhost"
	}
	return scheme + "://" + net.JoinHostPort(host, port), nil
}

// openTokens makes the signer from the secret of the data folder; the first call makes the secret.
func openTokens(ctx context.Context, st *store.Store) (*api.Tokens, error) {
	secret, err := st.Secret(ctx, "tokens", 32)
	if err != nil {
		return nil, err
	}
	return api.NewTokens(ctx, secret, st)
}

// pollRevocations keeps the running server's view of revoked links fresh; the command line writes them to the
// same file. The returned function stops it and waits.
func pollRevocations(ctx context.Context, tokens *api.Tokens, log *slog.Logger) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(revocationPoll)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if err := tokens.Reload(ctx); err != nil && ctx.Err() == nil {
					log.Error("read revoked links", "err", err)
				}
			}
		}
	}()
	return func() { cancel(); <-done }
}

func newLog(format, level string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, err
	}
	opts := &slog.HandlerOptions{Level: l}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(os.Stderr, opts)), nil
	}
	return slog.New(slog.NewTextHandler(os.Stderr, opts)), nil
}
