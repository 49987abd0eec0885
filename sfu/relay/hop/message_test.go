package hop

import (
	"bytes"
	"reflect"
	"testing"
)

var samples = []Message{
	Ping{At: 1},
	Pong{At: -1, Mine: 1 << 60},
	Want{Key: Key{"demo", "pabc.kotim-1"}, Version: 7, Layers: []uint32{1, 2, 1 << 31}},
	Want{Key: Key{"demo", ""}, Version: 1 << 31, Stop: true},
	Source{Key: Key{"demo", "p"}, Echo: 3, Known: true, Loud: 80, Path: []NodeID{{1, 2, 3}, {4}}, Layers: []Layer{
		{ID: 9, SSRC: 77, Codec: 3, Profile: "42e01f", Live: true, Pixels: 921600, Rate: 1_500_000, TIDs: [4]uint32{1, 2, 3, 4}, Timed: true, At: 5, Stamp: 6},
		{ID: 10, Held: true},
	}},
	Source{Key: Key{"demo", "p"}},
	Scene{Router: "demo", Known: true, Path: []NodeID{{1}}, Main: "a", Second: "b", Voices: []string{"a", "b", ""}, Tiles: []string{"c"}, Hush: true, SecondShared: true},
	Nack{Layer: 4, Seqs: []uint16{1, 2, 65535}},
	KeyFrame{Layer: 5},
	Arrived{Told: []byte{0, 1, 0, 1, 0, 0, 1, 0, 0x20, 1, 4}},
	Padding{Number: 65535, Fill: make([]byte, 7)},
}

func TestMessagesComeBack(t *testing.T) {
	for _, m := range samples {
		got, err := Parse(Append(nil, m))
		if err != nil || !reflect.DeepEqual(got, m) {
			t.Errorf("%#v came back as %#v, %v", m, got, err)
		}
		b := Append(nil, m)
		for n := range b {
			if _, err := Parse(b[:n]); err == nil && !open(m, n) {
				t.Errorf("%T cut to %d of %d bytes was taken", m, n, len(b))
			}
		}
	}
	p := Packet{Layer: 1, Seq: 2, Stamp: 3, Marker: true, Sent: 4, Number: 9, Payload: []byte{5, 6}}
	if got, ok := ParsePacket(AppendPacket(nil, p)); !ok || !reflect.DeepEqual(got, p) {
		t.Errorf("%+v came back as %+v", p, got)
	}
}

// open tells whether a message may end after so many bytes: what fills it has no length of its own.
func open(m Message, n int) bool {
	switch m.(type) {
	case Arrived:
		return n > 1
	case Padding:
		return n > 3
	}
	return false
}

// A Source of the most that there may be must fit a datagram.
func TestLargestMessagesFit(t *testing.T) {
	name := string(bytes.Repeat([]byte("x"), MaxName))
	full := Source{Key: Key{name, name}, Path: make([]NodeID, MaxHops), Layers: make([]Layer, MaxLayers)}
	for i := range full.Layers {
		full.Layers[i].Profile = "42e01f"
	}
	if n := len(Append(nil, full)); n > 1200 {
		t.Errorf("a full Source has %d bytes", n)
	}
	if n := len(Append(nil, Nack{Seqs: make([]uint16, MaxNacks)})); n > 1200 {
		t.Errorf("a full Nack has %d bytes", n)
	}
}

func FuzzParse(f *testing.F) {
	for _, m := range samples {
		f.Add(Append(nil, m))
	}
	f.Add(AppendPacket(nil, Packet{Layer: 1, Payload: []byte{1}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if p, ok := ParsePacket(b); ok && !bytes.Equal(AppendPacket(nil, p), b) {
			t.Fatalf("packet %x is written otherwise", b)
		}
		m, err := Parse(b)
		if err != nil {
			return
		}
		if again := Append(nil, m); !bytes.Equal(again, b) {
			t.Fatalf("%x is written as %x", b, again)
		}
	})
}
