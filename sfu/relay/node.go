package relay

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"betang/sfu"
	"betang/sfu/relay/hop"
)

const (
	mailDepth = 1024 // messages of neighbours that wait; more are dropped, they are repeated
	shaking   = 32   // handshakes of others under way at a time
	linesMost = 512  // addresses that links come from
	// Of these, so many are one address's at most: a stranger leaves room for others, and edges may stand behind one NAT.
	shakingEach = 8
	linesEach   = 64
	tooLong     = 10 * time.Second // for one try to dial
	knockTime   = 2 * time.Second  // until an address answers at all
)

// Peer is a neighbour: who it is, and where it is dialled. Without addresses it dials us, or nobody does.
type Peer struct {
	Name  string
	Key   ed25519.PublicKey
	Addrs []string // host:port of its media port
	Via   string   // the neighbour that what is published there is taken from; "": itself
}

// Source is a publisher of another node.
type Source struct {
	ID   sfu.PeerID
	Node string
}

// Config is how a Node is made.
type Config struct {
	Engine *sfu.Engine // made with Relay: true if others dial us
	Key    ed25519.PrivateKey
	Peers  []Peer
	// From names the one neighbour that all comes from which is not published here: scenes too, for every router with viewers. It
	// is for nodes joined by configuration alone. "": only what Want names is taken in, from the node it is at.
	From string
	// Addrs is where others can dial us; of two nodes that can both, the one with the lower key does.
	Addrs  []string
	Socket func() (net.PacketConn, error) // for dialling; nil: a UDP socket of its own
	// Stranger is called when somebody dials us with a key that no neighbour has; nil: nobody cares. It must not block.
	Stranger func()
	Log      *slog.Logger // nil: discards
}

// Node is this server's part in the relay: its links, what it takes in and what it gives.
type Node struct {
	engine    *sfu.Engine
	key       ed25519.PrivateKey
	id        hop.NodeID
	cert      tls.Certificate
	from      string
	reachable bool
	socket    func() (net.PacketConn, error)
	stranger  func()
	log       *slog.Logger
	port      *port
	shakes    chan struct{}

	ctx  context.Context //nolint:containedctx // ends the goroutines that dial
	stop context.CancelFunc
	work sync.WaitGroup
	wake chan struct{} // one token: the mailbox, or what viewers watch, has news

	mu      sync.Mutex
	mail    []letter
	opened  []*session
	failed  []string
	ended   []*session
	peering []Peer
	anew    bool // peering changed
	wants   map[sfu.RouterID][]Source
	closed  bool
	shakeAt map[netip.Prefix]int // handshakes under way, by whose address it is

	watch atomic.Bool // viewers came or went
	recap atomic.Bool // what is held changed

	known atomic.Pointer[map[string]string] // names by key

	// Owned by run.
	peers   map[string]*peer
	remotes map[hop.Key]*taken
	scenes  map[sfu.RouterID][]hop.NodeID // those that came from elsewhere, with their paths
	asked   map[hop.Key]string            // what is needed from elsewhere, and of whom

	statsMu sync.Mutex
	links   []LinkStats
	comes   map[hop.Key]bool // taken in over a link that stands
}

// letter is a message and where it came from.
type letter struct {
	from *session
	m    hop.Message
}

// peer is a neighbour as run sees it.
type peer struct {
	Peer
	dial    *hop.Dial // nil: it dials us
	pull    hop.Pull
	serve   hop.Serve
	session *session
	stats   linkStats
	remotes map[uint32]*sfu.Remote // by layer, for session.taken
}

// taken is a source taken in from a neighbour.
type taken struct {
	remote *sfu.Remote
	via    *peer
	path   []hop.NodeID
	layers []uint32
	link   *upstream
}

// New starts a node; Close ends it, before the engine is shut down.
func New(cfg Config) (*Node, error) {
	n := &Node{
		engine: cfg.Engine, key: cfg.Key, from: cfg.From, reachable: len(cfg.Addrs) > 0, socket: cfg.Socket, stranger: cfg.Stranger, log: cfg.Log,
		shakes: make(chan struct{}, shaking), wake: make(chan struct{}, 1), peering: cfg.Peers, anew: true,
		wants: map[sfu.RouterID][]Source{}, peers: map[string]*peer{}, remotes: map[hop.Key]*taken{},
		scenes: map[sfu.RouterID][]hop.NodeID{}, asked: map[hop.Key]string{}, shakeAt: map[netip.Prefix]int{},
	}
	if n.log == nil {
		n.log = slog.New(slog.DiscardHandler)
	}
	if n.socket == nil {
		n.socket = func() (net.PacketConn, error) { return net.ListenUDP("udp", nil) }
	}
	public, ok := cfg.Key.Public().(ed25519.PublicKey)
	if !ok {
		return nil, errors.New("relay: a node needs a key")
	}
	n.id = nodeID(public)
	var err error
	if n.cert, err = certificate(cfg.Key); err != nil {
		return nil, fmt.Errorf("relay: %w", err)
	}
	if cfg.From != "" && !slices.ContainsFunc(cfg.Peers, func(p Peer) bool { return p.Name == cfg.From }) {
		return nil, fmt.Errorf("relay: no neighbour %q", cfg.From)
	}
	n.known.Store(&map[string]string{})
	n.ctx, n.stop = context.WithCancel(context.Background())
	if conn := cfg.Engine.RelayConn(); conn != nil {
		n.port = newPort(conn, linesMost, n.accept)
		n.work.Go(n.port.run)
	}
	n.work.Go(n.run)
	return n, nil
}

// Public is the node's key as neighbours are told it.
func (n *Node) Public() string { return PublicText(n.key.Public().(ed25519.PublicKey)) }

// SetPeers says who the neighbours are now.
func (n *Node) SetPeers(peers []Peer) {
	n.mu.Lock()
	n.peering, n.anew = slices.Clone(peers), true
	n.mu.Unlock()
	n.poke()
}

// Want says which sources of other nodes a router shows here now; nil: none.
func (n *Node) Want(router sfu.RouterID, sources []Source) {
	n.mu.Lock()
	if len(sources) == 0 {
		delete(n.wants, router)
	} else {
		n.wants[router] = slices.Clone(sources)
	}
	n.mu.Unlock()
	n.poke()
}

// Close ends all links and waits.
func (n *Node) Close() {
	n.mu.Lock()
	n.closed = true
	n.mu.Unlock()
	n.stop()
	if n.port != nil {
		_ = n.port.conn.Close()
	}
	n.work.Wait()
}

func (n *Node) poke() {
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// tell puts a message into run's mailbox.
func (n *Node) tell(l letter) {
	n.mu.Lock()
	if len(n.mail) < mailDepth {
		n.mail = append(n.mail, l)
	} else {
		l.from.stats.dropped.Add(1)
	}
	n.mu.Unlock()
	n.poke()
}

// lost tells run that a session is over.
func (n *Node) lost(s *session) {
	n.mu.Lock()
	n.ended = append(n.ended, s)
	n.mu.Unlock()
	n.poke()
}

// accept does the handshake with who came to the media port.
func (n *Node) accept(l *line) {
	select {
	case n.shakes <- struct{}{}:
	default:
		_ = l.Close()
		return
	}
	owner := oneOwner(l.from)
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed || n.shakeAt[owner] >= shakingEach {
		<-n.shakes
		_ = l.Close()
		return
	}
	n.shakeAt[owner]++
	n.work.Go(func() {
		defer func() {
			n.mu.Lock()
			defer n.mu.Unlock()
			if n.shakeAt[owner]--; n.shakeAt[owner] == 0 {
				delete(n.shakeAt, owner)
			}
			<-n.shakes
		}()
		s, err := n.shake(n.ctx, l, false, func(key ed25519.PublicKey) bool {
			known := (*n.known.Load())[string(key)] != ""
			if !known && n.stranger != nil {
				n.stranger()
			}
			return known
		})
		if err != nil {
			n.log.Warn("a link was refused", "from", l.to.String(), "err", err)
			return
		}
		n.deliver(s, "")
	})
}

// dialOut tries a neighbour's addresses, one after the other.
func (n *Node) dialOut(p Peer) {
	ctx, cancel := context.WithTimeout(n.ctx, tooLong)
	defer cancel()
	var errs []error
	for _, address := range p.Addrs {
		s, err := n.dialAddress(ctx, p, address)
		if err == nil {
			n.deliver(s, "")
			return
		}
		errs = append(errs, fmt.Errorf("%s: %w", address, err))
	}
	if n.ctx.Err() == nil {
		n.log.Warn("a neighbour cannot be reached", "node", p.Name, "err", errors.Join(errs...))
	}
	n.deliver(nil, p.Name)
}

func (n *Node) dialAddress(ctx context.Context, p Peer, address string) (*session, error) {
	to, err := net.ResolveUDPAddr("udp", address)
	if err != nil {
		return nil, err
	}
	sock, err := n.socket()
	if err != nil {
		return nil, err
	}
	knocking, cancel := context.WithTimeout(ctx, knockTime)
	defer cancel()
	l, err := dialLine(knocking, sock, to)
	if err != nil {
		return nil, err
	}
	return n.shake(ctx, l, true, func(key ed25519.PublicKey) bool { return key.Equal(p.Key) })
}

// deliver gives run a session, or the name of a neighbour that was not reached.
func (n *Node) deliver(s *session, failed string) {
	n.mu.Lock()
	closed := n.closed
	switch {
	case closed:
	case s != nil:
		n.opened = append(n.opened, s)
	default:
		n.failed = append(n.failed, failed)
	}
	n.mu.Unlock()
	if closed && s != nil {
		_ = s.conn.Close()
		_ = s.line.Close()
		return
	}
	n.poke()
}

// seed tells nodes' jitter apart.
func seed() uint64 { return maphash.String(maphash.MakeSeed(), "") }
