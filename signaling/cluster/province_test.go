package cluster

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"

	"betang/classroom/attend"
)

// The province on paper: 20,000 viewers, one origin and 14 edges. What is measured stands in sfu/PERFORMANCE.md and in
// this package's tests; the rest is multiplication, to be done again with one's own numbers.
func Example_province() {
	p := province{
		Viewers: 20_000, Edges: 14, AtOrigin: 2_000,
		Layers: []float64{1500, 500, 150}, Voice: 40,
		Serve: 505, Feedback: 300, Resident: 70, // sfu/PERFORMANCE.md, 2026-11-26: 1,000 viewers at 720p
		Facts: 30, FactBytes: 400, Commands: 30,
	}
	fmt.Print(p.Report())
	// Output:
	// media to one edge           2.2 Mbit/s (all layers once)
	// media out of the origin     3.1 Gbit/s to its own viewers, 31 Mbit/s to 14 edges; without edges 30.8 Gbit/s
	// media out of one edge       2.0 Gbit/s to 1286 viewers
	// processors of one edge      1.0; of the origin 1.6
	// memory of one edge          92 MB for its viewers
	// facts to all edges          1.3 Mbit/s
	// evidence to the origin      3.2 Mbit/s of Redis, 231 kbit/s from each edge
	// Redis                       196 commands a second, 253 MB with ten minutes of evidence waiting
}

// province says what an event over many nodes comes to. Rates are of one second, sizes in kbit or bytes as named.
type province struct {
	Viewers, Edges, AtOrigin int // AtOrigin of the viewers have no edge

	Layers   []float64 // kbit/s of each layer of the speaker's picture, the largest first
	Voice    float64   // kbit/s
	Serve    float64   // microseconds of a processor for a viewer
	Feedback float64   // and for a browser's transport-wide feedback
	Resident float64   // KiB of memory for a viewer

	Facts, Commands float64 // of the whole event
	FactBytes       float64
}

const (
	spanBytes   = 15  // of a stretch of evidence in a batch: see TestSizeOfEvidence
	spansEach   = 3   // of a viewer: socket, delivered, decoded
	redisBytes  = 100 // that Redis adds to an entry of a stream
	nodeBeats   = 3   // commands of a node in a third of its term: announce, list, share
	eventBeats  = 1   // news of an event from a node, a second
	followAlone = 1   // Follow that waits, a second
)

// Report is the sum, in words.
func (p province) Report() string {
	perEdge := float64(p.Viewers-p.AtOrigin) / float64(p.Edges)
	all := p.Voice
	for _, l := range p.Layers {
		all += l
	}
	one := p.Layers[0] + p.Voice
	term := DefaultTerm.Seconds()
	cores := func(viewers float64) float64 { return viewers * (p.Serve + p.Feedback) / 1e6 }
	shipEvery := term / 2
	evidence := perEdge * spansEach * spanBytes * 8 / 1000 / shipEvery
	facts := p.Facts * p.FactBytes * 8 / 1e6 * float64(p.Edges)
	nodes := float64(p.Edges + 1)
	commands := nodes*(nodeBeats/(term/3)+eventBeats+followAlone) + p.Facts + 2*p.Commands +
		float64(p.Edges)*(2/shipEvery) + 3/term + float64(p.Edges)*min(p.Facts, 2)
	memory := (min(p.Facts*7200, FactsKept)*(p.FactBytes+redisBytes) + float64(p.Edges)*600/shipEvery*perEdge*spansEach*spanBytes) / 1e6
	var b strings.Builder
	line := func(what, format string, args ...any) {
		fmt.Fprintf(&b, "%-27s "+format+"\n", append([]any{what}, args...)...)
	}
	line("media to one edge", "%.1f Mbit/s (all layers once)", all/1000)
	line("media out of the origin", "%.1f Gbit/s to its own viewers, %.0f Mbit/s to %d edges; without edges %.1f Gbit/s",
		float64(p.AtOrigin)*one/1e6, all*float64(p.Edges)/1000, p.Edges, float64(p.Viewers)*one/1e6)
	line("media out of one edge", "%.1f Gbit/s to %.0f viewers", perEdge*one/1e6, perEdge)
	line("processors of one edge", "%.1f; of the origin %.1f", cores(perEdge), cores(float64(p.AtOrigin)))
	line("memory of one edge", "%.0f MB for its viewers", perEdge*p.Resident*1024/1e6)
	line("facts to all edges", "%.1f Mbit/s", facts)
	line("evidence to the origin", "%.1f Mbit/s of Redis, %.0f kbit/s from each edge", evidence*float64(p.Edges)/1000, evidence)
	line("Redis", "%.0f commands a second, %.0f MB with ten minutes of evidence waiting", commands, memory)
	return b.String()
}

// TestSizeOfEvidence holds the figure that the sum above uses.
func TestSizeOfEvidence(t *testing.T) {
	var spans []attend.Span
	for i := range 1300 {
		session := "s" + strings.ToLower(rand.Text())
		for _, c := range []attend.Class{attend.Socket, attend.Delivered, attend.Decoded} {
			from := 1795661474301 + int64(i*977%600_000)
			spans = append(spans, attend.Span{Person: fmt.Sprintf("p%08x", i*2654435761%(1<<32)), Session: session, Class: c, From: from, To: from + 3_600_000 + int64(i*31%2000)})
		}
	}
	body, err := packShipment(0, spans, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if each := float64(len(body)) / float64(len(spans)); each > 1.1*spanBytes || each < 0.7*spanBytes {
		t.Fatalf("%.1f bytes a stretch, the sum takes %d", each, spanBytes)
	} else {
		t.Logf("%.1f bytes a stretch", each)
	}
}
