package icetcp

import "encoding/binary"

const (
	voiceStep = 480 // Opus counts at 48 kHz, and no packet has less than 10 ms
	voiceRun  = 8   // packets in which no picture keeps to such steps
	// streamsMost bounds what is remembered. A viewer has ten SSRCs; a stream beyond the bound is judged by its packets' size.
	streamsMost = 64
)

// stream is what is known of one SSRC.
type stream struct {
	stamp uint32
	run   int  // packets in a row that kept to steps of a voice
	torn  bool // the frame under way has lost a packet
}

// streams tells voices from pictures, whose payloads are sealed: by their timestamps. A voice with redundancy and music are as large as
// pictures, but each of their packets has a time of its own, a multiple of 10 ms after the one before.
type streams map[uint32]*stream

// sort reads the header of an RTP packet, which SRTP leaves in the clear. What is no RTP, and small, is never a picture: dropping the
// small end of a frame gains nothing.
func (s streams) sort(data []byte) (st *stream, marker, video bool) {
	if len(data) < 12 || data[0]>>6 != 2 || data[1] >= 192 && data[1] <= 223 { // RFC 5761 section 4: RTCP
		return &stream{}, false, false
	}
	marker = data[1]&0x80 != 0
	ssrc, stamp := binary.BigEndian.Uint32(data[8:]), binary.BigEndian.Uint32(data[4:])
	st = s[ssrc]
	if st == nil {
		st = &stream{stamp: stamp}
		if len(s) < streamsMost {
			s[ssrc] = st
		}
	} else {
		step := int32(stamp - st.stamp)
		if st.stamp = stamp; step == 0 || step%voiceStep != 0 {
			st.run = 0
		} else {
			st.run = min(st.run+1, voiceRun)
		}
	}
	return st, marker, len(data) > smallBytes && st.run < voiceRun
}
