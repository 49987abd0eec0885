package codec

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"testing"

	"pgregory.net/rapid"
)

func TestMergeOpus(t *testing.T) {
	long := bytes.Repeat([]byte{7}, 300)
	for _, c := range []struct {
		name string
		in   [][]byte
		want []byte
	}{
		{"three of one length", [][]byte{{0x78, 1, 2}, {0x78, 3, 4}, {0x78, 5, 6}}, []byte{0x7b, 3, 1, 2, 3, 4, 5, 6}},
		{"three of different lengths", [][]byte{{0x78, 1, 2}, {0x78, 3}, {0x78, 5, 6, 7}}, []byte{0x7b, 0x83, 2, 1, 1, 2, 3, 5, 6, 7}},
		{"two of one length", [][]byte{{0x78, 1, 2}, {0x78, 3, 4}}, []byte{0x79, 1, 2, 3, 4}},
		{"two", [][]byte{{0x78, 1, 2}, {0x78, 3}}, []byte{0x7a, 2, 1, 2, 3}},
		{"a long frame", [][]byte{append([]byte{0x78}, long...), {0x78, 3}}, append([]byte{0x7a, 252, 12}, append(bytes.Clone(long), 3)...)},
		{"silence between", [][]byte{{0x78, 1}, {0x78}, {0x78, 2}}, []byte{0x7b, 0x83, 1, 0, 1, 2}},
		{"one of two frames, padded", [][]byte{{0x7b, 0x42, 1, 8, 9, 0}, {0x78, 1}}, []byte{0x7b, 3, 8, 9, 1}},
	} {
		got, ok := MergeOpus(nil, c.in...)
		if !ok || !bytes.Equal(got, c.want) {
			t.Errorf("%s: %x %v, want %x", c.name, got, ok, c.want)
		}
	}
	for _, c := range []struct {
		name string
		in   [][]byte
	}{
		{"nothing", nil}, {"an empty packet", [][]byte{{}}},
		{"mono and stereo", [][]byte{{0x78, 1}, {0x7c, 1}}}, {"different frame lengths", [][]byte{{0x78, 1}, {0x70, 1}}},
		{"140 ms", [][]byte{{0x78, 1}, {0x78, 1}, {0x78, 1}, {0x78, 1}, {0x78, 1}, {0x78, 1}, {0x78, 1}}},
		{"two frames of odd length", [][]byte{{0x79, 1, 2, 3}}}, {"a frame longer than its packet", [][]byte{{0x7a, 9, 1}}},
		{"no frames", [][]byte{{0x7b, 0x80}}}, {"padding longer than its packet", [][]byte{{0x7b, 0x41, 9, 1}}},
		{"a frame of 1276 bytes", [][]byte{append([]byte{0x78}, make([]byte, 1276)...)}},
	} {
		if got, ok := MergeOpus([]byte{9}, c.in...); ok || len(got) != 1 {
			t.Errorf("%s: merged to %x", c.name, got)
		}
	}
}

// frames is a second reading of RFC 6716 section 3.2, from the other end: it is written for clarity, and not with the code it tests.
func frames(t *rapid.T, p []byte) (list [][]byte) {
	size := func() int {
		n := int(p[0])
		p = p[1:]
		if n >= 252 {
			n += 4 * int(p[0])
			p = p[1:]
		}
		return n
	}
	take := func(n int) { list, p = append(list, p[:n]), p[n:] }
	code := p[0] % 4
	p = p[1:]
	switch code {
	case 0:
		take(len(p))
	case 1:
		n := len(p) / 2
		take(n)
		take(n)
	case 2:
		take(size())
		take(len(p))
	case 3:
		b := p[0]
		p = p[1:]
		if b&0x40 != 0 {
			t.Fatal("padding in a merged packet")
		}
		m := int(b & 0x3f)
		sizes := make([]int, m)
		if b&0x80 == 0 {
			for i := range sizes {
				sizes[i] = len(p) / m
			}
		} else {
			rest := 0
			for i := range m - 1 {
				sizes[i] = size()
				rest += sizes[i]
			}
			sizes[m-1] = len(p) - rest
		}
		for _, n := range sizes {
			take(n)
		}
	}
	if len(p) != 0 {
		t.Fatalf("%d bytes left over", len(p))
	}
	return list
}

// TestMergeKeepsFrames: the frames of the merged packet are those of its parts, byte for byte and in order, under the same coding.
func TestMergeKeepsFrames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		toc := byte(rapid.IntRange(0, 63).Draw(t, "coding")) << 2
		var parts, want [][]byte
		for range rapid.IntRange(1, 6).Draw(t, "packets") {
			frame := rapid.SliceOfN(rapid.Byte(), 0, rapid.SampledFrom([]int{0, 3, 120, 251, 252, 253, 255, 256, 400, 1275}).Draw(t, "most")).Draw(t, "frame")
			parts = append(parts, append([]byte{toc}, frame...))
			want = append(want, frame)
		}
		got, ok := MergeOpus(nil, parts...)
		if fits := len(want)*opusFrame(toc>>3) <= 5760; ok != fits {
			t.Fatalf("merged: %v, fits into 120 ms: %v", ok, fits)
		}
		if !ok {
			return
		}
		if got[0]&^3 != toc {
			t.Fatalf("coding %x became %x", toc, got[0])
		}
		list := frames(t, got)
		if len(list) != len(want) {
			t.Fatalf("%d frames of %d", len(list), len(want))
		}
		for i := range want {
			if !bytes.Equal(list[i], want[i]) {
				t.Fatalf("frame %d changed", i)
			}
		}
		// And merging in two goes gives what one gives.
		if half := len(parts) / 2; half > 0 {
			a, _ := MergeOpus(nil, parts[:half]...)
			b, _ := MergeOpus(nil, parts[half:]...)
			if twice, ok := MergeOpus(nil, a, b); !ok || !bytes.Equal(twice, got) {
				t.Fatalf("in two goes %x, in one %x", twice, got)
			}
		}
	})
}

// TestMergedSoundsTheSame asks libopus, where it and Python are installed: the merged packets decode to the same samples as the
// single ones, and are the bytes that libopus' own repacketizer makes.
func TestMergedSoundsTheSame(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3")
	}
	encoded, err := exec.Command(python, "testdata/opus.py", "encode").Output()
	if e := (*exec.ExitError)(nil); errors.As(err, &e) && e.ExitCode() == 77 {
		t.Skip("no libopus")
	}
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	merged := 0
	for len(encoded) > 0 { // three packets each
		var parts [][]byte
		for range 3 {
			n := int(binary.BigEndian.Uint16(encoded))
			parts = append(parts, encoded[2:2+n])
			encoded = encoded[2+n:]
		}
		m, ok := MergeOpus(nil, parts...)
		if !ok {
			t.Fatalf("not merged: %x", parts)
		}
		merged++
		for _, p := range append(parts, m) {
			out.Write(binary.BigEndian.AppendUint16(nil, uint16(len(p))))
			out.Write(p)
		}
	}
	check := exec.Command(python, "testdata/opus.py", "check")
	check.Stdin, check.Stderr = &out, os.Stderr
	said, err := check.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	if merged < 180 {
		t.Errorf("only %d merged packets", merged)
	}
	t.Logf("%s", said)
}

func FuzzMergeOpus(f *testing.F) {
	f.Add([]byte{0x78, 1, 2}, []byte{0x78, 3}, []byte{0x7b, 0xc2, 1, 1, 9, 8, 0})
	f.Add([]byte{0x7a, 252, 0}, []byte{0x79, 1, 2}, []byte{0x7b, 0x41, 255, 255, 1})
	f.Fuzz(func(t *testing.T, a, b, c []byte) {
		got, ok := MergeOpus(nil, a, b, c)
		if !ok {
			return
		}
		if _, err := Inspect(Opus, got, true); err != nil {
			t.Fatalf("merged to what cannot be read: %x", got)
		}
		samples := uint16(0)
		for _, p := range [][]byte{a, b, c} {
			in, err := Inspect(Opus, p, true)
			if err != nil {
				t.Fatalf("merged what cannot be read: %x", p)
			}
			samples += in.Samples
		}
		if in, _ := Inspect(Opus, got, true); in.Samples != samples {
			t.Fatalf("%d samples became %d", samples, in.Samples)
		}
		if again, ok := MergeOpus(nil, got); !ok || !bytes.Equal(again, got) {
			t.Fatalf("merging %x alone gives %x", got, again)
		}
	})
}

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
			if b.fits(stamp) {
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
