package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"betang/sfu/codec"

	"github.com/pion/dtls/v3"
	"github.com/pion/ice/v4"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/srtp/v3"
	"github.com/pion/stun/v4"
	"github.com/pion/transport/v5/deadline"
)

// The payload types of a light viewer's offer.
const (
	lightOpus = 111
	lightVP8  = 96
	lightRTX  = 97
)

// How often a light viewer speaks, as Chromium does: an ICE check every 2.5 s, a receiver report every second.
const (
	checkEvery  = 2500 * time.Millisecond
	reportEvery = time.Second
)

// earlyMost bounds the packets kept until a viewer has its keys: a start from the server's cache has some hundred.
const earlyMost = 600

// Of this many packets one is decrypted, for its stamp, once the first picture is there.
const (
	videoSample = 32
	audioSample = 16
)

// light is a viewer without a PeerConnection, so that a thousand of them cost less than the server: it does ICE and DTLS,
// then counts RTP headers, decrypts a sample, and reports. Its socket is read by the crowd.
type light struct {
	crowd  *crowd
	door   door
	mark   mark
	now    func() int64
	zero   int64 // of now, in Unix ns
	window *window
	lightWish

	sock       int    // the crowd's
	at         int    // place in the crowd's round
	ufrag, pwd string // ours
	user, key  string // the server's pwd is the key; user is theirs:ours
	tie        uint64

	checked  chan struct{} // closed at the first answer to an ICE check
	isOK     sync.Once
	records  chan []byte // DTLS, while the handshake lives
	handling atomic.Bool
	ready    atomic.Bool // in and out are set

	began       time.Time
	joinTime    time.Duration
	firstNS     atomic.Int64
	lastCheck   time.Time // of the crowd's clock
	lastReport  time.Time
	outMu       sync.Mutex
	out         *srtp.Context // guarded by outMu once ready
	fakeHighest uint32

	early [][]byte // media that came before ready; the reader's

	// Owned by the crowd's reader once ready.
	in           *srtp.Context
	video, audio lightStream
	frame        firstFrame
	header       rtp.Header
	plain        []byte
	tells        teller
	repair       repairer

	reportMu sync.Mutex // guards what reports read
}

type lightStream struct {
	stream
	ssrc    uint32
	all     sequence
	highest atomic.Uint64
	n       int
	start   int64
}

func newLight(cr *crowd, d door, m mark, now func() int64, w *window, wish lightWish) *light {
	l := &light{
		crowd: cr, door: d, mark: m, now: now, zero: time.Now().UnixNano() - now(), window: w, lightWish: wish,
		checked: make(chan struct{}), records: make(chan []byte, 32), tie: randomUint64(), ufrag: randomText(8), pwd: randomText(24),
		sock: -1,
	}
	l.video.kind, l.audio.kind = codec.VP8, codec.Opus
	l.tells.begin(l)
	l.repair.begin(l)
	return l
}

// offer is what it asks for.
func (l *light) offer(slots int) string {
	var b strings.Builder
	b.WriteString("v=0\r\no=- 4711 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE")
	for i := range 2 * slots {
		fmt.Fprintf(&b, " %d", i)
	}
	b.WriteString("\r\n")
	for i := range 2 * slots {
		kind, pts := "audio", fmt.Sprint(lightOpus)
		if i >= slots {
			kind, pts = "video", fmt.Sprint(lightVP8, " ", lightRTX)
		}
		fmt.Fprintf(&b, "m=%s 9 UDP/TLS/RTP/SAVPF %s\r\nc=IN IP4 0.0.0.0\r\na=mid:%d\r\na=recvonly\r\na=rtcp-mux\r\na=rtcp-rsize\r\n", kind, pts, i)
		fmt.Fprintf(&b, "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\na=setup:active\r\na=fingerprint:sha-256 %s\r\n", l.ufrag, l.pwd, l.crowd.fingerprint)
		if l.twcc {
			fmt.Fprintf(&b, "a=extmap:%d %s\r\n", twccID, sdp.TransportCCURI)
			for _, pt := range strings.Fields(pts)[:1] {
				fmt.Fprintf(&b, "a=rtcp-fb:%s transport-cc\r\n", pt)
			}
		}
		if kind == "audio" {
			fmt.Fprintf(&b, "a=rtpmap:%d opus/48000/2\r\na=fmtp:%[1]d minptime=10;useinbandfec=1\r\n", lightOpus)
			continue
		}
		fmt.Fprintf(&b, "a=rtpmap:%d VP8/90000\r\na=rtcp-fb:%[1]d nack\r\na=rtcp-fb:%[1]d nack pli\r\na=rtpmap:%d rtx/90000\r\na=fmtp:%[2]d apt=%[1]d\r\n",
			lightVP8, lightRTX)
	}
	return b.String()
}

// watch joins and measures the time it takes.
func (l *light) watch(ctx context.Context) error {
	l.began = time.Now()
	answer, err := l.door.enter(ctx, l.offer(l.crowd.slots))
	if err != nil {
		return err
	}
	to, err := l.read(answer)
	if err != nil {
		return err
	}
	if err := l.crowd.add(l, to); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	if err := l.check(ctx); err != nil {
		return err
	}
	if err := l.handshake(ctx, to); err != nil {
		return err
	}
	l.joinTime = time.Since(l.began)
	if l.mute {
		return l.crowd.deafen(l)
	}
	return nil
}

// read takes the server's ICE credentials and its loopback address out of the answer.
func (l *light) read(answer string) (netip.AddrPort, error) {
	var ufrag string
	var to netip.AddrPort
	for line := range strings.Lines(answer) {
		line = strings.TrimSpace(line)
		if v, ok := strings.CutPrefix(line, "a=ice-ufrag:"); ok {
			ufrag = v
		}
		if v, ok := strings.CutPrefix(line, "a=ice-pwd:"); ok {
			l.key = v
		}
		if v, ok := strings.CutPrefix(line, "a=candidate:"); ok {
			f := strings.Fields(v)
			if len(f) < 6 || !strings.EqualFold(f[2], "udp") || f[1] != "1" {
				continue
			}
			if a, err := netip.ParseAddrPort(net.JoinHostPort(f[4], f[5])); err == nil && a.Addr().IsLoopback() && (a.Addr().Is4() || !to.IsValid()) {
				to = a
			}
		}
	}
	if l.via.IsValid() {
		to = l.via
	}
	if !to.IsValid() || ufrag == "" || l.key == "" {
		return to, errors.New("the answer has no loopback candidate or no ICE credentials")
	}
	l.user = ufrag + ":" + l.ufrag
	return to, nil
}

// check sends ICE checks until one is answered.
func (l *light) check(ctx context.Context) error {
	t := time.NewTicker(100 * time.Millisecond)
	defer t.Stop()
	for {
		l.sendCheck()
		select {
		case <-l.checked:
			return nil
		case <-t.C:
		case <-ctx.Done():
			return fmt.Errorf("no answer to ICE checks: %w", ctx.Err())
		}
	}
}

func (l *light) sendCheck() {
	m, err := stun.Build(stun.TransactionID, stun.BindingRequest, stun.NewUsername(l.user), ice.AttrControlling(l.tie), ice.UseCandidate(),
		ice.PriorityAttr(2130706431), stun.NewShortTermIntegrity(l.key), stun.Fingerprint)
	if err == nil {
		l.crowd.send(l, m.Raw)
	}
}

// handshake runs DTLS as the client and takes the keys.
func (l *light) handshake(ctx context.Context, to netip.AddrPort) error {
	p := &lightPipe{l: l, closed: make(chan struct{}), read: deadline.New()}
	l.handling.Store(true)
	defer l.handling.Store(false)
	conn, err := dtls.ClientWithOptions(p, net.UDPAddrFromAddrPort(to),
		dtls.WithCertificates(l.crowd.cert), dtls.WithInsecureSkipVerify(true),
		dtls.WithExtendedMasterSecret(dtls.RequireExtendedMasterSecret),
		dtls.WithSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80),
		dtls.WithFlightInterval(300*time.Millisecond),
	)
	if err != nil {
		return err
	}
	defer func() {
		p.muted.Store(true) // the server would take a goodbye for the end
		_ = conn.Close()
	}()
	if err := conn.HandshakeContext(ctx); err != nil {
		return fmt.Errorf("dtls: %w", err)
	}
	profile, _ := conn.SelectedSRTPProtectionProfile()
	state, ok := conn.ConnectionState()
	if !ok {
		return errors.New("dtls: no state")
	}
	cfg := srtp.Config{Profile: srtp.ProtectionProfile(profile)}
	if err := cfg.ExtractSessionKeysFromDTLS(&state, true); err != nil {
		return err
	}
	if l.out, err = srtp.CreateContext(cfg.Keys.LocalMasterKey, cfg.Keys.LocalMasterSalt, cfg.Profile); err != nil {
		return err
	}
	if l.in, err = srtp.CreateContext(cfg.Keys.RemoteMasterKey, cfg.Keys.RemoteMasterSalt, cfg.Profile); err != nil {
		return err
	}
	l.video.start, l.audio.start = l.now(), l.now()
	l.ready.Store(true)
	return nil
}

// datagram takes one that came; the crowd's reader calls it.
func (l *light) datagram(b []byte, now int64) {
	switch {
	case len(b) < 12:
	case b[0] <= 3:
		l.stun(b)
	case b[0] >= 20 && b[0] <= 63:
		if l.handling.Load() {
			select {
			case l.records <- append([]byte(nil), b...):
			default: // DTLS sends it again
			}
		}
	case b[0] >= 128 && (b[1] < 192 || b[1] > 223):
		if !l.ready.Load() { // the server has its keys before we have ours; a browser's network thread does not miss these
			if len(l.early) < earlyMost {
				l.early = append(l.early, append([]byte(nil), b...))
			}
			return
		}
		for _, e := range l.early {
			l.media(e, now)
		}
		l.early = nil
		l.media(b, now)
	}
}

func (l *light) stun(b []byte) {
	m := &stun.Message{Raw: append([]byte(nil), b...)}
	if m.Decode() != nil {
		return
	}
	switch m.Type {
	case stun.BindingSuccess:
		l.isOK.Do(func() { close(l.checked) })
	case stun.BindingRequest: // of a server that is not ICE-lite
		if r, err := stun.Build(stun.NewTransactionIDSetter(m.TransactionID), stun.BindingSuccess,
			&stun.XORMappedAddress{IP: net.IPv4(127, 0, 0, 1), Port: 9}, stun.NewShortTermIntegrity(l.pwd), stun.Fingerprint); err == nil {
			l.crowd.send(l, r.Raw)
		}
	}
}

// media counts a packet.
func (l *light) media(b []byte, now int64) {
	if l.repair.drops() {
		return
	}
	l.tells.packet(b, now)
	st, every := &l.video, videoSample
	switch b[1] & 0x7f {
	case lightVP8:
	case lightOpus:
		st, every = &l.audio, audioSample
	case lightRTX:
		l.repair.came(b, now)
		return
	default:
		return
	}
	seq := uint16(b[2])<<8 | uint16(b[3])
	ext, _ := st.all.observe(seq)
	st.highest.Store(ext)
	if st.ssrc == 0 {
		l.reportMu.Lock()
		st.ssrc = uint32(b[8])<<24 | uint32(b[9])<<16 | uint32(b[10])<<8 | uint32(b[11])
		l.reportMu.Unlock()
	}
	if st.kind == codec.VP8 {
		l.repair.saw(ext, now)
	}
	open := l.window.open.Load()
	fresh := false
	if open {
		if _, fresh = st.seq.observe(seq); fresh {
			st.bytes += uint64(len(b) - 12)
		}
		if st.last > 0 {
			st.gap = max(st.gap, time.Duration(now-st.last))
		}
		st.last = now
	}
	looking := st.kind == codec.VP8 && !l.frame.done
	if st.n++; !looking && st.n%every != 0 {
		return
	}
	l.header = rtp.Header{}
	plain, err := l.in.DecryptRTP(l.plain[:0], b, &l.header)
	if err != nil {
		return
	}
	l.plain = plain
	payload := plain[l.header.MarshalSize():]
	if l.header.Padding && len(payload) > 0 {
		payload = payload[:max(0, len(payload)-int(payload[len(payload)-1]))]
	}
	if looking {
		if info, err := codec.Inspect(codec.VP8, payload, l.header.Marker); err == nil && l.frame.observe(ext, l.header.Timestamp, info.Key, info.End) {
			l.firstNS.CompareAndSwap(0, int64(time.Since(l.began)))
		}
	}
	switch {
	case !open || !fresh:
	case st.kind == codec.Opus:
		l.mark.each(payload, func(sent int64) { st.delay.add(time.Duration(now - sent)) })
	default:
		sent, ok := l.mark.last(payload)
		if !ok {
			if sent, ok = rawMark.last(payload); ok {
				sent -= l.zero
			}
		}
		if ok && sent >= st.start {
			st.delay.add(time.Duration(now - sent))
		}
	}
}

// speak sends what is due: ICE checks and receiver reports. The crowd's clock calls it.
func (l *light) speak(now time.Time) {
	if !l.ready.Load() {
		return
	}
	if now.Sub(l.lastCheck) >= checkEvery {
		l.lastCheck = now
		l.sendCheck()
	}
	if now.Sub(l.lastReport) < reportEvery {
		return
	}
	l.lastReport = now
	l.reportMu.Lock()
	ssrcs := [2]uint32{l.video.ssrc, l.audio.ssrc}
	l.reportMu.Unlock()
	rr := &rtcp.ReceiverReport{SSRC: 1}
	for i, st := range []*lightStream{&l.video, &l.audio} {
		if ssrcs[i] == 0 {
			continue
		}
		highest := uint32(st.highest.Load())
		if l.mute { // it hears nothing, but the server is to have the work
			l.fakeHighest += 200
			highest += l.fakeHighest
		}
		rr.Reports = append(rr.Reports, rtcp.ReceptionReport{SSRC: ssrcs[i], LastSequenceNumber: highest})
	}
	l.report(rr)
}

// report sends RTCP.
func (l *light) report(p rtcp.Packet) {
	raw, err := p.Marshal()
	if err != nil {
		return
	}
	l.outMu.Lock()
	sealed, err := l.out.EncryptRTCP(nil, raw, nil)
	l.outMu.Unlock()
	if err == nil {
		l.crowd.send(l, sealed)
	}
}

func (l *light) lost() bool { return false } // its loss shows as packets missing

func (l *light) missed() uint64 { return l.crowd.missed(l) }

func (l *light) times() (join, first time.Duration) {
	return l.joinTime, time.Duration(l.firstNS.Load())
}

// stop hangs up and gives what was measured.
func (l *light) stop() []*stream {
	l.door.leave()
	l.crowd.remove(l)
	if l.mute {
		return nil
	}
	return []*stream{&l.video.stream, &l.audio.stream}
}

func fingerprintOf(sum []byte) string {
	parts := make([]string, len(sum))
	for i, b := range sum {
		parts[i] = strings.ToUpper(hex.EncodeToString([]byte{b}))
	}
	return strings.Join(parts, ":")
}
