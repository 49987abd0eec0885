package signaling

import (
	"math/rand/v2"
	"runtime"
)

// A join costs 1.0 to 2.2 ms of a processor for media (sfu/PERFORMANCE.md) and about 1 ms for TLS, the socket and the
// state: 300 a second would fill one processor, and those who are being served need theirs too.
const (
	joinsASecond = 200    // a processor
	leastWindow  = 4500   // ms
	mostWindow   = 60_000 // ms
	leastRetry   = 500    // ms
)

// windowFor is the ms over which so many sockets come back.
func windowFor(sockets, processors int) int {
	return min(max(leastWindow, sockets*1000/(joinsASecond*processors)), mostWindow)
}

// spread gives a retry slot in ms. The window grows with the number of sockets, so that however many phones come back, no
// more do so in a second than the server takes in.
func (s *Server) spread() int {
	s.mu.Lock()
	window := s.window
	if window == 0 {
		window = windowFor(s.sockets, runtime.GOMAXPROCS(0))
	}
	s.mu.Unlock()
	return leastRetry + rand.IntN(window)
}
