package sfu

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestEvidence(t *testing.T) {
	s := int64(time.Second)
	at := func(sec int64) int64 { return 1000*s + sec*s }
	var f evidence
	if _, ok := f.reported(5, 0, at(0)); ok {
		t.Fatal("a report before the first packet proves nothing")
	}
	for i := range int64(20) {
		f.sent(at(1) + i*s)
	}
	type want struct {
		from int64
		ok   bool
	}
	check := func(name string, highest uint32, fraction uint8, now, from int64, ok bool) {
		t.Helper()
		got, is := f.reported(highest, fraction, now)
		if (want{got, is}) != (want{from, ok}) {
			t.Errorf("%s: from %d s, %v", name, (got-1000*s)/s, is)
		}
	}
	check("first: from the first packet", 100, 0, at(6), at(1), true)
	check("next: from the last report", 200, 10, at(11), at(6), true)
	check("stands still", 200, 0, at(12), 0, false)
	check("all lost", 300, 255, at(13), 0, false)
	check("goes on after loss", 400, 0, at(14), at(13), true)
	check("no report vouches for more than 10 s", 500, 0, at(40), at(30), true)
	f.sent(at(100)) // after a pause
	check("a new flow", 600, 0, at(103), at(100), true)
	check("numbers wrap", 5, 0, at(104), 0, false)
	f.highest = 0xfffffff0
	check("numbers wrap forward", 5, 0, at(105), at(103), true)
}

// Whatever stretches come, what is taken is in order, apart, covers exactly their union, and is bounded.
func TestDeliveryIsTheUnion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var p delivery
		const ms = int64(time.Millisecond)
		covered := map[int64]bool{}
		now := int64(0)
		for range rapid.IntRange(0, 40).Draw(t, "n") {
			now += rapid.Int64Range(0, 10).Draw(t, "step")
			from := max(0, now-rapid.Int64Range(1, 12).Draw(t, "length"))
			p.add(from*ms, now*ms)
			for i := from; i < now; i++ {
				covered[i] = true
			}
		}
		last := int64(-1)
		for _, d := range p.take(nil, "v") {
			if d.Peer != "v" || d.From <= last || d.To < d.From {
				t.Fatalf("%+v after %d", d, last)
			}
			last = d.To
			for i := d.From; i < d.To; i++ {
				if !covered[i] {
					t.Fatalf("%d is not proven", i)
				}
				delete(covered, i)
			}
		}
		if len(covered) > 0 {
			t.Fatalf("%d ms lost", len(covered))
		}
		for i := range int64(3 * spanMost) {
			p.add(i*10*ms, (i*10+1)*ms)
		}
		if n := len(p.take(nil, "v")); n != spanMost {
			t.Fatalf("kept %d", n)
		}
	})
}

func TestClockFollows(t *testing.T) {
	var c clock
	s, ms := int64(time.Second), int64(time.Millisecond)
	theirs := int64(1_000_000) * s
	for i := range int64(100) {
		delay := (i * 7 % 40) * ms
		c.observe(theirs+i*s, theirs+i*s+5*s+20*ms+delay)
	}
	if d := c.ours(theirs) - theirs - 5*s; d < 20*ms || d > 40*ms {
		t.Errorf("offset off by %v", time.Duration(d))
	}
	c.observe(theirs, theirs+90*s) // their clock was set
	if d := c.ours(theirs) - theirs; d != 90*s {
		t.Errorf("after a step: %v", time.Duration(d))
	}
	if ns := int64(1_700_000_000_123_456_789); fromNTP(toNTP(ns))-ns > 1 || ns-fromNTP(toNTP(ns)) > 1 {
		t.Errorf("NTP there and back: %d", fromNTP(toNTP(ns))-ns)
	}
}

func TestBudget(t *testing.T) {
	var b budget
	now := int64(5 * time.Second)
	given := 0
	for range 1000 {
		if b.take(1000, budgetRate, now) {
			given++
		}
	}
	if given != budgetRoom/1000 {
		t.Errorf("%d packets at once", given)
	}
	given = 0
	for range 1000 {
		now += int64(time.Millisecond)
		if b.take(1000, budgetRate, now) {
			given++
		}
	}
	if given < budgetRate/1000-1 || given > budgetRate/1000 {
		t.Errorf("%d packets in a second", given)
	}
}
