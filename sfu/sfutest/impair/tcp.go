package impair

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
)

// TCP stands between clients and one TCP server.
type TCP struct {
	front  net.Listener
	target string

	mu       sync.Mutex
	blocked  bool
	closed   bool
	up, down Link
	seed     uint64
	conns    map[net.Conn]bool
	accepted int
	onlyTLS  bool
	refused  int
	work     sync.WaitGroup
}

// NewTCP opens a proxy on a free port of 127.0.0.1. Of a Link it takes delay, jitter and rate; TCP itself mends the rest.
func NewTCP(target string, seed uint64, up, down Link) (*TCP, error) {
	front, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &TCP{front: front, target: target, up: stream(up), down: stream(down), seed: seed, conns: map[net.Conn]bool{}}
	p.work.Go(p.accept)
	return p, nil
}

// stream leaves of a link what happens to a byte stream.
func stream(l Link) Link {
	return Link{Delay: l.Delay, Jitter: l.Jitter, Rate: l.Rate, Queue: 1 << 62}
}

// Port is where clients connect to.
func (p *TCP) Port() int { return p.front.Addr().(*net.TCPAddr).Port }

// Addr is the same as an address.
func (p *TCP) Addr() string { return p.front.Addr().String() }

// Accepted is how many connections came.
func (p *TCP) Accepted() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.accepted
}

// Block resets all connections and refuses new ones, until Unblock.
func (p *TCP) Block() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.blocked = true
	for c := range p.conns {
		_ = c.Close()
	}
}

// Unblock lets new connections in.
func (p *TCP) Unblock() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.blocked = false
}

// Close frees the port and waits.
func (p *TCP) Close() {
	p.Block()
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	_ = p.front.Close()
	p.work.Wait()
}

func (p *TCP) accept() {
	for {
		c, err := p.front.Accept()
		if err != nil {
			return
		}
		p.work.Go(func() { p.carry(c) })
	}
}

func (p *TCP) carry(client net.Conn) {
	defer client.Close()
	if !p.hold(client) {
		return
	}
	defer p.drop(client)
	server, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", p.target)
	if err != nil {
		return
	}
	defer server.Close()
	if !p.hold(server) {
		return
	}
	defer p.drop(server)
	p.mu.Lock()
	p.accepted++
	seed := p.seed + 2*uint64(p.accepted)
	up, down := p.up, p.down
	var fromClient, fromServer io.Reader = client, server
	if p.onlyTLS {
		fromClient, fromServer = &records{from: client}, &records{from: server}
	}
	p.mu.Unlock()
	var both sync.WaitGroup
	var ended [2]error
	both.Go(func() { ended[0] = pump(client, fromClient, server, NewShaper(seed, up)) })
	both.Go(func() { ended[1] = pump(server, fromServer, client, NewShaper(seed+1, down)) })
	both.Wait()
	if errors.Is(errors.Join(ended[:]...), errNotTLS) {
		p.mu.Lock()
		p.refused++
		p.mu.Unlock()
	}
}

func (p *TCP) hold(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.blocked || p.closed {
		return false
	}
	p.conns[c] = true
	return true
}

func (p *TCP) drop(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, c)
}

// window is how many bytes may be on the way in one direction: a sender faster than the rate has to wait, as with TCP.
const window = 64 << 10

// pump carries one direction, what in reads of from; its end is the end of the connection.
func pump(from net.Conn, in io.Reader, to net.Conn, s *Shaper) error {
	defer from.Close()
	defer to.Close()
	l := newLine(s)
	defer l.close()
	const piece = 1400
	room := make(chan struct{}, window/piece)
	buf := make([]byte, piece)
	for {
		n, err := in.Read(buf)
		if err != nil {
			return err
		}
		room <- struct{}{}
		l.put(buf[:n], func(data []byte) {
			if _, err := to.Write(data); err != nil {
				_ = from.Close()
			}
			<-room
		})
	}
}
