package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"betang/signaling/cluster/clustertest"
)

var edgesMost = flag.Int("edges", 0, "most viewers at the edge in TestEdges; 0 skips it")

// TestEdges measures what an edge costs and saves, with real processes and a real Redis, and prints what
// sfu/relay/PERFORMANCE.md reports: delay by hop and first pictures in one run, then the origin's egress while viewers at the edge
// grow from 1 to -edges. That must stay flat within 5 %: it is the purpose of an edge.
func TestEdges(t *testing.T) {
	if *edgesMost == 0 {
		t.Skip("-edges 500 runs it: make edges")
	}
	redis := clustertest.NewRedis(t)
	start := func(name string, more ...string) *server {
		return startServer(t, func(s *server) {
			s.more = append([]string{"--redis", redis.URL(), "--node", name, "--relay-at", s.media}, more...)
		})
	}
	origin, edge := start("asal"), start("kotim-1", "--edge")
	office := start("kantor", "--edge", "--relay-via", "kotim-1")
	linked := func(s *server, to string) {
		s.until("a link to "+to, 20*time.Second, func(m map[string]float64) bool { return m[`betang_relay_up{node="`+to+`"}`] == 1 })
	}
	linked(edge, "asal")
	linked(office, "kotim-1")
	t.Logf("load average %s", loadAverage())

	out := generate(t, 3*time.Minute, "hops", "--json", "--whip", origin.links.WHIP.URL, "--whip-token", origin.links.WHIP.Token,
		"--whep-token", origin.links.WHEP.Token, "--at", "origin="+origin.links.WHEP.URL, "--at", "edge="+edge.links.WHEP.URL,
		"--at", "office="+office.links.WHEP.URL)
	var hops struct {
		SentLate int `json:"sent_late_frames"`
		Places   []struct {
			Name         string    `json:"name"`
			Cold         []float64 `json:"cold_ms"`
			Warm         spread    `json:"warm"`
			Video, Audio struct {
				Packets     uint64  `json:"packets"`
				LossPercent float64 `json:"loss_percent"`
				Delay       spread  `json:"delay"`
			}
		} `json:"places"`
	}
	if err := json.Unmarshal([]byte(out[strings.Index(out, "{"):]), &hops); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	for _, p := range hops.Places {
		t.Logf("%-6s video p50 %5.2f p99 %5.1f ms, voice p50 %5.2f p99 %5.1f ms, loss %.3f %%; first picture cold %.0f ms, warm p50 %.0f p99 %.0f ms",
			p.Name, p.Video.Delay.P50, p.Video.Delay.P99, p.Audio.Delay.P50, p.Audio.Delay.P99, p.Video.LossPercent, p.Cold, p.Warm.P50, p.Warm.P99)
		if p.Video.Packets == 0 || len(p.Cold) == 0 {
			t.Errorf("%s: nothing came", p.Name)
		}
	}
	t.Logf("%d frames of the speaker were late", hops.SentLate)

	bytes := `betang_relay_total{node="kotim-1",what="bytes_out"}`
	var first float64
	for _, n := range []int{1, 10, 100, *edgesMost} {
		done := make(chan seen, 1)
		go func() { done <- edge.watch(origin, n, 16*time.Second, "--join-rate", "100", "--read", "20") }()
		edge.until("all have joined", time.Minute, func(m map[string]float64) bool {
			return m[`betang_media_current{of="viewers"}`] == float64(n)
		})
		<-time.After(3 * time.Second)
		began, before := time.Now(), origin.metrics()[bytes]
		<-time.After(10 * time.Second) // five keyframes
		sent := (origin.metrics()[bytes] - before) / time.Since(began).Seconds()
		got := <-done
		if first == 0 {
			first = sent
		}
		t.Logf("%3d viewers at the edge: the origin sends it %.0f bytes/s (%.1f kbit/s), %+.2f %% of one viewer's; %.0f kbit/s of video a viewer, loss %.3f %%, late frames %d",
			n, sent, sent*8/1000, 100*(sent/first-1), got.Video.Kbits, got.Video.LossPercent, got.SentLate)
		if sent < first*.95 || sent > first*1.05 {
			t.Errorf("egress with %d viewers at the edge is %.2f of that with one", n, sent/first)
		}
	}
	t.Logf("load average %s", loadAverage())
}

func loadAverage() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return fmt.Sprint("not known: ", err)
	}
	return strings.Join(strings.Fields(string(b))[:3], " ")
}
