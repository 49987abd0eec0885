package main

import "github.com/prometheus/client_golang/prometheus"

// portMetrics shows how people come in: by which transport, and what TURN does.
type portMetrics struct {
	port                                        *port
	came, now, waiting, lost, turnNow, turnDone *prometheus.Desc
}

func newPortMetrics(p *port) *portMetrics {
	return &portMetrics{
		port:     p,
		came:     prometheus.NewDesc("betang_tcp_connections_total", "TCP connections since the start, by what they turned out to be.", []string{"transport"}, nil),
		now:      prometheus.NewDesc("betang_tcp_media_current", "TCP connections that carry media now.", []string{"transport"}, nil),
		waiting:  prometheus.NewDesc("betang_tcp_waiting", "TCP connections that have not said yet what they are.", nil, nil),
		lost:     prometheus.NewDesc("betang_tcp_lost_total", "TCP connections that never said what they are, and datagrams for TCP connections too slow.", []string{"why"}, nil),
		turnNow:  prometheus.NewDesc("betang_turn_current", "TURN allocations, and TURN connections over TCP and TLS, now.", []string{"of"}, nil),
		turnDone: prometheus.NewDesc("betang_turn_total", "What TURN did since the start.", []string{"what"}, nil),
	}
}

// Describe names the families.
func (m *portMetrics) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.came, m.now, m.waiting, m.lost, m.turnNow, m.turnDone} {
		out <- d
	}
}

// Collect reads the counters.
func (m *portMetrics) Collect(out chan<- prometheus.Metric) {
	count := func(d *prometheus.Desc, n uint64, label string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), label)
	}
	gauge := func(d *prometheus.Desc, n int, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(n), labels...)
	}
	for i, name := range transportNames {
		count(m.came, m.port.count[i].came.Load(), name)
		if transport(i) >= overICE {
			gauge(m.now, int(m.port.count[i].now.Load()), name)
		}
	}
	waiting, ousted := m.port.wait.counts()
	gauge(m.waiting, waiting)
	count(m.lost, ousted, "ousted")
	count(m.lost, m.port.spoil.Load(), "unknown")
	count(m.lost, m.port.media.Dropped(), "ice_tcp_slow")
	t := m.port.turn.Stats()
	count(m.lost, t.Dropped, "turn_slow")
	gauge(m.turnNow, t.Allocations, "allocations")
	gauge(m.turnNow, t.Connections, "connections")
	for what, n := range map[string]uint64{
		"allocations": t.Allocated, "refused": t.Refused, "bytes_up": t.BytesUp, "bytes_down": t.BytesDown, "stray": t.Stray,
	} {
		count(m.turnDone, n, what)
	}
}
