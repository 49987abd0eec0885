package clustertest

import (
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Ports from portsFrom up to portsEnd are given out; the servers of a Redis Cluster also talk to each other 10000 above. All of them
// lie below those that Linux gives to whoever asks for any.
const (
	portsFrom = 12_000
	portsEnd  = 22_000
)

var ports struct {
	sync.Mutex
	next int // 0: none was given out
}

// Port finds a port of 127.0.0.1, of "tcp" or "udp", for a server that is told where to listen, and may be started there again. It
// is given out once by this process. A connection or socket that asks for any port never gets it: not before the server listens, and
// not between two of its lives.
func Port(t testing.TB, network string) int {
	t.Helper()
	ports.Lock()
	defer ports.Unlock()
	if ports.next == 0 {
		ports.next = portsFrom + rand.IntN(portsEnd-portsFrom) // other tests run beside this one
	}
	if low := lowestOfAny(); low < portsEnd+10_000 {
		t.Fatalf("net.ipv4.ip_local_port_range begins at %d: no room below it for ports of tests", low)
	}
	for range portsEnd - portsFrom {
		port := ports.next
		if ports.next++; ports.next == portsEnd {
			ports.next = portsFrom
		}
		if isFree(t, network, port) {
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}

// lowestOfAny is the least port that the system gives to whoever asks for any: 32768 where it does not say.
func lowestOfAny() int {
	text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		return 32_768
	}
	low, err := strconv.Atoi(strings.Fields(string(text))[0])
	if err != nil {
		return 32_768
	}
	return low
}

func isFree(t testing.TB, network string, port int) bool {
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	if network == "udp" {
		c, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp", addr)
		if err != nil {
			return false
		}
		return c.Close() == nil
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", addr)
	if err != nil {
		return false
	}
	return l.Close() == nil
}
