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
	PLIs    []float64 `json:"keyframe_requests_by_layer"`
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
	out, err := s.generator(2*time.Minute+*badFor, append([]string{"measure", "--json", "--twcc"}, args...)...)
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

// badShared is an office: 30 viewers behind one link of 5 Mbit/s, all with transport-wide feedback. The picture has the three layers of a
// lecture, of which the link carries the least for most of them and no more.
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
		seen := s.crowd("--viewers", "30", "--picture", "lecture", "--join-rate", "10", "--duration", badFor.String(), "--via", fmt.Sprintf("127.0.0.1:%d", proxy.Port()))
		stood := s.standings(20 * time.Second)
		if seen.Joined != 30 || seen.Voices.Starved > 0 {
			t.Errorf("%d joined, %.0f of them had no voice for a second", seen.Joined, seen.Voices.Starved)
		}
		if seen.Voices.Worst > 3 {
			t.Errorf("%.2f %% of the voice lost in the worst", seen.Voices.Worst)
		}
		f := figures{
			"voice lost, median %": seen.Voices.Median, "voice lost, worst %": seen.Voices.Worst, "longest gap of voice, ms": seen.Voices.Longest,
			"starved": seen.Voices.Starved, "link use, kbit/s of payload": 30 * (seen.Video.Kbps + seen.Audio.Kbps),
		}
		for _, v := range stood {
			f["rung changes in the first 20 s"] += float64(v.early)
			f["rung changes after that"] += float64(v.late)
			f["rung changes after that, most of one viewer"] = max(f["rung changes after that, most of one viewer"], float64(v.late))
			f["half-steps after that"] += float64(v.halves)
			f["at the end on "+v.rung]++
		}
		return f
	})
}

// stood is how one viewer fared on the ladder.
type stood struct {
	rung        string // the last
	early, late int    // changes of rung
	halves      int    // changes of rate alone, after the first time: fewer frames, or more
	since       time.Time
}

// standings reads the server's log: how each viewer fared in its first time and after it.
func (s *server) standings(first time.Duration) map[string]*stood {
	s.t.Helper()
	all := map[string]*stood{}
	for line := range strings.Lines(s.log.String()) {
		if !strings.Contains(line, "a viewer's share") {
			continue
		}
		at, err := time.Parse(time.RFC3339Nano, attribute(line, "time"))
		if err != nil {
			s.t.Fatal(err)
		}
		peer, rung := attribute(line, "peer"), attribute(line, "rung")
		v := all[peer]
		if v == nil {
			all[peer] = &stood{rung: rung, since: at}
			continue
		}
		switch late := at.Sub(v.since) > first; {
		case v.rung == rung && late:
			v.halves++
		case v.rung == rung:
		case late:
			v.late++
		default:
			v.early++
		}
		v.rung = rung
	}
	return all
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
		most := []string{"--viewers", "450", "--read", "100", "--picture", "small", "--join-rate", "50"}
		before := s.crowd(append(most, "--duration", "15s")...)
		var few crowdSeen
		lossy := make(chan error, 1)
		time.AfterFunc(12*time.Second, func() { // the 450 come first
			var err error
			few, err = s.tryCrowd("--whip", "none", "--viewers", "50", "--loss", "0.1", "--duration", "15s")
			lossy <- err
		})
		during := s.crowd(append(most, "--duration", "30s")...)
		if err := <-lossy; err != nil {
			t.Fatal(err)
		}
		// The speaker began a second before the first viewer came; they came in 9 s.
		asked := slices.Max(during.PLIs) / (during.Seconds + 11)
		if during.Joined != 450 || few.Joined != 50 || during.Audio.Loss > before.Audio.Loss+0.1 {
			t.Errorf("%d and %d joined; the 450 lose %.3f %% of the voice beside them, %.3f %% alone", during.Joined, few.Joined, during.Audio.Loss, before.Audio.Loss)
		}
		if asked > 1 {
			t.Errorf("%.2f keyframe requests a second for a layer, at most 1", asked)
		}
		return figures{
			"voice lost before, %": before.Audio.Loss, "voice lost beside them, %": during.Audio.Loss,
			"picture lost before, %": before.Video.Loss, "picture lost beside them, %": during.Video.Loss,
			"delay before p50, ms": before.Audio.Delay.P50, "p99 before": before.Audio.Delay.P99,
			"delay beside them p50, ms": during.Audio.Delay.P50, "p99 beside them": during.Audio.Delay.P99,
			"keyframe requests a second, most of a layer": asked, "layers": float64(len(during.PLIs)),
		}
	})
}
