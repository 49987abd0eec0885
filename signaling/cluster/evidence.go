package cluster

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
)

// Every node keeps the evidence that it gathers in its own store, numbered, and sends it to the home while it is not the
// home itself: what changed after a number, as it stands then. The home acknowledges when it is on its disk, and says up to
// which number it has all. So a batch may come twice, late or never, and a new home, which says a lower number, is sent
// what it lacks. What is there already is not changed by an older state.

// Shelf is a store that numbers its own evidence and takes in that of other nodes; classroom/store has it.
type Shelf interface {
	SaveOwnSpans(ctx context.Context, event classroom.EventID, spans []attend.Span) error
	Outbox(ctx context.Context, event classroom.EventID, after int64, most int) (spans []attend.Span, upTo int64, err error)
	OutboxEnds(ctx context.Context) (map[classroom.EventID]int64, error)
	SaveNodeSpans(ctx context.Context, event classroom.EventID, node string, after, upTo int64, spans []attend.Span) (mark int64, err error)
	Marks(ctx context.Context, event classroom.EventID) (map[string]int64, error)
}

const (
	shipMost  = 5000             // spans in a batch: some 50 kB
	takeMost  = 16               // batches at once
	takeAgain = 20 * time.Second // after which a batch that nobody acknowledged comes again
	maxBody   = 4 << 20          // of a batch, unpacked
)

// shipment is a batch's body.
type shipment struct {
	After int64      `json:"after"`
	Spans []spanJSON `json:"spans"`
}

type spanJSON struct {
	Person  string       `json:"p"`
	Session string       `json:"s"`
	Class   attend.Class `json:"c"`
	From    int64        `json:"f"`
	To      int64        `json:"t"`
}

var errBatch = errors.New("cluster: a batch that is none")

func packShipment(after int64, spans []attend.Span) ([]byte, error) {
	s := shipment{After: after, Spans: make([]spanJSON, len(spans))}
	for i, sp := range spans {
		s.Spans[i] = spanJSON{sp.Person, sp.Session, sp.Class, sp.From, sp.To}
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if err := json.NewEncoder(z).Encode(s); err != nil {
		return nil, err
	}
	err := z.Close()
	return b.Bytes(), err
}

func unpackShipment(body []byte) (after int64, spans []attend.Span, err error) {
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return 0, nil, errors.Join(errBatch, err)
	}
	var s shipment
	if err := json.NewDecoder(io.LimitReader(z, maxBody)).Decode(&s); err != nil {
		return 0, nil, errors.Join(errBatch, err)
	}
	for _, sp := range s.Spans {
		if sp.To < sp.From || sp.Class == 0 || sp.Class&(sp.Class-1) != 0 {
			return 0, nil, fmt.Errorf("%w: a span of class %d from %d to %d", errBatch, sp.Class, sp.From, sp.To)
		}
		spans = append(spans, attend.Span{Person: sp.Person, Session: sp.Session, Class: sp.Class, From: sp.From, To: sp.To})
	}
	return s.After, spans, nil
}

// shipper is what a node knows of its own evidence on the way.
type shipper struct {
	sent  int64     // what was sent last
	mark  int64     // what the home had when asked last
	since time.Time // when it last came forward
}

// ship sends own evidence to the home, a batch each time it is called. again is when what nobody acknowledged is sent once
// more.
func (p *place) ship(ctx context.Context, s *shipper, again time.Duration) error {
	bus, id := p.m.cfg.Bus, string(p.id)
	mark, err := bus.Mark(ctx, id, p.m.cfg.Source)
	if err != nil {
		return err
	}
	switch now := time.Now(); {
	case mark < s.mark: // a new home, which has less
		s.sent, s.since = mark, now
	case mark > s.mark:
		s.since = now
	case s.sent > mark && now.Sub(s.since) > again:
		s.sent, s.since = mark, now
	}
	s.mark, s.sent = mark, max(s.sent, mark)
	spans, upTo, err := p.m.cfg.Shelf.Outbox(ctx, p.id, s.sent, shipMost)
	if err != nil || len(spans) == 0 {
		return err
	}
	body, err := packShipment(s.sent, spans)
	if err != nil {
		return err
	}
	if err := bus.Ship(ctx, id, Batch{Node: p.m.cfg.Source, N: upTo, Body: body}); err != nil {
		return err
	}
	if s.sent == s.mark {
		s.since = time.Now()
	}
	s.sent = upTo
	p.m.count.sent.Add(uint64(len(spans)))
	return nil
}

// collect takes in what other nodes sent, as the home. told is when it last said what it has.
func (p *place) collect(token int64, patience time.Duration, told *time.Time) error {
	bus, id := p.m.cfg.Bus, string(p.id)
	batches, err := bus.Take(p.ctx, id, p.m.holder, takeAgain, takeMost, patience)
	if err != nil {
		return err
	}
	ids, marks := make([]string, 0, len(batches)), map[string]int64{}
	for _, b := range batches {
		after, spans, err := unpackShipment(b.Body)
		if err != nil {
			p.log.Error("a node's evidence cannot be read; it stays in that node's own store", "node", b.Node, "err", err)
			ids = append(ids, b.ID)
			continue
		}
		mark, err := p.m.cfg.Shelf.SaveNodeSpans(p.ctx, p.id, b.Node, after, b.N, spans)
		if err != nil {
			return err
		}
		p.m.count.came.Add(uint64(len(spans)))
		p.seat.Evidence(spans)
		ids, marks[b.Node] = append(ids, b.ID), mark
	}
	if len(batches) == 0 && time.Since(*told) < p.m.cfg.Term {
		return nil
	}
	*told = time.Now()
	return bus.Done(p.ctx, id, token, ids, p.withOwn(marks))
}

// withOwn adds this node's own mark: what a home gathered itself is where it must be.
func (p *place) withOwn(marks map[string]int64) map[string]int64 {
	if ends, err := p.m.cfg.Shelf.OutboxEnds(p.ctx); err == nil && ends[p.id] > 0 {
		marks[p.m.cfg.Source] = ends[p.id]
	}
	return marks
}

// remark tells the other nodes what this new home has of their evidence.
func (p *place) remark(token int64) error {
	marks, err := p.m.cfg.Shelf.Marks(p.ctx, p.id)
	if err != nil {
		return err
	}
	return p.m.cfg.Bus.Remark(p.ctx, string(p.id), token, p.withOwn(marks))
}

// evidence moves evidence from nodes to the home.
func (p *place) evidence() {
	var s shipper
	var told time.Time
	var remarked int64 // the token by which this node told its marks
	every := p.m.cfg.Term
	for p.ctx.Err() == nil {
		var err error
		token := p.token.Load()
		switch {
		case token == 0:
			err = p.ship(p.ctx, &s, 4*every)
			if err == nil || errors.Is(err, ErrFull) {
				wait(p.ctx, every/2)
			}
		case remarked != token:
			if err = p.remark(token); err == nil {
				remarked = token
			}
		default:
			err = p.collect(token, MaxWait, &told)
		}
		if err != nil && p.ctx.Err() == nil && !errors.Is(err, ErrFenced) {
			p.log.Warn("evidence does not move; trying again", "err", err)
		}
		if err != nil {
			wait(p.ctx, every/5)
		}
	}
	// What was gathered last, with the sockets' end. If it does not get through, it waits here for the next start.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), time.Second)
	defer cancel()
	if err := p.ship(ctx, &s, 4*every); err != nil {
		p.log.Warn("the last evidence waits here", "err", err)
	}
}

// openUnshipped loads the events of which this node has evidence that no home acknowledged: what an edge gathered before
// it was restarted.
func (m *Member) openUnshipped() error {
	ends, err := m.cfg.Shelf.OutboxEnds(m.ctx)
	if err != nil {
		return err
	}
	m.mu.Lock()
	open := m.open
	m.mu.Unlock()
	for id, end := range ends {
		mark, err := m.cfg.Bus.Mark(m.ctx, string(id), m.cfg.Source)
		if err != nil {
			return err
		}
		if mark < end {
			if err := open(m.ctx, id); err != nil {
				return err
			}
		}
	}
	return nil
}
