package cluster

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"betang/classroom"
	"betang/classroom/material"
	"betang/classroom/papers"
)

// Papers are copied by asking: every origin asks each other one, once a second, for what came to that one after the last that it has of
// it. Whoever is asked gives all that it holds, also what it copied itself, so a new origin gets everything from any of the others, and
// what a dead one made lives on. They go by HTTP from origin to origin, sealed with a key that the origins share: a list of ten
// thousand people and pictures of sheets are too large for Redis's publish and subscribe, and Redis need not hold them.

// PapersPath is where an origin is asked for papers.
const PapersPath = "/api/nodes/papers"

const (
	maxAsk    = 64 << 10  // bytes of a question
	maxAnswer = 256 << 20 // of an answer, unpacked: a page, or the one paper that is larger
	paperWait = 30 * time.Second

	// A question is as good as new for so long: one that somebody heard on the line and sends again later is not answered, and does not
	// count as its origin's sign of life. It covers the way there, and what clocks drift between two readings of the nodes' clock.
	askFresh = time.Minute
)

// PaperStore is a store that gives out papers and takes them in; classroom/store has it.
type PaperStore interface {
	// Papers gives those that came after the one of an id, in order; all from the first for an id that is unknown.
	Papers(ctx context.Context, after string) (list []papers.Paper, more bool, err error)
	PapersAfter(ctx context.Context, after string) (int, error)
	// Copied is what was copied last, by the source that it came from.
	Copied(ctx context.Context) (map[string]string, error)
	// TakePapers keeps papers of a source. It is durable on return; what is there already changes nothing.
	TakePapers(ctx context.Context, source string, list []papers.Paper) (papers.Took, error)
	CopyEvent(ctx context.Context, e classroom.Event) error
	CopyPerson(ctx context.Context, p classroom.Person) error
	SetTerm(ctx context.Context, event classroom.EventID, token int64, node string) error
	LooseStore
	DeckStore
}

// paperAsk is a question, and paperAnswer what it is answered with.
type (
	paperAsk struct {
		ID   string            `json:"id"` // of the question: the answer is sealed for it alone
		At   int64             `json:"at"` // by the nodes' clock, Unix ms; ask sets it
		Node string            `json:"node"`
		Have map[string]string `json:"have"` // the last paper that the asker has of each source
		// Of an event's evidence instead: up to which number the asker has each source's.
		Event classroom.EventID `json:"event,omitempty"`
		Marks map[string]int64  `json:"marks,omitempty"`
		// Of loose papers instead: what the asker holds, by event. An empty map is a question too.
		Loose map[string]string `json:"loose"`
		// Of a deck's parts instead: those that the asker lacks.
		Deck  string           `json:"deck,omitempty"`
		Lacks material.Missing `json:"lacks"`
	}
	paperAnswer struct {
		Source string         `json:"source"`
		List   []papers.Paper `json:"list"`
		Batch  []byte         `json:"batch"` // a shipment
		UpTo   int64          `json:"upTo"`
		More   bool           `json:"more"`
		Loose  []papers.Loose `json:"loose,omitempty"`
		Parts  []deckPart     `json:"parts,omitempty"`
	}
)

// sealer seals what goes between origins. Who has not its key can neither ask nor read.
type sealer struct{ aead cipher.AEAD }

func newSealer(secret []byte) (*sealer, error) {
	key := sha256.Sum256(append([]byte("betang papers 1\x00"), secret...))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return &sealer{aead}, err
}

// seal packs and seals a message for a use.
func (s *sealer) seal(use string, v any) ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if err := errors.Join(json.NewEncoder(z).Encode(v), z.Close()); err != nil {
		return nil, err
	}
	return s.aead.Seal(nil, nil, b.Bytes(), []byte(use)), nil
}

// open is the opposite; a message that unpacks to more than most bytes is refused.
func (s *sealer) open(use string, sealed []byte, most int64, v any) error {
	data, err := s.aead.Open(nil, nil, sealed, []byte(use))
	if err != nil {
		return err
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return err
	}
	return json.NewDecoder(io.LimitReader(z, most)).Decode(v)
}

// copier is a member's copying of papers.
type copier struct {
	m     *Member
	store PaperStore
	seal  *sealer
	line  *http.Client
	turn  chan struct{} // a place for each question at work; one more is answered "later"
	deck  chan struct{} // one place: parts of decks that somebody looks for come one after the other, who asks for one waits deckSoon

	mu   sync.Mutex
	have map[string]Copy // what other origins have, by name
}

// Copy is how far another origin has copied this one's papers.
type Copy struct {
	Node   string
	At     time.Time // when it asked last
	last   string    // the last paper that it had then
	Behind int       // papers that it lacks
}

func newCopier(m *Member, store PaperStore, secret []byte) (*copier, error) {
	s, err := newSealer(secret)
	return &copier{
		m: m, store: store, seal: s, line: &http.Client{Timeout: paperWait}, turn: make(chan struct{}, 8), deck: make(chan struct{}, 1),
		have: map[string]Copy{},
	}, err
}

// ServeHTTP answers an origin that asks.
func (c *copier) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAsk))
	var ask paperAsk
	if err != nil || c.seal.open("ask", body, maxAsk, &ask) != nil || !nodeName.MatchString(ask.Node) {
		http.Error(w, "not an origin of these", http.StatusForbidden)
		return
	}
	if age := c.m.about().Sub(time.UnixMilli(ask.At)); age.Abs() > askFresh {
		http.Error(w, "a question of another time", http.StatusForbidden)
		return
	}
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	default:
		http.Error(w, "later", http.StatusServiceUnavailable)
		return
	}
	answer := paperAnswer{Source: c.m.cfg.Source}
	switch {
	case ask.Event != "":
		err = c.giveEvidence(r.Context(), ask, &answer)
	case ask.Loose != nil:
		err = c.giveLoose(r.Context(), ask, &answer)
	case ask.Deck != "":
		err = c.giveDeck(r.Context(), ask, &answer)
	default:
		last := ask.Have[c.m.cfg.Source]
		c.mu.Lock()
		c.have[ask.Node] = Copy{Node: ask.Node, At: time.Now(), last: last}
		c.mu.Unlock()
		answer.List, answer.More, err = c.store.Papers(r.Context(), last)
	}
	if err != nil {
		c.m.log.Error("papers cannot be given out", "to", ask.Node, "err", err)
		http.Error(w, "failed", http.StatusInternalServerError)
		return
	}
	sealed, err := c.seal.seal("answer "+ask.ID, answer)
	if err != nil {
		http.Error(w, "failed", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(sealed) // who asked comes again
}

// troubles are the last error of each thing, so that the same is told once.
type troubles map[string]string

// news tells whether an error is another than the last of the same thing. None, or one of the end, forgets the last.
func (t troubles) news(ctx context.Context, of string, err error) bool {
	if err == nil || ctx.Err() != nil {
		delete(t, of)
		return false
	}
	old := t[of]
	t[of] = err.Error()
	return t[of] != old
}

// run copies until the member's end.
func (c *copier) run() {
	failed := troubles{} // by node
	for look := 0; wait(c.m.ctx, c.m.cfg.Term/4); look++ {
		for _, n := range c.m.otherOrigins() {
			err := c.from(c.m.ctx, n)
			if err == nil && look%looseEvery == 0 {
				err = c.loose(c.m.ctx, n)
			}
			if failed.news(c.m.ctx, n.Name, err) {
				c.m.log.Warn("papers are not copied; trying again", "from", n.Name, "err", err)
			}
		}
	}
}

// from copies all that another origin has.
func (c *copier) from(ctx context.Context, n Node) error {
	for more := true; more && ctx.Err() == nil; {
		have, err := c.store.Copied(ctx)
		if err != nil {
			return err
		}
		answer, err := c.ask(ctx, n.URL, paperAsk{ID: rand.Text(), Node: c.m.cfg.Self.Name, Have: have})
		if err != nil {
			return err
		}
		if len(answer.List) == 0 {
			return nil
		}
		if err := c.take(ctx, n.Name, answer.Source, answer.List); err != nil {
			return err
		}
		more = answer.More
	}
	return ctx.Err()
}

func (c *copier) ask(ctx context.Context, page string, ask paperAsk) (answer paperAnswer, err error) {
	ask.At = c.m.about().UnixMilli()
	body, err := c.seal.seal("ask", ask)
	if err != nil {
		return answer, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, page+PapersPath, bytes.NewReader(body))
	if err != nil {
		return answer, err
	}
	resp, err := c.line.Do(r)
	if err != nil {
		return answer, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return answer, fmt.Errorf("asked for papers: %s", resp.Status)
	}
	sealed, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return answer, err
	}
	return answer, c.seal.open("answer "+ask.ID, sealed, maxAnswer, &answer)
}

// take keeps papers, once the events and people are known that they speak of.
func (c *copier) take(ctx context.Context, node, source string, list []papers.Paper) error {
	if err := c.meet(ctx, list); err != nil {
		return err
	}
	took, err := c.store.TakePapers(ctx, source, list)
	if err == nil && len(took.Missing) > 0 { // known there as a copy, which is no paper
		for _, id := range took.Missing {
			var p classroom.Person
			if c.m.ask(ctx, kindPerson, id, "", &p) && string(p.ID) == id {
				if err := c.store.CopyPerson(ctx, p); err != nil {
					return err
				}
			}
		}
		if took, err = c.store.TakePapers(ctx, source, list); err == nil && len(took.Missing) > 0 {
			err = fmt.Errorf("papers speak of %d people whom nobody knows", len(took.Missing))
		}
	}
	if err != nil {
		return err
	}
	for _, bad := range took.Bad {
		c.m.log.Error("a paper of another origin cannot be read; it stays there", "from", node, "err", bad)
	}
	for _, k := range took.Clashes {
		c.m.log.Warn("two origins changed the same while they were parted; the later home's counts, the other is kept",
			"kind", k.Counts.Kind, "event", k.Counts.Event, "key", k.Counts.Key, "counts", k.Counts.Source, "kept", k.Others[0].Source)
	}
	if took.New > 0 {
		c.m.log.Info("papers copied", "from", node, "papers", took.New)
	}
	c.m.count.papers.Add(uint64(took.New))
	settled := map[string]bool{}
	for _, p := range list {
		if kind, event, _, err := p.Parts(); err == nil && kind == papers.KindList && !settled[event] {
			settled[event] = true
			c.m.settle(ctx, classroom.EventID(event))
		}
	}
	return nil
}

// giveEvidence answers with what this node gathered itself of an event, after what the asker has.
func (c *copier) giveEvidence(ctx context.Context, ask paperAsk, answer *paperAnswer) error {
	after, shelf := ask.Marks[c.m.cfg.Source], c.m.cfg.Shelf
	spans, upTo, err := shelf.Outbox(ctx, ask.Event, after, shipMost)
	if err != nil || len(spans) == 0 {
		return err
	}
	if err := c.m.sign(ctx, ask.Event, upTo); err != nil {
		return err
	}
	heads, err := shelf.Heads(ctx, ask.Event, c.m.cfg.Source, after)
	if err != nil {
		return err
	}
	answer.UpTo, answer.More = upTo, len(spans) == shipMost
	answer.Batch, err = packShipment(after, spans, c.m.public(), heads)
	return err
}

// evidence copies what the other origins gathered of an event: the home's own goes nowhere else, and would be lost with its disk.
func (c *copier) evidence(ctx context.Context, id classroom.EventID) error {
	var errs error
	for _, n := range c.m.otherOrigins() {
		for more := true; more && ctx.Err() == nil; {
			marks, err := c.m.cfg.Shelf.Marks(ctx, id)
			if err != nil {
				return err
			}
			answer, err := c.ask(ctx, n.URL, paperAsk{ID: rand.Text(), Node: c.m.cfg.Self.Name, Event: id, Marks: marks})
			if err == nil && len(answer.Batch) > 0 {
				var u unpacked
				if u, err = unpackShipment(string(id), answer.Source, answer.Batch); err == nil {
					_, err = c.m.keepShipment(ctx, id, answer.Source, answer.UpTo, u)
				}
			}
			if more = answer.More && err == nil; err != nil {
				errs = errors.Join(errs, fmt.Errorf("%s: %w", n.Name, err))
			}
		}
	}
	return errs
}

// meet makes the events known that papers speak of.
func (c *copier) meet(ctx context.Context, list []papers.Paper) error {
	met := map[string]bool{"": true}
	for _, p := range list {
		kind, event, _, err := p.Parts()
		if err != nil || met[event] {
			continue
		}
		met[event] = true
		if kind == papers.KindVersion {
			var v papers.Version
			if json.Unmarshal(p.Body, &v) == nil && v.Kind == papers.OfEvent {
				continue // this tells of it
			}
		}
		if err := c.meetEvent(ctx, event); err != nil {
			return err
		}
	}
	return nil
}

// PapersHandler answers other origins that ask for papers; nil at an edge, which holds none.
func (m *Member) PapersHandler() http.Handler {
	if m.copies == nil {
		return nil
	}
	return m.copies
}

// Copies tells which of the other origins that live have this one's papers. One that never asked lacks all.
func (m *Member) Copies(ctx context.Context) ([]Copy, error) {
	if m.copies == nil {
		return nil, nil
	}
	var out []Copy
	for _, n := range m.Nodes() {
		if n.Edge || n.Name == m.cfg.Self.Name {
			continue
		}
		m.copies.mu.Lock()
		c := m.copies.have[n.Name]
		m.copies.mu.Unlock()
		c.Node = n.Name
		behind, err := m.copies.store.PapersAfter(ctx, c.last)
		if err != nil {
			return nil, err
		}
		c.Behind = behind
		out = append(out, c)
	}
	return out, nil
}

// SetSettle says how the lists of an event are brought in line with its journal, after either came.
func (m *Member) SetSettle(settle func(ctx context.Context, id classroom.EventID) error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.settler = settle
}

func (m *Member) settle(ctx context.Context, id classroom.EventID) {
	m.mu.Lock()
	settle := m.settler
	m.mu.Unlock()
	if m.copies == nil || settle == nil {
		return
	}
	if err := settle(ctx, id); err != nil && ctx.Err() == nil {
		m.log.Error("ratified lists are not in line with the journal", "event", string(id), "err", err)
	}
}

// followed has lists settled of which facts speak.
func (p *place) followed(facts []classroom.Fact) {
	for _, f := range facts {
		switch f.Body.(type) {
		case classroom.ListRatified, classroom.ListVoided:
			p.m.settle(p.ctx, p.id)
			return
		}
	}
}
