package sfu

import (
	"slices"
	"strconv"
	"strings"

	"betang/sfu/codec"

	"github.com/pion/sdp/v3"
)

const (
	maxSDP      = 256 << 10 // bytes; Chromium's offer with nine m-lines has about 40 kB
	maxSections = 32
)

// format is one payload type of an m-line that we can forward.
type format struct {
	pt      uint8
	kind    codec.Kind
	rtx     uint8  // payload type of its RFC 4588 stream, 0: none
	red     uint8  // payload type of it with redundancy (RFC 2198), 0: none
	wraps   uint8  // it is itself a redundant one, of packets of this payload type; 0: it is not
	profile string // H.264 profile-level-id, lower case
	mode    int    // H.264 packetization-mode
	plain   bool   // Opus in packets of 10 ms and longer, with forward error correction, as browsers offer it
}

// section is one m-line.
type section struct {
	mid     string
	media   string // audio, video, application
	formats []format
	sends   bool // the offerer wants to send
	takes   bool // the offerer wants to receive
	open    bool // port is not 0, or bundle-only
}

// offer is an SDP offer made ready for pion.
type offer struct {
	text     string
	sections []section
}

// readOffer parses a foreign offer. What we never use is taken out: candidates (an ICE-lite agent answers checks where they
// come from), and directions that the peer's role has no need of.
func readOffer(raw string, publisher bool) (*offer, error) {
	if len(raw) > maxSDP {
		return nil, invalid("too long", nil)
	}
	var d sdp.SessionDescription
	if err := d.UnmarshalString(raw); err != nil {
		return nil, invalid("parse", err)
	}
	if n := len(d.MediaDescriptions); n == 0 || n > maxSections {
		return nil, invalid(strconv.Itoa(n)+" m-lines", nil)
	}
	o := &offer{sections: readSections(&d)}
	seen := map[string]bool{}
	for i, m := range d.MediaDescriptions {
		s := &o.sections[i]
		if s.mid == "" || seen[s.mid] {
			return nil, invalid("m-line without a mid of its own", nil)
		}
		seen[s.mid] = true
		if v, _ := m.Attribute("setup"); v == "passive" {
			return nil, invalid("setup:passive, but we are the DTLS server", nil)
		}
		m.Attributes = slices.DeleteFunc(m.Attributes, func(a sdp.Attribute) bool {
			return a.Key == "candidate" || a.Key == "end-of-candidates"
		})
	}
	if v, _ := d.Attribute("setup"); v == "passive" {
		return nil, invalid("setup:passive, but we are the DTLS server", nil)
	}
	if err := bundle(&d, o.sections); err != nil {
		return nil, err
	}
	if publisher {
		if err := o.publish(&d); err != nil {
			return nil, err
		}
	} else if err := o.watch(&d); err != nil {
		return nil, err
	}
	text, err := d.Marshal()
	if err != nil {
		return nil, invalid("marshal", err)
	}
	o.text = string(text)
	return o, nil
}

// bundle insists on one transport: there is one port, and one transport per peer.
func bundle(d *sdp.SessionDescription, sections []section) error {
	for _, a := range d.Attributes {
		if a.Key == "group" && strings.HasPrefix(a.Value, "BUNDLE") {
			return nil
		}
	}
	if len(sections) > 1 {
		return invalid("no BUNDLE group", nil)
	}
	d.Attributes = append(d.Attributes, sdp.Attribute{Key: "group", Value: "BUNDLE " + sections[0].mid})
	return nil
}

// publish keeps the first audio and the first video that is sent, and refuses what nobody could decode.
func (o *offer) publish(d *sdp.SessionDescription) error {
	taken := map[string]bool{}
	known := false // an m-line names its streams, by SSRC or by rid
	for i, m := range d.MediaDescriptions {
		s := &o.sections[i]
		if s.media != "audio" && s.media != "video" {
			continue
		}
		if !s.open || !s.sends || taken[s.media] {
			s.sends = false
			direct(m, "inactive")
			continue
		}
		if len(s.formats) == 0 {
			return &Error{Code: CodecUnsupported, Detail: s.media}
		}
		taken[s.media] = true
		s.takes = false
		direct(m, "sendonly")
		layers := false
		for _, a := range m.Attributes {
			known = known || a.Key == "ssrc" || a.Key == "rid"
			layers = layers || a.Key == "rid"
		}
		if layers && extensionID(m, sdp.SDESRepairRTPStreamIDURI) == 0 {
			without(m, "rtx/90000")
		}
		if s.media == "audio" && !plainOpus(s.formats) {
			without(m, "red/48000/2") // pion would take that alone, as what it knows best
		}
	}
	if len(taken) == 0 {
		return invalid("nothing is sent", nil)
	}
	if !known {
		// Some encoders announce no SSRC. Then the payload type tells the m-lines apart, but pion looks at it only where
		// no mid extension is negotiated.
		for _, m := range d.MediaDescriptions {
			m.Attributes = slices.DeleteFunc(m.Attributes, func(a sdp.Attribute) bool {
				return a.Key == "extmap" && strings.Contains(a.Value, sdp.SDESMidURI)
			})
		}
	}
	return nil
}

// without refuses formats of this name. Repair streams of their own (RFC 4588) are refused where nothing would tell which of several
// layers such a stream repairs, as its packets cannot name the layer (RFC 8852): the publisher then repeats packets in the layer itself.
func without(m *sdp.MediaDescription, name string) {
	is := map[string]bool{}
	for _, a := range m.Attributes {
		if pt, of, ok := strings.Cut(a.Value, " "); ok && a.Key == "rtpmap" && strings.EqualFold(strings.TrimSpace(of), name) {
			is[pt] = true
		}
	}
	m.MediaName.Formats = slices.DeleteFunc(m.MediaName.Formats, func(pt string) bool { return is[pt] })
}

// plainOpus tells whether Opus is offered as registerCodecs has it.
func plainOpus(formats []format) bool {
	return slices.ContainsFunc(formats, func(f format) bool { return f.kind == codec.Opus && f.plain })
}

// watch keeps what the viewer receives. An m-line we have no codec for is switched off, not an error: a slot of it
// stays silent.
func (o *offer) watch(d *sdp.SessionDescription) error {
	any := false
	for i, m := range d.MediaDescriptions {
		s := &o.sections[i]
		if s.media != "audio" && s.media != "video" {
			continue
		}
		s.sends = false
		s.takes = s.takes && s.open && len(s.formats) > 0
		if s.takes {
			any = true
			direct(m, "recvonly")
		} else {
			direct(m, "inactive")
		}
	}
	if !any {
		return &Error{Code: CodecUnsupported, Detail: "nothing we could send"}
	}
	return nil
}

// direct replaces an m-line's direction.
func direct(m *sdp.MediaDescription, to string) {
	m.Attributes = slices.DeleteFunc(m.Attributes, func(a sdp.Attribute) bool { return direction(a.Key) })
	m.Attributes = append(m.Attributes, sdp.Attribute{Key: to})
}

func direction(key string) bool {
	switch key {
	case "sendrecv", "sendonly", "recvonly", "inactive":
		return true
	}
	return false
}

// readSections reads the m-lines of an offer or an answer.
func readSections(d *sdp.SessionDescription) []section {
	way := "sendrecv"
	for _, a := range d.Attributes {
		if direction(a.Key) {
			way = a.Key
		}
	}
	out := make([]section, len(d.MediaDescriptions))
	for i, m := range d.MediaDescriptions {
		s := &out[i]
		s.media = strings.ToLower(m.MediaName.Media)
		dir := way
		_, only := m.Attribute("bundle-only")
		s.open = m.MediaName.Port.Value != 0 || only
		for _, a := range m.Attributes {
			switch {
			case direction(a.Key):
				dir = a.Key
			case a.Key == "mid":
				s.mid = a.Value
			}
		}
		s.sends = dir == "sendrecv" || dir == "sendonly"
		s.takes = dir == "sendrecv" || dir == "recvonly"
		s.formats = readFormats(m)
	}
	return out
}

// readFormats lists the payload types of an m-line that we can forward, in the order of the m-line.
func readFormats(m *sdp.MediaDescription) []format {
	names, params := map[uint8]string{}, map[uint8]string{}
	for _, a := range m.Attributes {
		if a.Key != "rtpmap" && a.Key != "fmtp" {
			continue
		}
		head, rest, ok := strings.Cut(a.Value, " ")
		pt, err := strconv.ParseUint(head, 10, 7)
		if !ok || err != nil {
			continue
		}
		if a.Key == "rtpmap" {
			names[uint8(pt)] = strings.ToLower(strings.TrimSpace(rest))
		} else {
			params[uint8(pt)] = strings.ToLower(rest)
		}
	}
	var out []format
	rtx, red := map[uint8]uint8{}, map[uint8]uint8{}
	for _, f := range m.MediaName.Formats {
		v, err := strconv.ParseUint(f, 10, 7)
		if err != nil {
			continue
		}
		pt := uint8(v)
		name := names[pt]
		audio := strings.EqualFold(m.MediaName.Media, "audio")
		switch {
		case audio && strings.HasPrefix(name, "opus/48000"):
			least, fec := param(params[pt], "minptime"), param(params[pt], "useinbandfec")
			out = append(out, format{pt: pt, kind: codec.Opus, plain: (least == "" || least == "10") && (fec == "" || fec == "1")})
		case audio && name == "red/48000/2":
			of, _, _ := strings.Cut(params[pt], "/")
			if n, err := strconv.ParseUint(of, 10, 7); err == nil {
				red[uint8(n)] = pt
			}
		case !audio && name == "vp8/90000":
			out = append(out, format{pt: pt, kind: codec.VP8})
		case !audio && name == "h264/90000":
			mode, _ := strconv.Atoi(param(params[pt], "packetization-mode"))
			if mode == 0 || mode == 1 {
				out = append(out, format{pt: pt, kind: codec.H264, mode: mode, profile: param(params[pt], "profile-level-id")})
			}
		case !audio && name == "rtx/90000":
			if apt, err := strconv.ParseUint(param(params[pt], "apt"), 10, 7); err == nil {
				rtx[uint8(apt)] = pt
			}
		}
	}
	for i := range out {
		out[i].rtx, out[i].red = rtx[out[i].pt], red[out[i].pt]
	}
	return out
}

// param finds one value in an fmtp line.
func param(line, key string) string {
	for p := range strings.SplitSeq(line, ";") {
		if k, v, ok := strings.Cut(strings.TrimSpace(p), "="); ok && k == key {
			return v
		}
	}
	return ""
}

// pick finds the payload type under which a viewer understands a source. H.264: the same profile where it is offered,
// then the same profile_idc, then any: levels and constraint flags say more about encoders than about today's decoders.
func pick(formats []format, kind codec.Kind, profile string) (format, bool) {
	best, rank := format{}, 0
	for _, f := range formats {
		if f.kind != kind || kind == codec.H264 && f.mode != 1 {
			continue
		}
		r := 1
		if kind == codec.H264 {
			for _, n := range []int{2, 4} {
				if len(profile) >= n && len(f.profile) >= n && profile[:n] == f.profile[:n] {
					r++
				}
			}
		}
		if r > rank {
			best, rank = f, r
		}
	}
	return best, rank > 0
}

// cleanAnswer takes out what pion adds for the RTCP component: RTCP is always multiplexed.
func cleanAnswer(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for line := range strings.SplitAfterSeq(text, "\n") {
		if f := strings.Fields(line); len(f) > 1 && strings.HasPrefix(f[0], "a=candidate:") && f[1] == "2" {
			continue
		}
		b.WriteString(line)
	}
	return b.String()
}
