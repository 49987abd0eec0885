package sfu

import (
	"encoding/binary"
	"io"

	"github.com/pion/transport/v5/packetio"
	"github.com/pion/webrtc/v4"
)

// The bounds of pion's own buffers, in bytes. What comes into a full one is dropped.
const (
	rtpBuffer  = 1000 * 1000
	rtcpBuffer = 100 * 1000
)

// publisherAPI is a publisher's own: the answers to askRTT have nowhere else to go, and repair streams get their names.
func (e *Engine) publisherAPI(p *publisher) *webrtc.API {
	s := e.settings
	s.SetICEBindingRequestHandler((&follow{}).look)
	s.BufferFactory = func(kind packetio.BufferPacketType, ssrc uint32) io.ReadWriteCloser {
		if kind == packetio.RTCPBufferPacket && ssrc == p.refSSRC {
			return &sink{closed: make(chan struct{}), to: p.toldRTT}
		}
		b := packets{packetio.NewBuffer()}
		if kind == packetio.RTPBufferPacket {
			b.SetLimitSize(rtpBuffer)
			return inbox{b, p}
		}
		b.SetLimitSize(rtcpBuffer)
		p.mu.Lock()
		p.reports = append(p.reports, b)
		p.mu.Unlock()
		return b
	}
	return webrtc.NewAPI(webrtc.WithMediaEngine(e.takes), webrtc.WithInterceptorRegistry(e.interceptors), webrtc.WithSettingEngine(s))
}

// packets is a buffer as pion makes its own: with what came beside a packet.
type packets struct{ *packetio.Buffer }

// Read takes a packet out.
func (b packets) Read(p []byte) (int, error) {
	n, _, err := b.Buffer.Read(p, nil)
	return n, err
}

// Write puts one in.
func (b packets) Write(p []byte) (int, error) { return b.Buffer.Write(p, nil) }

// ReadWithAttributes takes a packet out.
func (b packets) ReadWithAttributes(p []byte, a packetio.Attributes) (int, packetio.Attributes, error) {
	return b.Buffer.Read(p, a)
}

// WriteWithAttributes puts one in.
func (b packets) WriteWithAttributes(p []byte, a packetio.Attributes) (int, error) {
	return b.Buffer.Write(p, a)
}

// inbox is where a publisher's RTP waits, decrypted, one for each SSRC.
type inbox struct {
	packets
	p *publisher
}

// Write puts a packet in.
func (b inbox) Write(p []byte) (int, error) { return b.WriteWithAttributes(p, nil) }

// WriteWithAttributes puts a packet in. What is sent again (RFC 4588) for one of several layers is to bear the layer's name as the
// name of what it repairs. Senders made with pion repeat the packet with all its extensions, so with the layer's own name, and pion
// as a receiver then takes the repair stream for the layer itself, which is the end of the layer.
func (b inbox) WriteWithAttributes(p []byte, a packetio.Attributes) (int, error) {
	if n := b.p.names.Load(); n != nil && len(p) >= 12 && n.rtx[p[1]&0x7f] {
		renumberExtension(p, n.rid, n.repaired)
	}
	return b.packets.WriteWithAttributes(p, a)
}

// layerNames is how a publisher tells its layers apart: by the header extensions of RFC 8852, whose numbers these are.
type layerNames struct {
	rid, repaired uint8
	rtx           [128]bool // payload types of repair streams
}

// renumberExtension gives a header extension of an RTP packet (RFC 8285 section 4) another number, in place. It leaves alone what already
// has an extension of that number, what has no room for it (a number above 14 in the form of one byte), and what is no packet.
func renumberExtension(p []byte, from, to uint8) {
	if len(p) < 12 || p[0]&0x10 == 0 {
		return
	}
	at := 12 + 4*int(p[0]&0xf)
	if len(p) < at+4 {
		return
	}
	profile, end := binary.BigEndian.Uint16(p[at:]), at+4+4*int(binary.BigEndian.Uint16(p[at+2:]))
	if len(p) < end {
		return
	}
	short := profile == 0xbede
	if !short && profile>>4 != 0x100 || to == 0 || short && to > 14 {
		return
	}
	found := -1
	for i := at + 4; i < end; {
		id, size := p[i], 0
		switch {
		case id == 0: // padding
			i++
			continue
		case short:
			id, size = p[i]>>4, int(p[i]&0xf)+1
			if id == 15 { // the rest is to be ignored
				i = end
				continue
			}
		case i+1 == end:
			return
		default:
			size = 1 + int(p[i+1])
		}
		switch id {
		case to:
			return
		case from:
			found = i
		}
		i += 1 + size
	}
	switch {
	case found < 0:
	case short:
		p[found] = to<<4 | p[found]&0xf
	default:
		p[found] = to
	}
}
