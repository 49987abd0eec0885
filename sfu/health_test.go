package sfu

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtcp"
)

func TestRoundTrip(t *testing.T) {
	const sec = 1 << 16
	asked := int64(1_800_000_000) * int64(time.Second)
	mid := uint32(toNTP(asked) >> 16)
	for name, c := range map[string]struct {
		after  time.Duration
		held   uint32
		lastRR uint32
		want   time.Duration
		ok     bool
	}{
		"120 ms, held for a second":  {1120 * time.Millisecond, sec, mid, 120 * time.Millisecond, true},
		"none, by the clock's grain": {time.Second, sec + 1, mid, time.Microsecond, true},
		"held longer than it took":   {time.Second, 2 * sec, mid, 0, false},
		"half a minute and more":     {31 * time.Second, 0, mid, 0, false},
		"no report was had":          {time.Second, 0, 0, 0, false},
		"over the end of the clock":  {200 * time.Millisecond, 0, mid, 200 * time.Millisecond, true},
	} {
		got, ok := roundTrip(asked+int64(c.after), c.lastRR, c.held)
		if ok != c.ok || (got-c.want).Abs() > 50*time.Microsecond {
			t.Errorf("%s: %v, %v", name, got, ok)
		}
	}
}

// TestToldRTT: what a publisher tells of our reference time gives the round trip; what it tells of another's, or what is no
// report at all, gives none.
func TestToldRTT(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &publisher{peer: &peer{e: &Engine{began: time.Now()}}, refSSRC: 7}
		asked := uint32(toNTP(p.e.now()) >> 16)
		time.Sleep(580 * time.Millisecond)
		tell := func(ssrc uint32) {
			b, err := rtcp.Marshal([]rtcp.Packet{
				&rtcp.SenderReport{SSRC: 9},
				&rtcp.ExtendedReport{SenderSSRC: 9, Reports: []rtcp.ReportBlock{&rtcp.DLRRReportBlock{
					Reports: []rtcp.DLRRReport{{SSRC: ssrc, LastRR: asked, DLRR: 1 << 15}},
				}}},
			})
			if err != nil {
				t.Fatal(err)
			}
			p.toldRTT(b)
		}
		p.toldRTT([]byte("no report"))
		tell(8)
		if rtt := p.rtt.Load(); rtt != 0 {
			t.Errorf("told of another's report: %v", time.Duration(rtt))
		}
		tell(7)
		if rtt := time.Duration(p.rtt.Load()); rtt < 79*time.Millisecond || rtt > 81*time.Millisecond {
			t.Errorf("the round trip is %v, it took 80 ms", rtt)
		}
	})
}
