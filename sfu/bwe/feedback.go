package bwe

import "errors"

// ErrFeedback is returned for feedback that ends early or contradicts itself.
var ErrFeedback = errors.New("bwe: bad transport-wide feedback")

// Arrival is what feedback says of one packet.
type Arrival struct {
	Seq  uint16
	Came bool
	At   int64 // when it came, in µs of the receiver's clock, which wraps after 2^24 * 64 ms; only where Came
}

// feedbackMost bounds the packets one message may tell of: a second at 2,000 packets.
const feedbackMost = 2048

// tick is the unit of a receive delta, reference that of the reference time (draft section 3.1), in µs.
const (
	tick      = 250
	reference = 64_000
)

// AppendArrivals reads the control information of a transport-wide feedback message, which is what follows the two SSRCs
// (draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1), and appends one entry for each packet it tells of, in
// the order of their numbers. On an error dst is returned as it was.
func AppendArrivals(dst []Arrival, fci []byte) ([]Arrival, error) {
	if len(fci) < 8 {
		return dst, ErrFeedback
	}
	seq := uint16(fci[0])<<8 | uint16(fci[1])
	count := int(fci[2])<<8 | int(fci[3])
	at := (int64(fci[4])<<16 | int64(fci[5])<<8 | int64(fci[6])) * reference
	if count > feedbackMost {
		return dst, ErrFeedback
	}
	chunks := fci[8:]
	// The chunks say how many deltas follow; where those begin is known when all chunks are read.
	used, seen := 0, 0
	for seen < count {
		if len(chunks) < used+2 {
			return dst, ErrFeedback
		}
		n := chunkLen(chunks[used:])
		if n == 0 {
			return dst, ErrFeedback
		}
		seen += n
		used += 2
	}
	deltas := chunks[used:]
	out := dst
	for left := count; left > 0; chunks = chunks[2:] {
		n := min(chunkLen(chunks), left)
		for i := range n {
			a := Arrival{Seq: seq}
			switch chunkSymbol(chunks, i) {
			case 0:
			case 1:
				if len(deltas) < 1 {
					return dst, ErrFeedback
				}
				at += int64(deltas[0]) * tick
				deltas = deltas[1:]
				a.Came, a.At = true, at
			case 2:
				if len(deltas) < 2 {
					return dst, ErrFeedback
				}
				at += int64(int16(uint16(deltas[0])<<8|uint16(deltas[1]))) * tick
				deltas = deltas[2:]
				a.Came, a.At = true, at
			default:
				return dst, ErrFeedback
			}
			out = append(out, a)
			seq++
		}
		left -= n
	}
	return out, nil
}

// chunkLen is the number of packets a chunk tells of.
func chunkLen(c []byte) int {
	switch {
	case c[0]&0x80 == 0: // run length
		return int(c[0]&0x1f)<<8 | int(c[1])
	case c[0]&0x40 == 0: // one bit each
		return 14
	}
	return 7
}

// chunkSymbol is the status of a chunk's packet i.
func chunkSymbol(c []byte, i int) uint8 {
	word := uint16(c[0])<<8 | uint16(c[1])
	switch {
	case c[0]&0x80 == 0:
		return c[0] >> 5 & 3
	case c[0]&0x40 == 0:
		return uint8(word >> (13 - i) & 1)
	}
	return uint8(word >> (12 - 2*i) & 3)
}

// clock unwraps the receiver's time.
type clock struct {
	begun bool
	last  int64
}

func (c *clock) unwrap(at int64) int64 {
	const span = reference << 24
	if !c.begun {
		c.begun, c.last = true, at
		return at
	}
	d := (at - c.last) % span
	switch {
	case d >= span/2:
		d -= span
	case d < -span/2:
		d += span
	}
	c.last += d
	return c.last
}
