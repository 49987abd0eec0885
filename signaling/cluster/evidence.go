package cluster

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/cosign"
	"betang/signaling"
)

// Every node keeps the evidence that it gathers in its own store, numbered, and sends it to the home while it is not the
// home itself: what changed after a number, as it stands then. The home acknowledges when it is on its disk, and says up to
// which number it has all. So a batch may come twice, late or never, and a new home, which says a lower number, is sent
// what it lacks. What is there already is not changed by an older state.
//
// With what it sends, a node signs how all of its evidence stands then (see classroom/cosign), so that the list of the
// event can show later that it holds what each node sent.

// Shelf is a store that numbers its own evidence and takes in that of other nodes; classroom/store has it.
type Shelf interface {
	SaveOwnSpans(ctx context.Context, event classroom.EventID, spans []attend.Span) error
	Outbox(ctx context.Context, event classroom.EventID, after int64, most int) (spans []attend.Span, upTo int64, err error)
	OutboxEnds(ctx context.Context) (map[classroom.EventID]int64, error)
	SaveNodeSpans(ctx context.Context, event classroom.EventID, node string, after, upTo int64, spans []attend.Span) (mark int64, err error)
	Marks(ctx context.Context, event classroom.EventID) (map[string]int64, error)

	SaveHeads(ctx context.Context, node string, key ed25519.PublicKey, heads []cosign.Signed) error
	Heads(ctx context.Context, event classroom.EventID, node string, after int64) ([]cosign.Signed, error)
	LastHead(ctx context.Context, event classroom.EventID, node string) (h cosign.Signed, ok bool, err error)

	KeepCommand(ctx context.Context, event classroom.EventID, command []byte) error
	Kept(ctx context.Context, event classroom.EventID, most int) (commands [][]byte, upTo int64, err error)
	DropKept(ctx context.Context, event classroom.EventID, upTo int64) error
	KeptEvents(ctx context.Context) ([]classroom.EventID, error)
}

const (
	shipMost  = 5000             // spans in a batch: some 50 kB
	takeMost  = 16               // batches at once
	takeAgain = 20 * time.Second // after which a batch that nobody acknowledged comes again
	maxBody   = 4 << 20          // of a batch, unpacked
	copyEvery = 2                // terms between two copies of what other origins gathered
)

// shipment is a batch's body.
type shipment struct {
	After int64      `json:"after"`
	Spans []spanJSON `json:"spans"`
	Key   []byte     `json:"key,omitempty"`   // by which the node signs
	Heads []headJSON `json:"heads,omitempty"` // of its chain, ascending
}

// headJSON is cosign.Signed of the batch's event and node.
type headJSON struct {
	K      int64  `json:"k"`
	UpTo   int64  `json:"n"`
	Spans  int64  `json:"s"`
	Digest []byte `json:"d"`
	Prev   []byte `json:"p"`
	Sig    []byte `json:"sig"`
}

func (h headJSON) signed(event, node string) (cosign.Signed, error) {
	var s cosign.Signed
	if len(h.Digest) != len(s.Digest) || len(h.Prev) != len(s.Prev) {
		return s, fmt.Errorf("%w: a head that is none", errBatch)
	}
	return cosign.Signed{Head: cosign.Head{
		Event: event, Node: node, K: h.K, UpTo: h.UpTo, Spans: h.Spans, Digest: cosign.Hash(h.Digest), Prev: cosign.Hash(h.Prev),
	}, Sig: h.Sig}, nil
}

type spanJSON struct {
	Person  string       `json:"p"`
	Session string       `json:"s"`
	Class   attend.Class `json:"c"`
	From    int64        `json:"f"`
	To      int64        `json:"t"`
}

var errBatch = errors.New("cluster: a batch that is none")

func packShipment(after int64, spans []attend.Span, key ed25519.PublicKey, heads []cosign.Signed) ([]byte, error) {
	s := shipment{After: after, Spans: make([]spanJSON, len(spans)), Key: key}
	for _, h := range heads {
		s.Heads = append(s.Heads, headJSON{h.K, h.UpTo, h.Spans, h.Digest[:], h.Prev[:], h.Sig})
	}
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

// unpacked is a shipment as it was read.
type unpacked struct {
	after int64
	spans []attend.Span
	key   ed25519.PublicKey
	heads []cosign.Signed
}

func unpackShipment(event, node string, body []byte) (u unpacked, err error) {
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return u, errors.Join(errBatch, err)
	}
	var s shipment
	if err := json.NewDecoder(io.LimitReader(z, maxBody)).Decode(&s); err != nil {
		return u, errors.Join(errBatch, err)
	}
	for _, sp := range s.Spans {
		if sp.To < sp.From || sp.Class == 0 || sp.Class&(sp.Class-1) != 0 {
			return u, fmt.Errorf("%w: a span of class %d from %d to %d", errBatch, sp.Class, sp.From, sp.To)
		}
		u.spans = append(u.spans, attend.Span{Person: sp.Person, Session: sp.Session, Class: sp.Class, From: sp.From, To: sp.To})
	}
	for _, h := range s.Heads {
		head, err := h.signed(event, node)
		if err != nil {
			return u, err
		}
		u.heads = append(u.heads, head)
	}
	if len(u.heads) > 0 && len(s.Key) != ed25519.PublicKeySize {
		return u, fmt.Errorf("%w: heads without a key", errBatch)
	}
	u.after, u.key = s.After, s.Key
	return u, nil
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
	if err := p.m.sign(ctx, p.id, upTo); err != nil {
		return err
	}
	heads, err := p.m.cfg.Shelf.Heads(ctx, p.id, p.m.cfg.Source, mark)
	if err != nil {
		return err
	}
	body, err := packShipment(s.sent, spans, p.m.public(), heads)
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

// sign adds a head to this node's chain, if its evidence ends at a number and there is none of that yet.
func (m *Member) sign(ctx context.Context, id classroom.EventID, upTo int64) error {
	shelf, source := m.cfg.Shelf, m.cfg.Source
	if m.cfg.Key == nil {
		return nil
	}
	m.signing.Lock() // who ships and who is asked may come at once, and a number has one head
	defer m.signing.Unlock()
	all, end, err := shelf.Outbox(ctx, id, 0, math.MaxInt32)
	if err != nil || end != upTo { // more is on its way: what comes last is signed
		return err
	}
	last, ok, err := shelf.LastHead(ctx, id, source)
	if err != nil || ok && last.UpTo == end {
		return err
	}
	var before *cosign.Head
	if ok {
		before = &last.Head
	}
	head := cosign.Sign(cosign.Next(string(id), source, before, end, all), m.cfg.Key)
	return shelf.SaveHeads(ctx, source, m.public(), []cosign.Signed{head})
}

// public is the key by which this node signs; nil: it does not.
func (m *Member) public() ed25519.PublicKey {
	if m.cfg.Key == nil {
		return nil
	}
	return m.cfg.Key.Public().(ed25519.PublicKey)
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
		if b.Node == p.m.cfg.Source { // sent before it became the home itself: it is here
			ids = append(ids, b.ID)
			continue
		}
		u, err := unpackShipment(id, b.Node, b.Body)
		if err != nil {
			p.log.Error("a node's evidence cannot be read; it stays in that node's own store", "node", b.Node, "err", err)
			ids = append(ids, b.ID)
			continue
		}
		mark, err := p.m.keepShipment(p.ctx, p.id, b.Node, b.N, u)
		if errors.Is(err, cosign.ErrOtherKey) {
			p.log.Error("a node's evidence is not signed as before; it stays in that node's own store", "node", b.Node, "err", err)
			ids = append(ids, b.ID)
			continue
		} else if err != nil {
			return err
		}
		p.seat.Evidence(u.spans)
		ids, marks[b.Node] = append(ids, b.ID), mark
	}
	if len(batches) == 0 && time.Since(*told) < p.m.cfg.Term {
		return nil
	}
	*told = time.Now()
	return bus.Done(p.ctx, id, token, ids, p.withOwn(marks))
}

// keepShipment keeps another node's evidence up to a number, with the heads that it signed: these first, so that no evidence of a node
// that signs otherwise than before is kept (cosign.ErrOtherKey). mark is up to where all of it is here then.
func (m *Member) keepShipment(ctx context.Context, id classroom.EventID, node string, upTo int64, u unpacked) (mark int64, err error) {
	if len(u.heads) > 0 {
		if err := m.cfg.Shelf.SaveHeads(ctx, node, u.key, u.heads); err != nil {
			return 0, err
		}
	}
	if mark, err = m.cfg.Shelf.SaveNodeSpans(ctx, id, node, u.after, upTo, u.spans); err == nil {
		m.count.came.Add(uint64(len(u.spans)))
	}
	return mark, err
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
	var copied time.Time // when what other origins gathered was copied last
	for p.ctx.Err() == nil {
		var err error
		token := p.token.Load()
		switch {
		case token == 0:
			err = p.ship(p.ctx, &s, 4*every)
			if err == nil {
				err = p.deliver(p.ctx)
			}
			if p.m.copies != nil && time.Since(copied) > copyEvery*every {
				if failed := p.m.copies.evidence(p.ctx, p.id); failed != nil && p.ctx.Err() == nil {
					p.log.Debug("evidence of other origins is not copied", "err", failed)
				}
				copied = time.Now()
			}
			if err == nil || errors.Is(err, ErrFull) {
				wait(p.ctx, every/2)
			}
		case remarked != token:
			if err = p.remark(token); err == nil {
				err = p.deliver(p.ctx)
			}
			if err == nil {
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

// openUnshipped loads the events of which this node has evidence or commands that no home acknowledged: what an edge gathered before
// it was restarted.
func (m *Member) openUnshipped() error {
	ends, err := m.cfg.Shelf.OutboxEnds(m.ctx)
	if err != nil {
		return err
	}
	m.mu.Lock()
	open := m.open
	m.mu.Unlock()
	var failed []error // one event is not in the way of the others
	for id, end := range ends {
		mark, err := m.cfg.Bus.Mark(m.ctx, string(id), m.cfg.Source)
		if err != nil {
			return err
		}
		if mark < end {
			err := open(m.ctx, id)
			if errors.Is(err, signaling.ErrOtherJournal) {
				err = m.shipAlone(id)
			}
			if err != nil {
				failed = append(failed, fmt.Errorf("event %s: %w", id, err))
			}
		}
	}
	kept, err := m.cfg.Shelf.KeptEvents(m.ctx)
	for _, id := range kept {
		if err := open(m.ctx, id); err != nil && !errors.Is(err, signaling.ErrOtherJournal) {
			failed = append(failed, fmt.Errorf("event %s: %w", id, err))
		}
	}
	return errors.Join(append(failed, err)...)
}

// shipAlone sends the evidence of an event that has no hub here, because its journal is not the one of the other nodes: who was
// here was here.
func (m *Member) shipAlone(id classroom.EventID) error {
	p := &place{m: m, id: id, log: m.log.With("event", string(id)), ctx: m.ctx}
	s := m.alone[id]
	if s == nil {
		s = &shipper{}
		m.alone[id] = s
	}
	for {
		before := s.sent
		if err := p.ship(m.ctx, s, 4*m.cfg.Term); err != nil || s.sent <= before {
			return err
		}
	}
}
