package sfu

import (
	"io"
	"net"
	"net/netip"
	"sync"
	"time"

	"betang/sfu/udp"
)

// sideDepth bounds the datagrams that wait for pion; more are dropped (side.full). A publisher sends some 200 a
// second, in bursts of a frame.
const sideDepth = 2048

// side is the port as pion sees it, ICE's or TURN's: it writes to the socket, and reads what is neither a lean viewer's nor
// the other's.
type side struct {
	conn   *udp.Conn
	count  *counters
	full   Drop // what a datagram that found the queue full counts as
	in     chan *sideDatagram
	spare  sync.Pool
	closed chan struct{}
	once   sync.Once
}

type sideDatagram struct {
	n    int
	from netip.AddrPort
	buf  [udp.MaxDatagram]byte
}

func newSide(conn *udp.Conn, c *counters, full Drop) *side {
	s := &side{conn: conn, count: c, full: full, in: make(chan *sideDatagram, sideDepth), closed: make(chan struct{})}
	s.spare.New = func() any { return new(sideDatagram) }
	return s
}

// push hands a datagram over; it never blocks.
func (s *side) push(b []byte, from netip.AddrPort) {
	d := s.spare.Get().(*sideDatagram)
	d.n, d.from = copy(d.buf[:], b), from
	select {
	case s.in <- d:
	default:
		s.count.drop(s.full, 1)
		s.spare.Put(d)
	}
}

// ReadFromAddrPort and WriteToAddrPort implement ice.AddrPortReaderWriter, which saves pion an allocation a packet.
func (s *side) ReadFromAddrPort(b []byte) (int, netip.AddrPort, error) {
	select {
	case d := <-s.in:
		n, from := copy(b, d.buf[:d.n]), d.from
		s.spare.Put(d)
		return n, from, nil
	case <-s.closed:
		return 0, netip.AddrPort{}, io.EOF
	}
}

// WriteToAddrPort sends one datagram.
func (s *side) WriteToAddrPort(b []byte, to netip.AddrPort) (int, error) {
	return s.conn.WriteTo(b, netip.AddrPortFrom(to.Addr().Unmap(), to.Port()))
}

// ReadFrom implements net.PacketConn.
func (s *side) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := s.ReadFromAddrPort(b)
	if err != nil {
		return 0, nil, err
	}
	return n, net.UDPAddrFromAddrPort(from), nil
}

// WriteTo implements net.PacketConn.
func (s *side) WriteTo(b []byte, to net.Addr) (int, error) {
	a, ok := to.(*net.UDPAddr)
	if !ok {
		return 0, net.InvalidAddrError("not a UDP address")
	}
	return s.WriteToAddrPort(b, a.AddrPort())
}

// Close ends reads; the socket is the engine's.
func (s *side) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}

// LocalAddr is the socket's.
func (s *side) LocalAddr() net.Addr { return s.conn.LocalAddr() }

// SetDeadline, SetReadDeadline and SetWriteDeadline do nothing: pion's mux reads until it is closed, and a write to a UDP
// socket waits for the kernel's buffer at most.
func (s *side) SetDeadline(time.Time) error      { return nil }
func (s *side) SetReadDeadline(time.Time) error  { return nil }
func (s *side) SetWriteDeadline(time.Time) error { return nil }
