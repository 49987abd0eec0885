package api

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"betang/classroom"
	"betang/signaling"
)

// note is what the layers of one request tell each other. One goroutine handles a request, so it has no lock.
type note struct {
	id     string            // request id, also in the X-Request-Id header
	claims signaling.Claims  // after authorize
	event  classroom.EventID // known to exist; a path may hold anything, even somebody's NIP
	code   string            // of a refusal
}

type noteKey struct{}

func noteOf(r *http.Request) *note {
	if n, ok := r.Context().Value(noteKey{}).(*note); ok {
		return n
	}
	return &note{}
}

func claimsOf(r *http.Request) signaling.Claims { return noteOf(r).claims }

// record writes the access log and the metrics. It logs the route's pattern and no part of the request that its
// sender chose freely: no path, query, header or body.
func (s *server) record(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		n := &note{id: NewTokenID()}
		r = r.WithContext(context.WithValue(r.Context(), noteKey{}, n))
		w.Header().Set("X-Request-Id", n.id)
		ww := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		defer func() {
			took := time.Since(start)
			route := "none"
			if rc := chi.RouteContext(r.Context()); rc != nil && rc.RoutePattern() != "" {
				route = rc.RoutePattern()
			}
			status := ww.Status()
			switch {
			case status != 0:
			case r.Header.Get("Upgrade") != "":
				status = http.StatusSwitchingProtocols // the socket took the connection over
			default:
				status = http.StatusOK
			}
			method := knownMethod(r.Method)
			s.metrics.observe(route, method, status, took)
			level := slog.LevelInfo
			if route == "/*" && status < http.StatusBadRequest {
				level = slog.LevelDebug // a page load is a dozen files
			}
			attrs := []slog.Attr{
				slog.String("id", n.id), slog.String("method", method), slog.String("route", route),
				slog.Int("status", status), slog.Int("bytes", ww.BytesWritten()), slog.Duration("took", took),
				slog.String("address", middleware.GetClientIP(r.Context())),
			}
			if n.event != "" {
				attrs = append(attrs, slog.String("event", string(n.event)))
			}
			if n.claims.Role != "" {
				attrs = append(attrs, slog.String("role", string(n.claims.Role)), slog.String("token", n.claims.ID))
			}
			if n.code != "" {
				attrs = append(attrs, slog.String("code", n.code))
			}
			s.log.LogAttrs(r.Context(), level, "http", attrs...)
		}()
		next.ServeHTTP(ww, r)
	})
}

func knownMethod(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "other"
}

// survive turns a panic into an Internal error for one reader.
func (s *server) survive(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v == http.ErrAbortHandler { //nolint:errorlint // net/http compares the panic value itself
				panic(v)
			}
			s.log.ErrorContext(r.Context(), "panic in a handler", "id", noteOf(r).id, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			if ww, ok := w.(middleware.WrapResponseWriter); ok && ww.Status() != 0 {
				panic(http.ErrAbortHandler) // half an answer is out: break the connection, so that nobody takes it for whole
			}
			s.refuse(w, r, classroom.Refuse(classroom.Internal, "internal"))
		}()
		next.ServeHTTP(w, r)
	})
}

// hostName is what may stand in a CSP source; anything else in a Host header is left out of it.
var hostName = regexp.MustCompile(`^[A-Za-z0-9.\-]+(:[0-9]{1,5})?$|^\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?$`)

// contentSecurity names the page's own websocket, because 'self' does not cover ws: in Safari 15. It allows no inline
// script or style and no eval.
func contentSecurity(r *http.Request) string {
	connect := "'self'"
	if hostName.MatchString(r.Host) {
		connect += " wss://" + r.Host
		if r.TLS == nil && !strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https") {
			connect += " ws://" + r.Host
		}
	}
	return "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
		"media-src 'self' blob: mediastream:; connect-src " + connect + "; font-src 'self'; object-src 'none'; " +
		"base-uri 'none'; form-action 'self'; frame-src 'none'; frame-ancestors 'none'"
}

func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentSecurity(r))
		h.Set("Permissions-Policy", "camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=(), usb=()")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("X-Frame-Options", "DENY")
		next.ServeHTTP(w, r)
	})
}

// unkept marks answers that no cache may keep.
func unkept(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// corsMaxAge is how long a browser may remember a preflight's answer, in seconds.
const corsMaxAge = 86400

// openToOrigins lets a page of any origin use WHIP and WHEP: the bearer token, not the origin, is what admits, and
// there are no cookies to ride on (RFC 9725 section 4.2).
func openToOrigins(methods string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			h.Set("Access-Control-Allow-Origin", "*")
			h.Set("Access-Control-Expose-Headers", "Location, ETag, Link, Retry-After")
			if r.Method == http.MethodOptions {
				h.Set("Access-Control-Allow-Methods", methods)
				h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match")
				h.Set("Access-Control-Max-Age", strconv.Itoa(corsMaxAge))
			}
			next.ServeHTTP(w, r)
		})
	}
}

// bearer takes the token from the Authorization header (RFC 6750 section 2.1), and from nowhere else.
func bearer(r *http.Request) string {
	scheme, token, found := strings.Cut(r.Header.Get("Authorization"), " ")
	if !found || !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// authorize admits a valid token of the path's event whose role the policy table lets use the endpoint. A link that
// must first lead through identify and join (Door) opens those two endpoints and nothing else; they open to no other.
func (s *server) authorize(endpoint string) func(http.Handler) http.Handler {
	door := endpoint == mayIdentify || endpoint == mayJoin
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			claims, err := s.tokens.Verify(bearer(r), time.Now())
			if err != nil {
				s.refuse(w, r, err)
				return
			}
			noteOf(r).claims = claims
			if err := mayUse(claims, endpoint, door); err != nil {
				s.refuse(w, r, err)
				return
			}
			if event := chi.URLParam(r, "event"); event != "" && claims.Event != signaling.AnyEvent && string(claims.Event) != event {
				s.refuse(w, r, classroom.Refuse(classroom.NotAllowed, "token_event"))
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

func mayUse(c signaling.Claims, endpoint string, door bool) error {
	switch {
	case !classroom.May(c.Role, endpoint):
		return classroom.Refuse(classroom.NotAllowed, "not_allowed")
	case door && !c.Door:
		return classroom.Refuse(classroom.NotAllowed, "token_session")
	case c.Door && !door:
		return classroom.Refuse(classroom.NotAllowed, "token_door")
	}
	return nil
}
