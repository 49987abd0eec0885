package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"betang/sfu/codec"
)

// hopsConfig is what the command line says of a chain of servers.
type hopsConfig struct {
	WHIP      string        `name:"whip" required:"" help:"WHIP endpoint to publish to, at the first server."`
	WHIPToken string        `name:"whip-token" env:"BETANG_WHIP_TOKEN" help:"Bearer token for it."`
	WHEPToken string        `name:"whep-token" env:"BETANG_WHEP_TOKEN" help:"Bearer token of the WHEP endpoints."`
	At        []string      `required:"" placeholder:"NAME=URL" help:"A server and its WHEP endpoint; the nearest to the speaker first."`
	Viewers   int           `default:"10" help:"Viewers at each, 2 to 100."`
	Tries     int           `default:"4" help:"Cold starts at each: first viewers, with the layer let go in between. 1 to 20."`
	Duration  time.Duration `default:"15s" help:"Time measured, 1s to 10m."`
	JSON      bool          `name:"json" help:"Print JSON instead of benchmark lines."`
}

// letGo is longer than a relay keeps a layer that nobody watches.
const letGo = 3500 * time.Millisecond

// hopsResult is what the viewers at each server saw of the same packets, at the same time.
type hopsResult struct {
	Seconds  float64    `json:"seconds"`
	SentLate int64      `json:"sent_late_frames"`
	Places   []hopPlace `json:"places"`
}

// hopPlace is one server.
type hopPlace struct {
	Name  string    `json:"name"`
	Cold  []float64 `json:"cold_ms"` // from the offer of a first viewer to its first whole keyframe, ascending
	Warm  spanMS    `json:"warm"`    // the same of who comes where others watch
	Video numbers   `json:"video"`
	Audio numbers   `json:"audio"`
}

func (r *hopsResult) bench(w io.Writer) error {
	for _, p := range r.Places {
		if _, err := fmt.Fprintf(w, "BenchmarkHop/%s 1 %.2f video-p50-ms %.2f video-p99-ms %.2f voice-p50-ms %.2f voice-p99-ms %.0f warm-p50-ms %.0f warm-p99-ms\n",
			p.Name, p.Video.Delay.P50, p.Video.Delay.P99, p.Audio.Delay.P50, p.Audio.Delay.P99, p.Warm.P50, p.Warm.P99); err != nil {
			return err
		}
	}
	return nil
}

func (c *hopsConfig) check() error {
	switch {
	case c.Viewers < 2 || c.Viewers > 100:
		return errors.New("--viewers must be 2 to 100")
	case c.Tries < 1 || c.Tries > 20:
		return errors.New("--tries must be 1 to 20")
	case c.Duration < time.Second || c.Duration > 10*time.Minute:
		return errors.New("--duration must be 1s to 10m")
	}
	if err := checkURL(c.WHIP); err != nil {
		return err
	}
	for _, at := range c.At {
		_, u, _ := strings.Cut(at, "=")
		if err := checkURL(u); err != nil {
			return err
		}
	}
	return nil
}

// runHops has one speaker and viewers at each server of a chain. Their clock is one, so what a hop adds is a difference.
func runHops(ctx context.Context, cfg hopsConfig, progress io.Writer) (*hopsResult, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	var m mark
	if _, err := rand.Read(m[:]); err != nil {
		return nil, err
	}
	epoch := time.Now()
	now := func() int64 { return int64(time.Since(epoch)) }
	api, err := newAPI(true)
	if err != nil {
		return nil, err
	}
	client := newClient()
	defer client.CloseIdleConnections()
	sending, stopSending := context.WithCancel(ctx)
	pub, err := newPublisher(api, client, cfg.WHIPToken, m, []shape{shapes["720p"]}, now)
	if err != nil {
		stopSending()
		return nil, err
	}
	defer func() {
		stopSending()
		pub.stop()
	}()
	if err := pub.connect(ctx, cfg.WHIP); err != nil {
		return nil, fmt.Errorf("publish: %w", err)
	}
	pub.start(sending)
	if !pause(ctx, time.Second) {
		return nil, ctx.Err()
	}
	cr, err := newCrowd(1, false, now)
	if err != nil {
		return nil, err
	}
	defer cr.close()
	var w window
	come := func(url string) (*light, time.Duration, error) { // and wait for the first picture
		l := newLight(cr, &whepDoor{http: client, endpoint: url, token: cfg.WHEPToken}, m, now, &w, lightWish{})
		if err := l.watch(ctx); err != nil {
			return l, 0, err
		}
		for end := time.Now().Add(10 * time.Second); time.Now().Before(end) && pause(ctx, time.Millisecond); {
			if _, first := l.times(); first > 0 {
				return l, first, nil
			}
		}
		return l, 0, errors.Join(fmt.Errorf("%s: no picture", url), ctx.Err())
	}
	res := &hopsResult{Places: make([]hopPlace, len(cfg.At))}
	for i, at := range cfg.At {
		p := &res.Places[i]
		var url string
		p.Name, url, _ = strings.Cut(at, "=")
		cold := make([]time.Duration, 0, cfg.Tries)
		for try := range cfg.Tries {
			l, first, err := come(url)
			l.stop()
			if err != nil {
				return nil, err
			}
			cold = append(cold, first)
			pause(ctx, letGo+time.Duration(try)*370*time.Millisecond) // at another place between two keyframes
		}
		for q := range cold {
			p.Cold = append(p.Cold, ms(quantile(cold, (float64(q)+.5)/float64(len(cold)))))
		}
		fmt.Fprintf(progress, "%s: %d cold starts\n", p.Name, len(cold))
	}
	lights := make([][]*light, len(cfg.At))
	for i, at := range cfg.At {
		_, url, _ := strings.Cut(at, "=")
		var warm []time.Duration
		for n := range cfg.Viewers {
			l, first, err := come(url)
			lights[i] = append(lights[i], l)
			if err != nil {
				return nil, err
			}
			if n > 0 {
				warm = append(warm, first)
			}
			pause(ctx, 50*time.Millisecond)
		}
		res.Places[i].Warm = spread(warm)
	}
	late := pub.late.Load()
	began := time.Now()
	w.open.Store(true)
	pause(ctx, cfg.Duration)
	w.open.Store(false)
	res.Seconds, res.SentLate = time.Since(began).Seconds(), pub.late.Load()-late
	streams := make([][]*stream, len(lights))
	for i := range lights {
		for _, l := range lights[i] {
			streams[i] = append(streams[i], l.stop()...)
		}
	}
	cr.close() // nobody writes to a stream any more
	for i, list := range streams {
		var video, audio total
		for _, s := range list {
			if s.kind == codec.Opus {
				audio.add(s)
			} else {
				video.add(s)
			}
		}
		res.Places[i].Video, res.Places[i].Audio = video.numbers(cfg.Viewers, res.Seconds), audio.numbers(cfg.Viewers, res.Seconds)
	}
	return res, ctx.Err()
}
