package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"betang/sfu/sfutest/impair"
)

var badRuns = flag.Int("bad-runs", 1, "passes of the rows of crowds in TestBadNetworks; medians are printed")

// crowdSeen is what the load generator says of a crowd.
type crowdSeen struct {
	Joined  int
	Seconds float64
	PLIs    float64 `json:"keyframe_requests"`
	Video   struct {
		Loss float64 `json:"loss_percent"`
		Kbps float64 `json:"kbits_per_viewer"`
	}
	Audio struct {
		Loss  float64 `json:"loss_percent"`
		Kbps  float64 `json:"kbits_per_viewer"`
		Delay struct {
			P50 float64 `json:"p50_ms"`
			P99 float64 `json:"p99_ms"`
		}
	}
	Voices struct {
		Median  float64 `json:"median_loss_percent"`
		Worst   float64 `json:"worst_loss_percent"`
		Longest float64 `json:"longest_gap_ms"`
		Starved float64
	}
}

func (s *server) crowd(args ...string) crowdSeen {
	s.t.Helper()
	seen, err := s.tryCrowd(args...)
	if err != nil {
		s.t.Fatal(err)
	}
	return seen
}

// tryCrowd is crowd for any goroutine.
func (s *server) tryCrowd(args ...string) (seen crowdSeen, err error) {
	out, err := s.generator(2*time.Minute, append([]string{"measure", "--json", "--twcc"}, args...)...)
	if err != nil {
		return seen, err
	}
	_, out, _ = strings.Cut(out, "{")
	return seen, json.Unmarshal([]byte("{"+out), &seen)
}

// figures of a row, by name; of several passes the median of each is printed.
type figures map[string]float64

// passes runs a row as often as wanted and prints its line.
func passes(t *testing.T, row string, pass func(t *testing.T) figures) {
	var all []figures
	for i := range *badRuns {
		t.Run(fmt.Sprint("pass", i+1), func(t *testing.T) { all = append(all, pass(t)) })
	}
	if len(all) == 0 || t.Failed() && len(all) < *badRuns {
		return
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(all[0])) {
		var list []float64
		for _, f := range all {
			list = append(list, f[name])
		}
		slices.Sort(list)
		fmt.Fprintf(&b, "; %s %.4g", name, list[len(list)/2])
	}
	t.Logf("ROW %s, median of %d%s", row, len(all), b.String())
}

// badShared is an office: 30 viewers behind one link of 5 Mbit/s, all with transport-wide feedback. The picture is of 180p, which the
// link does not carry for all of them.
func badShared(t *testing.T) {
	passes(t, "30 viewers behind one 5 Mbit/s link", func(t *testing.T) figures {
		s := startServer(t, func(s *server) { s.more = []string{"--log-level", "debug"} })
		addr, err := net.ResolveUDPAddr("udp", s.media)
		if err != nil {
			t.Fatal(err)
		}
		delay := 25 * time.Millisecond
		proxy, err := impair.NewUDP(addr, 7, impair.Link{Delay: delay}, impair.Link{Delay: delay, Rate: 5_000_000, Queue: 300 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(proxy.Close)
		seen := s.crowd("--viewers", "30", "--picture", "180p", "--join-rate", "10", "--duration", "40s", "--via", fmt.Sprintf("127.0.0.1:%d", proxy.Port()))
		changes, last := 0, map[string]string{}
		for line := range strings.Lines(s.log.String()) {
			if !strings.Contains(line, "a viewer's share") {
				continue
			}
			peer, rung := attribute(line, "peer"), attribute(line, "rung")
			if was := last[peer]; was != "" && was != rung {
				changes++
			}
			last[peer] = rung
		}
		if seen.Joined != 30 || seen.Voices.Starved > 0 {
			t.Errorf("%d joined, %.0f of them had no voice for a second", seen.Joined, seen.Voices.Starved)
		}
		if seen.Voices.Worst > 3 {
			t.Errorf("%.2f %% of the voice lost in the worst", seen.Voices.Worst)
		}
		return figures{
			"voice lost, median %": seen.Voices.Median, "voice lost, worst %": seen.Voices.Worst, "longest gap of voice, ms": seen.Voices.Longest,
			"starved": seen.Voices.Starved, "rung changes since the start": float64(changes),
			"link use, kbit/s of payload": 30 * (seen.Video.Kbps + seen.Audio.Kbps),
		}
	})
}

// attribute reads one of a log line's.
func attribute(line, name string) string {
	if _, rest, ok := strings.Cut(line, name+"="); ok {
		return strings.Fields(rest)[0]
	}
	_, rest, _ := strings.Cut(line, `"`+name+`":"`)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

// badFew are 450 viewers beside whom 50 come who lose a tenth of everything: what it costs the 450, and the publisher.
func badFew(t *testing.T) {
	passes(t, "500 viewers, 50 of them at 10 % loss", func(t *testing.T) figures {
		s := startServer(t)
		most := []string{"--viewers", "450", "--read", "100", "--picture", "180p", "--join-rate", "50"}
		before := s.crowd(append(most, "--duration", "15s")...)
		var few crowdSeen
		lossy := make(chan error, 1)
		time.AfterFunc(12*time.Second, func() { // the 450 come first
			var err error
			few, err = s.tryCrowd("--whip", "none", "--viewers", "50", "--picture", "180p", "--loss", "0.1", "--duration", "15s")
			lossy <- err
		})
		during := s.crowd(append(most, "--duration", "30s")...)
		if err := <-lossy; err != nil {
			t.Fatal(err)
		}
		asked := during.PLIs / (during.Seconds + 11)
		if during.Joined != 450 || few.Joined != 50 || during.Audio.Loss > before.Audio.Loss+0.1 {
			t.Errorf("%d and %d joined; the 450 lose %.3f %% of the voice beside them, %.3f %% alone", during.Joined, few.Joined, during.Audio.Loss, before.Audio.Loss)
		}
		if asked > 1 {
			t.Errorf("%.2f keyframe requests a second at the publisher, at most 1 a layer", asked)
		}
		return figures{
			"voice lost before, %": before.Audio.Loss, "voice lost beside them, %": during.Audio.Loss,
			"picture lost before, %": before.Video.Loss, "picture lost beside them, %": during.Video.Loss,
			"delay before p50, ms": before.Audio.Delay.P50, "p99 before": before.Audio.Delay.P99,
			"delay beside them p50, ms": during.Audio.Delay.P50, "p99 beside them": during.Audio.Delay.P99,
			"keyframe requests a second": asked,
		}
	})
}
