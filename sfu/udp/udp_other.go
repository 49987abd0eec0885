//go:build !linux

package udp

import (
	"errors"
	"net"
	"net/netip"
	"syscall"
)

const reusePort = false

func setReusePort(_, _ string, _ syscall.RawConn) error { return nil }

type impl struct{}

type rawBatch struct{}

func (*rawBatch) init() {}

func (c *Conn) probe() error { return nil }

// send writes the datagrams one by one: the portable way.
func (b *Batch) send(msgs []message) error {
	for _, m := range msgs {
		_, err := b.conn.WriteToUDPAddrPort(b.buf[m.start:m.end], m.to)
		b.conn.Stats.Calls.Add(1)
		switch {
		case errors.Is(err, net.ErrClosed):
			return err
		case err != nil:
			b.conn.Stats.Dropped.Add(1)
		default:
			b.conn.Stats.Datagrams.Add(1)
			b.conn.Stats.Messages.Add(1)
		}
	}
	return nil
}

// Reader receives; here one datagram at a time.
type Reader struct{ conn *Conn }

// NewReader makes a reader.
func (c *Conn) NewReader(int) *Reader { return &Reader{conn: c} }

// Read waits for one datagram.
func (r *Reader) Read(ms []Datagram) (int, error) {
	n, from, err := r.conn.ReadFromUDPAddrPort(ms[0].Buf)
	if err != nil {
		return 0, err
	}
	ms[0].N, ms[0].From = n, netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
	return 1, nil
}
