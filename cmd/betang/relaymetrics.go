package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"betang/sfu/relay"
)

// relayMetrics shows each link to another node.
type relayMetrics struct {
	node    *relay.Node
	up      *prometheus.Desc
	current *prometheus.Desc
	rtt     *prometheus.Desc
	path    *prometheus.Desc
	loss    *prometheus.Desc
	total   *prometheus.Desc
	delay   *prometheus.Desc
}

func newRelayMetrics(n *relay.Node) *relayMetrics {
	link := []string{"node"}
	return &relayMetrics{
		node:    n,
		up:      prometheus.NewDesc("betang_relay_up", "1: the link to the node is up.", link, nil),
		current: prometheus.NewDesc("betang_relay_current", "Sources and layers taken in from the node now, layers it takes from here, and of those the ones the path does not carry.", []string{"node", "of"}, nil),
		rtt:     prometheus.NewDesc("betang_relay_rtt_seconds", "Round trip of the link, smoothed.", link, nil),
		path:    prometheus.NewDesc("betang_relay_path_bits", "Bits a second that the path to the node is believed to carry; 0: the link is down.", link, nil),
		loss:    prometheus.NewDesc("betang_relay_loss_ratio", "Share of the packets lately sent to the node that it missed.", link, nil),
		total:   prometheus.NewDesc("betang_relay_total", "What went over the link since this server's start.", []string{"node", "what"}, nil),
		delay:   prometheus.NewDesc("betang_relay_delay_seconds", "One-way delay of the packets taken in, as far as the quickest ping tells how the clocks differ.", link, nil),
	}
}

// Describe names the families.
func (m *relayMetrics) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.up, m.current, m.rtt, m.path, m.loss, m.total, m.delay} {
		out <- d
	}
}

// Collect reads the links.
func (m *relayMetrics) Collect(out chan<- prometheus.Metric) {
	for _, l := range m.node.Links() {
		up := 0.0
		if l.Up {
			up = 1
		}
		out <- prometheus.MustNewConstMetric(m.up, prometheus.GaugeValue, up, l.Node)
		out <- prometheus.MustNewConstMetric(m.current, prometheus.GaugeValue, float64(l.Sources), l.Node, "sources_in")
		out <- prometheus.MustNewConstMetric(m.current, prometheus.GaugeValue, float64(l.Pulled), l.Node, "layers_in")
		out <- prometheus.MustNewConstMetric(m.current, prometheus.GaugeValue, float64(l.Layers), l.Node, "layers_out")
		out <- prometheus.MustNewConstMetric(m.current, prometheus.GaugeValue, float64(l.Held), l.Node, "layers_held")
		out <- prometheus.MustNewConstMetric(m.path, prometheus.GaugeValue, float64(l.Path), l.Node)
		out <- prometheus.MustNewConstMetric(m.loss, prometheus.GaugeValue, l.Loss, l.Node)
		out <- prometheus.MustNewConstMetric(m.rtt, prometheus.GaugeValue, l.RTT.Seconds(), l.Node)
		for what, n := range l.Totals {
			out <- prometheus.MustNewConstMetric(m.total, prometheus.CounterValue, float64(n), l.Node, what)
		}
		buckets, count := map[float64]uint64{}, uint64(0)
		for i, n := range l.Delays {
			if count += n; i < len(relay.DelayBounds) {
				buckets[relay.DelayBounds[i]] = count
			}
		}
		out <- prometheus.MustNewConstHistogram(m.delay, count, l.Delay.Seconds(), buckets, l.Node)
	}
}
