package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

var (
	loadViewers = flag.Int("load", 0, "viewers of TestLoad; 0 skips it")
	roomSockets = flag.Int("room", 0, "websockets of TestRoomLoad; 0: a few, for a moment")
	soakTime    = flag.Duration("soak", 0, "how long TestSoak lets viewers come and go; 0 skips it")
)

// TestLoad runs the load generator against a server of its own and prints what it measured.
func TestLoad(t *testing.T) {
	if *loadViewers == 0 {
		t.Skip("make load runs it")
	}
	s := startServer(t)
	t.Log("\n" + s.load(*loadViewers, 20*time.Second))
}

// TestRoomLoad fills an event of a server of its own with guests. It prints what their websockets cost ("make room" takes many), and
// fails where one could not join, misses an announcement, or does not come back after all were cut.
func TestRoomLoad(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a server and a generator")
	}
	n, args := *roomSockets, []string{}
	if n == 0 {
		n, args = 50, []string{"--idle", "500ms", "--duration", "2s"}
	}
	s := startServer(t)
	out := s.generate(3*time.Minute, append([]string{"room", "--json", "--sockets", strconv.Itoa(n)}, args...)...)
	t.Log("\n" + out)
	var res struct {
		Joined, Failed, Announced, Received, Turned, Questions, Votes, Back int
		TurnsSeen                                                           int `json:"turns_seen"`
	}
	if err := json.Unmarshal([]byte(out[strings.Index(out, "{"):]), &res); err != nil {
		t.Fatal(err)
	}
	if res.Joined != n || res.Failed > 0 || res.Announced == 0 || res.Received != n*res.Announced || res.Votes == 0 ||
		res.Turned == 0 || res.TurnsSeen != n*res.Turned || res.Questions == 0 || res.Back != n {
		t.Errorf("%+v of %d", res, n)
	}
}

// TestPagesLoad has light viewers come as guests' pages do: by the event's door and its websocket.
func TestPagesLoad(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a server and a generator")
	}
	s := startServer(t)
	out := s.generate(2*time.Minute, "measure", "--json", "--pages", "--slots", "3", "--viewers", "5", "--duration", "1s")
	t.Log("\n" + out)
	var res struct {
		Joined       int
		Errors       string
		NoFrame      int `json:"no_frame"`
		Video, Audio struct{ Packets int }
	}
	if err := json.Unmarshal([]byte(out[strings.Index(out, "{"):]), &res); err != nil {
		t.Fatal(err)
	}
	if res.Joined != 5 || res.NoFrame > 0 || res.Errors != "" || res.Video.Packets == 0 || res.Audio.Packets == 0 {
		t.Errorf("%+v: five guests, each with the picture and the voice", res)
	}
}

// TestClassLoad is a small class of the load generator: everybody comes in and gets everybody's picture.
func TestClassLoad(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a server and a generator")
	}
	s := startServer(t)
	out := s.generate(2*time.Minute, "class", "--json", "--lead", "--people", "3", "--duration", "1s")
	t.Log("\n" + out)
	var res struct {
		Joined   int
		Pictures float64 `json:"pictures_per_person"`
		Audio    struct{ Packets int }
	}
	if err := json.Unmarshal([]byte(out[strings.Index(out, "{"):]), &res); err != nil {
		t.Fatal(err)
	}
	if res.Joined != 4 || res.Pictures < 2.5 || res.Audio.Packets == 0 {
		t.Errorf("%+v: four people, each with the pictures of the others and a voice", res)
	}
}

// TestSoak lets viewers come and go in rounds; what the server holds must come back to what the first round left.
func TestSoak(t *testing.T) {
	if *soakTime == 0 {
		t.Skip("make soak runs it")
	}
	s := startServer(t)
	var base, last map[string]float64
	for round, began := 1, time.Now(); base == nil || time.Since(began) < *soakTime; round++ {
		s.load(40, 15*time.Second)
		last = s.metrics()
		if base == nil {
			base = last
		}
		t.Logf("round %d: %.0f goroutines, %.0f MiB in use, %.0f viewers left", round, last["go_goroutines"],
			last["go_memstats_heap_inuse_bytes"]/(1<<20), last[`betang_media_current{of="viewers"}`])
	}
	if n := last[`betang_media_current{of="viewers"}`]; n != 0 {
		t.Errorf("%.0f viewers are left", n)
	}
	if last["go_goroutines"] > base["go_goroutines"]+10 {
		t.Errorf("goroutines grew from %.0f to %.0f", base["go_goroutines"], last["go_goroutines"])
	}
	if last["go_memstats_heap_inuse_bytes"] > 1.5*base["go_memstats_heap_inuse_bytes"]+16<<20 {
		t.Errorf("the heap grew from %.0f to %.0f bytes", base["go_memstats_heap_inuse_bytes"], last["go_memstats_heap_inuse_bytes"])
	}
}

// load has viewers watch the server over loopback.
func (s *server) load(viewers int, d time.Duration, more ...string) string {
	s.t.Helper()
	return s.generate(d+2*time.Minute, append([]string{"measure", "--viewers", strconv.Itoa(viewers), "--duration", d.String()}, more...)...)
}

// generate runs betang-load against the server.
func (s *server) generate(limit time.Duration, args ...string) string {
	s.t.Helper()
	out, err := s.generator(limit, args...)
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

// generator is generate for any goroutine.
func (s *server) generator(limit time.Duration, args ...string) (string, error) {
	return generator(s.t, limit, append(args, "--links", filepath.Join(s.dir, "demo-links.json"), "--server-pid", strconv.Itoa(s.cmd.Process.Pid))...)
}

// generate runs betang-load.
func generate(t testing.TB, limit time.Duration, args ...string) string {
	t.Helper()
	out, err := generator(t, limit, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func generator(t testing.TB, limit time.Duration, args ...string) (string, error) {
	bin := filepath.Join(t.TempDir(), "betang-load")
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", bin, "../betang-load").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the generator: %w\n%s", err, out)
	}
	out, err := exec.CommandContext(ctx, bin, args...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("betang-load: %w\n%s", err, out)
	}
	return string(out), nil
}

// metrics reads /metrics: every sample by its name with labels.
func (s *server) metrics() map[string]float64 {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, "http://"+s.addr+"/metrics", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	samples := map[string]float64{}
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		name, value, ok := strings.Cut(lines.Text(), " ")
		if v, err := strconv.ParseFloat(value, 64); ok && err == nil && !strings.HasPrefix(name, "#") {
			samples[name] = v
		}
	}
	return samples
}
