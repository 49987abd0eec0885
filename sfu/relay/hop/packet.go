package hop

import "encoding/binary"

// packetHead is what stands before a payload.
const packetHead = 20

const flagMarker = 1

// Packet is one packet of a layer, as its publisher numbered it.
type Packet struct {
	Layer   uint32
	Seq     uint32 // extended
	Stamp   uint32
	Marker  bool
	Sent    uint32 // the sender's clock in us, its low 32 bits
	Number  uint16 // of all that this end sends, what is sent again and padding included; see Arrived
	Payload []byte // empty: padding of the publisher's, whose number must not be missed
}

// AppendPacket writes one.
func AppendPacket(b []byte, p Packet) []byte {
	flags := byte(0)
	if p.Marker {
		flags = flagMarker
	}
	b = append(b, byte(kindPacket), flags)
	b = binary.BigEndian.AppendUint32(b, p.Seq)
	b = binary.BigEndian.AppendUint32(b, p.Layer)
	b = binary.BigEndian.AppendUint32(b, p.Stamp)
	b = binary.BigEndian.AppendUint32(b, p.Sent)
	b = binary.BigEndian.AppendUint16(b, p.Number)
	return append(b, p.Payload...)
}

// ParsePacket reads one; false: it is another message. The payload is part of b.
func ParsePacket(b []byte) (Packet, bool) {
	if len(b) < packetHead || kind(b[0]) != kindPacket || b[1] > flagMarker {
		return Packet{}, false
	}
	return Packet{
		Marker: b[1] == flagMarker, Seq: binary.BigEndian.Uint32(b[2:]), Layer: binary.BigEndian.Uint32(b[6:]),
		Stamp: binary.BigEndian.Uint32(b[10:]), Sent: binary.BigEndian.Uint32(b[14:]), Number: binary.BigEndian.Uint16(b[18:]), Payload: b[packetHead:],
	}, true
}
