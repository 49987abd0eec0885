// Package relay brings what is published at one node to the viewers of others: an edge pulls each layer that its viewers need
// once, whatever their number, from the origin or from a nearer edge, and is a full SFU for them.
//
// # The path of a packet
//
//  1. At the origin a Taps of the engine has news of a layer, like a shard that has viewers (pump)
//  2. Layers leave as their publisher numbered them: sequence number, timestamp, picture id; with the time of sending
//  3. DTLS over one UDP address (session, line)
//  4. At the edge session.read gives it to the source's sfu.Remote, which is a publisher to the edge's engine: its own ring,
//     keyframe cache and loss.Detector. What is missing is asked of the neighbour (upstream.Nack), once for all viewers, no
//     sooner than a round trip again, and as long as it is worth having; the neighbour answers from its ring, within a budget
//  5. An edge is an origin to further edges. Each hop repairs its own losses
//
// # What the path carries
//
// Every packet of a link has a number, and the neighbour tells ten times a second which came when (hop.Arrived). From that the
// sender estimates the path and decides what it carries (budget), by the same rules as for a viewer (packages bwe and layer):
// voices are reserved, then each source gets its smallest picture, then larger ones. A layer that does not fit is held: it is not
// sent, and its description says so, so that the neighbour's viewers turn to a lower one and that is asked for. Padding finds out
// whether a held layer would fit again. A link begins as a wide one; one that is not is known within a second.
//
// # What is asked for
//
// One goroutine (Node.run) owns all links; the rules are package hop's. It asks the neighbour for a source as long as somebody here
// needs it (Node.needs), hears what layers there are, and shows them to the engine before it has a packet of them: so viewers
// choose among layers that are not sent yet, and the first who chooses one has it asked for (Remote.Follows). A layer nobody
// watches any more is let go after hop.Linger. Descriptions carry the path they came; a node that finds itself in it takes nothing
// from there (hop.Pull), so a ring of nodes ends by itself.
//
// Which sources are needed is said by Want, where the nodes of a cluster know their stage otherwise; a neighbour that is not
// reached itself is served through another (Peer.Via), which takes from it what it is asked for. Nodes joined by configuration
// alone have one neighbour all comes from (Config.From); there the scene of every router with viewers comes over the link too.
//
// # Who may
//
// A node is its Ed25519 key. Both ends of a link show a certificate with it, sign the handshake, and are refused if the other
// end does not list the key. An edge behind a NAT dials; a link once up serves both directions. Who dials must first show that it
// hears what is sent to its address (line): before that nothing is kept of it. One address has room for a few handshakes at a time, so that
// a stranger's leave some for neighbours. A neighbour named with another key loses its link at once.
//
// # Decisions
//
// 2026-11-26. DTLS records carry the media themselves, not DTLS-SRTP with RTCP, and not a PeerConnection a link. One handshake,
// one cipher (AES-128-GCM, 37 bytes a packet against 16), one replay window and one parser of foreign bytes serve media and control
// alike; pion/dtls is in the binary already. ICE would find what configuration already says: one end has an address.
//
// 2026-11-26. No reliable channel. Every wish is repeated until answered, then every second, and forgotten after 5 s (package
// hop): the same rule mends a lost datagram, a restart and a new path.
//
// 2026-11-29. The sender decides, not the edge that asks: it alone can stop at once, and only it can fill the path to find out. So
// a hop of a chain knows nothing of the next.
//
// 2026-11-26. Links share the media port: their datagrams begin with a byte that RFC 7983 gives to nobody, so no second hole in
// a firewall is needed.
package relay
