package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"betang/classroom"
	"betang/signaling"
)

// Forward is signaling.Place's. It waits for a home to be heard of. When the one that it asked falls silent or another takes
// its place, it finds out from the facts whether the commands were done, and asks the next one if they certainly were not.
func (p *place) Forward(ctx context.Context, asked []signaling.Asked) ([]signaling.Outcome, error) {
	msg := message{Kind: kindDo, Event: p.id}
	for _, a := range asked {
		item, err := classroom.EncodeCommand(a.By, a.Cmd)
		if err != nil {
			return nil, err
		}
		msg.Items = append(msg.Items, item)
	}
	p.m.count.asked.Add(uint64(len(asked)))
	for {
		rev := p.seat.Rev()
		token, ok := p.home.await(ctx, func() bool { return p.token.Load() == 0 })
		if !ok && ctx.Err() == nil && !p.settled(ctx) {
			continue // this node was to be the home, and is not after all
		}
		if !ok {
			return nil, signaling.ErrNoHome
		}
		msg.Token = token
		out, err := p.ask(ctx, token, msg)
		if err == nil || ctx.Err() != nil || !p.undone(ctx, token, rev, asked) {
			return out, err
		}
		p.log.Info("commands that a home took with it are asked for anew", "commands", len(asked))
	}
}

// settled waits until the hub knows that this node is the home; false: it is not any more.
func (p *place) settled(ctx context.Context) bool {
	for {
		token := p.token.Load()
		if token == 0 || token == p.led.Load() || !wait(ctx, homeSilent/50) {
			return token != 0
		}
	}
}

// ask has the home of a token apply commands, as long as it is heard and no other.
func (p *place) ask(ctx context.Context, token int64, msg message) ([]signaling.Outcome, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p.work.Go(func() { p.home.untilGone(ctx, token); cancel() })
	answer, err := p.m.call(ctx, homeTopic(p.id), msg)
	if err != nil {
		return nil, err
	}
	return outcomesOf(answer.Items, len(msg.Items))
}

// outcomesOf reads what became of so many commands.
func outcomesOf(items []json.RawMessage, commands int) ([]signaling.Outcome, error) {
	if len(items) != commands {
		return nil, errAnswer
	}
	out := make([]signaling.Outcome, commands)
	for i, item := range items {
		var o outcomeJSON
		if err := json.Unmarshal(item, &o); err != nil {
			return nil, errAnswer
		}
		out[i].Rev = o.Rev
		if o.Code != "" {
			out[i].Err = classroom.Refuse(o.Kind, o.Code)
		}
	}
	return out, nil
}

// undone waits until the home of a token has a follower, and tells whether it certainly did none of the commands that it was
// asked after the fact rev. By then it is fenced, so what it did is among the facts, and each thing that somebody does is a
// fact by them. False: it did, or nobody knows.
func (p *place) undone(ctx context.Context, token, rev int64, asked []signaling.Asked) bool {
	for {
		if now := p.token.Load(); now != 0 && p.led.Load() == now {
			break // it is this node, and has all facts
		}
		next, _, news := p.home.look()
		if next > token {
			if err := p.drain(); err != nil {
				return false
			}
			break
		}
		if next == token { // it is there again, and may still do them
			return false
		}
		select {
		case <-news:
		case <-time.After(homeSilent / 50): // to look whether it is this node
		case <-ctx.Done():
			return false
		}
	}
	facts, err := p.seat.Facts(ctx, rev)
	return err == nil && !slices.ContainsFunc(facts, func(f classroom.Fact) bool {
		return slices.ContainsFunc(asked, func(a signaling.Asked) bool {
			return f.By.Session == a.By.Session && f.By.Person == a.By.Person
		})
	})
}

// takeCall answers what comes to the home. Commands of one caller come one batch after the other, so goroutines keep
// their order.
func (p *place) takeCall(msg message) {
	if p.token.Load() == 0 {
		return
	}
	p.m.handle(func(ctx context.Context) {
		switch msg.Kind {
		case kindWho:
			p.announce()
		case kindDo:
			for p.led.Load() != p.token.Load() { // it is becoming the home
				if !wait(ctx, p.m.cfg.Term/100) {
					return
				}
			}
			p.do(ctx, msg)
		case kindFacts:
			p.tellFacts(ctx, msg)
		}
	})
}

func (p *place) do(ctx context.Context, msg message) {
	asked := make([]signaling.Asked, len(msg.Items))
	for i, item := range msg.Items {
		by, cmd, err := classroom.DecodeCommand(item)
		if err != nil {
			p.log.Error("a node asks for what is no command", "from", msg.From, "err", err)
			return
		}
		asked[i] = signaling.Asked{By: by, Cmd: cmd, Home: msg.Token}
	}
	var items []json.RawMessage
	for _, o := range p.seat.Ask(ctx, asked) {
		j := outcomeJSON{Rev: o.Rev}
		if o.Err != nil {
			j.Kind, j.Code = classroom.KindOf(o.Err), "internal"
			if e, ok := errors.AsType[*classroom.Error](o.Err); ok {
				j.Code = e.Code
			}
		}
		item, err := json.Marshal(j)
		if err != nil {
			return
		}
		items = append(items, item)
	}
	p.m.answer(msg, items)
}
