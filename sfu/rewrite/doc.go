// Package rewrite turns the packets of changing sources into one unbroken RTP stream towards a viewer.
//
// A Mapper belongs to one slot of one viewer and to the one goroutine (shard) that owns it; nothing is locked. It gives
// each packet its outgoing sequence number, timestamp, VP8 picture id and TL0PICIDX:
//
//   - A source is entered at a packet where a decoder may start (codec.Info.Key): Switch names the wish, the old source
//     goes on until the new one's keyframe comes through Next.
//   - Packets the caller holds back (Drop) leave no hole. A frame is dropped whole: once its start is gone, Next refuses
//     the rest. Whoever drops a frame that later frames need must go on dropping until the next keyframe, because the
//     receiver cannot see that something is missing.
//   - Packets lost before they reached us leave a hole of just their number, and fill it if they come late. A late
//     packet never gets a number that is already used, and one that has no number is refused.
//   - Over a switch the sequence goes on by one, the timestamp by the time that passed between the arrivals. Frames from
//     a keyframe cache are older than the wall clock: they are shown one millisecond apart until they have caught up
//     with the live line, so the viewer does not stay behind.
//
// Of what was sent, 16 bytes a packet are kept, so that a NACK (Reverse) leads back to the source's packet in the ring
// and to exactly the numbers it went out with.
package rewrite
