package sfu

import (
	"slices"
	"sync/atomic"
	"time"
)

const (
	// rideMost is how long merged voice waits for a frame of its event to ride behind. At 25 frames a second one comes
	// every 40 ms.
	rideMost = 40 * time.Millisecond
	// rideAlive is how young the last frame must be for the next to be worth waiting for.
	rideAlive = 100 * time.Millisecond
	rideFeeds = audioSlots // voices that may wait at once
	ridePacks = 4          // packets of each
	padMost   = 255        // RFC 3550 section 5.1: the length of the padding is one byte
)

// rides is the voice that waits in a shard. A packet of voice alone is a walk through the kernel like a whole frame of
// video; behind the frame, as the last and smaller segment of its message, it costs next to nothing. Only merged
// voice waits, that is, only while the shard is busy. Owned by the shard.
type rides struct {
	timer  *time.Timer
	held   []*feed
	aboard []passenger
	n      int    // of aboard, loaded
	round  uint64 // counts boardings
}

// passenger is a voice whose packets are loaded.
type passenger struct {
	feed    *feed
	packets [ridePacks]packet
	n       int
}

func newRides() rides {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return rides{timer: t, held: make([]*feed, 0, rideFeeds)}
}

// hold keeps a voice's news for the next frame; false: it is to be served now.
func (s *shard) hold(f *feed) bool {
	l := f.layer
	if !l.merged || !s.framesCome(l) {
		return false
	}
	for _, h := range s.held {
		if h == f {
			return true
		}
	}
	if len(s.held) == rideFeeds {
		return false
	}
	if len(s.held) == 0 {
		s.timer.Reset(rideMost)
	}
	s.held = append(s.held, f)
	return true
}

// framesCome tells whether the shard sends video of the voice's event.
func (s *shard) framesCome(voice *Layer) bool {
	for l, f := range s.feeds {
		if l.format.kind.Video() && len(f.downs) > 0 && l.up.pub.router == voice.up.pub.router &&
			s.now-l.arrived.Load() < int64(rideAlive) {
			return true
		}
	}
	return false
}

// board loads the voices of the frame's event; false: nobody waits.
func (s *shard) board(frame *Layer) bool {
	if len(s.held) == 0 {
		return false
	}
	if s.aboard == nil {
		s.aboard = make([]passenger, rideFeeds)
	}
	s.n = 0
	for _, f := range s.held {
		if f.layer.up.pub.router != frame.up.pub.router {
			continue
		}
		p := &s.aboard[s.n]
		p.feed, p.n = f, 0
		size, shown := uint64(len(f.layer.arrival)), f.layer.logged.Load()
		if shown-f.cursor > ridePacks { // a stall: serve knows what to do
			continue
		}
		for ; f.cursor < shown; f.cursor++ {
			if p.packets[p.n].load(f.layer, f.layer.arrival[f.cursor%size].Load()) {
				p.n++
			} else {
				s.drop(DropOverrun, 1)
			}
		}
		s.n++
	}
	s.round++
	return s.n > 0
}

// ride sends a viewer what it gets of the voices aboard.
func (s *shard) ride(v *viewer) {
	for i := range s.aboard[:s.n] {
		p := &s.aboard[i]
		for _, d := range v.all() {
			if (d.cur == p.feed.layer || d.want == p.feed.layer) && d.round != s.round {
				d.round = s.round
				d.forward(s, p.feed.layer, p.packets[:p.n])
			}
		}
	}
}

// alight serves those who get a voice that is aboard but did not get this frame.
func (s *shard) alight() {
	for i := range s.aboard[:s.n] {
		p := &s.aboard[i]
		for _, d := range p.feed.downs {
			if d.round != s.round {
				d.round = s.round
				d.forward(s, p.feed.layer, p.packets[:p.n])
			}
		}
		s.held = slices.DeleteFunc(s.held, func(f *feed) bool { return f == p.feed })
		p.feed = nil
	}
	s.n = 0
	if len(s.held) == 0 {
		s.timer.Stop()
	}
}

// missed serves the voices that waited in vain.
func (s *shard) missed() {
	for i, f := range s.held {
		s.held[i] = nil
		s.serve(f, s.voice[:])
	}
	s.held = s.held[:0]
	s.timer.Stop()
}

// level pads the packets of each frame to the length of its longest, the last one excepted unless voice follows behind
// it, so that they leave as one segmented message (UDP_SEGMENT): one walk through the kernel for a viewer's frame. Encoders cut a frame into nearly
// equal parts (Chromium: 852 and 853 bytes), so it costs bytes by the dozen; where it would cost more than a sixteenth of the
// frame, or 127 bytes of a small one, the packets stay as they are.
func level(packets []packet, behind bool) {
	for i := 0; i < len(packets); {
		stamp := packets[i].meta.Timestamp
		end, longest, total := i, 0, 0
		for ; end < len(packets) && packets[end].meta.Timestamp == stamp; end++ {
			longest = max(longest, len(packets[end].payload))
			total += len(packets[end].payload)
		}
		last := end - 1 // not padded
		if behind && end == len(packets) {
			last = end
		}
		pads := 0
		for k := i; k < min(last, end); k++ {
			pads += longest - len(packets[k].payload)
		}
		for ; i < end; i++ {
			p := &packets[i]
			p.pad = 0
			if d := longest - len(p.payload); i < last && d <= padMost && pads <= max(total/16, padMost/2) && len(p.payload) > 0 {
				p.pad = d
			}
		}
	}
}

// busyAt is where a shard counts as busy unless Config says otherwise.
const busyAt = 0.15

// load measures a shard: the part of the time that it works.
type load struct {
	limit float64 // from here on it is busy, until it falls below a third of it
	busy  bool
	since int64        // measured from then
	spent int64        // of it, working
	total atomic.Int64 // worked since the start
}

func newLoad(limit float64) *load {
	switch {
	case limit == 0:
		limit = busyAt
	case limit < 0:
		return &load{busy: true}
	}
	return &load{limit: limit}
}

// worked notes a round of the shard's loop.
func (l *load) worked(from, to int64) {
	l.spent += to - from
	l.total.Add(to - from)
	d := to - l.since
	if d < int64(time.Second) {
		return
	}
	share := float64(l.spent) / float64(d)
	switch {
	case share >= l.limit:
		l.busy = true
	case share < l.limit/3:
		l.busy = false
	}
	l.since, l.spent = to, 0
}
