package lite

import (
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/pion/transport/v5/deadline"
)

// pipeDepth bounds the handshake records that wait for pion/dtls; more are dropped, and DTLS sends them again.
const pipeDepth = 16

// pipe is the net.PacketConn of one DTLS handshake: records come from the host's reader and go out through its
// socket. It is the only part of a transport that allocates per packet, and it lives for the handshake only.
type pipe struct {
	t      *Transport
	in     chan []byte
	closed chan struct{}
	done   atomic.Bool
	muted  atomic.Bool // swallow writes: the handshake is over and pion's goodbye is not wanted
	read   *deadline.Deadline
}

var _ net.PacketConn = (*pipe)(nil)

func newPipe(t *Transport) *pipe {
	return &pipe{t: t, in: make(chan []byte, pipeDepth), closed: make(chan struct{}), read: deadline.New()}
}

// push hands over a received record; it never blocks.
func (p *pipe) push(record []byte) {
	select {
	case p.in <- append([]byte(nil), record...):
	default:
	}
}

// ReadFrom gives the next record.
func (p *pipe) ReadFrom(b []byte) (int, net.Addr, error) {
	select {
	case record := <-p.in:
		return copy(b, record), p.LocalAddr(), nil
	case <-p.closed:
		return 0, nil, net.ErrClosed
	case <-p.read.Done():
		return 0, nil, &net.OpError{Op: "read", Net: "udp", Err: errTimeout{}}
	}
}

// WriteTo sends a record to where the viewer is now, whatever pion remembers.
func (p *pipe) WriteTo(b []byte, _ net.Addr) (int, error) {
	if p.done.Load() {
		return 0, net.ErrClosed
	}
	if to := p.t.address(); to.IsValid() && !p.muted.Load() {
		if _, err := p.t.host.conns[0].WriteTo(b, to); err != nil {
			return 0, err
		}
	}
	return len(b), nil
}

// Close ends reads and writes.
func (p *pipe) Close() error {
	if p.done.CompareAndSwap(false, true) {
		close(p.closed)
	}
	return nil
}

// LocalAddr stands for both ends: the transport's address may change in mid-handshake.
func (p *pipe) LocalAddr() net.Addr { return net.UDPAddrFromAddrPort(netip.AddrPort{}) }

// SetDeadline sets that of reads; writes never wait.
func (p *pipe) SetDeadline(t time.Time) error { return p.SetReadDeadline(t) }

// SetReadDeadline wakes ReadFrom at t.
func (p *pipe) SetReadDeadline(t time.Time) error {
	p.read.Set(t)
	return nil
}

// SetWriteDeadline does nothing: writes never wait.
func (p *pipe) SetWriteDeadline(time.Time) error { return nil }

// errTimeout is a net.Error that says so.
type errTimeout struct{}

func (errTimeout) Error() string   { return "i/o timeout" }
func (errTimeout) Timeout() bool   { return true }
func (errTimeout) Temporary() bool { return true }
