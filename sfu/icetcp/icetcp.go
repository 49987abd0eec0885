// Package icetcp carries media over TCP for those whose network lets no UDP through: passive ICE-TCP (RFC 6544) with
// the framing of RFC 4571. Each connection gets a UDP socket of its own towards the media port on this machine, so that
// every transport behind that port sees an ordinary datagram peer whose address is the connection's.
package icetcp

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// Peek is how many first bytes IsFramed wants.
	Peek = 10
	// maxDatagram is the longest frame taken from a client.
	maxDatagram = 1600
	// idleAfter is when a connection that says nothing is given up; ICE proves consent every few seconds.
	idleAfter = 30 * time.Second
	// stuckAfter is how long one write may take.
	stuckAfter = 10 * time.Second
	// sendBuffer bounds what the kernel keeps for a slow connection behind our queue.
	sendBuffer = 64 << 10
)

// ErrBusy says that the server holds as many connections as it may.
var ErrBusy = errors.New("icetcp: too many connections")

// IsFramed tells ICE-TCP by its first Peek bytes: the length of a frame, then a STUN binding request with its
// magic cookie (RFC 8489 section 5). A request is all an active side may begin with.
func IsFramed(first []byte) bool {
	return len(first) >= Peek && binary.BigEndian.Uint16(first) >= 20 && first[2] == 0 && first[3] == 1 &&
		binary.BigEndian.Uint32(first[6:]) == 0x2112a442
}

// Server carries connections to one media port.
type Server struct {
	target netip.AddrPort
	max    int

	dropped atomic.Uint64

	mu     sync.Mutex
	closed bool
	conns  map[net.Conn]net.Conn // each with its UDP socket
	work   sync.WaitGroup
}

// New serves the media port at addr (of a listener on all addresses: its loopback). At most max connections at a time.
func New(addr netip.AddrPort, max int) *Server {
	return &Server{target: Inside(addr), max: max, conns: map[net.Conn]net.Conn{}}
}

// Inside is where this machine reaches a media port that listens on addr.
func Inside(addr netip.AddrPort) netip.AddrPort {
	ip := addr.Addr().Unmap()
	if ip.IsUnspecified() {
		// A socket on [::] takes IPv4 as well, and 127.0.0.1 exists where IPv6 is switched off.
		ip = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	return netip.AddrPortFrom(ip, addr.Port())
}

// Len is the number of connections.
func (s *Server) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

// Dropped is how many datagrams connections that have ended were too slow for.
func (s *Server) Dropped() uint64 { return s.dropped.Load() }

// Serve carries one connection until either side ends it; it closes the connection.
func (s *Server) Serve(conn net.Conn) error {
	defer conn.Close()
	media, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(s.target))
	if err != nil {
		return err
	}
	defer media.Close()
	s.mu.Lock()
	if s.closed || len(s.conns) >= s.max {
		s.mu.Unlock()
		return ErrBusy
	}
	s.conns[conn] = media
	s.work.Add(1)
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.conns, conn)
		s.mu.Unlock()
		s.work.Done()
	}()
	if t, ok := conn.(interface{ SetWriteBuffer(int) error }); ok {
		_ = t.SetWriteBuffer(sendBuffer)
	}
	q := NewQueue()
	var out sync.WaitGroup
	out.Go(func() {
		buf := make([]byte, maxDatagram)
		for {
			n, err := media.Read(buf)
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err == nil { // else an ICMP error: the media port is away for a moment
				q.Put(buf[:n], 0)
			}
		}
	})
	out.Go(func() {
		defer conn.Close()
		_ = writeFrames(conn, q)
	})
	err = readFrames(conn, media)
	s.dropped.Add(q.Close())
	_ = conn.Close()
	_ = media.Close()
	out.Wait()
	return err
}

// Close ends all connections and waits for them.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	for c, m := range s.conns {
		_ = c.Close()
		_ = m.Close()
	}
	s.mu.Unlock()
	s.work.Wait()
}

// readFrames sends each frame as a datagram.
func readFrames(conn net.Conn, media io.Writer) error {
	buf := make([]byte, 2+maxDatagram)
	for {
		if err := conn.SetReadDeadline(time.Now().Add(idleAfter)); err != nil {
			return err
		}
		data, err := readFrame(conn, buf)
		if err != nil {
			return err
		}
		if len(data) == 0 {
			continue
		}
		if _, err := media.Write(data); errors.Is(err, net.ErrClosed) {
			return err
		}
	}
}

var errTooLong = errors.New("icetcp: frame longer than a datagram")

// readFrame reads one RFC 4571 frame into buf.
func readFrame(r io.Reader, buf []byte) ([]byte, error) {
	if _, err := io.ReadFull(r, buf[:2]); err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint16(buf))
	if n > len(buf)-2 {
		return nil, errTooLong
	}
	_, err := io.ReadFull(r, buf[2:2+n])
	if errors.Is(err, io.EOF) { // after its length: not between two frames
		err = io.ErrUnexpectedEOF
	}
	return buf[2 : 2+n], err
}

func writeFrames(conn net.Conn, q *Queue) error {
	buf := make([]byte, 2+maxDatagram)
	for {
		data, _, ok := q.Take()
		if !ok {
			return net.ErrClosed
		}
		binary.BigEndian.PutUint16(buf, uint16(len(data)))
		n := copy(buf[2:], data)
		if err := conn.SetWriteDeadline(time.Now().Add(stuckAfter)); err != nil {
			return err
		}
		if _, err := conn.Write(buf[:2+n]); err != nil {
			return err
		}
	}
}
