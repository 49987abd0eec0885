package main

import (
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"betang/sfu/icetcp"
)

// firstWord is how long a connection may wait before it says what it is; net/http waits as long for headers.
const firstWord = 10 * time.Second

// port shares one TCP port between the web and ICE-TCP, told apart by a connection's first bytes. It is the listener
// of the web: HTTP and TLS come out of Accept, ICE-TCP never does.
type port struct {
	net.Listener
	media *icetcp.Server
	log   *slog.Logger

	web  chan net.Conn
	stop chan struct{}
	once sync.Once
	err  error // of the listener, set before stop is closed
	work sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	waiting map[net.Conn]bool // have not said what they are
}

// sharePort starts to accept. Close ends the media's connections too.
func sharePort(l net.Listener, media *icetcp.Server, log *slog.Logger) *port {
	p := &port{
		Listener: l, media: media, log: log,
		web: make(chan net.Conn), stop: make(chan struct{}), waiting: map[net.Conn]bool{},
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
	p.mu.Lock()
	p.closed = true
	for c := range p.waiting {
		_ = c.Close()
	}
	p.mu.Unlock()
	err := p.Listener.Close()
	p.end(net.ErrClosed)
	p.media.Close()
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

// sort reads as many bytes as it takes to know whose the connection is.
func (p *port) sort(c net.Conn) {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		_ = c.Close()
		return
	}
	p.waiting[c] = true
	p.mu.Unlock()
	first, err := readFirst(c)
	p.mu.Lock()
	delete(p.waiting, c)
	p.mu.Unlock()
	if err != nil {
		_ = c.Close()
		return
	}
	c = &peeked{Conn: c, first: first}
	if icetcp.IsFramed(first) {
		if err := p.media.Serve(c); err != nil {
			p.log.Debug("media over TCP ended", "err", err)
		}
		return
	}
	select {
	case p.web <- c:
	case <-p.stop:
		_ = c.Close()
	}
}

// readFirst reads until it is clear whether ICE-TCP speaks: a frame begins with a byte of its length, which is below 6
// for everything a datagram holds; HTTP begins with a letter and TLS with 22.
func readFirst(c net.Conn) ([]byte, error) {
	if err := c.SetReadDeadline(time.Now().Add(firstWord)); err != nil {
		return nil, err
	}
	buf := make([]byte, icetcp.Peek)
	n := 0
	for n < len(buf) && (n == 0 || buf[0] < 6) {
		k, err := c.Read(buf[n:])
		n += k
		if err != nil {
			return nil, err
		}
	}
	return buf[:n], c.SetReadDeadline(time.Time{})
}

// peeked gives the bytes that were looked at once more.
type peeked struct {
	net.Conn
	first []byte
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
	if t, ok := c.Conn.(*net.TCPConn); ok {
		return t.SetWriteBuffer(n)
	}
	return nil
}
