// Package turn is a TURN server (RFC 8656) that relays to one media port and to nothing else: the way in for who may speak
// TLS to port 443 and no more. It listens to nothing itself: it is handed the datagrams of the media port that are TURN's
// and the connections of the web's port that begin with it.
package turn

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/logging"
	"github.com/pion/stun/v4"
	"github.com/pion/turn/v5"

	"betang/sfu/icetcp"
)

// Realm of the credentials.
const Realm = "betang"

const (
	// perHolder is how many allocations one's credentials open: a browser asks for UDP, TCP and TLS on each of its networks,
	// and again before the old ones have ended.
	perHolder = 12
	// halfOpen bounds the connections that have no allocation yet; one more, and the oldest of them ends.
	halfOpen = 512
)

// ErrBusy says that the server holds as many connections as it may.
var ErrBusy = errors.New("turn: too many connections")

// Config is how a server is made.
type Config struct {
	Secret Secret
	Media  netip.AddrPort        // where the media port listens
	Addrs  []netip.AddrPort      // what answers call it: the only peers
	Conn   net.PacketConn        // the media port's TURN datagrams; nil: none. The server closes it
	Max    int                   // allocations at a time, and as many connections
	Log    logging.LoggerFactory // pion's words; nil: none
}

// Stats counts.
type Stats struct {
	Connections int    // over TCP and TLS, now
	Allocations int    // over UDP too, now
	Allocated   uint64 // since the start
	Refused     uint64 // for want of room
	BytesUp     uint64 // from clients to the media port
	BytesDown   uint64
	Stray       uint64 // datagrams to anything but the media port: dropped
	Dropped     uint64 // by allocations that have ended, for clients too slow
}

// Server is a TURN server.
type Server struct {
	secret Secret
	target netip.AddrPort
	ours   map[netip.AddrPort]bool
	ips    map[netip.Addr]bool
	max    int
	pion   *turn.Server
	front  *handed

	up, down, stray, dropped, refused, allocated atomic.Uint64
	work                                         sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	streams map[string]*stream // by remote address
	open    int                // allocations
	holders map[string]int
}

// New starts a server.
func New(c Config) (*Server, error) {
	if c.Log == nil {
		c.Log = &logging.DefaultLoggerFactory{DefaultLogLevel: logging.LogLevelDisabled}
	}
	s := &Server{
		secret: c.Secret, target: icetcp.Inside(c.Media), max: c.Max, front: newHanded(c.Media),
		ours: map[netip.AddrPort]bool{}, ips: map[netip.Addr]bool{}, streams: map[string]*stream{}, holders: map[string]int{},
	}
	for _, a := range c.Addrs {
		ip := a.Addr().Unmap()
		s.ours[netip.AddrPortFrom(ip, a.Port())] = true
		s.ips[ip] = true
	}
	cfg := turn.ServerConfig{
		Realm: Realm, AuthHandler: s.authorize, QuotaHandler: func(user, _ string, _ net.Addr) bool { return s.room(user) },
		EventHandler:  turn.EventHandler{OnAllocationCreated: s.created},
		LoggerFactory: c.Log, InboundMTU: maxFrame + 1,
		ListenerConfigs: []turn.ListenerConfig{{Listener: s.front, RelayAddressGenerator: relays{s}, PermissionHandler: s.permit}},
	}
	if c.Conn != nil {
		cfg.PacketConnConfigs = []turn.PacketConnConfig{{
			PacketConn: c.Conn, RelayAddressGenerator: relays{s}, PermissionHandler: s.permit,
		}}
	}
	var err error
	s.pion, err = turn.NewServer(cfg)
	return s, err
}

// authorize knows our own credentials. A user ID leaves out until when they are good, so that those made again for the
// same session share its quota.
func (s *Server) authorize(a *turn.RequestAttributes) (id string, key []byte, ok bool) {
	id, until, ok := holder(a.Username)
	if !ok {
		return "", nil, false
	}
	if a.Method != stun.MethodAllocate {
		until = until.Add(keep)
	}
	if time.Now().After(until) {
		return "", nil, false
	}
	return id, turn.GenerateAuthKey(a.Username, Realm, s.secret.password(a.Username)), true
}

// permit lets nobody be a peer but ourselves.
func (s *Server) permit(_ net.Addr, peer net.IP) bool {
	ip, ok := netip.AddrFromSlice(peer)
	return ok && s.ips[ip.Unmap()]
}

func (s *Server) room(user string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.roomLocked(user)
}

func (s *Server) roomLocked(user string) bool {
	if s.closed || s.open >= s.max || s.holders[user] >= perHolder {
		s.refused.Add(1)
		return false
	}
	return true
}

// take holds a place for an allocation.
func (s *Server) take(user string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.roomLocked(user) {
		return false
	}
	s.open++
	s.work.Add(1)
	s.holders[user]++
	s.allocated.Add(1)
	return true
}

func (s *Server) giveBack(user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open--
	s.work.Done()
	if s.holders[user]--; s.holders[user] == 0 {
		delete(s.holders, user)
	}
}

// created admits the connection that allocated.
func (s *Server) created(src, _ net.Addr, _, _, _ string, _ net.Addr, _ int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.streams[src.String()]; c != nil && src.Network() == "tcp" {
		c.admitted.Store(true)
	}
}

// Serve carries one connection, of TCP or TLS, until it ends; it closes the connection.
func (s *Server) Serve(conn net.Conn) error {
	c := newStream(conn, time.Now())
	defer c.Close()
	addr := conn.RemoteAddr().String()
	s.mu.Lock()
	s.oustLocked()
	if s.closed || len(s.streams) >= s.max || s.streams[addr] != nil {
		s.refused.Add(1)
		s.mu.Unlock()
		return ErrBusy
	}
	s.streams[addr] = c
	s.work.Add(1)
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.streams, addr)
		s.mu.Unlock()
		s.work.Done()
	}()
	if !s.front.hand(c) {
		return net.ErrClosed
	}
	<-c.done
	return nil
}

// oustLocked ends the oldest of the connections without an allocation when there are halfOpen of them: who only sits in
// the door does not keep others out.
func (s *Server) oustLocked() {
	n := 0
	var oldest *stream
	for _, c := range s.streams {
		if c.admitted.Load() {
			continue
		}
		n++
		if oldest == nil || c.born.Before(oldest.born) {
			oldest = c
		}
	}
	if n >= halfOpen {
		_ = oldest.Close()
	}
}

// Stats reads the counters.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Stats{
		Connections: len(s.streams), Allocations: s.open, Allocated: s.allocated.Load(), Refused: s.refused.Load(),
		BytesUp: s.up.Load(), BytesDown: s.down.Load(), Stray: s.stray.Load(), Dropped: s.dropped.Load(),
	}
}

// Close ends all connections and allocations and waits for them.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closed = true
	for _, c := range s.streams {
		_ = c.Close()
	}
	s.mu.Unlock()
	err := s.pion.Close()
	s.work.Wait()
	return err
}

// handed is a listener that is given its connections.
type handed struct {
	addr  net.Addr
	conns chan net.Conn
	stop  chan struct{}
	once  sync.Once
}

func newHanded(addr netip.AddrPort) *handed {
	return &handed{addr: net.TCPAddrFromAddrPort(addr), conns: make(chan net.Conn), stop: make(chan struct{})}
}

func (h *handed) hand(c net.Conn) bool {
	select {
	case h.conns <- c:
		return true
	case <-h.stop:
		return false
	}
}

// Accept gives the next one.
func (h *handed) Accept() (net.Conn, error) {
	select {
	case c := <-h.conns:
		return c, nil
	case <-h.stop:
		return nil, net.ErrClosed
	}
}

// Close ends Accept.
func (h *handed) Close() error {
	h.once.Do(func() { close(h.stop) })
	return nil
}

// Addr is the media port's, for want of one of its own.
func (h *handed) Addr() net.Addr { return h.addr }
