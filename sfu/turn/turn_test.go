package turn_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/pion/logging"
	piont "github.com/pion/turn/v5"

	"betang/sfu/turn"
)

var secret = turn.Secret("0123456789abcdef0123456789abcdef")

// place is a TURN server before an echo that stands for the media port, named by an address that is not its own.
type place struct {
	t     *testing.T
	s     *turn.Server
	echo  *net.UDPConn
	peer  *net.UDPAddr // what an answer would name
	turn  net.PacketConn
	front net.Listener
}

func newPlace(t *testing.T, most int) *place {
	t.Helper()
	echo, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	udp, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	front, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := echo.LocalAddr().(*net.UDPAddr).AddrPort()
	named := netip.AddrPortFrom(netip.MustParseAddr("203.0.113.7"), port.Port())
	s, err := turn.New(turn.Config{Secret: secret, Media: port, Addrs: []netip.AddrPort{named}, Conn: udp, Max: most})
	if err != nil {
		t.Fatal(err)
	}
	p := &place{t: t, s: s, echo: echo, peer: net.UDPAddrFromAddrPort(named), turn: udp, front: front}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		buf := make([]byte, 2000)
		for {
			n, from, err := echo.ReadFrom(buf)
			if err != nil {
				return
			}
			_, _ = echo.WriteTo(buf[:n], from)
		}
	}()
	accepted := make(chan struct{})
	go func() {
		defer close(accepted)
		for {
			c, err := front.Accept()
			if err != nil {
				return
			}
			go func() { _ = s.Serve(c) }()
		}
	}()
	t.Cleanup(func() {
		_ = front.Close()
		<-accepted
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if st := s.Stats(); st.Allocations != 0 || st.Connections != 0 {
			t.Errorf("left after Close: %+v", st)
		}
		_ = echo.Close()
		<-ended
	})
	return p
}

// client is a TURN client over UDP or TCP.
func (p *place) client(network string, c turn.Credentials) *piont.Client {
	p.t.Helper()
	cfg := &piont.ClientConfig{
		Username: c.Username, Password: c.Password, Realm: turn.Realm, RTO: 200 * time.Millisecond,
		LoggerFactory: &logging.DefaultLoggerFactory{DefaultLogLevel: logging.LogLevelDisabled},
	}
	if network == "udp" {
		conn, err := (&net.ListenConfig{}).ListenPacket(p.t.Context(), "udp4", "127.0.0.1:0")
		if err != nil {
			p.t.Fatal(err)
		}
		cfg.Conn, cfg.TURNServerAddr = conn, p.turn.LocalAddr().String()
		p.t.Cleanup(func() { _ = conn.Close() })
	} else {
		conn, err := (&net.Dialer{}).DialContext(p.t.Context(), "tcp4", p.front.Addr().String())
		if err != nil {
			p.t.Fatal(err)
		}
		cfg.Conn, cfg.TURNServerAddr = piont.NewSTUNConn(conn), p.front.Addr().String()
		p.t.Cleanup(func() { _ = conn.Close() })
	}
	cl, err := piont.NewClient(cfg)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := cl.Listen(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(cl.Close)
	return cl
}

// there sends text to a peer and waits for it to come back from the same address.
func there(relay net.PacketConn, to net.Addr, text string) error {
	buf := make([]byte, 2000)
	for range 20 { // over UDP a datagram may be lost
		if _, err := relay.WriteTo([]byte(text), to); err != nil {
			return err
		}
		_ = relay.SetReadDeadline(time.Now().Add(250 * time.Millisecond))
		n, from, err := relay.ReadFrom(buf)
		if err == nil && string(buf[:n]) == text && from.String() == to.String() {
			return nil
		}
	}
	return errors.New("no echo")
}

// Over UDP and over TCP, an allocation reaches the media port under the name that answers give it, and nothing else:
// not another port of the same address, not another address, not TURN itself.
func TestRelaysToOurselvesAlone(t *testing.T) {
	for _, network := range []string{"udp", "tcp"} {
		t.Run(network, func(t *testing.T) {
			p := newPlace(t, 10)
			relay, err := p.client(network, secret.Make("demo", "somebody", time.Now(), 0)).Allocate()
			if err != nil {
				t.Fatal(err)
			}
			defer relay.Close()
			if err := there(relay, p.peer, "through"); err != nil {
				t.Fatal(err)
			}
			if _, err := relay.WriteTo([]byte("out"), p.echo.LocalAddr()); err == nil {
				t.Error("an address that is not ours was permitted, though the media port stands behind it")
			}
			other := &net.UDPAddr{IP: p.peer.IP, Port: p.peer.Port ^ 1}
			if _, err := relay.WriteTo([]byte("another port"), other); err != nil {
				t.Fatal(err)
			}
			before := p.s.Stats().BytesUp
			allocate := append([]byte{0, 3, 0, 0, 0x21, 0x12, 0xa4, 0x42}, make([]byte, 12)...)
			if _, err := relay.WriteTo(allocate, p.peer); err != nil {
				t.Fatal(err)
			}
			if err := there(relay, p.peer, "still!"); err != nil {
				t.Fatal(err)
			}
			st := p.s.Stats()
			if st.Stray != 1 {
				t.Errorf("%d datagrams to another port, not the one that was sent", st.Stray)
			}
			if st.Allocations != 1 || st.BytesUp < 12 || st.BytesDown < 12 {
				t.Errorf("%+v", st)
			}
			if (st.BytesUp-before)%6 != 0 {
				t.Errorf("%d bytes after the request to allocate: it was relayed", st.BytesUp-before)
			}
		})
	}
}

// Credentials of another server, altered ones and old ones open nothing; good ones open so many and no more, counted
// over all that the same session was given.
func TestCredentialsAndQuota(t *testing.T) {
	p := newPlace(t, 100)
	now := time.Now()
	good := secret.Make("demo", "somebody", now, 0)
	longer := strings.Replace(good.Username, good.Username[:2], "99", 1)
	for what, c := range map[string]turn.Credentials{
		"another server's": turn.Secret("another").Make("demo", "somebody", now, 0),
		"old":              secret.Make("demo", "somebody", now.Add(-turn.Life-time.Minute), 0),
		"prolonged":        {Username: longer, Password: good.Password},
		"no user":          {Username: "x", Password: good.Password},
	} {
		if relay, err := p.client("tcp", c).Allocate(); err == nil {
			_ = relay.Close()
			t.Errorf("%s credentials opened an allocation", what)
		}
	}
	n := 0
	for i := range 40 {
		c := secret.Make("demo", "somebody", now.Add(time.Duration(i)*time.Second), 0)
		if _, err := p.client("tcp", c).Allocate(); err != nil {
			break
		}
		n++
	}
	if n == 0 || n == 40 {
		t.Fatalf("%d allocations for one session", n)
	}
	if _, err := p.client("tcp", secret.Make("demo", "another", now, 0)).Allocate(); err != nil {
		t.Errorf("one who uses up the own quota keeps another out: %v", err)
	}
	if _, err := p.client("tcp", secret.Make("class", "somebody", now, 0)).Allocate(); err != nil {
		t.Errorf("the same session at another event: %v", err)
	}
}

func TestTotal(t *testing.T) {
	p := newPlace(t, 3)
	for i := range 4 {
		_, err := p.client("udp", secret.Make("demo", string(rune('a'+i)), time.Now(), 0)).Allocate()
		if i < 3 && err != nil {
			t.Fatal(err)
		}
		if i == 3 && err == nil {
			t.Fatal("an allocation above the total")
		}
	}
	if p.s.Stats().Refused == 0 {
		t.Error("a refusal was not counted")
	}
}

// What is no TURN is closed at once, and so is a message longer than a datagram.
func TestNonsenseEnds(t *testing.T) {
	p := newPlace(t, 10)
	for _, first := range []string{"GET / HTTP/1.1\r\n\r\n", "\x00\x03\xff\xfc\x21\x12\xa4\x42", "\x40\x01\xff\xff", "\x00\x01\x00\x03\x21\x12\xa4\x42"} {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp4", p.front.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(c, first)
		_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
		if n, err := c.Read(make([]byte, 10)); err == nil || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%q was answered with %d bytes, %v", first, n, err)
		}
		_ = c.Close()
	}
}

// A user name tells nobody who somebody is.
func TestUsernameHidesWho(t *testing.T) {
	c := secret.Make("demo", "199001012015031001", time.Now(), 0)
	if strings.Contains(c.Username, "1990") || strings.Contains(c.Password, "1990") {
		t.Error(c.Username)
	}
	if c == secret.Make("demo", "199001012015031002", time.Now(), 0) {
		t.Error("two sessions, one name")
	}
}

func FuzzFirstBytes(f *testing.F) {
	f.Add([]byte("\x00\x03\x00\x08\x21\x12\xa4\x42abcdefghijkl"))
	f.Add([]byte("\x00\x01\x00\x08\x21\x12\xa4\x42abcdefghijkl\x00\x06\x00\x02ab\x00\x00"))
	f.Add([]byte("\x40\x00\x00\x04abcd"))
	f.Add([]byte("\x16\x03\x01\x00\xff"))
	f.Fuzz(func(t *testing.T, in []byte) {
		if turn.IsStream(in) && in[0] > 1 {
			t.Fatal("a stream that begins with what is neither")
		}
		if turn.IsDatagram(in) && in[0] >= 20 && (in[0] < 0x40 || in[0] > 0x4f) {
			t.Fatal("DTLS or RTP taken for TURN")
		}
	})
}
