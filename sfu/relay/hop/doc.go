// Package hop is the rules of a link between two nodes that relay media: what the messages look like, when a node asks its
// neighbour for a source's layers and when it lets them go, and when a lost link is tried again. It is pure.
//
// Everything asked for is soft state. A Want says what is needed of one source now; it is repeated until the neighbour has
// answered to its version, then every second, and forgotten by the neighbour when it was not heard for Lease. So a lost
// datagram, a restart of either side and a new path need no procedure of their own: the next Want mends all.
package hop
