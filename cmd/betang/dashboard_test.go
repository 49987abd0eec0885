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

// board is what a test needs to know of the dashboard file.
type board struct {
	Templating struct {
		List []struct{ Name string }
	}
	Panels []panel
}

type panel struct {
	ID                       int
	Type, Title, Description string
	Datasource               struct{ UID string }
	GridPos                  struct{ H, W, X, Y int }
	FieldConfig              struct{ Defaults struct{ Unit string } }
	Targets                  []struct{ Expr, LegendFormat string }
}

func readBoard(t *testing.T) (b board) {
	t.Helper()
	file, err := os.ReadFile("../../signaling/cluster/ops/grafana.json")
	if err == nil {
		err = json.Unmarshal(file, &b)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestDashboard: each panel has a name, a unit, a word on what to make of it and a place of its own, and tells whose each line is; what it names
// as variables is defined.
func TestDashboard(t *testing.T) {
	b := readBoard(t)
	defined := map[string]bool{}
	for _, v := range b.Templating.List {
		defined[v.Name] = true
	}
	ids, names, taken := map[int]bool{}, map[string]bool{}, map[[2]int]string{}
	for _, p := range b.Panels {
		if ids[p.ID] || names[p.Title] || p.Title == "" {
			t.Errorf("panel %d, %q: twice, or without a name", p.ID, p.Title)
		}
		ids[p.ID], names[p.Title] = true, true
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" || x >= 24 {
					t.Fatalf("%q lies over %q", p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
		if p.Type == "row" {
			continue
		}
		if p.Description == "" || p.FieldConfig.Defaults.Unit == "" || len(p.Targets) == 0 || p.Datasource.UID != "${source}" {
			t.Errorf("%q: %+v", p.Title, p)
		}
		for _, target := range p.Targets {
			if !strings.Contains(target.LegendFormat, "{{instance}}") || strings.Contains(target.Expr, "betang_relay_") != strings.Contains(target.LegendFormat, "{{node}}") {
				t.Errorf("%q: whose line is %q of %s?", p.Title, target.LegendFormat, target.Expr)
			}
			for _, v := range regexp.MustCompile(`\$\{?(\w+)`).FindAllStringSubmatch(target.Expr, -1) {
				if !defined[v[1]] {
					t.Errorf("%q: no variable %s", p.Title, v[0])
				}
			}
			depth := 0
			for _, c := range target.Expr {
				depth += strings.Count("([{", string(c)) - strings.Count(")]}", string(c))
			}
			if depth != 0 {
				t.Errorf("%q: brackets of %s", p.Title, target.Expr)
			}
			counts, grows := regexp.MustCompile(`_(total|bucket)\b`), regexp.MustCompile(`(rate|increase)\(`)
			if counts.MatchString(target.Expr) != grows.MatchString(target.Expr) {
				t.Errorf("%q: a counter is shown by its growth, a gauge as it is: %s", p.Title, target.Expr)
			}
		}
	}
}

// wantDashboard holds that every figure the dashboard asks for is one that these servers give, with the labels it is asked for by, and that
// nothing they tell of servers and links is missing on it.
func wantDashboard(t *testing.T, servers ...*server) {
	t.Helper()
	var given []string
	for _, s := range servers {
		given = slices.AppendSeq(given, maps.Keys(s.metrics()))
	}
	ask := regexp.MustCompile(`(betang_\w+)\{([^}]*)\}`)
	asked := map[string]bool{}
	for _, p := range readBoard(t).Panels {
		for _, target := range p.Targets {
			found := ask.FindAllStringSubmatch(target.Expr, -1)
			if len(found) != strings.Count(target.Expr, "betang_") {
				t.Errorf("%s: not understood: %s", p.Title, target.Expr)
			}
			for _, m := range found {
				asked[strings.TrimSuffix(m[1], "_bucket")] = true
				for _, of := range meant(t, m[2]) {
					if !slices.ContainsFunc(given, func(sample string) bool {
						name, labels, _ := strings.Cut(sample, "{")
						return name == m[1] && !slices.ContainsFunc(of, func(l string) bool { return !strings.Contains(labels, l) })
					}) {
						t.Errorf("%s: no server gives %s with %v", p.Title, m[1], of)
					}
				}
			}
		}
	}
	for _, sample := range given {
		name, _, _ := strings.Cut(sample, "{")
		name = regexp.MustCompile(`_(bucket|sum|count)$`).ReplaceAllString(name, "")
		if (strings.HasPrefix(name, "betang_relay_") || strings.HasPrefix(name, "betang_nodes_")) && !asked[name] {
			t.Errorf("the dashboard shows no %s", name)
			asked[name] = true
		}
	}
}

// meant takes a selector apart: the samples it names, each by its labels. Prometheus itself adds the instance.
func meant(t *testing.T, selector string) (all [][]string) {
	t.Helper()
	all = [][]string{nil}
	for _, l := range strings.Split(selector, ",") {
		name, value, ok := strings.Cut(l, "=")
		switch values, several := strings.CutPrefix(value, "~"); {
		case !ok:
			t.Errorf("a selector that is none: %s", selector)
		case name == "instance":
		case several:
			var more [][]string
			for _, v := range strings.Split(strings.Trim(values, `"`), "|") {
				for _, a := range all {
					more = append(more, append(slices.Clone(a), name+`="`+v+`"`))
				}
			}
			all = more
		default:
			for i := range all {
				all[i] = append(all[i], l)
			}
		}
	}
	return all
}
