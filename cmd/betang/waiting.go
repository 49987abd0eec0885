package main

import (
	"net"
	"net/netip"
	"sync"
)

const (
	// maxWaiting bounds the connections that have not said yet what they are. An honest one waits for a round trip or two.
	maxWaiting = 4096
	// maxWaitingOf bounds those of one address: an office of hundreds opens a few each, at the same minute.
	maxWaitingOf = 1024
)

// waiting is the room of connections that have not said what they are. It never refuses a newcomer: when full, who waits
// longest has to go, of the same address when that has its share.
type waiting struct {
	mu     sync.Mutex
	closed bool
	all    []waiter // the oldest first
	of     map[netip.Addr]int
	ousted uint64
	most   int
	share  int
}

type waiter struct {
	conn net.Conn
	from netip.Addr
}

func newWaiting(most, share int) *waiting {
	return &waiting{of: map[netip.Addr]int{}, most: most, share: share}
}

// enter takes a connection in; false when the room is closed.
func (w *waiting) enter(c net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false
	}
	n := waiter{conn: c, from: household(c.RemoteAddr())}
	switch {
	case w.of[n.from] >= w.share:
		for i, o := range w.all {
			if o.from == n.from {
				w.oustLocked(i)
				break
			}
		}
	case len(w.all) >= w.most:
		w.oustLocked(0)
	}
	w.all = append(w.all, n)
	w.of[n.from]++
	return true
}

// leave lets one go on; false when it was ousted.
func (w *waiting) leave(c net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, o := range w.all {
		if o.conn == c {
			w.removeLocked(i)
			return true
		}
	}
	return false
}

func (w *waiting) oustLocked(i int) {
	_ = w.all[i].conn.Close()
	w.ousted++
	w.removeLocked(i)
}

func (w *waiting) removeLocked(i int) {
	from := w.all[i].from
	w.all = append(w.all[:i], w.all[i+1:]...)
	if w.of[from]--; w.of[from] == 0 {
		delete(w.of, from)
	}
}

// close ends all.
func (w *waiting) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	for _, o := range w.all {
		_ = o.conn.Close()
	}
}

func (w *waiting) counts() (now int, ousted uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.all), w.ousted
}

// household is the address that a share belongs to: of IPv6 the /64.
func household(a net.Addr) netip.Addr {
	t, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	ip := t.AddrPort().Addr().Unmap().WithZone("")
	if ip.Is4() {
		return ip
	}
	p, err := ip.Prefix(64)
	if err != nil {
		return ip
	}
	return p.Addr()
}
