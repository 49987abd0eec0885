package icetcp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"
)

func rtp(ssrc uint32, marker bool, size int) []byte {
	b := make([]byte, size)
	b[0], b[1] = 0x80, 96
	binary.BigEndian.PutUint32(b[8:], ssrc)
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

// A voice with redundancy and music have packets as large as a picture's; they go in where pictures no longer do. A stream of pictures with
// one packet a frame is never taken for one.
func TestLargeVoicesAreVoices(t *testing.T) {
	at := func(ssrc, stamp uint32, size int) []byte {
		p := rtp(ssrc, true, size)
		binary.BigEndian.PutUint32(p[4:], stamp)
		return p
	}
	s := streams{}
	for n := range uint32(100) {
		_, _, voice := s.sort(at(1, n*960+7, 420))
		_, _, merged := s.sort(at(2, n*2880, 900))
		_, _, camera := s.sort(at(3, n*3000, 900))
		_, _, jitter := s.sort(at(4, n*2880+n/7*90, 900)) // 32 ms a frame, and now and then 33
		_, _, large := s.sort(at(5, n/3*2880, 900))       // three packets a frame
		_, _, small := s.sort(at(6, n*3000, 200))
		if n > voiceRun && (voice || merged) {
			t.Fatalf("packet %d: a voice is taken for a picture", n)
		}
		if !camera || !jitter || !large || small {
			t.Fatalf("packet %d: a picture is taken for a voice (%v %v %v), or a small packet for a picture", n, camera, jitter, large)
		}
	}
	for n := range uint32(1000) {
		s.sort(at(100+n, n, 900))
	}
	if len(s) != streamsMost {
		t.Errorf("%d streams remembered", len(s))
	}

	q := NewQueue()
	for n := range uint32(voiceRun + 1) {
		q.Put(at(1, n*960, 100), 0)
	}
	for q.bytes+1000 <= videoBytes {
		q.Put(at(3, 0, 1000), 0)
	}
	before := q.bytes
	q.Put(at(3, 0, 1000), 0)
	if q.Put(at(1, (voiceRun+1)*960, 420), 0); q.bytes != before+420 {
		t.Errorf("%d bytes more in a queue that is full of pictures, not the 420 of a voice", q.bytes-before)
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
