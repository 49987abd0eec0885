package signaling

import "strings"

// sdpOrigin gives the session id of an offer's o= line (RFC 8866 section 5.2). An RTCPeerConnection keeps it over
// all its offers, so it tells a renegotiation from a new connection. "" if there is none.
func sdpOrigin(sdp string) string {
	for line := range strings.Lines(sdp) {
		if rest, ok := strings.CutPrefix(line, "o="); ok {
			if f := strings.Fields(rest); len(f) >= 2 {
				return f[0] + " " + f[1]
			}
			return ""
		}
	}
	return ""
}

// sdpSendsAudio tells whether an offer has an audio section that is not rejected (port 0) and sends.
func sdpSendsAudio(sdp string) bool {
	audio, sends := false, false
	for line := range strings.Lines(sdp) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.HasPrefix(line, "m="):
			if audio && sends {
				return true
			}
			f := strings.Fields(line[2:])
			audio = len(f) >= 2 && f[0] == "audio" && f[1] != "0"
			sends = true // sendrecv is the default (RFC 8866 section 6.7)
		case line == "a=recvonly", line == "a=inactive":
			sends = false
		}
	}
	return audio && sends
}
