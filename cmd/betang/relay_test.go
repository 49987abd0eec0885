package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"betang/sfu/relay"
)

var relayViewers = flag.Int("relay", 0, "most viewers of TestRelayFigures; 0 skips it")

// chain starts servers of which each takes stage and media from the one before.
func chain(t *testing.T, names ...string) []*server {
	t.Helper()
	var keys, files []string
	for _, name := range names {
		file := filepath.Join(t.TempDir(), name+".key")
		bin, err := buildOnce()
		if err != nil {
			t.Fatal(err)
		}
		s := &server{t: t, bin: bin}
		files = append(files, file)
		keys = append(keys, strings.TrimSpace(s.betang("node-key", "--data", filepath.Dir(file), "--relay-key", file)))
	}
	var list []*server
	for i, name := range names {
		list = append(list, startServer(t, func(s *server) {
			s.more = []string{"--relay-key", files[i]}
			if i > 0 {
				s.more = append(s.more, "--relay-from", names[i-1]+"="+keys[i-1]+"@"+list[i-1].media)
			}
			if i+1 < len(names) {
				s.more = append(s.more, "--relay-to", names[i+1]+"="+keys[i+1])
			}
		}))
		if i > 0 {
			list[i].until(fmt.Sprintf("%s has a link", name), 20*time.Second, func(m map[string]float64) bool {
				return m[`betang_relay_up{node="`+names[i-1]+`"}`] == 1
			})
		}
	}
	return list
}

// until waits for /metrics to say so.
func (s *server) until(what string, within time.Duration, is func(map[string]float64) bool) {
	s.t.Helper()
	for end := time.Now().Add(within); !is(s.metrics()); runtimeYield() {
		if time.Now().After(end) {
			s.t.Fatalf("not within %v: %s", within, what)
		}
	}
}

// seen is what betang-load says of the viewers, in part.
type seen struct {
	Joined  int `json:"joined"`
	NoFrame int `json:"no_frame"`
	Video   struct {
		Packets     uint64  `json:"packets"`
		LossPercent float64 `json:"loss_percent"`
		Kbits       float64 `json:"kbits_per_viewer"`
		Delay       spread  `json:"delay"`
	} `json:"video"`
	Audio struct {
		LossPercent float64 `json:"loss_percent"`
		Delay       spread  `json:"delay"`
	} `json:"audio"`
	FirstFrame spread  `json:"first_frame"`
	SentLate   int     `json:"sent_late_frames"`
	ClientUse  float64 `json:"client_cpu_share"`
}

type spread struct {
	P50 float64 `json:"p50_ms"`
	P99 float64 `json:"p99_ms"`
}

// watch has viewers at s see what the demo's encoder publishes at the origin.
func (s *server) watch(origin *server, viewers int, d time.Duration, more ...string) seen {
	s.t.Helper()
	out := s.load(viewers, d, append([]string{
		"--json", "--whip", origin.links.WHIP.URL, "--whip-token", origin.links.WHIP.Token,
	}, more...)...)
	var got seen
	if err := json.Unmarshal([]byte(out[strings.Index(out, "{"):]), &got); err != nil {
		s.t.Fatalf("%v in %s", err, out)
	}
	return got
}

// TestRelayChain: three servers joined by flags alone; who watches at the last sees what is published at the first.
func TestRelayChain(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("three servers and a generator")
	}
	nodes := chain(t, "provinsi", "kabupaten", "kantor")
	origin, last := nodes[0], nodes[2]
	got := last.watch(origin, 3, 3*time.Second)
	if got.Joined != 3 || got.NoFrame != 0 || got.Video.Kbits < 1000 || got.Video.LossPercent > 0.1 || got.Audio.LossPercent > 0.1 {
		t.Errorf("at the end of the chain: %+v", got)
	}
	for i, to := range []string{"kabupaten", "kantor"} {
		m := nodes[i].metrics()
		if in := nodes[i+1].metrics()[`betang_media_total{what="packets_in"}`]; in == 0 || in > m[`betang_relay_total{node="`+to+`",what="packets_out"}`] {
			t.Errorf("%s took in %.0f packets", to, in)
		}
		nodes[i].until(to+" lets go what nobody watches", 20*time.Second, func(m map[string]float64) bool {
			return m[`betang_relay_current{node="`+to+`",of="layers_out"}`] == 0
		})
	}
}

// TestRelayFlags: what cannot be meant is refused with a word on why.
func TestRelayFlags(t *testing.T) {
	key := relay.PublicText(make([]byte, 32))
	for _, c := range []struct {
		relay Relay
		want  string
	}{
		{Relay{RelayFrom: "origin"}, "not like name=key"},
		{Relay{RelayFrom: "origin=" + key}, "no address"},
		{Relay{RelayFrom: "origin=abc@10.0.0.1:8443"}, "not a node's public key"},
		{Relay{RelayTo: []string{"a=" + key + "x"}}, "not a node's public key"},
		{Relay{RelayTo: []string{"a=" + key, "a=" + key}}, `called "a"`},
		{Relay{RelayFrom: "o=" + key + "@[::1]:8443", RelayTo: []string{"a=" + key}}, ""},
	} {
		_, _, err := c.relay.peers()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", c.relay, err)
		}
	}
}

// TestRelayFigures prints what sfu/relay/PERFORMANCE.md reports.
func TestRelayFigures(t *testing.T) {
	if *relayViewers == 0 {
		t.Skip("-relay 500 runs it")
	}
	nodes := chain(t, "origin", "edge", "office")
	origin, edge, office := nodes[0], nodes[1], nodes[2]
	for range 3 {
		d, c, f := origin.watch(origin, 1, 3*time.Second), edge.watch(origin, 1, 3*time.Second), office.watch(origin, 1, 3*time.Second)
		t.Logf("first picture of the first viewer, ms: at the origin %.0f, one hop away %.0f, two hops %.0f", d.FirstFrame.P50, c.FirstFrame.P50, f.FirstFrame.P50)
	}
	for _, s := range []struct {
		what string
		at   *server
	}{{"origin", origin}, {"edge", edge}, {"office", office}} {
		got := s.at.watch(origin, 20, 15*time.Second, "--join-rate", "10")
		t.Logf("20 viewers at the %s: video p50 %.2f p99 %.2f ms, voice p50 %.2f p99 %.2f ms, loss %.3f %%, first picture p50 %.0f p99 %.0f ms",
			s.what, got.Video.Delay.P50, got.Video.Delay.P99, got.Audio.Delay.P50, got.Audio.Delay.P99, got.Video.LossPercent, got.FirstFrame.P50, got.FirstFrame.P99)
	}
	bytes := `betang_relay_total{node="edge",what="bytes_out"}`
	for _, n := range []int{1, 50, *relayViewers} {
		done := make(chan seen, 1)
		go func() { done <- edge.watch(origin, n, 20*time.Second, "--join-rate", "100", "--read", "20") }()
		edge.until("all have joined", time.Minute, func(m map[string]float64) bool {
			return m[`betang_media_current{of="viewers"}`] == float64(n)
		})
		<-time.After(3 * time.Second)
		began, before := time.Now(), origin.metrics()[bytes]
		<-time.After(12 * time.Second)
		sent := (origin.metrics()[bytes] - before) / time.Since(began).Seconds()
		got := <-done
		t.Logf("%d viewers at the edge: the origin sends it %.1f kbit/s; %.0f kbit/s of video a viewer, loss %.3f %%, late frames %d, client share %.2f",
			n, sent*8/1000, got.Video.Kbits, got.Video.LossPercent, got.SentLate, got.ClientUse)
	}
}
