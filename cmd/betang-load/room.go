package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"betang/signaling/wire"
)

// roomConfig is the command line of "betang-load room".
type roomConfig struct {
	Links     string        `required:"" help:"demo-links.json of 'betang serve --demo'." type:"existingfile"`
	Sockets   int           `default:"1000" help:"Guests, each with a websocket, 1 to 19000 (and no more than this process may open files)."`
	JoinRate  float64       `default:"200" help:"Guests that join per second."`
	Duration  time.Duration `default:"20s" help:"Time measured with work in the room, 1s to 10m."`
	Idle      time.Duration `default:"5s" help:"Time measured before it without any, 100ms to 1m."`
	Votes     float64       `default:"50" help:"Votes a second on one question, each by another guest."`
	ServerPID int           `name:"server-pid" help:"Process whose CPU time and memory are measured, from /proc."`
	JSON      bool          `name:"json" help:"Print JSON instead of benchmark lines."`
}

// perSource is how many sockets share a source address. Each has a block of ports, and the server's limits are per address.
const perSource = 1000

// room is a hall of guests and its operator.
type room struct {
	cfg    roomConfig
	base   *url.URL // of the server
	event  string
	guest  string // the guests' door token
	links  *roomLinks
	lines  []*line
	epoch  time.Time
	window window // open while broadcasts are measured
	turns  turns
}

type roomLinks struct {
	Operator string `json:"operator"`
	Guest    string `json:"guest"`
}

// runRoom fills a room with guests, measures what its websockets cost idle and at work, and how they come back when all are cut.
func runRoom(ctx context.Context, cfg roomConfig, progress io.Writer) (*roomResult, error) {
	r, err := newRoom(cfg)
	if err != nil {
		return nil, err
	}
	desk, err := r.openDesk(ctx)
	if err != nil {
		return nil, fmt.Errorf("operator: %w", err)
	}
	defer desk.close()
	defer r.close()
	res := &roomResult{Sockets: cfg.Sockets}

	rss, cpu := readRSS(cfg.ServerPID), readCPU(cfg.ServerPID)
	if err := r.fill(ctx, res); err != nil {
		return nil, err
	}
	fmt.Fprintf(progress, "%d of %d sockets open\n", res.Joined, cfg.Sockets)
	after := readCPU(cfg.ServerPID)
	res.JoinCPU = perEach(after.server-cpu.server, res.Joined) * 1000

	cpu = readCPU(cfg.ServerPID)
	if !pause(ctx, cfg.Idle) {
		return nil, ctx.Err()
	}
	res.IdleMicros = perEach(readCPU(cfg.ServerPID).server-cpu.server, res.Joined) * 1e6 / cfg.Idle.Seconds()
	if now := readRSS(cfg.ServerPID); now > 0 && rss > 0 {
		res.RSSPerSocket = (float64(now) - float64(rss)) / float64(res.Joined)
	}

	if err := r.work(ctx, desk, res); err != nil {
		return nil, err
	}
	fmt.Fprintf(progress, "%d announcements, %d votes; now all sockets are cut\n", res.Announced, res.Votes)
	return res, r.storm(ctx, res)
}

func newRoom(cfg roomConfig) (*room, error) {
	b, err := os.ReadFile(cfg.Links)
	if err != nil {
		return nil, err
	}
	r := &room{cfg: cfg, links: &roomLinks{}, epoch: time.Now()}
	if err := json.Unmarshal(b, r.links); err != nil {
		return nil, fmt.Errorf("%s: %w", cfg.Links, err)
	}
	switch {
	case cfg.Sockets < 1 || cfg.Sockets > 19_000:
		return nil, errors.New("--sockets must be 1 to 19000")
	case cfg.Duration < time.Second || cfg.Duration > 10*time.Minute:
		return nil, errors.New("--duration must be 1s to 10m")
	case cfg.Idle < 100*time.Millisecond || cfg.Idle > time.Minute:
		return nil, errors.New("--idle must be 100ms to 1m")
	case cfg.JoinRate <= 0 || cfg.Votes < 0:
		return nil, errors.New("--join-rate must be positive, --votes not negative")
	}
	if r.base, r.event, r.guest, err = splitLink(r.links.Guest); err != nil {
		return nil, err
	}
	return r, nil
}

// splitLink takes a link of the page apart: the server, the event, the token.
func splitLink(link string) (base *url.URL, event, token string, err error) {
	if err := checkURL(link); err != nil {
		return nil, "", "", err
	}
	u, err := url.Parse(link)
	if err != nil {
		return nil, "", "", err
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	token, ok := strings.CutPrefix(u.Fragment, "t=")
	if len(parts) < 2 || parts[0] != "k" || !ok {
		return nil, "", "", errors.New("not a link to an event")
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, parts[1], token, nil
}

// openDesk connects the operator, begins the event and has a question that all can vote on.
func (r *room) openDesk(ctx context.Context) (*line, error) {
	_, _, token, err := splitLink(r.links.Operator)
	if err != nil {
		return nil, err
	}
	desk := newLine(r, 0)
	desk.token = token
	if err := desk.open(ctx); err != nil {
		return nil, err
	}
	go desk.read()
	if err := desk.do(ctx, "phase", wire.SetPhase{To: "live"}); err != nil {
		return nil, err
	}
	asker := newLine(r, 0)
	if err := asker.join(ctx); err != nil {
		return nil, err
	}
	defer asker.close()
	go asker.read()
	if err := asker.do(ctx, "ask", wire.Ask{Text: "Berapa yang hadir?"}); err != nil {
		return nil, err
	}
	if err := desk.do(ctx, "approve", wire.Approve{Question: "q1"}); err != nil {
		return nil, err
	}
	return desk, r.uploadDeck(ctx, desk)
}

// fill lets the guests in.
func (r *room) fill(ctx context.Context, res *roomResult) error {
	joins := timings{res: res}
	lines := make([]*line, r.cfg.Sockets) // nil: could not join
	var wg sync.WaitGroup
	places := make(chan struct{}, 256) // who is still joining; when full the next ones wait: the server is the limit
	each := time.NewTicker(max(time.Duration(float64(time.Second)/r.cfg.JoinRate), time.Microsecond))
	defer each.Stop()
	for i := range r.cfg.Sockets {
		select {
		case <-each.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		places <- struct{}{}
		wg.Go(func() {
			defer func() { <-places }()
			l := newLine(r, i)
			l.crowd = true
			began := time.Now()
			if joins.add(began, l.join(ctx)) {
				lines[i] = l
				go l.read()
			}
		})
	}
	wg.Wait()
	r.lines = slices.DeleteFunc(lines, func(l *line) bool { return l == nil })
	res.Joined, res.Join = len(joins.took), spread(joins.took)
	if res.Joined == 0 {
		return fmt.Errorf("nobody could join: %s", res.Errors)
	}
	return nil
}

// work has the operator announce something, turn a page and let a question through every second, each a third of a second after
// the other, and guests vote.
func (r *room) work(ctx context.Context, desk *line, res *roomResult) error {
	votes := make(chan struct{})
	stop, cancel := context.WithTimeout(ctx, r.cfg.Duration)
	defer cancel()
	go func() {
		defer close(votes)
		r.vote(stop, res)
	}()
	cpu := readCPU(r.cfg.ServerPID)
	r.window.open.Store(true)
	tick := time.NewTicker(time.Second / 3)
	defer tick.Stop()
	deeds := []struct {
		name string
		done *int
		do   func(n int) error
	}{
		{"announce", &res.Announced, func(int) error { return desk.do(ctx, "announce", wire.Announce{Text: fmt.Sprint(sentAt, r.now())}) }},
		{"turn", &res.Turned, func(n int) error { return r.turn(ctx, desk, n) }},
		{"question", &res.Questions, func(n int) error { return r.question(ctx, desk, n) }},
	}
	for i := 0; stop.Err() == nil; i++ {
		d := deeds[i%len(deeds)]
		if err := d.do(*d.done); err != nil {
			return fmt.Errorf("%s: %w", d.name, err)
		}
		*d.done++
		select {
		case <-tick.C:
		case <-stop.Done():
		}
	}
	<-votes
	used := readCPU(r.cfg.ServerPID)
	pause(ctx, time.Second) // for the last one
	r.window.open.Store(false)
	res.WorkMicros = perEach(used.server-cpu.server, res.Joined) * 1e6 / r.cfg.Duration.Seconds()
	res.ClientUse = (used.self - cpu.self) / r.cfg.Duration.Seconds()
	var all histogram
	for _, l := range r.lines {
		l.mu.Lock()
		all.merge(&l.delay)
		l.mu.Unlock()
	}
	res.Received, res.Broadcast = int(all.n), spanMS{ms(all.quantile(.5)), ms(all.quantile(.95)), ms(all.quantile(.99))}
	r.turns.mu.Lock()
	res.TurnsSeen, res.Turn = int(r.turns.delay.n), spanMS{ms(r.turns.delay.quantile(.5)), ms(r.turns.delay.quantile(.95)), ms(r.turns.delay.quantile(.99))}
	r.turns.mu.Unlock()
	return ctx.Err()
}

// vote has one guest after the other vote, at the rate.
func (r *room) vote(ctx context.Context, res *roomResult) {
	if r.cfg.Votes == 0 {
		return
	}
	tick := time.NewTicker(time.Duration(float64(time.Second) / r.cfg.Votes))
	defer tick.Stop()
	acks := timings{res: res}
	var wg sync.WaitGroup
	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			wg.Wait()
			res.Votes, res.Ack = len(acks.took), spread(acks.took)
			return
		case <-tick.C:
		}
		l := r.lines[i%len(r.lines)]
		on := i/len(r.lines)%2 == 0
		wg.Go(func() {
			began := time.Now()
			acks.add(began, l.do(context.WithoutCancel(ctx), "support", wire.Support{Question: "q1", On: on}))
		})
	}
}

// storm cuts all sockets at once, as a regency's uplink that fails does, and waits until everybody is back.
func (r *room) storm(ctx context.Context, res *roomResult) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	cpu, began := readCPU(r.cfg.ServerPID), time.Now()
	for _, l := range r.lines {
		l.close()
	}
	returns := timings{res: res}
	var tries atomic.Int64
	var wg sync.WaitGroup
	for _, l := range r.lines {
		wg.Go(func() {
			n, err := l.comeBack(ctx)
			tries.Add(int64(n))
			returns.add(began, err)
		})
	}
	wg.Wait()
	res.Tries = int(tries.Load())
	res.Back, res.Return = len(returns.took), spread(returns.took)
	res.ReturnMax = ms(quantile(returns.took, 1))
	res.ReturnCPU = perEach(readCPU(r.cfg.ServerPID).server-cpu.server, res.Back) * 1000
	return nil
}

func (r *room) close() {
	for _, l := range r.lines {
		l.close()
	}
}

func (r *room) now() int64 { return int64(time.Since(r.epoch)) }

// perEach is v for each of n; negative where v is not known.
func perEach(v float64, n int) float64 {
	if n == 0 || v < 0 {
		return -1
	}
	return v / float64(n)
}
