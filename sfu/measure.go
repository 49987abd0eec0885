package sfu

import (
	"context"
	"encoding/binary"
	"slices"
	"strings"
	"sync"
	"time"

	"betang/sfu/answer"
	"betang/sfu/lite"
	"betang/sfu/udp"
)

// A measurement is a transport like a viewer's to which nothing is shown: it connects, gets a stream of packets at known
// rates that no decoder can read, and ends by itself. Who runs it counts what arrives.

const (
	// measuresAtOnce bounds the streams under way: together they send at most some 30 Mbit/s.
	measuresAtOnce = 16
	// connectsAtOnce bounds the transports under way, those that only connect included.
	connectsAtOnce = 256
	// measureJoin is how long one may take to connect, measureRest how long it stays afterwards.
	measureJoin = 15 * time.Second
	measureRest = 2 * time.Second
	measureTick = 20 * time.Millisecond
	// measureSize is a packet of a picture's, on the wire without UDP and IP.
	measureSize = 1100
)

// Step is a part of a measurement's stream.
type Step struct {
	Rate int // bits a second, of RTP
	For  time.Duration
}

// MeasureBusy tells that as many measurements as may be are under way.
const MeasureBusy = "measure_busy"

// measure is one.
type measure struct {
	e     *Engine
	t     *lite.Transport
	steps []Step
	pt    uint8
	ssrc  uint32

	up, down chan struct{}
	upOnce   sync.Once
	index    uint64
	batch    *udp.Batch
	stream   time.Duration // since the stream's begin
	owed     int           // bytes
}

// Measure answers the offer of a page that measures its path: one recvonly video, to which the steps are sent. Without
// steps it only connects.
func (e *Engine) Measure(_ context.Context, offer string, steps []Step) (string, error) {
	in, err := answer.Parse(offer)
	if err != nil {
		return "", invalid("offer", err)
	}
	slots := make([]answer.Slot, len(in.Media))
	m := &measure{e: e, steps: steps, ssrc: freshSSRC(), up: make(chan struct{}), down: make(chan struct{})}
	for i, media := range in.Media {
		if media.Kind == "video" && media.Recv && len(media.Codecs) > 0 {
			c := media.Codecs[max(slices.IndexFunc(media.Codecs, func(c answer.Codec) bool { return c.Name == "vp8" }), 0)]
			slots[i] = answer.Slot{Codecs: []answer.Codec{{Name: c.Name, PT: c.PT, Fmtp: strings.Clone(c.Fmtp), Rate: c.Rate}}, SSRC: m.ssrc, Stream: "measure"}
			m.pt = c.PT
			break
		}
	}
	if m.pt == 0 {
		return "", invalid("no video", nil)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.closed:
		return "", &Error{Code: MediaClosed}
	case e.measures.all >= connectsAtOnce, len(steps) > 0 && e.measures.streams >= measuresAtOnce:
		return "", &Error{Code: MeasureBusy}
	}
	if m.t, err = e.host.Open(in.Fingerprint, m); err != nil {
		return "", invalid("transport", err)
	}
	e.measures.count(m, 1)
	e.serving.Go(m.run)
	ufrag, pwd := m.t.Credentials()
	return withTCP(answer.Build(in, answer.Params{
		Ufrag: ufrag, Pwd: pwd, Fingerprint: e.host.Fingerprint(), Candidates: e.candidates, SessionID: 1, Version: 1,
	}, slots), e.tcpPort), nil
}

// measures counts those under way; guarded by Engine.mu.
type measures struct{ all, streams int }

func (n *measures) count(m *measure, by int) {
	n.all += by
	if len(m.steps) > 0 {
		n.streams += by
	}
}

// run is the measurement's goroutine, until it has ended.
func (m *measure) run() {
	defer func() {
		m.t.Close()
		m.e.mu.Lock()
		m.e.measures.count(m, -1)
		m.e.mu.Unlock()
	}()
	join := time.NewTimer(measureJoin)
	defer join.Stop()
	select {
	case <-m.up:
	case <-m.down:
		return
	case <-join.C:
		return
	case <-m.e.stop:
		return
	}
	if len(m.steps) > 0 {
		m.batch = m.e.socks[0].NewBatch()
	}
	tick := time.NewTicker(measureTick)
	defer tick.Stop()
	began := time.Now()
	for {
		select {
		case <-m.down:
			return
		case <-m.e.stop:
			return
		case now := <-tick.C:
			if over := m.send(now.Sub(began)); over {
				return
			}
		}
	}
}

// send sends what is due by the time since the beginning; true when all is over.
func (m *measure) send(at time.Duration) (over bool) {
	step, end := Step{}, time.Duration(0)
	for _, s := range m.steps {
		if end += s.For; at < end {
			step = s
			break
		}
	}
	since := at - m.stream
	m.stream = at
	if step.Rate == 0 {
		return at >= end+measureRest
	}
	m.owed += step.Rate / 8 * int(min(since, 5*measureTick)/time.Microsecond) / 1e6
	// At the rate of a voice packets are as small as a voice's, one each 20 ms.
	size := min(max(step.Rate/8/int(time.Second/measureTick), 100), measureSize)
	for m.owed >= size {
		m.owed -= size
		if m.packet(size) != nil {
			return true
		}
	}
	return m.batch.Flush() != nil && m.closed()
}

func (m *measure) closed() bool { return m.t.State() == lite.Ended }

// packet seals one into the batch: a continuation of a frame whose start never comes, so that no decoder looks at it.
func (m *measure) packet(size int) error {
	room, err := m.batch.Room()
	if err != nil && m.closed() {
		return err
	}
	clear(room[:size])
	room[0], room[1] = 2<<6, m.pt
	binary.BigEndian.PutUint16(room[2:], uint16(m.index))
	binary.BigEndian.PutUint32(room[4:], uint32(m.stream*90/time.Millisecond))
	binary.BigEndian.PutUint32(room[8:], m.ssrc)
	err = m.t.SealRTP(m.batch, room, size, m.index)
	m.index++
	return err
}

// Connected, Quiet, Back, RTCP and Gone implement lite.Handler.
func (m *measure) Connected() { m.upOnce.Do(func() { close(m.up) }) }

// Quiet and Back change nothing: the measurement ends soon.
func (m *measure) Quiet() {}

// Back is Quiet's counterpart.
func (m *measure) Back() {}

// RTCP is not needed: the page counts.
func (m *measure) RTCP([]byte) {}

// Gone is called once.
func (m *measure) Gone() { close(m.down) }
