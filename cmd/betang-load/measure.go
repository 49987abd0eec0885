package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"sync"
	"time"

	"betang/sfu/codec"
)

// measure runs one speaker and cfg.Viewers viewers, and gives what they saw. progress gets a line per phase.
func measure(ctx context.Context, cfg config, progress io.Writer) (*result, error) {
	sp, err := newSpeaker(cfg.NACK, cfg.WHIPToken, cfg.picture())
	if err != nil {
		return nil, err
	}
	defer sp.end()
	if cfg.WHIP != nobody {
		if err := sp.publish(ctx, cfg.WHIP); err != nil {
			return nil, err
		}
	}
	var w window
	create, settle, err := cfg.watchers(sp, &w)
	if err != nil {
		return nil, err
	}
	defer settle()
	if !pause(ctx, min(time.Second, cfg.Duration)) { // the publisher's start is not the viewers' cost
		return nil, ctx.Err()
	}
	atJoin, rssBefore, joinBegan := readCPU(cfg.ServerPID), readRSS(cfg.ServerPID), time.Now()
	joins := startJoins(ctx, cfg, create)
	defer joins.stop()
	joins.wait()
	joinTook := time.Since(joinBegan)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	joined := joins.joined()
	fmt.Fprintf(progress, "%d of %d viewers joined, measuring %s\n", len(joined), cfg.Viewers, cfg.Duration)
	if len(joined) == 0 {
		return nil, fmt.Errorf("no viewer could join: %w", errors.Join(joins.errs...))
	}
	if !pause(ctx, min(time.Second, cfg.Duration)) { // the last ones' cached frames
		return nil, ctx.Err()
	}

	atStart := fetchStats(ctx, sp.client, cfg.Stats)
	before, sentBefore, lateBefore := readCPU(cfg.ServerPID), sp.packets.Load(), sp.late.Load()
	w.open.Store(true)
	began := time.Now()
	if !pause(ctx, cfg.Duration) {
		return nil, ctx.Err()
	}
	w.open.Store(false)
	took := time.Since(began)
	after := readCPU(cfg.ServerPID)
	atEnd := fetchStats(ctx, sp.client, cfg.Stats)

	res := &result{
		Server: cfg.Name, Viewers: cfg.Viewers, Joined: len(joined), Seconds: took.Seconds(),
		Sent: sp.packets.Load() - sentBefore, SentLate: sp.late.Load() - lateBefore, LayerPLIs: sp.plis(),
	}
	for _, n := range res.LayerPLIs {
		res.PLIs += n
	}
	if err := errors.Join(joins.errs...); err != nil {
		res.Errors = firstLine(err)
	}
	res.cpu(before, after)
	res.joinCPU(atJoin, before, joinTook)
	if rss := readRSS(cfg.ServerPID); rss > 0 && rssBefore > 0 {
		res.ServerRSS, res.RSSPerViewer = rss, (float64(rss)-float64(rssBefore))/float64(len(joined))
	}
	res.came(joined)
	streams := joins.stop()
	settle()
	if res.Heard = len(joined); cfg.Read > 0 {
		res.Heard = min(res.Heard, cfg.Read)
	}
	var voices voiceNumbers
	for _, s := range streams {
		if s.kind == codec.Opus {
			voices.add(s)
		}
	}
	res.Voices = voices.settle()
	res.Video, res.Audio = addUp(streams, res.Heard, res.Seconds)
	res.derive()
	res.engine(atStart, atEnd)
	return res, nil
}

// watchers gives the viewers that the command line asks for, one by one, and what ends their crowd: after it nobody writes to a stream.
func (c config) watchers(sp *speaker, w *window) (create func(i int) (watcher, error), settle func(), err error) {
	if c.Heavy {
		return func(int) (watcher, error) {
			return newViewer(sp.api, sp.client, c.WHEP, c.WHEPToken, sp.mark, sp.now, w)
		}, func() {}, nil
	}
	var via netip.AddrPort
	if c.Via != "" {
		if via, err = netip.ParseAddrPort(c.Via); err != nil {
			return nil, nil, fmt.Errorf("--via: %w", err)
		}
	}
	enter := func(int) door { return &whepDoor{http: sp.client, endpoint: c.WHEP, token: c.WHEPToken} }
	if c.Pages {
		r := &room{epoch: sp.epoch}
		if r.base, r.event, r.guest, err = splitLink(c.guest); err != nil {
			return nil, nil, err
		}
		enter = func(i int) door {
			l := newLine(r, i)
			l.name = nameOf(i)
			return pageDoor{l}
		}
	}
	cr, err := newCrowd(c.Slots, c.GRO, sp.now)
	if err != nil {
		return nil, nil, err
	}
	return func(i int) (watcher, error) {
		return newLight(cr, enter(i), sp.mark, sp.now, w, lightWish{
			mute: c.Read > 0 && i*c.Read%c.Viewers >= c.Read, twcc: c.TWCC, loss: c.Loss, via: via,
		}), nil
	}, cr.close, nil
}

// came adds how the viewers came in, and what became of their connections.
func (r *result) came(joined []watcher) {
	var join, first []time.Duration
	for _, v := range joined {
		r.Missed += v.missed()
		if v.lost() {
			r.Dropped++
		}
		j, f := v.times()
		join = append(join, j)
		if f > 0 {
			first = append(first, f)
		}
	}
	r.Join, r.FirstFrame, r.NoFrame = spread(join), spread(first), len(joined)-len(first)
}

// addUp makes the numbers of so many viewers' streams over a time in seconds.
func addUp(streams []*stream, viewers int, seconds float64) (pictures, voices numbers) {
	var video, audio total
	for _, s := range streams {
		if s.kind == codec.Opus {
			audio.add(s)
		} else {
			video.add(s)
		}
	}
	return video.numbers(viewers, seconds), audio.numbers(viewers, seconds)
}

// watcher is a viewer of either kind.
type watcher interface {
	watch(ctx context.Context) error
	lost() bool                         // its connection broke
	times() (join, first time.Duration) // from the offer to the connection, and to the first whole keyframe, 0: none
	missed() uint64                     // datagrams that came and this program had no room for
	stop() []*stream
}

// joiner lets viewers in at a steady rate and ends them together.
type joiner struct {
	wg      sync.WaitGroup
	mu      sync.Mutex
	viewers []watcher // guarded by mu, as are the next two
	in      []watcher
	errs    []error

	once    sync.Once
	streams []*stream
}

func startJoins(ctx context.Context, cfg config, create func(i int) (watcher, error)) *joiner {
	j := &joiner{}
	j.wg.Go(func() {
		n := 0
		every(ctx, time.Duration(float64(time.Second)/cfg.JoinRate), func(time.Duration) bool {
			i := n
			j.wg.Go(func() { j.one(ctx, func() (watcher, error) { return create(i) }) })
			n++
			return n < cfg.Viewers
		})
	})
	return j
}

func (j *joiner) one(ctx context.Context, create func() (watcher, error)) {
	v, err := create()
	if err == nil {
		j.mu.Lock()
		j.viewers = append(j.viewers, v)
		j.mu.Unlock()
		err = v.watch(ctx)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if err != nil {
		j.errs = append(j.errs, err)
		return
	}
	j.in = append(j.in, v)
}

// wait returns when every viewer has joined or failed.
func (j *joiner) wait() { j.wg.Wait() }

// joined gives the viewers that could join; call it after wait.
func (j *joiner) joined() []watcher { return j.in }

// stop ends all viewers, a few at a time, and gives their streams.
func (j *joiner) stop() []*stream {
	j.once.Do(func() {
		j.wg.Wait()
		places := make(chan struct{}, 16)
		var wg sync.WaitGroup
		for _, v := range j.viewers {
			places <- struct{}{}
			wg.Go(func() {
				s := v.stop()
				<-places
				j.mu.Lock()
				j.streams = append(j.streams, s...)
				j.mu.Unlock()
			})
		}
		wg.Wait()
	})
	return j.streams
}
