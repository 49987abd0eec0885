package impair

import (
	"strconv"
	"strings"
)

// Rewrite points the candidates of an answer at the proxies on 127.0.0.1. A port of 0 takes the candidates of that
// protocol out; of the others one each is left.
func Rewrite(sdp string, udpPort, tcpPort int) string {
	var b strings.Builder
	seen := map[string]bool{}
	for line := range strings.SplitAfterSeq(sdp, "\n") {
		if strings.HasPrefix(line, "m=") {
			clear(seen)
		}
		f := strings.Fields(line)
		if len(f) < 8 || !strings.HasPrefix(f[0], "a=candidate:") {
			b.WriteString(line)
			continue
		}
		proto := strings.ToLower(f[2])
		port := udpPort
		if proto == "tcp" {
			port = tcpPort
		}
		if port == 0 || seen[proto] {
			continue
		}
		seen[proto] = true
		f[4], f[5] = "127.0.0.1", strconv.Itoa(port)
		b.WriteString(strings.Join(f, " ") + "\r\n")
	}
	return b.String()
}
