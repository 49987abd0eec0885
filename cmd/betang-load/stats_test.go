package main

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The histogram's quantiles are within 3.2 % of the sorted values'.
func TestHistogram(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		var a, b histogram
		var exact []time.Duration
		scale := int64(1) << d.IntN(50)
		for range 1 + d.IntN(500) {
			v := time.Duration(d.Int64N(scale + 1))
			exact = append(exact, v)
			if d.IntN(2) == 0 {
				a.add(v)
			} else {
				b.add(v)
			}
		}
		a.merge(&b)
		for _, q := range []float64{0, .5, .95, .99, 1} {
			got, want := a.quantile(q), quantile(exact, q)
			if diff := (got - want).Abs(); diff > want/31+1 {
				t.Fatalf("quantile %v of %d values: %d, want %d", q, len(exact), got, want)
			}
		}
	})
	var h histogram
	if h.quantile(.5) != 0 || quantile(nil, .5) != 0 {
		t.Fatal("a quantile of nothing")
	}
	h.add(-5)
	h.add(1<<63 - 1)
	if h.n != 2 {
		t.Fatal("extreme values not counted")
	}
}

func TestSequence(t *testing.T) {
	var s sequence
	if s.expected() != 0 {
		t.Fatal("something expected of nothing")
	}
	for _, c := range []struct {
		seq   uint16
		fresh bool
	}{
		{65534, true},
		{65535, true},
		{2, true},
		{1, true},
		{1, false},
		{2, false},
		{65533, false},
		{3, true},
		{3 + seenWindow, true},
		{3, false},
		{4, true},
		{3 + seenWindow, false},
	} {
		if _, fresh := s.observe(c.seq); fresh != c.fresh {
			t.Fatalf("observe(%d) = %v, want %v", c.seq, fresh, c.fresh)
		}
	}
	// 65534 65535 [0] 1 2 3 4 ... 8195
	if s.unique != 7 || s.expected() != 6+seenWindow {
		t.Fatalf("%d of %d", s.unique, s.expected())
	}
}

func TestFirstFrame(t *testing.T) {
	type step struct {
		ext      uint64
		stamp    uint32
		key, end bool
	}
	for name, c := range map[string]struct {
		steps []step
		at    int // the step that makes it whole, -1: none
	}{
		"in order":               {[]step{{10, 1, true, false}, {11, 1, false, false}, {12, 1, false, true}}, 2},
		"delta frames before":    {[]step{{8, 0, false, false}, {9, 0, false, true}, {10, 1, true, false}, {11, 1, false, true}}, 3},
		"end first":              {[]step{{12, 1, false, true}, {11, 1, false, false}, {10, 1, true, false}}, 2},
		"middle last":            {[]step{{10, 1, true, false}, {12, 1, false, true}, {13, 2, false, true}, {11, 1, false, false}}, 3},
		"a packet lost":          {[]step{{10, 1, true, false}, {12, 1, false, true}, {13, 2, false, true}}, -1},
		"lost, then a new one":   {[]step{{10, 1, true, false}, {12, 1, false, true}, {13, 2, true, false}, {14, 2, false, true}}, 3},
		"delta frames only":      {[]step{{10, 1, false, true}, {11, 2, false, true}}, -1},
		"one packet":             {[]step{{10, 1, true, true}}, 0},
		"told once":              {[]step{{10, 1, true, true}, {11, 2, true, true}}, 0},
		"frame without an end":   {[]step{{10, 1, true, false}, {11, 2, false, true}}, -1},
		"older keyframe ignored": {[]step{{12, 2, true, false}, {10, 1, true, true}}, -1},
	} {
		var f firstFrame
		got := -1
		for i, s := range c.steps {
			if f.observe(s.ext, s.stamp, s.key, s.end) {
				if got >= 0 {
					t.Errorf("%s: told twice", name)
				}
				got = i
			}
		}
		if got != c.at {
			t.Errorf("%s: whole at step %d, want %d", name, got, c.at)
		}
	}
}

func TestParseStat(t *testing.T) {
	const fields = " S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20"
	for in, want := range map[string]float64{
		"1 (betang)" + fields:         2,
		"1 (a) b (c) 9 9 9)" + fields: 2,
		"1 betang":                    -1,
		"1 (betang) S 1 2":            -1,
		"1 (betang)" + strings.Replace(fields, "150", "x", 1):    -1,
		"1 (betang)" + strings.Replace(fields, "50 0", "x 0", 1): -1,
	} {
		got, err := parseStat([]byte(in))
		if (err != nil) != (want < 0) || err == nil && got != want {
			t.Errorf("%q: %v, %v; want %v", in, got, err, want)
		}
	}
}
