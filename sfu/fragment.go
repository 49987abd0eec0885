package sfu

import (
	"strings"

	"github.com/pion/sdp/v3"
)

const maxFragment = 64 << 10 // bytes

// fragment is what we need of a trickle-ice-sdpfrag (RFC 8840 section 9). Candidates are not kept: an ICE-lite agent
// has no use for them.
type fragment struct{ ufrag, pwd string }

// clone holds nothing of a longer text.
func (f fragment) clone() fragment { return fragment{strings.Clone(f.ufrag), strings.Clone(f.pwd)} }

// readFragment parses an sdpfrag. Credentials may stand before the first m-line or below any; with BUNDLE all are the same.
func readFragment(raw string) (fragment, error) {
	var f fragment
	if len(raw) > maxFragment {
		return f, invalid("fragment too long", nil)
	}
	for line := range strings.Lines(raw) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			continue
		}
		if len(line) < 2 || line[1] != '=' {
			return f, invalid("fragment is not SDP", nil)
		}
		if v, ok := strings.CutPrefix(line, "a=ice-ufrag:"); ok && f.ufrag == "" {
			f.ufrag = v
		}
		if v, ok := strings.CutPrefix(line, "a=ice-pwd:"); ok && f.pwd == "" {
			f.pwd = v
		}
	}
	if f.pwd != "" && (f.ufrag == "" || !iceChars(f.ufrag, 4, 256) || !iceChars(f.pwd, 22, 256)) {
		return f, invalid("fragment's credentials", nil)
	}
	return f, nil
}

// iceChars checks ice-char strings (RFC 8839 section 5.4).
func iceChars(s string, least, most int) bool {
	if len(s) < least || len(s) > most {
		return false
	}
	for _, c := range []byte(s) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '+', c == '/':
		default:
			return false
		}
	}
	return true
}

// withCredentials is the peer's last offer with new ICE credentials and a new version: what it would have sent had it
// made an offer for its ICE restart.
func withCredentials(text string, f fragment) (string, error) {
	var d sdp.SessionDescription
	if err := d.UnmarshalString(text); err != nil {
		return "", invalid("last offer", err)
	}
	d.Origin.SessionVersion++
	put := func(attrs []sdp.Attribute) {
		for i := range attrs {
			switch attrs[i].Key {
			case "ice-ufrag":
				attrs[i].Value = f.ufrag
			case "ice-pwd":
				attrs[i].Value = f.pwd
			}
		}
	}
	put(d.Attributes)
	for _, m := range d.MediaDescriptions {
		put(m.Attributes)
	}
	out, err := d.Marshal()
	if err != nil {
		return "", invalid("marshal", err)
	}
	return string(out), nil
}

// credentials are those of an SDP: of the first m-line that has them, or of the session.
func credentials(text string) fragment {
	f, _ := readFragment(text)
	return f
}

// writeFragment makes the server's sdpfrag (RFC 9725 section 4.4.2) out of an answer: its credentials and all its
// candidates, under the first m-line of the bundle.
func writeFragment(answer string) (string, error) {
	var d sdp.SessionDescription
	if err := d.UnmarshalString(answer); err != nil || len(d.MediaDescriptions) == 0 {
		return "", invalid("own answer", err)
	}
	var b strings.Builder
	b.WriteString("a=ice-lite\r\n")
	if v, ok := d.Attribute("group"); ok {
		b.WriteString("a=group:" + v + "\r\n")
	}
	f := credentials(answer)
	b.WriteString("a=ice-ufrag:" + f.ufrag + "\r\na=ice-pwd:" + f.pwd + "\r\n")
	m := d.MediaDescriptions[0]
	b.WriteString("m=" + m.MediaName.String() + "\r\n")
	for _, a := range m.Attributes {
		if a.Key == "mid" || a.Key == "candidate" || a.Key == "end-of-candidates" {
			b.WriteString("a=" + a.Key)
			if a.Value != "" {
				b.WriteString(":" + a.Value)
			}
			b.WriteString("\r\n")
		}
	}
	return b.String(), nil
}
