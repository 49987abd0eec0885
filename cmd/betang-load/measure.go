package main

import (
	"context"
	"crypto/rand"
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
	var m mark
	if _, err := rand.Read(m[:]); err != nil {
		return nil, err
	}
	epoch := time.Now()
	now := func() int64 { return int64(time.Since(epoch)) }
	api, err := newAPI(cfg.NACK)
	if err != nil {
		return nil, err
	}
	client := newClient()
	defer client.CloseIdleConnections()

	sending, stopSending := context.WithCancel(ctx)
	defer stopSending()
	speaks := api
	if len(cfg.picture()) > 1 {
		if speaks, err = newAPI(cfg.NACK, withSimulcast); err != nil {
			return nil, err
		}
	}
	pub, err := newPublisher(speaks, client, cfg.WHIPToken, m, cfg.picture(), now)
	if err != nil {
		return nil, err
	}
	defer func() {
		stopSending()
		pub.stop()
	}()
	if cfg.WHIP != nobody {
		if err := pub.connect(ctx, cfg.WHIP); err != nil {
			return nil, fmt.Errorf("publish: %w", err)
		}
		pub.start(sending)
	}

	var w window
	settle := func() {} // after it nobody writes to a stream
	create := func(int) (watcher, error) { return newViewer(api, client, cfg.WHEP, cfg.WHEPToken, m, now, &w) }
	if !cfg.Heavy {
		var via netip.AddrPort
		if cfg.Via != "" {
			if via, err = netip.ParseAddrPort(cfg.Via); err != nil {
				return nil, fmt.Errorf("--via: %w", err)
			}
		}
		cr, err := newCrowd(cfg.Slots, cfg.GRO, now)
		if err != nil {
			return nil, err
		}
		defer cr.close()
		settle = cr.close
		enter := func(int) door { return &whepDoor{http: client, endpoint: cfg.WHEP, token: cfg.WHEPToken} }
		if cfg.Pages {
			r := &room{epoch: epoch}
			if r.base, r.event, r.guest, err = splitLink(cfg.guest); err != nil {
				return nil, err
			}
			enter = func(i int) door {
				l := newLine(r, i)
				l.name = nameOf(i)
				return pageDoor{l}
			}
		}
		create = func(i int) (watcher, error) {
			return newLight(cr, enter(i), m, now, &w, lightWish{
				mute: cfg.Read > 0 && i*cfg.Read%cfg.Viewers >= cfg.Read, twcc: cfg.TWCC, loss: cfg.Loss, via: via,
			}), nil
		}
	}
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

	atStart := fetchStats(ctx, client, cfg.Stats)
	before, sentBefore, lateBefore := readCPU(cfg.ServerPID), pub.packets.Load(), pub.late.Load()
	w.open.Store(true)
	began := time.Now()
	if !pause(ctx, cfg.Duration) {
		return nil, ctx.Err()
	}
	w.open.Store(false)
	took := time.Since(began)
	after := readCPU(cfg.ServerPID)
	atEnd := fetchStats(ctx, client, cfg.Stats)

	res := &result{
		Server: cfg.Name, Viewers: cfg.Viewers, Joined: len(joined), Seconds: took.Seconds(),
		Sent: pub.packets.Load() - sentBefore, SentLate: pub.late.Load() - lateBefore, LayerPLIs: pub.plis(),
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
	var join, first []time.Duration
	for _, v := range joined {
		res.Missed += v.missed()
		if v.lost() {
			res.Dropped++
		}
		j, f := v.times()
		join = append(join, j)
		if f > 0 {
			first = append(first, f)
		}
	}
	var video, audio total
	var voices voiceNumbers
	streams := joins.stop()
	settle()
	for _, s := range streams {
		if s.kind == codec.Opus {
			audio.add(s)
			voices.add(s)
		} else {
			video.add(s)
		}
	}
	heard := len(joined)
	if cfg.Read > 0 {
		heard = min(heard, cfg.Read)
	}
	res.Heard = heard
	res.Video, res.Audio = video.numbers(heard, res.Seconds), audio.numbers(heard, res.Seconds)
	res.Voices = voices.settle()
	res.derive()
	res.engine(atStart, atEnd)
	res.Join = spread(join)
	res.FirstFrame = spread(first)
	res.NoFrame = len(joined) - len(first)
	return res, nil
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
