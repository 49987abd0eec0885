package turn

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/pion/turn/v5"

	"betang/sfu/icetcp"
)

// maxPeers of an allocation: an answer names a few addresses, and all are the same port.
const maxPeers = 6

var (
	errTCP  = errors.New("turn: relays datagrams only")
	errFull = errors.New("turn: no room for another allocation")
)

// relays makes the relay side of allocations, for pion.
type relays struct{ s *Server }

var _ turn.RelayAddressGenerator = relays{}

// Validate has nothing to find.
func (r relays) Validate() error { return nil }

// AllocatePacketConn makes a relay; its address is announced to nobody but the client.
func (r relays) AllocatePacketConn(c turn.AllocateListenerConfig) (net.PacketConn, net.Addr, error) {
	if !r.s.take(c.UserID) {
		return nil, nil, errFull
	}
	l := &relay{s: r.s, user: c.UserID, queue: icetcp.NewQueue()}
	first, err := l.socket(0)
	if err != nil {
		_ = l.Close()
		return nil, nil, err
	}
	addr := first.LocalAddr().(*net.UDPAddr)
	if c.Network == "udp6" && addr.IP.To4() != nil {
		addr = &net.UDPAddr{IP: net.IPv6loopback, Port: addr.Port} // the client looks at its family
	}
	return l, addr, nil
}

// AllocateListener refuses RFC 6062.
func (r relays) AllocateListener(turn.AllocateListenerConfig) (net.Listener, net.Addr, error) {
	return nil, nil, errTCP
}

// AllocateConn refuses RFC 6062.
func (r relays) AllocateConn(turn.AllocateConnConfig) (net.Conn, error) { return nil, errTCP }

// relay is one allocation's side towards the media port. It is no socket of the network: each peer address the client
// uses, all of them the media port's, is a UDP socket on this machine, so that answers go back under the address the
// client knows. What the client is too slow for is dropped as in ICE-TCP.
type relay struct {
	s     *Server
	user  string
	queue *icetcp.Queue

	mu     sync.Mutex
	closed bool
	peers  []netip.AddrPort
	socks  []*net.UDPConn
}

// socket is the one of the i-th peer.
func (r *relay) socket(i int) (*net.UDPConn, error) {
	if i < len(r.socks) {
		return r.socks[i], nil
	}
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(r.s.target))
	if err != nil {
		return nil, err
	}
	r.socks = append(r.socks, c)
	r.s.work.Go(func() {
		buf := make([]byte, maxFrame)
		for {
			n, err := c.Read(buf)
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err == nil { // else an ICMP error: the media port is away for a moment
				r.queue.Put(buf[:n], i)
			}
		}
	})
	return c, nil
}

// ReadFrom brings what the media port sent.
func (r *relay) ReadFrom(b []byte) (int, net.Addr, error) {
	data, i, ok := r.queue.Take()
	if !ok {
		return 0, nil, net.ErrClosed
	}
	r.mu.Lock()
	from := r.peers[i]
	r.mu.Unlock()
	n := copy(b, data)
	r.s.down.Add(uint64(n))
	return n, net.UDPAddrFromAddrPort(from), nil
}

// WriteTo sends to the media port, and to nothing else: what goes anywhere else is dropped, and so is TURN itself, or
// one could relay through relays.
func (r *relay) WriteTo(b []byte, to net.Addr) (int, error) {
	u, ok := to.(*net.UDPAddr)
	if !ok || IsDatagram(b) {
		return len(b), nil
	}
	a := u.AddrPort()
	sock := r.find(netip.AddrPortFrom(a.Addr().Unmap(), a.Port()))
	if sock == nil {
		r.s.stray.Add(1)
		return len(b), nil
	}
	r.s.up.Add(uint64(len(b)))
	if _, err := sock.Write(b); errors.Is(err, net.ErrClosed) {
		return 0, err
	}
	return len(b), nil
}

// find gives the socket of a peer; nil if it is none of ours.
func (r *relay) find(peer netip.AddrPort) *net.UDPConn {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, p := range r.peers {
		if p == peer {
			return r.socks[i]
		}
	}
	if r.closed || !r.s.ours[peer] || len(r.peers) == maxPeers {
		return nil
	}
	sock, err := r.socket(len(r.peers))
	if err != nil {
		return nil
	}
	r.peers = append(r.peers, peer)
	return sock
}

// Close frees the allocation's place.
func (r *relay) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return net.ErrClosed
	}
	r.closed = true
	for _, c := range r.socks {
		_ = c.Close()
	}
	r.s.dropped.Add(r.queue.Close())
	r.s.giveBack(r.user)
	return nil
}

// LocalAddr is the first socket's.
func (r *relay) LocalAddr() net.Addr {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.socks[0].LocalAddr()
}

// SetDeadline, SetReadDeadline and SetWriteDeadline do nothing: Close ends a read, and a write does not wait.
func (r *relay) SetDeadline(time.Time) error      { return nil }
func (r *relay) SetReadDeadline(time.Time) error  { return nil }
func (r *relay) SetWriteDeadline(time.Time) error { return nil }
