package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	crowdReads = 64   // datagrams taken from a socket at a time
	crowdBuf   = 2048 // bytes each
	crowdTick  = 50 * time.Millisecond
)

// crowd has the sockets of all light viewers, one each because a server tells viewers apart by address, in one epoll set:
// one goroutine reads, one speaks.
type crowd struct {
	cert        tls.Certificate
	fingerprint string
	slots       int
	gro         bool
	now         func() int64

	epoll int
	ended atomic.Bool
	wg    sync.WaitGroup

	mu   sync.RWMutex
	bySo map[int32]*light // guarded by mu
	list []*light         // the same, in the order of arrival; guarded by mu
}

func newCrowd(slots int, gro bool, now func() int64) (*crowd, error) {
	cert, sum, err := lightCertificate()
	if err != nil {
		return nil, err
	}
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll: %w", err)
	}
	c := &crowd{cert: cert, fingerprint: sum, slots: slots, gro: gro, now: now, epoll: fd, bySo: map[int32]*light{}}
	c.wg.Go(c.read)
	c.wg.Go(c.speak)
	return c, nil
}

// close waits for both goroutines. It may be called twice.
func (c *crowd) close() {
	if c.ended.Swap(true) {
		return
	}
	c.wg.Wait()
	_ = unix.Close(c.epoll)
}

// add opens the viewer's socket.
func (c *crowd) add(l *light, to netip.AddrPort) error {
	domain, sa := unix.AF_INET, unix.Sockaddr(&unix.SockaddrInet4{Port: int(to.Port())})
	if to.Addr().Is4() {
		sa.(*unix.SockaddrInet4).Addr = to.Addr().As4()
	} else {
		domain, sa = unix.AF_INET6, &unix.SockaddrInet6{Port: int(to.Port()), Addr: to.Addr().As16()}
	}
	fd, err := unix.Socket(domain, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("socket: %w", err)
	}
	// The burst after a join is some hundred packets; what the system grants is enough.
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 2<<20)
	if err := unix.Connect(fd, sa); err != nil {
		return errors.Join(fmt.Errorf("connect: %w", err), unix.Close(fd))
	}
	c.mu.Lock()
	l.sock, l.at = fd, len(c.list)
	c.bySo[int32(fd)] = l
	c.list = append(c.list, l)
	c.mu.Unlock()
	if err := unix.EpollCtl(c.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)}); err != nil {
		return fmt.Errorf("epoll: %w", err)
	}
	return nil
}

// remove closes it.
func (c *crowd) remove(l *light) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if l.sock < 0 {
		return
	}
	delete(c.bySo, int32(l.sock))
	_ = unix.Close(l.sock)
	l.sock = -1
}

// deafen has the kernel drop everything but STUN, DTLS and RTCP before it reaches the socket.
func (c *crowd) deafen(l *light) error {
	// The filter sees the UDP header first: the datagram begins at 8.
	prog := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_B | unix.BPF_ABS, K: 8},
		{Code: unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K, K: 128, Jf: 3},
		{Code: unix.BPF_LD | unix.BPF_B | unix.BPF_ABS, K: 9},
		{Code: unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K, K: 192, Jf: 2},
		{Code: unix.BPF_JMP | unix.BPF_JGT | unix.BPF_K, K: 223, Jt: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: 1 << 16},
		{Code: unix.BPF_RET | unix.BPF_K, K: 0},
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := unix.SetsockoptSockFprog(l.sock, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER,
		&unix.SockFprog{Len: uint16(len(prog)), Filter: &prog[0]}); err != nil {
		return fmt.Errorf("socket filter: %w", err)
	}
	if c.gro {
		if err := unix.SetsockoptInt(l.sock, unix.IPPROTO_UDP, unix.UDP_GRO, 1); err != nil {
			return fmt.Errorf("UDP_GRO: %w", err)
		}
	}
	return nil
}

// missed is how many datagrams a viewer's socket had no room for: lost by this program, not by the server.
func (c *crowd) missed(l *light) uint64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if l.sock < 0 || l.mute { // the filter's count as such too
		return 0
	}
	const drops = 8 // SK_MEMINFO_DROPS
	var info [drops + 1]uint32
	size := uint32(unsafe.Sizeof(info))
	_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(l.sock), unix.SOL_SOCKET, unix.SO_MEMINFO,
		uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0)
	if errno != 0 {
		return 0
	}
	return uint64(info[drops])
}

// send is from any goroutine. What the kernel refuses is lost like any datagram.
func (c *crowd) send(l *light, b []byte) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if l.sock >= 0 {
		_, _ = unix.Write(l.sock, b)
	}
}

// speak goes round the viewers, each as often as crowdTick.
func (c *crowd) speak() {
	t := time.NewTicker(crowdTick)
	defer t.Stop()
	const rounds = int(reportEvery / crowdTick)
	for n := 0; !c.ended.Load(); n++ {
		now := <-t.C
		c.mu.RLock()
		list := c.list
		c.mu.RUnlock()
		for i := n % rounds; i < len(list); i += rounds { // each once a second, spread over it
			list[i].speak(now)
		}
	}
}

type mmsghdr struct {
	hdr unix.Msghdr
	n   uint32
	_   [4]byte
}

func (c *crowd) read() {
	bufs := make([]byte, crowdReads*crowdBuf)
	hdrs := make([]mmsghdr, crowdReads)
	iovs := make([]unix.Iovec, crowdReads)
	for i := range hdrs {
		iovs[i].Base = &bufs[i*crowdBuf]
		iovs[i].SetLen(crowdBuf)
		hdrs[i].hdr.Iov = &iovs[i]
		hdrs[i].hdr.SetIovlen(1)
	}
	events := make([]unix.EpollEvent, 512)
	for !c.ended.Load() {
		n, err := unix.EpollWait(c.epoll, events, 100)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return
		}
		for _, ev := range events[:max(n, 0)] {
			c.mu.RLock()
			l := c.bySo[ev.Fd]
			c.mu.RUnlock()
			if l == nil {
				continue
			}
			for {
				got, _, errno := unix.RawSyscall6(unix.SYS_RECVMMSG, uintptr(ev.Fd), uintptr(unsafe.Pointer(&hdrs[0])), crowdReads, unix.MSG_DONTWAIT, 0, 0)
				if errno != 0 { // nothing more, or an ICMP error that says nothing
					break
				}
				now := c.now()
				for i := range int(got) {
					l.datagram(bufs[i*crowdBuf:i*crowdBuf+int(hdrs[i].n)], now)
				}
				if int(got) < crowdReads {
					break
				}
			}
		}
	}
}
