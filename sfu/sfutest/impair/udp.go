package impair

import (
	"net"
	"net/netip"
	"sync"
)

// UDP stands between clients and one UDP server. Each client gets a socket of its own towards the server, as behind a NAT.
type UDP struct {
	front  *net.UDPConn
	target *net.UDPAddr
	up     *line // client to server
	down   *line

	mu      sync.Mutex
	closed  bool
	clients map[netip.AddrPort]*net.UDPConn
	work    sync.WaitGroup
}

// NewUDP opens a proxy on a free port of 127.0.0.1.
func NewUDP(target *net.UDPAddr, seed uint64, up, down Link) (*UDP, error) {
	front, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, err
	}
	u := &UDP{
		front: front, target: target, up: newLine(NewShaper(seed, up)), down: newLine(NewShaper(seed+1, down)),
		clients: map[netip.AddrPort]*net.UDPConn{},
	}
	u.work.Go(u.read)
	return u, nil
}

// Port is where clients send to.
func (u *UDP) Port() int { return u.front.LocalAddr().(*net.UDPAddr).Port }

// Set changes both directions.
func (u *UDP) Set(up, down Link) { u.up.set(up); u.down.set(down) }

// Block lets nothing pass, in both directions.
func (u *UDP) Block() { u.Set(Link{Blocked: true}, Link{Blocked: true}) }

// Counts says how many packets passed and were lost, both directions together.
func (u *UDP) Counts() (passed, lost uint64) {
	a, b := u.up.counts()
	c, d := u.down.counts()
	return a + c, b + d
}

// Rebind forgets every binding, as a NAT that restarts does: the server sees the clients at new addresses, and what it
// sends to the old ones goes nowhere.
func (u *UDP) Rebind() {
	u.mu.Lock()
	defer u.mu.Unlock()
	for from, c := range u.clients {
		_ = c.Close()
		delete(u.clients, from)
	}
}

// Close frees the port and waits.
func (u *UDP) Close() {
	u.mu.Lock()
	u.closed = true
	u.mu.Unlock()
	_ = u.front.Close()
	u.Rebind()
	u.work.Wait()
	u.up.close()
	u.down.close()
}

func (u *UDP) read() {
	buf := make([]byte, 2048)
	for {
		n, from, err := u.front.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		u.up.put(buf[:n], func(data []byte) {
			if c := u.client(from); c != nil {
				_, _ = c.Write(data)
			}
		})
	}
}

// client is the socket of an address, made when it is new.
func (u *UDP) client(from netip.AddrPort) *net.UDPConn {
	u.mu.Lock()
	defer u.mu.Unlock()
	if c := u.clients[from]; c != nil || u.closed {
		return c
	}
	c, err := net.DialUDP("udp", nil, u.target)
	if err != nil {
		return nil
	}
	u.clients[from] = c
	u.work.Go(func() {
		buf := make([]byte, 2048)
		for {
			n, err := c.Read(buf)
			if err != nil {
				u.mu.Lock()
				mine := u.clients[from] == c
				u.mu.Unlock()
				if !mine {
					return
				}
				continue // ICMP: the server is away
			}
			u.down.put(buf[:n], func(data []byte) { _, _ = u.front.WriteToUDPAddrPort(data, from) })
		}
	})
	return c
}
