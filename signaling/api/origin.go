package api

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"

	"betang/classroom"
	"betang/signaling/wire"
)

const (
	originDial  = 2 * time.Second  // for a connection to an origin: of a WAN, also by satellite
	originWait  = 5 * time.Second  // for the head of its answer to people, who wait
	originPaper = 30 * time.Second // of its papers: the largest export takes some 10 s
)

// FromOrigin is the handler of an edge: an origin answers what needs the roster, the papers and what was ratified, which is
// everything below /api but the measuring of this node's own network, and pages of slides. origins are those that live, to be asked in order.
// While none can be reached, the edge answers itself what it can: what an event is, and who comes with a link of their own, or by a
// NIP that it has met. The rest is refused with origin_away, an event that it does not know with event_away.
func FromOrigin(origins func() []*url.URL, local http.Handler) http.Handler {
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetXForwarded()
		},
		Transport: &firstOrigin{origins, originLine(originWait), originLine(originPaper)},
		ErrorHandler: func(w http.ResponseWriter, out *http.Request, err error) {
			r := out.Context().Value(atEdge{}).(*http.Request)
			if (errors.Is(err, errNoOrigin) || r.Method == http.MethodGet) && edgeKnows(r) {
				local.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), alone{}, true)))
				return
			}
			w.Header().Set("Retry-After", "5")
			answer(w, http.StatusServiceUnavailable, wire.Error{
				Kind: string(classroom.TooMany), Code: "origin_away", Message: wire.Say("origin_away", language(r)),
			})
		},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path := r.URL.Path; !strings.HasPrefix(path, "/api/") && !strings.HasPrefix(path, "/m/") || path == "/api/uji" {
			local.ServeHTTP(w, r)
			return
		}
		proxy.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), atEdge{}, r)))
	})
}

// atEdge is the key of the request as it came.
type atEdge struct{}

// alone is the key of a request that an edge answers because no origin can: what it does not know may well be.
type alone struct{}

// away refuses as not known here what an origin may know; other errors stay. code says so to the reader.
func away(ctx context.Context, err error, code string) error {
	if ctx.Value(alone{}) != nil && classroom.KindOf(err) == classroom.NotFound {
		return &classroom.Error{Kind: classroom.TooMany, Code: code, Err: err}
	}
	return err
}

// errNoOrigin: no origin could be reached, so none has seen the request.
var errNoOrigin = errors.New("no origin can be reached")

// firstOrigin sends a request to the first origin that can be reached.
type firstOrigin struct {
	origins      func() []*url.URL
	line, papers http.RoundTripper
}

// originLine closes connections that were idle for a while, so that one which a cut left hanging is seldom used again.
func originLine(wait time.Duration) http.RoundTripper {
	return &http.Transport{
		DialContext: (&net.Dialer{Timeout: originDial}).DialContext, ResponseHeaderTimeout: wait, TLSHandshakeTimeout: originDial,
		IdleConnTimeout: 15 * time.Second, MaxIdleConnsPerHost: 32,
	}
}

// RoundTrip is http.RoundTripper's.
func (f *firstOrigin) RoundTrip(r *http.Request) (*http.Response, error) {
	line := f.line
	if strings.HasPrefix(r.URL.Path, "/api/bpsdm/") {
		line = f.papers
	}
	for _, u := range f.origins() {
		out := r.Clone(r.Context())
		out.URL.Scheme, out.URL.Host, out.Host = u.Scheme, u.Host, u.Host
		if r.Body != nil {
			out.Body = io.NopCloser(r.Body) // a connection that is not made would close it
		}
		resp, err := line.RoundTrip(out)
		if dial, ok := errors.AsType[*net.OpError](err); ok && dial.Op == "dial" {
			continue
		}
		return resp, err
	}
	return nil, errNoOrigin
}

// edgeKnows tells what an edge can answer alone.
func edgeKnows(r *http.Request) bool {
	path := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch {
	case r.Method == http.MethodGet && len(path) == 2 && path[1] == "regions":
		return true
	case len(path) < 3 || path[1] != "events":
		return false
	case r.Method == http.MethodGet:
		return len(path) == 3
	default:
		return r.Method == http.MethodPost && len(path) == 4 && (path[3] == "join" || path[3] == "identify")
	}
}
