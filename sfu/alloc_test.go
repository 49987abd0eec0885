package sfu

import (
	"encoding/binary"
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"betang/sfu/bwe"
	"betang/sfu/codec"
	"betang/sfu/lite"
	"betang/sfu/ring"
	"betang/sfu/udp"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// silent is an outlet without its media: padding and reports go nowhere.
type silent struct{}

func (silent) sendPadding(*shard, *Down, uint8, uint64) error { return nil }
func (silent) sendRTCP(*shard, []rtcp.Packet) error           { return nil }
func (silent) path() netip.AddrPort                           { return netip.AddrPort{} }

// nowhere takes packets and counts them.
type nowhere struct {
	silent
	packets, bytes int
}

func (n *nowhere) sendRTP(_ *shard, _ *Down, _ *rtp.Header, _ uint64, payload []byte, _ int) error {
	n.packets++
	n.bytes += len(payload)
	return nil
}

// bench is a shard with one layer and many Downs, without transports. Its methods stand in for the shard's goroutine.
type bench struct {
	s    *shard
	l    *Layer
	f    *feed
	out  nowhere
	next uint64
	n    uint64
	now  int64
}

func newBench(viewers int) *bench {
	b := &bench{next: 1 << 16, now: int64(1000 * time.Second)}
	e := &Engine{began: time.Now(), socks: []*udp.Conn{nil}, log: slog.New(slog.DiscardHandler)}
	b.s = newShard(e, 0)
	b.s.now = b.now
	e.shards = []*shard{b.s}
	p := &publisher{peer: &peer{e: e}, kick: make(chan struct{}, 1)}
	u := &Up{pub: p, video: true}
	b.l = newLayer(u, format{pt: 96, kind: codec.VP8}, 1, nil)
	u.layers.Store(&[]*Layer{b.l})
	for range viewers {
		v := &viewer{peer: &peer{e: e}, shard: b.s, out: &b.out}
		d := &Down{v: v, kind: webrtc.RTPCodecTypeVideo, ssrc: 7}
		d.formats = []format{{pt: 100, kind: codec.VP8, rtx: 101}}
		d.rtxSSRC = 8
		d.follow(b.s, u)
	}
	b.f = b.s.feeds[b.l]
	return b
}

// frame sends a frame of so many packets on its way.
func (b *bench) frame(packets int, key bool) {
	payload := make([]byte, 1100)
	b.put(payload, packets, key)
	b.s.serve(b.f, b.s.packets[:])
}

func (b *bench) put(payload []byte, packets int, key bool) {
	b.now += int64(time.Second / 30)
	b.s.now = b.now
	copy(payload, []byte{0x90, 0xc0, 0x80 | byte(b.n>>8), byte(b.n), byte(b.n), 1})
	b.n = (b.n + 1) & 0x7fff
	for i := range packets {
		payload[0] = 0x80
		if i == 0 {
			payload[0] = 0x90
		}
		payload[5] = 1
		if key {
			payload[5] = 0
		}
		info, _ := codec.Inspect(codec.VP8, payload, i == packets-1)
		b.l.ring.Put(b.next, payload, ring.Meta{
			Arrived: b.now, Timestamp: uint32(b.now / 11111), Marker: i == packets-1, Info: info,
		})
		logged := b.l.logged.Load()
		b.l.arrival[logged%uint64(len(b.l.arrival))].Store(b.next)
		b.l.logged.Store(logged + 1)
		b.next++
	}
}

func TestForwardingDoesNotAllocate(t *testing.T) {
	b := newBench(50)
	b.frame(3, true)
	if b.out.packets != 150 {
		t.Fatalf("%d packets of a keyframe", b.out.packets)
	}
	payload := make([]byte, 1100)
	before := b.out.packets
	n := testing.AllocsPerRun(100, func() {
		b.put(payload, 5, false)
		b.s.serve(b.f, b.s.packets[:])
		b.s.tally()
	})
	if n != 0 {
		t.Errorf("%v allocations for 250 packets", n)
	}
	if got := b.out.packets - before; got != 101*250 {
		t.Errorf("%d packets went out", got)
	}
}

// lean gives the bench's viewers lean transports which seal and send for real, to nobody who listens, and estimators.
func (b *bench) lean(t testing.TB) *udp.Conn {
	conn, err := udp.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	b.s.batch = conn.NewBatch()
	for i, d := range b.f.downs {
		v := d.v
		tr, err := lite.Keyed(netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(1+i))) // each his own: else they share messages
		if err != nil {
			t.Fatal(err)
		}
		v.out = &leanLink{v: v, t: tr, batch: b.s.batch}
		v.live.Store(true)
		v.extID = 3
		v.est = bwe.New(bwe.Config{Start: mostRate, Min: leastRate, Max: mostRate}) // nothing is paced
		v.bound.Store(&[]*Down{d})
		v.downs.Store(&[]*Down{d})
		d.repairs, d.format.rtx = true, 101
		b.s.viewers[v] = struct{}{}
	}
	return conn
}

// told is a compound packet of transport-wide feedback: n packets from first on have come, a millisecond apart.
func told(room []byte, first uint16, n int, now int64) []byte {
	size := 4 * ((20 + 2 + n + 3) / 4)
	p := room[:size]
	clear(p)
	p[0], p[1] = 0x8f, 205
	binary.BigEndian.PutUint16(p[2:], uint16(size/4-1))
	binary.BigEndian.PutUint16(p[12:], first)
	binary.BigEndian.PutUint16(p[14:], uint16(n))
	binary.BigEndian.PutUint32(p[16:], uint32(now/int64(64*time.Millisecond))<<8)
	binary.BigEndian.PutUint16(p[20:], 1<<13|uint16(n)) // a run of small deltas
	p[22] = byte(now % int64(64*time.Millisecond) / int64(250*time.Microsecond))
	for i := 1; i < n; i++ {
		p[22+i] = 4
	}
	return p
}

// The whole way: gathered, numbered, sealed, sent, fed back, estimated, steered.
func TestLeanViewersDoNotAllocate(t *testing.T) {
	const viewers, packets = 20, 5
	b := newBench(viewers)
	conn := b.lean(t)
	b.frame(3, true)
	payload, room := make([]byte, 1100), make([]byte, 100)
	first := uint16(3)
	round := func() {
		b.put(payload, packets, false)
		b.l.arrived.Store(b.now)
		b.s.serve(b.f, b.s.packets[:])
		b.s.flushed(b.s.batch.Flush())
		for _, d := range b.f.downs {
			d.v.feedback(0, told(room, first, packets, b.now))
		}
		first += packets
		b.s.obey()
		for _, d := range b.f.downs {
			d.v.tend(b.s)
		}
		b.s.tally()
	}
	for range 50 { // memory that is made once
		round()
	}
	if n := testing.AllocsPerRun(200, round); n != 0 {
		t.Errorf("%v allocations for %d packets and %d reports", n, viewers*packets, viewers)
	}
	v := b.f.downs[0].v
	if sent := conn.Stats.Datagrams.Load(); sent != 3*viewers+251*packets*viewers {
		t.Errorf("%d datagrams went out", sent)
	}
	if !v.est.Alive() || v.est.Acked() < 1_000_000 || v.est.Loss() > 0 {
		t.Errorf("what came back: %d bit/s, %v lost", v.est.Acked(), v.est.Loss())
	}
}

// voice gives the bench a voice, merged to 60 ms or as it came, that all its viewers hear beside the picture. The function
// sends the next packet of it on its way.
func (b *bench) voice(merged bool) func() {
	e := b.s.e
	u := &Up{pub: b.l.up.pub}
	l := newLayer(u, format{pt: 111, kind: codec.Opus}, 2, nil)
	l.merged = merged
	u.layers.Store(&[]*Layer{l})
	for _, picture := range b.f.downs {
		v := picture.v
		d := &Down{v: v, kind: webrtc.RTPCodecTypeAudio, ssrc: 9, formats: []format{{pt: 111, kind: codec.Opus, red: 63}}}
		v.bound.Store(&[]*Down{d, picture})
		v.downs.Store(&[]*Down{d, picture})
		d.follow(b.s, u)
	}
	payload := make([]byte, 80)
	payload[0] = 31 << 3 // one frame of 20 ms
	next, n := uint64(firstExt), uint64(0)
	return func() {
		payload[1] = byte(next)
		info, _ := codec.Inspect(codec.Opus, payload, false)
		l.ring.Put(next, payload, ring.Meta{Arrived: e.now(), Timestamp: uint32(next * 960), Info: info})
		l.arrival[n%uint64(len(l.arrival))].Store(next)
		next, n = next+1, n+1
		l.logged.Store(n)
		l.arrived.Store(b.s.now)
		b.s.news(b.s.feeds[l])
	}
}

// A voice behind the frames, and one that goes three times.
func TestVoicesDoNotAllocate(t *testing.T) {
	for _, c := range []struct {
		name   string
		merged bool
		depth  uint8
		walks  float64 // for a viewer, a frame and a packet of voice; the system tells of each if it has no segments
	}{
		{"merged, behind a frame", true, 0, 1},
		{"with redundancy", false, redMost, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			const viewers, packets = 20, 5
			b := newBench(viewers)
			conn := b.lean(t)
			b.frame(3, true)
			speak := b.voice(c.merged)
			for _, d := range b.f.downs {
				d.v.depth = c.depth
			}
			payload := make([]byte, 1100)
			round := func() {
				speak() // waits, if it is merged
				b.put(payload, packets, false)
				b.l.arrived.Store(b.now)
				b.s.serve(b.f, b.s.packets[:])
				b.s.flushed(b.s.batch.Flush())
				b.s.tally()
			}
			for range 50 { // memory that is made once
				round()
			}
			datagrams, walks := conn.Stats.Datagrams.Load(), conn.Stats.Messages.Load()
			if n := testing.AllocsPerRun(200, round); n != 0 {
				t.Errorf("%v allocations for %d packets and %d of voice", n, viewers*packets, viewers)
			}
			if n := conn.Stats.Datagrams.Load() - datagrams; n != 201*viewers*(packets+1) {
				t.Errorf("%d datagrams went out", n)
			}
			if n := float64(conn.Stats.Messages.Load()-walks) / (201 * viewers); conn.GSO() && n != c.walks {
				t.Errorf("%v walks for a viewer", n)
			}
		})
	}
}

// A viewer at ease is decided about seldom, and at once when the path no longer carries what he has.
func TestAtEase(t *testing.T) {
	b := newBench(1)
	b.lean(t)
	b.frame(3, true)
	v := b.f.downs[0].v
	const mark = 77 // of a decision there is none yet
	decided := func() bool {
		was := v.want == mark
		v.tend(b.s)
		now := v.want == mark
		v.want = mark
		return !was || !now
	}
	tick := func() bool {
		b.s.now += int64(tickEvery)
		b.l.arrived.Store(b.s.now)
		return decided()
	}
	v.tend(b.s)
	v.want = mark
	n := 0
	for range 40 {
		if tick() {
			n++
		}
	}
	if n != 10 {
		t.Errorf("decided %d times in four seconds", n)
	}
	for tick() { // into a rest
	}
	v.restRate = 2 * mostRate
	if !tick() {
		t.Error("the path carries too little, and nobody looked")
	}
	v.limit.Store(leastRate)
	v.reconsider()
	if v.want == mark {
		t.Error("the server's limit waits")
	}
}

func TestAnsweringNACKsDoesNotAllocate(t *testing.T) {
	b := newBench(1)
	b.frame(3, true)
	for range 20 {
		b.frame(5, false)
	}
	d := b.f.downs[0]
	head := b.s.header.SequenceNumber
	seqs := []uint16{head, head - 1, head - 7}
	d.nacks = make([]uint16, 0, nackMost)
	d.rtx = make([]byte, 0, 1600)
	before := b.s.e.count.resent.Load()
	n := testing.AllocsPerRun(50, func() {
		b.s.now += int64(time.Second)
		d.nacks = append(d.nacks, seqs...)
		d.answer()
	})
	if n != 0 {
		t.Errorf("%v allocations for 3 answers", n)
	}
	if got := b.s.e.count.resent.Load() - before; got != 51*3 {
		t.Errorf("%d answers", got)
	}
}

// A shard that was held up longer than the ring is long starts its viewers anew at a keyframe, and says why.
func TestOverrunResumesAtKeyframe(t *testing.T) {
	b := newBench(2)
	b.frame(3, true)
	payload := make([]byte, 1100)
	for range 400 {
		b.put(payload, 5, false)
	}
	was := b.out.packets
	b.s.serve(b.f, b.s.packets[:])
	b.frame(5, false)
	if b.out.packets != was || b.s.dropped[DropOverrun] != 2000 {
		t.Fatalf("%d packets out of sequence, %d dropped", b.out.packets-was, b.s.dropped[DropOverrun])
	}
	b.frame(3, true)
	if b.out.packets != was+6 {
		t.Fatalf("%d packets of the keyframe", b.out.packets-was)
	}
}

// BenchmarkForward measures a shard's own work for a packet and viewer, without SRTP and the socket.
func BenchmarkForward(b *testing.B) {
	for _, viewers := range []int{1, 100, 1000} {
		b.Run(map[int]string{1: "1", 100: "100", 1000: "1000"}[viewers], func(b *testing.B) {
			s := newBench(viewers)
			s.frame(3, true)
			payload := make([]byte, 1100)
			b.ReportAllocs()
			packets := 0
			for b.Loop() {
				s.put(payload, 5, false)
				s.s.serve(s.f, s.s.packets[:])
				packets += 5 * viewers
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(packets), "ns/packet")
		})
	}
}

// BenchmarkFeedback measures what a report of five packets costs the shard and the socket's reader, without SRTP and the socket.
func BenchmarkFeedback(b *testing.B) {
	const viewers, packets = 300, 5
	s := newBench(viewers)
	s.lean(b)
	s.frame(3, true)
	payload, room := make([]byte, 1100), make([]byte, 100)
	first, n := uint16(3), 0
	var spent time.Duration
	b.ReportAllocs()
	for b.Loop() {
		s.put(payload, packets, false)
		s.s.serve(s.f, s.s.packets[:])
		s.s.flushed(s.s.batch.Flush())
		began := time.Now()
		for _, d := range s.f.downs {
			d.v.feedback(0, told(room, first, packets, s.now))
		}
		first += packets
		s.s.obey()
		spent += time.Since(began)
		n += viewers
	}
	b.ReportMetric(float64(spent.Nanoseconds())/float64(n), "ns/report")
}
