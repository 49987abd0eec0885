package codec

import (
	"bytes"
	"errors"
	"testing"
)

func TestVP8(t *testing.T) {
	none := Info{TL0: -1, PictureID: -1}
	with := func(f func(*Info)) Info { in := none; f(&in); return in }
	key720 := []byte{0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x00, 0x05, 0xd0, 0x02}
	for _, c := range []struct {
		name   string
		p      []byte
		marker bool
		want   Info
		err    error
	}{
		{"empty", nil, false, none, ErrShort},
		{"descriptor only", []byte{0x10}, false, none, ErrShort},
		{"X without its byte", []byte{0x90}, false, none, ErrShort},
		{"I without its byte", []byte{0x90, 0x80}, false, none, ErrShort},
		{"M without its second byte", []byte{0x90, 0x80, 0x81}, false, none, ErrShort},
		{"L without its byte", []byte{0x90, 0x40}, false, none, ErrShort},
		{"T without its byte", []byte{0x90, 0x20}, false, none, ErrShort},
		{"all fields, no picture", []byte{0x90, 0xf0, 0x81, 0x01, 5, 0x40}, false, none, ErrShort},
		{"plain delta frame", []byte{0x10, 0x01}, true, with(func(i *Info) { i.Start, i.End = true, true }), nil},
		{"continuation", []byte{0x00, 0x00}, false, none, nil},
		{"second partition is no frame start", []byte{0x11, 0x00}, false, none, nil},
		{"keyframe cut short", []byte{0x10, 0x00}, false, with(func(i *Info) { i.Start, i.Key = true, true }), nil},
		{"keyframe 1280x720", append([]byte{0x10}, key720...), false, with(func(i *Info) {
			i.Start, i.Key, i.Width, i.Height = true, true, 1280, 720
		}), nil},
		{"not referenced", []byte{0x30, 0x01}, false, with(func(i *Info) { i.Start, i.Discardable = true, true }), nil},
		{"7-bit picture id", []byte{0x90, 0x80, 0x7f, 0x01}, false, with(func(i *Info) { i.Start, i.PictureID = true, 127 }), nil},
		{"15-bit picture id, TL0, layer 2, sync", []byte{0x90, 0xe0, 0xff, 0xfe, 200, 0xa0, 0x01}, false, with(func(i *Info) {
			i.Start, i.Wide, i.PictureID, i.TL0, i.TID, i.Sync = true, true, 0x7ffe, 200, 2, true
		}), nil},
		{"K alone gives no layer", []byte{0x90, 0x10, 0xff, 0x01}, false, with(func(i *Info) { i.Start = true }), nil},
		{"T and K share a byte", []byte{0x90, 0x30, 0x45, 0x01}, false, with(func(i *Info) { i.Start, i.TID = true, 1 }), nil},
	} {
		got, err := Inspect(VP8, c.p, c.marker)
		if !errors.Is(err, c.err) || err == nil && got != c.want {
			t.Errorf("%s: %+v, %v; want %+v, %v", c.name, got, err, c.want, c.err)
		}
	}
}

func TestRewriteVP8(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"15 bits and TL0", "\x90\xe0\xff\xfe\xc8\xa0body", "\x90\xe0\x92\x34\x07\xa0body"},
		{"7 bits stay 7 bits", "\x90\x80\x11body", "\x90\x80\x34body"},
		{"TL0 alone", "\x90\x40\x11body", "\x90\x40\x07body"},
		{"nothing to write", "\x10body", "\x10body"},
		{"KEYIDX stays", "\x90\x10\x11body", "\x90\x10\x11body"},
		{"cut short", "\x90\xe0\xff", "\x90\xe0\xff"},
		{"empty", "", ""},
	} {
		p := []byte(c.in)
		RewriteVP8(p, 0x1234, 7)
		if string(p) != c.want {
			t.Errorf("%s: % x, want % x", c.name, p, c.want)
		}
	}
}

func TestH264(t *testing.T) {
	for _, c := range []struct {
		name                       string
		p                          string
		key, params, start, noRefs bool
		err                        error
	}{
		{"empty", "", false, false, false, false, ErrShort},
		{"header only", "\x65", false, false, false, false, ErrShort},
		{"IDR, first slice", "\x65\x88\x80", true, false, true, false, nil},
		{"IDR, later slice", "\x65\x08\x80", true, false, false, false, nil},
		{"slice", "\x41\x9a", false, false, true, false, nil},
		{"later slice", "\x41\x1a", false, false, false, false, nil},
		{"slice nobody refers to", "\x01\x9a", false, false, true, true, nil},
		{"SPS", "\x67\x42\x00\x1f", true, true, true, false, nil},
		{"PPS", "\x68\xce", false, false, true, false, nil},
		{"delimiter", "\x09\xf0", false, false, true, true, nil},
		{"STAP-A SPS PPS", "\x78\x00\x02\x67\x42\x00\x02\x68\xce", true, true, true, false, nil},
		{"STAP-A SPS PPS IDR", "\x78\x00\x02\x67\x42\x00\x02\x68\xce\x00\x03\x65\x88\x80", true, false, true, false, nil},
		{"STAP-A IDR SPS", "\x78\x00\x02\x65\x88\x00\x02\x67\x42", true, false, true, false, nil},
		{"STAP-A of slices", "\x58\x00\x02\x41\x9a\x00\x02\x41\x1a", false, false, true, false, nil},
		{"STAP-A too long", "\x78\x00\x05\x67\x42", false, false, false, false, ErrShort},
		{"STAP-A of nothing", "\x78\x00\x00", false, false, false, false, ErrShort},
		{"STAP-A half a length", "\x78\x00\x01\x67\x00", false, false, false, false, ErrShort},
		{"FU-A start of IDR", "\x7c\x85\x88", true, false, true, false, nil},
		{"FU-A middle of IDR", "\x7c\x05\x88", false, false, false, false, nil},
		{"FU-A end of IDR", "\x7c\x45\x88", false, false, false, false, nil},
		{"FU-A start of slice", "\x5c\x81\x9a", false, false, true, false, nil},
		{"FU-A without a body", "\x7c\x85", false, false, false, false, ErrShort},
		{"FU-B", "\x7d\x85\x00\x00\x88", false, false, false, false, ErrUnsupported},
		{"type 0", "\x60\x00", false, false, false, false, ErrUnsupported},
	} {
		for _, marker := range []bool{false, true} {
			got, err := Inspect(H264, []byte(c.p), marker)
			if !errors.Is(err, c.err) {
				t.Errorf("%s: error %v, want %v", c.name, err, c.err)
				continue
			}
			want := Info{TL0: -1, PictureID: -1, Key: c.key, Params: c.params, Start: c.start, End: marker, Discardable: c.noRefs}
			if err == nil && got != want {
				t.Errorf("%s: %+v, want %+v", c.name, got, want)
			}
		}
	}
}

func TestOpus(t *testing.T) {
	for _, c := range []struct {
		name    string
		p       []byte
		samples uint16
		err     error
	}{
		{"empty", nil, 0, ErrShort},
		{"SILK 10 ms", []byte{0 << 3, 1}, 480, nil},
		{"SILK 60 ms", []byte{11 << 3, 1}, 2880, nil},
		{"hybrid 20 ms", []byte{15 << 3, 1}, 960, nil},
		{"CELT 2.5 ms", []byte{16 << 3, 1}, 120, nil},
		{"CELT 20 ms, as browsers send", []byte{31 << 3, 1}, 960, nil},
		{"two equal frames", []byte{31<<3 | 1, 1}, 1920, nil},
		{"two unequal frames", []byte{31<<3 | 2, 1}, 1920, nil},
		{"three frames of 20 ms", []byte{31<<3 | 3, 3}, 2880, nil},
		{"six frames of 20 ms", []byte{31<<3 | 3, 6}, 5760, nil},
		{"more than 120 ms", []byte{31<<3 | 3, 7}, 0, ErrUnsupported},
		{"no frames", []byte{31<<3 | 3, 0}, 0, ErrUnsupported},
		{"no frame count", []byte{31<<3 | 3}, 0, ErrShort},
	} {
		got, err := Inspect(Opus, c.p, false)
		if !errors.Is(err, c.err) {
			t.Errorf("%s: error %v, want %v", c.name, err, c.err)
		} else if err == nil && (got.Samples != c.samples || !got.Key || !got.Start || !got.End) {
			t.Errorf("%s: %+v, want %d samples", c.name, got, c.samples)
		}
	}
}

func TestUnknownKind(t *testing.T) {
	if _, err := Inspect(0, []byte{1, 2, 3}, false); !errors.Is(err, ErrUnsupported) {
		t.Fatalf("error %v", err)
	}
	if Kind(0).Clock() != 0 || Kind(0).Video() || VP8.Clock() != 90000 || Opus.Clock() != 48000 || Opus.Video() || !H264.Video() {
		t.Fatal("clock or video of a kind is wrong")
	}
	for k, want := range map[Kind]string{Opus: "opus", VP8: "VP8", H264: "H264", 0: "unknown"} {
		if k.String() != want {
			t.Errorf("Kind %d is called %q", k, k.String())
		}
	}
}

func seeds(f *testing.F) {
	for k, s := range map[Kind][]string{
		VP8: {
			"\x10\x02\x00\x9d\x01\x2a\x00\x05\xd0\x02rest", "\x90\xe0\xff\xfe\xc8\xa0\x01", "\x90\x80\x11\x01", "\x90\xf0\x81\x01\x05\x40",
		},
		H264: {"\x78\x00\x02\x67\x42\x00\x02\x68\xce", "\x78\xff\xff\x67", "\x7c\x85\x88", "\x65\x88\x80"},
		Opus: {"\xfc\x01", "\xff\x03\x01", "\xff\x3f"},
	} {
		for _, p := range s {
			f.Add(uint8(k), []byte(p), true)
		}
	}
}

// FuzzInspect: whatever comes, no panic, and what is said keeps its promised ranges.
func FuzzInspect(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, kind uint8, p []byte, marker bool) {
		before := bytes.Clone(p)
		in, err := Inspect(Kind(kind), p, marker)
		if !bytes.Equal(p, before) {
			t.Fatal("Inspect wrote into the payload")
		}
		if err != nil {
			return
		}
		if in.PictureID < -1 || in.PictureID > 0x7fff || in.PictureID > 127 && !in.Wide || in.TL0 < -1 || in.TL0 > 255 || in.TID > 3 {
			t.Fatalf("out of range: %+v", in)
		}
		if in.Params && !in.Key || Kind(kind) != Opus && in.End != marker {
			t.Fatalf("contradiction: %+v", in)
		}
		if Kind(kind) == Opus && (in.Samples < 120 || in.Samples > 5760) {
			t.Fatalf("%d samples", in.Samples)
		}
	})
}

// FuzzRewriteVP8: the new numbers are read back, and nothing else has changed.
func FuzzRewriteVP8(f *testing.F) {
	f.Add([]byte("\x90\xe0\xff\xfe\xc8\xa0\x01"), uint16(0x1234), uint8(7))
	f.Add([]byte("\x90\x80\x11\x01"), uint16(0xffff), uint8(255))
	f.Add([]byte("\x90\x40\x11\x01"), uint16(0), uint8(0))
	f.Add([]byte("\x90\xf0\x81"), uint16(5), uint8(5))
	f.Fuzz(func(t *testing.T, p []byte, pid uint16, tl0 uint8) {
		old, oldErr := Inspect(VP8, p, false)
		q := bytes.Clone(p)
		RewriteVP8(q, pid, tl0)
		got, err := Inspect(VP8, q, false)
		if oldErr != nil {
			if !bytes.Equal(p, q) {
				t.Fatalf("an unreadable payload was changed: % x to % x", p, q)
			}
			return
		}
		want := old
		switch {
		case old.Wide:
			want.PictureID = int32(pid & 0x7fff)
		case old.PictureID >= 0:
			want.PictureID = int32(pid & 0x7f)
		}
		if old.TL0 >= 0 {
			want.TL0 = int16(tl0)
		}
		if err != nil || got != want {
			t.Fatalf("% x became % x: %+v, %v; want %+v", p, q, got, err, want)
		}
		RewriteVP8(q, uint16(max(old.PictureID, 0)), uint8(max(old.TL0, 0)))
		if !bytes.Equal(p, q) {
			t.Fatalf("writing the old numbers back gives % x, was % x", q, p)
		}
	})
}

var benchVP8 = []byte("\x90\xe0\xff\xfe\xc8\xa0\x01 the rest of the packet does not matter")

func TestNoAllocs(t *testing.T) {
	h264, opus := []byte("\x78\x00\x02\x67\x42\x00\x02\x68\xce"), []byte{0xfc, 1}
	p := bytes.Clone(benchVP8)
	if n := testing.AllocsPerRun(1000, func() {
		_, _ = Inspect(VP8, p, true)
		_, _ = Inspect(H264, h264, true)
		_, _ = Inspect(Opus, opus, true)
		RewriteVP8(p, 5, 6)
	}); n != 0 {
		t.Fatalf("%v allocations", n)
	}
}

func BenchmarkInspectVP8(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Inspect(VP8, benchVP8, true); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRewriteVP8(b *testing.B) {
	p := bytes.Clone(benchVP8)
	b.ReportAllocs()
	for b.Loop() {
		RewriteVP8(p, 5, 6)
	}
}
