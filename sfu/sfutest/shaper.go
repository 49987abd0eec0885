package sfutest

import (
	"net"
	"sync"
	"time"
)

// Shaper is the server's socket with narrow links behind it: give it to sfu.Config.Conn instead of Net.Server. Only what the
// server sends is shaped.
type Shaper struct {
	net.PacketConn

	mu    sync.Mutex
	links map[string]*Link // by client address
}

// NewShaper puts a shaper before the server's socket.
func NewShaper(c net.PacketConn) *Shaper { return &Shaper{PacketConn: c, links: map[string]*Link{}} }

// Link is a bottleneck with a queue that drops at its tail. Clients may share one.
type Link struct {
	s       *Shaper
	rate    int64 // bits a second, IP and UDP headers included
	room    time.Duration
	free    time.Time
	dropped int
}

// Link makes a link that queues for at most so long.
func (s *Shaper) Link(rate int64, room time.Duration) *Link {
	return &Link{s: s, rate: rate, room: room}
}

// Put has a client receive through a link.
func (s *Shaper) Put(addr string, l *Link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.links[addr] = l
}

// Dropped is how many packets found the queue full.
func (l *Link) Dropped() int {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	return l.dropped
}

// SetRate changes a link's rate. What is on its way stays so.
func (l *Link) SetRate(rate int64) {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	l.rate = rate
}

// WriteTo implements net.PacketConn.
func (s *Shaper) WriteTo(p []byte, to net.Addr) (int, error) {
	host, _, _ := net.SplitHostPort(to.String())
	s.mu.Lock()
	l := s.links[host]
	if l == nil {
		s.mu.Unlock()
		return s.PacketConn.WriteTo(p, to)
	}
	defer s.mu.Unlock()
	now := time.Now()
	if l.free.Before(now) {
		l.free = now
	}
	if l.free.Sub(now) > l.room {
		l.dropped++
		return len(p), nil
	}
	l.free = l.free.Add(time.Duration(int64(len(p)+28) * 8 * int64(time.Second) / l.rate))
	kept := append([]byte(nil), p...)
	time.AfterFunc(l.free.Sub(now), func() { _, _ = s.PacketConn.WriteTo(kept, to) })
	return len(p), nil
}
