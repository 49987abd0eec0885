package signaling

import (
	"context"
	"log/slog"
	"net/http"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/sfu"
)

// Journal is the durable record of what happened in events.
type Journal interface {
	// Event gives an event as planned; *classroom.Error with kind NotFound if there is none.
	Event(ctx context.Context, id classroom.EventID) (classroom.Event, error)
	// Facts gives the facts with Seq > after, ascending.
	Facts(ctx context.Context, id classroom.EventID, after int64) ([]classroom.Fact, error)
	// Append makes facts durable; on return they are on disk.
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

	// Revoked tells whether a token id (jti) was revoked; asked about every 15 s for whoever is connected, so it
	// must answer from memory. Nil: none is.
	Revoked func(jti string) bool
	// Origins are allowed in websocket handshakes besides the server's own host: "https://kuliah.example".
	Origins []string
	// MaxSockets bounds open websockets; more get 503 with Retry-After. 0: 20,000.
	MaxSockets int

	MaskNIP    func(nip string) string  // roster.Mask
	RegionName func(code string) string // roster.RegionName
}

// Server is the websocket endpoint and the hubs behind it. It is an http.Handler for /ws and the sfu.Listener of
// its Media.
type Server struct{ cfg Config }

var _ sfu.Listener = (*Server)(nil)

// New makes a server. It starts nothing until the first event is asked for.
func New(cfg Config) *Server { return &Server{cfg: cfg} }

// ServeHTTP upgrades to a websocket and serves it until it ends.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {}

// Hub gives the hub of an event, loading it by replay when it is not running.
// Errors: NotFound event_unknown, Internal storage.
func (s *Server) Hub(ctx context.Context, id classroom.EventID) (*Hub, error) { return nil, nil }

// Loaded gives the hub of an event if it is running. Lists of many events use it, so as not to replay them all.
func (s *Server) Loaded(id classroom.EventID) (*Hub, bool) { return nil, false }

// PeerChanged is called by the media engine; it does not block.
func (s *Server) PeerChanged(peer sfu.PeerID, state sfu.PeerState) {}

// Shutdown says goodbye to every socket with a spread retry slot, saves all evidence and stops the hubs.
// New sockets and hubs are refused from its start. It returns when all is done or ctx ends.
func (s *Server) Shutdown(ctx context.Context) error { return nil }
