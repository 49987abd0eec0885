package codec

// NAL unit types of H.264 (ITU-T H.264 table 7-1) and the packet structures RFC 6184 section 5.2 adds to them.
const (
	nalSlice = 1
	nalIDR   = 5
	nalSEI   = 6
	nalSPS   = 7
	nalPPS   = 8
	nalAUD   = 9
	nalSTAPA = 24
	nalFUA   = 28
)

// inspectH264 reads single NAL units, STAP-A and FU-A: what packetization modes 0 and 1 allow, and WebRTC uses.
func inspectH264(p []byte, marker bool) (Info, error) {
	in := Info{TL0: -1, PictureID: -1, End: marker}
	if len(p) < 2 { // a NAL unit has a header and at least one byte
		return in, ErrShort
	}
	in.Discardable = p[0]&0x60 == 0
	switch t := p[0] & 0x1f; {
	case t >= 1 && t <= 23:
		in.nal(t, p[1:])
	case t == nalSTAPA:
		rest := p[1:]
		for len(rest) > 0 {
			if len(rest) < 2 {
				return in, ErrShort
			}
			n := int(rest[0])<<8 | int(rest[1])
			rest = rest[2:]
			if n < 1 || n > len(rest) {
				return in, ErrShort
			}
			in.nal(rest[0]&0x1f, rest[1:n])
			rest = rest[n:]
		}
	case t == nalFUA:
		if len(p) < 3 {
			return in, ErrShort
		}
		if p[1]&0x80 != 0 { // S: first fragment
			in.nal(p[1]&0x1f, p[2:])
		}
	default: // STAP-B, MTAP, FU-B: interleaved mode, which nobody negotiates
		return in, ErrUnsupported
	}
	return in, nil
}

// nal adds what the start of one NAL unit (body: behind its header byte) tells.
func (in *Info) nal(t uint8, body []byte) {
	switch t {
	case nalIDR:
		in.Key, in.Params = true, false
		in.Start = in.Start || firstSlice(body)
	case nalSPS:
		in.Params = in.Params || !in.Key // an IDR already seen in this packet keeps its word
		in.Key, in.Start = true, true
	case nalPPS, nalSEI, nalAUD:
		in.Start = true
	case nalSlice, 2: // 2: data partition A
		in.Start = in.Start || firstSlice(body)
	}
}

// firstSlice tells whether first_mb_in_slice, an Exp-Golomb number at the head of the slice header, is 0.
func firstSlice(body []byte) bool { return len(body) > 0 && body[0]&0x80 != 0 }
