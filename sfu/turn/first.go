package turn

import "encoding/binary"

const (
	cookie     = 0x2112a442 // RFC 8489 section 5
	headerSize = 20
	// The message types that matter here: a method and its class (RFC 8489 section 5, RFC 8656 section 18).
	bindingRequest  = 0x0001
	allocateRequest = 0x0003
	methodBits      = 0x3eef
	bindingMethod   = 0x0001
	usernameAttr    = 0x0006
	// Peek is how many first bytes IsStream wants.
	Peek = 8
)

// IsStream tells TURN over TCP, or inside TLS, by its first Peek bytes: a request to allocate, or to say one's address.
func IsStream(first []byte) bool {
	if len(first) < Peek {
		return false
	}
	kind := binary.BigEndian.Uint16(first)
	return (kind == allocateRequest || kind == bindingRequest) && first[3]&3 == 0 && binary.BigEndian.Uint32(first[4:]) == cookie
}

// IsDatagram tells which datagrams of the media port are TURN's: data on a channel (RFC 8656 section 12), the methods
// beyond Binding, and a Binding request that names no user, as who asks for its own address sends. An ICE check always
// names one.
func IsDatagram(b []byte) bool {
	if len(b) < 4 {
		return false
	}
	if b[0] >= 0x40 && b[0] <= 0x4f {
		return true
	}
	if b[0] > 3 || len(b) < headerSize || binary.BigEndian.Uint32(b[4:]) != cookie {
		return false
	}
	kind := binary.BigEndian.Uint16(b)
	return kind&methodBits != bindingMethod || kind == bindingRequest && !names(b[headerSize:])
}

// names tells whether STUN attributes hold a USERNAME.
func names(attrs []byte) bool {
	for len(attrs) >= 4 {
		kind, size := binary.BigEndian.Uint16(attrs), int(binary.BigEndian.Uint16(attrs[2:]))
		if kind == usernameAttr {
			return true
		}
		attrs = attrs[4:]
		size = (size + 3) &^ 3
		if size > len(attrs) {
			return false
		}
		attrs = attrs[size:]
	}
	return false
}

// frameSize is the length of the message that begins with these four bytes (RFC 8656 sections 12.4 and 12.5).
func frameSize(head [4]byte) (int, bool) {
	size := int(binary.BigEndian.Uint16(head[2:]))
	switch {
	case head[0] <= 3:
		return headerSize + size, size%4 == 0
	case head[0] >= 0x40 && head[0] <= 0x4f:
		return 4 + (size+3)&^3, true
	}
	return 0, false
}
