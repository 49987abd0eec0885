package main

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"time"
)

// result is what one run measured. Times in JSON are milliseconds.
type result struct {
	Server  string  `json:"server"`
	Viewers int     `json:"viewers"` // wanted
	Joined  int     `json:"joined"`
	Dropped int     `json:"dropped"`  // lost their connection before the end
	NoFrame int     `json:"no_frame"` // never had a whole keyframe
	Seconds float64 `json:"seconds"`  // measured
	Errors  string  `json:"errors,omitempty"`

	Sent     int64 `json:"sent_packets"`     // by the speaker, in that time
	SentLate int64 `json:"sent_late_frames"` // more than 10 ms behind time: this machine, not the server, is the limit
	PLIs     int64 `json:"keyframe_requests"`

	LayerPLIs []int64 `json:"keyframe_requests_by_layer"` // smallest first, since the speaker began

	Video      numbers      `json:"video"`
	Audio      numbers      `json:"audio"`
	Voices     voiceNumbers `json:"voices"`
	Join       spanMS       `json:"join"`        // offer to connection
	FirstFrame spanMS       `json:"first_frame"` // offer to the first whole keyframe

	ClientCPU float64 `json:"client_cpu_seconds"` // negative: could not be read
	ClientUse float64 `json:"client_cpu_share"`   // the same, as part of the processors this program may use: near 1 it is the limit, not the server
	Missed    uint64  `json:"client_missed"`      // datagrams that came and this program had no room for, since it began
	ServerCPU float64 `json:"server_cpu_seconds"` // negative: not asked for, or could not be read

	Heard           int     `json:"heard"`                       // viewers that read what came; the others cost the server the same
	MicrosPerViewer float64 `json:"server_us_per_viewer_second"` // of server CPU; negative: unknown
	MicrosPerPacket float64 `json:"server_us_per_packet"`        // of server CPU and delivered packet; negative: unknown
	JoinCPU         float64 `json:"server_ms_per_join"`          // of server CPU, what media cost meanwhile taken off; negative: unknown
	ServerRSS       uint64  `json:"server_rss"`                  // bytes at the end; 0: unknown
	RSSPerViewer    float64 `json:"server_rss_per_viewer"`       // bytes more than before the first viewer

	Engine *engineNumbers `json:"engine,omitempty"` // what the server says of itself; with --stats
}

// numbers are the sums over all viewers of one medium.
type numbers struct {
	Packets     uint64  `json:"packets"`
	Expected    uint64  `json:"expected"`
	LossPercent float64 `json:"loss_percent"`
	Kbits       float64 `json:"kbits_per_viewer"`
	Delay       spanMS  `json:"delay"`
	Live        spanMS  `json:"live"`              // of video that a viewer of this program read: without what caught up
	CaughtUp    float64 `json:"caught_up_percent"` // of the packets with a delay
}

// spanMS is a distribution in milliseconds.
type spanMS struct {
	P50 float64 `json:"p50_ms"`
	P95 float64 `json:"p95_ms"`
	P99 float64 `json:"p99_ms"`
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func spread(v []time.Duration) spanMS {
	return spanMS{ms(quantile(v, .5)), ms(quantile(v, .95)), ms(quantile(v, .99))}
}

// total gathers streams of one kind.
type total struct {
	delay, live             histogram
	packets, expected, size uint64
}

func (t *total) add(s *stream) {
	t.delay.merge(&s.delay)
	t.live.merge(&s.live)
	t.packets += s.seq.unique
	t.expected += s.seq.expected()
	t.size += s.bytes
}

// voiceNumbers tell of the voice viewer by viewer.
type voiceNumbers struct {
	MedianLoss float64 `json:"median_loss_percent"`
	WorstLoss  float64 `json:"worst_loss_percent"`
	LongestMS  float64 `json:"longest_gap_ms"` // without a packet; of light viewers
	Starved    int     `json:"starved"`        // viewers who heard nothing at all, or nothing for a second and more

	loss []float64
}

func (v *voiceNumbers) add(s *stream) {
	n := s.seq.expected()
	v.loss = append(v.loss, 100*float64(n-s.seq.unique)/float64(max(n, 1)))
	v.LongestMS = max(v.LongestMS, ms(s.gap))
	if n == 0 || s.gap > time.Second {
		v.Starved++
	}
}

func (v *voiceNumbers) settle() voiceNumbers {
	if slices.Sort(v.loss); len(v.loss) > 0 {
		v.MedianLoss, v.WorstLoss = v.loss[len(v.loss)/2], v.loss[len(v.loss)-1]
	}
	return *v
}

// numbers of a measurement over that many viewers and seconds.
func (t *total) numbers(viewers int, seconds float64) numbers {
	n := numbers{Packets: t.packets, Expected: t.expected, Delay: t.delay.span(), Live: t.live.span()}
	if t.live.n > 0 {
		n.CaughtUp = 100 * float64(t.delay.n-t.live.n) / float64(t.delay.n)
	}
	if viewers > 0 && seconds > 0 {
		n.Kbits = float64(t.size) * 8 / 1000 / seconds / float64(viewers)
	}
	if t.expected > 0 {
		n.LossPercent = 100 * float64(t.expected-t.packets) / float64(t.expected)
	}
	return n
}

func (r *result) cpu(before, after cpuTimes) {
	r.ClientCPU, r.ServerCPU = after.self-before.self, after.server-before.server
	if before.self < 0 || after.self < 0 {
		r.ClientCPU = -1
	}
	r.ClientUse = max(0, r.ClientCPU/r.Seconds/float64(runtime.GOMAXPROCS(0)))
	if before.server < 0 || after.server < 0 {
		r.ServerCPU = -1
	}
}

// derive fills in what follows from the rest.
func (r *result) derive() {
	r.MicrosPerViewer, r.MicrosPerPacket = -1, -1
	packets := r.Video.Packets + r.Audio.Packets
	if r.ServerCPU < 0 || packets == 0 || r.Heard == 0 {
		return
	}
	all := float64(packets) * float64(r.Joined) / float64(r.Heard) // those who do not listen were sent the same
	r.MicrosPerViewer = r.ServerCPU * 1e6 / r.Seconds / float64(r.Joined)
	r.MicrosPerPacket = r.ServerCPU * 1e6 / all
}

// joinCPU estimates what a join costs: the server's time while viewers joined, less what it sent to those already in, on
// average half of them. Call it after cpu.
func (r *result) joinCPU(before, after cpuTimes, took time.Duration) {
	r.JoinCPU = -1
	if before.server < 0 || after.server < 0 || r.ServerCPU < 0 || r.Joined == 0 {
		return
	}
	// One second lies between the last join and the measurement; all are in then.
	share := (took.Seconds()/2 + 1) / r.Seconds
	r.JoinCPU = max(0, after.server-before.server-r.ServerCPU*share) * 1000 / float64(r.Joined)
}

// bench writes the result as benchmark lines. One "operation" is a delivered packet, or a join.
func (r *result) bench(w io.Writer) error {
	var b strings.Builder
	name := func(what string) string {
		return fmt.Sprintf("Benchmark%s/server=%s/viewers=%d-%d", what, r.Server, r.Viewers, runtime.GOMAXPROCS(0))
	}
	packets := r.Video.Packets + r.Audio.Packets
	fmt.Fprintf(&b, "goos: %s\ngoarch: %s\npkg: betang/cmd/betang-load\n", runtime.GOOS, runtime.GOARCH)
	for _, m := range []struct {
		what string
		n    numbers
	}{{"Video", r.Video}, {"Audio", r.Audio}} {
		fmt.Fprintf(&b, "%s\t%d\t%.3f p50-ms\t%.3f p99-ms\t%.4f loss-%%\t%.1f kbit/s\n",
			name(m.what), m.n.Packets, m.n.Delay.P50, m.n.Delay.P99, m.n.LossPercent, m.n.Kbits)
	}
	fmt.Fprintf(&b, "%s\t%d\t%.1f p50-ms\t%.1f p95-ms\t%d failed\t%d dropped\n",
		name("Join"), r.Joined, r.Join.P50, r.Join.P95, r.Viewers-r.Joined, r.Dropped)
	fmt.Fprintf(&b, "%s\t%d\t%.1f p50-ms\t%.1f p95-ms\t%d missing\t%d PLI\n",
		name("FirstFrame"), r.Joined-r.NoFrame, r.FirstFrame.P50, r.FirstFrame.P95, r.NoFrame, r.PLIs)
	for _, c := range []struct {
		what    string
		seconds float64
	}{{"ServerCPU", r.ServerCPU}, {"ClientCPU", r.ClientCPU}} {
		if c.seconds < 0 || packets == 0 {
			continue
		}
		fmt.Fprintf(&b, "%s\t%d\t%.0f ns/op\t%.3f core-%%/viewer\n", name(c.what), packets,
			c.seconds*1e9/float64(packets)*float64(max(r.Heard, 1))/float64(max(r.Joined, 1)), 100*c.seconds/r.Seconds/float64(max(r.Joined, 1)))
	}
	if r.MicrosPerViewer >= 0 {
		fmt.Fprintf(&b, "%s\t%d\t%.0f us/viewer-s\t%.2f us/packet\t%.2f join-ms\t%.1f KiB/viewer\n", name("Server"), r.Joined,
			r.MicrosPerViewer, r.MicrosPerPacket, r.JoinCPU, r.RSSPerViewer/1024)
	}
	if e := r.Engine; e != nil {
		fmt.Fprintf(&b, "%s\t%d\t%.1f walks/viewer-s\t%.0f overload-%%\t%d low\t%d voice\t%d away\t%.1f goroutines/viewer\n", name("Engine"), r.Joined,
			e.WalksPerViewer, 100*e.Load, e.Low, e.Voice, e.Away, e.GoroutinesPerViewer)
	}
	fmt.Fprintf(&b, "%s\t%d\t%d late-frames\t%d missed\t%.2f load\n", name("Speaker"), r.Sent, r.SentLate, r.Missed, r.ClientUse)
	_, err := io.WriteString(w, b.String())
	return err
}

func firstLine(err error) string {
	s, _, _ := strings.Cut(err.Error(), "\n")
	return s
}
