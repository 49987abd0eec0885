package material

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
)

// Picture is what the bytes of a picture say of themselves.
type Picture struct {
	Type          string // media type
	Width, Height int
}

// Inspect reads the frame of a WebP (RFC 9649) or PNG (W3C, third edition) file: one still picture, of a size that a
// phone can decode, whole, and nothing behind it. It does not decode the pixels: browsers do that, in their sandbox.
// It is false for everything else.
func Inspect(data []byte) (Picture, bool) {
	if len(data) > MaxPage {
		return Picture{}, false
	}
	p, ok := inspectWebP(data)
	if !ok {
		p, ok = inspectPNG(data)
	}
	if !ok || p.Width < 1 || p.Height < 1 || p.Width > MaxSide || p.Height > MaxSide || p.Width*p.Height > MaxPixels {
		return Picture{}, false
	}
	return p, true
}

// inspectWebP walks the chunks of a RIFF file: an optional VP8X first, then exactly one picture.
func inspectWebP(data []byte) (Picture, bool) {
	p := Picture{Type: "image/webp"}
	if len(data) < 20 || string(data[:4]) != "RIFF" || string(data[8:12]) != "WEBP" {
		return p, false
	}
	if uint64(binary.LittleEndian.Uint32(data[4:])) != uint64(len(data)-8) {
		return p, false
	}
	var canvas Picture
	for rest, first := data[12:], true; len(rest) > 0; first = false {
		if len(rest) < 8 {
			return p, false
		}
		name, size := string(rest[:4]), uint64(binary.LittleEndian.Uint32(rest[4:]))
		padded := size + size&1
		if padded > uint64(len(rest)-8) {
			return p, false
		}
		body := rest[8 : 8+size]
		rest = rest[8+padded:]
		switch name {
		case "VP8X":
			if !first || len(body) != 10 || body[0]&0x02 != 0 { // 0x02: animated
				return p, false
			}
			canvas.Width, canvas.Height = 1+int24(body[4:]), 1+int24(body[7:])
		case "VP8 ", "VP8L":
			size := lossySize
			if name == "VP8L" {
				size = losslessSize
			}
			if p.Width != 0 {
				return p, false
			}
			if p.Width, p.Height = size(body); p.Width == 0 {
				return p, false
			}
		case "ANIM", "ANMF":
			return p, false
		}
	}
	if canvas.Width != 0 && (canvas.Width != p.Width || canvas.Height != p.Height) {
		return p, false
	}
	return p, p.Width != 0
}

// lossySize reads a VP8 key frame's header (RFC 6386, 9.1); 0 if it is none.
func lossySize(b []byte) (w, h int) {
	if len(b) < 10 || b[0]&1 != 0 || !bytes.Equal(b[3:6], []byte{0x9d, 0x01, 0x2a}) {
		return 0, 0
	}
	return int(binary.LittleEndian.Uint16(b[6:])) & 0x3fff, int(binary.LittleEndian.Uint16(b[8:])) & 0x3fff
}

// losslessSize reads a VP8L header (RFC 9649, 3.4); 0 if it is none.
func losslessSize(b []byte) (w, h int) {
	if len(b) < 5 || b[0] != 0x2f {
		return 0, 0
	}
	bits := binary.LittleEndian.Uint32(b[1:])
	if bits>>29 != 0 { // version
		return 0, 0
	}
	return 1 + int(bits&0x3fff), 1 + int(bits>>14&0x3fff)
}

func int24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }

// inspectPNG walks the chunks, each with its checksum, from IHDR to IEND.
func inspectPNG(data []byte) (Picture, bool) {
	p := Picture{Type: "image/png"}
	rest, ok := bytes.CutPrefix(data, []byte("\x89PNG\r\n\x1a\n"))
	if !ok {
		return p, false
	}
	pixels := false
	for first := true; ; first = false {
		if len(rest) < 12 {
			return p, false
		}
		size := uint64(binary.BigEndian.Uint32(rest))
		if size > uint64(len(rest)-12) {
			return p, false
		}
		name, body := string(rest[4:8]), rest[8:8+size]
		if crc32.ChecksumIEEE(rest[4:8+size]) != binary.BigEndian.Uint32(rest[8+size:]) {
			return p, false
		}
		rest = rest[12+size:]
		if first != (name == "IHDR") {
			return p, false
		}
		switch name {
		case "IHDR":
			if len(body) != 13 {
				return p, false
			}
			w, h := binary.BigEndian.Uint32(body), binary.BigEndian.Uint32(body[4:])
			if w > MaxSide || h > MaxSide {
				return p, false
			}
			p.Width, p.Height = int(w), int(h)
		case "IDAT":
			pixels = true
		case "acTL", "fcTL", "fdAT": // animated
			return p, false
		case "IEND":
			return p, pixels && len(body) == 0 && len(rest) == 0
		}
	}
}

// FileType tells of a file as it was uploaded, by how it begins, its media type and the ending of its name; "" for what
// is not taken. Nothing of ours opens it: it is given back as it came, for download only.
func FileType(data []byte) (kind, ending string) {
	switch {
	case bytes.HasPrefix(data, []byte("%PDF-")): // ISO 32000, 7.5.2
		return "application/pdf", ".pdf"
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		return "image/jpeg", ".jpg"
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return "image/png", ".png"
	case len(data) > 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		return "image/webp", ".webp"
	}
	return "", ""
}
