package signaling

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"betang/sfu"
)

// truthMedia plays the media engine by the rules of its proof (sfu/delivery.go): the server sends to whoever is
// connected; a receiver reports every second or every five; a report vouches for the time since the one before, since the
// flow began, and for no more than 10 s; after 15 s of silence the transport is gone.
type truthMedia struct {
	sfu.Media // nil: what viewers do not need
	s         *truth

	mu      sync.Mutex
	peers   map[sfu.PeerID]*line
	sending bool
	stopped int64 // when sending stopped, steady ms
	proof   []sfu.Delivery
}

const (
	seamReport = 10_000
	seamFlow   = 2000
	seamGone   = 15_000
)

// line is one viewer's transport.
type line struct {
	m      *truthMedia
	id     sfu.PeerID
	device *device
	every  time.Duration
	quit   chan struct{}

	// guarded by m.mu
	on         bool // packets get through
	gone       bool
	flow, prev int64 // steady ms
	heard      int64 // last sign of life
}

func (m *truthMedia) Subscribe(_ context.Context, _ sfu.RouterID, peer sfu.PeerID, offered string) (string, error) {
	s := m.s
	s.mu.Lock()
	d := s.wanted[offered]
	s.mu.Unlock()
	if d == nil {
		return "", &sfu.Error{Code: sfu.PeerUnknown}
	}
	d.mu.Lock()
	voiceAlone, seed := d.media.IntN(2) == 0, d.media.Uint64()
	d.mu.Unlock()
	now := s.srv.steady()
	l := &line{m: m, id: peer, device: d, quit: make(chan struct{}), flow: now, heard: now, on: true, every: time.Second}
	if voiceAlone {
		l.every = 5 * time.Second
	}
	m.mu.Lock()
	m.peers[peer] = l
	m.mu.Unlock()
	d.mu.Lock()
	d.line = l
	d.mu.Unlock()
	m.tellTruth(l)
	s.srv.PeerChanged(peer, sfu.Connected)
	go l.run(seed)
	return "v=0 answer", nil
}

// tellTruth notes whether the device of l receives now.
func (m *truthMedia) tellTruth(l *line) {
	m.mu.Lock()
	defer m.mu.Unlock()
	l.device.mark(l, l.on && !l.gone && m.sending)
}

func (l *line) run(seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 9))
	for {
		// RFC 3550 section 6.2: half to one and a half of the interval.
		select {
		case <-time.After(l.every/2 + time.Duration(rng.Int64N(int64(l.every)))):
		case <-l.quit:
			return
		}
		if !l.report() {
			l.m.lose(l.id)
			return
		}
	}
}

// report is what happens when a receiver report is due. It is false when the transport has been silent for too long.
func (l *line) report() bool {
	m, now := l.m, l.m.s.srv.steady()
	m.mu.Lock()
	defer m.mu.Unlock()
	if !l.on {
		return now-l.heard < seamGone
	}
	l.heard = now
	if m.sending {
		m.proof = append(m.proof, sfu.Delivery{Peer: l.id, From: max(l.prev, l.flow, now-seamReport), To: now})
		l.prev = now
	}
	return true
}

func (l *line) set(on bool) {
	l.m.mu.Lock()
	l.on = on
	l.m.mu.Unlock()
	l.m.tellTruth(l)
}

// hasLine tells whether the device has a transport that is not gone.
func (d *device) hasLine() bool {
	d.mu.Lock()
	l := d.line
	d.mu.Unlock()
	if l == nil {
		return false
	}
	l.m.mu.Lock()
	defer l.m.mu.Unlock()
	return !l.gone
}

// send says whether the stage is sent.
func (m *truthMedia) send(on bool) {
	now := m.s.srv.steady()
	m.mu.Lock()
	var lines []*line
	if on && now-m.stopped > seamFlow {
		for _, l := range m.peers {
			l.flow = now
		}
	}
	if !on {
		m.stopped = now
	}
	m.sending = on
	for _, l := range m.peers {
		lines = append(lines, l)
	}
	m.mu.Unlock()
	for _, l := range lines {
		m.tellTruth(l)
	}
}

// lose ends a transport.
func (m *truthMedia) lose(id sfu.PeerID) {
	m.mu.Lock()
	l := m.peers[id]
	delete(m.peers, id)
	if l != nil {
		l.gone = true
		close(l.quit)
	}
	m.mu.Unlock()
	if l != nil {
		m.tellTruth(l)
		m.s.srv.PeerChanged(id, sfu.Gone)
	}
}

// end ends them all: the process is over.
func (m *truthMedia) end() {
	m.mu.Lock()
	var ids []sfu.PeerID
	for id := range m.peers {
		ids = append(ids, id)
	}
	m.mu.Unlock()
	for _, id := range ids {
		m.lose(id)
	}
}

func (m *truthMedia) Close(_ sfu.RouterID, peer sfu.PeerID) { m.lose(peer) }

func (m *truthMedia) Deliveries(_ sfu.RouterID, dst []sfu.Delivery) []sfu.Delivery {
	m.mu.Lock()
	defer m.mu.Unlock()
	dst = append(dst, m.proof...)
	m.proof = m.proof[:0]
	return dst
}

func (m *truthMedia) SetScene(sfu.RouterID, sfu.Scene) {}

func (m *truthMedia) SetQuality(sfu.RouterID, sfu.PeerID, sfu.Quality) {}

func (*truthMedia) Healths(_ sfu.RouterID, dst []sfu.Health) []sfu.Health { return dst }
func (*truthMedia) Quiets(_ sfu.RouterID, dst []sfu.Quiet) []sfu.Quiet    { return dst }

func (m *truthMedia) Standings(_ sfu.RouterID, dst []sfu.Standing) []sfu.Standing { return dst }

func (m *truthMedia) Voices(_ sfu.RouterID, dst []sfu.Loudness) []sfu.Loudness { return dst }
