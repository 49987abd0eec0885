package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"betang/classroom"
	"betang/signaling"
)

// The journal of an event is one at all nodes: what the home published, under its numbers. The stream in Redis brings it to
// them; where that lost something, nodes ask one another.

// tailWait is how long a home waits for what others have beyond its own journal. A node that does not answer meanwhile is cut
// off from Redis.
const tailWait = 600 * time.Millisecond

// drain brings the hub all facts that are in the stream.
func (p *place) drain() error {
	for {
		facts, err := p.next(p.ctx, p.seat.Rev(), 0)
		if err != nil || len(facts) == 0 {
			return err
		}
		if err := p.seat.Take(p.ctx, facts); err != nil {
			return err
		}
		p.followed(facts)
	}
}

// tails gives the facts after a number that some other node has and the stream has not: Redis carried out a publish, and lost it
// before the home knew. They were published by a home of their time, so they are true, and everybody is to have them.
func (p *place) tails(ctx context.Context, after int64) (longest []classroom.Fact) {
	for _, answer := range p.m.askAll(ctx, eventTopic(p.id), message{Kind: kindTail, Event: p.id, After: after}, tailWait) {
		facts, err := factsOf(after, answer.Items)
		if err != nil {
			p.log.Error("a node's journal cannot be read", "from", answer.From, "err", err)
		}
		if len(facts) > len(longest) {
			longest = facts
		}
	}
	if len(longest) > 0 {
		p.log.Warn("another node knows facts that Redis lost; taking them in", "after", after, "facts", len(longest))
	}
	return longest
}

// takeTails brings the hub what tails gives.
func (p *place) takeTails() error {
	for {
		facts := p.tails(p.ctx, p.seat.Rev())
		if len(facts) == 0 {
			return nil
		}
		if err := p.seat.Take(p.ctx, facts); err != nil || len(facts) < portion {
			return err
		}
	}
}

// tellFacts answers tails and fromHome.
func (p *place) tellFacts(ctx context.Context, msg message) {
	facts, err := p.seat.Facts(ctx, msg.After)
	if err != nil {
		return
	}
	if items, err := itemsOf(facts); err == nil {
		p.m.answer(msg, items)
	}
}

// refill brings the stream the facts that it lacks: all of them, after Redis lost its data.
func (p *place) refill(ctx context.Context, token int64) error {
	rev := p.seat.Rev()
	top, err := p.m.cfg.Bus.Publish(ctx, string(p.id), token, rev+1, nil)
	if err == nil || !errors.Is(err, ErrGap) {
		return err
	}
	from := max(top, rev-FactsKept)
	facts, err := p.seat.Facts(ctx, from)
	if err != nil {
		return err
	}
	p.log.Warn("the stream lacks facts; filling in", "from", from+1, "facts", len(facts))
	for some := range slices.Chunk(facts, portion) {
		bodies, err := encodeFacts(some)
		if err != nil {
			return err
		}
		if _, err := p.m.cfg.Bus.Refill(ctx, string(p.id), token, some[0].Seq, bodies); err != nil {
			return err
		}
	}
	return nil
}

func encodeFacts(facts []classroom.Fact) ([][]byte, error) {
	bodies := make([][]byte, len(facts))
	for i, f := range facts {
		var err error
		if bodies[i], err = classroom.EncodeFact(f); err != nil {
			return nil, err
		}
	}
	return bodies, nil
}

// itemsOf are facts as an answer carries them, as many as go at once.
func itemsOf(facts []classroom.Fact) ([]json.RawMessage, error) {
	bodies, err := encodeFacts(facts[:min(len(facts), portion)])
	items := make([]json.RawMessage, len(bodies))
	for i, b := range bodies {
		items[i] = b
	}
	return items, err
}

// factsOf reads them: those right after a number, one upon another.
func factsOf(after int64, items []json.RawMessage) ([]classroom.Fact, error) {
	facts := make([]classroom.Fact, len(items))
	for i, item := range items {
		f, err := classroom.DecodeFact(item)
		if err != nil {
			return nil, err
		}
		if f.Seq != after+1+int64(i) {
			return nil, fmt.Errorf("%w: fact %d after %d", errAnswer, f.Seq, after+int64(i))
		}
		facts[i] = f
	}
	return facts, nil
}

// fromHome asks the home for facts that the stream no longer has.
func (p *place) fromHome(ctx context.Context, after int64) ([]classroom.Fact, error) {
	ctx, cancel := context.WithTimeout(ctx, p.m.cfg.Term)
	defer cancel()
	answer, err := p.m.call(ctx, homeTopic(p.id), message{Kind: kindFacts, Event: p.id, After: after})
	if err != nil {
		return nil, err
	}
	return factsOf(after, answer.Items)
}

// look reads what there is after a number now; without an answer for long it is an error.
func (p *place) look(ctx context.Context, after int64) ([]classroom.Fact, error) {
	short, cancel := context.WithTimeout(ctx, p.m.cfg.Term/2)
	defer cancel()
	facts, err := p.next(short, after, 0)
	if errors.Is(err, ErrGap) {
		return p.fromHome(ctx, after)
	}
	return facts, err
}

// CatchUp is signaling.Place's.
func (p *place) CatchUp(ctx context.Context, after int64, last *classroom.Fact) ([]classroom.Fact, error) {
	if !p.m.entered.Load() {
		return nil, errApart
	}
	from := after
	if last != nil {
		from-- // to compare
	}
	var all []classroom.Fact
	for whole := false; !whole; {
		facts, err := p.look(ctx, from)
		if err != nil {
			return nil, err
		}
		whole = len(facts) < portion // all that there was when it was read: a busy home has more by now, and always will
		if len(facts) == 0 {
			break
		}
		from = facts[len(facts)-1].Seq
		if last != nil && facts[0].Seq == last.Seq {
			theirs, err := classroom.EncodeFact(facts[0])
			if err != nil {
				return nil, err
			}
			if ours, err := classroom.EncodeFact(*last); err != nil || string(ours) != string(theirs) {
				return nil, signaling.ErrOtherJournal
			}
			facts, last = facts[1:], nil
		}
		all = append(all, facts...)
	}
	if p.token.Load() == 0 {
		return all, nil
	}
	// The home reads anew because nobody knows what became of a publish: it may have come to a node, and then Redis lost it.
	return append(all, p.tails(ctx, after+int64(len(all)))...), nil
}
