package udp

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

const reusePort = true

func setReusePort(_, _ string, c syscall.RawConn) error {
	var sockErr error
	err := c.Control(func(fd uintptr) {
		sockErr = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
	})
	return errors.Join(err, sockErr)
}

// impl is the Linux half of a Conn.
type impl struct {
	raw syscall.RawConn
}

// mmsghdr is struct mmsghdr of recvmmsg(2).
type mmsghdr struct {
	hdr unix.Msghdr
	n   uint32
	_   [4]byte
}

// control holds one cmsg with a uint16: the segment size.
type control struct {
	hdr  unix.Cmsghdr
	size uint16
	_    [6]byte
}

// rawBatch is the memory sendmmsg reads; kept between flushes so that sending allocates nothing.
type rawBatch struct {
	hdrs  []mmsghdr
	iovs  []unix.Iovec
	names []unix.RawSockaddrInet6
	ctrls []control
	split []message

	// The arguments and results of the call in progress: the callback given to RawConn.Write is made once.
	from, to int
	sent     int
	errno    syscall.Errno
	call     func(fd uintptr) bool
}

func (r *rawBatch) init() {
	r.hdrs = make([]mmsghdr, maxMessages)
	r.iovs = make([]unix.Iovec, maxMessages)
	r.names = make([]unix.RawSockaddrInet6, maxMessages)
	r.ctrls = make([]control, maxMessages)
	// Both calls are raw: the sockets do not block, and a system call that the scheduler knows of gives the processor away
	// after 20 us, to be asked back for at its end. What stops the world waits for one call, some 0.3 ms.
	r.call = func(fd uintptr) bool {
		for {
			n, _, errno := unix.RawSyscall6(unix.SYS_SENDMMSG, fd, uintptr(unsafe.Pointer(&r.hdrs[r.from])), uintptr(r.to-r.from), 0, 0, 0)
			switch errno {
			case unix.EINTR:
				continue
			case unix.EAGAIN:
				return false // wait until the socket takes more: the kernel's queue is the bound
			}
			r.sent, r.errno = int(n), errno
			return true
		}
	}
}

func (c *Conn) probe() error {
	raw, err := c.udp.SyscallConn()
	if err != nil {
		return err
	}
	c.raw = raw
	var sockErr error
	err = raw.Control(func(fd uintptr) {
		var domain int
		if domain, sockErr = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_DOMAIN); sockErr != nil {
			return
		}
		c.v6 = domain == unix.AF_INET6
		// A kernel that knows the option can segment, in software if the card cannot; a card that promises and
		// fails says EIO later.
		_, gsoErr := unix.GetsockoptInt(int(fd), unix.IPPROTO_UDP, unix.UDP_SEGMENT)
		c.gso.Store(gsoErr == nil)
	})
	return errors.Join(err, sockErr)
}

// send hands messages to the kernel, as many per call as it takes.
func (b *Batch) send(msgs []message) error {
	if b.conn.udp == nil {
		return b.conn.writeEach(b.buf, msgs)
	}
	r := &b.raw
	for i := range msgs {
		b.fill(i, &msgs[i])
	}
	for at := 0; at < len(msgs); {
		r.from, r.to = at, len(msgs)
		err := b.conn.raw.Write(r.call)
		if err != nil {
			return err // closed
		}
		b.conn.Stats.Calls.Add(1)
		if r.errno == 0 {
			datagrams := 0
			for _, m := range msgs[at : at+r.sent] {
				datagrams += m.count
			}
			b.conn.Stats.Datagrams.Add(uint64(datagrams))
			b.conn.Stats.Bytes.Add(uint64(msgs[at+r.sent-1].end - msgs[at].start))
			b.conn.Stats.Messages.Add(uint64(r.sent))
			at += r.sent
			continue
		}
		// The first message of the call failed; those before it went out.
		if r.errno == unix.EIO && msgs[at].count > 1 {
			b.conn.gso.Store(false)
			return ErrGSODisabled{Retry: b.resend(msgs[at:])}
		}
		b.conn.Stats.Dropped.Add(uint64(msgs[at].count))
		at++
	}
	return nil
}

// resend sends what is left one datagram a message.
func (b *Batch) resend(left []message) error {
	single := b.raw.split[:0]
	for _, m := range left {
		single = m.split(single)
	}
	b.raw.split = single
	for len(single) > 0 {
		n := min(len(single), maxMessages)
		if err := b.send(single[:n]); err != nil {
			return err
		}
		single = single[n:]
	}
	return nil
}

func (b *Batch) fill(i int, m *message) {
	r := &b.raw
	iov := &r.iovs[i]
	iov.Base = &b.buf[m.start]
	iov.SetLen(m.end - m.start)
	h := &r.hdrs[i].hdr
	h.Iov = iov
	h.SetIovlen(1)
	h.Name = (*byte)(unsafe.Pointer(&r.names[i]))
	h.Namelen = putSockaddr(&r.names[i], m.to, b.conn.v6)
	if m.count == 1 {
		h.Control, h.Controllen = nil, 0
		return
	}
	ctrl := &r.ctrls[i]
	ctrl.hdr.Level, ctrl.hdr.Type = unix.IPPROTO_UDP, unix.UDP_SEGMENT
	ctrl.hdr.SetLen(unix.CmsgLen(2))
	ctrl.size = uint16(m.seg)
	h.Control = (*byte)(unsafe.Pointer(ctrl))
	h.SetControllen(unix.CmsgSpace(2))
}

// putSockaddr writes the address as the socket's family wants it and gives its length.
func putSockaddr(dst *unix.RawSockaddrInet6, a netip.AddrPort, v6 bool) uint32 {
	port := a.Port()
	if v6 {
		*dst = unix.RawSockaddrInet6{Family: unix.AF_INET6, Addr: a.Addr().As16()}
		binary.BigEndian.PutUint16((*[2]byte)(unsafe.Pointer(&dst.Port))[:], port)
		return unix.SizeofSockaddrInet6
	}
	in := (*unix.RawSockaddrInet4)(unsafe.Pointer(dst))
	*in = unix.RawSockaddrInet4{Family: unix.AF_INET, Addr: a.Addr().Unmap().As4()}
	binary.BigEndian.PutUint16((*[2]byte)(unsafe.Pointer(&in.Port))[:], port)
	return unix.SizeofSockaddrInet4
}

func getSockaddr(src *unix.RawSockaddrInet6) netip.AddrPort {
	port := binary.BigEndian.Uint16((*[2]byte)(unsafe.Pointer(&src.Port))[:])
	if src.Family == unix.AF_INET {
		in := (*unix.RawSockaddrInet4)(unsafe.Pointer(src))
		return netip.AddrPortFrom(netip.AddrFrom4(in.Addr), port)
	}
	return netip.AddrPortFrom(netip.AddrFrom16(src.Addr).Unmap(), port)
}

// Reader receives in batches with recvmmsg. It belongs to one goroutine.
type Reader struct {
	conn  *Conn
	hdrs  []mmsghdr
	iovs  []unix.Iovec
	names []unix.RawSockaddrInet6
	want  int
	got   int
	errno syscall.Errno
	call  func(fd uintptr) bool
}

// NewReader makes a reader of up to n datagrams at a time.
func (c *Conn) NewReader(n int) *Reader {
	r := &Reader{conn: c, hdrs: make([]mmsghdr, n), iovs: make([]unix.Iovec, n), names: make([]unix.RawSockaddrInet6, n)}
	r.call = func(fd uintptr) bool {
		for {
			n, _, errno := unix.RawSyscall6(unix.SYS_RECVMMSG, fd, uintptr(unsafe.Pointer(&r.hdrs[0])), uintptr(r.want), unix.MSG_DONTWAIT, 0, 0)
			switch errno {
			case unix.EINTR:
				continue
			case unix.EAGAIN:
				return false
			}
			r.got, r.errno = int(n), errno
			return true
		}
	}
	return r
}

// Read waits for at least one datagram and fills ms from the front; it gives how many. A datagram larger than its
// Buf is cut. Errors: net.ErrClosed after Close.
func (r *Reader) Read(ms []Datagram) (int, error) {
	if r.conn.udp == nil {
		if err := r.conn.readOne(&ms[0]); err != nil {
			return 0, err
		}
		return 1, nil
	}
	r.want = min(len(ms), len(r.hdrs))
	for i := range r.want {
		r.iovs[i].Base = &ms[i].Buf[0]
		r.iovs[i].SetLen(len(ms[i].Buf))
		h := &r.hdrs[i].hdr
		h.Iov = &r.iovs[i]
		h.SetIovlen(1)
		h.Name = (*byte)(unsafe.Pointer(&r.names[i]))
		h.Namelen = unix.SizeofSockaddrInet6
	}
	for {
		if err := r.conn.raw.Read(r.call); err != nil {
			return 0, err
		}
		switch r.errno {
		case 0:
			for i := range r.got {
				ms[i].N = int(r.hdrs[i].n)
				ms[i].From = getSockaddr(&r.names[i])
			}
			return r.got, nil
		case unix.ECONNREFUSED, unix.EHOSTUNREACH, unix.ENETUNREACH:
			continue // an ICMP error of an earlier send, reported here; the viewer's own silence will tell
		default:
			return 0, &net.OpError{Op: "read", Net: "udp", Err: r.errno}
		}
	}
}
