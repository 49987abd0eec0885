package rewrite

import (
	"testing"

	"betang/sfu/codec"
)

// FuzzMapper feeds arbitrary packets of two sources, as a hostile publisher could send: whatever happens, no number is
// given twice and what is remembered of a packet is what was said.
func FuzzMapper(f *testing.F) {
	f.Add(uint8(2), []byte{0, 1, 1, 1, 1, 1, 2, 1, 1, 1, 3, 1})
	f.Add(uint8(1), []byte{0, 255, 1, 9, 1, 128, 1, 3, 4, 200, 7, 7, 1, 0, 0, 1, 200, 1})
	f.Add(uint8(3), []byte{0, 1, 1, 6, 1, 1, 2, 2, 1, 1, 255, 255, 5, 0, 0, 1, 1, 1, 7, 3, 3})
	f.Fuzz(func(t *testing.T, kind uint8, ops []byte) {
		m := New(Config{Kind: codec.Kind(kind % 4), Size: 32, Sequence: 65500})
		used := map[uint64]bool{}
		ext := [3]uint64{0, 70000, 1 << 40}
		var stamp uint32
		var now int64
		m.Switch(1)
		for ; len(ops) >= 3; ops = ops[3:] {
			op, a, b := ops[0], ops[1], ops[2]
			src := Source(op & 1)
			switch {
			case a == 255:
				ext[src+1] += uint64(b) << 24
			case a >= 128:
				ext[src+1] -= min(uint64(b), ext[src+1])
			default:
				ext[src+1] += uint64(a)
			}
			stamp += uint32(b) << (a & 31)
			now += int64(b) << (a & 31)
			in := In{
				Source: src + 1, Ext: ext[src+1], Timestamp: stamp, Arrived: now, Now: now + int64(a)<<20,
				Info: codec.Info{
					Key: op&2 != 0, End: op&4 != 0, Wide: op&64 != 0, TID: a & 3,
					PictureID: int32(b)<<7 - 1, TL0: int16(a) - 1,
				},
			}
			switch {
			case op&8 != 0:
				m.Drop(in)
			case op&16 != 0:
				m.Switch(Source(b % 4))
			case op&32 != 0:
				if o, ok := m.Pad(); ok {
					if used[o.Ext] {
						t.Fatalf("padding repeats %d", o.Ext)
					}
					used[o.Ext] = true
				}
			default:
				o, v := m.Next(in)
				if v != Send {
					continue
				}
				if used[o.Ext] || o.Seq != uint16(o.Ext) || o.PictureID > 0x7fff {
					t.Fatalf("%+v became %+v", in, o)
				}
				used[o.Ext] = true
				if r, ok := m.Reverse(o.Seq); !ok || r.Source != in.Source || r.Ext != in.Ext || r.Out != o {
					t.Fatalf("Reverse(%d) = %+v, %v", o.Seq, r, ok)
				}
			}
		}
	})
}
