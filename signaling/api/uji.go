package api

import (
	"context"
	"errors"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"

	"betang/classroom"
	"betang/classroom/chat"
	"betang/classroom/roster"
	"betang/sfu"
	"betang/signaling/wire"
)

// Uji perangkat: a page that anybody may open a day ahead to try every way of the media for itself, with nothing shown.

const (
	ujiPerAddress    = 240 // measurements a minute: an office of thirty, each with four ways and a stream
	reportsPerMinute = 12  // of one address
	ujiLife          = 5 * time.Minute
	maxReported      = 100_000 // kbit/s and ms beyond which a report is nonsense
	measureRetryHint = "5"     // seconds
)

// ujiSteps is the stream of a measurement: each step is a rung of the ladder with its voice, and some room.
var ujiSteps = []sfu.Step{
	{Rate: 64_000, For: 2 * time.Second},
	{Rate: 300_000, For: 2 * time.Second},
	{Rate: 800_000, For: 2 * time.Second},
	{Rate: 1_900_000, For: 3 * time.Second},
}

// Readiness keeps what offices report.
type Readiness interface {
	SaveReadiness(ctx context.Context, event classroom.EventID, r classroom.Readiness) error
	Readiness(ctx context.Context, event classroom.EventID) ([]classroom.Readiness, error)
}

// Measure is sfu.Engine's.
type Measure func(ctx context.Context, offer string, steps []sfu.Step) (string, error)

func (s *server) ujiRoutes(r chi.Router) {
	r.Get("/uji", s.ujiPlan)
	r.With(s.byAddress(s.limits.uji)).Post("/uji", s.ujiMeasure)
	r.With(s.byAddress(s.limits.reports)).Post("/events/{event}/uji", s.ujiReport)
	r.With(s.authorize(mayReadiness), s.byToken(s.limits.bpsdm)).Get("/events/{event}/readiness", s.readinessOf)
}

type ujiStep struct {
	Kbps int `json:"kbps"`
	Ms   int `json:"ms"`
}

type ujiPlan struct {
	ICE   []wire.ICEServer `json:"ice"`
	Steps []ujiStep        `json:"steps"`
}

// ujiPlan tells the ways to try and what the stream of a measurement will be. The credentials open TURN for minutes.
func (s *server) ujiPlan(w http.ResponseWriter, r *http.Request) {
	out := ujiPlan{ICE: []wire.ICEServer{}}
	if s.ice != nil {
		out.ICE = append(out.ICE, s.ice("uji", address(r), r.Host, ujiLife)...)
	}
	for _, step := range ujiSteps {
		out.Steps = append(out.Steps, ujiStep{step.Rate / 1000, int(step.For.Milliseconds())})
	}
	answer(w, http.StatusOK, out)
}

type ujiRequest struct {
	SDP    string `json:"sdp"`
	Stream bool   `json:"stream"` // send the steps; else only connect
}

type ujiAnswer struct {
	SDP string `json:"sdp"`
}

func (s *server) ujiMeasure(w http.ResponseWriter, r *http.Request) {
	var req ujiRequest
	if err := decodeUpTo(w, r, &req, wire.MaxSDP+1024); err != nil {
		s.refuse(w, r, err)
		return
	}
	var steps []sfu.Step
	if req.Stream {
		steps = ujiSteps
	}
	sdp, err := s.measure(r.Context(), req.SDP, steps)
	if err != nil {
		code, kind := "sdp_malformed", classroom.Invalid
		if e, ok := errors.AsType[*sfu.Error](err); ok && e.Code != sfu.SDPInvalid {
			code, kind = "uji_busy", classroom.TooMany
			w.Header().Set("Retry-After", measureRetryHint)
		}
		s.refuse(w, r, &classroom.Error{Kind: kind, Code: code, Err: err})
		return
	}
	answer(w, http.StatusOK, ujiAnswer{sdp})
}

// ujiResult is a report as pages send and the desk reads it.
type ujiResult struct {
	At      int64  `json:"at"` // Unix ms; not read
	Region  string `json:"region"`
	Unit    string `json:"unit"`
	Verdict string `json:"verdict"` // ready, saving, voice, none
	Socket  bool   `json:"socket"`
	UDP     bool   `json:"udp"`
	TCP     bool   `json:"tcp"`
	TLS     bool   `json:"tls"`
	Kbps    int    `json:"kbps"`
	Loss    int    `json:"loss"` // tenths of a percent
	RTT     int    `json:"rtt"`  // ms
	Sound   bool   `json:"sound"`
	Camera  bool   `json:"camera"`
	Mic     bool   `json:"mic"`
	Times   int    `json:"times"` // not read
}

// ujiReport keeps an office's report. No token: the address of the page is on every poster, a report earns nothing, and
// whoever reads it sees that it is one.
func (s *server) ujiReport(w http.ResponseWriter, r *http.Request) {
	var req ujiResult
	err := decode(w, r, &req)
	var id classroom.EventID
	if err == nil {
		_, id, err = s.openHub(r)
	}
	var report classroom.Readiness
	if err == nil {
		report, err = req.check(time.Now())
	}
	if err == nil {
		err = s.readiness.SaveReadiness(r.Context(), id, report)
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	answer(w, http.StatusOK, struct{}{})
}

func (q ujiResult) check(now time.Time) (classroom.Readiness, error) {
	none := classroom.Readiness{}
	unit, ok := cleanName(q.Unit)
	if n := utf8.RuneCountInString(unit); !ok || n < 2 || n > maxTyped {
		return none, classroom.Refuse(classroom.Invalid, "unit_invalid")
	}
	if chat.HoldsNIP(unit) { // typed into the wrong field; the page promises that none is sent
		return none, classroom.Refuse(classroom.Invalid, "unit_nip")
	}
	if roster.RegionName(q.Region) == "" {
		return none, classroom.Refuse(classroom.Invalid, "region_unknown")
	}
	verdict := classroom.ReadinessVerdict(q.Verdict)
	for _, n := range []int{q.Kbps, q.Loss, q.RTT} {
		if n < 0 || n > maxReported {
			return none, classroom.Refuse(classroom.Invalid, "uji_report")
		}
	}
	if !verdict.Valid() || q.Loss > 1000 {
		return none, classroom.Refuse(classroom.Invalid, "uji_report")
	}
	return classroom.Readiness{
		At: now, Region: q.Region, Unit: unit, Verdict: verdict, Socket: q.Socket, UDP: q.UDP, TCP: q.TCP, TLS: q.TLS,
		Kbps: q.Kbps, Loss: q.Loss, RTT: q.RTT, Sound: q.Sound, Camera: q.Camera, Mic: q.Mic,
	}, nil
}

type readinessPage struct {
	Regions []region    `json:"regions"`
	Reports []ujiResult `json:"reports"`
}

// readinessOf is what offices reported, for the desk and BPSDM.
func (s *server) readinessOf(w http.ResponseWriter, r *http.Request) {
	_, id, err := s.openHub(r)
	var list []classroom.Readiness
	if err == nil {
		list, err = s.readiness.Readiness(r.Context(), id)
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	out := readinessPage{Reports: make([]ujiResult, len(list))}
	for _, g := range roster.Regions() {
		out.Regions = append(out.Regions, region{g.Code, g.Name})
	}
	for i, q := range list {
		out.Reports[i] = ujiResult{
			At: q.At.UnixMilli(), Region: q.Region, Unit: q.Unit, Verdict: string(q.Verdict), Socket: q.Socket, UDP: q.UDP,
			TCP: q.TCP, TLS: q.TLS, Kbps: q.Kbps, Loss: q.Loss, RTT: q.RTT, Sound: q.Sound, Camera: q.Camera, Mic: q.Mic, Times: q.Times,
		}
	}
	answer(w, http.StatusOK, out)
}
