package rewrite

import (
	"testing"

	"betang/sfu/codec"
)

// steady maps a 5-packet-a-frame stream with every fourth frame dropped.
func steady(m *Mapper) func() Out {
	var i uint64
	m.Switch(1)
	return func() Out {
		frame := i / 5
		in := In{
			Source: 1, Ext: 70000 + i, Timestamp: uint32(frame * 3000), Arrived: int64(frame) * second / 30, Now: int64(frame) * second / 30,
			Info: codec.Info{Key: i == 0, Start: i%5 == 0, End: i%5 == 4, Wide: true, PictureID: int32(frame & 0x7fff), TL0: int16(frame & 0xff)},
		}
		i++
		if frame%4 == 3 {
			m.Drop(in)
			return Out{}
		}
		o, _ := m.Next(in)
		return o
	}
}

func TestNoAllocs(t *testing.T) {
	m := New(Config{Kind: codec.VP8, Size: 512})
	step := steady(m)
	step()
	var late uint64 = 70001
	if n := testing.AllocsPerRun(1000, func() {
		o := step()
		m.Reverse(o.Seq)
		m.Again(o.Seq, 1, 1)
		m.Pad()
		m.Next(In{Source: 1, Ext: late})
		late++
	}); n != 0 {
		t.Fatalf("%v allocations a packet", n)
	}
}

func BenchmarkNext(b *testing.B) {
	step := steady(New(Config{Kind: codec.VP8, Size: 512}))
	b.ReportAllocs()
	for b.Loop() {
		step()
	}
}

func BenchmarkReverse(b *testing.B) {
	m := New(Config{Kind: codec.VP8, Size: 512})
	step := steady(m)
	var o Out
	for range 1000 {
		o = step()
	}
	b.ReportAllocs()
	for b.Loop() {
		m.Reverse(o.Seq - 100)
	}
}

// BenchmarkLate is a packet that comes after the 40 behind it.
func BenchmarkLate(b *testing.B) {
	m := New(Config{Kind: codec.VP8, Size: 512})
	m.Switch(1)
	var i uint64
	info := codec.Info{Key: true, End: true, Wide: true}
	m.Next(In{Source: 1, Ext: 70000, Info: info})
	b.ReportAllocs()
	for b.Loop() {
		i += 2
		m.Next(In{Source: 1, Ext: 70000 + i, Timestamp: uint32(i), Info: info})
		if i > 40 {
			m.Next(In{Source: 1, Ext: 70000 + i - 41, Timestamp: uint32(i - 41), Info: info})
		}
	}
}
