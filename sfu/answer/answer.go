package answer

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"
)

// Slot is what the answer promises for one m-line.
type Slot struct {
	Codecs []Codec // taken from the offer; empty: the m-line is refused
	SSRC   uint32
	RTX    uint32 // SSRC of retransmissions; 0: none
	Stream string // msid and CNAME: slots with the same one are played in sync
	Exts   []Ext
	// TransportCC is the id of the transport-wide number (Offer.TransportCC), with which goes its feedback; 0: not used. Then a
	// viewer's own estimate (goog-remb) is asked for, where it offers one.
	TransportCC uint8
}

// Params are the server's side of the transport.
type Params struct {
	Ufrag, Pwd  string
	Fingerprint []byte // SHA-256 of our certificate
	Candidates  []netip.AddrPort
	SessionID   uint64 // of the o= line
	Version     uint64 // of the o= line; grows with every answer of the session
}

// Build writes the answer: slots has one entry per m-line of the offer. The server is ICE-lite, has gathered all its
// candidates, and waits for the viewer's DTLS (setup:passive), so that it chooses the cipher.
func Build(o Offer, p Params, slots []Slot) string {
	var b strings.Builder
	line := func(format string, args ...any) {
		fmt.Fprintf(&b, format, args...)
		b.WriteString("\r\n")
	}
	line("v=0")
	line("o=- %d %d IN IP4 127.0.0.1", p.SessionID, p.Version)
	line("s=-")
	line("t=0 0")
	line("a=ice-lite")
	var bundle []string
	for i, m := range o.Media {
		if len(slots[i].Codecs) > 0 {
			bundle = append(bundle, m.Mid)
		}
	}
	if len(bundle) > 0 {
		line("a=group:BUNDLE %s", strings.Join(bundle, " "))
	}
	line("a=msid-semantic: WMS *")
	first := true
	for i, m := range o.Media {
		s := slots[i]
		if len(s.Codecs) == 0 {
			refuse(line, m)
			continue
		}
		pts := make([]string, 0, 2*len(s.Codecs))
		for _, c := range s.Codecs {
			pts = append(pts, fmt.Sprint(c.PT))
			if c.RTX != 0 && s.RTX != 0 {
				pts = append(pts, fmt.Sprint(c.RTX))
			}
			if c.RED != 0 {
				pts = append(pts, fmt.Sprint(c.RED))
			}
		}
		line("m=%s 9 UDP/TLS/RTP/SAVPF %s", m.Kind, strings.Join(pts, " "))
		line("c=IN IP4 0.0.0.0")
		line("a=mid:%s", m.Mid)
		line("a=sendonly")
		line("a=rtcp-mux")
		line("a=rtcp-rsize")
		line("a=ice-ufrag:%s", p.Ufrag)
		line("a=ice-pwd:%s", p.Pwd)
		line("a=fingerprint:sha-256 %s", fingerprint(p.Fingerprint))
		line("a=setup:passive")
		codecs(line, s)
		if s.TransportCC != 0 {
			line("a=extmap:%d %s", s.TransportCC, TransportCCURI)
		}
		for _, e := range s.Exts {
			line("a=extmap:%d %s", e.ID, e.URI)
		}
		track := fmt.Sprintf("%s %s-%s", s.Stream, s.Stream, m.Mid)
		line("a=msid:%s", track)
		if s.RTX != 0 {
			line("a=ssrc-group:FID %d %d", s.SSRC, s.RTX)
		}
		for _, ssrc := range []uint32{s.SSRC, s.RTX} {
			if ssrc != 0 {
				line("a=ssrc:%d cname:%s", ssrc, s.Stream)
				line("a=ssrc:%d msid:%s", ssrc, track)
			}
		}
		if first {
			candidates(line, p.Candidates)
			first = false
		}
	}
	return b.String()
}

// Fragment writes the server's half of an ICE restart as a trickle-ice-sdpfrag (RFC 8840 section 9): media are the m-lines of
// the BUNDLE group, of which the first has the candidates.
func Fragment(media []Media, p Params) string {
	var b strings.Builder
	line := func(format string, args ...any) {
		fmt.Fprintf(&b, format, args...)
		b.WriteString("\r\n")
	}
	line("a=ice-lite")
	mids := make([]string, len(media))
	for i, m := range media {
		mids[i] = m.Mid
	}
	line("a=group:BUNDLE %s", strings.Join(mids, " "))
	line("a=ice-ufrag:%s", p.Ufrag)
	line("a=ice-pwd:%s", p.Pwd)
	if len(media) > 0 {
		line("m=%s 9 UDP/TLS/RTP/SAVPF 0", media[0].Kind)
		line("a=mid:%s", media[0].Mid)
		candidates(line, p.Candidates)
	}
	return b.String()
}

func refuse(line func(string, ...any), m Media) {
	proto, pt := "UDP/TLS/RTP/SAVPF", "0"
	if m.Kind == "application" {
		proto, pt = "UDP/DTLS/SCTP", "webrtc-datachannel"
	}
	line("m=%s 0 %s %s", m.Kind, proto, pt)
	line("c=IN IP4 0.0.0.0")
	line("a=mid:%s", m.Mid)
	line("a=inactive")
}

func codecs(line func(string, ...any), s Slot) {
	for _, c := range s.Codecs {
		switch c.Name {
		case "opus":
			line("a=rtpmap:%d opus/48000/2", c.PT)
		case "vp8":
			line("a=rtpmap:%d VP8/90000", c.PT)
		case "h264":
			line("a=rtpmap:%d H264/90000", c.PT)
		}
		if c.Fmtp != "" {
			line("a=fmtp:%d %s", c.PT, c.Fmtp)
		}
		if c.NACK || c.RED != 0 {
			// Chromium offers no NACK for Opus, but asks for lost voice where the answer takes it.
			line("a=rtcp-fb:%d nack", c.PT)
		}
		if c.PLI {
			line("a=rtcp-fb:%d nack pli", c.PT)
		}
		if s.TransportCC != 0 && c.TWCC {
			line("a=rtcp-fb:%d transport-cc", c.PT)
		} else if s.TransportCC == 0 && c.REMB {
			line("a=rtcp-fb:%d goog-remb", c.PT)
		}
		if c.RTX != 0 && s.RTX != 0 {
			line("a=rtpmap:%d rtx/%d", c.RTX, c.Rate)
			line("a=fmtp:%d apt=%d", c.RTX, c.PT)
		}
		if c.RED != 0 {
			line("a=rtpmap:%d red/48000/2", c.RED)
			line("a=fmtp:%d %d/%d", c.RED, c.PT, c.PT)
		}
	}
}

// candidates writes host candidates (RFC 8839 section 5.1), the first preferred.
func candidates(line func(string, ...any), addrs []netip.AddrPort) {
	for i, a := range addrs {
		priority := uint32(126)<<24 | uint32(65535-i)<<8 | 255 // RFC 8445 section 5.1.2.1, component 1
		line("a=candidate:%d 1 udp %d %s %d typ host", i+1, priority, a.Addr().Unmap(), a.Port())
	}
	line("a=end-of-candidates")
}

func fingerprint(sum []byte) string {
	text := strings.ToUpper(hex.EncodeToString(sum))
	var b strings.Builder
	for i := 0; i+1 < len(text); i += 2 {
		if i > 0 {
			b.WriteByte(':')
		}
		b.WriteString(text[i : i+2])
	}
	return b.String()
}
