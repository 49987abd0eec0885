package udp

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"testing"

	"pgregory.net/rapid"
)

func listen(t testing.TB, address string) *Conn {
	t.Helper()
	c, err := Listen(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// collect reads n datagrams.
func collect(t interface {
	Helper()
	Fatal(args ...any)
}, c *Conn, n int,
) [][]byte {
	t.Helper()
	r := c.NewReader(16)
	ms := make([]Datagram, 16)
	for i := range ms {
		ms[i].Buf = make([]byte, MaxDatagram)
	}
	var all [][]byte
	for len(all) < n {
		got, err := r.Read(ms)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range ms[:got] {
			all = append(all, bytes.Clone(m.Buf[:m.N]))
		}
	}
	return all
}

func TestBatchArrivesWholeAndInOrder(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		for _, segment := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s segmentation %v", address, segment), func(t *testing.T) {
				to, from := listen(t, address), listen(t, address)
				if !segment {
					from.gso.Store(false)
				}
				rapid.Check(t, func(t *rapid.T) {
					b := from.NewBatch()
					var want [][]byte
					for i := range rapid.IntRange(1, 90).Draw(t, "count") {
						size := rapid.SampledFrom([]int{1, 80, 852, 853, 1200, 1200, 1200, MaxDatagram}).Draw(t, "size")
						room, err := b.Room()
						if err != nil {
							t.Fatal(err)
						}
						for k := range size {
							room[k] = byte(i + k)
						}
						want = append(want, bytes.Clone(room[:size]))
						b.Commit(to.LocalAddrPort(), size)
					}
					if err := b.Flush(); err != nil {
						t.Fatal(err)
					}
					for i, got := range collect(t, to, len(want)) {
						if !bytes.Equal(got, want[i]) {
							t.Fatalf("datagram %d: %d bytes, want %d", i, len(got), len(want[i]))
						}
					}
				})
			})
		}
	}
}

func TestFrameIsOneWalk(t *testing.T) {
	to, from := listen(t, "127.0.0.1:0"), listen(t, "127.0.0.1:0")
	if !from.GSO() {
		t.Skip("this kernel has no UDP segmentation")
	}
	b := from.NewBatch()
	for _, size := range []int{1178, 1178, 1178, 1178, 640} {
		if _, err := b.Room(); err != nil {
			t.Fatal(err)
		}
		b.Commit(to.LocalAddrPort(), size)
	}
	if err := b.Flush(); err != nil {
		t.Fatal(err)
	}
	if m, d, c := from.Stats.Messages.Load(), from.Stats.Datagrams.Load(), from.Stats.Calls.Load(); m != 1 || d != 5 || c != 1 {
		t.Errorf("%d walks, %d datagrams, %d calls; want 1, 5, 1", m, d, c)
	}
	collect(t, to, 5)
}

func TestUnreachableAddressHurtsNobodyElse(t *testing.T) {
	to, from := listen(t, "127.0.0.1:0"), listen(t, "127.0.0.1:0")
	b := from.NewBatch()
	for _, addr := range []netip.AddrPort{netip.MustParseAddrPort("255.255.255.255:9"), to.LocalAddrPort(), netip.MustParseAddrPort("240.0.0.1:9"), to.LocalAddrPort()} {
		if _, err := b.Room(); err != nil {
			t.Fatal(err)
		}
		b.Commit(addr, 100)
	}
	if err := b.Flush(); err != nil {
		t.Fatal(err)
	}
	collect(t, to, 2)
	if from.Stats.Dropped.Load() == 0 {
		t.Error("nothing counted as dropped")
	}
}

func TestClosedConn(t *testing.T) {
	from := listen(t, "127.0.0.1:0")
	b := from.NewBatch()
	if _, err := b.Room(); err != nil {
		t.Fatal(err)
	}
	b.Commit(from.LocalAddrPort(), 10)
	from.Close()
	if err := b.Flush(); err == nil {
		t.Error("flushed into a closed socket")
	}
	if _, err := from.NewReader(1).Read([]Datagram{{Buf: make([]byte, 10)}}); err == nil {
		t.Error("read from a closed socket")
	}
}

func TestSendingAllocatesNothing(t *testing.T) {
	to, from := listen(t, "127.0.0.1:0"), listen(t, "127.0.0.1:0")
	b, addr := from.NewBatch(), to.LocalAddrPort()
	if n := testing.AllocsPerRun(100, func() {
		for range 5 {
			if _, err := b.Room(); err != nil {
				t.Fatal(err)
			}
			b.Commit(addr, 1178)
		}
		if err := b.Flush(); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations a frame", n)
	}
}

// BenchmarkFrame sends a frame of five packets to each of 100 addresses: what one walk, one call and one sendto
// cost, in one run.
func BenchmarkFrame(b *testing.B) {
	from := listen(b, "127.0.0.1:0")
	sink := make([]netip.AddrPort, 100)
	for i := range sink {
		sink[i] = listen(b, "127.0.0.1:0").LocalAddrPort()
	}
	const packets, size = 5, 1178
	report := func(b *testing.B) {
		b.ReportAllocs()
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(sink)*packets), "ns/packet")
	}
	b.Run("sendto", func(b *testing.B) {
		buf := make([]byte, size)
		for b.Loop() {
			for _, to := range sink {
				for range packets {
					if _, err := from.WriteTo(buf, to); err != nil {
						b.Fatal(err)
					}
				}
			}
		}
		report(b)
	})
	for name, segment := range map[string]bool{"sendmmsg": false, "segmented": true} {
		b.Run(name, func(b *testing.B) {
			was := from.gso.Load()
			from.gso.Store(segment && was)
			defer from.gso.Store(was)
			batch := from.NewBatch()
			for b.Loop() {
				for _, to := range sink {
					for range packets {
						if _, err := batch.Room(); err != nil {
							b.Fatal(err)
						}
						batch.Commit(to, size)
					}
				}
				if err := batch.Flush(); err != nil {
					b.Fatal(err)
				}
			}
			report(b)
		})
	}
}

// BenchmarkUnequal is why frames are padded: the sizes Chromium cuts a frame into, as they are and made equal, and a
// packet of voice alone or behind them.
func BenchmarkUnequal(b *testing.B) {
	from := listen(b, "127.0.0.1:0")
	sink := make([]netip.AddrPort, 100)
	for i := range sink {
		sink[i] = listen(b, "127.0.0.1:0").LocalAddrPort()
	}
	for _, c := range []struct {
		name  string
		sizes []int
	}{
		{"as they are", []int{880, 881}},
		{"padded", []int{881, 881}},
		{"as they are, 4", []int{1100, 1101, 1101, 1102}},
		{"padded, 4", []int{1102, 1102, 1102, 1102}},
		{"voice alone", []int{108}},
		{"voice behind padded", []int{881, 881, 108}},
	} {
		b.Run(c.name, func(b *testing.B) {
			batch := from.NewBatch()
			for b.Loop() {
				for _, to := range sink {
					for _, n := range c.sizes {
						if _, err := batch.Room(); err != nil {
							b.Fatal(err)
						}
						batch.Commit(to, n)
					}
				}
				if err := batch.Flush(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(sink)), "ns/viewer")
		})
	}
}
