package checks

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

var plan = Plan{Every: 20 * 60_000, Window: 90_000}

// TestMomentsAreSpread: no moment is likelier than another, none can be told from another person's, event's or the one
// before, and each lies in its stretch with its window.
func TestMomentsAreSpread(t *testing.T) {
	secret := []byte("secret of this server, 32 bytes.")
	const people, parts = 10_000, 10
	lead := plan.Every / 10
	width := plan.Every - plan.Window - lead
	for n := range 3 {
		var hist [parts]int
		most, perSecond := 0, map[int64]int{}
		for i := range people {
			at := plan.At(secret, "demo", fmt.Sprint("p", i), n) - int64(n)*plan.Every
			if at < lead || at >= plan.Every-plan.Window {
				t.Fatalf("check %d at %d of its stretch", n, at)
			}
			hist[(at-lead)*parts/width]++
			perSecond[at/1000]++
			most = max(most, perSecond[at/1000])
		}
		for i, got := range hist {
			if got < people/parts*85/100 || got > people/parts*115/100 {
				t.Errorf("check %d: %d of %d people in part %d of %d", n, got, people, i, parts)
			}
		}
		if most > 40 {
			t.Errorf("check %d: %d people asked in one second, of %d", n, most, people)
		}
	}
	same := 0
	for i := range 1000 {
		p := fmt.Sprint("p", i)
		if first, again := plan.At(secret, "demo", p, 0), plan.At(secret, "demo", p, 0); first != again {
			t.Fatal("not a function")
		}
		if plan.At(secret, "demo", p, 0) == plan.At([]byte("another secret"), "demo", p, 0) || plan.At(secret, "demo", p, 0) == plan.At(secret, "demo-2", p, 0) {
			same++
		}
	}
	if same > 10 {
		t.Errorf("%d of 1000 moments do not depend on secret and event", same)
	}
}

// TestWatch is a model: whatever happens, only somebody reachable through the whole window misses; every check has one
// outcome at most; answers count once.
func TestWatch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var w Watch
		at := func(n int) int64 { return plan.At([]byte("k"), "e", "p", n) }
		now, live, start := int64(1_000_000), int64(0), int64(0)
		running, reachable, whole := true, true, false
		over := map[int]string{}
		for range rapid.IntRange(10, 400).Draw(t, "steps") {
			dt := rapid.SampledFrom([]int64{1000, 1000, 1000, 30_000, 60_000, 1_000_000}).Draw(t, "dt")
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0:
				running = !running
			case 1:
				reachable = !reachable
			case 2:
				n, _, _, open := w.Open()
				after, ok := w.Answer(n, now)
				if ok != open || ok && (after < 0 || after >= plan.Window) {
					t.Fatalf("answer to %d: %v after %d", n, ok, after)
				}
				if ok {
					over[n] += Answered
				}
				if _, again := w.Answer(n, now); again {
					t.Fatal("answered twice")
				}
			}
			now += dt
			if running {
				live += dt
			}
			n, _, _, open := w.Open()
			if open && (!running || !reachable) {
				whole = false
			}
			asked, outcome := w.Step(plan, at, now, live, running, reachable)
			switch {
			case asked:
				k, from, until, _ := w.Open()
				if !running || !reachable || open || from != now || until != now+plan.Window || over[k] != "" || live < at(k) || live-at(k) > late {
					t.Fatalf("check %d asked at live %d, its moment is %d", k, live, at(k))
				}
				start, whole = now, true
			case outcome != "":
				over[n] += outcome
				if outcome == Missed && (!whole || now-start < plan.Window) {
					t.Fatalf("check %d missed after %d ms, reachable throughout: %v", n, now-start, whole)
				}
			}
			for n, o := range over {
				if o != Answered && o != Missed && o != Excused {
					t.Fatalf("check %d has the outcomes %s", n, o)
				}
			}
		}
	})
}

func TestWatchGoesOnAfterRestart(t *testing.T) {
	var w Watch
	at := func(n int) int64 { return int64(n)*plan.Every + 300_000 }
	w.Skip(2)
	if asked, _ := w.Step(plan, at, 5, 2*plan.Every+300_000, true, true); !asked {
		t.Fatal("check 2 is not asked")
	}
	if n, _, _, _ := w.Open(); n != 2 {
		t.Errorf("check %d stands", n)
	}
	if asked, outcome := w.Step(Plan{}, at, 6, 2*plan.Every+300_001, true, true); asked || outcome != "" {
		t.Error("the check vanished")
	}
	if asked, _ := new(Watch).Step(Plan{}, at, 5, 300_000, true, true); asked {
		t.Error("a plan that is off asks")
	}
}
