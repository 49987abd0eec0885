package icetcp

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

func rtp(ssrc byte, marker bool, size int) []byte {
	b := make([]byte, size)
	b[0], b[1], b[11] = 0x80, 96, ssrc
	if marker {
		b[1] |= 0x80
	}
	return b
}

// A full queue drops video to the end of the frame, keeps room for voice, and takes the next frame whole.
func TestQueueDropsToFrameEnd(t *testing.T) {
	q := NewQueue()
	taken := 0
	for q.bytes+1000 <= videoBytes {
		q.Put(rtp(1, false, 1000), 0)
		taken++
	}
	q.Put(rtp(1, false, 1000), 0) // no room: the frame is torn
	q.Put(rtp(2, true, 100), 0)   // voice still has its place
	for range 10 {
		if _, _, ok := q.Take(); !ok {
			t.Fatal("closed")
		}
	}
	n := len(q.list)
	q.Put(rtp(1, false, 1000), 0) // there is room again, but not for this frame
	q.Put(rtp(1, true, 1000), 0)
	if len(q.list) != n {
		t.Fatal("the rest of a torn frame was queued")
	}
	q.Put(rtp(1, false, 1000), 0)
	q.Put(rtp(1, true, 1000), 0)
	if len(q.list) != n+2 {
		t.Fatal("the frame after a torn one was not taken whole")
	}
	if d := q.Close(); d != 3 {
		t.Errorf("%d dropped, not 3", d)
	}
	if _, _, ok := q.Take(); ok {
		t.Error("a closed queue gives packets")
	}
	if taken == 0 {
		t.Error("nothing fitted")
	}
}

// Nothing a client sends grows the queue above its bound, small packets neither.
func TestQueueIsBounded(t *testing.T) {
	q := NewQueue()
	for range 10000 {
		q.Put(rtp(3, true, 100), 0)
		q.Put(rtp(4, true, 1200), 0)
	}
	if q.bytes > queueBytes {
		t.Errorf("%d bytes wait", q.bytes)
	}
}

func FuzzReadFrame(f *testing.F) {
	f.Add([]byte{0, 3, 1, 2, 3, 0, 0, 0, 1, 9})
	f.Add([]byte{0xff, 0xff, 1})
	f.Add([]byte("GET / HTTP/1.1\r\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		IsFramed(in)
		r, buf, read := bytes.NewReader(in), make([]byte, 2+maxDatagram), 0
		for {
			data, err := readFrame(r, buf)
			if err != nil {
				if errors.Is(err, io.EOF) && read != len(in) {
					t.Fatalf("a clean end after %d of %d bytes", read, len(in))
				}
				return
			}
			if !bytes.Equal(data, in[read+2:read+2+len(data)]) {
				t.Fatal("other bytes than came")
			}
			read += 2 + len(data)
		}
	})
}
