package ring

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"testing"

	"betang/sfu/codec"

	"pgregory.net/rapid"
)

// content makes bytes that belong to one number, of a length that does too.
func content(ext uint64, salt byte) []byte {
	p := make([]byte, 20+ext%1200)
	for i := range p {
		p[i] = byte(ext) ^ byte(i) ^ salt
	}
	binary.BigEndian.PutUint64(p, ext)
	return p
}

func put(t *testing.T, r *Ring, ext uint64, stamp uint32, info codec.Info, want State) {
	t.Helper()
	if got := r.Put(ext, content(ext, 0), Meta{Timestamp: stamp, Info: info}); got != want {
		t.Fatalf("Put(%d) = %d, want %d", ext, got, want)
	}
}

func TestPutGet(t *testing.T) {
	r := New(5)
	if r.Len() != 8 {
		t.Fatalf("Len = %d, want 8", r.Len())
	}
	buf := make([]byte, MaxPacket)
	if _, ok := r.Head(); ok {
		t.Fatal("an empty ring has a head")
	}
	if _, _, s := r.Get(0, buf); s != Missing {
		t.Fatalf("Get from an empty ring: %d", s)
	}
	put(t, r, 100, 1, codec.Info{}, OK)
	put(t, r, 103, 1, codec.Info{}, OK)
	put(t, r, 101, 1, codec.Info{}, OK) // late
	put(t, r, 101, 1, codec.Info{}, Duplicate)
	put(t, r, 95, 1, codec.Info{}, Old)
	put(t, r, 96, 1, codec.Info{}, OK) // the oldest that fits
	if h, ok := r.Head(); !ok || h != 103 {
		t.Fatalf("Head = %d, %v", h, ok)
	}
	for ext, want := range map[uint64]State{95: Old, 96: OK, 97: Missing, 100: OK, 101: OK, 102: Missing, 103: OK, 104: Missing, 1 << 60: Missing} {
		n, _, s := r.Get(ext, buf)
		if s != want || s == OK && !bytes.Equal(buf[:n], content(ext, 0)) {
			t.Errorf("Get(%d) = %d bytes, %d; want %d", ext, n, s, want)
		}
	}
	put(t, r, 108, 2, codec.Info{}, OK) // overwrites 100
	if _, _, s := r.Get(100, buf); s != Old {
		t.Fatalf("Get of an overwritten packet: %d", s)
	}
	if _, _, s := r.Get(99, buf); s != Old {
		t.Fatalf("Get of a lost packet that is out of reach: %d", s)
	}
	if _, _, s := r.Get(108, buf[:20]); s != Long {
		t.Fatalf("Get into a short buffer: %d", s)
	}
	if s := r.Put(109, make([]byte, MaxPacket+1), Meta{}); s != Long {
		t.Fatalf("Put of a long packet: %d", s)
	}
	if s := r.Put(109, make([]byte, MaxPacket), Meta{Arrived: 7, Payload: 12, Marker: true}); s != OK {
		t.Fatalf("Put of the longest packet: %d", s)
	}
	if n, m, s := r.Get(109, buf); s != OK || n != MaxPacket || m.Arrived != 7 || m.Payload != 12 || !m.Marker {
		t.Fatalf("Get of the longest packet: %d, %+v, %d", n, m, s)
	}
}

func TestKeyframe(t *testing.T) {
	key, end, par, mid := codec.Info{Key: true}, codec.Info{End: true}, codec.Info{Key: true, Params: true}, codec.Info{}
	type step struct {
		ext   uint64
		stamp uint32
		info  codec.Info
		want  uint64 // keyframe after the step, 0: none
	}
	for name, steps := range map[string][]step{
		"in order":             {{10, 1, key, 0}, {11, 1, mid, 0}, {12, 1, end, 10}, {13, 2, end, 10}},
		"one packet":           {{10, 1, codec.Info{Key: true, End: true}, 10}},
		"delta frames only":    {{10, 1, end, 0}, {11, 2, end, 0}},
		"first packet last":    {{11, 1, mid, 0}, {12, 1, end, 0}, {10, 1, key, 10}},
		"middle packet last":   {{10, 1, key, 0}, {12, 1, end, 0}, {13, 2, end, 0}, {11, 1, mid, 10}},
		"no marker":            {{10, 1, key, 0}, {11, 1, mid, 0}, {12, 2, mid, 10}},
		"replaced":             {{10, 1, key, 0}, {11, 1, end, 10}, {12, 2, key, 10}, {13, 2, end, 12}},
		"abandoned":            {{10, 1, key, 0}, {12, 1, end, 0}, {13, 2, key, 0}, {14, 2, end, 13}, {11, 1, mid, 13}},
		"older one comes late": {{12, 2, key, 0}, {13, 2, end, 12}, {10, 1, key, 12}, {11, 1, end, 12}},
		"older one beside a newer that is incomplete": {{12, 2, key, 0}, {10, 1, key, 0}, {11, 1, end, 0}, {13, 2, end, 12}},
		"parameter sets, then the picture":            {{10, 1, par, 0}, {11, 1, mid, 0}, {12, 1, key, 0}, {13, 1, end, 10}},
		"picture first, parameter sets late":          {{11, 1, key, 0}, {10, 1, par, 0}, {12, 1, end, 10}},
		"parameter sets before a delta frame":         {{10, 1, par, 0}, {11, 1, end, 0}, {12, 2, key, 0}, {13, 2, end, 12}},
		"several slices":                              {{10, 1, key, 0}, {11, 1, key, 0}, {12, 1, codec.Info{Key: true, End: true}, 10}},
		"overwritten": {
			{10, 1, codec.Info{Key: true, End: true}, 10}, {25, 2, end, 10}, {26, 3, end, 0}, {27, 4, codec.Info{Key: true, End: true}, 27},
		},
	} {
		r := New(16)
		for i, s := range steps {
			put(t, r, s.ext, s.stamp, s.info, OK)
			if got, ok := r.Keyframe(); ok != (s.want != 0) || ok && got != s.want {
				t.Errorf("%s, step %d: keyframe %d, %v; want %d", name, i, got, ok, s.want)
			}
		}
	}
}

// A ring against a map, under loss, reordering, repetition and leaps.
func TestModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := New(rapid.SampledFrom([]int{2, 8, 32}).Draw(t, "size"))
		d := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		type stored struct {
			ext  uint64
			salt byte
		}
		model := map[uint64]stored{} // by slot
		next := uint64(d.IntN(100))
		var head uint64
		buf := make([]byte, MaxPacket)
		for range rapid.IntRange(50, 300).Draw(t, "steps") {
			switch d.IntN(20) {
			case 0:
				next += uint64(d.IntN(100))
			default:
				next++
			}
			ext, salt := next-min(next, uint64(d.IntN(40))*uint64(d.IntN(2))), byte(d.IntN(256))
			size := uint64(r.Len())
			have, full := model[ext%size]
			want := OK
			switch {
			case len(model) > 0 && ext+size <= head:
				want = Old
			case full && have.ext == ext:
				want = Duplicate
			}
			if got := r.Put(ext, content(ext, salt), Meta{Arrived: int64(salt)}); got != want {
				t.Fatalf("Put(%d) = %d, want %d; head %d", ext, got, want, head)
			}
			if want == OK {
				if len(model) == 0 || ext > head {
					head = ext
				}
				model[ext%size] = stored{ext, salt}
			}
			ask := head - min(head, uint64(d.IntN(2*r.Len()))) + uint64(d.IntN(2))
			n, m, s := r.Get(ask, buf)
			have, full = model[ask%size]
			switch {
			case full && have.ext == ask: // also one out of reach, as long as nothing took its place
				want = OK
			case ask+size <= head || full && have.ext > ask:
				want = Old
			default:
				want = Missing
			}
			if s != want || s == OK && (!bytes.Equal(buf[:n], content(ask, have.salt)) || m.Arrived != int64(have.salt)) {
				t.Fatalf("Get(%d) = %d, want %d; head %d", ask, s, want, head)
			}
		}
	})
}

// Readers beside the writer never see half a packet. The ring is tiny, so that they meet all the time.
func TestReadersAndWriter(t *testing.T) {
	r := New(4)
	const last = 20000
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			buf := make([]byte, MaxPacket)
			var whole int
			for {
				head, ok := r.Head()
				if !ok {
					continue
				}
				for ext := head - min(head, 4); ext <= head; ext++ {
					n, m, s := r.Get(ext, buf)
					if s == OK {
						if whole++; !bytes.Equal(buf[:n], content(ext, byte(ext>>8))) || m.Timestamp != uint32(ext) {
							t.Errorf("packet %d is torn", ext)
							return
						}
					}
				}
				if k, ok := r.Keyframe(); ok && k%10 != 0 {
					t.Errorf("keyframe at %d", k)
					return
				}
				if head == last {
					if whole == 0 {
						t.Error("a reader saw no packet")
					}
					return
				}
			}
		})
	}
	for ext := uint64(1); ext <= last; ext++ {
		r.Put(ext, content(ext, byte(ext>>8)), Meta{Timestamp: uint32(ext), Info: codec.Info{Key: ext%10 == 0, End: true}})
	}
	wg.Wait()
}

func TestNoAllocs(t *testing.T) {
	r := New(64)
	p, buf := content(999, 0), make([]byte, MaxPacket)
	var ext uint64
	if n := testing.AllocsPerRun(1000, func() {
		ext++
		r.Put(ext, p, Meta{Info: codec.Info{Key: ext%5 == 0, End: ext%5 == 4}})
		r.Get(ext, buf)
		r.Keyframe()
	}); n != 0 {
		t.Fatalf("%v allocations a packet", n)
	}
}

func BenchmarkPut(b *testing.B) {
	r := New(1024)
	p := make([]byte, 1178)
	var ext uint64
	b.ReportAllocs()
	for b.Loop() {
		ext++
		r.Put(ext, p, Meta{})
	}
}

func BenchmarkGet(b *testing.B) {
	r := New(1024)
	for ext := range uint64(1024) {
		r.Put(ext, make([]byte, 1178), Meta{})
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		buf := make([]byte, MaxPacket)
		var i uint64
		for pb.Next() {
			i++
			if _, _, s := r.Get(i&1023, buf); s != OK {
				b.Fatal(s)
			}
		}
	})
}

// BenchmarkGetBesideWriter reads the newest packet while another goroutine writes as fast as it can: far more
// contention than 200 packets a second bring.
func BenchmarkGetBesideWriter(b *testing.B) {
	r := New(1024)
	p := make([]byte, 1178)
	r.Put(1, p, Meta{})
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for ext := uint64(2); ; ext++ {
			select {
			case <-stop:
				return
			default:
				r.Put(ext, p, Meta{})
			}
		}
	}()
	buf := make([]byte, MaxPacket)
	b.ReportAllocs()
	for b.Loop() {
		h, _ := r.Head()
		r.Get(h, buf)
	}
	close(stop)
	<-stopped
}
