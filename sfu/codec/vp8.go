package codec

// vp8Desc holds the offsets of the optional fields of a payload descriptor (RFC 7741 section 4.2); 0 means absent.
type vp8Desc struct {
	pid  int // PictureID, 1 or 2 bytes
	tl0  int // TL0PICIDX
	tk   int // TID, Y, KEYIDX
	body int // first byte behind the descriptor
	wide bool
	tid  bool // T bit: TID and Y have a meaning
}

func parseVP8(p []byte) (d vp8Desc, err error) {
	if len(p) < 1 {
		return d, ErrShort
	}
	n := 1
	if p[0]&0x80 != 0 { // X
		if len(p) < 2 {
			return d, ErrShort
		}
		ext := p[1]
		n = 2
		if ext&0x80 != 0 { // I
			if len(p) <= n {
				return d, ErrShort
			}
			d.pid = n
			n++
			if p[d.pid]&0x80 != 0 { // M
				d.wide = true
				n++
			}
		}
		if ext&0x40 != 0 { // L
			d.tl0 = n
			n++
		}
		if ext&0x30 != 0 { // T or K
			d.tk = n
			d.tid = ext&0x20 != 0
			n++
		}
	}
	if len(p) <= n { // a descriptor with nothing behind it carries no picture
		return d, ErrShort
	}
	d.body = n
	return d, nil
}

func inspectVP8(p []byte, marker bool) (Info, error) {
	in := Info{TL0: -1, PictureID: -1, End: marker}
	d, err := parseVP8(p)
	if err != nil {
		return in, err
	}
	in.Discardable = p[0]&0x20 != 0
	in.Start = p[0]&0x10 != 0 && p[0]&0x07 == 0 // S, and partition 0
	switch {
	case d.wide:
		in.Wide = true
		in.PictureID = int32(p[d.pid]&0x7f)<<8 | int32(p[d.pid+1])
	case d.pid > 0:
		in.PictureID = int32(p[d.pid] & 0x7f)
	}
	if d.tl0 > 0 {
		in.TL0 = int16(p[d.tl0])
	}
	if d.tid {
		in.TID = p[d.tk] >> 6
		in.Sync = p[d.tk]&0x20 != 0
	}
	// The frame tag (RFC 6386 section 9.1): its first bit is 0 in a keyframe, which goes on with a start code and the size.
	if b := p[d.body:]; in.Start && b[0]&0x01 == 0 {
		in.Key = true
		if len(b) >= 10 && b[3] == 0x9d && b[4] == 0x01 && b[5] == 0x2a {
			in.Width = (uint16(b[6]) | uint16(b[7])<<8) & 0x3fff
			in.Height = (uint16(b[8]) | uint16(b[9])<<8) & 0x3fff
		}
	}
	return in, nil
}

// RewriteVP8 puts new picture numbers into a VP8 payload, in place: call it on a copy, never on a shared packet.
// Fields keep their width, so the size does not change: where the source has a 7-bit picture id, the low 7 bits are
// written; fields that the packet does not have are not added. Unreadable payloads are left alone.
func RewriteVP8(payload []byte, pictureID uint16, tl0 uint8) {
	d, err := parseVP8(payload)
	if err != nil {
		return
	}
	switch {
	case d.wide:
		payload[d.pid] = 0x80 | uint8(pictureID>>8)
		payload[d.pid+1] = uint8(pictureID)
	case d.pid > 0:
		payload[d.pid] = uint8(pictureID) & 0x7f
	}
	if d.tl0 > 0 {
		payload[d.tl0] = tl0
	}
}
