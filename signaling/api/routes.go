package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/prometheus/client_golang/prometheus"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/correction"
	"betang/classroom/export"
	"betang/classroom/ratify"
	"betang/signaling"
	"betang/signaling/wire"
)

// The endpoints' names in the policy table of classroom.
const (
	mayIdentify = "identify"
	mayJoin     = "join"
	mayWHIP     = "whip"
	mayWHEP     = "whep"
	mayList     = "events.list"
	mayRead     = "attendance.read"
	mayExport   = "attendance.export"
	mayRatify   = "attendance.ratify"
	mayMine     = "attendance.mine"
	mayContest  = "contest"
	mayCorrect  = "corrections"
	mayDecide   = "decide"
	mayMake     = "correct"
	mayPolicy   = "policy.set"
	mayVoid     = "list.void"
	mayRoster   = "roster"

	mayReadiness = "readiness"
)

// Store is what is asked of storage. Nobody found is a NotFound.
type Store interface {
	Events(ctx context.Context) ([]classroom.Event, error)
	Person(ctx context.Context, id classroom.PersonID) (classroom.Person, error)
	PersonByNIP(ctx context.Context, nip string) (classroom.Person, error)
	PersonByCode(ctx context.Context, event classroom.EventID, code string) (classroom.Person, error)
	SavePeople(ctx context.Context, people []classroom.Person) error
}

// MediaHub is what WHIP and WHEP ask of an event's hub. The claims' ID owns what it published.
type MediaHub interface {
	Publish(ctx context.Context, by signaling.Claims, kind classroom.SourceKind, offer string) (classroom.SourceID, string, error)
	Watch(ctx context.Context, by signaling.Claims, offer string) (classroom.SourceID, string, error)
	Fragment(ctx context.Context, by signaling.Claims, id classroom.SourceID, frag string) (string, error)
	Hangup(ctx context.Context, by signaling.Claims, id classroom.SourceID) error
}

// EventHub is what the tables ask of an event's hub.
type EventHub interface {
	PublicEvent() wire.Event
	Counts() wire.Counts
	Flush(ctx context.Context) error
}

// DeskHub is what "Kehadiran saya" and the correction desk ask of an event's hub.
type DeskHub interface {
	Elsewhere(ctx context.Context) (page string, err error)
	Own(ctx context.Context, id classroom.PersonID) (signaling.Own, error)
	Corrections(ctx context.Context) ([]correction.Request, error)
	Policy(ctx context.Context) (planned attend.Policy, changes []classroom.PolicyChange, err error)
	Do(ctx context.Context, by classroom.Actor, cmd classroom.Command) (rev int64, err error)
}

// Hub is a *signaling.Hub.
type Hub interface {
	MediaHub
	EventHub
	DeskHub
}

var (
	_ Hub     = (*signaling.Hub)(nil)
	_ HallHub = (*signaling.Hub)(nil)
)

// Hubs gives the hubs of a signaling server as what one of the Hub functions of Config, MaterialConfig and HallConfig
// wants: Hub, RoomHub or HallHub.
func Hubs[H any](s *signaling.Server) func(context.Context, classroom.EventID) (H, error) {
	return func(ctx context.Context, id classroom.EventID) (none H, err error) {
		hub, err := s.Hub(ctx, id)
		if err != nil {
			return none, err // not hub: a nil *signaling.Hub in an interface would not be nil
		}
		return any(hub).(H), nil
	}
}

// Notice is what the page says about who holds the data (UU 27/2022 art. 53).
type Notice struct {
	Unit    string `json:"unit"`
	Contact string `json:"contact"`
}

// Config is handed down by cmd. All of it is needed but Roster, Ratify, Office, BaseURL, ICE, Notice, Metrics, Proxies and
// Healthy.
type Config struct {
	Tokens *Tokens
	Store  Store
	// Halls serves Ruang Bersama; without a store its addresses answer not_found.
	Halls HallConfig
	// Material serves slides; without a store its addresses answer not_found.
	Material MaterialConfig
	// Roster takes in lists and gives out codes; nil: those addresses answer not_found.
	Roster RosterStore
	// Ratify freezes attendance and gives out what was ratified; nil: those addresses answer not_found.
	Ratify *ratify.Desk
	// Papers tells which other servers keep the same papers; nil: there are none.
	Papers PaperDesk
	// Office is what stands on papers; BaseURL the address people type, for the QR on them.
	Office  export.Office
	BaseURL string
	// Sheet reads an event's attendance: as ratified, or as the evidence gives it so far.
	Sheet func(ctx context.Context, id classroom.EventID) (classroom.Sheet, error)
	// Hub finds the hub of an event, see Hubs; an event that does not exist is a NotFound.
	Hub func(ctx context.Context, id classroom.EventID) (Hub, error)
	// Socket serves /ws: the *signaling.Server.
	Socket http.Handler
	// Static serves the web client; "/" is its page.
	Static http.Handler
	Log    *slog.Logger

	// ICE tells players and encoders of TURN; nil: there is none.
	ICE signaling.ICEServers
	// Measure and Readiness serve the page "Uji perangkat"; nil: those addresses answer not_found.
	Measure Measure
	// Record is what events leave behind; nil: those addresses answer not_found.
	Record    Record
	Readiness Readiness

	Notice Notice
	// Metrics is where the HTTP metrics are registered and what /metrics shows; nil: one of its own.
	Metrics *prometheus.Registry
	// Proxies are the networks (CIDR) of reverse proxies whose X-Forwarded-For is believed. Without them everybody
	// behind a proxy shares one address and its limits.
	Proxies []string
	// Healthy says whether the server can work; nil: always.
	Healthy func(ctx context.Context) error
}

type server struct {
	tokens   *Tokens
	store    Store
	roster   RosterStore
	hub      func(context.Context, classroom.EventID) (Hub, error)
	sheets   *shared[classroom.Sheet]
	statuses *shared[ratify.Status]
	ratify   *ratify.Desk
	office   export.Office
	papers   PaperDesk // nil: there is no other server
	baseURL  string
	sessions *mediaSessions
	ice      signaling.ICEServers
	measure  Measure
	past     Record
	vtts     *shared[[]byte] // captions as files

	readiness Readiness
	limits    *limits
	metrics   *metrics
	notice    Notice
	healthy   func(context.Context) error
	static    http.Handler
	log       *slog.Logger
	sentence  func(code, lang string) string
}

// New builds the whole HTTP interface. It panics on a malformed Config: that is the program's mistake.
func New(cfg Config) http.Handler {
	if cfg.Tokens == nil || cfg.Store == nil || cfg.Sheet == nil || cfg.Hub == nil || cfg.Socket == nil || cfg.Static == nil || cfg.Log == nil {
		panic(errors.New("api: incomplete Config"))
	}
	if cfg.Metrics == nil {
		cfg.Metrics = prometheus.NewRegistry()
	}
	s := &server{
		tokens: cfg.Tokens, store: cfg.Store, roster: cfg.Roster, hub: cfg.Hub, notice: cfg.Notice, healthy: cfg.Healthy,
		static: cfg.Static, log: cfg.Log, sentence: wire.Say, ratify: cfg.Ratify, papers: cfg.Papers, office: cfg.Office, baseURL: cfg.BaseURL,
		sheets: newShared(cfg.Sheet), sessions: newMediaSessions(maxMediaSessions), ice: cfg.ICE,
		past: cfg.Record, measure: cfg.Measure, readiness: cfg.Readiness,
		limits: newLimits(), metrics: newMetrics(cfg.Metrics),
	}
	if s.past != nil {
		s.vtts = newShared(s.writeVTT)
	}
	if s.ratify != nil {
		s.statuses = newShared(s.ratify.Status)
	}

	r := chi.NewRouter()
	if len(cfg.Proxies) > 0 {
		r.Use(middleware.ClientIPFromXFF(cfg.Proxies...))
	} else {
		r.Use(middleware.ClientIPFromRemoteAddr)
	}
	r.Use(s.record, secure, s.survive)
	r.NotFound(s.notFound)
	r.MethodNotAllowed(s.methodNotAllowed)

	slides := &materialServer{server: s, MaterialConfig: cfg.Material}
	r.Route("/api", func(r chi.Router) {
		s.apiRoutes(r, cfg.Halls)
		if slides.Store != nil {
			slides.uploadRoutes(r)
		}
	})
	if slides.Store != nil {
		r.With(s.byAddress(s.limits.all)).Route("/m", slides.pageRoutes)
	}
	r.Route("/whip", s.mediaRoutes(mayWHIP))
	r.Route("/whep", s.mediaRoutes(mayWHEP))
	r.With(s.byAddress(s.limits.all)).Method(http.MethodGet, "/ws", cfg.Socket)
	r.With(unkept).Get("/healthz", s.health)
	r.With(unkept).Method(http.MethodGet, "/metrics", s.loopbackOnly(metricsHandler(cfg.Metrics)))
	for _, page := range []string{"/k/*", "/h", "/uji", "/bpsdm", "/bpsdm/*", "/v/*"} {
		r.Get(page, s.page)
		r.Head(page, s.page)
	}
	r.Method(http.MethodGet, "/*", cfg.Static)
	r.Method(http.MethodHead, "/*", cfg.Static)
	return r
}

func (s *server) apiRoutes(r chi.Router, cfg HallConfig) {
	r.Use(unkept, s.byAddress(s.limits.all))
	r.Get("/regions", s.regions)
	if s.measure != nil && s.readiness != nil {
		s.ujiRoutes(r)
	}
	r.Route("/events/{event}", func(r chi.Router) {
		r.Get("/", s.event)
		r.With(s.byAddress(s.limits.identify), s.authorize(mayIdentify)).Post("/identify", s.identify)
		r.With(s.byAddress(s.limits.join), s.authorize(mayJoin)).Post("/join", s.join)
		s.mineRoutes(r)
		if s.past != nil {
			s.recordRoutes(r)
		}
	})
	if s.ratify != nil {
		r.With(s.byAddress(s.limits.identify)).Get("/v/{number}", s.verifyList)
		r.With(s.byAddress(s.limits.identify)).Post("/v/{number}", s.verifyPerson)
	}
	if cfg.Store != nil {
		s.hallRoutes(r, cfg)
	}
	r.Route("/bpsdm/events", func(r chi.Router) {
		r.With(s.authorize(mayList), s.byToken(s.limits.bpsdm)).Get("/", s.bpsdmEvents)
		read := r.With(s.authorize(mayRead), s.atHome, s.byToken(s.limits.bpsdm))
		read.Get("/{event}/attendance", s.attendance)
		read.Post("/{event}/attendance", s.attendance)
		read.Post("/{event}/attendance/person", s.explain)
		export := r.With(s.authorize(mayExport), s.atHome, s.byToken(s.limits.export))
		for format := range exportFormats {
			export.Get("/{event}/"+exportPath(format), s.export(format))
		}
		s.deskRoutes(r)
		if s.past != nil {
			s.afterRoutes(r)
		}
		if s.roster != nil {
			list := r.With(s.authorize(mayRoster), s.atHome, s.byToken(s.limits.bpsdm))
			list.Post("/{event}/roster", s.rosterImport)
			list.Post("/{event}/roster/problems.xlsx", s.rosterProblems)
			list.Get("/{event}/roster/units", s.rosterUnits)
			list.Post("/{event}/roster/codes", s.rosterCodes)
			list.Post("/{event}/roster/codes.pdf", s.rosterSlips)
		}
	})
}

// page serves the web client's one page for the addresses that its own router reads.
func (s *server) page(w http.ResponseWriter, r *http.Request) {
	root := r.Clone(r.Context())
	root.URL.Path, root.URL.RawPath = "/", ""
	s.static.ServeHTTP(w, root)
}

func (s *server) notFound(w http.ResponseWriter, r *http.Request) {
	s.refuse(w, r, classroom.Refuse(classroom.NotFound, "not_found"))
}

func (s *server) methodNotAllowed(w http.ResponseWriter, r *http.Request) {
	rc := chi.RouteContext(r.Context())
	path := r.URL.EscapedPath()
	for _, m := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPatch, http.MethodDelete, http.MethodOptions} {
		if rc.Routes.Match(chi.NewRouteContext(), m, path) {
			w.Header().Add("Allow", m)
		}
	}
	s.refuse(w, r, classroom.Refuse(classroom.Invalid, "method_not_allowed"))
}

// openHub finds the hub of the path's event.
func (s *server) openHub(r *http.Request) (Hub, classroom.EventID, error) {
	id := classroom.EventID(chi.URLParam(r, "event"))
	if !id.Valid() {
		return nil, "", classroom.Refuse(classroom.NotFound, "event_unknown")
	}
	hub, err := s.hub(r.Context(), id)
	if err != nil {
		return nil, "", away(r.Context(), err, "event_away")
	}
	noteOf(r).event = id
	return hub, id, nil
}
