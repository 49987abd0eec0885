package main

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"betang/sfu"
	"betang/sfu/relay"
	"betang/signaling/cluster"
)

// mediaMetrics shows the media plane's counters to Prometheus: read when asked, so the packet path knows nothing
// of it.
type mediaMetrics struct {
	engine  *sfu.Engine
	gauge   *prometheus.Desc
	counter *prometheus.Desc
	dropped *prometheus.Desc
	load    *prometheus.Desc
	granted *prometheus.Desc
	came    *prometheus.Desc
}

// metrics is the registry behind /metrics.
func metrics(engine *sfu.Engine, shared *port, nodes *cluster.Member, node *relay.Node) *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), &mediaMetrics{
		engine:  engine,
		gauge:   prometheus.NewDesc("betang_media_current", "Routers, publishers and viewers now.", []string{"of"}, nil),
		counter: prometheus.NewDesc("betang_media_total", "What the media plane did since its start.", []string{"what"}, nil),
		dropped: prometheus.NewDesc("betang_media_dropped_total", "Packets not forwarded, by reason.", []string{"reason"}, nil),
		load:    prometheus.NewDesc("betang_media_load", "Load of the server's processors and of its egress: from 1 on newcomers get less.", []string{"of"}, nil),
		granted: prometheus.NewDesc("betang_media_viewers", "Viewers now, by what the server lets them have.", []string{"rung"}, nil),
		came:    prometheus.NewDesc("betang_media_newcomers_total", "Viewers that came, by what they were let have; later: sent away for a moment.", []string{"rung"}, nil),
	}, newPortMetrics(shared))
	if nodes != nil {
		r.MustRegister(newNodeMetrics(nodes))
	}
	if node != nil {
		r.MustRegister(newRelayMetrics(node))
	}
	return r
}

// Describe names the families.
func (m *mediaMetrics) Describe(out chan<- *prometheus.Desc) {
	out <- m.gauge
	out <- m.counter
	out <- m.dropped
	out <- m.load
	out <- m.granted
	out <- m.came
}

// Collect reads the counters.
func (m *mediaMetrics) Collect(out chan<- prometheus.Metric) {
	s := m.engine.Stats()
	for of, n := range map[string]int{"routers": s.Routers, "publishers": s.Publishers, "viewers": s.Viewers} {
		out <- prometheus.MustNewConstMetric(m.gauge, prometheus.GaugeValue, float64(n), of)
	}
	for what, n := range map[string]uint64{
		"offers_published": s.Published, "offers_subscribed": s.Subscribed, "offers_refused": s.Refused,
		"packets_in": s.PacketsIn, "bytes_in": s.BytesIn, "packets_out": s.PacketsOut, "bytes_out": s.BytesOut,
		"packets_resent": s.Resent, "nacks_in": s.NACKsIn, "nacks_out": s.NACKsOut, "plis_in": s.PLIsIn, "plis_out": s.PLIsOut,
		"keyframe_bursts": s.Bursts, "burst_packets": s.BurstPackets, "reports_in": s.ReportsIn, "reports_out": s.ReportsOut,
		"publisher_packets_recovered": s.Recovered, "publisher_packets_lost": s.Lost,
		"datagrams": s.Datagrams, "kernel_walks": s.Walks, "viewers_lifted": s.Overload.Lifted, "viewers_lowered": s.Overload.Lowered,
	} {
		out <- prometheus.MustNewConstMetric(m.counter, prometheus.CounterValue, float64(n), what)
	}
	for of, load := range map[string]float64{"cpu": s.Overload.CPU, "egress": s.Overload.Egress} {
		out <- prometheus.MustNewConstMetric(m.load, prometheus.GaugeValue, load, of)
	}
	for rung, n := range s.Overload.Now {
		out <- prometheus.MustNewConstMetric(m.granted, prometheus.GaugeValue, float64(n), rung)
	}
	for rung, n := range s.Overload.Newcomers {
		out <- prometheus.MustNewConstMetric(m.came, prometheus.CounterValue, float64(n), rung)
	}
	for reason, n := range s.Dropped {
		out <- prometheus.MustNewConstMetric(m.dropped, prometheus.CounterValue, float64(n), reason)
	}
}
