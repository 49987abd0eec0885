package sfu

import (
	"betang/sfu/codec"
)

const (
	redMost = 2    // earlier frames of a voice that go with each (RFC 2198)
	redRoom = 1100 // bytes that a packet may have with them
)

// braid is a shard's memory for voices with redundancy: what was made for one viewer serves all that want the same.
type braid struct {
	kin     [redMost]packet
	blocks  []codec.Redundant
	payload []byte

	layer *Layer // what payload is of
	ext   uint64
	mask  uint8
	depth uint8
	pt    uint8
}

// redundancy is a voice slot's: which earlier frames went with a packet. One that is asked for again must be the same to the last byte.
type redundancy struct {
	masks []uint8 // by outgoing number; bit i: the frame 1+i before went with it; 0: plain Opus
	layer *Layer
	from  uint64 // first number of the layer that this slot sent: what was before it belongs to nobody here
}

// redundant gives what goes out for a packet of voice, and under which payload type: with its predecessors before it where the
// viewer's path loses packets.
func (d *Down) redundant(s *shard, l *Layer, p *packet, ext uint64) ([]byte, uint8) {
	r := &d.red
	if r.layer != l {
		r.layer, r.from = l, p.ext
	}
	depth := d.v.depth
	if l.merged || p.ext < r.from {
		depth = 0
	}
	depth = uint8(min(uint64(depth), p.ext-min(r.from, p.ext)))
	payload, mask := s.weave(l, p, d.format.pt, depth)
	if r.masks == nil {
		if mask == 0 {
			return p.payload, d.format.pt
		}
		r.masks = make([]uint8, audioMemory)
	}
	r.masks[ext%audioMemory] = mask
	if mask == 0 {
		return p.payload, d.format.pt
	}
	return payload, d.format.red
}

// repeat gives the same again; false where the ring has forgotten a part of it.
func (d *Down) repeat(s *shard, l *Layer, p *packet, f format, ext uint64) ([]byte, uint8, bool) {
	if d.red.masks == nil || d.red.masks[ext%audioMemory] == 0 {
		return p.payload, f.pt, true
	}
	mask := d.red.masks[ext%audioMemory]
	b := s.shelf()
	for i := range redMost {
		if mask>>i&1 != 0 && !b.kin[i].load(l, p.ext-1-uint64(i)) {
			return nil, 0, false
		}
	}
	b.join(l, p, f.pt, mask)
	return b.payload, f.red, true
}

func (s *shard) shelf() *braid {
	if s.woven == nil {
		s.woven = &braid{}
	}
	return s.woven
}

// weave puts up to depth predecessors before a packet of voice, and says which; 0: none is there.
func (s *shard) weave(l *Layer, p *packet, pt, depth uint8) ([]byte, uint8) {
	if depth == 0 {
		return nil, 0
	}
	b := s.shelf()
	if b.layer == l && b.ext == p.ext && b.pt == pt && b.depth == depth {
		return b.payload, b.mask
	}
	mask, size := uint8(0), len(p.payload)
	for i := range depth {
		k := &b.kin[i]
		if !k.load(l, p.ext-1-uint64(i)) {
			continue
		}
		one := codec.Redundant{Timestamp: k.meta.Timestamp, Payload: k.payload}
		if size += len(k.payload) + 4; size < redRoom && one.Fits(p.meta.Timestamp) {
			mask |= 1 << i
		}
	}
	b.join(l, p, pt, mask)
	b.depth = depth
	return b.payload, mask
}

// join writes the payload; the predecessors are loaded.
func (b *braid) join(l *Layer, p *packet, pt, mask uint8) {
	b.blocks = b.blocks[:0]
	for i := redMost - 1; i >= 0; i-- {
		if mask>>i&1 != 0 {
			b.blocks = append(b.blocks, codec.Redundant{Timestamp: b.kin[i].meta.Timestamp, Payload: b.kin[i].payload})
		}
	}
	b.payload = codec.AppendRED(b.payload[:0], pt, p.meta.Timestamp, p.payload, b.blocks...)
	b.layer, b.ext, b.mask, b.pt, b.depth = l, p.ext, mask, pt, 0
}
