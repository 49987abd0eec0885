package notes

import (
	"fmt"
	"strings"
	"time"
)

// Text writes the minutes as people read them: below a heading the notes with their time in the zone, then what was
// decided, then what is to be done. Points that were dropped are left out.
func Text(heading []string, all []Note, zone *time.Location) []byte {
	var b strings.Builder
	b.WriteString("NOTULEN\n\n")
	for _, line := range heading {
		b.WriteString(line + "\n")
	}
	for _, part := range []struct {
		kind  Kind
		title string
	}{{Remark, "CATATAN"}, {Decision, "KEPUTUSAN"}, {Action, "TINDAK LANJUT"}} {
		list := Standing(all, part.kind)
		if len(list) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n%s\n", part.title)
		for i, n := range list {
			fmt.Fprintf(&b, "%3d. ", i+1)
			if part.kind == Remark {
				b.WriteString("[" + time.UnixMilli(n.At).In(zone).Format("15.04") + "] ")
			}
			b.WriteString(strings.ReplaceAll(n.Text, "\n", "\n     ") + "\n")
			if n.Who != "" {
				b.WriteString("     Penanggung jawab: " + n.Who + "\n")
			}
			if n.Due != "" {
				b.WriteString("     Tenggat: " + n.Due + "\n")
			}
		}
	}
	return []byte(b.String())
}
