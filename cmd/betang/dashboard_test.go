package main

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// wantDashboard holds that every figure the dashboard file asks for is one that these servers give, with the labels it is asked for by.
func wantDashboard(t *testing.T, servers ...*server) {
	t.Helper()
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
	var given []string
	for _, s := range servers {
		given = slices.AppendSeq(given, maps.Keys(s.metrics()))
	}
	n := 0
	for _, p := range board.Panels {
		if len(p.Targets) == 0 {
			t.Errorf("%s asks for nothing", p.Title)
		}
		for _, target := range p.Targets {
			for _, m := range regexp.MustCompile(`(betang_\w+)(?:\{([^}]*)\})?`).FindAllStringSubmatch(target.Expr, -1) {
				n++
				if !slices.ContainsFunc(given, func(sample string) bool {
					name, labels, _ := strings.Cut(sample, "{")
					return name == m[1] && !slices.ContainsFunc(strings.Split(m[2], ","), func(l string) bool { return !strings.Contains(labels, l) })
				}) {
					t.Errorf("%s: no server gives %s", p.Title, m[0])
				}
			}
		}
	}
	if n < 18 {
		t.Errorf("%d figures on the dashboard", n)
	}
}
