package attend

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestVectors holds credit to the table that an official can read.
func TestVectors(t *testing.T) {
	text, err := os.ReadFile("testdata/jp.txt")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for row := range strings.Lines(string(text)) {
		f := strings.Split(row, "|")
		if strings.HasPrefix(row, "#") {
			continue
		}
		if len(f) != 8 {
			t.Fatalf("%q has %d fields", row, len(f))
		}
		p := DefaultPolicy()
		var want [3]int
		if _, err := fmt.Sscan(f[1]+f[2]+strings.Join(f[5:], " "), &p.MinutesPerJP, &p.ThresholdPercent, &want[0], &want[1], &want[2]); err != nil {
			t.Fatal(row, err)
		}
		var spans []Span
		for i, iv := range clocks(t, f[4]) {
			spans = append(spans, Span{Person: "p", Session: fmt.Sprint(i), Class: Delivered, From: iv.From, To: iv.To})
		}
		r := Credit(p, clocks(t, f[3]), spans)
		if got := [3]int{r.Seconds, r.Percent, r.JP}; got != want {
			t.Errorf("%s: %v, want %v", strings.TrimSpace(f[0]), got, want)
		}
		n++
	}
	if n < 10 {
		t.Errorf("%d rows", n)
	}
}

func clocks(t *testing.T, s string) Window {
	t.Helper()
	var w Window
	for _, part := range strings.Fields(s) {
		var a, b [3]int64
		if _, err := fmt.Sscanf(part, "%d:%d:%d-%d:%d:%d", &a[0], &a[1], &a[2], &b[0], &b[1], &b[2]); err != nil {
			t.Fatal(part, err)
		}
		w = append(w, Interval{((a[0]*60+a[1])*60 + a[2]) * 1000, ((b[0]*60+b[1])*60 + b[2]) * 1000})
	}
	return w
}
