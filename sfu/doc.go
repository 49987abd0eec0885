// Package sfu is the media plane: it forwards RTP from the publishers of an event to its viewers. It knows peers,
// never persons.
//
// # The nouns
//
// An Engine has one UDP port and any number of Routers, one for each event. A publisher has at most two Ups (audio, video), an Up
// has one Layer or several (simulcast), a Layer has one ring. A viewer has a Down for each m-line it offered: three audio
// slots, video main, second and interpreter. The Scene says which Up fills which slot. A Down's stream goes on
// unbroken whatever is put into it, so nothing is ever renegotiated.
//
// # The path of a packet
//
// Per packet, in the goroutine of the layer (reader.run, one for each layer):
//
//  1. the socket: read by lite.Host, which hands on what is no lean viewer's (side); then ICE and SRTP: pion
//  2. reader.run takes the packet from pion, retransmissions (RTX) included: inbox names what they repair, where their sender does not
//     A voice with redundancy (RED, RFC 2198, where a speaker's uplink loses packets) is taken apart: reader.unwrap
//  3. codec.Inspect: keyframe? frame start, frame end? A payload nobody could read ends here
//  4. ring.Put: stored once for all viewers; duplicates end here
//  5. loss.Observe and Due: NACK and keyframe requests back to the publisher
//  6. Layer.publish, once a frame (marker, 64 packets, or the first packet after 5 ms): shows the arrivals to the shards
//
// Per frame and viewer, in the goroutine of the shard (shard.run, one for each CPU; it owns its viewers):
//
//  7. shard.serve copies the frame's packets out of the ring, once, and goes through its Downs: Down.forward
//  8. which layer: layer.Best, ten times a second (Down.choose); a switch waits for the new layer's keyframe
//  9. rewrite.Next: outgoing sequence number, timestamp, picture id
//  10. Down.write to the viewer's outlet: leanLink.sendRTP seals it into the shard's udp.Batch, a frame's packets padded to one size
//     (level) so that the kernel takes them as one message; flushed when full and at the end of the shard's round
//
// While a long frame goes out, voices are looked for between its slices (shard.between).
// A shard that is busy gives its viewers voice in packets of 60 ms (merger, a layer of its own), which wait for a frame to
// ride behind (rides). What all this is worth is in PERFORMANCE.md.
//
// Nothing on this path locks, logs or allocates for each packet and viewer; tests hold 7 to 10 to that.
//
// # The path back
//
// A viewer's RTCP comes in on the socket's reader, with pion on the transport's own goroutine (viewer.feedback; there is no
// goroutine for each slot):
//
//   - NACK: Down.nacked keeps the numbers, the shard answers them: rewrite.Reverse, ring.Get, within the viewer's budget and
//     the shard's, by RTX (RFC 4588) where it was negotiated
//   - BYE ends the viewer, as DTLS's close does
//   - PLI and FIR: to the layer's gate, which lets one a second through (publisher.run)
//   - receiver reports: round trip, and proof of delivery (evidence, delivery), which Deliveries hands out
//
// A viewer's transport is the lean one (leanLink over lite.Transport: no goroutine, no PeerConnection) unless its offer asks for
// more (answer.Parse); then, and for publishers, it is a PeerConnection (pionLink).
//
// # A viewer's share
//
// A viewer whose offer has transport-wide numbers and their feedback on every m-line gets a number in every packet (leanLink.extend).
// Its feedback is taken out before pion reads the rest (viewer.transportWide) and handed to the shard, which owns the estimate
// (bwe), the ladder (layer.Ladder) and the pacer (pace) of the viewer. Ten times a second (for a viewer at ease every 0.4 s, see
// viewer.tend), and at once when the path is full, viewer.steer decides: which layer and how many temporal layers each video slot gets (Down.aim), whether voices come in 60 ms
// packets (steering.narrow), how fast a keyframe may go (setPace). A step down stops the old layer at once (Down.mute) and begins at
// the new one's keyframe; a step up goes on with the old one until then. Probes are padding on a retransmission stream. A viewer
// without that feedback is steered by its REMB if it sends one, and by its pin; without either it gets the best of everything.
// A viewer that is reached at another address, or heard again after silence, begins where it was (viewer.look). What its losses ask
// for is judged at the same time (viewer.judge): voices with redundancy (Down.redundant), which a repeat gives again to the last byte,
// and the playout-delay extension (viewer.extend). NETWORKS.md has what it is worth.
//
// # A full server
//
// Four times a second the engine measures its load: processor time of the process, work of the busiest shard, bytes sent
// (Engine.measure; the rule is package admit). Near its limit, newcomers get less: a limit on their viewer's rate, which the ladder
// keeps and names ("busy"); then voices; at last the error Overloaded, which signaling makes "come back later". When there is
// room again they rise in the order in which they came. Where the load grows without newcomers, who came last gets less.
//
// Joining: a viewer is put into its shard when its transport is up. Where a layer's last keyframe is younger than 1.5 s
// it starts from there at once (Down.burst), else it asks for one: it has a picture within a second either way.
//
// Sender reports map the publisher's clock to ours (clock), so that a browser keeps picture and voice together.
//
// # Other nodes
//
// A Remote is a publisher of another node (Bring): packets come in by Remote.Packet instead of pion, requests go out by its Origin;
// from reader.packet on it is like any other. Layers are described before they are sent (Remote.Describe), so that viewers can
// choose them; Remote.Follows tells which they chose. A Taps reads layers for another node, raw, on signals like a shard's.
//
// # Rules of concurrency
//
//  1. Every goroutine has an owner and an end that is waited for: Engine.work counts those of peers, publisher.readers
//     those of layers, Engine.serving the shards and the notifier. Shutdown waits for all.
//  2. A reader takes no lock that control code holds: lists it walks (Up.layers, Layer.feeds, viewer.downs) are atomic
//     pointers to slices that are replaced whole.
//  3. A shard owns its viewers' Downs: rewriting and layer state are unlocked because only shard.run touches them.
//     Others reach it by post (commands) and feed.signal (news), which never block.
//  4. A packet in the ring is never written to. A shard's copy is: each Down writes its picture numbers over the last one's.
//  5. Every queue is bounded and says what it does when full: feed.signal coalesces, the arrival log overruns
//     (DropOverrun, viewers resume at a keyframe), NACKs are dropped (DropNackQueue), proof forgets the oldest. A shard's
//     commands and the listener's notices grow only with what control code does.
//  6. xLocked means that the caller holds the lock. The order, outer first:
//     peer.neg, Remote.mu, remoteLayer.mu, Engine.mu or Router.mu, publisher.mu or peer.mu, then the leaves, under which nothing is taken:
//     Up.mu, Layer.feedsMu, shard.boxMu, Down.nackMu, delivery.mu, clock.mu, notices.mu.
//     No lock is held over a callback, and none but peer.neg over a call into pion that may wait.
//  7. The listener is called by one goroutine (runNotices), in order, with no lock held.
//
// # Decisions
//
// 2026-11-23. The shards read arrivals from a log of sequence numbers beside the ring, and are told only that there is
// news. A slow shard so needs no queue of packets, and what it missed is still in the ring.
//
// 2026-11-23. A peer is Disconnected after 7 s without a sign of life, not 5: Firefox proves consent (RFC 7675) every 4
// to 6 s, and a viewer of an empty stage sends nothing else. Gone after 15 s.
//
// 2026-11-23. Viewers left pion's PeerConnection: 2.2 times less CPU at 300 viewers, 193 to 32 KiB and 13 to 0 goroutines each.
//
// 2026-11-23. GCM is sealed by lite itself, by extended sequence number. A number is never sealed twice with other bytes: what goes
// out again without RTX is byte for byte what it was, hence padding only where RTX is negotiated.
//
// 2026-11-23. A packet that may go out again under its own SRTP index keeps its transport-wide number (viewer.number): with GCM the
// same nonce must never seal other bytes. Only voices, which have no retransmission stream, need that memory.
//
// 2026-11-28. What each packet needs of a viewer's memory stands together (Down, Mapper, Estimator, Transport, steering): besides
// the kernel and the cipher, what a viewer costs is lines of memory that are not in the cache. Put nothing between them that a packet
// does not need. Atomic writes wait for the writes before them: one a frame at most (evidence.sent).
//
// 2026-11-23. Candidates of peers are not used: an ICE-lite agent answers checks where they come from. So an offer can
// not make us send anything anywhere.
package sfu
