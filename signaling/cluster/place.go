package cluster

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"betang/classroom"
	"betang/signaling"
)

// portion is how many facts go at once.
const portion = 500

// place is this node's place at one event. It runs the lease, follows the facts while another node is the home, and
// brings calls to the hub.
type place struct {
	m    *Member
	id   classroom.EventID
	seat signaling.Seat
	log  *slog.Logger

	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup

	token atomic.Int64 // by which this node is the home; 0: it is not. Set before the hub hears of it, cleared before too.
	led   atomic.Int64 // the token by which the hub knows that it is the home
	seen  atomic.Int64 // the highest token of any fact
	home  homeWatch
	ear   chan struct{} // closed when this node hears what is said to the home
	tells chan message  // what Tell leaves; the newest counts
	shows chan message  // what Show leaves; full: it is dropped
}

var _ signaling.Place = (*place)(nil)

// Sit is signaling.Nodes'.
func (m *Member) Sit(id classroom.EventID, seat signaling.Seat) signaling.Place {
	ctx, cancel := context.WithCancel(m.ctx)
	return &place{
		m: m, id: id, seat: seat, log: m.log.With("event", string(id)), ctx: ctx, cancel: cancel,
		ear: make(chan struct{}), tells: make(chan message, 1), shows: make(chan message, 16),
	}
}

// Start is signaling.Place's.
func (p *place) Start() {
	p.work.Go(p.lead)
	p.work.Go(p.follow)
	p.work.Go(p.tell)
	p.work.Go(p.evidence)
	p.work.Go(func() { p.m.listen(p.ctx, homeTopic(p.id), p.ear, p.takeCall) })
	p.work.Go(func() { p.m.listen(p.ctx, eventTopic(p.id), nil, p.takeNews) })
	// The others that may become the home follow from now on, and the home says so.
	p.work.Go(func() {
		p.m.sayFor(p.ctx, originTopic, message{Kind: kindOpen, Event: p.id})
		p.m.sayFor(p.ctx, homeTopic(p.id), message{Kind: kindWho, Event: p.id})
	})
}

// Stop is signaling.Place's.
func (p *place) Stop() {
	p.cancel()
	p.work.Wait()
}

// ---- the lease ----

// lead runs the lease's rules.
func (p *place) lead() {
	began := time.Now()
	lease := NewLease(p.m.cfg.Term)
	answers := make(chan Answered, 1)
	timer := time.NewTimer(0)
	defer timer.Stop()
	var effects []LeaseEffect
	step := func(ev LeaseEvent) {
		effects = lease.Step(effects[:0], time.Since(began), ev)
		for _, e := range effects {
			p.performLease(e, answers)
		}
	}
	wanted := false
	for {
		if may := p.m.mayLead(); may != wanted {
			if wanted = may; may {
				step(Want{})
			} else {
				step(Drop{})
			}
		}
		if !wanted && p.home.justGone(p.m.cfg.Term) {
			p.m.Look() // whoever goes before this node may be dead: the registry knows before its next beat
		}
		next := p.m.cfg.Term / 20 // to look whether it may lead
		if at, ok := lease.Next(); ok {
			next = min(next, max(at-time.Since(began), 0))
		}
		timer.Reset(next)
		select {
		case <-timer.C:
			step(TimeUp{})
		case a := <-answers:
			step(a)
		case <-p.ctx.Done():
			step(Drop{})
			return
		}
	}
}

func (p *place) performLease(e LeaseEffect, answers chan<- Answered) {
	switch e := e.(type) {
	case Ask:
		p.work.Go(func() {
			ctx, cancel := context.WithTimeout(p.ctx, p.m.cfg.Term/2)
			defer cancel()
			g, err := p.m.cfg.Bus.Claim(ctx, string(p.id), p.m.holder, p.seen.Load(), p.m.cfg.Term)
			answers <- Answered{Grant: g, Mine: err == nil && g.Holder == p.m.holder, Err: err}
		})
	case Up:
		if p.token.Swap(e.Token) == 0 { // here, not in become: a Down that follows at once is to find it
			p.m.count.homes.Add(1)
		}
		p.work.Go(func() { p.become(e.Token) })
	case Down:
		p.lower(e.Token)
		p.work.Go(func() { _ = p.seat.SetHome(p.ctx, p.token.Load()) })
	case GiveUp:
		ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), time.Second)
		defer cancel()
		if err := p.m.cfg.Bus.Release(ctx, string(p.id), p.m.holder, e.Token); err != nil {
			p.log.Warn("the lease is given up only after its term", "err", err)
		}
	case Elsewhere:
		p.home.exists()
	}
}

// become makes the hub the home: the old home is fenced since the lease was given, so the stream is all there is, and what
// another node read of it before Redis lost it. It is tried until it works or the lease is over. A home that does not hear yet would
// lose what it is asked, and who asked would wait in vain for as long as it lives.
func (p *place) become(token int64) {
	select {
	case <-p.ear:
	case <-p.ctx.Done():
	}
	for p.ctx.Err() == nil && p.token.Load() == token {
		err := p.drain()
		if err == nil {
			err = p.takeTails()
		}
		if err == nil {
			err = p.refill(p.ctx, token)
		}
		if err == nil && p.m.cfg.Papers != nil {
			err = p.m.cfg.Papers.SetTerm(p.ctx, p.id, token, p.m.cfg.Self.Name)
		}
		if err == nil {
			err = p.seat.SetHome(p.ctx, token)
		}
		if err == nil {
			p.led.Store(token)
			if now := p.token.Load(); now != token { // the lease was over meanwhile
				_ = p.seat.SetHome(p.ctx, now)
			}
			p.announce()
			return
		}
		p.log.Warn("not the home yet", "err", err)
		wait(p.ctx, p.m.cfg.Term/20)
	}
}

// lower ends being the home by a token.
func (p *place) lower(token int64) {
	if p.token.CompareAndSwap(token, 0) {
		p.m.count.homes.Add(-1)
	}
}

// Publish is signaling.Place's. It is called on the hub's goroutine.
func (p *place) Publish(ctx context.Context, token int64, facts []classroom.Fact) error {
	bodies, err := encodeFacts(facts)
	if err != nil {
		return err
	}
	for {
		if p.token.Load() != token {
			return ErrFenced
		}
		_, err := p.m.cfg.Bus.Publish(ctx, string(p.id), token, facts[0].Seq, bodies)
		switch {
		case err == nil, errors.Is(err, ErrFork):
			return err
		case errors.Is(err, ErrFenced):
			p.m.count.refused.Add(1)
			p.lower(token)
			return err
		case errors.Is(err, ErrGap):
			if err := p.refill(ctx, token); err != nil {
				return err
			}
		default:
			p.log.Warn("facts are not published; trying again", "first", facts[0].Seq, "err", err)
		}
		if !wait(ctx, 50*time.Millisecond) {
			return errors.Join(ctx.Err(), err)
		}
	}
}

// ---- the facts ----

// next reads facts after a number from the stream.
func (p *place) next(ctx context.Context, after int64, patience time.Duration) ([]classroom.Fact, error) {
	entries, err := p.m.cfg.Bus.Follow(ctx, string(p.id), after, portion, patience)
	if err != nil {
		return nil, err
	}
	facts := make([]classroom.Fact, len(entries))
	for i, e := range entries {
		if facts[i], err = classroom.DecodeFact(e.Body); err != nil {
			return nil, err
		}
		if e.Token > p.seen.Load() {
			p.seen.Store(e.Token)
		}
	}
	return facts, nil
}

// follow brings the hub the home's facts.
func (p *place) follow() {
	for p.ctx.Err() == nil {
		if p.token.Load() != 0 {
			wait(p.ctx, p.m.cfg.Term/20)
			continue
		}
		facts, err := p.next(p.ctx, p.seat.Rev(), MaxWait)
		if errors.Is(err, ErrGap) {
			facts, err = p.fromHome(p.ctx, p.seat.Rev())
		}
		if err == nil && len(facts) > 0 {
			if err = p.seat.Take(p.ctx, facts); err == nil {
				p.m.count.facts.Add(uint64(len(facts)))
				p.followed(facts)
			}
		}
		if err != nil && p.ctx.Err() == nil {
			p.log.Warn("not following the home's facts; trying again", "err", err)
			wait(p.ctx, p.m.cfg.Term/10)
		}
	}
}

// ---- who is where ----

// Tell is signaling.Place's. It does not wait: only the newest counts.
func (p *place) Tell(home bool, here signaling.Here) {
	msg := message{From: p.m.cfg.Self.Name, Kind: kindHere, Here: &here}
	if token := p.token.Load(); home && token != 0 {
		msg.Kind, msg.Token = kindHome, token
	}
	select {
	case <-p.tells:
	default:
	}
	select {
	case p.tells <- msg:
	default:
	}
}

// tell sends what Tell leaves, and asks for a home where none is heard of.
func (p *place) tell() {
	for {
		select {
		case msg := <-p.tells:
			p.m.sayFor(p.ctx, eventTopic(p.id), msg)
			if p.token.Load() == 0 && p.home.missing(p.m.cfg.Term/2) {
				p.m.sayFor(p.ctx, originTopic, message{Kind: kindOpen, Event: p.id})
			}
		case msg := <-p.shows:
			p.m.sayFor(p.ctx, eventTopic(p.id), msg)
		case <-p.ctx.Done():
			return
		}
	}
}

// Show is signaling.Place's.
func (p *place) Show(g signaling.Gestures) {
	select {
	case p.shows <- message{From: p.m.cfg.Self.Name, Kind: kindShow, Show: &g}:
	default:
	}
}

// announce lets the others know that this node is the home: what waits for one goes on.
func (p *place) announce() {
	if token := p.token.Load(); token != 0 {
		p.m.sayFor(p.ctx, eventTopic(p.id), message{From: p.m.cfg.Self.Name, Kind: kindHome, Token: token})
	}
}

func (p *place) takeNews(msg message) {
	if msg.From == p.m.cfg.Self.Name || msg.From == p.m.holder {
		return
	}
	if msg.Kind == kindTail {
		p.m.handle(func(ctx context.Context) { p.tellFacts(ctx, msg) })
		return
	}
	if msg.Show != nil {
		p.seat.Shown(*msg.Show)
		return
	}
	if msg.Kind == kindHome {
		p.home.hear(msg.Token)
	}
	if msg.Here == nil {
		return
	}
	p.seat.Heard(msg.From, msg.Kind == kindHome, *msg.Here)
}
