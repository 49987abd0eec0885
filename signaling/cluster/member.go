package cluster

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"regexp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"betang/classroom"
	"betang/signaling"
)

// DefaultTerm is how long a node that says nothing counts as living, and a home that says nothing as the home.
const DefaultTerm = 4 * time.Second

// unshippedEvery is how many beats lie between two looks for evidence that waits here: half a minute.
const unshippedEvery = 22

// Directory is what a node tells others of its own store.
type Directory interface {
	Event(ctx context.Context, id classroom.EventID) (classroom.Event, error)
	EventsWithin(ctx context.Context, from, to time.Time) ([]classroom.Event, error)
	KeepEvent(ctx context.Context, e classroom.Event) error
	Person(ctx context.Context, id classroom.PersonID) (classroom.Person, error)
	PersonByNIP(ctx context.Context, nip string) (classroom.Person, error)
	PersonByCode(ctx context.Context, event classroom.EventID, code string) (classroom.Person, error)
	Revoked(ctx context.Context) ([]string, error)
	Revoke(ctx context.Context, jti string) error
}

// Config is what a Member needs; Bus, Self.Name and Dir are required.
type Config struct {
	Bus  Bus
	Self Node // Boot and Began are set by Join
	Dir  Directory
	// Shelf keeps this node's evidence and, at a home, that of others; Source names the store behind it, which may be of
	// another life of the node.
	Shelf  Shelf
	Source string
	// Memory has this node start while the Bus cannot be reached, if it was among the others before; nil: it does not.
	Memory Memory
	// Settle agrees with the others on what all must have alike, each time this node enters; nil: there is nothing.
	Settle func(ctx context.Context, board Board) error
	// Papers gives out papers to the other origins and keeps theirs, sealed with a key from PaperSecret, which is asked for once this node
	// has settled; nil at an edge, which holds none.
	Papers      PaperStore
	PaperSecret func(ctx context.Context) ([]byte, error)

	Key  ed25519.PrivateKey // signs this node's evidence, under Source; nil: it is not signed
	Term time.Duration      // 0: DefaultTerm
	Log  *slog.Logger
}

// Member is this process among the nodes.
type Member struct {
	cfg    Config
	log    *slog.Logger
	holder string // names this run of this node: what holds a lease, and where answers go

	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup
	busy   chan struct{} // a place for each call of other nodes that is at work

	living  atomic.Pointer[[]Node]
	load    atomic.Pointer[func() Load]
	clock   atomic.Pointer[reading] // of the nodes' clock, the last
	soon    chan struct{}           // one token: announce now
	entered atomic.Bool             // it has been in the registry: before, nobody needs to be asked for anything
	kept    []byte                  // what was remembered last; owned by Join, then by the goroutine of the beats
	ahead   string                  // digest of the events of the day as learnt last; owned by the goroutine of the beats

	alone   map[classroom.EventID]*shipper // of events without a hub here; owned by the goroutine of the beats
	ear     chan struct{}                  // closed when answers are heard
	waiters waiters
	count   counters

	mu    sync.Mutex
	self  Node // as it is announced, but for its load
	heed  []func([]Node)
	pages map[string]bool // where nodes are or were found
	open  func(ctx context.Context, id classroom.EventID) error

	settler func(ctx context.Context, id classroom.EventID) error

	copies  *copier    // nil: none
	signing sync.Mutex // held while a head is made
}

var _ signaling.Nodes = (*Member)(nil)

var nodeName = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)

// Join makes this process known to the other nodes. ErrTaken if another run of the name lives; right after a run that
// died, it waits until that one is forgotten. While the Bus cannot be reached, a node that was among the others before
// starts from what it knew of them, and enters when it can; ErrNever if it never was.
func Join(ctx context.Context, cfg Config) (*Member, error) {
	if !nodeName.MatchString(cfg.Self.Name) {
		return nil, fmt.Errorf("node name %q: a-z, 0-9 and hyphens, up to 32", cfg.Self.Name)
	}
	if cfg.Term == 0 {
		cfg.Term = DefaultTerm
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	cfg.Self.Boot, cfg.Self.Began = rand.Text(), time.Now().UnixMilli()
	run, cancel := context.WithCancel(context.Background())
	m := &Member{
		cfg: cfg, log: cfg.Log, holder: cfg.Self.Name + "/" + cfg.Self.Boot, ctx: run, cancel: cancel,
		busy: make(chan struct{}, 64), ear: make(chan struct{}), waiters: waiters{m: map[string]chan message{}}, self: cfg.Self, soon: make(chan struct{}, 1),
		pages: map[string]bool{}, alone: map[classroom.EventID]*shipper{},
		open: func(context.Context, classroom.EventID) error { return nil },
	}
	m.living.Store(&[]Node{})
	m.SetLoad(func() Load { return Load{} })
	if err := m.enter(ctx); err != nil {
		if errors.Is(err, ErrTaken) || ctx.Err() != nil || !m.recall(ctx) {
			m.Close()
			if !errors.Is(err, ErrTaken) {
				err = errors.Join(ErrNever, err)
			}
			return nil, err
		}
		m.log.Warn("Redis cannot be reached; this node serves what it has, and joins the others when it can", "knew", len(m.Nodes())-1, "err", err)
	}
	if cfg.Papers != nil {
		secret, err := cfg.PaperSecret(ctx)
		if err == nil {
			m.copies, err = newCopier(m, cfg.Papers, secret)
		}
		if err != nil {
			m.Close()
			return nil, err
		}
	}
	topics := map[string]chan struct{}{nodeTopic(m.holder): m.ear}
	if !cfg.Self.Edge {
		topics[originTopic] = nil
	}
	for topic, hears := range topics {
		if !m.entered.Load() {
			m.work.Go(func() { m.listen(run, topic, hears, m.takeCall) })
		} else if err := m.hear(run, topic, hears, m.takeCall); err != nil {
			m.Close()
			return nil, err
		}
	}
	m.work.Go(m.beat)
	if m.copies != nil {
		m.work.Go(m.copies.run)
		m.work.Go(m.copies.decks)
	}
	return m, nil
}

// enter brings this run among the others for the first time.
func (m *Member) enter(ctx context.Context) error {
	if m.cfg.Settle != nil {
		settling, cancel := context.WithTimeout(ctx, m.cfg.Term)
		err := m.cfg.Settle(settling, m.cfg.Bus)
		cancel()
		if err != nil {
			return err
		}
	}
	if err := m.appear(ctx); err != nil {
		return err
	}
	if _, err := m.askNow(ctx); err != nil {
		return err
	}
	if err := m.meetPages(ctx); err != nil {
		return err
	}
	if err := m.remember(ctx); err != nil {
		return err
	}
	m.entered.Store(true)
	return nil
}

// appear announces this run, once no other of its name lives.
func (m *Member) appear(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*m.cfg.Term)
	defer cancel()
	for {
		err := m.announce(ctx)
		if !errors.Is(err, ErrTaken) || !wait(ctx, m.cfg.Term/10) {
			return err
		}
	}
}

// errApart: this node has not entered since it started, so others cannot be asked.
var errApart = errors.New("cluster: Redis was not there when this node started, and has not been since")

// wait is false when ctx ended.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (m *Member) announce(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, m.cfg.Term)
	defer cancel()
	if err := m.cfg.Bus.Announce(ctx, m.selfNow(), m.cfg.Term); err != nil {
		return err
	}
	nodes, err := m.cfg.Bus.Nodes(ctx)
	if err != nil {
		return err
	}
	m.living.Store(&nodes)
	pages := make([]string, len(nodes))
	for i, n := range nodes {
		pages[i] = n.URL
	}
	m.notePages(pages)
	m.tellHeed()
	return nil
}

// selfNow is this node as it is to be announced now.
func (m *Member) selfNow() Node {
	m.mu.Lock()
	self := m.self
	m.mu.Unlock()
	self.Load = (*m.load.Load())()
	return self
}

func (m *Member) tellHeed() {
	m.mu.Lock()
	heed := m.heed
	m.mu.Unlock()
	for _, f := range heed {
		f(m.Nodes())
	}
}

// Amend changes what this node is known as, and makes it known at once. Its name stays.
func (m *Member) Amend(change func(*Node)) {
	m.mu.Lock()
	change(&m.self)
	m.mu.Unlock()
	m.Look()
}

// Look has the next beat come now: there may be news in the registry.
func (m *Member) Look() {
	select {
	case m.soon <- struct{}{}:
	default:
	}
}

// Heed has f told of the nodes that live, with each beat, from the goroutine of the beats.
func (m *Member) Heed(f func([]Node)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.heed = append(m.heed[:len(m.heed):len(m.heed)], f)
}

// beat announces this node again and again, and brings revoked links from node to node.
func (m *Member) beat() {
	beats, tries := 0, 0
	for m.rest() {
		if !m.entered.Load() {
			m.tellHeed() // of those that it knew
			if err := m.enter(m.ctx); err != nil {
				if tries++; tries%unshippedEvery == 1 && m.ctx.Err() == nil {
					m.log.Warn("this node waits for Redis to join the others", "err", err)
				}
				continue
			}
			m.log.Info("this node has joined the others")
		}
		if err := m.announce(m.ctx); err != nil && m.ctx.Err() == nil {
			m.log.Error("this node is not announced", "err", err)
			continue
		}
		if err := m.shareRevoked(); err != nil && m.ctx.Err() == nil {
			m.log.Error("revoked links are not shared", "err", err)
		}
		if err := m.remember(m.ctx); err != nil && m.ctx.Err() == nil {
			m.log.Error("what is known of the other nodes is not kept", "err", err)
		}
		if beats%aheadEvery == 0 {
			m.learnAhead(m.ctx)
		}
		if beats++; beats%unshippedEvery == 1 {
			_, _ = m.askNow(m.ctx) // to remember it; a call that fails changes nothing
			if err := m.openUnshipped(); err != nil && m.ctx.Err() == nil {
				m.log.Error("evidence that waits here cannot be looked at", "err", err)
			}
		}
	}
}

// rest is the pause between two beats; false when there is no next one. However often one is asked for, there are no
// more than ten times the usual.
func (m *Member) rest() bool {
	if !wait(m.ctx, m.cfg.Term/30) {
		return false
	}
	timer := time.NewTimer(m.cfg.Term * 3 / 10)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-m.soon:
		return true
	case <-m.ctx.Done():
		return false
	}
}

func (m *Member) shareRevoked() error {
	mine, err := m.cfg.Dir.Revoked(m.ctx)
	if err != nil {
		return err
	}
	all, err := m.cfg.Bus.Share(m.ctx, "revoked", mine)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, id := range mine {
		known[id] = true
	}
	for _, id := range all {
		if !known[id] {
			if err := m.cfg.Dir.Revoke(m.ctx, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// SetLoad says how to find out how busy this node is; others hear it with each beat.
func (m *Member) SetLoad(f func() Load) { m.load.Store(&f) }

// Stats is what this node is among the others, now.
type Stats struct {
	Nodes   int    // that live
	Homes   int64  // events whose home is here
	Facts   uint64 // from other nodes' homes
	Sent    uint64 // stretches of evidence sent to homes
	Came    uint64 // stretches of evidence of other nodes stored here
	Asked   uint64 // commands sent to homes
	Papers  uint64 // of other origins kept here
	Refused uint64 // times that this node was fenced
	People  int    // open sockets, see Load
}

// Stats reads the counters.
func (m *Member) Stats() Stats {
	c := &m.count
	return Stats{
		Nodes: len(m.Nodes()), Homes: c.homes.Load(), Facts: c.facts.Load(), Sent: c.sent.Load(), Came: c.came.Load(),
		Asked: c.asked.Load(), Papers: c.papers.Load(), Refused: c.refused.Load(), People: (*m.load.Load())().People,
	}
}

type counters struct {
	homes                                     atomic.Int64
	facts, sent, came, asked, papers, refused atomic.Uint64
}

// SetOpen says how an event is loaded here when another node wants a home for it.
func (m *Member) SetOpen(open func(ctx context.Context, id classroom.EventID) error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.open = open
}

// Close takes this node out, once its places are given up.
func (m *Member) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	m.cancel()
	m.work.Wait()
	if !m.entered.Load() {
		return
	}
	if err := m.cfg.Bus.Withdraw(ctx, m.cfg.Self.Name, m.cfg.Self.Boot); err != nil {
		m.log.Warn("this node is forgotten only after its term", "err", err)
	}
}

// Name is signaling.Nodes'.
func (m *Member) Name() string { return m.cfg.Self.Name }

// Now is signaling.Nodes'. While nobody can be asked, it is the clock as it was read last, carried on.
func (m *Member) Now(ctx context.Context) (at time.Time, err error) {
	err = errApart
	if m.entered.Load() {
		at, err = m.askNow(ctx)
	}
	if err == nil {
		return at, nil
	}
	if m.clock.Load() != nil { // carried on: the node's own may be an hour off
		return m.about(), nil
	}
	return at, err
}

// about is the nodes' clock as it was read last, carried on; before that, this node's own.
func (m *Member) about() time.Time {
	if last := m.clock.Load(); last != nil {
		return last.at.Add(time.Since(last.here))
	}
	return time.Now()
}

// askNow reads the nodes' clock.
func (m *Member) askNow(ctx context.Context) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	asked := time.Now()
	at, err := m.cfg.Bus.Now(ctx)
	if err == nil {
		got := time.Now()
		m.clock.Store(&reading{at.Add(got.Sub(asked) / 2), got})
	}
	return at, err
}

// reading is what the nodes' clock said at a moment here.
type reading struct{ at, here time.Time }

// Nodes are those that live, as of a few seconds ago.
func (m *Member) Nodes() []Node { return *m.living.Load() }

// Lives is signaling.Nodes'.
func (m *Member) Lives(node string) bool {
	for _, n := range m.Nodes() {
		if n.Name == node {
			return true
		}
	}
	return false
}

// Page is signaling.Nodes'.
func (m *Member) Page(node string) string {
	for _, n := range m.Nodes() {
		if n.Name == node {
			return n.URL
		}
	}
	return ""
}

// mayLead tells whether this node may become a home.
func (m *Member) mayLead() bool {
	if nodes := m.Nodes(); len(nodes) > 0 { // before the first look at the registry, nobody knows
		return mayLead(nodes, m.cfg.Self.Name)
	}
	return !m.cfg.Self.Edge
}

// pagesName is the set of addresses that nodes had: a page that one of them gave out outlives it.
const pagesName = "pages"

// meetPages notes where nodes are or were found.
func (m *Member) meetPages(ctx context.Context) error {
	all, err := m.cfg.Bus.Share(ctx, pagesName, []string{m.cfg.Self.URL})
	if err != nil {
		return err
	}
	m.notePages(all)
	return nil
}

func (m *Member) notePages(list []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, page := range list {
		m.pages[page] = true
	}
}

// Pages tells whether a node is or was found at an address, like "https://kotim.example".
func (m *Member) Pages(address string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.pages[address]
}

// mostPages bounds OtherPages: they go into a header of every page.
const mostPages = 64

// OtherPages are the addresses of the other nodes, those that live first.
func (m *Member) OtherPages() (list []string) {
	add := func(page string) {
		if page != "" && page != m.cfg.Self.URL && len(list) < mostPages && !slices.Contains(list, page) {
			list = append(list, page)
		}
	}
	for _, n := range m.Nodes() {
		add(n.URL)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, page := range slices.Sorted(maps.Keys(m.pages)) {
		add(page)
	}
	return list
}
