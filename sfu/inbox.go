package sfu

import (
	"encoding/binary"
	"io"

	"github.com/pion/rtp"
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
			return &inbox{packets: b, p: p, ssrc: ssrc}
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

// inbox is where a publisher's RTP waits, decrypted, one for each SSRC. One goroutine writes to all of a publisher: pion's, which decrypts.
type inbox struct {
	packets
	p    *publisher
	ssrc uint32

	head   rtp.Header // scratch of the writer
	name   string     // of the layer, "" until a packet has said it. The writer's
	past   bool       // its layer comes under another SSRC. The writer's
	reader *reader    // nil: none yet; guarded by publisher.mu
}

// Write puts a packet in.
func (b *inbox) Write(p []byte) (int, error) { return b.WriteWithAttributes(p, nil) }

// WriteWithAttributes puts a packet in. What is sent again (RFC 4588) for one of several layers is to bear the layer's name as the
// name of what it repairs. Senders made with pion repeat the packet with all its extensions, so with the layer's own name, and pion
// as a receiver then takes the repair stream for the layer itself, which is the end of the layer.
func (b *inbox) WriteWithAttributes(p []byte, a packetio.Attributes) (int, error) {
	if b.past {
		return len(p), nil
	}
	if n := b.p.names.Load(); n != nil && len(p) >= 12 {
		switch pt := p[1] & 0x7f; {
		case n.rtx[pt]:
			renumberExtension(p, n.rid, n.repaired)
		case n.media[pt] && b.name == "":
			b.readName(p, n.rid)
		}
	}
	return b.packets.WriteWithAttributes(p, a)
}

// readName reads which layer a packet says it is of, and has that layer come from here on.
func (b *inbox) readName(p []byte, rid uint8) {
	if _, err := b.head.Unmarshal(p); err != nil {
		return
	}
	if b.name = string(b.head.GetExtension(rid)); b.name != "" {
		b.p.comesUnder(b)
	}
}

// comesUnder makes b the inbox of the layer that it names. A layer may go on under another SSRC (RFC 3550 section 8.2); then whoever reads
// the one it had has to have left before the first packet of the next is in: pion gives the new stream to the track without a lock
// against who reads that (pion/webrtc issue 3328), and both would read the same stream. It waits for no more than what is read already.
func (p *publisher) comesUnder(b *inbox) {
	p.mu.Lock()
	was := p.layers[b.name]
	if p.layers == nil {
		p.layers = map[string]*inbox{}
	}
	p.layers[b.name] = b
	var r *reader
	if was != nil {
		was.past, r = true, was.reader
	}
	p.mu.Unlock()
	if r != nil {
		r.end()
	}
}

// readsLocked makes a reader the one of its layer's inbox. It is false where the layer has one, or comes under another SSRC already.
func (p *publisher) readsLocked(r *reader) bool {
	name := r.track.RID()
	if name == "" {
		return true
	}
	b := p.layers[name]
	if b == nil || b.ssrc != r.ssrc || b.reader != nil {
		return false
	}
	b.reader = r
	return true
}

// layerNames is how a publisher tells its layers apart: by the header extensions of RFC 8852, whose numbers these are.
type layerNames struct {
	rid, repaired uint8
	media, rtx    [128]bool // payload types of the layers, and of what repairs them
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
