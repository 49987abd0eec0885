package rewrite

import (
	"testing"

	"betang/sfu/codec"
)

const second = int64(1_000_000_000)

// vp8 makes a packet of a VP8 source.
func vp8(src Source, ext uint64, stamp uint32, pid int32, key, end bool, at int64) In {
	return In{
		Source: src, Ext: ext, Timestamp: stamp, Arrived: at, Now: at,
		Info: codec.Info{Key: key, Start: true, End: end, Wide: true, PictureID: pid, TL0: int16(pid & 0xff)},
	}
}

func mustSend(t *testing.T, m *Mapper, in In) Out {
	t.Helper()
	o, v := m.Next(in)
	if v != Send {
		t.Fatalf("packet %d of source %d: verdict %d, want Send", in.Ext, in.Source, v)
	}
	return o
}

func TestSwitchContinues(t *testing.T) {
	m := New(Config{Kind: codec.VP8, Size: 64, Sequence: 65534, Timestamp: 0xffffff00, PictureID: 0x7fff, TL0: 255})
	m.Switch(1)
	if _, v := m.Next(vp8(1, 99, 1000, 4, false, true, 0)); v != NeedKey {
		t.Fatalf("delta frame at the start: %d, want NeedKey", v)
	}
	a := mustSend(t, m, vp8(1, 100, 1000, 5, true, true, 0))
	if a.Seq != 65534 || a.Timestamp != 0xffffff00 || a.PictureID != 0x7fff || a.TL0 != 255 {
		t.Fatalf("first packet %+v", a)
	}
	b := mustSend(t, m, vp8(1, 101, 4000, 6, false, true, second/30))
	if b.Seq != 65535 || b.Timestamp != a.Timestamp+3000 || b.PictureID != 0 || b.TL0 != 0 {
		t.Fatalf("second packet %+v", b)
	}
	m.Switch(2)
	b = mustSend(t, m, vp8(1, 102, 7000, 7, false, true, 2*second/30))
	if _, v := m.Next(vp8(2, 7, 50, 90, false, true, 2*second/30)); v != NeedKey {
		t.Fatalf("delta frame of the wished-for source: %d, want NeedKey", v)
	}
	c := mustSend(t, m, vp8(2, 8, 555, 91, true, true, 2*second/30+second/10))
	if c.Seq != b.Seq+1 || c.Timestamp != b.Timestamp+9000 || c.PictureID != b.PictureID+1 || c.TL0 != b.TL0+1 {
		t.Fatalf("after the switch %+v, before it %+v", c, b)
	}
	if _, v := m.Next(vp8(1, 103, 10000, 8, true, true, second)); v != Foreign {
		t.Fatalf("old source after the switch: %d, want Foreign", v)
	}
	if o, ok := m.Reverse(c.Seq); !ok || o.Source != 2 || o.Ext != 8 || o.Out != c {
		t.Fatalf("Reverse = %+v, %v", o, ok)
	}
}
