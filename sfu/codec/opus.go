package codec

// inspectOpus reads the table of contents (RFC 6716 section 3.1). Every packet stands for itself.
func inspectOpus(p []byte) (Info, error) {
	in := Info{TL0: -1, PictureID: -1, Key: true, Start: true, End: true}
	if len(p) < 1 {
		return in, ErrShort
	}
	frames := 1
	switch p[0] & 3 {
	case 1, 2:
		frames = 2
	case 3:
		if len(p) < 2 {
			return in, ErrShort
		}
		frames = int(p[1] & 0x3f)
	}
	n := frames * opusFrame(p[0]>>3)
	if n < 120 || n > 5760 { // no frames, or above the 120 ms of RFC 6716 section 3.2.5
		return in, ErrUnsupported
	}
	in.Samples = uint16(n)
	return in, nil
}

// opusFrame is the length of one frame in samples at 48 kHz, by configuration number (RFC 6716 table 2).
func opusFrame(config uint8) int {
	switch {
	case config < 12: // SILK: 10, 20, 40, 60 ms
		return [4]int{480, 960, 1920, 2880}[config&3]
	case config < 16: // hybrid: 10, 20 ms
		return [2]int{480, 960}[config&1]
	}
	return 120 << (config & 3) // CELT: 2.5, 5, 10, 20 ms
}

// MergeOpus appends one packet to dst that holds the frames of all the given ones, in their order (RFC 6716 section 3.2.5;
// nothing is decoded). It can be done where each holds one frame, all are of the same configuration, and together
// they last no longer than 120 ms; false leaves dst as it was.
func MergeOpus(dst []byte, packets ...[]byte) ([]byte, bool) {
	const (
		many   = 3      // code 3: a count follows
		varies = 1 << 7 // each frame but the last has its length before it
	)
	if len(packets) == 0 || len(packets) > 48 {
		return dst, false
	}
	equal := true
	for _, p := range packets {
		if !Mergeable(p) || p[0] != packets[0][0] {
			return dst, false
		}
		equal = equal && len(p) == len(packets[0])
	}
	toc := packets[0][0]
	if len(packets)*opusFrame(toc>>3) > 5760 {
		return dst, false
	}
	dst = append(dst, toc|many, byte(len(packets)))
	if !equal {
		dst[len(dst)-1] |= varies
		for _, p := range packets[:len(packets)-1] {
			n := len(p) - 1
			if n < 252 { // RFC 6716 section 3.2.1
				dst = append(dst, byte(n))
			} else {
				dst = append(dst, byte(252+n&3), byte((n-252-n&3)>>2))
			}
		}
	}
	for _, p := range packets {
		dst = append(dst, p[1:]...)
	}
	return dst, true
}

// musicLeast is the size from which a stereo packet counts as music: 64 kbit/s in packets of 20 ms.
const musicLeast = 160

// Music tells whether an Opus packet is of music or the sound of a film: two channels, at a rate that no voice needs.
func Music(p []byte) bool { return len(p) >= musicLeast && p[0]&4 != 0 }

// Mergeable tells whether an Opus packet holds one frame, of a length that a merged packet can give.
func Mergeable(p []byte) bool { return len(p) >= 1 && len(p) <= 1276 && p[0]&3 == 0 }
