package api

import (
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"betang/classroom"
)

// metrics are those of HTTP; other parts register theirs in the same registry.
type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

func newMetrics(reg *prometheus.Registry) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "betang_http_requests_total", Help: "Requests answered, by route pattern, method and status.",
		}, []string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "betang_http_request_seconds", Help: "Time to answer, by route pattern; sockets and files not counted.",
			Buckets: []float64{.001, .005, .02, .1, .5, 2, 10},
		}, []string{"route"}),
	}
	reg.MustRegister(m.requests, m.seconds)
	return m
}

func (m *metrics) observe(route, method string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
	if route != "/ws" && route != "/*" {
		m.seconds.WithLabelValues(route).Observe(took.Seconds())
	}
}

func metricsHandler(reg *prometheus.Registry) http.Handler {
	return promhttp.HandlerFor(reg, promhttp.HandlerOpts{})
}

// loopbackOnly admits callers on this machine, and none whom a proxy on this machine speaks for.
func (s *server) loopbackOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		ip := net.ParseIP(host)
		forwarded := r.Header.Get("X-Forwarded-For") + r.Header.Get("Forwarded") + r.Header.Get("X-Real-Ip")
		if err != nil || ip == nil || !ip.IsLoopback() || forwarded != "" {
			s.refuse(w, r, classroom.Refuse(classroom.NotAllowed, "loopback_only"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// health says whether the server can work: 200, or 503 for the one who restarts it.
func (s *server) health(w http.ResponseWriter, r *http.Request) {
	if s.healthy != nil {
		if err := s.healthy(r.Context()); err != nil {
			s.refuse(w, r, &classroom.Error{Kind: classroom.Internal, Code: "store_unavailable", Err: err})
			return
		}
	}
	answer(w, http.StatusOK, map[string]string{"status": "ok"})
}
