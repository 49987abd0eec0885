package codec

// Limits of a redundant block (RFC 2198 section 3): 14 bits of timestamp, 10 bits of length.
const (
	redOffset = 1 << 14
	redLength = 1 << 10
)

// Redundant is an earlier payload that goes out again beside the newest.
type Redundant struct {
	Timestamp uint32
	Payload   []byte
}

// AppendRED appends an RTP payload with redundancy (RFC 2198): the newest payload, whose timestamp is the packet's, and before it
// those of earlier that are near and short enough, oldest first. pt is the payload type of all of them. Where none is,
// the payload is still of the redundant format.
func AppendRED(dst []byte, pt uint8, timestamp uint32, payload []byte, earlier ...Redundant) []byte {
	for _, r := range earlier {
		if o := timestamp - r.Timestamp; r.Fits(timestamp) {
			dst = append(dst, 0x80|pt&0x7f, byte(o>>6), byte(o<<2)|byte(len(r.Payload)>>8), byte(len(r.Payload)))
		}
	}
	dst = append(dst, pt&0x7f)
	for _, r := range earlier {
		if r.Fits(timestamp) {
			dst = append(dst, r.Payload...)
		}
	}
	return append(dst, payload...)
}

// Fits tells whether it can go with a packet of that timestamp.
func (r Redundant) Fits(timestamp uint32) bool {
	o := timestamp - r.Timestamp
	return o > 0 && o < redOffset && len(r.Payload) > 0 && len(r.Payload) < redLength
}

// SplitRED reads an RTP payload with redundancy and gives its blocks, oldest first, the newest last; each with its payload type in
// pts. Payloads point into p.
func SplitRED(p []byte, timestamp uint32) (blocks []Redundant, pts []uint8, err error) {
	var lengths []int
	for {
		if len(p) < 1 {
			return nil, nil, ErrShort
		}
		pts = append(pts, p[0]&0x7f)
		if p[0]&0x80 == 0 {
			p = p[1:]
			break
		}
		if len(p) < 4 {
			return nil, nil, ErrShort
		}
		offset := uint32(p[1])<<6 | uint32(p[2]>>2)
		lengths = append(lengths, int(p[2]&3)<<8|int(p[3]))
		blocks = append(blocks, Redundant{Timestamp: timestamp - offset})
		p = p[4:]
	}
	for i, n := range lengths {
		if n > len(p) {
			return nil, nil, ErrShort
		}
		blocks[i].Payload, p = p[:n], p[n:]
	}
	return append(blocks, Redundant{timestamp, p}), pts, nil
}
