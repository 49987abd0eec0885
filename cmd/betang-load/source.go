package main

import (
	"bytes"
	"encoding/binary"
)

// The shape of the synthetic lecture.
const (
	videoClock     = 90000
	videoFPS       = 30
	keyEvery       = 2 * videoFPS // frames
	opusRate       = 50           // packets a second
	opusStep       = 48000 / opusRate
	opusPayload    = 80 // 32 kbit/s
	descriptorSize = 6
)

// shape is the synthetic picture's: how many bits a second, and in how many packets its frames and keyframes come.
type shape struct {
	width, height int
	bits          int // payloads
	frame, key    int // packets
}

// shapes by the name that the command line has for them. The is 720p.
var shapes = map[string]shape{
	"180p": {320, 180, 150_000, 1, 4}, "360p": {640, 360, 500_000, 2, 12},
	"720p": {1280, 720, 1_500_000, 5, 30}, "1080p": {1920, 1080, 3_000_000, 10, 60},
}

// layered are pictures of three layers, smallest first: a lecture's as the page sends it, and one of the same heights that hundreds of
// viewers and their server carry on two cores.
var layered = map[string][]shape{
	"lecture": {shapes["180p"], shapes["360p"], shapes["720p"]},
	"small":   {{320, 180, 60_000, 1, 2}, {640, 360, 120_000, 1, 4}, {1280, 720, 180_000, 1, 6}},
}

// payload is its size in bytes: keyEvery frames add up to bits. 1,153 at 720p.
func (s shape) payload() int {
	return s.bits / 8 * keyEvery / videoFPS / ((keyEvery-1)*s.frame + s.key)
}

// A stamp stands at the end of each payload: the mark of this run and the send time. Servers rewrite the beginning only,
// and one that merges Opus packets keeps the frames whole.
const (
	markSize  = 8
	stampSize = markSize + 8
)

// mark tells this run's packets from those of an earlier run that a server has kept.
type mark [markSize]byte

// rawMark is the raw limit's own: it stamps with Unix time, because it knows nothing of the generator's clock.
var rawMark = mark{'r', 'a', 'w', 'l', 'i', 'm', 'i', 't'}

func (m mark) put(payload []byte, sent int64) {
	at := payload[len(payload)-stampSize:]
	copy(at, m[:])
	binary.BigEndian.PutUint64(at[markSize:], uint64(sent))
}

// last reads the stamp at the end of a payload.
func (m mark) last(payload []byte) (sent int64, ok bool) {
	if len(payload) < stampSize {
		return 0, false
	}
	at := payload[len(payload)-stampSize:]
	return int64(binary.BigEndian.Uint64(at[markSize:])), bytes.Equal(at[:markSize], m[:])
}

// each calls f with every stamp in a payload, for packets that a server has merged.
func (m mark) each(payload []byte, f func(sent int64)) {
	for {
		i := bytes.Index(payload, m[:])
		if i < 0 || i+stampSize > len(payload) {
			return
		}
		f(int64(binary.BigEndian.Uint64(payload[i+markSize:])))
		payload = payload[i+stampSize:]
	}
}

// video makes the payloads of the synthetic picture.
type video struct {
	shape     shape
	n         int // frames so far
	sinceKey  int
	pictureID uint16
	tl0       uint8
	thirds    bool     // it has three temporal layers, in turns of four frames: 0 2 1 2
	buf       [][]byte // of a keyframe
}

func newVideo(s shape) *video {
	v := &video{shape: s, buf: make([][]byte, s.key)}
	for i := range v.buf {
		v.buf[i] = make([]byte, s.payload())
	}
	return v
}

// frame gives the payloads of the next frame, without stamps. They are valid until the next call.
func (v *video) frame(key bool) (payloads [][]byte, isKey bool) {
	key = key || v.n == 0 || v.sinceKey+1 >= keyEvery
	if v.n++; key {
		v.sinceKey = 0
	} else {
		v.sinceKey++
	}
	v.pictureID = (v.pictureID + 1) & 0x7fff
	tid := byte(0)
	if v.thirds {
		tid = [...]byte{0, 2, 1, 2}[v.sinceKey%4]
	}
	if tid == 0 {
		v.tl0++
	}
	n := v.shape.frame
	if key {
		n = v.shape.key
	}
	for i := range n {
		p := v.buf[i]
		clear(p[:descriptorSize+10])
		p[0] = 0x80 // X
		if i == 0 {
			p[0] |= 0x10 // S
		}
		p[1] = 0xe0 // I, L, T (RFC 7741 section 4.2)
		binary.BigEndian.PutUint16(p[2:], 0x8000|v.pictureID)
		p[4] = v.tl0
		if p[5] = tid << 6; tid > 0 && v.sinceKey%4 < 3 {
			p[5] |= 1 << 5 // Y: it needs layer 0 alone
		}
		if i == 0 {
			b := p[descriptorSize:]
			b[0] = 0x01 // frame tag of a delta frame (RFC 6386 section 9.1)
			if key {
				copy(b, []byte{0x00, 0x00, 0x00, 0x9d, 0x01, 0x2a})
				binary.LittleEndian.PutUint16(b[6:], uint16(v.shape.width))
				binary.LittleEndian.PutUint16(b[8:], uint16(v.shape.height))
			}
		}
	}
	return v.buf[:n], key
}

// opus fills the payload of one 20 ms packet, without its stamp.
func opus(p *[opusPayload]byte) { p[0] = 31 << 3 } // CELT, full band, 20 ms, mono, one frame (RFC 6716 section 3.1)
