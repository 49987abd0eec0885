package sfutest

// VP8 makes RTP payloads of VP8 frames (RFC 7741) that a forwarder cannot tell from real ones: descriptor with 15-bit
// picture id and TL0PICIDX, frame tag, and for keyframes the start code and the size. The rest is a pattern.
type VP8 struct {
	Width, Height uint16
	Parts         int // packets of a delta frame; keyframes have three times as many. 0: 1
	Keys          int // packets of a keyframe instead; 0: as above
	Size          int // bytes of a packet, at least 20. 0: 200

	picture uint16
	tl0     uint8
}

// Frame gives the payloads of the next frame.
func (v *VP8) Frame(key bool) [][]byte {
	parts, size := max(v.Parts, 1), max(v.Size, 20)
	if v.Size == 0 {
		size = 200
	}
	if key {
		parts *= 3
		if v.Keys > 0 {
			parts = v.Keys
		}
	}
	v.picture = (v.picture + 1) & 0x7fff
	v.tl0++
	out := make([][]byte, parts)
	for i := range out {
		p := make([]byte, size)
		p[0] = 0x80 // X
		if i == 0 {
			p[0] |= 0x10 // S
		}
		p[1] = 0xc0 // I, L
		p[2], p[3] = 0x80|byte(v.picture>>8), byte(v.picture)
		p[4] = v.tl0
		for j := 5; j < size; j++ {
			p[j] = byte(int(v.picture) + i + j)
		}
		if i == 0 {
			p[5] = 1 // frame tag: delta
			if key {
				p[5] = 0
				copy(p[8:], []byte{0x9d, 0x01, 0x2a, byte(v.Width), byte(v.Width >> 8), byte(v.Height), byte(v.Height >> 8)})
			}
		}
		out[i] = p
	}
	return out
}

// Opus gives a 20 ms packet (RFC 6716: CELT, full band, one frame) that carries n.
func Opus(n int) []byte {
	return []byte{31 << 3, byte(n >> 8), byte(n), 0xaa, 0x55, 0xaa, 0x55}
}
