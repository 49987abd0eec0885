package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
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
	sp, err := newSpeaker(true, cfg.WHIPToken, []shape{shapes["720p"]})
	if err != nil {
		return nil, err
	}
	defer sp.end()
	if err := sp.publish(ctx, cfg.WHIP); err != nil {
		return nil, err
	}
	if !pause(ctx, time.Second) {
		return nil, ctx.Err()
	}
	h := &hops{cfg: cfg, speaker: sp}
	if h.crowd, err = newCrowd(1, false, sp.now); err != nil {
		return nil, err
	}
	defer h.crowd.close()
	res := &hopsResult{Places: make([]hopPlace, len(cfg.At))}
	for i, at := range cfg.At {
		p := &res.Places[i]
		var url string
		p.Name, url, _ = strings.Cut(at, "=")
		if p.Cold, err = h.cold(ctx, url); err != nil {
			return nil, err
		}
		fmt.Fprintf(progress, "%s: %d cold starts\n", p.Name, len(p.Cold))
	}
	lights := make([][]*light, len(cfg.At))
	for i, at := range cfg.At {
		_, url, _ := strings.Cut(at, "=")
		if lights[i], res.Places[i].Warm, err = h.warm(ctx, url); err != nil {
			return nil, err
		}
	}
	late := sp.late.Load()
	began := time.Now()
	h.window.open.Store(true)
	pause(ctx, cfg.Duration)
	h.window.open.Store(false)
	res.Seconds, res.SentLate = time.Since(began).Seconds(), sp.late.Load()-late
	streams := make([][]*stream, len(lights))
	for i := range lights {
		for _, l := range lights[i] {
			streams[i] = append(streams[i], l.stop()...)
		}
	}
	h.crowd.close() // nobody writes to a stream any more
	for i, list := range streams {
		res.Places[i].Video, res.Places[i].Audio = addUp(list, cfg.Viewers, res.Seconds)
	}
	return res, ctx.Err()
}

// hops is one run.
type hops struct {
	cfg     hopsConfig
	speaker *speaker
	crowd   *crowd
	window  window
}

// come lets a viewer in at a server and waits for its first picture.
func (h *hops) come(ctx context.Context, url string) (*light, time.Duration, error) {
	sp := h.speaker
	l := newLight(h.crowd, &whepDoor{http: sp.client, endpoint: url, token: h.cfg.WHEPToken}, sp.mark, sp.now, &h.window, lightWish{})
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

// cold has first viewers come one after another, and gives their times in ms, ascending.
func (h *hops) cold(ctx context.Context, url string) ([]float64, error) {
	took := make([]time.Duration, 0, h.cfg.Tries)
	for try := range h.cfg.Tries {
		l, first, err := h.come(ctx, url)
		l.stop()
		if err != nil {
			return nil, err
		}
		took = append(took, first)
		pause(ctx, letGo+time.Duration(try)*370*time.Millisecond) // at another place between two keyframes
	}
	slices.Sort(took)
	list := make([]float64, 0, len(took))
	for _, d := range took {
		list = append(list, ms(d))
	}
	return list, nil
}

// warm fills a server with viewers who stay, and gives the times of those who came where others watched.
func (h *hops) warm(ctx context.Context, url string) ([]*light, spanMS, error) {
	var lights []*light
	var took []time.Duration
	for n := range h.cfg.Viewers {
		l, first, err := h.come(ctx, url)
		lights = append(lights, l)
		if err != nil {
			return nil, spanMS{}, err
		}
		if n > 0 {
			took = append(took, first)
		}
		pause(ctx, 50*time.Millisecond)
	}
	return lights, spread(took), nil
}
