package sfu

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"betang/sfu/udp"

	"github.com/pion/rtp"
)

const (
	frameMost = 32 // packets copied out at a time
	// A long frame (a keyframe) to all of a shard's viewers takes longer than a voice may wait: 30 packets to 300 viewers are
	// some 10 ms. So voices are looked for after every sliceMost packets of it, and none rides on it.
	sliceMost = 500
	longFrame = 12                     // packets from which a frame is so long, if it is to more than sliceMost packets' worth of viewers
	tickEvery = 100 * time.Millisecond // sender reports, layers, keyframe wishes
)

// shard is one forwarding goroutine. It owns its viewers and their Downs: their rewriting and layer state is touched by
// run alone. Others reach it by post and by feeds' signals, neither of which blocks.
type shard struct {
	e     *Engine
	index int
	ready chan *feed    // feeds with news; when full the signal is dropped, the next packet signals again
	wake  chan struct{} // one token: the box has something
	batch *udp.Batch    // what lean viewers get this round

	boxMu sync.Mutex
	box   []func() // commands, in order; bounded by what control code does, not by media

	// Owned by run.
	viewers map[*viewer]struct{}
	feeds   map[*Layer]*feed
	packets [frameMost]packet
	voice   [ridePacks]packet // of a voice that goes past a long frame
	answer  packet            // for NACKs
	header  rtp.Header        // of the packet that is being sent
	aside   []*feed           // pictures whose news came meanwhile; no more than there are layers
	rides                     // voice that waits for a frame
	woven   *braid            // voice with redundancy; nil until a viewer needs it
	*load                     // how busy the shard is
	menus   map[*Up]*menu
	hasty   map[*viewer]struct{} // paced or probed right now
	soon    *time.Timer          // for them
	now     int64
	began   int64 // the round
	spare   []func()
	sent    uint64 // packets and payload bytes since the last tally
	bytes   uint64
	again   uint64 // bytes that may be sent again: where many lines fail at once, repairs must not take the rest of the machine
	dropped [drops]uint64
	told    int64 // last log line about drops
	untold  uint64
}

// feed joins one layer with one shard: the shard's Downs that get the layer or wait for its keyframe; or with a Taps.
type feed struct {
	ready  chan *feed // the shard's, or a Taps'
	layer  *Layer
	queued atomic.Bool

	// Owned by the shard.
	downs  []*Down
	cursor uint64 // arrivals forwarded so far
}

// signal tells its owner of news. Full queue: forget it; the arrival log keeps the packets and the next signal brings them.
func (f *feed) signal() {
	if f.queued.Swap(true) {
		return
	}
	select {
	case f.ready <- f:
	default:
		f.queued.Store(false)
	}
}

func newShard(e *Engine, index int) *shard {
	soon := time.NewTimer(time.Hour)
	soon.Stop()
	return &shard{
		menus: map[*Up]*menu{}, hasty: map[*viewer]struct{}{}, soon: soon,
		e: e, index: index, ready: make(chan *feed, 1024), wake: make(chan struct{}, 1),
		batch: e.socks[index%len(e.socks)].NewBatch(), viewers: map[*viewer]struct{}{}, feeds: map[*Layer]*feed{},
		again: againRoom, rides: newRides(), load: newLoad(e.busyAt),
	}
}

// post hands a command to run.
func (s *shard) post(do func()) {
	s.boxMu.Lock()
	s.box = append(s.box, do)
	s.boxMu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// run is the shard's goroutine, until the engine stops.
func (s *shard) run() {
	ticker := time.NewTicker(tickEvery)
	defer ticker.Stop()
	defer s.timer.Stop()
	defer s.soon.Stop()
	for {
		var tick <-chan time.Time
		if len(s.viewers) > 0 {
			tick = ticker.C
		}
		select {
		case f := <-s.ready:
			s.begin()
			s.news(f)
		case <-s.timer.C:
			s.begin()
			s.missed()
		case <-s.soon.C:
			s.begin()
			s.hurry()
		case <-s.wake:
			s.begin()
			s.obey()
		case <-tick:
			s.begin()
			s.tick()
		case <-s.e.stop:
			return
		}
		s.flushed(s.batch.Flush())
		s.tally()
		s.worked(s.began, s.e.now())
	}
}

// begin begins a round.
func (s *shard) begin() {
	s.now = s.e.now()
	s.began = s.now
}

// news serves a feed that has some, and then the pictures that waited behind it.
func (s *shard) news(f *feed) {
	f.queued.Store(false)
	if !s.hold(f) {
		s.serve(f, s.packets[:])
	}
	for i := 0; i < len(s.aside); i++ { // serving them may put more aside
		f, s.aside[i] = s.aside[i], nil
		f.queued.Store(false)
		s.serve(f, s.packets[:])
	}
	s.aside = s.aside[:0]
}

// between lets voices past a long frame that is on its way to one viewer after the other.
func (s *shard) between() {
	s.flushed(s.batch.Flush())
	for {
		select {
		case f := <-s.ready:
			if f.layer.format.kind.Video() {
				s.aside = append(s.aside, f) // still queued: it comes no second time
				continue
			}
			s.now = s.e.now()
			f.queued.Store(false)
			if !s.hold(f) {
				s.serve(f, s.voice[:])
			}
		default:
			return
		}
	}
}

// flushed takes the result of a flush. What the kernel refuses is counted by the socket.
func (s *shard) flushed(err error) {
	if err == nil {
		return // before off, which is allocated: this is called for each packet
	}
	var off udp.ErrGSODisabled
	if errors.As(err, &off) {
		s.e.log.Warn("no segmentation offload on this path: sending costs more", "err", off.Retry)
	}
}

// obey runs the commands.
func (s *shard) obey() {
	s.boxMu.Lock()
	s.spare, s.box = s.box, s.spare[:0]
	s.boxMu.Unlock()
	for i, do := range s.spare {
		do()
		s.spare[i] = nil
	}
}

// serve forwards what arrived on a layer since last time. It goes viewer by viewer, each getting all packets of the frame
// in one go: here a batching socket is to be flushed once per viewer and frame. The packets are copied to room.
func (s *shard) serve(f *feed, room []packet) {
	l := f.layer
	size := uint64(len(l.arrival))
	for {
		shown := l.logged.Load()
		if f.cursor >= shown || len(f.downs) == 0 {
			f.cursor = shown
			return
		}
		if shown-f.cursor > size-2*gatherMost { // the log may be overwritten under our eyes
			s.drop(DropOverrun, shown-f.cursor)
			f.cursor = shown
			for _, d := range f.downs {
				d.resync(s)
			}
			return
		}
		n := 0
		board := false // voice may ride behind these
		for ; n < len(room) && f.cursor < shown; f.cursor++ {
			if room[n].load(l, l.arrival[f.cursor%size].Load()) {
				board = room[n].meta.Info.End
				n++
			} else {
				s.drop(DropOverrun, 1)
			}
		}
		video := l.format.kind.Video()
		long := video && n >= longFrame && n*len(f.downs) > sliceMost
		if long {
			s.missed() // who waited for a frame shall not wait for this one
		}
		board = board && video && !long && s.board(l)
		level(room[:n], board)
		slice := 0
		for _, d := range f.downs {
			d.forward(s, l, room[:n])
			if board {
				s.ride(d.v)
			}
			if slice += n; long && slice >= sliceMost {
				slice = 0
				s.between()
			}
		}
		if board {
			s.alight()
		}
	}
}

// join adds a Down to a layer's feed, and leave takes it out.
func (s *shard) join(l *Layer, d *Down) {
	f := s.feeds[l]
	if f == nil {
		f = &feed{ready: s.ready, layer: l, cursor: l.logged.Load()}
		s.feeds[l] = f
		l.addFeed(f)
		f.signal() // for what was published between the two lines above
	}
	for _, x := range f.downs {
		if x == d {
			return
		}
	}
	f.downs = append(f.downs, d)
}

func (s *shard) leave(l *Layer, d *Down) {
	f := s.feeds[l]
	if f == nil {
		return
	}
	for i, x := range f.downs {
		if x == d {
			// A new slice: serve may be walking the old one.
			f.downs = append(append(make([]*Down, 0, len(f.downs)-1), f.downs[:i]...), f.downs[i+1:]...)
			break
		}
	}
	if len(f.downs) == 0 {
		delete(s.feeds, l)
		l.dropFeed(f)
	}
}

// look has the Downs of a track choose among its layers again.
func (s *shard) look(u *Up) {
	for v := range s.viewers {
		for _, d := range v.all() {
			switch {
			case d.up != u:
			case v.steers():
				v.steer(s)
			default:
				d.choose(s)
			}
		}
	}
}

// tick does what is not driven by packets.
func (s *shard) tick() {
	for u, m := range s.menus {
		if s.now-m.at > int64(10*time.Second) {
			delete(s.menus, u)
		}
	}
	for v := range s.viewers {
		v.tend(s)
		for _, d := range v.all() {
			d.tick(s)
		}
		v.reports(s)
	}
	if s.now-s.told >= int64(time.Second) && s.untold > 0 {
		s.e.log.Warn("forwarding falls behind", "shard", s.index, "reason", DropOverrun, "packets", s.untold)
		s.told, s.untold = s.now, 0
	}
}

func (s *shard) drop(why Drop, n uint64) { s.dropped[why] += n }

// tally moves the shard's counts to the engine's.
func (s *shard) tally() {
	if s.sent > 0 {
		s.e.count.packetsOut.Add(s.sent)
		s.e.count.bytesOut.Add(s.bytes)
		s.again = min(s.again+s.bytes/againShare, againRoom)
		s.sent, s.bytes = 0, 0
	}
	for i, n := range s.dropped {
		if n > 0 {
			s.e.count.drop(Drop(i), n)
			s.dropped[i] = 0
			if Drop(i) == DropOverrun {
				s.untold += n
			}
		}
	}
}
