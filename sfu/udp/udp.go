// Package udp sends and receives datagrams in batches. What a viewer costs is walks through the kernel's UDP stack,
// not bytes: sendmmsg(2) saves the system call, and segmentation offload (UDP_SEGMENT, Linux 4.18) saves the walk for
// every datagram of equal size to the same address. A frame's packets for one viewer are one walk.
//
// A Conn may be read by one goroutine and written by many, each through a Batch of its own.
package udp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync/atomic"
)

const (
	// MaxDatagram is the largest datagram a Batch takes: an Ethernet frame's payload.
	MaxDatagram = 1500
	// arena is the size of a Batch's buffer; when it is full the batch flushes by itself. 128 KiB are about 100
	// packets: larger arenas leave the second-level cache.
	arena = 128 << 10
	// maxMessages is the most messages handed to one sendmmsg; when reached the batch flushes by itself.
	maxMessages = 128
	// maxSegments is UDP_MAX_SEGMENTS of Linux up to 6.8; newer kernels take 128.
	maxSegments = 64
	// maxGSO keeps a segmented message within the largest UDP payload over IPv4.
	maxGSO = 65_000
	// socketBuffer is asked for in both directions. A keyframe to a thousand viewers is 30 MB; what the kernel
	// does not grant is paced by the caller.
	socketBuffer = 4 << 20
)

// Stats counts what a Conn did since it was opened.
type Stats struct {
	Datagrams atomic.Uint64 // sent
	Bytes     atomic.Uint64 // in them
	Messages  atomic.Uint64 // walks through the kernel: one per address and run of equal sizes
	Calls     atomic.Uint64 // system calls
	Dropped   atomic.Uint64 // refused by the kernel: unreachable, no buffer
}

// ErrGSODisabled tells, once, that a network card or route refused segmentation (EIO) and that the Conn goes on
// without it. The datagrams of the call were sent one by one; Retry is what that brought.
type ErrGSODisabled struct{ Retry error }

// Error says so.
func (e ErrGSODisabled) Error() string { return "UDP segmentation offload was refused and is off now" }

// Unwrap gives the error of the second try, if any.
func (e ErrGSODisabled) Unwrap() error { return e.Retry }

// Conn is a UDP socket.
type Conn struct {
	Stats Stats
	pc    net.PacketConn
	udp   *net.UDPConn // pc, if it is one; else there are no batches, only their interface
	v6    bool         // an AF_INET6 socket: IPv4 addresses must be mapped
	gso   atomic.Bool  // segmentation works so far
	impl
}

// Listen opens one UDP socket. The address may be ":8443", "127.0.0.1:0" or "[::1]:8443"; an unspecified host
// listens on IPv4 and IPv6.
func Listen(ctx context.Context, address string) (*Conn, error) {
	conns, err := ListenShards(ctx, address, 1)
	if err != nil {
		return nil, err
	}
	return conns[0], nil
}

// ListenShards opens n sockets on one address with SO_REUSEPORT, so that each core reads and writes its own. The
// kernel sends all datagrams of one peer address to the same socket. Where that does not exist, n is taken as 1.
func ListenShards(ctx context.Context, address string, n int) ([]*Conn, error) {
	if !reusePort {
		n = 1
	}
	lc := net.ListenConfig{}
	if n > 1 {
		// Sockets that share a port let anybody of the same user share it, a second server by mistake too. So first it is
		// taken alone.
		alone, err := lc.ListenPacket(ctx, "udp", address)
		if err != nil {
			return nil, fmt.Errorf("listen on %s: %w", address, err)
		}
		address = alone.LocalAddr().String()
		if err := alone.Close(); err != nil {
			return nil, fmt.Errorf("listen on %s: %w", address, err)
		}
		lc.Control = setReusePort
	}
	conns := make([]*Conn, 0, n)
	fail := func(err error) ([]*Conn, error) {
		for _, c := range conns {
			err = errors.Join(err, c.Close())
		}
		return nil, err
	}
	for range n {
		pc, err := lc.ListenPacket(ctx, "udp", address)
		if err != nil {
			return fail(fmt.Errorf("listen on %s: %w", address, err))
		}
		c, err := Wrap(pc)
		if err != nil {
			return fail(errors.Join(err, pc.Close()))
		}
		conns = append(conns, c)
		address = pc.LocalAddr().String() // port 0 is chosen once
	}
	return conns, nil
}

// Wrap takes over an open socket. One that is not a *net.UDPConn, as of a virtual network, is written and read one
// datagram at a time.
func Wrap(pc net.PacketConn) (*Conn, error) {
	c := &Conn{pc: pc}
	u, ok := pc.(*net.UDPConn)
	if !ok {
		return c, nil
	}
	c.udp = u
	_ = u.SetReadBuffer(socketBuffer)  // the kernel's limit may be lower: it grants what it likes
	_ = u.SetWriteBuffer(socketBuffer) // likewise
	if err := c.probe(); err != nil {
		return nil, fmt.Errorf("probe %s: %w", u.LocalAddr(), err)
	}
	return c, nil
}

// GSO tells whether segmentation is in use.
func (c *Conn) GSO() bool { return c.gso.Load() }

// Close closes the socket; a Reader then ends.
func (c *Conn) Close() error { return c.pc.Close() }

// LocalAddr is the address the socket is bound to.
func (c *Conn) LocalAddr() net.Addr { return c.pc.LocalAddr() }

// LocalAddrPort is the same; the zero value if it is no IP address.
func (c *Conn) LocalAddrPort() netip.AddrPort { return addrPort(c.pc.LocalAddr()) }

// WriteTo sends one datagram by itself.
func (c *Conn) WriteTo(b []byte, to netip.AddrPort) (int, error) {
	n, err := c.writeTo(b, to)
	c.Stats.Calls.Add(1)
	if err != nil {
		c.Stats.Dropped.Add(1)
		return n, err
	}
	c.Stats.Datagrams.Add(1)
	c.Stats.Bytes.Add(uint64(len(b)))
	c.Stats.Messages.Add(1)
	return n, nil
}

func (c *Conn) writeTo(b []byte, to netip.AddrPort) (int, error) {
	if c.udp != nil {
		return c.udp.WriteToUDPAddrPort(b, to)
	}
	return c.pc.WriteTo(b, net.UDPAddrFromAddrPort(to))
}

// writeEach sends the datagrams one by one: the portable way.
func (c *Conn) writeEach(buf []byte, msgs []message) error {
	for _, m := range msgs {
		_, err := c.WriteTo(buf[m.start:m.end], m.to)
		if errors.Is(err, net.ErrClosed) || errors.Is(err, io.ErrClosedPipe) {
			return net.ErrClosed
		}
	}
	return nil
}

// readOne waits for one datagram.
func (c *Conn) readOne(m *Datagram) error {
	if c.udp != nil {
		n, from, err := c.udp.ReadFromUDPAddrPort(m.Buf)
		m.N, m.From = n, netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		return err
	}
	n, from, err := c.pc.ReadFrom(m.Buf)
	if err != nil {
		return err
	}
	m.N, m.From = n, addrPort(from)
	return nil
}

func addrPort(a net.Addr) netip.AddrPort {
	u, ok := a.(*net.UDPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	ap := u.AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

// message is a run of datagrams to one address: all of size seg but the last, which may be smaller.
type message struct {
	to         netip.AddrPort
	start, end int // in the arena
	seg        int
	count      int
	closed     bool // a smaller datagram ended it
}

// Batch gathers datagrams and sends them together. It belongs to one goroutine.
type Batch struct {
	conn *Conn
	buf  []byte
	used int
	msgs []message
	raw  rawBatch
}

// NewBatch makes an empty batch with its own arena.
func (c *Conn) NewBatch() *Batch {
	b := &Batch{conn: c, buf: make([]byte, arena), msgs: make([]message, 0, maxMessages)}
	b.raw.init()
	return b
}

// Room gives MaxDatagram bytes to write the next datagram into. It flushes first when the batch is full; the error
// is that of the flush, and the room is good all the same.
func (b *Batch) Room() (room []byte, err error) {
	if len(b.buf)-b.used < MaxDatagram || len(b.msgs) == cap(b.msgs) {
		err = b.Flush()
	}
	return b.buf[b.used : b.used+MaxDatagram : b.used+MaxDatagram], err
}

// Commit adds the first n bytes of the last Room as a datagram to the address.
func (b *Batch) Commit(to netip.AddrPort, n int) {
	start := b.used
	b.used += n
	if k := len(b.msgs); k > 0 && b.conn.gso.Load() {
		m := &b.msgs[k-1]
		if !m.closed && m.to == to && n <= m.seg && m.count < maxSegments && b.used-m.start <= maxGSO {
			m.end, m.count, m.closed = b.used, m.count+1, n < m.seg
			return
		}
	}
	b.msgs = append(b.msgs, message{to: to, start: start, end: b.used, seg: n, count: 1})
}

// Len is the number of messages waiting.
func (b *Batch) Len() int { return len(b.msgs) }

// Flush sends everything and empties the batch. A datagram the kernel refuses (unreachable address, no buffers) is
// counted in Stats.Dropped and is no error: UDP promises nothing. Errors: ErrGSODisabled once, net.ErrClosed.
func (b *Batch) Flush() error {
	if len(b.msgs) == 0 {
		return nil
	}
	err := b.send(b.msgs)
	b.used, b.msgs = 0, b.msgs[:0]
	return err
}

// split cuts a message into its datagrams, for a kernel that will not.
func (m message) split(dst []message) []message {
	for at := m.start; at < m.end; at += m.seg {
		end := min(at+m.seg, m.end)
		dst = append(dst, message{to: m.to, start: at, end: end, seg: end - at, count: 1})
	}
	return dst
}

// Datagram is one received datagram: Buf is given by the reader, N and From are set by ReadBatch.
type Datagram struct {
	Buf  []byte
	N    int
	From netip.AddrPort
}
