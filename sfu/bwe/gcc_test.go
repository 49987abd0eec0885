package bwe

import (
	"encoding/binary"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/gcc"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// pionGCC is pion's congestion controller behind the same questions. It reads the clock itself, hence the bubble.
type pionGCC struct {
	t    testing.TB
	bwe  *gcc.SendSideBWE
	out  interceptor.RTPWriter
	next uint16
}

func newPionGCC(t testing.TB) *pionGCC {
	b, err := gcc.NewSendSideBWE(gcc.SendSideBWEInitialBitrate(300_000), gcc.SendSideBWEMinBitrate(30_000),
		gcc.SendSideBWEMaxBitrate(5_000_000), gcc.SendSideBWEPacer(gcc.NewNoOpPacer()))
	if err != nil {
		t.Fatal(err)
	}
	g := &pionGCC{t: t, bwe: b}
	g.out = b.AddStream(&interceptor.StreamInfo{
		SSRC: 1, RTPHeaderExtensions: []interceptor.RTPHeaderExtension{
			{URI: "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01", ID: 1},
		},
	}, interceptor.RTPWriterFunc(func(_ *rtp.Header, p []byte, _ interceptor.Attributes) (int, error) { return len(p), nil }))
	return g
}

func (g *pionGCC) Send(size int, _ int64) uint16 {
	seq := g.next
	g.next++
	h := rtp.Header{Version: 2, SSRC: 1, SequenceNumber: seq}
	if err := h.SetExtension(1, binary.BigEndian.AppendUint16(nil, seq)); err != nil {
		g.t.Fatal(err)
	}
	if _, err := g.out.Write(&h, make([]byte, max(size-h.MarshalSize(), 0)), interceptor.Attributes{}); err != nil {
		g.t.Fatal(err)
	}
	return seq
}

func (g *pionGCC) Feedback(fci []byte, _ int64) error {
	for len(fci)%4 != 0 {
		fci = append(fci, 0)
	}
	raw := append([]byte{0x8f, 205, 0, byte(len(fci)/4 + 2), 0, 0, 0, 1, 0, 0, 0, 1}, fci...)
	raw[2] = byte((len(fci)/4 + 2) >> 8)
	var p rtcp.TransportLayerCC
	if err := p.Unmarshal(raw); err != nil {
		return err
	}
	err := g.bwe.WriteRTCP([]rtcp.Packet{&p}, nil)
	synctest.Wait()
	return err
}

func (g *pionGCC) Rate() int64                 { return int64(g.bwe.GetTargetBitrate()) }
func (g *pionGCC) Drain() int64                { return 0 }
func (g *pionGCC) Probe(_, _, _ int64) (n int) { return 0 }
func (g *pionGCC) Tick(int64)                  {}

// outcome is what one controller made of the paths.
type outcome struct {
	leave   [3]int64 // ms until the estimate fits the narrower path; 10,000: not in ten seconds
	used    [3]int64 // percent of it that came through in the twenty seconds from the tenth on
	queue   [3]int64 // longest, ms, in the same time
	dropped [3]int
	back    int64 // ms until 1.5 Mbit/s fit again; 60,000: not in a minute
	lossy   int64 // kbit/s after a minute of 10 % random loss on 3 Mbit/s
	alone   int64 // kbit/s of a path of 2 Mbit/s as known by a viewer who had nothing but a voice for half a minute
}

func judge(t testing.TB, with func(p *path)) (o outcome) {
	const video = 1_500_000
	fresh := func(rate int64) *path {
		p := makePath(rate)
		p.now = time.Now().UnixNano()
		p.tick = func() { time.Sleep(time.Millisecond) }
		with(p)
		return p
	}
	p := fresh(2_000_000)
	p.run(t, 20, video)
	for i, rate := range []int64{500_000, 200_000, 100_000} {
		p.rate = rate
		began := p.now
		for o.leave[i] = 10_000; p.now < began+10*second; {
			p.run(t, 0.1, video)
			if p.by.Rate() <= rate*11/10 {
				o.leave[i] = (p.now - began) / ms
				break
			}
		}
		p.run(t, float64(began+10*second-p.now)/1e9, video)
		p.worst, p.dropped, p.bytes = 0, 0, 0
		p.run(t, 20, video)
		o.used[i], o.queue[i], o.dropped[i] = int64(p.bytes)*8*100/20/rate, p.worst/ms, p.dropped
	}
	p.rate = 2_000_000
	began := p.now
	for p.by.Rate() < 1_560_000 && p.now < began+60*second {
		p.run(t, 0.1, video)
	}
	o.back = (p.now - began) / ms

	p = fresh(3_000_000)
	p.loss = 0.1
	p.run(t, 60, video)
	o.lossy = p.by.Rate() / 1000

	p = fresh(2_000_000)
	p.run(t, 30, 0)
	o.alone = p.by.Rate() / 1000
	return o
}

// TestAgainstGCC compares with pion's gcc on the same paths, by the same sender, in fake time. The figures are in sfu/NETWORKS.md.
func TestAgainstGCC(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours := judge(t, func(*path) {})
		theirs := judge(t, func(p *path) {
			g := newPionGCC(t)
			p.by = g
			t.Cleanup(func() { _ = g.bwe.Close() })
		})
		t.Logf("ours:   %+v", ours)
		t.Logf("pion's: %+v", theirs)
		for i := range ours.leave {
			if ours.leave[i] > 1000 || ours.used[i] < 60 || ours.queue[i] > 350 {
				t.Errorf("step %d: left after %d ms, %d %% used, queue %d ms", i, ours.leave[i], ours.used[i], ours.queue[i])
			}
		}
		if ours.back > theirs.back || ours.lossy < theirs.lossy {
			t.Error("pion's is better: use it")
		}
	})
}
