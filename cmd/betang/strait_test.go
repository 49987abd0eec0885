package main

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"
)

// strait is a TCP line between two processes that a test cuts, silences and slows while it is in use.
type strait struct {
	front  net.Listener
	target string
	work   sync.WaitGroup

	mu     sync.Mutex
	free   *sync.Cond // the line is not silent, or closed
	cut    bool       // connections are reset, and new ones too
	silent bool       // nothing arrives, and nobody is told: what a partition looks like
	slow   time.Duration
	closed bool
	conns  map[net.Conn]struct{}
}

func newStrait(t testing.TB, target string) *strait {
	t.Helper()
	front, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &strait{front: front, target: target, conns: map[net.Conn]struct{}{}}
	s.free = sync.NewCond(&s.mu)
	s.work.Go(s.accept)
	t.Cleanup(s.close)
	return s
}

func (s *strait) addr() string { return s.front.Addr().String() }

// mend lets everything through again.
func (s *strait) mend() { s.set(func() { s.cut, s.silent, s.slow = false, false, 0 }) }

// sever resets all connections and refuses new ones.
func (s *strait) sever() { s.set(func() { s.cut = true; s.dropLocked() }) }

// silence lets nothing through, and keeps the connections.
func (s *strait) silence() { s.set(func() { s.silent = true }) }

// slowDown makes everything arrive d later, each way.
func (s *strait) slowDown(d time.Duration) { s.set(func() { s.slow = d }) }

func (s *strait) set(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	s.free.Broadcast()
}

func (s *strait) dropLocked() {
	for c := range s.conns {
		_ = c.Close()
	}
}

func (s *strait) close() {
	_ = s.front.Close()
	s.set(func() { s.closed = true; s.dropLocked() })
	s.work.Wait()
}

func (s *strait) accept() {
	for {
		c, err := s.front.Accept()
		if err != nil {
			return
		}
		s.work.Go(func() { s.carry(c) })
	}
}

// carry brings one connection across. Both ends close with the first that does.
func (s *strait) carry(near net.Conn) {
	defer near.Close()
	if !s.hold(near) {
		return
	}
	defer s.drop(near)
	far, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", s.target)
	if err != nil {
		return
	}
	defer far.Close()
	if !s.hold(far) {
		return
	}
	defer s.drop(far)
	var both sync.WaitGroup
	both.Go(func() { s.pump(near, far) })
	both.Go(func() { s.pump(far, near) })
	both.Wait()
}

// hold is false when the line is cut.
func (s *strait) hold(c net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cut || s.closed {
		return false
	}
	s.conns[c] = struct{}{}
	return true
}

func (s *strait) drop(c net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
}

type parcel struct {
	data []byte
	due  time.Time
}

// pump carries one direction.
func (s *strait) pump(from, to net.Conn) {
	defer to.Close()
	parcels := make(chan parcel, 256) // full: the sender waits, as with TCP
	var out sync.WaitGroup
	out.Go(func() {
		for p := range parcels {
			time.Sleep(time.Until(p.due))
			if !s.pass() {
				continue
			}
			if _, err := to.Write(p.data); err != nil {
				_ = from.Close()
			}
		}
	})
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if err != nil {
			break
		}
		s.mu.Lock()
		due := time.Now().Add(s.slow)
		s.mu.Unlock()
		parcels <- parcel{append([]byte(nil), buf[:n]...), due}
	}
	close(parcels)
	out.Wait()
}

// pass waits while the line is silent. It is false when nothing passes any more.
func (s *strait) pass() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.silent && !s.closed && !s.cut {
		s.free.Wait()
	}
	return !s.closed && !s.cut
}
