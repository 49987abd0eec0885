// Package lite is the transport of a viewer who only receives: an ICE-lite responder (RFC 8445 section 2.5), DTLS
// through pion/dtls for the handshake alone, then SRTP contexts of pion/srtp that seal straight into the send
// buffer. An established viewer has no goroutine: its STUN checks and RTCP are handled by the reader of the socket
// they arrive on, its media is sealed by the shard that owns it, and one sweep per second finds the silent ones.
package lite

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/stun/v4"

	"betang/sfu/udp"
)

const (
	// Rebound is how long the address that media go to may be silent before another that proves itself takes over without being
	// nominated: a NAT may have forgotten it. A publisher sends all the time; from who only listens come reports and checks every
	// 1 to 2.5 s, and proofs of consent every 4 to 6 s where there is one path alone.
	Rebound = 3 * time.Second
	// sweepEvery is how often silence is looked for.
	sweepEvery = time.Second
	// readBatch is the most datagrams one recvmmsg brings.
	readBatch = 32
	// handshakes bounds DTLS handshakes under way; the next ones wait their turn and the viewer's retransmissions
	// carry them over.
	handshakes = 256
)

// Config is how a Host is made.
type Config struct {
	Conns []*udp.Conn // one reader each; the caller closes them, before Host.Close
	Cert  tls.Certificate
	// Other gets the datagrams that belong to no viewer of this package; it must not keep them. nil drops them.
	Other func(datagram []byte, from netip.AddrPort)
	// Quiet is how long nothing may come from a viewer before it counts as disconnected, Lost before it is given up.
	// Browsers check consent every 2.5 to 6 s (RFC 7675). 0: 8 s and 20 s.
	Quiet, Lost time.Duration
}

// Host owns the sockets and knows which datagram is whose.
type Host struct {
	conns []*udp.Conn
	cert  tls.Certificate
	sum   [sha256.Size]byte
	other func(datagram []byte, from netip.AddrPort)
	quiet time.Duration
	lost  time.Duration
	turn  chan struct{} // a place for a handshake

	mu     sync.RWMutex // guards the maps; never held while calling out
	ufrags map[string]*Transport
	addrs  map[netip.AddrPort]*Transport

	stop context.CancelFunc
	ctx  context.Context
	wg   sync.WaitGroup // readers, sweep, handshakes
}

// NewHost starts a reader per socket.
func NewHost(cfg Config) (*Host, error) {
	if len(cfg.Conns) == 0 || len(cfg.Cert.Certificate) == 0 {
		return nil, errors.New("lite: a host needs a socket and a certificate")
	}
	h := &Host{
		conns: cfg.Conns, cert: cfg.Cert, sum: sha256.Sum256(cfg.Cert.Certificate[0]), other: cfg.Other,
		quiet: cfg.Quiet, lost: cfg.Lost, turn: make(chan struct{}, handshakes),
		ufrags: map[string]*Transport{}, addrs: map[netip.AddrPort]*Transport{},
	}
	if h.quiet <= 0 {
		h.quiet = 8 * time.Second
	}
	if h.lost <= 0 {
		h.lost = 20 * time.Second
	}
	h.ctx, h.stop = context.WithCancel(context.Background())
	h.wg.Add(len(h.conns) + 1)
	for _, c := range h.conns {
		go h.read(c)
	}
	go h.sweep()
	return h, nil
}

// Fingerprint is the SHA-256 of the certificate, for the answer.
func (h *Host) Fingerprint() []byte { return h.sum[:] }

// Len is the number of transports.
func (h *Host) Len() int {
	h.mu.RLock()
	defer h.mu.RUnlock()
	n := 0
	for ufrag, t := range h.ufrags {
		if t.local.Load().ufrag == ufrag {
			n++
		}
	}
	return n
}

// Close ends every transport and waits for the readers; the sockets are the caller's and must be closed by it
// first, for a reader waits in its socket.
func (h *Host) Close() {
	h.stop()
	for _, t := range h.all() {
		t.Close()
	}
	h.wg.Wait()
}

func (h *Host) all() []*Transport {
	h.mu.RLock()
	defer h.mu.RUnlock()
	seen := make(map[*Transport]bool, len(h.ufrags))
	list := make([]*Transport, 0, len(h.ufrags))
	for _, t := range h.ufrags {
		if !seen[t] {
			seen[t] = true
			list = append(list, t)
		}
	}
	return list
}

// read is one socket's reader.
func (h *Host) read(c *udp.Conn) {
	defer h.wg.Done()
	r := c.NewReader(readBatch)
	ms := make([]udp.Datagram, readBatch)
	for i := range ms {
		ms[i].Buf = make([]byte, udp.MaxDatagram)
	}
	in := receiver{host: h, conn: c, request: stun.New(), reply: stun.New()}
	for {
		n, err := r.Read(ms)
		if err != nil {
			return // closed
		}
		now := time.Now()
		for _, m := range ms[:n] {
			in.handle(m.Buf[:m.N], m.From, now)
		}
	}
}

// receiver is one reader's scratch memory.
type receiver struct {
	host           *Host
	conn           *udp.Conn
	request, reply *stun.Message
	plain          []byte
}

// RelayByte begins the datagrams between nodes. RFC 7983 gives it to nobody.
const RelayByte = 8

// handle tells datagrams apart by their first byte (RFC 7983 section 7).
func (r *receiver) handle(data []byte, from netip.AddrPort, now time.Time) {
	if len(data) == 0 {
		return
	}
	switch first := data[0]; {
	case first <= 3:
		if r.check(data, from, now) {
			return
		}
	case first >= 20 && first <= 63:
		if t := r.host.byAddr(from); t != nil {
			t.record(data, now)
			return
		}
	case first >= 128 && first <= 191:
		if t := r.host.byAddr(from); t != nil {
			t.heardFrom(from, now)
			r.plain = t.rtcp(r.plain, data, now)
			return
		}
	case first >= 64 && first <= 79, first == RelayByte: // a TURN channel; another node
	default:
		return // nothing of WebRTC's
	}
	if r.host.other != nil {
		r.host.other(data, from)
	}
}

// check answers a binding request for one of our transports; false leaves the datagram to others.
func (r *receiver) check(data []byte, from netip.AddrPort, now time.Time) bool {
	if !stun.IsMessage(data) {
		return false
	}
	r.request.Raw = append(r.request.Raw[:0], data...)
	if r.request.Decode() != nil {
		return false
	}
	ufrag, err := ufragOf(r.request)
	if err != nil {
		return false
	}
	r.host.mu.RLock()
	t := r.host.ufrags[ufrag]
	r.host.mu.RUnlock()
	if t == nil {
		return false
	}
	pwd, ok := t.password(ufrag)
	if !ok {
		return true
	}
	nominated, err := answerCheck(r.request, r.reply, pwd, from)
	if err != nil {
		return true // forged or damaged: no answer
	}
	t.seen(now)
	r.host.learn(t, ufrag, from, nominated, now)
	_, _ = r.conn.WriteTo(r.reply.Raw, from) // lost like any datagram: the check is sent again
	return true
}

func (h *Host) byAddr(from netip.AddrPort) *Transport {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.addrs[from]
}

// learn remembers that an address proved to be the transport's, and moves its media there once nominated, or when
// nothing comes from the one before any more: a NAT that forgot its binding gives the viewer a new address without its
// knowledge, so nothing is nominated again.
func (h *Host) learn(t *Transport, ufrag string, from netip.AddrPort, nominated bool, now time.Time) {
	current := t.address()
	if h.byAddr(from) != t {
		h.mu.Lock()
		if !t.closed() {
			if len(t.known) >= maxAddresses {
				delete(h.addrs, t.known[0])
				t.known = append(t.known[:0], t.known[1:]...)
			}
			h.addrs[from] = t
			t.known = append(t.known, from)
		}
		h.mu.Unlock()
	}
	if from != current && (nominated || !current.IsValid() || t.here.age(now) >= Rebound) {
		t.addr.Store(&from)
	}
	t.heardFrom(from, now)
	if old := t.previous.Load(); old != nil && ufrag != old.ufrag {
		// The restarted side speaks: the credentials before are worthless now (RFC 8445 section 9).
		t.previous.Store(nil)
		h.mu.Lock()
		delete(h.ufrags, old.ufrag)
		h.mu.Unlock()
	}
}

// forget drops every trace of a transport.
func (h *Host) forget(t *Transport) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.ufrags, t.local.Load().ufrag)
	if old := t.previous.Load(); old != nil {
		delete(h.ufrags, old.ufrag)
	}
	for _, a := range t.known {
		if h.addrs[a] == t {
			delete(h.addrs, a)
		}
	}
	t.known = nil
}

// sweep finds the silent once a second.
func (h *Host) sweep() {
	defer h.wg.Done()
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-h.ctx.Done():
			return
		case now := <-tick.C:
			for _, t := range h.all() {
				t.silence(now)
			}
		}
	}
}

// clock is a monotonic millisecond, comparable between goroutines.
type clock struct{ ms atomic.Int64 }

func (c *clock) set(t time.Time) { c.ms.Store(t.UnixMilli()) }
func (c *clock) never() bool     { return c.ms.Load() == 0 }
func (c *clock) age(now time.Time) time.Duration {
	return time.Duration(now.UnixMilli()-c.ms.Load()) * time.Millisecond
}
