package lite

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/stun/v4"
	"github.com/pion/webrtc/v4"
	"go.uber.org/goleak"

	"betang/sfu/answer"
	"betang/sfu/udp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func certificate(t testing.TB) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func host(t testing.TB) *Host {
	t.Helper()
	conn, err := udp.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h, err := NewHost(Config{Conns: []*udp.Conn{conn}, Cert: certificate(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(); h.Close() })
	return h
}

// ears is a Handler that remembers.
type ears struct {
	connected, gone chan struct{}
	reports         chan []rtcp.Packet
}

func newEars() *ears {
	return &ears{connected: make(chan struct{}), gone: make(chan struct{}), reports: make(chan []rtcp.Packet, 64)}
}
func (e *ears) Connected() { close(e.connected) }
func (e *ears) Quiet()     {}
func (e *ears) Back()      {}
func (e *ears) Gone()      { close(e.gone) }
func (e *ears) RTCP(p []byte) {
	packets, err := rtcp.Unmarshal(p)
	if err == nil {
		select {
		case e.reports <- packets:
		default:
		}
	}
}

// viewer is a pion client that receives one audio and one video.
type viewer struct {
	pc     *webrtc.PeerConnection
	tracks chan *webrtc.TrackRemote
	t      *Transport
	ears   *ears
	offer  answer.Offer
	slots  []answer.Slot
}

// join makes a viewer and lets it negotiate; forge changes the offer's fingerprint on the way.
func join(t testing.TB, h *Host, forge ...byte) *viewer {
	t.Helper()
	settings := webrtc.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	pc, err := webrtc.NewAPI(webrtc.WithSettingEngine(settings)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	v := &viewer{pc: pc, tracks: make(chan *webrtc.TrackRemote, 4), ears: newEars()}
	t.Cleanup(func() { pc.GracefulClose() })
	pc.OnTrack(func(tr *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { v.tracks <- tr })
	for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo} {
		if _, err := pc.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
			t.Fatal(err)
		}
	}
	v.negotiate(t, h, forge)
	return v
}

func (v *viewer) negotiate(t testing.TB, h *Host, forge []byte) {
	t.Helper()
	offer, err := v.pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.pc.SetLocalDescription(offer); err != nil {
		t.Fatal(err)
	}
	if v.offer, err = answer.Parse(offer.SDP); err != nil {
		t.Fatal(err)
	}
	copy(v.offer.Fingerprint, forge)
	if v.t, err = h.Open(v.offer.Fingerprint, v.ears); err != nil {
		t.Fatal(err)
	}
	for i, m := range v.offer.Media {
		v.slots = append(v.slots, answer.Slot{Codecs: m.Codecs, SSRC: uint32(1000 + i), RTX: uint32(2000 + i), Stream: "stage", Exts: nil})
	}
	ufrag, pwd := v.t.Credentials()
	text := answer.Build(v.offer, answer.Params{
		Ufrag: ufrag, Pwd: pwd, Fingerprint: h.Fingerprint(), SessionID: 1, Version: 1,
		Candidates: []netip.AddrPort{h.conns[0].LocalAddrPort()},
	}, v.slots)
	if err := v.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: text}); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
}

func wait[T any](t testing.TB, what string, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(20 * time.Second):
		t.Fatalf("no %s", what)
		panic("unreachable")
	}
}

func TestPionViewerReceives(t *testing.T) {
	h := host(t)
	v := join(t, h)
	wait(t, "connection", v.ears.connected)
	video := v.offer.Media[1].Codecs[0]
	b := h.conns[0].NewBatch()
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() { // the shard
		defer close(stopped)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for seq := uint64(65_500); ; seq++ {
			header := rtp.Header{Version: 2, PayloadType: video.PT, SequenceNumber: uint16(seq), Timestamp: uint32(seq) * 3000, SSRC: 1001, Marker: true}
			room, _ := b.Room()
			n, err := header.MarshalTo(room)
			if err != nil {
				return
			}
			n += copy(room[n:], []byte{0x10, byte(seq), 2, 3})
			if v.t.SealRTP(b, room, n, seq) != nil || b.Flush() != nil {
				return
			}
			select {
			case <-stop:
				return
			case <-tick.C:
			}
		}
	}()
	track := wait(t, "track", v.tracks)
	last := uint16(0)
	for i := range 100 { // over the wrap of the sequence number
		p, _, err := track.ReadRTP()
		if err != nil {
			t.Fatal(err)
		}
		if p.SSRC != 1001 || p.Payload[1] != byte(p.SequenceNumber) {
			t.Fatalf("packet %v", p)
		}
		if i > 0 && p.SequenceNumber != last+1 {
			t.Errorf("sequence %d after %d", p.SequenceNumber, last)
		}
		last = p.SequenceNumber
	}
	if err := v.pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: 1001}}); err != nil {
		t.Fatal(err)
	}
	for {
		if _, ok := wait(t, "RTCP", v.ears.reports)[0].(*rtcp.PictureLossIndication); ok {
			break
		}
	}
	close(stop)
	<-stopped
	if err := v.pc.GracefulClose(); err != nil {
		t.Fatal(err)
	}
	wait(t, "end after the viewer closed", v.ears.gone)
	if h.Len() != 0 || len(h.addrs) != 0 {
		t.Errorf("%d transports and %d addresses left", h.Len(), len(h.addrs))
	}
}

func TestWrongCertificateIsRefused(t *testing.T) {
	h := host(t)
	v := join(t, h, 1, 2, 3, 4)
	select {
	case <-v.ears.connected:
		t.Fatal("connected with a certificate the offer does not name")
	case <-v.ears.gone:
	case <-time.After(20 * time.Second):
		t.Fatal("neither refused nor connected")
	}
}

func TestManyJoinAtOnce(t *testing.T) {
	h := host(t)
	viewers := make([]*viewer, 20)
	for i := range viewers {
		viewers[i] = join(t, h)
	}
	for _, v := range viewers {
		wait(t, "connection", v.ears.connected)
	}
	if h.Len() != len(viewers) {
		t.Errorf("%d transports", h.Len())
	}
}

func TestSealAllocatesNothing(t *testing.T) {
	conn, err := udp.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	keyed, err := Keyed(netip.MustParseAddrPort("127.0.0.1:9")) // a handshake would allocate beside
	if err != nil {
		t.Fatal(err)
	}
	b := conn.NewBatch()
	header := rtp.Header{Version: 2, PayloadType: 96, SSRC: 7}
	payload := make([]byte, 1160)
	if n := testing.AllocsPerRun(200, func() {
		room, _ := b.Room()
		header.SequenceNumber++
		n, _ := header.MarshalTo(room)
		n += copy(room[n:], payload)
		if err := keyed.SealRTP(b, room, n, uint64(header.SequenceNumber)); err != nil {
			t.Fatal(err)
		}
		if err := b.Flush(); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations a packet", n)
	}
}

func FuzzHandle(f *testing.F) {
	f.Add([]byte{0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
	f.Add([]byte{22, 254, 253, 0, 0})
	f.Add([]byte{128, 200, 0, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		h := host(t)
		tr, err := h.Open(make([]byte, 32), newEars())
		if err != nil {
			t.Fatal(err)
		}
		from := netip.MustParseAddrPort("127.0.0.1:9")
		h.learn(tr, "", from, true, time.Now())
		r := receiver{host: h, conn: h.conns[0], request: stun.New(), reply: stun.New()}
		r.handle(data, from, time.Now())
	})
}

// TestReboundNAT: media follows a viewer whose NAT gave it another address without its knowledge, and stays where it
// is while the address it goes to still speaks.
func TestReboundNAT(t *testing.T) {
	h := host(t)
	tr, err := h.Open(make([]byte, 32), newEars())
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	ufrag, _ := tr.Credentials()
	home, away := netip.MustParseAddrPort("192.0.2.1:1000"), netip.MustParseAddrPort("192.0.2.1:2000")
	began := time.Now()
	for _, step := range []struct {
		name  string
		after time.Duration
		from  netip.AddrPort
		nom   bool
		want  netip.AddrPort
	}{
		{"the first check", 0, home, false, home},
		{"nominated", 50 * time.Millisecond, home, true, home},
		{"another pair checks too", time.Second, away, false, home},
		{"the chosen one goes on", 2 * time.Second, home, false, home},
		{"the other one again", 4 * time.Second, away, false, home},
		{"the chosen one was silent for long", 5 * time.Second, away, false, away},
		{"nominated back", 6 * time.Second, home, true, home},
	} {
		h.learn(tr, ufrag, step.from, step.nom, began.Add(step.after))
		if got := tr.address(); got != step.want {
			t.Errorf("%s: media goes to %v, want %v", step.name, got, step.want)
		}
	}
}
