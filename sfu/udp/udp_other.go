//go:build !linux

package udp

import "syscall"

const reusePort = false

func setReusePort(_, _ string, _ syscall.RawConn) error { return nil }

type impl struct{}

type rawBatch struct{}

func (*rawBatch) init() {}

func (c *Conn) probe() error { return nil }

func (b *Batch) send(msgs []message) error { return b.conn.writeEach(b.buf, msgs) }

// Reader receives; here one datagram at a time.
type Reader struct{ conn *Conn }

// NewReader makes a reader.
func (c *Conn) NewReader(int) *Reader { return &Reader{conn: c} }

// Read waits for one datagram.
func (r *Reader) Read(ms []Datagram) (int, error) {
	if err := r.conn.readOne(&ms[0]); err != nil {
		return 0, err
	}
	return 1, nil
}
