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
