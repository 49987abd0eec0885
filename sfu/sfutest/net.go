// Package sfutest is a laboratory for the media plane: a virtual network with seeded loss, publishers that send made-up
// frames, and viewers that keep what they get. It runs in fake time under testing/synctest.
package sfutest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/pion/logging"
	"github.com/pion/transport/v5/vnet"
)

// Net is a virtual network with one server and any number of clients.
type Net struct {
	Server net.PacketConn // give it to sfu.Config.Conn
	VNet   *vnet.Net      // and this to sfu.Config.Net

	t      testing.TB
	router *vnet.Router

	mu      sync.Mutex
	rng     *rand.Rand
	loss    map[string]float64 // by client address, both ways; "" for all
	blocked map[string]bool
	clients int
}

// serverIP is the server's address; clients count on from it.
const serverIP = "10.0.0.1"

// NewNet starts a network with the delay each way; seed decides which packets are lost.
func NewNet(t testing.TB, delay time.Duration, seed uint64) *Net {
	t.Helper()
	r, err := vnet.NewRouter(&vnet.RouterConfig{
		CIDR: "10.0.0.0/16", MinDelay: delay, LoggerFactory: quiet{}, QueueSize: 10000,
	})
	must(t, err)
	n := &Net{
		t: t, router: r, rng: rand.New(rand.NewPCG(seed, 1)), loss: map[string]float64{}, blocked: map[string]bool{},
	}
	n.VNet = n.host(serverIP)
	r.AddChunkFilter(n.pass)
	must(t, r.Start())
	t.Cleanup(func() { _ = r.Stop() })
	n.Server, err = n.VNet.ListenUDP("udp4", &net.UDPAddr{IP: net.ParseIP(serverIP), Port: 8443})
	must(t, err)
	return n
}

func (n *Net) host(ip string) *vnet.Net {
	h, err := vnet.NewNet(&vnet.NetConfig{StaticIPs: []string{ip}})
	must(n.t, err)
	must(n.t, n.router.AddNet(h))
	return h
}

// Another makes a host for one more server: its network, its media port, and its address.
func (n *Net) Another() (*vnet.Net, net.PacketConn, string) {
	h, ip := n.client()
	conn, err := h.ListenUDP("udp4", &net.UDPAddr{IP: net.ParseIP(ip), Port: 8443})
	must(n.t, err)
	return h, conn, ip
}

// client makes a host for one client and gives its address too.
func (n *Net) client() (*vnet.Net, string) {
	n.mu.Lock()
	n.clients++
	ip := fmt.Sprintf("10.0.%d.%d", 1+n.clients/250, 1+n.clients%250)
	n.mu.Unlock()
	return n.host(ip), ip
}

// Lose drops this share of the packets from and to a client from now on; addr "" means all clients.
func (n *Net) Lose(addr string, share float64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.loss[addr] = share
}

// LoseBetween drops this share of the packets between two hosts, both ways, from now on.
func (n *Net) LoseBetween(a, b string, share float64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.loss[a+" "+b], n.loss[b+" "+a] = share, share
}

// Block cuts a client off, or lets it back.
func (n *Net) Block(addr string, cut bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.blocked[addr] = cut
}

func (n *Net) pass(c vnet.Chunk) bool {
	from, _, _ := net.SplitHostPort(c.SourceAddr().String())
	to, _, _ := net.SplitHostPort(c.DestinationAddr().String())
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.blocked[from] || n.blocked[to] {
		return false
	}
	share := max(n.loss[""], n.loss[from], n.loss[to], n.loss[from+" "+to])
	return share == 0 || n.rng.Float64() >= share
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// quiet is a logger that says nothing.
type quiet struct{}

func (quiet) NewLogger(string) logging.LeveledLogger { return quiet{} }
func (quiet) Trace(string)                           {}
func (quiet) Tracef(string, ...any)                  {}
func (quiet) Debug(string)                           {}
func (quiet) Debugf(string, ...any)                  {}
func (quiet) Info(string)                            {}
func (quiet) Infof(string, ...any)                   {}
func (quiet) Warn(string)                            {}
func (quiet) Warnf(string, ...any)                   {}
func (quiet) Error(string)                           {}
func (quiet) Errorf(string, ...any)                  {}
