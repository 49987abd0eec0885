package signaling

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestOutboxProperties drives an outbox like a hub and a slow client do and holds: bounded; no hole between states;
// the newest mine and counts win; answers in order; whoever drains ends with the last revision; goodbye is last.
func TestOutboxProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var o outbox
		now := start
		rev := rapid.Int64Range(0, 5).Draw(t, "hello")
		o.start(rev)
		base := rev                // what the hub brought everyone to
		known := rev               // what the client has read
		from := map[string]int64{} // state's name -> what it needs
		var wantAnswers []string
		answers, states := 0, 0
		lastMine, lastCounts := "", ""
		over := false
		read := func() bool {
			it, last, ok := o.take()
			if !ok {
				if last {
					t.Fatal("a goodbye that is nothing")
				}
				return false
			}
			name := string(it.data)
			switch name[0] {
			case 'a':
				if name != wantAnswers[0] {
					t.Fatalf("answer %s, want %s", name, wantAnswers[0])
				}
				wantAnswers = wantAnswers[1:]
			case 's':
				if from[name] > known {
					t.Fatalf("state %s needs %d, client is at %d", name, from[name], known)
				}
				if it.to < known {
					t.Fatalf("state %s goes back from %d", name, known)
				}
				known = it.to
			case 'm':
				if name != lastMine {
					t.Fatalf("mine %s, newest is %s", name, lastMine)
				}
			case 'c':
				if name != lastCounts {
					t.Fatalf("counts %s, newest is %s", name, lastCounts)
				}
			case 'g':
				if !last || !over {
					t.Fatal("goodbye not last")
				}
			}
			if last && name[0] != 'g' {
				t.Fatalf("%s is last", name)
			}
			return true
		}
		serve := func() { // the hub's tick for one client
			if since, ok := o.behind(); ok {
				states++
				name := fmt.Sprintf("s%d", states)
				from[name] = since
				o.catchUp(item{data: []byte(name), to: rev})
			}
		}
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			now = now.Add(time.Second)
			switch rapid.IntRange(0, 7).Draw(t, "what") {
			case 0, 1, 2: // something happened in the room, and the tick
				rev += rapid.Int64Range(1, 3).Draw(t, "facts")
				states++
				name := fmt.Sprintf("s%d", states)
				from[name] = base
				o.state(now, base, item{data: []byte(name), to: rev})
				base = rev
				serve()
			case 3:
				answers++
				name := fmt.Sprintf("a%d", answers)
				room := len(wantAnswers) < maxAnswers || over
				if ok := o.answer(item{data: []byte(name)}); ok != room {
					t.Fatalf("answer taken: %v with %d waiting", ok, len(wantAnswers))
				} else if ok && !over {
					wantAnswers = append(wantAnswers, name)
				}
			case 4:
				answers++
				lastMine = fmt.Sprintf("m%d", answers)
				o.replace(latestMine, item{data: []byte(lastMine)})
			case 5:
				answers++
				lastCounts = fmt.Sprintf("c%d", answers)
				o.replace(latestCounts, item{data: []byte(lastCounts)})
			case 6:
				for range rapid.IntRange(1, 5).Draw(t, "reads") {
					read()
				}
			case 7:
				if rapid.IntRange(0, 30).Draw(t, "bye") == 0 && !over {
					over = true
					drop := rapid.Bool().Draw(t, "drop")
					if drop {
						wantAnswers = nil
					}
					o.goodbye(item{data: []byte("g")}, drop)
				}
			}
			if len(o.states) > maxStates || len(o.answers) > maxAnswers {
				t.Fatalf("%d states and %d answers wait", len(o.states), len(o.answers))
			}
		}
		for range 2 {
			for read() {
			}
			serve()
		}
		if !over && known != rev {
			t.Fatalf("drained at revision %d, the room is at %d", known, rev)
		}
		if len(wantAnswers) > 0 {
			t.Fatalf("never answered: %v", wantAnswers)
		}
	})
}

func TestOutboxSlow(t *testing.T) {
	var o outbox
	o.start(1)
	for i := range int64(maxStates + 1) {
		if o.slow(start.Add(time.Hour), slowAfter) {
			t.Fatal("slow before the queue was full")
		}
		o.state(start, i+1, item{data: []byte("s"), to: i + 2})
	}
	if o.slow(start.Add(slowAfter-1), slowAfter) || !o.slow(start.Add(slowAfter), slowAfter) {
		t.Error("slow does not begin after slowAfter")
	}
	if rev, ok := o.behind(); !ok || rev != 1 {
		t.Errorf("behind is %d, %v; want 1, true", rev, ok)
	}
}
