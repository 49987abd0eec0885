package api

import (
	"strings"
	"testing"
	"time"

	"betang/classroom"
)

// A report is taken only whole and plausible: anybody may send one.
func TestReadinessReport(t *testing.T) {
	good := ujiResult{Region: "62.02", Unit: "  Dinas   Kesehatan ", Verdict: "ready", Socket: true, Kbps: 1900, Loss: 3, RTT: 40}
	now := time.Now()
	r, err := good.check(now)
	if err != nil || r.Unit != "Dinas Kesehatan" || r.Verdict != classroom.ReadyWell || r.At != now {
		t.Fatalf("%+v, %v", r, err)
	}
	for what, spoil := range map[string]func(*ujiResult){
		"no unit":            func(q *ujiResult) { q.Unit = " " },
		"a long unit":        func(q *ujiResult) { q.Unit = strings.Repeat("x", 200) },
		"a turned unit":      func(q *ujiResult) { q.Unit = "a\u202eb" },
		"no regency":         func(q *ujiResult) { q.Region = "" },
		"an unknown regency": func(q *ujiResult) { q.Region = "99.99" },
		"no verdict":         func(q *ujiResult) { q.Verdict = "fine" },
		"a loss over all":    func(q *ujiResult) { q.Loss = 1001 },
		"a negative rate":    func(q *ujiResult) { q.Kbps = -1 },
		"an endless trip":    func(q *ujiResult) { q.RTT = maxReported + 1 },
	} {
		q := good
		spoil(&q)
		if _, err := q.check(now); classroom.KindOf(err) != classroom.Invalid {
			t.Errorf("%s: %v", what, err)
		}
	}
}
