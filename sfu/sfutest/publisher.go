package sfutest

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"betang/sfu"
	"betang/sfu/answer"
	"betang/sfu/codec"

	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/nack"
	"github.com/pion/interceptor/pkg/report"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// Publisher is a client that sends: Opus every 20 ms, and VP8 at 30 frames a second for each layer.
type Publisher struct {
	ID   sfu.PeerID
	Addr string // its address in the virtual network
	PC   *webrtc.PeerConnection
	PLIs atomic.Int64 // keyframe requests received

	t      testing.TB
	e      sfu.Media
	router sfu.RouterID
	audio  *webrtc.TrackLocalStaticRTP
	layers []*sendLayer
	ssrcs  *ssrcs
	quit   chan struct{}
	work   sync.WaitGroup
	once   sync.Once
}

type sendLayer struct {
	rid    string
	track  *webrtc.TrackLocalStaticRTP
	key    atomic.Bool // a keyframe is wanted
	paused atomic.Bool
	every  int // frames; see Options
	codec  VP8
	seq    uint16
	stamp  uint32
	marks  []mark // header extensions of every packet
}

// mark is one header extension.
type mark struct {
	id    uint8
	value string
}

// Options of a publisher.
type Options struct {
	NoAudio bool
	NoVideo bool
	Rids    []string // simulcast layers, smallest first; none: one layer
	Parts   int      // packets of a delta frame
	Stamp   uint32   // first RTP timestamp
	Picture uint16   // first picture id
	NoSSRC  bool     // announce no SSRC, as some encoders do
	NoNames bool     // what is sent again cannot name its layer (RFC 8852)
	Rates   []int    // bits a second of each layer; instead of Parts
	Every   []int    // a layer has every n-th of the 30 frames a second; none: all
	Page    int      // bytes of a keyframe, of 720 lines in each layer, as a shared screen has; 0: see VP8
	Voice   int      // bytes of a voice packet; 0: 7
	RED     bool     // each packet of the voice has the one before it with it (RFC 2198)
}

// api makes a client's side: like a browser, it answers NACKs and reports. Viewers ask for packets themselves (Slot).
func api(t testing.TB, n *Net, noVP8, tells bool, more ...interceptor.Factory) (*webrtc.API, string) {
	t.Helper()
	host, addr := n.client()
	var s webrtc.SettingEngine
	s.SetNet(host)
	s.LoggerFactory = quiet{}
	m := &webrtc.MediaEngine{}
	if noVP8 {
		must(t, m.RegisterCodec(webrtc.RTPCodecParameters{RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2,
		}, PayloadType: 111}, webrtc.RTPCodecTypeAudio))
		must(t, m.RegisterCodec(webrtc.RTPCodecParameters{RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeH264, ClockRate: 90000, SDPFmtpLine: "packetization-mode=1;profile-level-id=42e01f",
		}, PayloadType: 96}, webrtc.RTPCodecTypeVideo))
	} else {
		must(t, m.RegisterDefaultCodecs())
		must(t, m.RegisterCodec(webrtc.RTPCodecParameters{RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: "audio/red", ClockRate: 48000, Channels: 2, SDPFmtpLine: "111/111",
		}, PayloadType: 63}, webrtc.RTPCodecTypeAudio))
	}
	for _, uri := range []string{sdp.SDESMidURI, sdp.SDESRTPStreamIDURI, sdp.SDESRepairRTPStreamIDURI} {
		must(t, m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: uri}, webrtc.RTPCodecTypeVideo))
	}
	must(t, m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: sdp.SDESMidURI}, webrtc.RTPCodecTypeAudio))
	r := &interceptor.Registry{}
	if tells { // of its path, by transport-wide feedback
		must(t, webrtc.ConfigureTWCCSender(m, r))
		must(t, m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: answer.PlayoutDelayURI}, webrtc.RTPCodecTypeVideo))
	} else {
		must(t, webrtc.ConfigureTWCCHeaderExtensionSender(m, r))
	}
	responder, err := nack.NewResponderInterceptor()
	must(t, err)
	sender, err := report.NewSenderInterceptor()
	must(t, err)
	receiver, err := report.NewReceiverInterceptor()
	must(t, err)
	for _, f := range append(more, responder, sender, receiver) {
		r.Add(f)
	}
	return webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithInterceptorRegistry(r), webrtc.WithSettingEngine(s)), addr
}

// Publish starts a publisher and returns when it is connected. It ends with Close or the test.
func Publish(t testing.TB, n *Net, e sfu.Media, router sfu.RouterID, id sfu.PeerID, o Options) *Publisher {
	t.Helper()
	other := &ssrcs{}
	a, addr := api(t, n, false, false, other)
	pc, err := a.NewPeerConnection(webrtc.Configuration{})
	must(t, err)
	p := &Publisher{ID: id, Addr: addr, PC: pc, t: t, e: e, router: router, ssrcs: other, quit: make(chan struct{})}
	t.Cleanup(p.Close)
	if !o.NoAudio {
		c := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus}
		if o.RED {
			c = webrtc.RTPCodecCapability{MimeType: "audio/red", ClockRate: 48000, Channels: 2, SDPFmtpLine: "111/111"}
		}
		p.audio, err = webrtc.NewTrackLocalStaticRTP(c, "a", string(id))
		must(t, err)
		_, err = pc.AddTransceiverFromTrack(p.audio, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
		must(t, err)
	}
	if !o.NoVideo {
		p.addVideo(o)
	}
	connected := p.connected()
	p.offer(func(text string) (string, error) {
		if o.NoSSRC {
			text = without(text, "a=ssrc")
		}
		if o.NoNames {
			text = without(text, sdp.SDESRepairRTPStreamIDURI)
		}
		return e.Publish(context.Background(), router, id, text)
	})
	wait(t, connected, "publisher connects")
	p.mark()
	p.start(o)
	return p
}

func (p *Publisher) addVideo(o Options) {
	rids := o.Rids
	if len(rids) == 0 {
		rids = []string{""}
	}
	var sender *webrtc.RTPSender
	for i, rid := range rids {
		var opts []func(*webrtc.TrackLocalStaticRTP)
		if rid != "" {
			opts = append(opts, webrtc.WithRTPStreamID(rid))
		}
		track, err := webrtc.NewTrackLocalStaticRTP(
			webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8}, "v", string(p.ID), opts...)
		must(p.t, err)
		l := &sendLayer{rid: rid, every: 1, track: track, stamp: o.Stamp + uint32(i)*1_000_000, seq: o.Picture + 65000}
		size := uint16(180 << i)
		if o.Page > 0 {
			size = 720
		}
		if len(o.Every) > i {
			l.every = o.Every[i]
		}
		l.codec = VP8{Width: size * 16 / 9, Height: size, Parts: max(o.Parts, 1), picture: o.Picture}
		if len(o.Rates) > i {
			frame := o.Rates[i] * l.every / 8 / 30
			l.codec.Parts = frame/1100 + 1
			l.codec.Size = frame / l.codec.Parts
			l.codec.Keys = o.Page / l.codec.Size
		}
		l.key.Store(true)
		p.layers = append(p.layers, l)
		if i == 0 {
			tr, err := p.PC.AddTransceiverFromTrack(track,
				webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
			must(p.t, err)
			sender = tr.Sender()
			continue
		}
		must(p.t, sender.AddEncoding(track))
	}
	for _, l := range p.layers {
		p.work.Go(func() { p.readRTCP(sender, l) })
	}
}

// mark finds the header extensions that tell simulcast layers apart (RFC 8852), as negotiated.
func (p *Publisher) mark() {
	for _, tr := range p.PC.GetTransceivers() {
		if tr.Kind() != webrtc.RTPCodecTypeVideo {
			continue
		}
		for _, ext := range tr.Sender().GetParameters().HeaderExtensions {
			for _, l := range p.layers {
				switch {
				case l.rid == "":
				case ext.URI == sdp.SDESMidURI:
					l.marks = append(l.marks, mark{uint8(ext.ID), tr.Mid()})
				case ext.URI == sdp.SDESRTPStreamIDURI:
					l.marks = append(l.marks, mark{uint8(ext.ID), l.rid})
				}
			}
		}
	}
}

// readRTCP answers keyframe requests with the layer's next frame.
func (p *Publisher) readRTCP(sender *webrtc.RTPSender, l *sendLayer) {
	for {
		var packets []rtcp.Packet
		var err error
		if l.rid != "" {
			packets, _, err = sender.ReadSimulcastRTCP(l.rid)
		} else {
			packets, _, err = sender.ReadRTCP()
		}
		if err != nil {
			return
		}
		for _, k := range packets {
			if _, ok := k.(*rtcp.PictureLossIndication); ok {
				p.PLIs.Add(1)
				l.key.Store(true)
			}
		}
	}
}

func (p *Publisher) connected() <-chan struct{} {
	ch := make(chan struct{})
	var once sync.Once
	p.PC.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateConnected {
			once.Do(func() { close(ch) })
		}
	})
	return ch
}

func (p *Publisher) offer(send func(string) (string, error)) {
	p.t.Helper()
	exchange(p.t, p.PC, nil, send)
}

// exchange makes an offer, without waiting for candidates, and takes the answer.
func exchange(t testing.TB, pc *webrtc.PeerConnection, o *webrtc.OfferOptions, send func(string) (string, error)) string {
	t.Helper()
	offer, err := pc.CreateOffer(o)
	must(t, err)
	must(t, pc.SetLocalDescription(offer))
	answer, err := send(offer.SDP)
	must(t, err)
	must(t, pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}))
	return answer
}

// Restart does an ICE restart by a new offer.
func (p *Publisher) Restart() string {
	p.t.Helper()
	return exchange(p.t, p.PC, &webrtc.OfferOptions{ICERestart: true}, func(text string) (string, error) {
		return p.e.Restart(context.Background(), p.router, p.ID, text)
	})
}

// RestartByFragment does an ICE restart as a WHIP client does: it sends its new credentials alone (RFC 9725 section 4.4.2).
func (p *Publisher) RestartByFragment() {
	p.t.Helper()
	restartByFragment(p.t, p.PC, func(frag string) (string, error) {
		return p.e.Fragment(context.Background(), p.router, p.ID, frag)
	})
}

func restartByFragment(t testing.TB, pc *webrtc.PeerConnection, send func(string) (string, error)) {
	t.Helper()
	answer := pc.RemoteDescription().SDP
	exchange(t, pc, &webrtc.OfferOptions{ICERestart: true}, func(offer string) (string, error) {
		frag, err := send("a=ice-ufrag:" + attribute(offer, "ice-ufrag") + "\r\na=ice-pwd:" + attribute(offer, "ice-pwd") +
			"\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=end-of-candidates\r\n")
		if err != nil {
			return "", err
		}
		for _, key := range []string{"ice-ufrag", "ice-pwd"} {
			if attribute(frag, key) == attribute(answer, key) {
				t.Errorf("the server kept its %s", key)
			}
			answer = strings.ReplaceAll(answer, "a="+key+":"+attribute(answer, key), "a="+key+":"+attribute(frag, key))
		}
		if !strings.Contains(frag, "a=candidate:") {
			t.Errorf("no candidate in %q", frag)
		}
		return answer, nil
	})
}

// without takes out the lines with this in them.
func without(text, part string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !strings.Contains(line, part) {
			b.WriteString(line)
		}
	}
	return b.String()
}

// attribute finds the first a=key:value line.
func attribute(text, key string) string {
	_, rest, _ := strings.Cut(text, "a="+key+":")
	value, _, _ := strings.Cut(rest, "\r\n")
	return value
}

func (p *Publisher) start(o Options) {
	if p.audio != nil {
		p.work.Go(func() {
			seq, stamp := uint16(1000), o.Stamp+77
			p.every(20*time.Millisecond, func(i int) {
				payload := voice(i, o.Voice)
				if o.RED {
					payload = codec.AppendRED(nil, 111, stamp, payload, codec.Redundant{Timestamp: stamp - 960, Payload: voice(i-1, o.Voice)})
				}
				_ = p.audio.WriteRTP(&rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: seq, Timestamp: stamp}, Payload: payload})
				seq++
				stamp += 960
			})
		})
	}
	for _, l := range p.layers {
		p.work.Go(func() {
			p.every(time.Second/30, func(i int) {
				if i%l.every == 0 && !l.paused.Load() {
					l.send()
				}
				l.stamp += 3000
			})
		})
	}
}

func voice(i, size int) []byte {
	p := Opus(i)
	return append(p, make([]byte, max(size-len(p), 0))...)
}

func (l *sendLayer) send() {
	parts := l.codec.Frame(l.key.Swap(false))
	for i, payload := range parts {
		h := rtp.Header{Version: 2, SequenceNumber: l.seq, Timestamp: l.stamp, Marker: i == len(parts)-1}
		for _, m := range l.marks {
			_ = h.SetExtension(m.id, []byte(m.value))
		}
		_ = l.track.WriteRTP(&rtp.Packet{Header: h, Payload: payload})
		l.seq++
	}
}

func (p *Publisher) every(d time.Duration, do func(i int)) {
	t := time.NewTicker(d)
	defer t.Stop()
	for i := 0; ; i++ {
		select {
		case <-t.C:
			do(i)
		case <-p.quit:
			return
		}
	}
}

// Pause stops or goes on with one layer, counted from the smallest.
func (p *Publisher) Pause(i int, paused bool) { p.layers[i].paused.Store(paused) }

// Renumber sends the layers under other SSRCs from now on, as RFC 3550 section 8.2 wants it of who meets his own. What is asked under
// those it does not hear.
func (p *Publisher) Renumber() { p.ssrcs.more.Add(1) }

// Keyframe has each layer's next frame be one.
func (p *Publisher) Keyframe() {
	for _, l := range p.layers {
		l.key.Store(true)
	}
}

// ssrcs adds to the SSRC of all video that is sent.
type ssrcs struct {
	interceptor.NoOp
	more atomic.Uint32
}

// NewInterceptor implements interceptor.Factory.
func (s *ssrcs) NewInterceptor(string) (interceptor.Interceptor, error) { return s, nil }

// BindLocalStream implements interceptor.Interceptor.
func (s *ssrcs) BindLocalStream(info *interceptor.StreamInfo, w interceptor.RTPWriter) interceptor.RTPWriter {
	if !strings.HasPrefix(info.MimeType, "video/") {
		return w
	}
	return interceptor.RTPWriterFunc(func(h *rtp.Header, payload []byte, a interceptor.Attributes) (int, error) {
		other := *h
		other.SSRC += s.more.Load()
		return w.Write(&other, payload, a)
	})
}

// Close ends the client; the server learns of it by DTLS.
func (p *Publisher) Close() {
	p.once.Do(func() {
		close(p.quit)
		_ = p.PC.GracefulClose()
		p.work.Wait()
	})
}

func wait(t testing.TB, ch <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-ch:
	case <-time.After(20 * time.Second):
		t.Fatal("timeout: " + what)
	}
}
