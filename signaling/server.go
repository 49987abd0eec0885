package signaling

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/checks"
	"betang/sfu"
	"betang/signaling/wire"
)

// Journal is the durable record of what happened in events.
type Journal interface {
	// Event gives an event as planned; *classroom.Error with kind NotFound if there is none.
	Event(ctx context.Context, id classroom.EventID) (classroom.Event, error)
	// Facts gives the facts with Seq > after, ascending.
	Facts(ctx context.Context, id classroom.EventID, after int64) ([]classroom.Fact, error)
	// Append makes facts durable, all or none; on return they are on disk.
	Append(ctx context.Context, id classroom.EventID, facts []classroom.Fact) error
}

// Evidence keeps the spans of presence.
type Evidence interface {
	Spans(ctx context.Context, id classroom.EventID) ([]attend.Span, error)
	// SaveSpans inserts or replaces spans by person, session, class and From.
	SaveSpans(ctx context.Context, id classroom.EventID, spans []attend.Span) error
}

// People knows persons.
type People interface {
	Person(ctx context.Context, id classroom.PersonID) (classroom.Person, error)
}

// Store is what signaling needs of storage; classroom/store has it.
type Store interface {
	Journal
	Evidence
	People
}

// Config is what a Server needs. Store, Media and Verify are required.
type Config struct {
	Store  Store
	Media  sfu.Media
	Verify Verifier
	Log    *slog.Logger // nil: slog.Default()

	// Began is when the process began, by the wall clock: the origin of time, which Media must share. Zero: now.
	Began time.Time
	Wall  func() time.Time // the wall clock; nil: time.Now

	// Revoked tells whether a token id (jti) was revoked. It is asked every few seconds for everyone who is
	// connected, so it must answer from memory. Nil: none is.
	Revoked func(jti string) bool
	// Origins are allowed in websocket handshakes besides the server's own host: "https://kuliah.example".
	Origins []string
	// OtherPages tells whether a page of another node's may open a websocket here, by its origin; nil: none.
	OtherPages func(origin string) bool
	// AddrOf gives a client's address; nil: it is not known.
	AddrOf func(*http.Request) netip.Addr
	// MaxSockets bounds open websockets; more get 503 with Retry-After. 0: 20,000.
	MaxSockets int

	// Checks is how often participants are asked "Masih menyimak?"; the zero Plan asks nobody. CheckSecret keeps the
	// moments from being told beforehand; with the same one they stay the same over restarts.
	Checks      checks.Plan
	CheckSecret []byte

	// ICE tells a page of TURN; nil: there is none.
	ICE ICEServers

	// Status tells how the server fares; it is asked once a second by every event, so it must answer from memory. Nil: nobody knows.
	Status func() Status

	Nodes Nodes // other servers; nil: there are none
	Relay Relay // brings media from them; nil: none

	MaskNIP    func(nip string) string  // roster.Mask; nil: no NIP is shown
	RegionName func(code string) string // roster.RegionName; nil: the code
}

// ICEServers makes TURN credentials for one who was let in: who names a session of an event and goes into no message,
// host is how the client calls this server (the Host header). life is how long they open allocations; 0: a day of training.
type ICEServers func(event classroom.EventID, who, host string, life time.Duration) []wire.ICEServer

// loadWait bounds the loading of a hub; appendWait one write to the journal.
const (
	loadWait   = 30 * time.Second
	appendWait = 10 * time.Second
)

// Server is the websocket endpoint and the hubs behind it. It is an http.Handler for /ws and the sfu.Listener of
// its Media.
//
// Locks: mu guards the maps only and is never held while a hub, the store or the media engine is called.
type Server struct {
	cfg  Config
	log  *slog.Logger
	boot string // names this run

	sdp chan struct{} // a place for each SDP exchange at work

	ctx    context.Context // ends when shutdown is over: stops what is still at work
	cancel context.CancelFunc

	conns sync.WaitGroup // sockets being served

	mu      sync.Mutex
	closing bool
	sockets int
	window  int // ms over which retry slots are spread, fixed when the server closes; 0: not yet
	hubs    map[classroom.EventID]*slot
	peers   map[sfu.PeerID]*Hub
}

// slot is a hub, or one that is being loaded.
type slot struct {
	ready chan struct{} // closed when hub or err is set
	hub   *Hub
	err   error
}

var _ sfu.Listener = (*Server)(nil)

// New makes a server. It starts nothing until the first event is asked for.
func New(cfg Config) *Server {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Began.IsZero() {
		cfg.Began = time.Now()
	}
	if cfg.Wall == nil {
		cfg.Wall = time.Now
	}
	if cfg.Revoked == nil {
		cfg.Revoked = func(string) bool { return false }
	}
	if cfg.OtherPages == nil {
		cfg.OtherPages = func(string) bool { return false }
	}
	if cfg.AddrOf == nil {
		cfg.AddrOf = func(*http.Request) netip.Addr { return netip.Addr{} }
	}
	if cfg.MaxSockets == 0 {
		cfg.MaxSockets = 20_000
	}
	if cfg.ICE == nil {
		cfg.ICE = func(classroom.EventID, string, string, time.Duration) []wire.ICEServer { return nil }
	}
	if cfg.MaskNIP == nil {
		cfg.MaskNIP = func(string) string { return "" }
	}
	if cfg.RegionName == nil {
		cfg.RegionName = func(code string) string { return code }
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &Server{
		cfg: cfg, log: cfg.Log, boot: rand.Text(), ctx: ctx, cancel: cancel,
		sdp:   make(chan struct{}, max(4, 2*runtime.GOMAXPROCS(0))),
		hubs:  map[classroom.EventID]*slot{},
		peers: map[sfu.PeerID]*Hub{},
	}
}

// Hub gives the hub of an event, loading it by replay when it is not running.
// Errors: NotFound event_unknown, Internal storage, TooMany busy while the server shuts down.
func (s *Server) Hub(ctx context.Context, id classroom.EventID) (*Hub, error) {
	s.mu.Lock()
	if s.closing {
		s.mu.Unlock()
		return nil, classroom.Refuse(classroom.TooMany, "busy")
	}
	sl := s.hubs[id]
	mine := sl == nil
	if mine {
		sl = &slot{ready: make(chan struct{})}
		s.hubs[id] = sl
	}
	s.mu.Unlock()
	if !mine {
		select {
		case <-sl.ready:
			return sl.hub, sl.err
		case <-ctx.Done():
			return nil, &classroom.Error{Kind: classroom.TooMany, Code: "busy", Err: ctx.Err()}
		}
	}
	// Others wait for this load too, so it does not end with this caller.
	loadCtx, cancel := context.WithTimeout(s.ctx, loadWait)
	defer cancel()
	hub, err := loadHub(loadCtx, s, id)
	s.mu.Lock()
	sl.hub, sl.err = hub, err
	closing := s.closing
	if err != nil || closing {
		delete(s.hubs, id)
	}
	if closing && err == nil {
		sl.hub, sl.err = nil, classroom.Refuse(classroom.TooMany, "busy")
	}
	if sl.err == nil {
		hub.start()
	}
	close(sl.ready)
	s.mu.Unlock()
	return sl.hub, sl.err
}

// Loaded gives the hub of an event if it is running. Lists of many events use it, so as not to replay them all.
func (s *Server) Loaded(id classroom.EventID) (*Hub, bool) {
	s.mu.Lock()
	sl := s.hubs[id]
	s.mu.Unlock()
	if sl == nil {
		return nil, false
	}
	select {
	case <-sl.ready:
		return sl.hub, sl.err == nil
	default:
		return nil, false
	}
}

// forget takes a hub that stopped itself out of the map.
func (s *Server) forget(h *Hub) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sl := s.hubs[h.id]; sl != nil && sl.hub == h {
		delete(s.hubs, h.id)
	}
}

// PeerChanged is called by the media engine; it does not block.
func (s *Server) PeerChanged(peer sfu.PeerID, state sfu.PeerState) {
	s.mu.Lock()
	h := s.peers[peer]
	if state == sfu.Gone {
		delete(s.peers, peer)
	}
	s.mu.Unlock()
	if h != nil {
		h.peerChanged(peer, state)
	}
}

func (s *Server) addPeer(id sfu.PeerID, h *Hub) {
	s.mu.Lock()
	s.peers[id] = h
	s.mu.Unlock()
}

func (s *Server) dropPeer(id sfu.PeerID) {
	s.mu.Lock()
	delete(s.peers, id)
	s.mu.Unlock()
}

// ServeHTTP upgrades to a websocket and serves it until it ends.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		w.Header().Set("Retry-After", "5")
		http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
		return
	}
	defer s.leave()
	ws, err := s.upgrade(w, r)
	if err != nil {
		return // the upgrader has answered
	}
	newConn(s, ws, r.Host, s.cfg.AddrOf(r)).serve()
}

func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing || s.sockets >= s.cfg.MaxSockets {
		return false
	}
	s.sockets++
	s.conns.Add(1)
	return true
}

func (s *Server) leave() {
	s.mu.Lock()
	s.sockets--
	s.mu.Unlock()
	s.conns.Done()
}

// originAllowed lets a page of the server's own host in, those of Config.Origins, and programs that are no browser
// and send none. Authority is in the token, never in a cookie; this is the second fence.
func (s *Server) originAllowed(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	for _, o := range s.cfg.Origins {
		if strings.EqualFold(strings.TrimSuffix(o, "/"), origin) {
			return true
		}
	}
	if s.cfg.OtherPages(origin) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host)
}

// Sockets is how many websockets are open now.
func (s *Server) Sockets() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sockets
}

// Shutdown says goodbye to every socket with a spread retry slot, saves all evidence and stops the hubs.
// New sockets and hubs are refused from its start. It returns when all is done or ctx ends. It does not close the
// media engine, whose owner does so after.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.closing = true
	s.window = windowFor(s.sockets, runtime.GOMAXPROCS(0)) // before they leave one by one
	slots := make([]*slot, 0, len(s.hubs))
	for _, sl := range s.hubs {
		slots = append(slots, sl)
	}
	s.mu.Unlock()
	defer s.cancel()

	var errs []error
	for _, sl := range slots {
		select {
		case <-sl.ready:
			if sl.err == nil {
				errs = append(errs, sl.hub.shutdown(ctx))
			}
		case <-ctx.Done():
			return errors.Join(append(errs, ctx.Err())...)
		}
	}
	s.cancel() // sockets that never said hello
	done := make(chan struct{})
	go func() {
		s.conns.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
		errs = append(errs, ctx.Err())
	}
	return errors.Join(errs...)
}
