package sfu

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// publisher is a peer that sends: at most one audio and one video track.
type publisher struct {
	*peer
	kick    chan struct{}  // one token: a layer wants a keyframe
	quit    chan struct{}  // closed by stop
	readers sync.WaitGroup // layer readers; they end when the connection is closed
	clock   clock
	held    held                       // guarded by Router.mu
	remote  *Remote                    // a source of another node; nil: it is connected to us. Immutable
	refSSRC uint32                     // under which we ask it for the round trip
	rtt     atomic.Int64               // ns; 0: not known
	names   atomic.Pointer[layerNames] // nil: nothing tells layers apart by name

	mu      sync.Mutex
	ended   bool
	running bool
	ups     [2]*Up            // audio, video; made by prepare, then immutable
	layers  map[string]*inbox // by name: where a layer's packets come in
	reports []io.Closer       // what its RTCP waits in, for each SSRC; see finish
}

func newPublisher(p *peer) *publisher {
	return &publisher{peer: p, kick: make(chan struct{}, 1), quit: make(chan struct{}), refSSRC: freshSSRC()}
}

// prepare reads the answer: which tracks will come, and under which payload types.
func (p *publisher) prepare(answer string) {
	var d sdp.SessionDescription
	if err := d.UnmarshalString(answer); err != nil {
		return // pion wrote it; SetLocalDescription will say so
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for n, s := range readSections(&d) {
		i := 0
		if s.media == "video" {
			i = 1
		}
		if !s.takes || !s.open || s.media != "audio" && s.media != "video" {
			continue
		}
		if p.ups[i] == nil {
			p.ups[i] = &Up{pub: p, mid: s.mid, video: i == 1}
		}
		p.ups[i].setFormats(s.formats)
		p.ups[i].levelID.Store(uint32(extensionID(d.MediaDescriptions[n], sdp.AudioLevelURI)))
		if i == 1 {
			p.nameLayers(d.MediaDescriptions[n], s.formats)
		}
	}
	if !p.running && !p.ended {
		p.running = true
		p.e.work.Go(p.run)
	}
}

// nameLayers keeps how the video's layers and what repairs them are told apart, where they are.
func (p *publisher) nameLayers(m *sdp.MediaDescription, formats []format) {
	n := &layerNames{rid: extensionID(m, sdp.SDESRTPStreamIDURI), repaired: extensionID(m, sdp.SDESRepairRTPStreamIDURI)}
	if n.rid == 0 {
		p.names.Store(nil)
		return
	}
	for _, f := range formats {
		n.media[f.pt] = true
		n.rtx[f.rtx] = f.rtx != 0
	}
	p.names.Store(n)
}

func (p *publisher) audio() *Up { return p.up(0) }
func (p *publisher) video() *Up { return p.up(1) }

func (p *publisher) up(i int) *Up {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ups[i]
}

// addTrack is pion's word that a layer's first packet came; with simulcast once for each rid.
func (p *publisher) addTrack(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
	up := p.audio()
	if track.Kind() == webrtc.RTPCodecTypeVideo {
		up = p.video()
	}
	mid := ""
	if t := receiver.RTPTransceiver(); t != nil {
		mid = t.Mid()
	}
	if up == nil || mid != "" && mid != up.mid {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return
	}
	r := newReader(up, uint32(track.SSRC()))
	r.track = track
	if !p.readsLocked(r) {
		return
	}
	p.readers.Go(r.run)
	p.readers.Go(func() { p.readReports(r, receiver) })
}

// readReports reads a layer's RTCP: sender reports say which RTP timestamp belongs to which time of the publisher. Reading
// also feeds the interceptor that writes our receiver reports.
func (p *publisher) readReports(r *reader, receiver *webrtc.RTPReceiver) {
	buf := make([]byte, 1600)
	for {
		var n int
		var err error
		if rid := r.track.RID(); rid != "" {
			n, _, err = receiver.ReadSimulcast(buf, rid)
		} else {
			n, _, err = receiver.Read(buf)
		}
		if err != nil {
			if errors.Is(err, io.ErrShortBuffer) {
				continue
			}
			return
		}
		packets, err := rtcp.Unmarshal(buf[:n])
		if err != nil {
			continue
		}
		for _, packet := range packets {
			if sr, ok := packet.(*rtcp.SenderReport); ok && sr.SSRC == r.ssrc {
				r.senderReport(sr.NTPTime, sr.RTPTime)
			}
		}
	}
}

// run asks for keyframes, at most one a second and layer, and how far the publisher is, until stop.
func (p *publisher) run() {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	asked := p.e.now()
	for {
		now := p.e.now()
		if now-asked >= int64(rttEvery) {
			asked = now
			p.askRTT()
		}
		wait := rttEvery
		for _, up := range []*Up{p.audio(), p.video()} {
			if up == nil {
				continue
			}
			for _, l := range up.all() {
				if l.keyCame.Swap(false) {
					l.gate.Keyframe()
				}
				ask := false
				if l.keyWanted.Swap(false) {
					ask = l.gate.Ask(now)
				} else {
					ask = l.gate.Due(now)
				}
				if ask {
					p.askKey(l.ssrc)
				}
				if at, ok := l.gate.Next(); ok {
					wait = min(wait, max(time.Duration(at-now), time.Millisecond))
				}
			}
		}
		timer.Reset(wait)
		select {
		case <-p.kick:
		case <-timer.C:
		case <-p.quit:
			return
		}
	}
}

// poke wakes run.
func (p *publisher) poke() {
	select {
	case p.kick <- struct{}{}:
	default:
	}
}

// nack asks the publisher for packets again (RFC 4585 section 6.2.1).
func (p *publisher) nack(ssrc uint32, seqs []uint16) {
	p.e.count.nacksOut.Add(uint64(len(seqs)))
	if p.remote != nil {
		p.remote.origin.Nack(ssrc, seqs)
		return
	}
	p.writeRTCP(&rtcp.TransportLayerNack{MediaSSRC: ssrc, Nacks: rtcp.NackPairsFromSequenceNumbers(seqs)})
}

// askKey asks it for a keyframe.
func (p *publisher) askKey(ssrc uint32) {
	p.e.count.pliOut.Add(1)
	if p.remote != nil {
		p.remote.origin.Key(ssrc)
		return
	}
	p.writeRTCP(&rtcp.PictureLossIndication{MediaSSRC: ssrc})
}

// stop ends run and keeps new layers out. The readers end with the connection.
func (p *publisher) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ended {
		p.ended = true
		close(p.quit)
	}
}

// finish waits for the readers, after the connection has ended. pion ends those of the streams that it has for a layer last. Of a layer
// that came under another SSRC meanwhile it has forgotten the first: who reads its packets has left then, see comesUnder, and who reads
// its RTCP leaves here.
func (p *publisher) finish() {
	p.mu.Lock()
	for _, c := range p.reports {
		_ = c.Close()
	}
	p.reports = nil
	p.mu.Unlock()
	p.readers.Wait()
}

// clock estimates how a publisher's clock stands to ours: the least difference seen between a sender report's time and
// its arrival, because delay only adds. All tracks of a publisher share it, so audio and video stay together to
// the millisecond, and two publishers by their network delays.
type clock struct {
	mu     sync.Mutex
	offset int64 // ours minus theirs, ns
	known  bool
}

// observe takes a report. A step of more than a second is a clock that was set.
func (c *clock) observe(theirs, ours int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := ours - theirs
	switch {
	case !c.known, d < c.offset, d-c.offset > int64(time.Second):
		c.offset, c.known = d, true
	default:
		// Let the minimum rise slowly (1 ms a report), or it could never follow a drifting clock.
		c.offset += min(d-c.offset, int64(time.Millisecond))
	}
}

// ours translates a time of the publisher's.
func (c *clock) ours(theirs int64) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return theirs + c.offset
}

// ntpEpoch is 1900 to 1970 in seconds.
const ntpEpoch = 2208988800

// fromNTP turns a 64-bit NTP time (RFC 5905) into Unix ns.
func fromNTP(t uint64) int64 {
	return (int64(t>>32)-ntpEpoch)*int64(time.Second) + int64((t&0xffffffff)*uint64(time.Second)>>32)
}

// toNTP is its reverse.
func toNTP(ns int64) uint64 {
	s := uint64(ns/int64(time.Second) + ntpEpoch)
	return s<<32 | uint64(ns%int64(time.Second))<<32/uint64(time.Second)
}
