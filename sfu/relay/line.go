package relay

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"betang/sfu"

	"github.com/pion/transport/v5/deadline"
)

// The datagrams between nodes. The first byte tells them from WebRTC's on the same port (RFC 7983 gives it to nobody), the
// second what they are. A knock is answered with a cookie and forgotten: who can not be reached at the address it claims
// makes no state here and is sent less than it sent. An open is DTLS behind that cookie, data is DTLS alone.
const (
	relayByte = sfu.RelayByte

	isKnock  = 0
	isCookie = 1
	isOpen   = 2
	isData   = 3

	cookieSize = 16
	knockSize  = 32
	lineDepth  = 512 // datagrams that wait for DTLS; more are dropped, and repaired like any loss
	maxLine    = 1500
)

// line is the way to one address as DTLS sees it.
type line struct {
	to    net.Addr
	from  netip.Addr // where it came from; zero: we dialled
	write func(b []byte, to net.Addr) (int, error)
	gone  func()

	cookie   atomic.Pointer[[]byte] // sent along until the handshake is over; nil: not needed
	in       chan []byte
	closed   chan struct{}
	once     sync.Once
	deadline *deadline.Deadline
}

func newLine(to net.Addr, write func([]byte, net.Addr) (int, error), gone func()) *line {
	return &line{
		to: to, write: write, gone: gone, in: make(chan []byte, lineDepth), closed: make(chan struct{}), deadline: deadline.New(),
	}
}

// push hands a datagram over; it never blocks.
func (l *line) push(b []byte) {
	select {
	case l.in <- append([]byte(nil), b...):
	default:
	}
}

// ReadFrom implements net.PacketConn.
func (l *line) ReadFrom(b []byte) (int, net.Addr, error) {
	select {
	case <-l.deadline.Done():
		return 0, nil, l.deadline.Err()
	default:
	}
	select {
	case d := <-l.in:
		return copy(b, d), l.to, nil
	case <-l.closed:
		return 0, nil, io.EOF
	case <-l.deadline.Done():
		return 0, nil, context.DeadlineExceeded
	}
}

// WriteTo implements net.PacketConn.
func (l *line) WriteTo(b []byte, _ net.Addr) (int, error) {
	select {
	case <-l.closed:
		return 0, net.ErrClosed
	default:
	}
	if len(b) > maxLine-2-cookieSize {
		return 0, errors.New("relay: datagram too long")
	}
	out := make([]byte, 0, maxLine)
	if c := l.cookie.Load(); c != nil {
		out = append(append(out, relayByte, isOpen), *c...)
	} else {
		out = append(out, relayByte, isData)
	}
	if _, err := l.write(append(out, b...), l.to); err != nil {
		return 0, err
	}
	return len(b), nil
}

// Close implements net.PacketConn.
func (l *line) Close() error {
	l.once.Do(func() {
		close(l.closed)
		l.gone()
	})
	return nil
}

// LocalAddr implements net.PacketConn; DTLS does not look at it.
func (l *line) LocalAddr() net.Addr { return &net.UDPAddr{} }

// SetDeadline implements net.PacketConn.
func (l *line) SetDeadline(t time.Time) error { return l.SetReadDeadline(t) }

// SetReadDeadline implements net.PacketConn.
func (l *line) SetReadDeadline(t time.Time) error {
	l.deadline.Set(t)
	return nil
}

// SetWriteDeadline implements net.PacketConn: writing to a UDP socket does not wait.
func (l *line) SetWriteDeadline(time.Time) error { return nil }

// port takes in the links of other nodes on the media port.
type port struct {
	conn   net.PacketConn
	secret [32]byte
	accept func(*line)
	most   int

	mu    sync.Mutex
	lines map[netip.AddrPort]*line
}

func newPort(conn net.PacketConn, most int, accept func(*line)) *port {
	p := &port{conn: conn, accept: accept, most: most, lines: map[netip.AddrPort]*line{}}
	_, _ = rand.Read(p.secret[:]) // it never fails
	return p
}

// cookie proves that who shows it can be reached at the address.
func (p *port) cookie(from netip.AddrPort) []byte {
	h := hmac.New(sha256.New, p.secret[:])
	b, _ := from.MarshalBinary()
	h.Write(b)
	return h.Sum(nil)[:cookieSize]
}

// run reads until the port is closed.
func (p *port) run() {
	buf := make([]byte, maxLine)
	for {
		n, addr, err := p.conn.ReadFrom(buf)
		if err != nil {
			return
		}
		a, ok := addr.(*net.UDPAddr)
		if !ok || n < 2 || buf[0] != relayByte {
			continue
		}
		from := netip.AddrPortFrom(a.AddrPort().Addr().Unmap(), a.AddrPort().Port())
		p.take(buf[1], buf[2:n], from, addr)
	}
}

func (p *port) take(what byte, b []byte, from netip.AddrPort, addr net.Addr) {
	switch what {
	case isKnock:
		if len(b) >= knockSize-2 {
			_, _ = p.conn.WriteTo(append([]byte{relayByte, isCookie}, p.cookie(from)...), addr) // lost like any datagram
		}
	case isData:
		if l := p.find(from); l != nil {
			l.push(b)
		}
	case isOpen:
		if len(b) <= cookieSize || !hmac.Equal(b[:cookieSize], p.cookie(from)) {
			return
		}
		l, fresh := p.open(from, addr)
		if l == nil {
			return
		}
		l.push(b[cookieSize:])
		if fresh {
			p.accept(l)
		}
	}
}

func (p *port) find(from netip.AddrPort) *line {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lines[from]
}

func (p *port) open(from netip.AddrPort, addr net.Addr) (l *line, fresh bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if l = p.lines[from]; l != nil {
		return l, false
	}
	if len(p.lines) >= p.most || p.nearLocked(from.Addr()) >= linesEach {
		return nil, false
	}
	l = newLine(addr, p.conn.WriteTo, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.lines[from] == l {
			delete(p.lines, from)
		}
	})
	l.from = from.Addr()
	p.lines[from] = l
	return l, true
}

// nearLocked counts the lines of an address.
func (p *port) nearLocked(a netip.Addr) (n int) {
	for at := range p.lines {
		if oneOwner(at.Addr()) == oneOwner(a) {
			n++
		}
	}
	return n
}

// oneOwner is what one machine, or one NAT, has of addresses: an IPv4 address, or the /64 of an IPv6 address.
func oneOwner(a netip.Addr) netip.Prefix {
	if a.Is6() {
		return netip.PrefixFrom(a, 64).Masked()
	}
	return netip.PrefixFrom(a, a.BitLen())
}

// dialLine knocks at an address until it answers.
func dialLine(ctx context.Context, sock net.PacketConn, to net.Addr) (*line, error) {
	l := newLine(to, sock.WriteTo, func() { _ = sock.Close() })
	knock := make([]byte, knockSize)
	knock[0], knock[1] = relayByte, isKnock
	answered := make(chan struct{})
	go func() { // ends with the socket, which the line closes
		buf := make([]byte, maxLine)
		for {
			n, from, err := sock.ReadFrom(buf)
			if err != nil {
				_ = l.Close()
				return
			}
			switch {
			case n < 2 || buf[0] != relayByte || from.String() != to.String():
			case buf[1] == isCookie && n == 2+cookieSize && l.cookie.Load() == nil:
				c := append([]byte(nil), buf[2:n]...)
				if l.cookie.CompareAndSwap(nil, &c) {
					select {
					case <-answered: // a late one: the handshake is over
						l.cookie.Store(nil)
					default:
						close(answered)
					}
				}
			case buf[1] == isData:
				l.push(buf[2:n])
			}
		}
	}()
	again := time.NewTicker(250 * time.Millisecond)
	defer again.Stop()
	for {
		if _, err := sock.WriteTo(knock, to); err != nil {
			return nil, errors.Join(err, l.Close())
		}
		select {
		case <-answered:
			return l, nil
		case <-again.C:
		case <-l.closed:
			return nil, net.ErrClosed
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), l.Close())
		}
	}
}
