package bwe

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/rtcp"
	"pgregory.net/rapid"
)

// path is a bottleneck with a queue that drops at its tail, a receiver that gives feedback, and a sender that is asked for
// some rate of media and fills up with what the estimator probes for.
type path struct {
	e     *Estimator
	by    controller // who is asked; e, unless another one is compared with it
	now   int64
	rate  int64 // of the link, bits a second
	room  int64 // of its queue, ns of delay at that rate
	delay int64 // each way
	loss  float64
	rng   *rand.Rand

	free    int64 // when the link is free again
	flying  []flight
	back    []reply
	rec     *twcc.Recorder
	due     int64
	came    int
	dropped int
	worst   int64 // longest stay in the queue
	bytes   int   // that came
	tick    func()
}

// controller is what a sender asks.
type controller interface {
	Send(size int, now int64) uint16
	Feedback(fci []byte, now int64) error
	Rate() int64
	Drain() int64
	Probe(want, prove, now int64) int
	Tick(now int64)
}

type flight struct {
	at  int64
	seq uint16
}

type reply struct {
	at  int64
	fci []byte
}

func makePath(rate int64) *path {
	e := New(Config{Start: 300_000, Min: 30_000, Max: 5_000_000})
	return &path{
		e: e, by: e,
		rate: rate, room: 500 * ms, delay: 25 * ms, rng: rand.New(rand.NewPCG(1, 2)), rec: twcc.NewRecorder(1), now: second,
	}
}

func (p *path) send(size int) {
	seq := p.by.Send(size, p.now)
	p.free = max(p.free, p.now)
	if p.free-p.now > p.room || p.rng.Float64() < p.loss {
		p.dropped++
		return
	}
	p.worst = max(p.worst, p.free-p.now)
	p.free += int64(size) * 8 * second / p.rate
	p.flying = append(p.flying, flight{p.free + p.delay, seq})
	p.bytes += size
}

// step moves on by a millisecond.
func (p *path) step(t testing.TB) {
	p.now += ms
	if p.tick != nil {
		p.tick()
	}
	for len(p.flying) > 0 && p.flying[0].at <= p.now {
		p.rec.Record(9, p.flying[0].seq, p.flying[0].at/1000)
		p.flying = p.flying[1:]
		p.came++
	}
	if p.now >= p.due {
		p.due = p.now + 100*ms
		for _, r := range p.rec.BuildFeedbackPacket() {
			raw, err := r.(*rtcp.TransportLayerCC).Marshal()
			if err != nil {
				t.Fatal(err)
			}
			p.back = append(p.back, reply{p.now + p.delay, raw[12:]})
		}
	}
	for len(p.back) > 0 && p.back[0].at <= p.now {
		if err := p.by.Feedback(p.back[0].fci, p.now); err != nil {
			t.Fatal(err)
		}
		p.back = p.back[1:]
	}
}

// run sends a voice and, at 30 frames a second, video of at most so many bits a second and what the estimate allows.
func (p *path) run(t testing.TB, seconds float64, video int64) {
	for end := p.now + int64(seconds*1e9); p.now < end; {
		p.step(t)
		if p.now/ms%20 == 0 {
			p.send(130)
		}
		if p.now/ms%33 == 0 && p.now > p.by.Drain() {
			n := min(video, p.by.Rate()*95/100-60_000) / 8 / 30
			for ; n > 0; n -= 1200 {
				p.send(int(min(n, 1200)))
			}
		}
		if p.now/ms%20 == 10 {
			for n := p.by.Probe(video+60_000, 0, p.now); n > 0; n -= 300 {
				p.send(max(min(n, 300), 60))
			}
		}
		if p.now/ms%100 == 0 {
			p.by.Tick(p.now)
		}
	}
}

// A path is roomy once it is known and while it shows no limit; one that it shows is remembered for half a minute.
func TestRoomy(t *testing.T) {
	p := makePath(20_000_000)
	check := func(when string, want bool) {
		t.Helper()
		if got := p.e.Roomy(p.now); got != want {
			t.Errorf("%s: %v", when, got)
		}
	}
	check("nothing known", false)
	p.run(t, 5, 1_500_000)
	check("young", false)
	p.run(t, 6, 1_500_000)
	check("known", true)
	p.rate = 800_000
	p.run(t, 4, 1_500_000)
	check("narrow", false)
	p.rate = 20_000_000
	p.run(t, 10, 1_500_000)
	check("wide again for ten seconds", false)
	p.run(t, 30, 1_500_000)
	check("for forty", true)
}

func within(t *testing.T, what string, got, lo, hi int64) {
	t.Helper()
	if got < lo || got > hi {
		t.Errorf("%s: %d, want %d to %d", what, got, lo, hi)
	}
}

func TestFindsTheRate(t *testing.T) {
	for _, rate := range []int64{150_000, 400_000, 1_000_000, 2_000_000} {
		p := makePath(rate)
		p.run(t, 30, 3_000_000)
		within(t, "estimate", p.e.Rate(), rate*6/10, rate*13/10)
		p.worst, p.dropped = 0, 0
		p.run(t, 30, 3_000_000)
		within(t, "estimate later", p.e.Rate(), rate*6/10, rate*13/10)
		within(t, "longest queue, ms", p.worst/ms, 0, 350)
		if p.dropped > 0 {
			t.Errorf("%d bit/s: %d dropped", rate, p.dropped)
		}
	}
}

func TestSteps(t *testing.T) {
	p := makePath(2_000_000)
	p.run(t, 20, 1_500_000)
	within(t, "at 2 Mbit/s", p.e.Rate(), 1_500_000, 2_600_000)
	for _, rate := range []int64{500_000, 200_000, 64_000} {
		p.rate = rate
		p.run(t, 1, 1_500_000)
		within(t, "a second after the fall", p.e.Rate(), 0, rate*12/10)
		p.run(t, 3, 1_500_000)
		p.worst, p.dropped = 0, 0
		p.run(t, 26, 1_500_000)
		within(t, "settled", p.e.Rate(), rate*55/100, rate*12/10)
		if p.dropped > 0 {
			t.Errorf("%d bit/s: %d dropped", rate, p.dropped)
		}
		t.Logf("%d: estimate %d, longest queue %d ms", rate, p.e.Rate(), p.worst/ms)
	}
	p.rate = 2_000_000
	began := p.now
	for p.e.Rate() < 1_560_000 && p.now < began+40*second {
		p.run(t, 0.1, 1_500_000)
	}
	within(t, "back, ms", (p.now-began)/ms, 0, 20_000)
	t.Logf("back after %d ms", (p.now-began)/ms)
}

// From the bottom the way up takes the same short time for every seed: a path that carries more than when it was last full is looked at
// at once, whatever its last failures made us wait for.
func TestClimbsFromTheBottom(t *testing.T) {
	var took []int64
	for seed := range uint64(16) {
		for _, bottom := range []int64{64_000, 100_000} {
			p := makePath(2_000_000)
			p.e.prober.dice = seed * 0x9e3779b97f4a7c15
			p.run(t, 20, 1_500_000)
			for _, rate := range []int64{500_000, 200_000, bottom} {
				p.rate = rate
				p.run(t, 30, 1_500_000)
			}
			p.rate = 2_000_000
			began := p.now
			for p.e.Rate() < 1_560_000 && p.now < began+40*second {
				p.run(t, 0.1, 1_500_000)
			}
			took = append(took, (p.now-began)/ms)
		}
	}
	slices.Sort(took)
	t.Logf("ms, the least, the median, the most: %d, %d, %d", took[0], took[len(took)/2], took[len(took)-1])
	within(t, "the median, ms", took[len(took)/2], 0, 8_000)
	within(t, "the slowest, ms", took[len(took)-1], 0, 12_000)
}

func TestRandomLossIsNotCongestion(t *testing.T) {
	p := makePath(3_000_000)
	p.loss = 0.1
	p.run(t, 60, 1_500_000)
	within(t, "at 10 % loss", p.e.Rate(), 1_400_000, 3_300_000)
}

func TestProbesFindNoMoreThanThereIs(t *testing.T) {
	p := makePath(100_000)
	p.e.rate = 80_000
	p.run(t, 10, 0)
	p.dropped, p.worst = 0, 0
	for range 60 { // a voice alone, but a viewer who wants more
		for end := p.now + second; p.now < end; {
			p.step(t)
			if p.now/ms%20 == 0 {
				p.send(130)
			}
			if p.now/ms%20 == 10 {
				for n := p.e.Probe(600_000, 0, p.now); n > 0; n -= 300 {
					p.send(max(min(n, 300), 60))
				}
			}
		}
	}
	within(t, "estimate", p.e.Rate(), 50_000, 125_000)
	within(t, "longest queue, ms", p.worst/ms, 0, 150)
	if p.dropped > 0 {
		t.Errorf("%d dropped", p.dropped)
	}
	for p.e.Probe(600_000, 0, p.now) == 0 { // who wants nothing more ends the probe under way
		p.step(t)
	}
	if p.e.Probe(0, 0, p.now) != 0 || p.e.Probing() {
		t.Error("a probe goes on for nothing")
	}
}

// TestNoPictureIntoAFullQueue: video waits from the first word of a standing queue to the first word that it stands no more, however
// seldom the rate is lowered meanwhile.
func TestNoPictureIntoAFullQueue(t *testing.T) {
	for _, c := range [...][2]int64{{2_000_000, 500_000}, {500_000, 200_000}, {200_000, 64_000}} {
		p := makePath(c[0])
		p.run(t, 20, 1_500_000)
		stood, leaked := 0, 0
		p.tick = func() {
			if p.e.Full() && p.e.Queue() >= standing {
				stood++
				if p.now > p.e.Drain() {
					leaked++
				}
			}
		}
		p.rate = c[1]
		p.run(t, 3, 1_500_000)
		if stood == 0 || leaked > 0 {
			t.Errorf("%d to %d bit/s: the queue stood for %d ms, and video could leave in %d of them", c[0], c[1], stood, leaked)
		}
	}
}

// voice sends a voice alone, in packets of 60 ms, to a viewer who wants a picture.
func (p *path) voice(t testing.TB, seconds float64, want int64) {
	for end := p.now + int64(seconds*1e9); p.now < end; {
		p.step(t)
		if p.now/ms%60 == 0 {
			p.send(240)
		}
		if p.now/ms%20 == 10 {
			for n := p.e.Probe(want, 0, p.now); n > 0; n -= 300 {
				p.send(max(min(n, 300), 60))
			}
		}
	}
}

// TestProbesAfterTheFall: a path that carried a picture becomes narrow while a voice alone is sent, so nobody sees it. What is tried next
// does not stand in the voice's way, though the estimate is an old one; and where the path is as it was, that is soon known.
func TestProbesAfterTheFall(t *testing.T) {
	var longest, took []int64
	for seed := range uint64(24) {
		for _, rate := range []int64{64_000, 200_000} {
			p := makePath(200_000)
			p.e.prober.dice = seed * 0x9e3779b97f4a7c15
			p.run(t, 20+float64(seed)/7, 1_500_000)
			p.voice(t, 3, 1_500_000)
			p.rate, p.worst, p.e.prober.found = rate, 0, 0
			for end := p.now + 25*second; p.now < end && !p.e.Probing(); {
				p.voice(t, 0.02, 1_500_000)
			}
			began := p.now
			if rate == 200_000 {
				for p.now < began+5*second && p.e.prober.found < 130_000 {
					p.voice(t, 0.1, 1_500_000)
				}
				took = append(took, (p.now-began)/ms)
				continue
			}
			p.voice(t, 15, 1_500_000)
			longest = append(longest, p.worst/ms)
			within(t, "estimate", p.e.Rate(), 30_000, 90_000)
		}
	}
	slices.Sort(longest)
	slices.Sort(took)
	t.Logf("queues of %v ms; known again after %v ms", longest, took)
	within(t, "longest queue, ms", longest[len(longest)-1], 0, 120) // once 470
	within(t, "known again, ms", took[len(took)-1], 0, 1500)
}

func TestSilenceHalves(t *testing.T) {
	p := makePath(2_000_000)
	p.run(t, 10, 1_000_000)
	was := p.e.Rate()
	p.loss = 1
	p.run(t, 5, 1_000_000)
	within(t, "after 5 s of nothing", p.e.Rate(), 0, was/4)
}

// A path that was away and is back is worth what it was; one that is away because it is full is not.
func TestBackAfterSilence(t *testing.T) {
	p := makePath(2_000_000)
	p.run(t, 20, 1_000_000)
	was := p.e.Rate()
	p.loss = 1
	p.run(t, 5, 1_000_000)
	p.loss = 0
	p.run(t, 0.4, 1_000_000)
	within(t, "back", p.e.Rate(), was*8/10, was*12/10)
	if !p.e.Renewed() || p.e.Renewed() {
		t.Error("it should be told once that the path is back")
	}

	p = makePath(2_000_000)
	p.room = 20 * second
	p.run(t, 20, 1_500_000)
	p.rate = 100_000 // everything waits for seconds
	p.run(t, 12, 1_500_000)
	within(t, "behind a long queue", p.e.Rate(), 0, 130_000)
}

func TestNewPath(t *testing.T) {
	p := makePath(2_000_000)
	p.run(t, 20, 1_000_000)
	was := p.e.Rate()
	for _, c := range []struct {
		rate   int64
		lo, hi int64
	}{{2_000_000, was * 8 / 10, 2_600_000}, {300_000, 0, 360_000}} {
		p.loss = 1
		p.run(t, 4, 1_000_000)
		p.e.NewPath(p.now)
		within(t, "at once", p.e.Rate(), was*8/10, was*13/10)
		p.loss, p.rate, p.delay = 0, c.rate, 80*ms
		p.run(t, 1.5, 1_000_000)
		within(t, "corrected", p.e.Rate(), c.lo, c.hi)
		p.run(t, 5, 1_000_000)
		was = p.e.Rate()
	}
}

func TestFallback(t *testing.T) {
	e := New(Config{Start: 500_000, Min: 30_000, Max: 3_000_000})
	e.REMB(800_000, second)
	within(t, "by REMB", e.Rate(), 800_000, 800_000)
	e.Report(128, 2*second)
	within(t, "half lost", e.Rate(), 500_000, 650_000)
	for i := range int64(100) {
		e.Report(0, (3+i)*second)
	}
	within(t, "no loss, REMB too old", e.Rate(), 2_900_000, 3_000_000)
	e.REMB(100, 200*second)
	within(t, "never below the least", e.Rate(), 30_000, 30_000)
	if n := e.Probe(1_000_000, 1_000_000, 201*second); n != 0 {
		t.Errorf("a probe that nobody would measure: %d bytes", n)
	}
}

// TestBounds: whatever feedback says, the estimate stays within its bounds and a probe asks for little.
func TestBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := New(Config{Start: 300_000, Min: 30_000, Max: 4_000_000})
		now := second
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now += rapid.Int64Range(0, 400*ms).Draw(t, "pause")
			switch rapid.IntRange(0, 5).Draw(t, "what") {
			case 0, 1, 2:
				for range rapid.IntRange(1, 30).Draw(t, "packets") {
					e.Send(rapid.IntRange(0, 70000).Draw(t, "size"), now)
				}
			case 3:
				_ = e.Feedback(rapid.SliceOfN(rapid.Byte(), 0, 60).Draw(t, "fci"), now)
			case 4:
				r := twcc.NewRecorder(1)
				for i := range rapid.IntRange(1, 40).Draw(t, "told") {
					if rapid.Bool().Draw(t, "came") {
						r.Record(1, e.next-40+uint16(i), now/1000+int64(i)*rapid.Int64Range(0, 30000).Draw(t, "gap"))
					}
				}
				for _, f := range r.BuildFeedbackPacket() {
					raw, err := f.(*rtcp.TransportLayerCC).Marshal()
					if err == nil {
						if err := e.Feedback(raw[12:], now); err != nil {
							t.Fatalf("refused %x: %v", raw, err)
						}
					}
				}
			case 5:
				e.Tick(now)
				if n := e.Probe(rapid.Int64Range(0, 10_000_000).Draw(t, "want"), rapid.Int64Range(0, 10_000_000).Draw(t, "prove"), now); n < 0 || n > 4_200_000/8 {
					t.Fatalf("probe of %d bytes", n)
				}
			}
			if r := e.Rate(); r < 30_000 || r > 4_000_000 {
				t.Fatalf("estimate %d", r)
			}
			if l := e.Loss(); l < 0 || l > 1 {
				t.Fatalf("loss %f", l)
			}
		}
	})
}

// FuzzFeedback holds the parser to pion's: the same packets with the same times, wherever pion reads it at all.
func FuzzFeedback(f *testing.F) {
	r := twcc.NewRecorder(1)
	for i := range 40 {
		if i%7 != 3 {
			r.Record(2, 65520+uint16(i), int64(1000+i*i*37))
		}
	}
	for _, p := range r.BuildFeedbackPacket() {
		raw, _ := p.(*rtcp.TransportLayerCC).Marshal()
		f.Add(raw[12:])
	}
	f.Add([]byte{0, 0, 0, 1, 0, 0, 0, 0, 0x20, 1, 9})
	f.Add([]byte{0, 0, 0xff, 0xff, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, fci []byte) {
		got, err := AppendArrivals(nil, fci)
		if err != nil {
			if len(got) != 0 {
				t.Fatal("arrivals beside an error")
			}
			return
		}
		for len(fci)%4 != 0 {
			fci = append(fci, 0)
		}
		raw := append([]byte{0x8f, 205, 0, byte(len(fci)/4 + 2), 0, 0, 0, 1, 0, 0, 0, 2}, fci...)
		raw[2] = byte((len(fci)/4 + 2) >> 8)
		var p rtcp.TransportLayerCC
		if p.Unmarshal(raw) != nil {
			return
		}
		if len(got) != int(p.PacketStatusCount) {
			t.Fatalf("%d packets, pion has %d", len(got), p.PacketStatusCount)
		}
		at, next := int64(p.ReferenceTime)*reference, 0
		for i, a := range got {
			if a.Seq != p.BaseSequenceNumber+uint16(i) {
				t.Fatalf("number %d of %d is %d", i, p.BaseSequenceNumber, a.Seq)
			}
			if !a.Came {
				continue
			}
			if next >= len(p.RecvDeltas) {
				t.Fatal("more arrivals than pion has")
			}
			at += p.RecvDeltas[next].Delta
			next++
			if a.At != at {
				t.Fatalf("packet %d at %d, pion %d", i, a.At, at)
			}
		}
	})
}

func BenchmarkFeedback(b *testing.B) {
	// What a viewer of 1.5 Mbit/s and a voice costs: 200 packets and 10 to 20 messages a second. One iteration is a message of 20.
	e := New(Config{Start: 2_000_000, Min: 30_000, Max: 5_000_000})
	now := second
	rec := twcc.NewRecorder(1)
	var list [][]byte
	for range 64 {
		for i := range 20 {
			rec.Record(9, uint16(len(list)*20+i), now/1000+int64(len(list)*100_000+i*5000))
		}
		raw, _ := rec.BuildFeedbackPacket()[0].(*rtcp.TransportLayerCC).Marshal()
		list = append(list, raw[12:])
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		if i%64 == 0 {
			e.next = 0
		}
		for range 20 {
			e.Send(1000, now)
			now += 5 * ms
		}
		_ = e.Feedback(list[i%64], now)
	}
}

// TestProbesAreSpread: of those whose path another filled, no many try again at the same time, and each the more seldom the more often
// that was so.
func TestProbesAreSpread(t *testing.T) {
	const n = 40
	var early, late []int64
	for seed := range uint64(n) {
		p := prober{dice: seed * 0x9e3779b97f4a7c15}
		p.fail(10 * second)
		p.fail(10*second + 100*ms) // the same spell
		early = append(early, p.next-10*second)
		for at := int64(20); at < 60; at += 10 {
			p.fail(at * second)
		}
		late = append(late, p.next-50*second)
	}
	slices.Sort(early)
	slices.Sort(late)
	if early[0] < 2*second || early[n-1] > 6*second || late[0] < 10*second || late[n-1] > 21*second {
		t.Errorf("first after %v to %v, at last after %v to %v s", early[0]/second, early[n-1]/second, late[0]/second, late[n-1]/second)
	}
	for i := range n - 10 {
		if early[i+10]-early[i] < probeFor {
			t.Errorf("eleven within %d ms", (early[i+10]-early[i])/ms)
		}
	}
}
