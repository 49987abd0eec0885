package codec

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"testing"
)

// TestMergedSoundsTheSame asks libopus, where it and Python are installed: the merged packets decode to the same samples as the
// single ones, and are the bytes that libopus' own repacketizer makes.
func TestMergedSoundsTheSame(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3")
	}
	encoded, err := exec.CommandContext(t.Context(), python, "testdata/opus.py", "encode").Output()
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
	check := exec.CommandContext(t.Context(), python, "testdata/opus.py", "check")
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
