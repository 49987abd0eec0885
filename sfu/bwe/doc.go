// Package bwe estimates how much a viewer's path carries, at the sender: from transport-wide feedback (TWCC), the way
// of Google congestion control (draft-ietf-rmcat-gcc-02) with three changes; from REMB and receiver reports where
// a receiver gives no such feedback. It is pure: times are arguments, in ns of one clock of the caller's.
//
// # What is taken from where
//
//   - Groups of packets sent within 5 ms, their delay gradient, the trend line and its adaptive threshold: section 5.
//   - Multiplicative increase (8 % a second), additive near the rate at which the path was last full, decrease
//     to 0.85 of what arrived: section 5.5.
//
// # What is changed
//
//   - Loss alone of less than a sixth does not lower the estimate: a village's radio link loses 10 % and carries everything that is
//     asked for. Above a sixth the path is worth what arrives.
//   - A standing queue of more than 150 ms is overuse whatever its trend, and Drain says until when it is not empty: video waits
//     for so long, so that the voice does not stand behind it.
//   - Who is sent little is not known to be able to take much. The estimate does not rise above one and a half times
//     what arrives; Probe asks for padding to find out, each time at most twice what is known, and stops early when a queue builds.
//     What arrived or was found more than three seconds ago is not known any more: an old estimate is tried from what arrives up,
//     and given up as soon as a probe of less does not arrive.
package bwe
