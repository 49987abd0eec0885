package relay

import (
	"encoding/binary"
	"net"
	"net/netip"
	"testing"
	"time"
)

// wire keeps what a port answers.
type wire struct {
	net.PacketConn
	sent [][]byte
}

func (w *wire) WriteTo(b []byte, _ net.Addr) (int, error) {
	w.sent = append(w.sent, append([]byte(nil), b...))
	return len(b), nil
}

func from(n int) (netip.AddrPort, net.Addr) {
	var a [4]byte
	binary.BigEndian.PutUint32(a[:], uint32(10<<24+n))
	ap := netip.AddrPortFrom(netip.AddrFrom4(a), 4000)
	return ap, net.UDPAddrFromAddrPort(ap)
}

// Who knocks is answered with less than it sent and nothing is kept of it; only who shows the cookie of its address has a line, and
// no more than a bound have one.
func TestNothingIsKeptOfWhoOnlyKnocks(t *testing.T) {
	w := &wire{}
	accepted := 0
	p := newPort(w, 3, func(*line) { accepted++ })
	for i := range 1000 {
		ap, addr := from(i)
		p.take(isKnock, make([]byte, knockSize-2), ap, addr)
		p.take(isOpen, make([]byte, cookieSize+50), ap, addr) // a cookie that is none
		p.take(isData, make([]byte, 50), ap, addr)
	}
	if len(p.lines) != 0 || accepted != 0 {
		t.Errorf("%d lines, %d accepted", len(p.lines), accepted)
	}
	if len(w.sent) != 1000 || len(w.sent[0]) >= knockSize {
		t.Errorf("%d answers of %d bytes", len(w.sent), len(w.sent[0]))
	}
	ap0, addr0 := from(0)
	ap1, addr1 := from(1)
	p.take(isOpen, append(w.sent[0][2:len(w.sent[0]):len(w.sent[0])], 22, 1, 2), ap1, addr1)
	if len(p.lines) != 0 {
		t.Error("one address's cookie opened another's line")
	}
	for range 2 {
		p.take(isOpen, append(w.sent[0][2:len(w.sent[0]):len(w.sent[0])], 22, 1, 2), ap0, addr0)
	}
	if len(p.lines) != 1 || accepted != 1 {
		t.Errorf("%d lines, %d accepted", len(p.lines), accepted)
	}
	for i := 1; i < 10; i++ {
		ap, addr := from(i)
		p.take(isOpen, append(p.cookie(ap), 22), ap, addr)
	}
	if len(p.lines) != 3 {
		t.Errorf("%d lines, 3 are allowed", len(p.lines))
	}
	l := p.find(ap0)
	if err := l.Close(); err != nil || p.find(ap0) != nil {
		t.Error("a closed line is kept")
	}
}

// One machine, with however many ports or addresses of its own network, has no more than its share of lines.
func TestOneAddressLeavesRoomForOthers(t *testing.T) {
	var ports []netip.AddrPort
	for i := range uint16(300) {
		six := netip.MustParseAddr("2001:db8::1").As16()
		binary.BigEndian.PutUint16(six[14:], i)
		ports = append(ports, netip.AddrPortFrom(netip.MustParseAddr("10.0.0.1"), 1000+i), netip.AddrPortFrom(netip.AddrFrom16(six), 4000))
	}
	p := newPort(&wire{}, linesMost, func(*line) {})
	open := func(from netip.AddrPort) {
		p.take(isOpen, append(p.cookie(from), 22), from, net.UDPAddrFromAddrPort(from))
	}
	for _, from := range ports {
		open(from)
	}
	if len(p.lines) != 2*linesEach || linesEach > linesMost/8 {
		t.Errorf("two machines have %d lines", len(p.lines))
	}
	other := netip.MustParseAddrPort("10.0.0.7:4000")
	if open(other); p.find(other) == nil {
		t.Error("a third finds no room")
	}
	if err := p.find(ports[0]).Close(); err != nil {
		t.Fatal(err)
	}
	if open(ports[len(ports)-2]); p.find(ports[len(ports)-2]) == nil {
		t.Error("a line that ended leaves no room")
	}
}

// A line keeps a bounded number of datagrams, and its deadline wakes who reads.
func TestLineIsBoundedAndHasADeadline(t *testing.T) {
	w := &wire{}
	l := newLine(&net.UDPAddr{}, w.WriteTo, func() {})
	for range 2 * lineDepth {
		l.push([]byte{1})
	}
	buf := make([]byte, 10)
	for range lineDepth {
		if n, _, err := l.ReadFrom(buf); n != 1 || err != nil {
			t.Fatal(n, err)
		}
	}
	if err := l.SetReadDeadline(time.Now().Add(10 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := l.ReadFrom(buf); err == nil {
		t.Error("nothing came, and it is no error")
	}
	if _, err := l.WriteTo(make([]byte, maxLine), nil); err == nil {
		t.Error("a datagram too long was sent")
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := l.WriteTo([]byte{1}, nil); err == nil {
		t.Error("written to a closed line")
	}
}

func FuzzPort(f *testing.F) {
	f.Add(byte(isKnock), make([]byte, knockSize))
	f.Add(byte(isOpen), make([]byte, cookieSize+1))
	f.Add(byte(isData), []byte{22})
	f.Fuzz(func(t *testing.T, what byte, b []byte) {
		w := &wire{}
		p := newPort(w, 3, func(*line) {})
		ap, addr := from(1)
		p.take(what, b, ap, addr)
		if len(p.lines) > 0 {
			t.Fatal("a line without a cookie")
		}
		for _, s := range w.sent {
			if len(s) > len(b)+2 {
				t.Fatalf("%d bytes were answered with %d", len(b)+2, len(s))
			}
		}
	})
}
