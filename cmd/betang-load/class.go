package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"betang/sfu/codec"
	"betang/signaling/wire"

	"github.com/pion/interceptor"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// classConfig is the command line of "betang-load class".
type classConfig struct {
	Links     string        `required:"" help:"demo-links.json of 'betang serve --demo'." type:"existingfile"`
	People    int           `default:"40" help:"People with camera and microphone, 1 to 60."`
	JoinRate  float64       `default:"4" help:"People that join per second."`
	Duration  time.Duration `default:"20s" help:"Time measured once all are in, 1s to 10m."`
	Small     bool          `help:"The gallery stands small on their screens, as beside a trainer or a slide: 180p is enough."`
	Watch     bool          `default:"true" negatable:"" help:"They also watch; otherwise they are only seen, which costs this machine less."`
	Lead      bool          `help:"One more is the trainer, who begins the class."`
	Films     string        `help:"Folder with q.ivf (180p) and h.ivf (360p), VP8 that begins with its keyframe: pictures that browsers can decode; otherwise packets of their size." type:"existingdir"`
	ServerPID int           `name:"server-pid" help:"Process whose CPU time and memory are measured, from /proc."`
	JSON      bool          `name:"json" help:"Print JSON instead of benchmark lines."`
}

// The slots of a class's page: the voices, the stage's three pictures and the gallery.
const (
	classVoices   = 3
	classPictures = 3 + 9
)

// classResult is what one run of a class measured. Times are milliseconds; negative CPU figures are unknown.
type classResult struct {
	People  int     `json:"people"` // wanted
	Joined  int     `json:"joined"`
	Errors  string  `json:"errors,omitempty"` // the first
	Seconds float64 `json:"seconds"`

	Sent     int64 `json:"sent_packets"`     // by all cameras and microphones
	SentLate int64 `json:"sent_late_frames"` // more than 10 ms behind time: this machine, not the server, is the limit
	PLIs     int64 `json:"keyframe_requests"`

	Pictures   float64 `json:"pictures_per_person"` // that came, a mean
	Fewest     int     `json:"fewest_pictures"`     // of anybody
	Video      numbers `json:"video"`
	Audio      numbers `json:"audio"`
	Join       spanMS  `json:"join"`        // POST join to media both ways
	FirstFrame spanMS  `json:"first_frame"` // the viewer's offer to the first whole keyframe

	ServerCores float64 `json:"server_cores"`
	ServerRSS   uint64  `json:"server_rss"`            // bytes at the end; 0: unknown
	PerPerson   float64 `json:"server_rss_per_person"` // bytes more than before the first
	ClientCores float64 `json:"client_cores"`
}

// attendee is one person of a class.
type attendee struct {
	*line
	face *face
	view *viewer
	took time.Duration
}

// runClass fills a class and measures it.
func runClass(ctx context.Context, cfg classConfig, progress io.Writer) (*classResult, error) {
	switch {
	case cfg.People < 1 || cfg.People > 60:
		return nil, errors.New("--people must be 1 to 60")
	case cfg.Duration < time.Second || cfg.Duration > 10*time.Minute:
		return nil, errors.New("--duration must be 1s to 10m")
	case cfg.JoinRate <= 0:
		return nil, errors.New("--join-rate must be positive")
	}
	b, err := os.ReadFile(cfg.Links)
	if err != nil {
		return nil, err
	}
	var links struct {
		Class struct{ Guest, Trainer string }
	}
	if err := json.Unmarshal(b, &links); err != nil {
		return nil, fmt.Errorf("%s: %w", cfg.Links, err)
	}
	r := &room{epoch: time.Now()}
	if r.base, r.event, r.guest, err = splitLink(links.Class.Guest); err != nil {
		return nil, err
	}
	if cfg.Lead {
		cfg.People++
	}
	c := &class{cfg: cfg, room: r, talk: &talk{people: cfg.People}, res: &classResult{People: cfg.People}}
	if _, err := rand.Read(c.mark[:]); err != nil {
		return nil, err
	}
	if _, _, c.trainer, err = splitLink(links.Class.Trainer); err != nil {
		return nil, err
	}
	if c.api, err = newAPI(true, withSimulcast); err != nil {
		return nil, err
	}
	return c.run(ctx, progress)
}

// withSimulcast is what tells a camera's layers apart (RFC 8852) and who speaks (RFC 6464), and the feedback by which the server
// steers who watches.
func withSimulcast(m *webrtc.MediaEngine, r *interceptor.Registry) error {
	errs := []error{webrtc.ConfigureTWCCSender(m, r)}
	for _, uri := range []string{sdp.SDESMidURI, sdp.SDESRTPStreamIDURI, sdp.SDESRepairRTPStreamIDURI} {
		errs = append(errs, m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: uri}, webrtc.RTPCodecTypeVideo))
	}
	for _, uri := range []string{sdp.SDESMidURI, sdp.AudioLevelURI} {
		errs = append(errs, m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: uri}, webrtc.RTPCodecTypeAudio))
	}
	return errors.Join(errs...)
}

// class is one run.
type class struct {
	cfg  classConfig
	room *room
	api  *webrtc.API
	mark mark
	talk *talk
	res  *classResult

	trainer string // token of the link

	mu sync.Mutex
	in []*attendee // guarded by mu
}

func (c *class) run(ctx context.Context, progress io.Writer) (*classResult, error) {
	sending, stop := context.WithCancel(ctx)
	defer func() {
		stop()
		c.leave()
	}()
	rss := readRSS(c.cfg.ServerPID)
	if err := c.fill(sending); err != nil {
		return nil, err
	}
	res := c.res
	fmt.Fprintf(progress, "%d of %d people are in, measuring %s\n", res.Joined, c.cfg.People, c.cfg.Duration)
	if !pause(ctx, time.Second) { // the last ones' cached frames
		return nil, ctx.Err()
	}
	cpu, sent, late := readCPU(c.cfg.ServerPID), c.sum(func(f *face) int64 { return f.packets.Load() }), c.sum(func(f *face) int64 { return f.late.Load() })
	c.room.window.open.Store(true)
	began := time.Now()
	if !pause(ctx, c.cfg.Duration) {
		return nil, ctx.Err()
	}
	c.room.window.open.Store(false)
	res.Seconds = time.Since(began).Seconds()
	after := readCPU(c.cfg.ServerPID)
	res.ServerCores, res.ClientCores = (after.server-cpu.server)/res.Seconds, (after.self-cpu.self)/res.Seconds
	if cpu.server < 0 || after.server < 0 {
		res.ServerCores = -1
	}
	res.Sent = c.sum(func(f *face) int64 { return f.packets.Load() }) - sent
	res.SentLate = c.sum(func(f *face) int64 { return f.late.Load() }) - late
	res.PLIs = c.sum(func(f *face) int64 { return f.plis() })
	if now := readRSS(c.cfg.ServerPID); now > 0 && rss > 0 {
		res.ServerRSS, res.PerPerson = now, (float64(now)-float64(rss))/float64(res.Joined)
	}
	stop()
	c.leave()
	c.count()
	return res, nil
}

// fill lets people in at the rate.
func (c *class) fill(ctx context.Context) error {
	var wg sync.WaitGroup
	n := 0
	every(ctx, time.Duration(float64(time.Second)/c.cfg.JoinRate), func(time.Duration) bool {
		i := n
		wg.Go(func() {
			a, err := c.enter(ctx, i)
			c.mu.Lock()
			defer c.mu.Unlock()
			if a != nil {
				c.in = append(c.in, a)
			}
			switch {
			case err == nil:
				c.res.Joined++
			case c.res.Errors == "":
				c.res.Errors = firstLine(err)
			}
		})
		n++
		return n < c.cfg.People
	})
	wg.Wait()
	if c.res.Joined == 0 {
		return fmt.Errorf("nobody could join: %s", c.res.Errors)
	}
	return ctx.Err()
}

// enter is one person's way in, as the page does it: the door, the socket, the pictures of the others, one's own.
func (c *class) enter(ctx context.Context, i int) (*attendee, error) {
	began := time.Now()
	a := &attendee{line: newLine(c.room, i)}
	a.name = nameOf(i)
	way := a.join
	if i == 0 && c.cfg.Lead {
		a.token, way = c.trainer, a.open
	}
	if err := way(ctx); err != nil {
		return nil, err
	}
	go a.read()
	if c.cfg.Watch {
		kinds := make([]webrtc.RTPCodecType, 0, classVoices+classPictures)
		for j := range classVoices + classPictures {
			kinds = append(kinds, webrtc.RTPCodecTypeAudio)
			if j >= classVoices {
				kinds[j] = webrtc.RTPCodecTypeVideo
			}
		}
		v, err := newViewer(c.api, nil, "", "", c.mark, c.room.now, &c.room.window, kinds...)
		if err != nil {
			return a, err
		}
		a.view = v
		v.began = time.Now()
		if err := v.deal(ctx, a.exchange(func(sdp string) (string, any) { return "watch", wire.Watch{SDP: sdp} })); err != nil {
			return a, fmt.Errorf("watch: %w", err)
		}
	}
	if c.cfg.Small {
		if err := a.do(ctx, "gaze", wire.Gaze{Small: true}); err != nil {
			return a, err
		}
	}
	f, err := newFace(c.api, c.mark, c.room.now, c.talk, i, c.cfg.Films)
	if err != nil {
		return a, err
	}
	a.face = f
	if err := f.deal(ctx, a.exchange(func(sdp string) (string, any) { return "publish", wire.Publish{Kind: "camera", SDP: sdp} })); err != nil {
		return a, fmt.Errorf("publish: %w", err)
	}
	f.start(ctx)
	a.took = time.Since(began)
	return a, nil
}

// exchange asks over the websocket.
func (l *line) exchange(message func(sdp string) (string, any)) func(context.Context, string) (string, error) {
	return func(ctx context.Context, offer string) (string, error) {
		t, body := message(offer)
		env, err := l.ask(ctx, t, body)
		if err != nil {
			return "", err
		}
		if env.T == "error" {
			return "", fmt.Errorf("refused: %s", env.D)
		}
		var answer wire.Answered
		err = json.Unmarshal(env.D, &answer)
		return answer.SDP, err
	}
}

// nameOf is an invented name of participant i.
func nameOf(i int) string {
	first := []string{"Rina", "Agus", "Yanti", "Dedi", "Maya", "Hendra", "Siti", "Bayu", "Lena", "Anton"}
	last := []string{"Sampurna", "Tarung", "Wijaya", "Lestari", "Usop", "Nahan"}
	return first[i%len(first)] + " " + last[i/len(first)%len(last)]
}

func (c *class) sum(of func(*face) int64) (n int64) {
	for _, a := range c.in {
		if a.face != nil {
			n += of(a.face)
		}
	}
	return n
}

// leave ends everybody. It may be called twice.
func (c *class) leave() {
	var wg sync.WaitGroup
	for _, a := range c.in {
		wg.Go(func() {
			if a.face != nil {
				a.face.stop()
			}
			if a.view != nil {
				a.view.stop()
			}
			a.close()
		})
	}
	wg.Wait()
}

// count adds up what everybody got; all streams have ended.
func (c *class) count() {
	var video, audio total
	var join, first []time.Duration
	res, viewers := c.res, 0
	res.Fewest = classPictures
	for _, a := range c.in {
		if a.took > 0 {
			join = append(join, a.took)
		}
		if a.view == nil {
			continue
		}
		viewers++
		if f := a.view.first.Load(); f > 0 {
			first = append(first, time.Duration(f))
		}
		pictures := 0
		for _, s := range a.view.streams {
			switch {
			case s.kind == codec.Opus:
				audio.add(s)
			case s.seq.unique > 0:
				pictures++
				video.add(s)
			}
		}
		res.Pictures += float64(pictures)
		res.Fewest = min(res.Fewest, pictures)
	}
	if viewers > 0 {
		res.Pictures /= float64(viewers)
	}
	res.Video, res.Audio = video.numbers(viewers, res.Seconds), audio.numbers(viewers, res.Seconds)
	res.Join, res.FirstFrame = spread(join), spread(first)
}

// bench prints benchmark lines.
func (r *classResult) bench(w io.Writer) error {
	var b strings.Builder
	line := func(what, format string, args ...any) {
		fmt.Fprintf(&b, "BenchmarkClass%s/people=%d\t"+format+"\n", append([]any{what, r.People}, args...)...)
	}
	for _, m := range []struct {
		what string
		n    numbers
	}{{"Video", r.Video}, {"Audio", r.Audio}} {
		line(m.what, "%d\t%.2f p50-ms\t%.2f p99-ms\t%.4f loss-%%\t%.0f kbit/s/person", m.n.Packets, m.n.Delay.P50, m.n.Delay.P99, m.n.LossPercent, m.n.Kbits)
	}
	line("Live", "%.2f p50-ms\t%.2f p99-ms\t%.2f caught-up-%%", r.Video.Live.P50, r.Video.Live.P99, r.Video.CaughtUp)
	line("Join", "%d\t%.0f p50-ms\t%.0f p95-ms\t%.0f first-frame-p95-ms\t%d failed", r.Joined, r.Join.P50, r.Join.P95, r.FirstFrame.P95, r.People-r.Joined)
	line("Pictures", "%d\t%.2f each\t%d fewest", r.Joined, r.Pictures, r.Fewest)
	line("Server", "%d\t%.3f cores\t%.1f MiB\t%.0f KiB/person", r.Joined, r.ServerCores, float64(r.ServerRSS)/(1<<20), r.PerPerson/1024)
	line("Client", "%d\t%.3f cores\t%d sent\t%d late-frames\t%d PLI", r.Joined, r.ClientCores, r.Sent, r.SentLate, r.PLIs)
	if r.Errors != "" {
		fmt.Fprintf(&b, "# first of the failures: %s\n", r.Errors)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
