package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// benchConfig is the command line of "betang-load bench".
type benchConfig struct {
	Modes    []string      `default:"lean,raw60" help:"Servers to compare, the last is what the others are held against: lean, full, raw20, raw60, and lean with flags of respond, as lean+busy=2 or lean+sockets=2+shards=2; +twcc has the viewers of this mode give feedback, old:lean is that of --old."`
	Old      string        `type:"existingfile" help:"Another build of this program, for modes that begin with old: before and after in one run."`
	Viewers  []int         `default:"300" help:"Numbers of viewers, each measured with every mode in turn."`
	Rounds   int           `default:"3" help:"Times that all modes are run; medians are told."`
	Duration time.Duration `default:"6s" help:"Time measured in a run."`
	JoinRate float64       `default:"150" help:"Viewers that join per second."`
	Picture  string        `default:"720p" enum:"180p,360p,720p,1080p" help:"What the speaker sends."`
	Read     int           `default:"300" help:"So many of the viewers read what comes."`
	TWCC     bool          `name:"twcc" help:"Those give transport-wide feedback."`
	Loss     float64       `help:"Those lose this part of what comes, and ask for it again."`
	GRO      bool          `name:"gro" help:"As in measure."`
	Cores    int           `default:"1" help:"Processors of the server: the first so many. The generator has the others, or all if there are none."`
	JSON     string        `name:"json" type:"path" help:"File for all results."`
}

// bench measures the media engine against the raw limit, in turns, so that a noisy machine is noisy to both.
func bench(ctx context.Context, cfg benchConfig, stdout, stderr io.Writer) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	for _, m := range cfg.Modes {
		if strings.HasPrefix(m, "old:") && cfg.Old == "" {
			return fmt.Errorf("%s: say --old", m)
		}
	}
	var all []benchRun
	for _, viewers := range cfg.Viewers {
		var runs []benchRun
		for round := range cfg.Rounds {
			for _, mode := range cfg.Modes {
				r, err := benchOne(ctx, self, cfg, mode, viewers)
				if err != nil {
					return fmt.Errorf("%s, %d viewers: %w", mode, viewers, err)
				}
				fmt.Fprintf(stderr, "round %d: %s\n", round+1, r)
				if err := r.Result.bench(stdout); err != nil {
					return err
				}
				runs = append(runs, benchRun{mode, viewers, r.Result})
			}
		}
		summarize(stdout, cfg.Modes, viewers, runs)
		all = append(all, runs...)
	}
	if cfg.JSON == "" {
		return nil
	}
	body, err := json.MarshalIndent(all, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(cfg.JSON, append(body, '\n'), 0o644)
}

// benchRun is one run of one mode.
type benchRun struct {
	Mode    string  `json:"mode"`
	Viewers int     `json:"viewers"`
	Result  *result `json:"result"`
}

// String is for a person who waits.
func (r benchRun) String() string {
	x := r.Result
	walks := 0.0
	if x.Engine != nil {
		walks = x.Engine.WalksPerViewer
	}
	return fmt.Sprintf("%-6s %5d viewers: %5.0f us/viewer-s, %.2f us/packet, %4.0f walks, video %.1f/%.1f ms, voice %.1f/%.1f ms, loss %.3f/%.3f %%, join %.2f ms of CPU, %.0f ms, first frame p95 %.0f ms, %d PLIs, generator at %.0f %%, %d late frames, %d missed",
		r.Mode, x.Joined, x.MicrosPerViewer, x.MicrosPerPacket, walks, x.Video.Delay.P50, x.Video.Delay.P99, x.Audio.Delay.P50, x.Audio.Delay.P99,
		x.Video.LossPercent, x.Audio.LossPercent, x.JoinCPU, x.Join.P95, x.FirstFrame.P95, x.PLIs, 100*x.ClientUse, x.SentLate, x.Missed)
}

// summarize writes each mode's median, and the others' ratio to the last: the median of the rounds' ratios, the least and the most.
func summarize(w io.Writer, modes []string, viewers int, runs []benchRun) {
	cost := map[string][]float64{}
	for _, r := range runs {
		cost[r.Mode] = append(cost[r.Mode], r.Result.MicrosPerViewer)
	}
	limit := modes[len(modes)-1]
	for _, m := range modes {
		fmt.Fprintf(w, "# %d viewers, %s: %.0f us of server CPU for a viewer and second", viewers, m, median(cost[m]))
		if m != limit {
			var ratios []float64
			for i, c := range cost[m] {
				ratios = append(ratios, c/cost[limit][i])
			}
			fmt.Fprintf(w, ", %.2f of %s (%.2f to %.2f)", median(ratios), limit, slices.Min(ratios), slices.Max(ratios))
		}
		fmt.Fprintln(w)
	}
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(v))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

// benchOne starts a server, measures it from another process, and ends it.
func benchOne(ctx context.Context, self string, cfg benchConfig, mode string, viewers int) (benchRun, error) {
	ctx, cancel := context.WithTimeout(ctx, cfg.Duration+time.Duration(float64(viewers)/cfg.JoinRate*float64(time.Second))+time.Minute)
	defer cancel()
	m, err := parseMode(mode)
	if err != nil {
		return benchRun{}, err
	}
	program := self
	if m.old {
		program = cfg.Old
	}
	args := append([]string{"respond", "--listen", "127.0.0.1:0", "--media", "127.0.0.1:0", "--picture", cfg.Picture}, m.flags...)
	server := exec.CommandContext(ctx, program, args...)
	server.Env = append(os.Environ(), "GOMAXPROCS="+strconv.Itoa(cfg.Cores))
	out, err := server.StderrPipe()
	if err != nil {
		return benchRun{}, err
	}
	server.Cancel = func() error { return server.Process.Signal(os.Interrupt) }
	server.WaitDelay = 10 * time.Second
	if err := startOn(server, 0, cfg.Cores); err != nil {
		return benchRun{}, err
	}
	defer func() {
		cancel()
		_ = server.Wait() // interrupted by us
	}()
	lines := bufio.NewScanner(out)
	base := ""
	for base == "" && lines.Scan() {
		if _, rest, ok := strings.Cut(lines.Text(), "responding at "); ok {
			base, _, _ = strings.Cut(rest, "/whip/")
		}
	}
	if base == "" {
		return benchRun{}, errors.New("the server did not start")
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()

	read := min(cfg.Read, viewers)
	measuring := exec.CommandContext(ctx, self, "measure", "--whip", base+"/whip/x", "--whep", base+"/whep/x", "--stats", base+"/stats",
		"--server-pid", strconv.Itoa(server.Process.Pid), "--viewers", strconv.Itoa(viewers), "--read", strconv.Itoa(read),
		"--join-rate", fmt.Sprint(cfg.JoinRate), "--duration", cfg.Duration.String(), "--picture", cfg.Picture, "--name", mode,
		"--loss", fmt.Sprint(cfg.Loss), "--json")
	for flag, on := range map[string]bool{"--twcc": cfg.TWCC || m.twcc, "--gro": cfg.GRO} {
		if on {
			measuring.Args = append(measuring.Args, flag)
		}
	}
	first, n := cfg.Cores, runtime.NumCPU()-cfg.Cores
	if n <= 0 {
		first, n = 0, runtime.NumCPU()
	}
	measuring.Env = append(os.Environ(), "GOMAXPROCS="+strconv.Itoa(n))
	var got, said strings.Builder
	measuring.Stdout, measuring.Stderr = &got, &said
	if err := startOn(measuring, first, n); err != nil {
		return benchRun{}, err
	}
	if err := measuring.Wait(); err != nil {
		return benchRun{}, fmt.Errorf("%w: %s", err, said.String())
	}
	var r result
	if err := json.Unmarshal([]byte(got.String()), &r); err != nil {
		return benchRun{}, err
	}
	return benchRun{mode, viewers, &r}, nil
}

// mode is a server to measure.
type mode struct {
	flags []string // of respond
	old   bool     // it is another build's
	twcc  bool     // its viewers give feedback
}

// parseMode reads what --modes says of one.
func parseMode(text string) (mode, error) {
	var m mode
	rest := text
	rest, m.old = strings.CutPrefix(rest, "old:")
	name, more, _ := strings.Cut(rest, "+")
	flags, ok := map[string][]string{
		"lean": {}, "full": {"--full"}, "raw20": {"--raw", "--voice", "20ms"}, "raw60": {"--raw", "--voice", "60ms"},
	}[name]
	if !ok {
		return m, fmt.Errorf("no mode %q in %s", text, filepath.Base(os.Args[0]))
	}
	m.flags = flags
	for f := range strings.SplitSeq(more, "+") {
		switch f {
		case "":
		case "twcc":
			m.twcc = true
		default:
			m.flags = append(m.flags, "--"+f)
		}
	}
	return m, nil
}
