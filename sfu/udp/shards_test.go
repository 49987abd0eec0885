package udp

import (
	"fmt"
	"net/netip"
	"testing"
)

// TestShardsShareOnePort: the sockets have one address, what each sends comes from it, and a peer's datagrams always come to the
// same one.
func TestShardsShareOnePort(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0", ":0"} {
		t.Run(address, func(t *testing.T) {
			shards, err := ListenShards(t.Context(), address, 3)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range shards {
				t.Cleanup(func() { c.Close() })
				if c.LocalAddrPort() != shards[0].LocalAddrPort() {
					t.Errorf("%v and %v", c.LocalAddrPort(), shards[0].LocalAddrPort())
				}
			}
			at := shards[0].LocalAddrPort()
			home := "127.0.0.1:0"
			if at.Addr().Is6() && !at.Addr().IsUnspecified() {
				home = "[::1]:0"
			}
			to := netip.AddrPortFrom(netip.MustParseAddrPort(home).Addr(), at.Port())
			if !reusePort {
				t.Skip("one socket here")
			}
			came := make(chan int, 64)
			for i, c := range shards {
				go func() {
					r, ms := c.NewReader(1), []Datagram{{Buf: make([]byte, MaxDatagram)}}
					for {
						if _, err := r.Read(ms); err != nil {
							return
						}
						came <- i
					}
				}()
			}
			for range 8 {
				peer := listen(t, home)
				if _, err := peer.WriteTo([]byte("one"), to); err != nil {
					t.Fatal(err)
				}
				first := <-came
				for range 3 {
					if _, err := peer.WriteTo([]byte("more"), to); err != nil {
						t.Fatal(err)
					}
					if i := <-came; i != first {
						t.Fatalf("a peer's datagrams come to sockets %d and %d", first, i)
					}
				}
				for _, c := range shards {
					b := c.NewBatch()
					if _, err := b.Room(); err != nil {
						t.Fatal(err)
					}
					b.Commit(peer.LocalAddrPort(), 10)
					if err := b.Flush(); err != nil {
						t.Fatal(err)
					}
				}
				r, ms := peer.NewReader(4), []Datagram{{Buf: make([]byte, MaxDatagram)}}
				for range shards {
					if _, err := r.Read(ms); err != nil {
						t.Fatal(err)
					}
					if ms[0].From != to {
						t.Errorf("a datagram from %v, want %v", ms[0].From, to)
					}
				}
			}
		})
	}
}

// TestASecondServerIsRefused: the port is shared by one server's sockets, not by two servers.
func TestASecondServerIsRefused(t *testing.T) {
	for _, n := range []int{1, 2} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			first, err := ListenShards(t.Context(), "127.0.0.1:0", n)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range first {
				t.Cleanup(func() { c.Close() })
			}
			second, err := ListenShards(t.Context(), first[0].LocalAddr().String(), n)
			if err == nil {
				for _, c := range second {
					c.Close()
				}
				t.Fatal("two servers on one port")
			}
		})
	}
}
