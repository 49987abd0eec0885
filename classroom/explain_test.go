package classroom

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"betang/classroom/attend"
)

// TestExplain shows explanations as officials read them.
func TestExplain(t *testing.T) {
	clock := func(s string) int64 {
		at, err := time.ParseInLocation("2006-01-02 15.04.05", "2026-11-24 "+s, WIB)
		if err != nil {
			t.Fatal(err)
		}
		return at.UnixMilli()
	}
	type piece struct {
		class    attend.Class
		from, to string
	}
	held := attend.Held{
		Live:     attend.Window{{From: clock("09.00.00"), To: clock("11.30.00")}},
		Ceremony: []attend.Interval{{From: clock("09.00.00"), To: clock("09.15.00")}},
	}
	var b bytes.Buffer
	for _, c := range []struct {
		name   string
		policy func(*attend.Policy)
		pieces []piece
	}{
		{"hadir penuh", nil, []piece{{attend.Delivered, "08.55.00", "11.35.00"}}},
		{
			"dengan jeda, jeda pendek dan ruang bersama", func(p *attend.Policy) { p.Rounding = attend.RoundNearest },
			[]piece{
				{attend.Socket, "09.16.00", "11.30.00"},
				{attend.Delivered, "09.16.30", "10.00.00"},
				{attend.Delivered, "10.00.07", "10.10.00"},
				{attend.Decoded, "10.12.00", "10.30.00"},
				{attend.Scanned, "10.30.00", "11.20.00"},
			},
		},
		{
			"terlalu singkat", nil,
			[]piece{{attend.Delivered, "10.00.00", "10.30.00"}, {attend.Delivered, "10.30.30", "10.31.00"}},
		},
		{"tidak pernah hadir", nil, nil},
		{"hanya tersambung", nil, []piece{{attend.Socket, "09.00.00", "11.30.00"}}},
		{
			"kertas, padahal hanya A yang memberi JP", func(p *attend.Policy) { p.Earns = attend.LevelA },
			[]piece{{attend.Paper, "09.00.00", "11.30.00"}, {attend.Corrected, "09.15.00", "10.00.00"}},
		},
		{
			"dibatasi dan sebagian dibatalkan", func(p *attend.Policy) { p.CapJP, p.Ceremony = 2, true },
			[]piece{{attend.Delivered, "09.00.00", "11.30.00"}, {attend.Voided, "10.00.00", "10.30.00"}},
		},
		{"ditetapkan penyelenggara", func(p *attend.Policy) { p.ApprovedJP = 3 }, []piece{{attend.Decoded, "09.15.00", "11.30.00"}}},
		{
			"banyak jeda", func(p *attend.Policy) { p.BridgeSeconds = 0 },
			func() (all []piece) {
				at := clock("09.15.00")
				for i := range int64(20) {
					from, to := at+i*400_000, at+(i+1)*400_000-(i+1)*500
					all = append(all, piece{attend.Delivered, second(from), second(to)})
				}
				return all
			}(),
		},
		{
			"aturan versi 1", func(p *attend.Policy) {
				*p = attend.Policy{Version: 1, MinutesPerJP: 45, ThresholdPercent: 70, BridgeSeconds: 10, Earns: attend.LevelA}
			}, []piece{{attend.Delivered, "09.00.00", "11.00.00"}},
		},
	} {
		p := attend.DefaultPolicy()
		if c.policy != nil {
			c.policy(&p)
		}
		if err := p.Check(); err != nil {
			t.Fatal(c.name, err)
		}
		var spans []attend.Span
		for _, x := range c.pieces {
			spans = append(spans, attend.Span{Person: "p", Class: x.class, From: clock(x.from), To: clock(x.to)})
		}
		fmt.Fprintf(&b, "== %s\n", c.name)
		for _, line := range Explain(p, attend.Credit(p, held, spans)) {
			fmt.Fprintln(&b, line)
		}
	}
	golden(t, "explain.golden", b.Bytes())
}
