package sfutest

import (
	"context"
	"sync"
	"testing"
	"time"

	"betang/sfu"
	"betang/sfu/answer"
	"betang/sfu/codec"
	"betang/sfu/loss"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// Viewer is a client that receives in slots.
type Viewer struct {
	ID    sfu.PeerID
	Addr  string
	PC    *webrtc.PeerConnection
	Audio []*Slot
	Video []*Slot

	t      testing.TB
	e      sfu.Media
	router sfu.RouterID
	once   sync.Once
	work   sync.WaitGroup

	mu    sync.Mutex
	slots map[*webrtc.RTPReceiver]*Slot // guarded by mu
}

// Slot is what came on one m-line.
type Slot struct {
	mu      sync.Mutex
	packets []Packet
	seen    map[uint16]int
	reports []Report

	pc   *webrtc.PeerConnection
	seq  loss.Unwrapper
	gaps *loss.Detector
}

// Packet is one that came.
type Packet struct {
	At      time.Time
	Seq     uint16
	Stamp   uint32
	Type    uint8
	Marker  bool
	RTX     bool          // by retransmission
	Hold    time.Duration // so long a picture shall be held at least; 0: nothing is said
	Info    codec.Info
	Payload []byte
}

// Report is a sender report that came.
type Report struct {
	At    time.Time
	NTP   uint64
	Stamp uint32
}

// Packets are those that came so far, in the order they came.
func (s *Slot) Packets() []Packet {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Packet(nil), s.packets...)
}

// Len is how many came.
func (s *Slot) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.packets)
}

// Reports are the sender reports.
func (s *Slot) Reports() []Report {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Report(nil), s.reports...)
}

// Twice is how many numbers came more than once.
func (s *Slot) Twice() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, c := range s.seen {
		if c > 1 {
			n++
		}
	}
	return n
}

// Subscribe starts a viewer with so many slots and returns when it is connected.
func Subscribe(t testing.TB, n *Net, e sfu.Media, router sfu.RouterID, id sfu.PeerID, audio, video int) *Viewer {
	t.Helper()
	return subscribe(t, n, e, router, id, audio, video, false)
}

// SubscribeH264 starts a viewer that knows no VP8.
func SubscribeH264(t testing.TB, n *Net, e sfu.Media, router sfu.RouterID, id sfu.PeerID, audio, video int) *Viewer {
	t.Helper()
	return subscribe(t, n, e, router, id, audio, video, true)
}

func subscribe(
	t testing.TB, n *Net, e sfu.Media, router sfu.RouterID, id sfu.PeerID, audio, video int, noVP8 bool,
) *Viewer {
	t.Helper()
	a, addr := api(t, n, noVP8, false)
	v := newViewer(t, a, e, router, id, audio, video)
	v.Addr = addr
	v.connect()
	return v
}

// SubscribeTelling starts a viewer that gives transport-wide feedback, as browsers do. ready is called with its address before it
// connects.
func SubscribeTelling(
	t testing.TB, n *Net, e sfu.Media, router sfu.RouterID, id sfu.PeerID, audio, video int, ready func(addr string),
) *Viewer {
	t.Helper()
	a, addr := api(t, n, false, true)
	v := newViewer(t, a, e, router, id, audio, video)
	v.Addr = addr
	ready(addr)
	v.connect()
	return v
}

// connect offers and waits.
func (v *Viewer) connect() {
	t := v.t
	t.Helper()
	connected := make(chan struct{})
	var once sync.Once
	v.PC.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateConnected {
			once.Do(func() { close(connected) })
		}
	})
	exchange(t, v.PC, nil, func(text string) (string, error) { return v.e.Subscribe(context.Background(), v.router, v.ID, text) })
	wait(t, connected, "viewer connects")
}

func newViewer(t testing.TB, a *webrtc.API, e sfu.Media, router sfu.RouterID, id sfu.PeerID, audio, video int) *Viewer {
	pc, err := a.NewPeerConnection(webrtc.Configuration{})
	must(t, err)
	v := &Viewer{ID: id, PC: pc, t: t, e: e, router: router, slots: map[*webrtc.RTPReceiver]*Slot{}}
	t.Cleanup(v.Close)
	for range audio {
		v.Audio = append(v.Audio, v.add(webrtc.RTPCodecTypeAudio))
	}
	for range video {
		v.AddVideo()
	}
	pc.OnTrack(func(track *webrtc.TrackRemote, r *webrtc.RTPReceiver) {
		v.mu.Lock()
		s := v.slots[r]
		v.mu.Unlock()
		hold := uint8(0)
		for _, e := range r.GetParameters().HeaderExtensions {
			if e.URI == answer.PlayoutDelayURI {
				hold = uint8(e.ID)
			}
		}
		v.work.Go(func() { s.read(track, hold) })
		v.work.Go(func() { s.readRTCP(r, uint32(track.SSRC())) })
	})
	return v
}

func (v *Viewer) add(kind webrtc.RTPCodecType) *Slot {
	tr, err := v.PC.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
	must(v.t, err)
	s := &Slot{seen: map[uint16]int{}, pc: v.PC, gaps: loss.NewDetector(loss.Config{})}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.slots[tr.Receiver()] = s
	return s
}

// AddVideo adds a slot, which the next offer has.
func (v *Viewer) AddVideo() { v.Video = append(v.Video, v.add(webrtc.RTPCodecTypeVideo)) }

func (s *Slot) read(track *webrtc.TrackRemote, hold uint8) {
	for {
		p, attr, err := track.ReadRTP()
		if err != nil {
			return
		}
		s.keep(p, attr.Get(webrtc.AttributeRtxSsrc) != nil, hold)
		s.ask(p.SequenceNumber, uint32(track.SSRC()))
	}
}

// ask sends NACKs as a browser does: for what is missing, again after a round trip, and no more once it came by RTX.
func (s *Slot) ask(seq uint16, ssrc uint32) {
	now := time.Now().UnixNano()
	s.gaps.Observe(s.seq.Unwrap(seq), now)
	if seqs, _ := s.gaps.Due(nil, now); len(seqs) > 0 {
		_ = s.pc.WriteRTCP([]rtcp.Packet{&rtcp.TransportLayerNack{
			MediaSSRC: ssrc, Nacks: rtcp.NackPairsFromSequenceNumbers(seqs),
		}})
	}
}

func (s *Slot) keep(p *rtp.Packet, rtx bool, hold uint8) {
	held := time.Duration(0)
	if said := p.GetExtension(hold); hold != 0 && len(said) == 3 { // the least and the most, 12 bits each, in 10 ms
		held = time.Duration(int(said[0])<<4|int(said[1])>>4) * 10 * time.Millisecond
	}
	info, err := codec.Inspect(codec.VP8, p.Payload, p.Marker)
	if err != nil {
		info = codec.Info{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen[p.SequenceNumber]++
	s.packets = append(s.packets, Packet{
		At: time.Now(), Seq: p.SequenceNumber, Stamp: p.Timestamp, Type: p.PayloadType, Marker: p.Marker, RTX: rtx, Hold: held,
		Info: info, Payload: p.Payload,
	})
}

func (s *Slot) readRTCP(r *webrtc.RTPReceiver, ssrc uint32) {
	for {
		packets, _, err := r.ReadRTCP()
		if err != nil {
			return
		}
		for _, p := range packets {
			if sr, ok := p.(*rtcp.SenderReport); ok && sr.SSRC == ssrc {
				s.mu.Lock()
				s.reports = append(s.reports, Report{time.Now(), sr.NTPTime, sr.RTPTime})
				s.mu.Unlock()
			}
		}
	}
}

// PLI asks for a keyframe on a video slot that has a track.
func (v *Viewer) PLI(slot int) {
	var n int
	for _, tr := range v.PC.GetTransceivers() {
		if tr.Kind() != webrtc.RTPCodecTypeVideo {
			continue
		}
		if n == slot {
			if track := tr.Receiver().Track(); track != nil {
				_ = v.PC.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: uint32(track.SSRC())}})
			}
			return
		}
		n++
	}
}

// Restart does an ICE restart by a new offer.
func (v *Viewer) Restart() string {
	v.t.Helper()
	return exchange(v.t, v.PC, &webrtc.OfferOptions{ICERestart: true}, func(text string) (string, error) {
		return v.e.Restart(context.Background(), v.router, v.ID, text)
	})
}

// RestartByFragment does an ICE restart as a WHEP client does.
func (v *Viewer) RestartByFragment() {
	v.t.Helper()
	restartByFragment(v.t, v.PC, func(frag string) (string, error) {
		return v.e.Fragment(context.Background(), v.router, v.ID, frag)
	})
}

// Close ends the client.
func (v *Viewer) Close() {
	v.once.Do(func() {
		_ = v.PC.GracefulClose()
		v.work.Wait()
	})
}
