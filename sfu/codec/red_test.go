package codec

import (
	"bytes"
	"testing"
)

func TestRED(t *testing.T) {
	// RFC 2198 section 4 in our numbers: two earlier blocks of 20 and 40 ms before.
	got := AppendRED(nil, 111, 10_000, []byte{3}, Redundant{8080, []byte{1, 1}}, Redundant{9040, []byte{2}})
	want := []byte{0x80 | 111, 1920 >> 6, 1920 << 2 & 0xff, 2, 0x80 | 111, 960 >> 6, 960 << 2 & 0xff, 1, 111, 1, 1, 2, 3}
	if !bytes.Equal(got, want) {
		t.Errorf("%x, want %x", got, want)
	}
	far := AppendRED(nil, 111, 20_000, []byte{3}, Redundant{3616, []byte{1}}, Redundant{20_000, []byte{1}}, Redundant{19_000, make([]byte, 1024)})
	if !bytes.Equal(far, []byte{111, 3}) {
		t.Errorf("too far, too new or too long, and yet %x", far)
	}
}

func FuzzRED(f *testing.F) {
	f.Add([]byte{0xef, 30, 0, 2, 111, 1, 1, 3}, uint32(5))
	f.Add([]byte{0xef, 255, 255, 255}, uint32(0))
	f.Fuzz(func(t *testing.T, p []byte, stamp uint32) {
		blocks, pts, err := SplitRED(p, stamp)
		if err != nil {
			return
		}
		if len(blocks) != len(pts) {
			t.Fatalf("%d blocks, %d types", len(blocks), len(pts))
		}
		last := blocks[len(blocks)-1]
		again, _, err := SplitRED(AppendRED(nil, pts[0], stamp, last.Payload, blocks[:len(blocks)-1]...), stamp)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, b := range blocks[:len(blocks)-1] {
			if b.Fits(stamp) {
				if again[n].Timestamp != b.Timestamp || !bytes.Equal(again[n].Payload, b.Payload) {
					t.Fatalf("block %d changed", n)
				}
				n++
			}
		}
		if n != len(again)-1 || !bytes.Equal(again[n].Payload, last.Payload) {
			t.Fatalf("%d blocks became %d", n, len(again)-1)
		}
	})
}
