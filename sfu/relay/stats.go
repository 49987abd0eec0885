package relay

import (
	"sync/atomic"
	"time"
)

// delays counts the delays of a link's packets, in buckets.
type delays struct {
	count [len(DelayBounds) + 1]atomic.Uint64
	sum   atomic.Int64 // us
}

// DelayBounds are the upper bounds of a link's delays, in seconds; the last bucket has none.
var DelayBounds = [...]float64{.0005, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1}

func (d *delays) observe(t time.Duration) {
	t = max(t, 0)
	i := 0
	for i < len(DelayBounds) && t.Seconds() > DelayBounds[i] {
		i++
	}
	d.count[i].Add(1)
	d.sum.Add(t.Microseconds())
}

// linkStats are a neighbour's running totals; they outlive its sessions.
type linkStats struct {
	packetsIn, packetsOut atomic.Uint64
	bytesIn, bytesOut     atomic.Uint64
	controlIn, controlOut atomic.Uint64
	nacksIn, nacksOut     atomic.Uint64
	keysIn, keysOut       atomic.Uint64
	resent                atomic.Uint64
	stray, broken         atomic.Uint64
	dropped               atomic.Uint64
	sessions              atomic.Uint64
	delay                 delays
}

// LinkStats is a neighbour as an operator sees it.
type LinkStats struct {
	Node    string
	Up      bool
	RTT     time.Duration
	Sources int     // taken in from it now
	Layers  int     // it takes from us now
	Pulled  int     // we take from it now
	Held    int     // of what it wants, the path does not carry
	Path    int64   // bits a second the path there is believed to carry; 0: not known
	Loss    float64 // of what goes there, 0 to 1, lately
	Totals  map[string]uint64
	Delays  [len(DelayBounds) + 1]uint64 // packets by delay, see DelayBounds
	Delay   time.Duration                // their sum
}

func (s *linkStats) snapshot(l *LinkStats) {
	l.Totals = map[string]uint64{
		"packets_in": s.packetsIn.Load(), "packets_out": s.packetsOut.Load(), "bytes_in": s.bytesIn.Load(), "bytes_out": s.bytesOut.Load(),
		"messages_in": s.controlIn.Load(), "messages_out": s.controlOut.Load(), "nacks_in": s.nacksIn.Load(), "nacks_out": s.nacksOut.Load(),
		"keyframes_asked_in": s.keysIn.Load(), "keyframes_asked_out": s.keysOut.Load(), "packets_resent": s.resent.Load(),
		"packets_stray": s.stray.Load(), "messages_broken": s.broken.Load(), "dropped": s.dropped.Load(), "sessions": s.sessions.Load(),
	}
	for i := range s.delay.count {
		l.Delays[i] = s.delay.count[i].Load()
	}
	l.Delay = time.Duration(s.delay.sum.Load()) * time.Microsecond
}
