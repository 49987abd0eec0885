package sfu

import "sync/atomic"

// Drop names why a packet, or a request for one, went no further. Every such place counts under one of these names, so
// that an operator can see why a picture stands still.
type Drop uint8

// The reasons.
const (
	DropHeader         Drop = iota // not RTP
	DropPayloadType                // a payload type that was not negotiated
	DropPayload                    // the codec's payload format is broken
	DropDuplicate                  // seen already, or older than the ring is long
	DropOverrun                    // a shard fell further behind than the ring is long
	DropUndecodable                // the viewer negotiated no format for this source: its slot is silent
	DropLate                       // came too late to have a number towards this viewer
	DropWrite                      // the transport refused it
	DropForgotten                  // NACK for something never sent, or sent too long ago
	DropRepeat                     // NACK for something just sent again
	DropBudget                     // NACK beyond the viewer's retransmission budget
	DropNackQueue                  // more NACKs than a shard keeps for one slot
	DropRTCP                       // a viewer's RTCP that cannot be read
	DropPublisherQueue             // datagrams that are not a viewer's come faster than they are read
	DropServerBudget               // NACK beyond what a shard may send again for all its viewers
	DropPace                       // pictures for a narrow path that even the pacer has no room for
	DropTURNQueue                  // TURN's datagrams come faster than they are read
	DropRelayQueue                 // those of other nodes
	DropRelayOverrun               // a link to another node fell further behind than the ring is long
	drops
)

var dropNames = [drops]string{
	"header", "payload_type", "payload", "duplicate", "overrun", "undecodable", "late", "write",
	"nack_forgotten", "nack_repeat", "nack_budget", "nack_queue", "rtcp", "publisher_queue", "nack_server_budget", "pace",
	"turn_queue", "relay_queue", "relay_overrun",
}

// String is the name as metrics have it.
func (d Drop) String() string {
	if d < drops {
		return dropNames[d]
	}
	return "unknown"
}

// counters are the engine's running totals. Shards add to them once a batch, not once a packet.
type counters struct {
	packetsIn, bytesIn    atomic.Uint64
	packetsOut, bytesOut  atomic.Uint64
	resent                atomic.Uint64
	nacksIn, nacksOut     atomic.Uint64
	pliIn, pliOut         atomic.Uint64
	bursts, burstPackets  atomic.Uint64
	reportsIn, reportsOut atomic.Uint64
	recovered, lost       atomic.Uint64
	publishers, viewers   atomic.Int64
	lean                  atomic.Uint64
	published, subscribed atomic.Uint64
	refused               atomic.Uint64
	dropped               [drops]atomic.Uint64
}

func (c *counters) drop(why Drop, n uint64) {
	if n > 0 {
		c.dropped[why].Add(n)
	}
}

// Stats is a snapshot of the engine's counters; all but the first three and Overload only grow.
type Stats struct {
	Routers, Publishers, Viewers int

	Published, Subscribed, Refused uint64 // offers answered, and not
	Lean                           uint64 // viewers that got the lean transport, not a PeerConnection
	Datagrams, Walks, Calls        uint64 // sent to lean viewers and, as STUN and DTLS, to all; passes through the kernel; system calls
	SocketDropped                  uint64 // of the datagrams, refused by the kernel
	PacketsIn, BytesIn             uint64 // from publishers, retransmissions included
	PacketsOut, BytesOut           uint64 // to viewers, RTP payload bytes, retransmissions included
	Resent                         uint64 // answers to NACKs
	NACKsIn, NACKsOut              uint64 // packets asked for, by viewers and by us
	PLIsIn, PLIsOut                uint64 // keyframe requests by viewers, and those that passed the gate
	Bursts, BurstPackets           uint64 // starts from a cached keyframe
	ReportsIn, ReportsOut          uint64 // receiver report blocks in, sender reports out
	Recovered, Lost                uint64 // packets of publishers that came late, and never
	Overload                       Overload
	Dropped                        map[string]uint64
}

// Stats reads the counters.
func (e *Engine) Stats() Stats {
	c := &e.count
	s := Stats{
		Publishers: int(c.publishers.Load()), Viewers: int(c.viewers.Load()),
		Published: c.published.Load(), Subscribed: c.subscribed.Load(), Refused: c.refused.Load(),
		PacketsIn: c.packetsIn.Load(), BytesIn: c.bytesIn.Load(),
		PacketsOut: c.packetsOut.Load(), BytesOut: c.bytesOut.Load(), Resent: c.resent.Load(),
		NACKsIn: c.nacksIn.Load(), NACKsOut: c.nacksOut.Load(), PLIsIn: c.pliIn.Load(), PLIsOut: c.pliOut.Load(),
		Bursts: c.bursts.Load(), BurstPackets: c.burstPackets.Load(),
		ReportsIn: c.reportsIn.Load(), ReportsOut: c.reportsOut.Load(),
		Lean: c.lean.Load(), Overload: e.overloadStats(),
		Recovered: c.recovered.Load(), Lost: c.lost.Load(),
		Dropped: make(map[string]uint64, drops),
	}
	for _, sock := range e.socks {
		s.Datagrams += sock.Stats.Datagrams.Load()
		s.Walks += sock.Stats.Messages.Load()
		s.Calls += sock.Stats.Calls.Load()
		s.SocketDropped += sock.Stats.Dropped.Load()
	}
	e.mu.Lock()
	s.Routers = len(e.routers)
	e.mu.Unlock()
	for i := range drops {
		s.Dropped[i.String()] = c.dropped[i].Load()
	}
	return s
}
