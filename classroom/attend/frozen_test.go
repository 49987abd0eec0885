package attend

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"strings"
	"testing"
)

var freeze = flag.Int("freeze", 0, "write testdata/ruleN.txt anew: only for a rule set by which nothing was ratified yet")

// frozen is one line of testdata/ruleN.txt: what went in and what came out on the day the rule set was made.
type frozen struct {
	Policy Policy
	Held   Held
	Spans  []Span
	Result Result
}

// TestRulesAreFrozen: whatever becomes of the program, each rule set gives the same bits for the same evidence. The files
// may grow; no line of them may ever change.
func TestRulesAreFrozen(t *testing.T) {
	for _, rule := range []int{Rule1, Rule2} {
		file := fmt.Sprintf("testdata/rule%d.txt", rule)
		if *freeze == rule {
			write(t, file, rule)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for line := range strings.Lines(string(text)) {
			var f frozen
			dec := json.NewDecoder(strings.NewReader(line))
			dec.DisallowUnknownFields()
			if err := dec.Decode(&f); err != nil {
				t.Fatal(file, err)
			}
			if got := Credit(f.Policy, f.Held, f.Spans); !reflect.DeepEqual(got, f.Result) {
				t.Errorf("%s, line %d: now %+v", file, n+1, got)
			}
			n++
		}
		if n < 60 {
			t.Errorf("%s: %d lines", file, n)
		}
	}
}

func write(t *testing.T, file string, rule int) {
	t.Helper()
	rng := rand.New(rand.NewPCG(uint64(rule), 2026))
	var b strings.Builder
	for range 60 {
		at := int64(1_795_485_600_000) // 24 November 2026, 09.00 WIB
		stretch := func(reach, longest int64) Interval {
			from := at + rng.Int64N(reach)
			return Interval{from, from + 1 + rng.Int64N(longest)}
		}
		f := frozen{Policy: policy1()}
		f.Policy.MinutesPerJP = []int{45, 60}[rng.IntN(2)]
		f.Policy.ThresholdPercent, f.Policy.BridgeSeconds = 40+rng.IntN(50), rng.IntN(30)
		classes := []Class{Socket, Delivered, Delivered, Decoded}
		if rule == Rule2 {
			f.Policy = DefaultPolicy()
			f.Policy.Rounding = []Rounding{RoundDown, RoundNearest, RoundUp}[rng.IntN(3)]
			f.Policy.Ceremony, f.Policy.CapJP = rng.IntN(3) == 0, rng.IntN(4)
			classes = append(classes, Scanned, Marked, Paper, Corrected, Voided)
			for range rng.IntN(3) {
				f.Held.Ceremony = append(f.Held.Ceremony, stretch(7_200_000, 600_000))
			}
		}
		for from := at; from < at+7_200_000; {
			to := from + 1_200_000 + rng.Int64N(3_600_000)
			f.Held.Live = append(f.Held.Live, Interval{from, to})
			from = to + rng.Int64N(300_000)
		}
		for i := range 2 + rng.IntN(9) {
			iv := stretch(7_200_000, 2_400_000)
			f.Spans = append(f.Spans, Span{
				Person: "p", Session: fmt.Sprint("s", i%3), Class: classes[rng.IntN(len(classes))], From: iv.From, To: iv.To,
			})
		}
		f.Result = Credit(f.Policy, f.Held, f.Spans)
		line, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(line, '\n'))
	}
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
