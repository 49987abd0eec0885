package sfu

import (
	"strconv"
	"strings"
)

// withTCP announces, after each UDP candidate of an answer, the same address for ICE-TCP (RFC 6544 section 4.5), with a
// priority below every UDP one, so that TCP is what remains when UDP does not pass.
func withTCP(text string, port int) string {
	if port == 0 || text == "" {
		return text
	}
	var b strings.Builder
	b.Grow(len(text) + 512)
	n := 0
	for line := range strings.SplitAfterSeq(text, "\n") {
		b.WriteString(line)
		f := strings.Fields(line)
		if len(f) < 8 || !strings.HasPrefix(f[0], "a=candidate:") || f[1] != "1" || !strings.EqualFold(f[2], "udp") || f[7] != "host" {
			continue
		}
		n++
		// Type preference 90 instead of a host's 126; direction preference 2 is that of a passive candidate.
		priority := 90<<24 | 2<<21 | max(8191-n, 1)<<8 | 255
		b.WriteString("a=candidate:" + strconv.Itoa(90000+n) + " 1 tcp " + strconv.Itoa(priority) + " " + f[4] + " " +
			strconv.Itoa(port) + " typ host tcptype passive\r\n")
	}
	return b.String()
}
