package codec

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// split is RFC 6716 section 3.2 written down again, from the side of a decoder.
func split(t interface{ Fatalf(string, ...any) }, p []byte) (frames [][]byte) {
	if p[0]&3 != 3 {
		t.Fatalf("code %d", p[0]&3)
	}
	count, rest := int(p[1]&0x3f), p[2:]
	if p[1]&0x40 != 0 {
		t.Fatalf("padding")
	}
	sizes := make([]int, count)
	if p[1]&0x80 == 0 {
		if len(rest)%count != 0 {
			t.Fatalf("%d bytes for %d equal frames", len(rest), count)
		}
		for i := range sizes {
			sizes[i] = len(rest) / count
		}
	} else {
		sum := 0
		for i := range count - 1 {
			n := int(rest[0])
			rest = rest[1:]
			if n >= 252 {
				n += 4 * int(rest[0])
				rest = rest[1:]
			}
			sizes[i] = n
			sum += n
		}
		sizes[count-1] = len(rest) - sum
		if sizes[count-1] < 0 {
			t.Fatalf("lengths exceed the packet")
		}
	}
	for _, n := range sizes {
		frames = append(frames, rest[:n])
		rest = rest[n:]
	}
	return frames
}

func TestMergedOpusHoldsTheFrames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		config := rapid.Byte().Draw(t, "toc") &^ 3
		count := rapid.IntRange(1, 6).Draw(t, "count")
		same := rapid.Bool().Draw(t, "same length")
		size := rapid.IntRange(0, 1275).Draw(t, "size")
		var packets [][]byte
		samples := 0
		for range count {
			if !same {
				size = rapid.SampledFrom([]int{0, 1, 80, 251, 252, 253, 255, 256, 1275}).Draw(t, "size")
			}
			p := append([]byte{config}, rapid.SliceOfN(rapid.Byte(), size, size).Draw(t, "frame")...)
			in, err := Inspect(Opus, p, false)
			if err != nil {
				t.Fatal(err)
			}
			samples += int(in.Samples)
			packets = append(packets, p)
		}
		head := []byte("before")
		out, ok := MergeOpus(head, packets...)
		if ok != (samples <= 5760) {
			t.Fatalf("merged %v for %d samples", ok, samples)
		}
		if !ok {
			if !bytes.Equal(out, head) {
				t.Fatal("a refused merge wrote something")
			}
			return
		}
		merged := out[len(head):]
		in, err := Inspect(Opus, merged, false)
		if err != nil || int(in.Samples) != samples {
			t.Fatalf("%d samples of %d: %v", in.Samples, samples, err)
		}
		for i, f := range split(t, merged) {
			if !bytes.Equal(f, packets[i][1:]) {
				t.Fatalf("frame %d differs", i)
			}
		}
	})
}

func TestWhatCannotBeMerged(t *testing.T) {
	for name, packets := range map[string][][]byte{
		"nothing":                {},
		"an empty packet":        {{}},
		"two frames in one":      {{0x01, 1, 2}, {0x01, 1, 2}},
		"other configurations":   {{0x00, 1}, {0x08, 1}},
		"mono and stereo":        {{0x00, 1}, {0x04, 1}},
		"a frame beyond a frame": {make([]byte, 1277), make([]byte, 1277)},
	} {
		if _, ok := MergeOpus(nil, packets...); ok {
			t.Errorf("%s: merged", name)
		}
	}
}

func FuzzMergeOpus(f *testing.F) {
	f.Add([]byte{0xf8, 1, 2}, []byte{0xf8, 3})
	f.Add([]byte{0xfb, 1, 2}, []byte{})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		out, ok := MergeOpus(nil, a, b)
		if !ok {
			return
		}
		if _, err := Inspect(Opus, out, false); err != nil {
			t.Fatalf("merged from %x and %x: %v", a, b, err)
		}
		if got := split(t, out); !bytes.Equal(got[0], a[1:]) || !bytes.Equal(got[1], b[1:]) {
			t.Fatal("frames differ")
		}
	})
}

func TestMusic(t *testing.T) {
	for _, c := range []struct {
		toc  byte
		size int
		want bool
	}{{31<<3 | 4, 320, true}, {31<<3 | 4, 80, false}, {31 << 3, 320, false}} {
		if got := Music(append([]byte{c.toc}, make([]byte, c.size-1)...)); got != c.want {
			t.Errorf("%x of %d bytes: %v", c.toc, c.size, got)
		}
	}
	if Music(nil) {
		t.Error("nothing is music")
	}
}
