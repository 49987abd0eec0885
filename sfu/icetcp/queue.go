package icetcp

import "sync"

const (
	// queueBytes bounds what waits for a slow TCP connection: about a third of a second of a 1.5 Mbit/s lecture.
	// Later than that video is worth nothing, and every byte of it stands in front of the voice.
	queueBytes = 64 << 10
	// videoBytes is where video stops being taken in; the rest is for voice, RTCP and STUN.
	videoBytes = 48 << 10
	// smallBytes is the size up to which a packet counts as voice, whatever it is.
	smallBytes = 320
)

// Queue holds whole datagrams on their way to a TCP connection. When it is full it drops packets of video, and goes on
// dropping to the end of that frame (RFC 3550: the marker bit), which could not be decoded any more anyway.
type Queue struct {
	mu      sync.Mutex
	wake    *sync.Cond
	list    []queued
	bytes   int
	streams streams
	dropped uint64
	closed  bool
}

// queued is a datagram and where it came from, as its taker counts.
type queued struct {
	data []byte
	from int
}

// NewQueue makes an empty one.
func NewQueue() *Queue {
	q := &Queue{streams: streams{}}
	q.wake = sync.NewCond(&q.mu)
	return q
}

// Put takes a copy of the datagram, or drops it.
func (q *Queue) Put(data []byte, from int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return
	}
	stream, marker, video := q.streams.sort(data)
	limit := queueBytes
	if video {
		limit = videoBytes
	}
	full := q.bytes+len(data) > limit
	if full || video && stream.torn {
		q.dropped++
		stream.torn = video && !marker // the next frame begins anew
		return
	}
	q.list = append(q.list, queued{append([]byte(nil), data...), from})
	q.bytes += len(data)
	q.wake.Signal()
}

// Take waits for the next datagram; false after Close.
func (q *Queue) Take() (data []byte, from int, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.list) == 0 && !q.closed {
		q.wake.Wait()
	}
	if q.closed {
		return nil, 0, false
	}
	next := q.list[0]
	q.list[0] = queued{}
	q.list = q.list[1:]
	q.bytes -= len(next.data)
	return next.data, next.from, true
}

// Close ends Take, and says how many datagrams were dropped.
func (q *Queue) Close() uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.wake.Broadcast()
	return q.dropped
}
