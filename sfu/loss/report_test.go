package loss

import "testing"

func TestReport(t *testing.T) {
	r := NewReception(90000)
	if _, ok := r.Report(0); ok {
		t.Fatal("a report about nothing")
	}
	// 65536+100 .. 109 without 103 and 107, one of them twice, 20 ms and 1800 ticks apart: no jitter.
	for i := range uint64(10) {
		if i == 3 || i == 7 {
			continue
		}
		r.Observe(65636+i, uint32(i)*1800, int64(i)*20*ms)
	}
	p, ok := r.Report(200 * ms)
	if !ok || p != (Report{Fraction: 2 * 256 / 10, Lost: 2, Highest: 109}) {
		t.Fatalf("first report %+v, %v", p, ok)
	}
	r.SenderReport(0x0000_1111_2222_3333, 300*ms)
	for i := uint64(10); i < 20; i++ {
		r.Observe(65636+i, uint32(i)*1800, int64(i)*20*ms)
	}
	r.Observe(65639, 3*1800, 400*ms) // one of the lost after all
	p, _ = r.Report(1300 * ms)
	if p.Fraction != 0 || p.Lost != 1 || p.Highest != 119 || p.LSR != 0x1111_2222 || p.Delay != 65536 {
		t.Fatalf("second report %+v", p)
	}
	if p, _ = r.Report(1300 * ms); p.Fraction != 0 || p.Lost != 1 {
		t.Fatalf("report of an empty interval %+v", p)
	}
	// More duplicates than losses: negative, as signed 24 bits.
	for range 5 {
		r.Observe(65640, 0, 400*ms)
	}
	if p, _ = r.Report(1300 * ms); p.Lost != 0xfffffc {
		t.Fatalf("Lost = %#x, want -4", p.Lost)
	}
}

// The example of RFC 3550 appendix A.8 is arithmetic only: J grows by (|D| - J)/16.
func TestJitter(t *testing.T) {
	r := NewReception(90000)
	var want float64
	var late int64
	for i := range int64(200) {
		if i%2 == 1 {
			late = 4 * ms // every other packet is 4 ms late: |D| is 360 ticks from the second one on
		} else {
			late = 0
		}
		r.Observe(uint64(70000+i), uint32(i*3000), i*1000*ms/30+late)
		r.Observe(uint64(71000+i), uint32(i*3000), i*1000*ms/30+late+7*ms) // the same frame: does not count
		if i > 0 {
			want += (360 - want) / 16
		}
	}
	p, _ := r.Report(0)
	if d := float64(p.Jitter) - want; d < -4 || d > 4 {
		t.Fatalf("jitter %d, want %.0f", p.Jitter, want)
	}
}

func TestDelay(t *testing.T) {
	for ns, want := range map[int64]uint32{-1: 0, 0: 0, 500 * ms: 32768, 1 << 62: 65535 << 16} {
		if got := delay(ns); got != want {
			t.Errorf("delay(%d) = %d, want %d", ns, got, want)
		}
	}
}

// A stream that begins near the end of the numbers: the cycle count of the report goes up by one.
func TestHighestOverTheEnd(t *testing.T) {
	r := NewReception(48000)
	var u Unwrapper
	for i := range 10 {
		r.Observe(u.Unwrap(uint16(65530+i)), uint32(i*960), int64(i)*20*ms)
	}
	if p, _ := r.Report(0); p.Highest != 1<<16|3 || p.Lost != 0 {
		t.Fatalf("%+v", p)
	}
}
