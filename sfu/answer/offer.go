// Package answer reads a receive-only viewer's SDP offer and writes the answer (RFC 8829, RFC 9429), without a
// PeerConnection: one BUNDLE group, ICE-lite, DTLS server, the viewer's recvonly m-lines as slots. It is pure.
package answer

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"
)

// ErrInvalid is wrapped by every error about an offer that is not SDP, or not one of a WebRTC viewer.
var ErrInvalid = errors.New("invalid offer")

// ErrUnsupported is wrapped where an offer is in order but asks for more than a receive-only viewer's transport
// does; a full PeerConnection may take it.
var ErrUnsupported = errors.New("offer asks for more than a viewer's transport does")

// maxMedia bounds the m-lines of an offer.
const maxMedia = 32

// Codec is one payload type that the viewer takes.
type Codec struct {
	Name string // lower case: "opus", "vp8", "h264"
	PT   uint8
	RTX  uint8 // payload type of its retransmissions (RFC 4588); 0: none
	RED  uint8 // payload type of it with redundancy (RFC 2198); 0: none
	Fmtp string
	Rate uint32 // clock rate in Hz
	NACK bool
	PLI  bool
	TWCC bool // gives transport-wide feedback
	REMB bool // sends an estimate of its own
}

// Media is one m-line of the offer.
type Media struct {
	Mid    string
	Kind   string  // "audio", "video", "application"
	Recv   bool    // the viewer takes media here
	Codecs []Codec // those we can send, in the viewer's order
	Exts   []Ext   // header extensions offered
}

// Ext is an offered header extension (RFC 8285).
type Ext struct {
	ID  uint8
	URI string
}

// Offer is what a viewer's transport must know.
type Offer struct {
	Ufrag, Pwd  string
	Fingerprint []byte // SHA-256 of the viewer's certificate
	Media       []Media
}

// The codecs we forward.
var known = map[string]uint32{"opus": 48000, "vp8": 90000, "h264": 90000}

// Parse reads an offer. Errors wrap ErrInvalid or ErrUnsupported.
func Parse(text string) (Offer, error) {
	var s sdp.SessionDescription
	if err := s.UnmarshalString(text); err != nil {
		return Offer{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if len(s.MediaDescriptions) == 0 || len(s.MediaDescriptions) > maxMedia {
		return Offer{}, fmt.Errorf("%w: %d m-lines", ErrInvalid, len(s.MediaDescriptions))
	}
	var o Offer
	mids := map[string]bool{}
	for _, md := range s.MediaDescriptions {
		if err := o.transport(&s, md); err != nil {
			return Offer{}, err
		}
		m, err := parseMedia(md)
		if err != nil {
			return Offer{}, err
		}
		if mids[m.Mid] {
			return Offer{}, fmt.Errorf("%w: mid %q twice", ErrInvalid, m.Mid)
		}
		mids[m.Mid] = true
		o.Media = append(o.Media, m)
	}
	switch {
	case len(o.Ufrag) < 4 || len(o.Ufrag) > 256 || len(o.Pwd) < 22 || len(o.Pwd) > 256: // RFC 8839 section 5.4
		return Offer{}, fmt.Errorf("%w: no ICE credentials", ErrInvalid)
	case o.Fingerprint == nil:
		return Offer{}, fmt.Errorf("%w: no sha-256 fingerprint", ErrUnsupported)
	}
	return o, nil
}

// TransportCCURI names the header extension with a packet's transport-wide number
// (draft-holmer-rmcat-transport-wide-cc-extensions-01).
const TransportCCURI = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"

// PlayoutDelayURI names the header extension that says how long a player should hold a picture back, at least and at most.
const PlayoutDelayURI = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"

// Ext finds an offered header extension.
func (m *Media) Ext(uri string) (Ext, bool) {
	for _, e := range m.Exts {
		if e.URI == uri {
			return e, true
		}
	}
	return Ext{}, false
}

// TransportCC is the id under which the viewer takes transport-wide numbers. It counts only where every m-line and every codec of
// them has it alike: a packet without a number would be one that the estimate does not see.
func (o *Offer) TransportCC() (uint8, bool) {
	id := uint8(0)
	for _, m := range o.Media {
		if len(m.Codecs) == 0 || !m.Recv {
			continue
		}
		e, _ := m.Ext(TransportCCURI)
		here := e.ID
		for _, c := range m.Codecs {
			if !c.TWCC {
				here = 0
			}
		}
		if here == 0 || id != 0 && here != id {
			return 0, false
		}
		id = here
	}
	return id, id != 0
}

// transport takes the ICE and DTLS parameters, from the m-line or the session; with BUNDLE all are the same.
func (o *Offer) transport(s *sdp.SessionDescription, md *sdp.MediaDescription) error {
	attr := func(key string) string {
		if v, ok := md.Attribute(key); ok {
			return v
		}
		v, _ := s.Attribute(key)
		return v
	}
	if o.Ufrag == "" {
		o.Ufrag, o.Pwd = attr("ice-ufrag"), attr("ice-pwd")
	}
	if setup := attr("setup"); setup == "passive" {
		return fmt.Errorf("%w: setup:passive", ErrUnsupported)
	}
	hash, value, _ := strings.Cut(attr("fingerprint"), " ")
	if o.Fingerprint == nil && strings.EqualFold(hash, "sha-256") {
		raw, err := hex.DecodeString(strings.ReplaceAll(strings.TrimSpace(value), ":", ""))
		if err != nil || len(raw) != 32 {
			return fmt.Errorf("%w: fingerprint", ErrInvalid)
		}
		o.Fingerprint = raw
	}
	return nil
}

func parseMedia(md *sdp.MediaDescription) (Media, error) {
	m := Media{Kind: md.MediaName.Media}
	m.Mid, _ = md.Attribute("mid")
	if m.Mid == "" || len(m.Mid) > 16 || !token(m.Mid) {
		return m, fmt.Errorf("%w: mid %q", ErrInvalid, m.Mid)
	}
	if m.Kind != "audio" && m.Kind != "video" {
		return m, nil // answered with port 0
	}
	_, sendonly := md.Attribute("sendonly")
	_, inactive := md.Attribute("inactive")
	_, sendrecv := md.Attribute("sendrecv")
	_, recvonly := md.Attribute("recvonly")
	if sendonly {
		return m, fmt.Errorf("%w: the viewer wants to send", ErrUnsupported)
	}
	m.Recv = recvonly || sendrecv || !inactive
	if _, mux := md.Attribute("rtcp-mux"); m.Recv && !mux {
		return m, fmt.Errorf("%w: no rtcp-mux", ErrUnsupported)
	}
	m.Codecs = parseCodecs(md)
	for _, a := range md.Attributes {
		if a.Key != "extmap" {
			continue
		}
		id, uri, ok := strings.Cut(a.Value, " ")
		id, _, _ = strings.Cut(id, "/") // a direction, if any
		n, err := strconv.ParseUint(id, 10, 8)
		if !ok || err != nil || n == 0 || n > 14 {
			continue // two-byte ids are not used: the viewer does without
		}
		uri, _, _ = strings.Cut(uri, " ")
		m.Exts = append(m.Exts, Ext{ID: uint8(n), URI: uri})
	}
	return m, nil
}

// parseCodecs gives the codecs of the m-line that we forward, in its order of preference.
func parseCodecs(md *sdp.MediaDescription) []Codec {
	byPT := map[uint8]*Codec{}
	rtxOf := map[uint8]uint8{} // media payload type -> retransmission payload type
	redOf := map[uint8]uint8{} // media payload type -> payload type with redundancy
	fmtp := map[uint8]string{}
	var red []uint8
	for _, a := range md.Attributes {
		pt, rest, ok := payloadType(a.Value)
		if !ok {
			continue
		}
		switch a.Key {
		case "rtpmap":
			name, params, _ := strings.Cut(rest, "/")
			rate, _, _ := strings.Cut(params, "/")
			name = strings.ToLower(name)
			if hz, ok := known[name]; ok && rate == strconv.Itoa(int(hz)) {
				byPT[pt] = &Codec{Name: name, PT: pt, Rate: hz}
			}
			if name == "red" && params == "48000/2" {
				red = append(red, pt)
			}
		case "fmtp":
			fmtp[pt] = rest
			if apt, ok := strings.CutPrefix(rest, "apt="); ok {
				if n, err := strconv.ParseUint(apt, 10, 7); err == nil {
					rtxOf[uint8(n)] = pt
				}
			}
		}
	}
	for _, pt := range red {
		of, _, _ := strings.Cut(fmtp[pt], "/")
		if n, err := strconv.ParseUint(of, 10, 7); err == nil {
			redOf[uint8(n)] = pt
		}
	}
	for _, a := range md.Attributes {
		if a.Key != "rtcp-fb" {
			continue
		}
		target, what, _ := strings.Cut(a.Value, " ")
		for pt, c := range byPT {
			if target == "*" || target == strconv.Itoa(int(pt)) {
				c.NACK = c.NACK || what == "nack"
				c.PLI = c.PLI || what == "nack pli"
				c.TWCC = c.TWCC || what == "transport-cc"
				c.REMB = c.REMB || what == "goog-remb"
			}
		}
	}
	var codecs []Codec
	for _, f := range md.MediaName.Formats {
		n, err := strconv.ParseUint(f, 10, 7)
		if err != nil {
			continue
		}
		if c := byPT[uint8(n)]; c != nil && usable(c, fmtp[c.PT]) {
			c.Fmtp, c.RTX, c.RED = fmtp[c.PT], rtxOf[c.PT], redOf[c.PT]
			codecs = append(codecs, *c)
			delete(byPT, c.PT) // a format named twice counts once
		}
	}
	return codecs
}

// usable refuses H.264 in packetization mode 0 (RFC 6184 section 6.2): what we forward has fragments.
func usable(c *Codec, fmtp string) bool {
	return c.Name != "h264" || strings.Contains(fmtp, "packetization-mode=1")
}

func payloadType(v string) (pt uint8, rest string, ok bool) {
	head, rest, ok := strings.Cut(v, " ")
	n, err := strconv.ParseUint(head, 10, 7)
	return uint8(n), rest, ok && err == nil
}

// token tells whether every character may stand in an SDP token (RFC 8866 section 9): it goes back into the answer.
func token(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),/:;<=>?@[\]`, c) >= 0 {
			return false
		}
	}
	return true
}
