package main

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"betang/sfu/icetcp"
	"betang/sfu/turn"
)

// firstWord is how long a connection may take to say what it is, its TLS handshake included; net/http waits as long for
// headers.
const firstWord = 10 * time.Second

// port shares one TCP port between the web, ICE-TCP and TURN, told apart by a connection's first bytes; inside TLS by its
// ALPN, or else by the first bytes within. It is the listener of the web: HTTP comes out of Accept, media never does.
type port struct {
	net.Listener
	tls   *tls.Config // nil: no TLS here
	media *icetcp.Server
	turn  *turn.Server // nil: none
	log   *slog.Logger

	web   chan net.Conn
	stop  chan struct{}
	once  sync.Once
	err   error // of the listener, set before stop is closed
	work  sync.WaitGroup
	wait  *waiting
	count [transports]traffic
	spoil atomic.Uint64 // connections that ended, or were silent too long, before it was clear what they are
}

// transport is a way in over TCP.
type transport uint8

const (
	overHTTP transport = iota
	overHTTPS
	overICE
	overTURN
	overTURNS
	transports
)

var transportNames = [transports]string{"http", "https", "ice_tcp", "turn_tcp", "turn_tls"}

type traffic struct {
	came atomic.Uint64
	now  atomic.Int64 // of the media's; the web's are its own to count
}

// sharePort starts to accept. Close ends the media's connections too.
func sharePort(l net.Listener, secure *tls.Config, media *icetcp.Server, relay *turn.Server, log *slog.Logger) *port {
	p := &port{
		Listener: l, tls: secure, media: media, turn: relay, log: log,
		web: make(chan net.Conn), stop: make(chan struct{}), wait: newWaiting(maxWaiting, maxWaitingOf),
	}
	p.work.Go(p.run)
	return p
}

// Accept gives the next connection of the web.
func (p *port) Accept() (net.Conn, error) {
	select {
	case c := <-p.web:
		return c, nil
	case <-p.stop:
		return nil, p.err
	}
}

// Close stops accepting. Connections the web has got are the web's.
func (p *port) Close() error {
	p.wait.close()
	err := p.Listener.Close()
	p.end(net.ErrClosed)
	p.media.Close()
	if p.turn != nil {
		err = errors.Join(err, p.turn.Close())
	}
	p.work.Wait()
	return err
}

func (p *port) end(err error) {
	p.once.Do(func() {
		p.err = err
		close(p.stop)
	})
}

func (p *port) run() {
	pause := 5 * time.Millisecond
	for {
		c, err := p.Listener.Accept()
		if err != nil {
			var temporary interface{ Temporary() bool }
			if !errors.As(err, &temporary) || !temporary.Temporary() { // too many open files passes; as net/http does it
				p.end(err)
				return
			}
			select {
			case <-time.After(pause):
			case <-p.stop:
				return
			}
			pause = min(2*pause, time.Second)
			continue
		}
		pause = 5 * time.Millisecond
		p.work.Go(func() { p.sort(c) })
	}
}

// sort finds out whose the connection is and hands it over.
func (p *port) sort(raw net.Conn) {
	if !p.wait.enter(raw) {
		_ = raw.Close()
		return
	}
	c, over, err := p.identify(raw)
	if stays := p.wait.leave(raw); err != nil || !stays {
		p.spoil.Add(1)
		_ = raw.Close()
		return
	}
	n := &p.count[over]
	n.came.Add(1)
	switch over {
	case overHTTP, overHTTPS:
		select {
		case p.web <- c:
		case <-p.stop:
			_ = c.Close()
		}
		return
	case overICE:
		n.now.Add(1)
		err = p.media.Serve(c)
	default:
		n.now.Add(1)
		err = p.turn.Serve(c)
	}
	n.now.Add(-1)
	if err != nil {
		p.log.Debug("media over TCP ended", "over", transportNames[over], "err", err)
	}
}

// identify reads as much as it takes to know whose the connection is, in the time of firstWord.
func (p *port) identify(raw net.Conn) (net.Conn, transport, error) {
	if err := raw.SetDeadline(time.Now().Add(firstWord)); err != nil {
		return nil, 0, err
	}
	c, who, err := peek(raw, nil)
	if err == nil && who == callerTLS && p.tls != nil {
		t := tls.Server(c, p.tls)
		if err := t.HandshakeContext(context.Background()); err != nil {
			return nil, 0, err
		}
		if t.ConnectionState().NegotiatedProtocol != "" {
			return t, overHTTPS, raw.SetDeadline(time.Time{}) // TURN's clients name no protocol that is ours
		}
		if c, who, err = peek(t, t); who == callerTURN && p.turn != nil {
			return c, overTURNS, errors.Join(err, raw.SetDeadline(time.Time{}))
		}
		return c, overHTTPS, errors.Join(err, raw.SetDeadline(time.Time{}))
	}
	over := overHTTP
	switch {
	case who == callerTLS:
		over = overHTTPS
	case who == callerICE:
		over = overICE
	case who == callerTURN && p.turn != nil:
		over = overTURN
	}
	return c, over, errors.Join(err, raw.SetDeadline(time.Time{}))
}

// peek reads until it is clear who calls, and gives a connection that has not been read from.
func peek(c net.Conn, secured *tls.Conn) (*peeked, caller, error) {
	buf := make([]byte, firstBytes)
	n := 0
	for {
		who := callerOf(buf[:n])
		if who != callerUnknown {
			return &peeked{Conn: c, first: buf[:n], tls: secured}, who, nil
		}
		k, err := c.Read(buf[n:])
		n += k
		if err != nil && callerOf(buf[:n]) == callerUnknown {
			return nil, callerUnknown, err
		}
	}
}

// peeked gives the bytes that were looked at once more.
type peeked struct {
	net.Conn
	first []byte
	tls   *tls.Conn // Conn, if it is one
}

func (c *peeked) Read(b []byte) (int, error) {
	if len(c.first) > 0 {
		n := copy(b, c.first)
		c.first = c.first[n:]
		return n, nil
	}
	return c.Conn.Read(b)
}

// SetWriteBuffer bounds what the kernel keeps for a slow reader.
func (c *peeked) SetWriteBuffer(n int) error {
	inner := c.Conn
	if c.tls != nil {
		inner = c.tls.NetConn()
	}
	switch t := inner.(type) {
	case *net.TCPConn:
		return t.SetWriteBuffer(n)
	case *peeked:
		return t.SetWriteBuffer(n)
	}
	return nil
}

type securedKey struct{}

// noteTLS and securely tell the web of TLS that was taken off before it, where net/http cannot see that.
func noteTLS(ctx context.Context, c net.Conn) context.Context {
	if p, ok := c.(*peeked); ok && p.tls != nil {
		return context.WithValue(ctx, securedKey{}, p.tls)
	}
	return ctx
}

// securely also sends those who come without TLS to a port that has it the right way: their token must not go in the
// clear twice.
func securely(next http.Handler, tlsPort bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if t, ok := r.Context().Value(securedKey{}).(*tls.Conn); ok && r.TLS == nil {
			state := t.ConnectionState()
			r.TLS = &state
		}
		if tlsPort && r.TLS == nil {
			if r.Method != http.MethodGet && r.Method != http.MethodHead {
				http.Error(w, http.StatusText(http.StatusMisdirectedRequest), http.StatusMisdirectedRequest)
				return
			}
			u := *r.URL
			u.Scheme, u.Host = "https", r.Host
			http.Redirect(w, r, u.String(), http.StatusPermanentRedirect)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// loadTLS reads a certificate for the port. HTTP/2 first, as net/http's own.
func loadTLS(certFile, keyFile string) (*tls.Config, error) {
	cert, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, err
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}, NextProtos: []string{"h2", "http/1.1"}, MinVersion: tls.VersionTLS12}, nil
}
