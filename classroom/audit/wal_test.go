package audit

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"strings"
	"testing"
)

// walOf writes a log of frames as SQLite does, in the order of bytes of its magic number.
func walOf(order binary.ByteOrder, magic uint32, frames int, salt byte) []byte {
	const size = 512
	var a, b uint32
	sum := func(p []byte) {
		for ; len(p) > 0; p = p[8:] {
			a += order.Uint32(p) + b
			b += order.Uint32(p[4:]) + a
		}
	}
	put := binary.BigEndian.AppendUint32
	out := put(put(put(put(nil, magic), 3007000), size), 1)
	out = append(out, bytes.Repeat([]byte{salt}, 8)...)
	sum(out)
	out = put(put(out, a), b)
	for i := range frames {
		head := put(put(nil, uint32(i+2)), uint32(i+1))
		page := bytes.Repeat([]byte{byte(i + 1)}, size)
		sum(head)
		sum(page)
		out = append(append(out, head...), bytes.Repeat([]byte{salt}, 8)...)
		out = append(put(put(out, a), b), page...)
	}
	return out
}

// TestWAL: a log that is whole is, also with frames of an earlier round behind it; any byte of it that is changed is found, save a
// salt of the last frame, which makes it one of an earlier round.
func TestWAL(t *testing.T) {
	for name, log := range map[string][]byte{
		"little": walOf(binary.LittleEndian, 0x377f0682, 5, 7), "big": walOf(binary.BigEndian, 0x377f0683, 5, 7), "none": nil,
	} {
		if found := WAL(log); found != nil {
			t.Errorf("%s: %v", name, found)
		}
		if found := WAL(append(bytes.Clone(log), walOf(binary.LittleEndian, 0x377f0682, 2, 9)[32:]...)); log != nil && found != nil {
			t.Errorf("%s with an earlier round: %v", name, found)
		}
		for i := range log {
			bad := bytes.Clone(log)
			bad[i] ^= byte(1 + rand.IntN(255))
			frame := (i-32)/(24+512) + 1
			inFrame := (i - 32) % (24 + 512)
			if i >= 32 && frame == 5 && inFrame >= 8 && inFrame < 16 {
				continue
			}
			found := WAL(bad)
			if len(found) != 1 {
				t.Fatalf("%s, byte %d: %v", name, i, found)
			}
			if want := []string{"bingkai 1 ", "bingkai 2 ", "bingkai 3 ", "bingkai 4 ", "bingkai 5 "}; i >= 32 && !strings.Contains(found[0].ID, want[frame-1]) {
				t.Fatalf("%s, byte %d is in frame %d: %v", name, i, frame, found)
			}
		}
	}
}

// FuzzWAL: whatever the file of the log holds, it is answered, and what SQLite wrote is whole.
func FuzzWAL(f *testing.F) {
	for _, log := range [][]byte{walOf(binary.LittleEndian, 0x377f0682, 3, 7), walOf(binary.BigEndian, 0x377f0683, 2, 7)} {
		f.Add(log)
		f.Add(log[:len(log)-1])
		f.Add(append(bytes.Clone(log), log[32:]...))
		log[8] = 0x80 // a size that is none
		f.Add(log)
	}
	f.Fuzz(func(t *testing.T, log []byte) {
		found := WAL(log)
		if len(found) > 1 || len(log) > 0 && len(log) < walHead && len(found) == 0 {
			t.Fatalf("%x: %v", log, found)
		}
		for _, x := range found {
			if x.ID == "" || x.EN == "" {
				t.Fatalf("%x: %+v", log, x)
			}
		}
	})
}
