package answer

import (
	"strings"
	"testing"
)

// TestTransportCC: Chromium gives transport-wide feedback on every m-line; take it from one, and none is used.
func TestTransportCC(t *testing.T) {
	text := chromium(t)
	o, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	id, ok := o.TransportCC()
	if !ok || id == 0 {
		t.Fatalf("Chromium's offer: %d, %v", id, ok)
	}
	slots := slotsOf(o)
	open := 0
	for i := range slots {
		slots[i].TransportCC = id
		if len(slots[i].Codecs) > 0 {
			open++
		}
	}
	answer := Build(o, params(), slots)
	if n := strings.Count(answer, TransportCCURI); n != open {
		t.Errorf("%d m-lines of %d have the numbers", n, open)
	}
	if !strings.Contains(answer, "transport-cc\r\n") || strings.Contains(answer, "goog-remb") {
		t.Error("feedback: not the transport's, or a receiver's estimate as well")
	}
	if plain := Build(o, params(), slotsOf(o)); strings.Contains(plain, "transport-cc") || !strings.Contains(plain, "goog-remb") {
		t.Error("without numbers the receiver's estimate should be asked for, and no feedback about them")
	}
	at := strings.LastIndex(text, TransportCCURI)
	less := text[:at] + "urn:x:nothing" + text[at+len(TransportCCURI):]
	if o, err = Parse(less); err != nil {
		t.Fatal(err)
	}
	if _, ok := o.TransportCC(); ok {
		t.Error("one m-line would send packets without a number")
	}
}
