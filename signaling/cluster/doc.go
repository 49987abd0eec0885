// Package cluster is what several nodes share: who is there, which node is an event's home, the event's facts on their
// way to the other nodes, batches of attendance on their way home, and talk between nodes.
//
//	bus.go           the small interfaces, in one Bus
//	redis*.go        over Redis (one server, Sentinel or Cluster); the only place that imports go-redis
//	mem_test.go      over memory: many nodes in one process, under fake time
//	lease.go         pure: when a node may think of itself as the home
//	guide.go         pure: which node serves a client best, and which may be a home
//	clustertest/     a redis-server of a test's own
//
// A server without Redis uses none of it.
package cluster
