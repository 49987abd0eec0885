package relay

import (
	"time"

	"betang/sfu"
	"betang/sfu/relay/hop"
)

const (
	pumpDepth = 256 // orders that wait; more are dropped: wants are renewed, packets asked for again

	// Of what a link sends, this share may be sent again, and a little at once.
	againShare = 4
	againRoom  = 256 << 10

	// largest is the most of a payload that fits a datagram with all around it.
	largest = 1400
)

// order is what the pump is to do: make a key's open layers these, send packets again, or ask for a keyframe.
type order struct {
	open  *opening
	again *hop.Nack
	key   uint32
}

type opening struct {
	key    hop.Key
	layers []uint32
}

// order hands one over; it never blocks.
func (s *session) order(o order) {
	select {
	case s.pump <- o:
	default:
		s.stats.dropped.Add(1)
	}
}

// runPump sends the layers the neighbour wants. It owns the session's taps.
func (s *session) runPump() {
	taps := s.n.engine.NewTaps()
	defer taps.Close()
	open := map[hop.Key][]uint32{}
	buf := make([]byte, 0, 1600)
	again := againRoom
	send := func(p sfu.RawPacket) {
		if len(p.Payload) > largest {
			s.stats.dropped.Add(1)
			return
		}
		buf = hop.AppendPacket(buf[:0], hop.Packet{
			Layer: p.Layer, Seq: uint32(p.Seq), Stamp: p.Stamp, Marker: p.Marker, Sent: uint32(time.Now().UnixMicro()), Payload: p.Payload,
		})
		s.stats.packetsOut.Add(1)
		s.stats.bytesOut.Add(uint64(len(buf)))
		again = min(again+len(buf)/againShare, againRoom)
		_, _ = s.conn.Write(buf) // lost like any datagram
	}
	repair := func(p sfu.RawPacket) {
		if again < len(p.Payload) {
			s.stats.dropped.Add(1)
			return
		}
		again -= len(p.Payload)
		s.stats.resent.Add(1)
		send(p)
	}
	for {
		select {
		case f := <-taps.Ready():
			taps.Read(f, send)
		case o := <-s.pump:
			switch {
			case o.open != nil:
				open[o.open.key] = s.open(taps, open[o.open.key], *o.open, send)
				if len(o.open.layers) == 0 {
					delete(open, o.open.key)
				}
			case o.again != nil:
				taps.Again(o.again.Layer, o.again.Seqs, repair)
			default:
				taps.Key(o.key)
			}
		case <-s.done:
			return
		}
	}
}

// open makes a key's open layers those of the order; it gives those that are open now.
func (s *session) open(taps *sfu.Taps, had []uint32, o opening, send func(sfu.RawPacket)) (now []uint32) {
	wanted := map[uint32]bool{}
	for _, l := range o.layers {
		wanted[l] = true
	}
	for _, l := range had {
		if !wanted[l] {
			taps.End(l)
		}
	}
	for _, l := range o.layers {
		if taps.Open(sfu.RouterID(o.key.Router), sfu.PeerID(o.key.Source), l, send) == nil {
			now = append(now, l)
		}
	}
	return now
}
