package turn

import (
	"bufio"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// maxFrame is the longest message of a client: a datagram in a Send indication.
	maxFrame = 1600
	// admitWithin is how long a connection may hold its place without an allocation.
	admitWithin = 10 * time.Second
	// idleAfter is when one that says nothing is given up: a browser proves consent every few seconds on the path it uses
	// and every 25 s on those it keeps.
	idleAfter = time.Minute
	// stuckAfter is how long one write may take.
	stuckAfter = 10 * time.Second
	// sendBuffer bounds what the kernel keeps for a slow connection behind our queue.
	sendBuffer = 64 << 10
)

var errFrame = errors.New("turn: not TURN, or longer than a datagram")

// stream is a client's TCP or TLS connection. Each Read brings one whole message, so that pion's own framing, which
// grows and recurses with what drips in, has nothing to gather.
type stream struct {
	net.Conn
	in       *bufio.Reader
	born     time.Time
	admitted atomic.Bool // has, or had, an allocation
	once     sync.Once
	done     chan struct{}
}

func newStream(c net.Conn, now time.Time) *stream {
	if t, ok := c.(interface{ SetWriteBuffer(int) error }); ok {
		_ = t.SetWriteBuffer(sendBuffer)
	}
	return &stream{Conn: c, in: bufio.NewReaderSize(c, 4<<10), born: now, done: make(chan struct{})}
}

// Read brings the next message; p must have room for maxFrame bytes.
func (s *stream) Read(p []byte) (int, error) {
	deadline := s.born.Add(admitWithin)
	if s.admitted.Load() {
		deadline = time.Now().Add(idleAfter)
	}
	if err := s.SetReadDeadline(deadline); err != nil {
		return 0, err
	}
	return readFrame(s.in, p)
}

func readFrame(r io.Reader, p []byte) (int, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, err
	}
	size, ok := frameSize(head)
	if !ok || size > len(p) || size > maxFrame {
		return 0, errFrame
	}
	copy(p, head[:])
	_, err := io.ReadFull(r, p[4:size])
	if errors.Is(err, io.EOF) { // after its head: not between two messages
		err = io.ErrUnexpectedEOF
	}
	return size, err
}

// Write sends a message. A connection that takes none for long is ended: half a message may have gone out.
func (s *stream) Write(p []byte) (int, error) {
	if err := s.SetWriteDeadline(time.Now().Add(stuckAfter)); err != nil {
		return 0, err
	}
	n, err := s.Conn.Write(p)
	if err != nil {
		_ = s.Close()
	}
	return n, err
}

// Close may be called again.
func (s *stream) Close() error {
	err := net.ErrClosed
	s.once.Do(func() {
		err = s.Conn.Close()
		close(s.done)
	})
	return err
}
