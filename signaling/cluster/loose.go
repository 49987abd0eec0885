package cluster

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"betang/classroom"
	"betang/classroom/papers"
)

// Loose papers have no order, so there is no last one that another origin has: an origin tells what it holds by a digest for each event,
// and gets whole what differs.

const (
	looseEvery = 8                   // looks for papers between two for loose ones
	looseFor   = 30 * 24 * time.Hour // after an event's end: the evaluation is long over, and every origin has been back
	looseBytes = 16 << 20            // of answers, after which the rest waits for the next look
)

// LooseStore holds them; classroom/store has it.
type LooseStore interface {
	LooseDigests(ctx context.Context, after time.Time) (map[string]string, error)
	Loose(ctx context.Context, event string) (papers.Loose, error)
	TakeLoose(ctx context.Context, l papers.Loose) (fresh int, err error)
}

// giveLoose answers with what differs from what the asker holds.
func (c *copier) giveLoose(ctx context.Context, ask paperAsk, answer *paperAnswer) error {
	mine, err := c.store.LooseDigests(ctx, time.Now().Add(-looseFor))
	size := 0
	for event, digest := range mine {
		if err != nil || size > looseBytes {
			break
		}
		if ask.Loose[event] == digest {
			continue
		}
		var l papers.Loose
		if l, err = c.store.Loose(ctx, event); err == nil {
			answer.Loose = append(answer.Loose, l)
			for _, body := range l.Answers {
				size += len(body)
			}
		}
	}
	return err
}

// loose copies what another origin holds of them.
func (c *copier) loose(ctx context.Context, n Node) error {
	have, err := c.store.LooseDigests(ctx, time.Now().Add(-looseFor))
	if err != nil {
		return err
	}
	answer, err := c.ask(ctx, n.URL, paperAsk{ID: rand.Text(), Node: c.m.cfg.Self.Name, Loose: have})
	if err != nil {
		return err
	}
	var errs error
	for _, l := range answer.Loose {
		if err := c.meetEvent(ctx, l.Event); err != nil {
			errs = errors.Join(errs, err)
			continue
		}
		fresh, err := c.store.TakeLoose(ctx, l)
		if err != nil {
			errs = errors.Join(errs, fmt.Errorf("loose papers of event %s: %w", l.Event, err))
		}
		c.m.count.papers.Add(uint64(fresh))
	}
	return errs
}

// meetEvent makes an event known that others' papers speak of.
func (c *copier) meetEvent(ctx context.Context, id string) error {
	_, err := c.m.cfg.Dir.Event(ctx, classroom.EventID(id))
	if err == nil {
		return nil
	}
	var ev classroom.Event
	if classroom.KindOf(err) != classroom.NotFound || !c.m.ask(ctx, kindEvent, id, "", &ev) || string(ev.ID) != id {
		return fmt.Errorf("event %s: %w", id, err)
	}
	return c.store.CopyEvent(ctx, ev)
}

// otherOrigins are those that are asked for papers.
func (m *Member) otherOrigins() []Node {
	return slices.DeleteFunc(slices.Clone(m.Nodes()), func(n Node) bool { return n.Edge || n.Name == m.cfg.Self.Name || n.URL == "" })
}
