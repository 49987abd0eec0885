package main

import (
	"encoding/json"
	"os"
	"regexp"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// TestDashboard: every figure that the dashboard file asks for is one that servers give.
func TestDashboard(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("../../signaling/cluster/ops/grafana.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Panels []struct {
			Title   string `json:"title"`
			Targets []struct {
				Expr string `json:"expr"`
			} `json:"targets"`
		} `json:"panels"`
	}
	if err := json.Unmarshal(file, &board); err != nil {
		t.Fatal(err)
	}
	given := metrics(nil, nil, nil, nil)
	given.MustRegister(newNodeMetrics(nil), newRelayMetrics(nil))
	n := 0
	for _, p := range board.Panels {
		for _, target := range p.Targets {
			for _, name := range regexp.MustCompile(`betang_\w+`).FindAllString(target.Expr, -1) {
				n++
				if given.Register(prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: "another"})) == nil {
					t.Errorf("%s: no server gives %s", p.Title, name)
				}
			}
		}
	}
	if n < 10 {
		t.Errorf("%d figures on the dashboard", n)
	}
}
