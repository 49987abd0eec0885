// Command betang-load puts a synthetic speaker and many viewers on a WHIP/WHEP server on this machine and measures what
// the viewers get: one-way delay, loss, time to join and to the first picture, and what the server pays for it.
//
//	betang-load --links data/demo-links.json --viewers 300 --server-pid $(pidof betang)
//
// Any server with WHIP (RFC 9725) and WHEP endpoints will do. It talks to loopback addresses only and ends by itself.
// The speaker sends VP8-shaped packets, 1280x720 at 30 frames a second and 1.5 Mbit/s (a frame of 5 packets, a keyframe
// of 30 packets every 2 s and on request), and 50 Opus packets a second. The pictures cannot be decoded: each packet
// carries its send time instead. All peers share this process's clock, so that a delay is a difference. Viewers are light:
// ICE, DTLS and SRTP without a PeerConnection, a thousand on a third of a core. With --heavy they are pion's; then
// most of a join time near 210 ms is theirs (pion's ICE looks at its candidates every 200 ms).
//
//	betang-load --links data/demo-links.json --viewers 300 --pages --slots 3
//
// has them come by Betang's own websocket, as pages do.
//
//	betang-load respond
//
// is a server to measure: the media engine alone (--full: with PeerConnections, --raw: the limit to compare with).
//
//	betang-load bench
//
// measures the engine against that limit, in turns, each with a server and a generator of its own ("make bench").
//
//	betang-load room --links data/demo-links.json --sockets 10000 --server-pid $(pidof betang)
//
// puts guests in an event by websocket, and measures joins, broadcasts, votes, memory, and the return of all at once.
//
//	betang-load class --links data/demo-links.json --people 40 --server-pid $(pidof betang)
//
// is a class: each has a camera in two layers and a microphone, and gets the faces and voices the server chooses.
//
//	betang-load hops --whip URL --at origin=URL --at edge=URL --at office=URL
//
// has the same speaker watched at each server of a chain in one run: what a hop adds, and first pictures, cold and warm.
//
// Output is in the form of `go test -bench`, for benchstat, or JSON with --json.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/alecthomas/kong"
)

// nobody is a --whip that does not publish.
const nobody = "none"

// config is what the command line says.
type config struct {
	Links     string        `help:"File with the endpoints and tokens, as 'betang serve --demo' writes it (demo-links.json)." type:"existingfile"`
	WHIP      string        `name:"whip" help:"WHIP endpoint to publish to; none: somebody else does, and no delay is measured."`
	WHIPToken string        `name:"whip-token" env:"BETANG_WHIP_TOKEN" help:"Bearer token for it."`
	WHEP      string        `name:"whep" help:"WHEP endpoint to watch."`
	WHEPToken string        `name:"whep-token" env:"BETANG_WHEP_TOKEN" help:"Bearer token for it."`
	Viewers   int           `default:"10" help:"Number of viewers, 1 to 5000."`
	JoinRate  float64       `default:"50" help:"Viewers that join per second."`
	Picture   string        `default:"720p" enum:"180p,360p,720p,1080p,lecture,small" help:"What the speaker sends: 0.15, 0.5, 1.5 or 3 Mbit/s; lecture: the first three as layers; small: three layers of 60, 120 and 180 kbit/s."`
	Duration  time.Duration `default:"20s" help:"Time measured once all have joined, 100ms to 10m."`
	Heavy     bool          `help:"Viewers are whole PeerConnections (pion), which cost more than most servers; otherwise light ones that do ICE, DTLS and SRTP, and count."`
	Pages     bool          `help:"Light viewers come as the event's guests by websocket, as pages do, and each keeps it beside the media; needs --links."`
	Read      int           `help:"So many light viewers read what comes; the kernel drops the media of the others. 0: all read."`
	TWCC      bool          `name:"twcc" help:"Light viewers that read give transport-wide feedback every 100 ms, as browsers do; the server then steers them."`
	Loss      float64       `help:"Light viewers that read lose this part of what comes, 0 to 0.5, and ask for it again."`
	Via       string        `help:"Loopback address, as 127.0.0.1:9000, that light viewers send to instead of the server's: a bad network stands there."`
	GRO       bool          `name:"gro" help:"The kernel does not cut segmented messages up for viewers that do not read: on loopback the sender pays for that, on a network the card or the receiver."`
	Slots     int           `default:"1" help:"Audio and video m-lines of a light viewer, each."`
	NACK      bool          `name:"nack" default:"true" negatable:"" help:"Heavy viewers ask for lost packets, as browsers do."`
	Stats     string        `help:"The /stats page of 'betang-load respond', for walks, goroutines and what newcomers got."`
	ServerPID int           `name:"server-pid" help:"Process whose CPU time is measured, from /proc."`
	Name      string        `default:"betang" help:"Name of the server in the output."`
	JSON      bool          `name:"json" help:"Print JSON instead of benchmark lines."`

	guest string // the link of --links by which pages come
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the whole command; it returns the exit status: 0 measured, 1 failed, 2 wrong usage.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var cli struct {
		Measure config        `cmd:"" default:"withargs" help:"Measure a server (default)."`
		Respond respondConfig `cmd:"" help:"Be a server: the media engine alone, on loopback."`
		Bench   benchConfig   `cmd:"" help:"Measure the media engine against the raw limit, in turns."`
		Class   classConfig   `cmd:"" help:"Measure a class: people with camera and microphone who all see each other."`
		Hops    hopsConfig    `cmd:"" help:"Measure a chain of servers: what each hop adds to the delay, and first pictures, cold and warm."`
		Room    roomConfig    `cmd:"" help:"Measure an event's websockets: joins, broadcasts, votes, and the return of all at once."`
	}
	exit := -1
	parser, err := kong.New(&cli, kong.Name("betang-load"), kong.Writers(stdout, stderr), kong.Exit(func(code int) { exit = code }),
		kong.Description("Measures a WHIP/WHEP server on this machine with one synthetic speaker and many viewers."))
	if err != nil {
		fmt.Fprintln(stderr, "betang-load:", err)
		return 2
	}
	parsed, err := parser.Parse(args)
	if exit >= 0 { // --help
		return exit
	}
	cfg := cli.Measure
	if err == nil {
		switch parsed.Command() {
		case "respond":
			err = respond(ctx, cli.Respond, stderr)
		case "bench":
			err = bench(ctx, cli.Bench, stdout, stderr)
		case "class":
			var res *classResult
			if res, err = runClass(ctx, cli.Class, stderr); err == nil {
				err = show(stdout, res, cli.Class.JSON)
			}
		case "hops":
			var res *hopsResult
			if res, err = runHops(ctx, cli.Hops, stderr); err == nil {
				err = show(stdout, res, cli.Hops.JSON)
			}
		case "room":
			var res *roomResult
			if res, err = runRoom(ctx, cli.Room, stderr); err == nil {
				err = show(stdout, res, cli.Room.JSON)
			}
		default:
			return runMeasure(ctx, cfg, stdout, stderr)
		}
		if err == nil {
			return 0
		}
		fmt.Fprintln(stderr, "betang-load:", err)
		return 1
	}
	fmt.Fprintln(stderr, "betang-load:", err)
	return 2
}

func runMeasure(ctx context.Context, cfg config, stdout, stderr io.Writer) int {
	if err := cfg.complete(); err != nil {
		fmt.Fprintln(stderr, "betang-load:", err)
		return 2
	}
	res, err := measure(ctx, cfg, stderr)
	if err == nil {
		err = show(stdout, res, cfg.JSON)
	}
	if err != nil {
		fmt.Fprintln(stderr, "betang-load:", err)
		return 1
	}
	return 0
}

// report is a result that can say itself in the form of `go test -bench`.
type report interface{ bench(io.Writer) error }

func show(w io.Writer, r report, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(r)
	}
	return r.bench(w)
}

// picture is what the speaker sends, layer by layer; 720p unless said otherwise.
func (c *config) picture() []shape {
	if l, ok := layered[c.Picture]; ok {
		return l
	}
	if s, ok := shapes[c.Picture]; ok {
		return []shape{s}
	}
	return []shape{shapes["720p"]}
}

// complete fills in what the links file says, and checks the rest.
func (c *config) complete() error {
	if c.Links != "" {
		b, err := os.ReadFile(c.Links)
		if err != nil {
			return err
		}
		var l struct {
			WHIP, WHEP struct{ URL, Token string }
			Guest      string
		}
		if err := json.Unmarshal(b, &l); err != nil {
			return fmt.Errorf("%s: %w", c.Links, err)
		}
		c.guest = l.Guest
		for _, f := range []struct {
			dst  *string
			from string
		}{{&c.WHIP, l.WHIP.URL}, {&c.WHIPToken, l.WHIP.Token}, {&c.WHEP, l.WHEP.URL}, {&c.WHEPToken, l.WHEP.Token}} {
			if *f.dst == "" {
				*f.dst = f.from
			}
		}
	}
	switch {
	case c.WHIP == "" || c.WHEP == "":
		return errors.New("say where the server is: --links, or --whip and --whep")
	case c.Pages && (c.guest == "" || c.Heavy):
		return errors.New("--pages needs --links with a guest's link, and light viewers")
	case c.Viewers < 1 || c.Viewers > 5000:
		return errors.New("--viewers must be 1 to 5000")
	case c.Duration < 100*time.Millisecond || c.Duration > 10*time.Minute:
		return errors.New("--duration must be 100ms to 10m")
	case c.Loss < 0 || c.Loss > .5:
		return errors.New("--loss must be 0 to 0.5")
	case c.Slots < 1 || c.Slots > 8:
		return errors.New("--slots must be 1 to 8")
	case c.Via != "" && checkURL("http://"+c.Via) != nil:
		return errors.New("--via must be a loopback address")
	case c.JoinRate <= 0:
		return errors.New("--join-rate must be positive")
	}
	for _, u := range []string{c.WHIP, c.WHEP, c.Stats} {
		if u == "" || u == nobody && u == c.WHIP {
			continue
		}
		if err := checkURL(u); err != nil {
			return err
		}
	}
	return nil
}
