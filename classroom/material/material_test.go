package material

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/png"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func pngOf(w, h int) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, w, h))); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func chunk(name string, body []byte) []byte {
	out := binary.LittleEndian.AppendUint32([]byte(name), uint32(len(body)))
	out = append(out, body...)
	if len(body)%2 == 1 {
		out = append(out, 0)
	}
	return out
}

func webpOf(chunks ...[]byte) []byte {
	body := append([]byte("WEBP"), bytes.Join(chunks, nil)...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

func lossy(w, h int) []byte {
	b := []byte{0x10, 0, 0, 0x9d, 0x01, 0x2a}
	b = binary.LittleEndian.AppendUint16(b, uint16(w))
	b = binary.LittleEndian.AppendUint16(b, uint16(h))
	return chunk("VP8 ", append(b, 1, 2, 3))
}

func lossless(w, h int) []byte {
	return chunk("VP8L", append(binary.LittleEndian.AppendUint32([]byte{0x2f}, uint32(w-1)|uint32(h-1)<<14), 1))
}

func extended(flags byte, w, h int) []byte {
	w, h = w-1, h-1
	return chunk("VP8X", []byte{flags, 0, 0, 0, byte(w), byte(w >> 8), byte(w >> 16), byte(h), byte(h >> 8), byte(h >> 16)})
}

func TestInspect(t *testing.T) {
	good := map[string]struct {
		data []byte
		want Picture
	}{
		"png":           {pngOf(960, 540), Picture{"image/png", 960, 540}},
		"webp":          {webpOf(lossy(1920, 1080)), Picture{"image/webp", 1920, 1080}},
		"webp lossless": {webpOf(lossless(1920, 1080)), Picture{"image/webp", 1920, 1080}},
		"webp extended": {webpOf(extended(0x10, 640, 360), chunk("ALPH", []byte{1}), lossy(640, 360)), Picture{"image/webp", 640, 360}},
	}
	for name, c := range good {
		if got, ok := Inspect(c.data); !ok || got != c.want {
			t.Errorf("%s: %+v %v, want %+v", name, got, ok, c.want)
		}
		for n := range len(c.data) {
			if _, ok := Inspect(c.data[:n]); ok {
				t.Errorf("%s: its first %d bytes of %d are taken for whole", name, n, len(c.data))
			}
		}
		if _, ok := Inspect(append(bytes.Clone(c.data), "<script>"...)); ok {
			t.Errorf("%s: taken with something behind it", name)
		}
	}
	bad := map[string][]byte{
		"nothing":          nil,
		"html":             []byte("<!doctype html><script>alert(1)</script>                         "),
		"svg":              []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>                           `),
		"gif":              []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;                                  "),
		"animated":         webpOf(extended(0x02, 64, 64), lossy(64, 64)),
		"frames":           webpOf(extended(0, 64, 64), chunk("ANMF", make([]byte, 20)), lossy(64, 64)),
		"canvas differs":   webpOf(extended(0, 64, 64), lossy(65, 64)),
		"two pictures":     webpOf(lossy(64, 64), lossy(64, 64)),
		"no picture":       webpOf(chunk("EXIF", []byte("abcdefgh"))),
		"too wide":         webpOf(lossy(MaxSide+1, 10)),
		"too many pixels":  webpOf(lossy(MaxSide, MaxSide)),
		"no height":        webpOf(lossy(10, 0)),
		"a bomb of a PNG":  pngOf(MaxSide, MaxSide),
		"a PNG of no size": bytes.Replace(pngOf(1, 1), []byte("IHDR\x00\x00\x00\x01"), []byte("IHDR\x00\x00\x00\x00"), 1),
		"too many bytes":   append(webpOf(lossy(64, 64)), make([]byte, MaxPage)...),
	}
	for name, data := range bad {
		if p, ok := Inspect(data); ok {
			t.Errorf("%s is taken for %+v", name, p)
		}
	}
}

// FuzzInspect: whatever comes, what is taken is small, of a known type, and whole.
func FuzzInspect(f *testing.F) {
	for _, seed := range [][]byte{
		pngOf(3, 2), webpOf(lossy(16, 9)), webpOf(lossless(16, 9)), webpOf(extended(0, 16, 9), lossy(16, 9)),
		webpOf(chunk("VP8 ", nil)), []byte("RIFF\xff\xff\xff\xffWEBPVP8 \xff\xff\xff\xff"), []byte("\x89PNG\r\n\x1a\n\xff\xff\xff\xffIHDR"),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, ok := Inspect(data)
		if !ok {
			return
		}
		if p.Width < 1 || p.Height < 1 || p.Width > MaxSide || p.Height > MaxSide || p.Width*p.Height > MaxPixels || len(data) > MaxPage {
			t.Errorf("took %+v", p)
		}
		if p.Type != "image/webp" && p.Type != "image/png" {
			t.Errorf("took type %q", p.Type)
		}
		if _, ok := Inspect(data[:len(data)-1]); ok {
			t.Error("took it without its last byte, too")
		}
	})
}

// TestBoardProperties: whatever is drawn, a board stays bounded, holds only strokes, and counts every change once.
func TestBoardProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b Board
		model := map[Place][]Stroke{}
		revs := map[Place]int{}
		points := rapid.SampledFrom([]string{"AAAA", "AAAABBBB", "", "AAA", "<b>x", strings.Repeat("A", 4*MaxPoints), strings.Repeat("A", 4*MaxPoints+4)})
		for range rapid.IntRange(1, 300).Draw(t, "steps") {
			at := Place{rapid.SampledFrom([]string{"a", "b"}).Draw(t, "deck"), rapid.IntRange(1, 2).Draw(t, "page")}
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0:
				b.Undo(at)
				if n := len(model[at]); n > 0 {
					model[at], revs[at] = model[at][:n-1], revs[at]+1
				}
			case 1:
				b.Clear(at)
				if len(model[at]) > 0 {
					model[at], revs[at] = nil, revs[at]+1
				}
			default:
				s := Stroke{rapid.SampledFrom([]string{"red", "blue", "url(x)"}).Draw(t, "color"), false, points.Draw(t, "points")}
				b.Draw(at, s)
				if s.Valid() {
					model[at], revs[at] = append(model[at], s), revs[at]+1
					for len(model[at]) > MaxStrokes || ink(model[at]) > MaxInk {
						model[at] = model[at][1:]
					}
				}
			}
			d := b.Drawing(at)
			if d.Rev != revs[at] || len(d.Strokes) != len(model[at]) {
				t.Fatalf("at %+v: revision %d of %d strokes, want %d of %d", at, d.Rev, len(d.Strokes), revs[at], len(model[at]))
			}
			for i, s := range d.Strokes {
				if s != model[at][i] || strings.ContainsAny(s.Points, "<>&\" ") {
					t.Fatalf("stroke %d: %+v", i, s)
				}
			}
		}
	})
}

func TestBoardIsBounded(t *testing.T) {
	var b Board
	for i := range 10 * maxDrawn {
		for range 2 * MaxStrokes {
			b.Draw(Place{"a", i}, Stroke{"red", true, "AAAA____"})
		}
	}
	if len(b.pages) != maxDrawn || len(b.order) != maxDrawn {
		t.Errorf("%d pages are kept", len(b.pages))
	}
	if n := len(b.Drawing(Place{"a", 10*maxDrawn - 1}).Strokes); n != MaxStrokes {
		t.Errorf("the last page has %d strokes", n)
	}
}
