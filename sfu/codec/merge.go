package codec

// opusMost are the frames of the longest packet: 120 ms of 2.5 ms (RFC 6716 section 3.2.5); frameMost the bytes of the longest frame.
const (
	opusMost  = 48
	frameMost = 1275
)

// Opus packets are put together from frames of one coding; see MergeOpus.
type opusFrames struct {
	toc   byte // without the code
	n     int
	frame [opusMost][]byte
}

// MergeOpus appends to dst one Opus packet with the frames of all the given ones, in order, and without padding (RFC 6716
// section 3.2; what libopus calls repacketizing). Nothing is decoded: a decoder gives the same samples as for the packets one by one.
// False: they differ in mode, bandwidth, frame length or channels, are more than 120 ms together, or one of them cannot be read.
func MergeOpus(dst []byte, packets ...[]byte) ([]byte, bool) {
	var f opusFrames
	for i, p := range packets {
		if len(p) == 0 || i > 0 && p[0]&^3 != f.toc {
			return dst, false
		}
		f.toc = p[0] &^ 3
		if !f.add(p) {
			return dst, false
		}
	}
	if f.n == 0 || f.n*opusFrame(f.toc>>3) > 5760 {
		return dst, false
	}
	return f.append(dst), true
}

// add reads the frames of a packet.
func (f *opusFrames) add(p []byte) bool {
	code, body := p[0]&3, p[1:]
	switch code {
	case 0:
		return f.push(body)
	case 1:
		return len(body)%2 == 0 && f.push(body[:len(body)/2]) && f.push(body[len(body)/2:])
	case 2:
		n, used := opusLength(body)
		body = body[min(used, len(body)):]
		return used > 0 && n <= len(body) && f.push(body[:n]) && f.push(body[n:])
	}
	if len(body) < 1 {
		return false
	}
	count, vbr, padded := int(body[0]&0x3f), body[0]&0x80 != 0, body[0]&0x40 != 0
	body = body[1:]
	if count == 0 || count*opusFrame(f.toc>>3) > 5760 {
		return false
	}
	for more := padded; more; {
		if len(body) < 1 {
			return false
		}
		pad := int(body[0])
		body = body[1:]
		if more = pad == 255; more {
			pad = 254
		}
		if pad > len(body) {
			return false
		}
		body = body[:len(body)-pad]
	}
	if !vbr {
		if len(body)%count != 0 {
			return false
		}
		size := len(body) / count
		for i := range count {
			if !f.push(body[i*size : (i+1)*size]) {
				return false
			}
		}
		return true
	}
	var sizes [opusMost]int
	for i := range count - 1 {
		n, used := opusLength(body)
		if used == 0 {
			return false
		}
		sizes[i] = n
		body = body[used:]
	}
	for i := range count - 1 {
		if sizes[i] > len(body) || !f.push(body[:sizes[i]]) {
			return false
		}
		body = body[sizes[i]:]
	}
	return f.push(body)
}

func (f *opusFrames) push(frame []byte) bool {
	if f.n == opusMost || len(frame) > frameMost {
		return false
	}
	f.frame[f.n] = frame
	f.n++
	return true
}

// append writes the packet in the shortest form.
func (f *opusFrames) append(dst []byte) []byte {
	equal := true
	for _, x := range f.frame[:f.n] {
		equal = equal && len(x) == len(f.frame[0])
	}
	lengths := 0
	switch {
	case f.n == 1:
		dst = append(dst, f.toc)
	case f.n == 2 && equal:
		dst = append(dst, f.toc|1)
	case f.n == 2:
		dst = append(dst, f.toc|2)
		lengths = 1
	case equal:
		dst = append(dst, f.toc|3, byte(f.n))
	default:
		dst = append(dst, f.toc|3, 0x80|byte(f.n))
		lengths = f.n - 1
	}
	for _, x := range f.frame[:lengths] {
		if n := len(x); n < 252 {
			dst = append(dst, byte(n))
		} else {
			dst = append(dst, byte(252+n&3), byte((n-252-n&3)/4))
		}
	}
	for _, x := range f.frame[:f.n] {
		dst = append(dst, x...)
	}
	return dst
}

// opusLength reads a frame length (RFC 6716 section 3.2.1); used is 0 where there is none.
func opusLength(p []byte) (n, used int) {
	switch {
	case len(p) >= 1 && p[0] < 252:
		return int(p[0]), 1
	case len(p) >= 2:
		return int(p[1])*4 + int(p[0]), 2
	}
	return 0, 0
}
