package relay

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"betang/sfu"
	"betang/sfu/relay/hop"
	"betang/sfu/sfutest"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/protocol"
	"github.com/pion/dtls/v3/pkg/protocol/handshake"
	"github.com/pion/transport/v5/vnet"
)

// besieged is an origin with one neighbour, and whoever else can reach its port.
type besieged struct {
	t    *testing.T
	net  *sfutest.Net
	n    *Node
	at   net.Addr
	edge ed25519.PrivateKey // the neighbour's
}

// siege runs f against an origin under fake time.
func siege(t *testing.T, f func(b *besieged)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		lab := sfutest.NewNet(t, 10*time.Millisecond, 7)
		host, conn, addr := lab.Another()
		e, err := sfu.New(sfu.Config{Conn: conn, Net: host, Shards: 1, Relay: true, MaxCPU: -1})
		if err != nil {
			t.Fatal(err)
		}
		b := &besieged{t: t, net: lab, at: &net.UDPAddr{IP: net.ParseIP(addr), Port: 8443}, edge: freshKey(t)}
		b.n, err = New(Config{
			Engine: e, Key: freshKey(t), Addrs: []string{addr + ":8443"},
			Peers: []Peer{{Name: "edge", Key: b.edge.Public().(ed25519.PublicKey)}},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			b.n.Close()
			if err := e.Shutdown(); err != nil {
				t.Error(err)
			}
		}()
		time.Sleep(time.Second)
		f(b)
	})
}

func freshKey(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func certificateOf(t *testing.T, key ed25519.PrivateKey) tls.Certificate {
	t.Helper()
	c, err := certificate(key)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// link is how the origin's side stands, once it has looked.
func (b *besieged) link() LinkStats {
	time.Sleep(1500 * time.Millisecond)
	return b.n.Links()[0]
}

// heard is a socket that keeps what it sent.
type heard struct {
	net.PacketConn
	sent [][]byte
}

func (h *heard) WriteTo(p []byte, to net.Addr) (int, error) {
	h.sent = append(h.sent, slices.Clone(p))
	return h.PacketConn.WriteTo(p, to)
}

// dial does what an edge does, with options of the caller's after its own.
func (b *besieged) dial(host *vnet.Net, addr string, cert []tls.Certificate, more ...dtls.Option) (*dtls.Conn, *heard, error) {
	b.t.Helper()
	sock, err := host.ListenUDP("udp4", &net.UDPAddr{IP: net.ParseIP(addr)})
	if err != nil {
		b.t.Fatal(err)
	}
	h := &heard{PacketConn: sock}
	ctx, cancel := context.WithTimeout(b.t.Context(), handshakeTime)
	defer cancel()
	l, err := dialLine(ctx, h, b.at)
	if err != nil {
		b.t.Fatal(err)
	}
	var seen ed25519.PublicKey
	options := b.n.options(&seen, func(ed25519.PublicKey) bool { return true })
	if len(cert) > 0 {
		options = append(options, dtls.WithCertificates(cert...))
	} else {
		options = options[1:] // the first is the certificate
	}
	conn, err := client(l, append(options, more...))
	if err == nil {
		if err = conn.HandshakeContext(ctx); err == nil {
			l.cookie.Store(nil)
			return conn, h, nil
		}
		_ = conn.Close()
	}
	_ = l.Close()
	return nil, h, err
}

// TestWhoIsNoNeighbourHasNoLink: who shows no key, or one that is nobody's, or a neighbour's certificate without its key, or speaks less than
// the origin does, gets no link, whatever else it says. The neighbour itself, by the same hands, has one.
func TestWhoIsNoNeighbourHasNoLink(t *testing.T) {
	siege(t, func(b *besieged) {
		own, neighbour := certificateOf(t, freshKey(t)), certificateOf(t, b.edge)
		stolen := tls.Certificate{Certificate: neighbour.Certificate, PrivateKey: own.PrivateKey}
		for _, c := range []struct {
			who  string
			cert []tls.Certificate
			more []dtls.Option
			is   bool
		}{
			{who: "nobody, without a certificate"},
			{who: "a stranger", cert: []tls.Certificate{own}},
			{who: "a neighbour's certificate without its key", cert: []tls.Certificate{stolen}},
			{who: "a stranger who adds the neighbour's certificate", cert: []tls.Certificate{{Certificate: append(slices.Clone(own.Certificate), neighbour.Certificate...), PrivateKey: own.PrivateKey}}},
			{who: "the neighbour's certificate before the stranger's", cert: []tls.Certificate{{Certificate: append(slices.Clone(neighbour.Certificate), own.Certificate...), PrivateKey: own.PrivateKey}}},
			{who: "a key of another kind", cert: []tls.Certificate{curveCertificate(t)}},
			{who: "the neighbour with a shorter tag", cert: []tls.Certificate{neighbour}, more: []dtls.Option{dtls.WithCipherSuites(dtls.TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8)}},
			{who: "the neighbour with CBC", cert: []tls.Certificate{neighbour}, more: []dtls.Option{dtls.WithCipherSuites(dtls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA)}},
			{who: "a shared word for a key", more: []dtls.Option{
				dtls.WithCipherSuites(dtls.TLS_PSK_WITH_AES_128_GCM_SHA256), dtls.WithPSK(func([]byte) ([]byte, error) { return []byte("betang"), nil }), dtls.WithPSKIdentityHint([]byte("edge")),
			}},
			{who: "the neighbour without the extended master secret", cert: []tls.Certificate{neighbour}, more: []dtls.Option{dtls.WithExtendedMasterSecret(dtls.DisableExtendedMasterSecret)}},
			{who: "the neighbour in DTLS 1.0", cert: []tls.Certificate{neighbour}, more: []dtls.Option{dtls.WithClientHelloMessageHook(func(m handshake.MessageClientHello) handshake.Message {
				m.Version = protocol.Version1_0
				return &m
			})}},
			{who: "the neighbour itself", cert: []tls.Certificate{neighbour}, is: true},
		} {
			host, _, addr := b.net.Another()
			before := b.link().Totals["sessions"]
			conn, _, err := b.dial(host, addr, c.cert, c.more...)
			if err == nil { // the client's end may be done before the origin refuses
				_, _ = conn.Write(hop.Append(nil, hop.Ping{At: 1}))
				_, _ = conn.Write(hop.Append(nil, hop.Want{Key: hop.Key{Router: "room", Source: "gub"}, Version: 1}))
			}
			got := b.link()
			if got.Up != c.is || got.Totals["sessions"]-before != map[bool]uint64{true: 1}[c.is] || (got.Totals["messages_in"] > 0) != c.is {
				t.Errorf("%s: handshake %v, then %+v", c.who, err, got)
			}
			if conn != nil {
				_ = conn.Close()
			}
			time.Sleep(silentFor)
		}
		if n := len(b.n.port.lines); n != 0 {
			t.Errorf("%d lines are kept", n)
		}
	})
}

// curveCertificate is one of a kind that browsers show.
func curveCertificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Unix(1<<33, 0)}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// TestWhatWasHeardOpensNothing: who hears all that a neighbour sends, and sends it again, changed or not, while the link is up and after
// it, from the neighbour's own address or another, has no link and is not heard.
func TestWhatWasHeardOpensNothing(t *testing.T) {
	siege(t, func(b *besieged) {
		host, _, addr := b.net.Another()
		conn, tape, err := b.dial(host, addr, []tls.Certificate{certificateOf(t, b.edge)})
		if err != nil {
			t.Fatal(err)
		}
		for n := range uint32(5) {
			_, _ = conn.Write(hop.Append(nil, hop.Want{Key: hop.Key{Router: "room", Source: "gub"}, Version: n}))
		}
		from := netip.MustParseAddrPort(tape.LocalAddr().String())
		before := b.link()
		if !before.Up || before.Totals["messages_in"] == 0 {
			t.Fatalf("no link: %+v", before)
		}
		again := func(from netip.AddrPort) {
			for _, d := range tape.sent {
				b.n.port.take(d[1], slices.Clone(d[2:]), from, net.UDPAddrFromAddrPort(from))
				for i := 2; i < len(d); i += 1 + len(d)/40 {
					bad := slices.Clone(d)
					bad[i] ^= 1 << (i % 8)
					b.n.port.take(bad[1], bad[2:], from, net.UDPAddrFromAddrPort(from))
					time.Sleep(time.Millisecond) // a line keeps so many, and drops the rest
				}
			}
		}
		again(from)
		got := b.link()
		if !got.Up || got.Totals["sessions"] != 1 || got.Totals["messages_in"] != before.Totals["messages_in"] || got.Totals["packets_in"] != 0 {
			t.Errorf("while the link is up, heard again: %+v, before %+v", got, before)
		}
		_, _ = conn.Write(hop.Append(nil, hop.Ping{At: 1}))
		if now := b.link(); now.Totals["messages_in"] != got.Totals["messages_in"]+1 {
			t.Errorf("the link itself goes no more: %+v", now)
		}
		_ = conn.Close()
		time.Sleep(2 * silentFor)
		was := b.link()
		other := netip.AddrPortFrom(from.Addr(), from.Port()+1)
		for _, at := range []netip.AddrPort{from, other} {
			again(at)
			if got := b.link(); got.Up || got.Totals["sessions"] != 1 || got.Totals["messages_in"] != was.Totals["messages_in"] {
				t.Errorf("after the link, from %s: %+v", at, got)
			}
		}
		time.Sleep(2 * handshakeTime)
	})
}

// TestKeyFile: a key is kept, another one takes its place whole, and only its owner may read either.
func TestKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "node.key")
	first, err := LoadKey(path)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := LoadKey(path); err != nil || !again.Equal(first) {
		t.Errorf("another key at the second look, %v", err)
	}
	if err := os.WriteFile(path+".new", []byte("of a run that was cut short"), 0o600); err != nil {
		t.Fatal(err)
	}
	second, err := NewKey(path)
	if err != nil || second.Equal(first) {
		t.Fatalf("no new key: %v", err)
	}
	if kept, err := LoadKey(path); err != nil || !kept.Equal(second) {
		t.Errorf("the new key is not kept, %v", err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestStrangersHandshakesLeaveRoom: whoever begins handshakes from one address, as many as it can, and ends none, keeps no neighbour out.
func TestStrangersHandshakesLeaveRoom(t *testing.T) {
	siege(t, func(b *besieged) {
		_, _, addr := b.net.Another()
		for i := range uint16(100) {
			from := netip.AddrPortFrom(netip.MustParseAddr(addr), 1000+i)
			b.n.port.take(isOpen, append(b.n.port.cookie(from), 22), from, net.UDPAddrFromAddrPort(from))
		}
		synctest.Wait()
		if n := len(b.n.shakes); n != shakingEach {
			t.Errorf("%d handshakes are under way", n)
		}
		host, _, edge := b.net.Another()
		conn, _, err := b.dial(host, edge, []tls.Certificate{certificateOf(t, b.edge)})
		if err != nil || !b.link().Up {
			t.Fatalf("the neighbour has no link: %v", err)
		}
		_ = conn.Close()
		time.Sleep(2 * handshakeTime)
		if n := len(b.n.shakes) + len(b.n.shakeAt); n != 0 {
			t.Errorf("%d handshakes are kept", n)
		}
	})
}

// TestKeyIsChanged: a neighbour that is named with another key loses its link at once and has one by the new key alone; one that is
// named no more has none.
func TestKeyIsChanged(t *testing.T) {
	siege(t, func(b *besieged) {
		host, _, addr := b.net.Another()
		up := func(key ed25519.PrivateKey) bool {
			conn, _, err := b.dial(host, addr, []tls.Certificate{certificateOf(t, key)})
			is := len(b.n.Links()) > 0 && b.link().Up
			if err == nil {
				b.t.Cleanup(func() { _ = conn.Close() })
			}
			return is
		}
		if !up(b.edge) {
			t.Fatal("no link")
		}
		next := freshKey(t)
		b.n.SetPeers([]Peer{{Name: "edge", Key: next.Public().(ed25519.PublicKey)}})
		if b.link().Up {
			t.Error("the link by the old key is still up")
		}
		if up(b.edge) {
			t.Error("the old key opens a link")
		}
		if !up(next) {
			t.Error("the new key opens none")
		}
		b.n.SetPeers(nil)
		time.Sleep(time.Second)
		if l := b.n.Links(); len(l) > 0 {
			t.Errorf("links with nobody: %+v", l)
		}
		if up(next) || len(b.n.Links()) > 0 {
			t.Error("who is no neighbour any more has a link")
		}
	})
}
