package main

import (
	"testing"

	"betang/sfu/codec"
)

// Over a keyframe interval the packets are what the usage text promises, and each says of itself what it should.
func TestVideoShape(t *testing.T) {
	for name, s := range shapes {
		t.Run(name, func(t *testing.T) { checkShape(t, s) })
	}
	if n := shapes["720p"].payload(); n != 1153 {
		t.Errorf("720p in packets of %d bytes", n)
	}
}

func checkShape(t *testing.T, s shape) {
	v := newVideo(s)
	total, keys := 0, 0
	var lastID int32 = -1
	for n := range 2 * keyEvery {
		payloads, key := v.frame(false)
		want := s.frame
		if n%keyEvery == 0 {
			want = s.key
			keys++
		}
		if key != (n%keyEvery == 0) || len(payloads) != want {
			t.Fatalf("frame %d: key %v, %d packets", n, key, len(payloads))
		}
		for i := range payloads {
			total += len(payloads[i])
			in, err := codec.Inspect(codec.VP8, payloads[i], i == len(payloads)-1)
			if err != nil {
				t.Fatal(err)
			}
			if in.Start != (i == 0) || in.Key != (key && i == 0) || !in.Wide || in.TL0 != int16(n+1)&0xff || in.TID != 0 {
				t.Fatalf("frame %d packet %d: %+v", n, i, in)
			}
			if in.Key && (int(in.Width) != s.width || int(in.Height) != s.height) {
				t.Fatalf("keyframe of %d x %d", in.Width, in.Height)
			}
			if i == 0 && lastID >= 0 && in.PictureID != lastID+1 {
				t.Fatalf("picture %d after %d", in.PictureID, lastID)
			}
			lastID = in.PictureID
		}
	}
	if bits := total * 8 / (2 * keyEvery / videoFPS); bits < s.bits*99/100 || bits > s.bits {
		t.Fatalf("%d bit/s, want just below %d", bits, s.bits)
	}
	if _, key := v.frame(true); !key {
		t.Fatal("no keyframe on request")
	}
	for range keyEvery - 1 {
		if _, key := v.frame(false); key {
			t.Fatal("the interval does not begin anew after a requested keyframe")
		}
	}
	if _, key := v.frame(false); !key {
		t.Fatal("no keyframe at the end of the interval")
	}
}

// The layers of a lecture have three temporal layers: half of the frames need no more than the other half, a quarter no more than itself.
func TestThirds(t *testing.T) {
	for name, layers := range layered {
		for i, s := range layers {
			if i > 0 && (s.bits <= layers[i-1].bits || s.height <= layers[i-1].height) {
				t.Errorf("%s: layer %d is not above the one before it", name, i)
			}
			v := newVideo(s)
			v.thirds = true
			tl0 := int16(0)
			for n := range keyEvery {
				payloads, _ := v.frame(false)
				want := [...]struct {
					tid  uint8
					sync bool
				}{{0, false}, {2, true}, {1, true}, {2, false}}[n%4]
				if want.tid == 0 {
					tl0++
				}
				for i := range payloads {
					in, err := codec.Inspect(codec.VP8, payloads[i], i == len(payloads)-1)
					if err != nil || in.TID != want.tid || in.Sync != want.sync || in.TL0 != tl0 {
						t.Fatalf("frame %d: %+v, %v", n, in, err)
					}
				}
			}
		}
	}
}

func TestOpusShape(t *testing.T) {
	var p [opusPayload]byte
	opus(&p)
	in, err := codec.Inspect(codec.Opus, p[:], false)
	if err != nil || in.Samples != opusStep {
		t.Fatalf("%+v, %v", in, err)
	}
}

func TestStamp(t *testing.T) {
	m, other := mark{1, 2, 3, 4, 5, 6, 7, 8}, mark{9}
	p := make([]byte, 40)
	if _, ok := m.last(p); ok {
		t.Fatal("a stamp where there is none")
	}
	m.put(p, 12345)
	if sent, ok := m.last(p); !ok || sent != 12345 {
		t.Fatalf("last = %d, %v", sent, ok)
	}
	if _, ok := other.last(p); ok {
		t.Fatal("another run's stamp accepted")
	}
	if _, ok := m.last(p[:stampSize-1]); ok {
		t.Fatal("a stamp in too few bytes")
	}
	var got []int64
	q := append([]byte{0xfb, 3}, p...)
	m.put(p, 67890)
	q = append(append(q, p...), m[:]...) // the last one is cut off
	m.each(q, func(sent int64) { got = append(got, sent) })
	if len(got) != 2 || got[0] != 12345 || got[1] != 67890 {
		t.Fatalf("merged packet: %v", got)
	}
}
