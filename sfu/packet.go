package sfu

import "betang/sfu/ring"

// packet is one packet in a shard's scratch buffer: a copy out of the ring, made once for all viewers of the shard. A Down
// may write its own picture numbers into the payload, because the next Down writes its own over them; anything
// else in it is shared and stays.
type packet struct {
	ext     uint64
	meta    ring.Meta
	payload []byte
	pad     int // bytes of RTP padding that make it as long as its frame's longest; see shard.level
	room    [ring.MaxPacket]byte
}

// load copies a packet out of a layer's ring.
func (p *packet) load(l *Layer, ext uint64) bool {
	n, meta, state := l.ring.Get(ext, p.room[:])
	if state != ring.OK {
		return false
	}
	p.ext, p.meta, p.payload, p.pad = ext, meta, p.room[:n], 0
	return true
}
