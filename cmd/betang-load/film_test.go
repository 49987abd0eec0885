package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"betang/sfu/codec"
)

// A film's packets carry its frames whole with the stamp behind them, begin anew with a keyframe when one is asked for, and after
// the last.
func TestFilm(t *testing.T) {
	dir := t.TempDir()
	ivf := append([]byte("DKIF\x00\x00\x20\x00VP80"), make([]byte, 20)...)
	binary.LittleEndian.PutUint32(ivf[16:], 30)
	binary.LittleEndian.PutUint32(ivf[20:], 1)
	sizes := []int{2*(filmMTU-descriptorSize) - 20, 40, filmMTU - descriptorSize - stampSize - 1, filmMTU - descriptorSize}
	var frames [][]byte
	for i, n := range sizes {
		frame := bytes.Repeat([]byte{byte(i + 1)}, n)
		frame[0] = 1 // a delta frame
		if i == 0 {
			copy(frame, []byte{0, 0, 0, 0x9d, 0x01, 0x2a, 64, 1, 180, 0})
		}
		frames = append(frames, frame)
		ivf = binary.LittleEndian.AppendUint32(ivf, uint32(n))
		ivf = binary.LittleEndian.AppendUint64(ivf, uint64(i))
		ivf = append(ivf, frame...)
	}
	if err := os.WriteFile(filepath.Join(dir, "q.ivf"), ivf, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := readFilm(dir, "q")
	if err != nil {
		t.Fatal(err)
	}
	m := mark{1, 2, 3}
	for _, want := range []int{0, 1, 2, 3, 0, 1, 0} {
		payloads, key := f.frame(want == 0 && f.at == 2) // the last one is asked for in mid-film
		if key != (want == 0) {
			t.Fatalf("frame %d: keyframe %t", want, key)
		}
		info, err := codec.Inspect(codec.VP8, payloads[0], len(payloads) == 1)
		if err != nil || info.Key != key {
			t.Fatalf("frame %d: %+v, %v", want, info, err)
		}
		last := payloads[len(payloads)-1]
		m.put(last, 42)
		if sent, ok := m.last(last); !ok || sent != 42 {
			t.Fatalf("frame %d has no stamp", want)
		}
		var all []byte
		for _, p := range payloads {
			if len(p) > filmMTU {
				t.Fatalf("a payload of %d bytes", len(p))
			}
			all = append(all, p[4:]...)
		}
		if !bytes.HasPrefix(all, frames[want]) {
			t.Fatalf("frame %d is not whole", want)
		}
	}
	for name, data := range map[string][]byte{"none": nil, "head": ivf[:32], "cut": ivf[:100], "other": []byte("RIFF")} {
		if err := os.WriteFile(filepath.Join(dir, name+".ivf"), data, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readFilm(dir, name); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}
