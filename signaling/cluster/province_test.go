package cluster

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"betang/classroom/attend"
	"betang/signaling"
	"betang/signaling/cluster/clustertest"
)

// The province on paper: 20,000 viewers, one origin and 14 edges. What is measured says where; the rest is multiplication, to be done
// again with one's own numbers.
func Example_province() {
	p := province{
		Viewers: 20_000, Edges: 14, AtOrigin: 2_000, // of the plan: 13 regencies and one city
		Layers: []float64{1500, 500, 150}, Voice: 40, // what the speaker's page sends at 720p; Opus with its heads
		Serve:    400,                              // sfu/PERFORMANCE.md, 2026-11-28: 1,000 viewers at 720p, 396
		Feedback: 90,                               // the same day, 300 alone: 606 less 519; 52 over 25 s on 2026-11-29
		Socket:   110,                              // signaling/PERFORMANCE.md: 1,000 sockets of a room at work
		Resident: 73,                               // sfu/PERFORMANCE.md, 2026-11-29: resident growth with feedback, 1,000
		Page:     52,                               // signaling/PERFORMANCE.md: 1,000 sockets
		Facts:    30, FactBytes: 400, Commands: 30, // a lively hall: a vote or question of one in 700 each second
	}
	fmt.Print(p.Report())
	// Output:
	// media to one edge           2.2 Mbit/s (all layers once)
	// media out of the origin     3.1 Gbit/s to its own viewers, 31 Mbit/s to 14 edges; without edges 30.8 Gbit/s
	// media out of one edge       2.0 Gbit/s to 1286 viewers
	// processors of one edge      0.8; of the origin 1.2
	// memory of one edge          165 MB for its viewers
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
	Socket   float64   // and for its page's websocket
	Resident float64   // KiB of memory for a viewer
	Page     float64   // and for its websocket

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
	cores := func(viewers float64) float64 { return viewers * (p.Serve + p.Feedback + p.Socket) / 1e6 }
	shipEvery := term / 2
	evidence := perEdge * spansEach * spanBytes * 8 / 1000 / shipEvery
	facts := p.Facts * p.FactBytes * 8 / 1e6 * float64(p.Edges)
	commands := p.redis()
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
	line("memory of one edge", "%.0f MB for its viewers", perEdge*(p.Resident+p.Page)*1024/1e6)
	line("facts to all edges", "%.1f Mbit/s", facts)
	line("evidence to the origin", "%.1f Mbit/s of Redis, %.0f kbit/s from each edge", evidence*float64(p.Edges)/1000, evidence)
	line("Redis", "%.0f commands a second, %.0f MB with ten minutes of evidence waiting", commands, memory)
	return b.String()
}

// redis is how many commands a second Redis is sent, those in scripts not counted: as TestCommandsOfRedis measures them at rest, and what
// the event adds.
func (p province) redis() float64 {
	term, nodes := DefaultTerm.Seconds(), float64(p.Edges+1)
	rest := nodes*(nodeBeats/(term/3)+eventBeats+followAlone) + float64(p.Edges)*(2/(term/2)) + 3/term
	return rest + p.Facts + 2*p.Commands + float64(p.Edges)*min(p.Facts, 2)
}

// TestCommandsOfRedis holds what the sum says of Redis at rest to what a real one counts while an origin and two edges have an event open:
// per beat of theirs, so that a slow machine does not matter.
func TestCommandsOfRedis(t *testing.T) {
	t.Parallel() // it waits for beats
	ctx, server := t.Context(), clustertest.NewRedis(t)
	for i, name := range []string{"asal", "kotim-1", "seruyan-1"} {
		st := openStore(t)
		m, err := Join(ctx, Config{
			Bus: open(t, server.URL()), Dir: st, Shelf: st, Source: name, Key: keyOf(name), Self: Node{Name: name, Edge: i > 0}, Log: slog.New(slog.DiscardHandler),
		})
		ok(t, err)
		p := m.Sit("ev", &desk{})
		p.Start()
		telling, stop := context.WithCancel(ctx)
		var work sync.WaitGroup
		work.Go(func() { // as a hub does, each second
			tick := time.NewTicker(time.Second)
			defer tick.Stop()
			for {
				select {
				case <-tick.C:
					p.Tell(p.(*place).token.Load() != 0, signaling.Here{})
				case <-telling.Done():
					return
				}
			}
		})
		t.Cleanup(func() { stop(); work.Wait(); p.Stop(); m.Close() })
	}
	// Redis counts a script and each command in it. Of what is counted here only HGET is in a script too, announce, once beside its ZSCORE.
	count := func() (beats, all float64) {
		text, err := server.Do("INFO", "commandstats")
		ok(t, err)
		calls := map[string]float64{}
		for line := range strings.Lines(text.(string)) {
			var n float64
			if name, figures, is := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "cmdstat_"), ":"); is {
				_, _ = fmt.Sscanf(figures, "calls=%f", &n)
				calls[name] = n
			}
		}
		for _, direct := range []string{"evalsha", "eval", "publish", "spublish", "xread", "xadd", "xreadgroup", "xautoclaim", "hget", "smembers", "sadd", "get", "setnx", "subscribe", "ssubscribe"} {
			all += calls[direct]
		}
		return calls["smembers"] / 3, all - calls["zscore"] // each node reads the revoked links with each beat
	}
	var from, was float64
	until(t, "all have begun", func() bool { from, was = count(); return from >= 3 })
	var to, is float64
	until(t, "some beats more", func() bool { to, is = count(); return to >= from+4 })
	beat := DefaultTerm.Seconds() / 3
	got, want := (is-was)/((to-from)*beat), province{Edges: 2}.redis()
	t.Logf("%.1f commands a second, the sum says %.1f", got, want)
	if got > 1.3*want || got < .7*want {
		t.Errorf("Redis is sent %.1f commands a second, the sum says %.1f", got, want)
	}
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
