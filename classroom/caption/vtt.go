package caption

import (
	"fmt"
	"strings"
)

// How long a caption stands, in ms.
const (
	lag     = 2000 // from the word to the line: who types hears it first
	perRune = 70   // reading time of a character
	least   = 1500
	most    = 7000
)

var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// VTT writes lines as a WebVTT file whose time begins at zero (Unix ms). Lines must be ascending by time; those that were
// struck are left out, and none stands when the next one comes.
func VTT(lines []Line, zero int64) []byte {
	var b strings.Builder
	b.WriteString("WEBVTT\n")
	var kept []Line
	for _, l := range lines {
		if l.Text != "" {
			kept = append(kept, l)
		}
	}
	end := int64(0)
	for i, l := range kept {
		from := max(end, l.At-zero-lag)
		to := from + min(most, max(least, perRune*int64(len([]rune(l.Text)))))
		if i+1 < len(kept) {
			to = max(from+1, min(to, kept[i+1].At-zero-lag))
		}
		end = to
		fmt.Fprintf(&b, "\n%d\n%s --> %s\n%s\n", l.N, stamp(from), stamp(to), escape.Replace(l.Text))
	}
	return []byte(b.String())
}

func stamp(ms int64) string {
	return fmt.Sprintf("%02d:%02d:%02d.%03d", ms/3_600_000, ms/60_000%60, ms/1000%60, ms%1000)
}
