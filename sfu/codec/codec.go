// Package codec reads what a forwarder must know of a media packet: whether a decoder may start here, where a frame
// begins and ends, which temporal layer it belongs to. It understands the RTP payload formats of VP8 (RFC 7741),
// H.264 (RFC 6184) and Opus (RFC 7587 with the table of contents of RFC 6716), and rewrites the VP8 picture numbers.
//
// All functions take foreign bytes, allocate nothing and never panic.
package codec

import "errors"

// Kind is a payload format.
type Kind uint8

// The kinds we forward.
const (
	Opus Kind = iota + 1
	VP8
	H264
)

// String gives the encoding name as SDP has it.
func (k Kind) String() string {
	switch k {
	case Opus:
		return "opus"
	case VP8:
		return "VP8"
	case H264:
		return "H264"
	}
	return "unknown"
}

// Video tells whether frames of this kind may depend on earlier ones, so that a decoder must start at a keyframe.
func (k Kind) Video() bool { return k == VP8 || k == H264 }

// Clock is the RTP clock rate in ticks a second, 0 for an unknown kind.
func (k Kind) Clock() uint32 {
	switch k {
	case Opus:
		return 48000
	case VP8, H264:
		return 90000
	}
	return 0
}

// What Inspect returns for a payload it cannot read. Such a packet is not worth forwarding.
var (
	ErrShort       = errors.New("codec: payload ends early")
	ErrUnsupported = errors.New("codec: payload structure not supported")
)

// Info is what one packet tells.
type Info struct {
	// Key: a decoder may start at this packet. Opus: always. VP8: first packet of a keyframe. H.264: a parameter set
	// (SPS) or the start of an IDR slice; several packets of one keyframe may carry it, tell them by timestamp.
	Key bool
	// Params: Key holds only because of a parameter set; whether an IDR picture follows is not known yet. H.264 only.
	Params bool
	// Start: first packet of a frame. Exact for VP8 and Opus. For H.264 a packet cannot tell for certain: true where
	// a new access unit may begin, so parameter sets and the first slice of the same picture both have it.
	Start bool
	// End: last packet of a frame (the RTP marker; always for Opus).
	End bool
	// Sync (VP8 Y bit): depends on layer 0 only, so climbing to this temporal layer is safe here.
	Sync bool
	// Discardable: no other frame depends on it (VP8 N bit; H.264 nal_ref_idc 0).
	Discardable bool
	// Wide: the picture id has 15 bits, else 7.
	Wide bool
	// TID is the temporal layer, 0 to 3.
	TID uint8
	// TL0 is the running number of layer-0 frames, 0 to 255, -1 where the packet has none.
	TL0 int16
	// PictureID runs to 32767 (127 where not Wide), -1 where the packet has none.
	PictureID int32
	// Width and Height in pixels, from a VP8 keyframe; 0 elsewhere.
	Width, Height uint16
	// Samples is the length of an Opus packet at 48 kHz, 120 to 5760; 0 elsewhere.
	Samples uint16
}

// Inspect reads the RTP payload (without RTP padding) of a packet whose marker bit is given.
// On an error the Info has no meaning.
func Inspect(k Kind, payload []byte, marker bool) (Info, error) {
	switch k {
	case VP8:
		return inspectVP8(payload, marker)
	case H264:
		return inspectH264(payload, marker)
	case Opus:
		return inspectOpus(payload)
	}
	return Info{TL0: -1, PictureID: -1}, ErrUnsupported
}
