package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestBench runs the engine and the raw limit for a moment, each in a process of its own, and reads what is told.
func TestBench(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("light viewers need Linux")
	}
	t.Setenv(asCommand, "1")
	file := filepath.Join(t.TempDir(), "bench.json")
	var out, said strings.Builder
	code := run(t.Context(), []string{
		"bench", "--viewers", "3", "--rounds", "1", "--duration", "500ms", "--modes", "lean+busy=2,raw60", "--twcc", "--loss", "0.05",
		"--picture", "360p", "--json", file,
	}, &out, &said)
	if code != 0 {
		t.Fatalf("exit %d: %s", code, said.String())
	}
	for _, want := range []string{"BenchmarkServer/server=lean+busy=2/viewers=3", "BenchmarkServer/server=raw60/viewers=3", " of raw60 ("} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var runs []benchRun
	if err := json.Unmarshal(body, &runs); err != nil || len(runs) != 2 {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	for _, r := range runs {
		x := r.Result
		if x.Joined != 3 || x.Video.Packets == 0 || x.Audio.Packets == 0 || x.Engine == nil || x.Engine.WalksPerViewer <= 0 {
			t.Errorf("%s: %+v", r.Mode, x)
		}
	}
	if e := runs[0].Result.Engine; e.Resent == 0 {
		t.Errorf("nothing was asked for again: %+v", e)
	}
}

func TestBenchModes(t *testing.T) {
	m, err := parseMode("old:lean+sockets=2+twcc+shards=2")
	if err != nil || strings.Join(m.flags, " ") != "--sockets=2 --shards=2" || !m.twcc || !m.old {
		t.Errorf("%+v, %v", m, err)
	}
	if _, err := parseMode("fast"); err == nil {
		t.Error("a mode that does not exist")
	}
	if err := bench(t.Context(), benchConfig{Modes: []string{"old:lean"}}, io.Discard, io.Discard); err == nil {
		t.Error("an older build that nobody named")
	}
	if m := median([]float64{9, 1, 4}); m != 4 {
		t.Errorf("median %v", m)
	}
	if m := median([]float64{9, 1, 4, 2}); m != 3 {
		t.Errorf("median of four %v", m)
	}
}
