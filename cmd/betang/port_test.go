package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pion/logging"
	"github.com/pion/stun/v4"
	piont "github.com/pion/turn/v5"
	"pgregory.net/rapid"

	"betang/sfu/icetcp"
	"betang/sfu/turn"
)

// selfSigned writes a certificate for loopback, as a regency's server without a name might have one.
func selfSigned(t testing.TB) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "betang test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}, DNSNames: []string{"localhost"},
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for name, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}

// One TCP port with a certificate: HTTP over TLS with and without ALPN, HTTP/2, TURN over TLS, TURN and ICE-TCP in the
// clear, each to its own; who says nothing is let go, and who speaks nonsense is refused.
func TestOnePortWithTLS(t *testing.T) {
	media, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	echoed := make(chan struct{})
	go func() {
		defer close(echoed)
		buf := make([]byte, 2000)
		for {
			n, from, err := media.ReadFrom(buf)
			if err != nil {
				return
			}
			_, _ = media.WriteTo(buf[:n], from)
		}
	}()
	addr := media.LocalAddr().(*net.UDPAddr).AddrPort()
	raw, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	secret := turn.Secret("secret of the test")
	relay, err := turn.New(turn.Config{Secret: secret, Media: addr, Addrs: []netip.AddrPort{addr}, Max: 10})
	if err != nil {
		t.Fatal(err)
	}
	secure, err := loadTLS(selfSigned(t))
	if err != nil {
		t.Fatal(err)
	}
	shared := sharePort(raw, secure, icetcp.New(addr, 10), relay, slog.New(slog.DiscardHandler))
	web := &http.Server{ReadHeaderTimeout: time.Second, ConnContext: noteTLS, Handler: securely(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.TLS == nil {
			t.Error("served without TLS")
		}
		_, _ = io.WriteString(w, r.Proto+" secure")
	}), true)}
	served := make(chan error, 1)
	go func() { served <- web.Serve(shared) }()
	t.Cleanup(func() {
		_ = web.Shutdown(context.Background())
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
		_ = media.Close()
		<-echoed
	})

	dial := func() net.Conn {
		t.Helper()
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp4", raw.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		_ = c.SetDeadline(time.Now().Add(5 * time.Second))
		return c
	}
	unchecked := &tls.Config{InsecureSkipVerify: true} // the certificate was made a moment ago, and ALPN is not spoken
	for what, c := range map[string]net.Conn{"HTTP/1.0 secure": tls.Client(dial(), unchecked), "Permanent Redirect</a>.\n\n": dial()} {
		if _, err := io.WriteString(c, "GET / HTTP/1.0\r\nHost: corpu.example\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		page, err := io.ReadAll(c)
		if err != nil || len(page) < len(what) || string(page[len(page)-len(what):]) != what {
			t.Errorf("%s: %q, %v", what, page, err)
		}
	}
	transport := &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: unchecked.Clone()}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+raw.Addr().String()+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	page, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if string(page) != "HTTP/2.0 secure" {
		t.Errorf("with ALPN: %q", page)
	}

	for _, over := range []string{"tcp", "tls"} {
		c := dial()
		if over == "tls" {
			c = tls.Client(c, unchecked)
		}
		who := secret.Make("demo", "x", time.Now(), 0)
		client, err := piont.NewClient(&piont.ClientConfig{
			Conn: piont.NewSTUNConn(c), TURNServerAddr: raw.Addr().String(), Username: who.Username, Password: who.Password,
			Realm: turn.Realm, LoggerFactory: &logging.DefaultLoggerFactory{DefaultLogLevel: logging.LogLevelDisabled},
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := client.Listen(); err != nil {
			t.Fatal(err)
		}
		alloc, err := client.Allocate()
		if err != nil {
			t.Fatalf("TURN over %s: %v", over, err)
		}
		if _, err := alloc.WriteTo([]byte("hello"), media.LocalAddr()); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 100)
		_ = alloc.SetReadDeadline(time.Now().Add(5 * time.Second))
		if n, _, err := alloc.ReadFrom(buf); err != nil || string(buf[:n]) != "hello" {
			t.Errorf("TURN over %s: %q, %v", over, buf[:n], err)
		}
		client.Close()
	}

	request := stun.MustBuild(stun.TransactionID, stun.BindingRequest)
	c := dial()
	if _, err := c.Write(append([]byte{0, byte(len(request.Raw))}, request.Raw...)); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 2+len(request.Raw))
	if _, err := io.ReadFull(c, buf); err != nil || string(buf[2:]) != string(request.Raw) {
		t.Errorf("ICE-TCP: %x, %v", buf, err)
	}

	c = dial()
	if _, err := c.Write([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 10, 13, 10}); err != nil {
		t.Fatal(err)
	}
	if answer, err := io.ReadAll(c); err != nil || len(answer) == 0 {
		t.Errorf("nonsense: %q, %v", answer, err)
	}
	for i, want := range []uint64{overHTTP: 2, overHTTPS: 2, overICE: 1, overTURN: 1, overTURNS: 1} {
		if got := shared.count[i].came.Load(); got != want {
			t.Errorf("%s: %d, not %d", transportNames[i], got, want)
		}
	}
}

// fakeConn is an address and whether it was closed.
type fakeConn struct {
	net.Conn
	from   net.Addr
	closed bool
}

func (c *fakeConn) RemoteAddr() net.Addr { return c.from }
func (c *fakeConn) Close() error         { c.closed = true; return nil }

// The room of those who have said nothing: never above its bounds, never a newcomer turned away, who stays is the
// newest of each address, and one address cannot push out another while it is above its share.
func TestWaitingRoom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const most, share = 12, 5
		w := newWaiting(most, share)
		var in []*fakeConn
		t.Repeat(map[string]func(*rapid.T){
			"enter": func(t *rapid.T) {
				of := rapid.IntRange(0, 3).Draw(t, "of")
				ip := net.IPv4(10, 0, 0, byte(of))
				if of == 3 { // one household of many IPv6 addresses
					ip = net.ParseIP("2001:db8::1")
					ip[15] = rapid.Byte().Draw(t, "host")
				}
				c := &fakeConn{from: &net.TCPAddr{IP: ip, Port: len(in)}}
				if !w.enter(c) {
					t.Fatal("a newcomer was refused")
				}
				in = append(in, c)
			},
			"leave": func(t *rapid.T) {
				if len(in) == 0 {
					t.Skip()
				}
				i := rapid.IntRange(0, len(in)-1).Draw(t, "who")
				if stays := w.leave(in[i]); stays == in[i].closed {
					t.Fatalf("left: %v, closed: %v", stays, in[i].closed)
				}
				in = append(in[:i], in[i+1:]...)
			},
			"": func(t *rapid.T) {
				alive, of, ousted := 0, map[netip.Addr]int{}, map[netip.Addr]bool{}
				for i := len(in) - 1; i >= 0; i-- {
					h := household(in[i].from)
					if in[i].closed {
						ousted[h] = true
						continue
					}
					if ousted[h] {
						t.Fatal("an older one stayed and a newer one of the same address went")
					}
					alive++
					of[h]++
				}
				if now, _ := w.counts(); now != alive || now > most {
					t.Fatalf("%d wait, %d are open", now, alive)
				}
				for h, n := range of {
					if n > share {
						t.Fatalf("%d of %v", n, h)
					}
				}
			},
		})
		w.close()
		if w.enter(&fakeConn{from: &net.TCPAddr{}}) {
			t.Fatal("a closed room took somebody in")
		}
	})
}

func FuzzCallerOf(f *testing.F) {
	f.Add([]byte("GET / HTTP/1.1\r\n"))
	f.Add([]byte("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03"))
	f.Add([]byte("\x00\x14\x00\x01\x00\x00\x21\x12\xa4\x42"))
	f.Add([]byte("\x00\x03\x00\x08\x21\x12\xa4\x42ab"))
	f.Fuzz(func(t *testing.T, in []byte) {
		// What is decided stays so, however the bytes come in.
		for n := range len(in) + 1 {
			who := callerOf(in[:n])
			if who == callerUnknown {
				if n >= firstBytes {
					t.Fatalf("undecided after %d bytes", n)
				}
				continue
			}
			if n <= firstBytes && who != callerOf(in[:min(len(in), firstBytes)]) {
				t.Fatalf("%x: decided after %d bytes, and otherwise later", in, n)
			}
			if who == callerICE && !icetcp.IsFramed(in) || who == callerTURN && !turn.IsStream(in) {
				t.Fatalf("%x", in)
			}
		}
	})
}

func TestICEServers(t *testing.T) {
	for _, c := range []struct {
		s    iceServers
		host string
		want []string
	}{
		{iceServers{tcp: 8443, udp: 8444}, "localhost:8443", []string{"turn:localhost:8443?transport=tcp", "turn:localhost:8444?transport=udp"}},
		{iceServers{tcp: 8443, udp: 8443, tls: true, fixed: "https://corpu.example"}, "10.0.0.1", []string{
			"turns:corpu.example:443?transport=tcp", "turn:corpu.example:443?transport=tcp", "turn:corpu.example:8443?transport=udp",
		}},
		{iceServers{tcp: 8080, udp: 8080, fixed: "https://corpu.example"}, "", []string{ // a proxy ends TLS: TURN is behind our own port
			"turn:corpu.example:8080?transport=tcp", "turn:corpu.example:8080?transport=udp",
		}},
		{iceServers{tcp: 443, udp: 443, tls: true}, "[2001:db8::7]", []string{
			"turns:[2001:db8::7]:443?transport=tcp", "turn:[2001:db8::7]:443?transport=tcp", "turn:[2001:db8::7]:443?transport=udp",
		}},
		{iceServers{tcp: 443, udp: 443}, "evil\"; x=\"", nil},
		{iceServers{tcp: 443, udp: 443}, "", nil},
	} {
		c.s.secret = turn.Secret("x")
		got := c.s.list("demo", "who", c.host, 0)
		if c.want == nil {
			if got != nil {
				t.Errorf("%q: %v", c.host, got)
			}
			continue
		}
		if len(got) != 1 || len(got[0].URLs) != len(c.want) {
			t.Fatalf("%q: %v", c.host, got)
		}
		for i, u := range c.want {
			if got[0].URLs[i] != u {
				t.Errorf("%q: %s, not %s", c.host, got[0].URLs[i], u)
			}
		}
		if got[0].Username == "" || got[0].Credential == "" {
			t.Error("no credentials")
		}
	}
}
