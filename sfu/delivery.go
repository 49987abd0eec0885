package sfu

import (
	"sync"
	"sync/atomic"
	"time"
)

const (
	// reportGap is the longest that one report may vouch for. Chromium reports on audio every 5 s or so; RFC 3550
	// section 6.2 allows half as much again.
	reportGap = 10 * time.Second
	// flowGap is a pause after which a slot's packets are a new flow.
	flowGap = 2 * time.Second
	// flowGrain is how exactly the last packet's time is kept: an atomic write waits for all writes before it.
	flowGrain = 50 * time.Millisecond
)

// evidence is what a slot knows of its own flow. The shard writes, feedback reads.
type evidence struct {
	start atomic.Int64 // first packet of the present flow, ns
	last  atomic.Int64 // last packet, to flowGrain

	// feedback's own
	begun   bool
	highest uint32 // from the last report
	at      int64  // when it came
}

// sent notes that packets go out.
func (f *evidence) sent(now int64) {
	switch pause := now - f.last.Load(); {
	case pause > int64(flowGap):
		f.start.Store(now)
	case pause < int64(flowGrain):
		return
	}
	f.last.Store(now)
}

// reported judges a report block: from when to now it proves that media came through. The highest sequence number must
// have moved, and not all may have been lost.
func (f *evidence) reported(highest uint32, fraction uint8, now int64) (from int64, ok bool) {
	start := f.start.Load()
	if start == 0 {
		return 0, false
	}
	since, moved := f.at, !f.begun || int32(highest-f.highest) > 0
	if !moved || fraction == 255 {
		if moved { // nothing but loss: the next report starts here
			f.begun, f.highest, f.at = true, highest, now
		}
		return 0, false
	}
	f.begun, f.highest, f.at = true, highest, now
	return max(since, start, now-int64(reportGap)), true
}

// deafAfter is how long a viewer that gives transport-wide feedback, which comes several times a second, may be silent before its reports
// vouch no more for that time: media may have been on their way to nobody.
const deafAfter = 2 * time.Second

// pulse is when a viewer's feedback comes.
type pulse struct {
	tells bool  // transport-wide feedback has come
	last  int64 // feedback of any kind, ns
	since int64 // first after it was silent for too long; 0: it never was
}

// beat notes that feedback came.
func (p *pulse) beat(now int64) {
	if p.tells && now-p.last > int64(deafAfter) {
		p.since = now
	}
	p.last = now
}

// delivery gathers a viewer's proof until the owner takes it.
type delivery struct {
	mu   sync.Mutex
	list []span // ascending, apart from each other; at most spanMost
}

type span struct{ from, to int64 } // ns

// spanMost bounds the list where nobody takes it: then the oldest goes.
const spanMost = 64

// add puts a stretch in. Stretches of several slots overlap; they come in the order of their ends.
func (p *delivery) add(from, to int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for n := len(p.list); n > 0 && p.list[n-1].to >= from; n = len(p.list) {
		from, to = min(from, p.list[n-1].from), max(to, p.list[n-1].to)
		p.list = p.list[:n-1]
	}
	if len(p.list) == spanMost {
		copy(p.list, p.list[1:])
		p.list = p.list[:spanMost-1]
	}
	p.list = append(p.list, span{from, to})
}

// take appends and forgets what was gathered.
func (p *delivery) take(dst []Delivery, id PeerID) []Delivery {
	p.mu.Lock()
	defer p.mu.Unlock()
	const ms = int64(time.Millisecond)
	for _, s := range p.list {
		dst = append(dst, Delivery{Peer: id, From: s.from / ms, To: s.to / ms})
	}
	p.list = p.list[:0]
	return dst
}
