package api

import (
	"sync"
	"time"
)

// guesses bounds tries at something secret per key. A try is taken before it is made, so that a burst of them cannot
// slip through together, and given back when it was right: only wrong ones cost. The budget refills evenly. It is the
// generic cell rate algorithm: what is spent of a key's budget is the time until it is whole again.
type guesses struct {
	cost   time.Duration // of one wrong try
	window time.Duration // time in which a spent budget is whole again

	mu    sync.Mutex
	whole map[string]time.Time // when each budget is whole; bounded: swept of past ones once a window, see take
	swept time.Time
}

// newGuesses allows limit wrong tries at once, at least 1.
func newGuesses(limit int, window time.Duration) *guesses {
	return &guesses{cost: window / time.Duration(limit), window: window, whole: map[string]time.Time{}}
}

// spentLocked gives what is spent of key's budget now.
func (g *guesses) spentLocked(now time.Time, key string) time.Duration {
	return max(0, g.whole[key].Sub(now))
}

// take takes one try, or tells how long until there is one.
func (g *guesses) take(now time.Time, key string) (wait time.Duration, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now.Sub(g.swept) > g.window {
		for k, at := range g.whole {
			if !at.After(now) {
				delete(g.whole, k)
			}
		}
		g.swept = now
	}
	spent := g.spentLocked(now, key) + g.cost
	if spent > g.window {
		return spent - g.window, false
	}
	g.whole[key] = now.Add(spent)
	return 0, true
}

// giveBack undoes a take whose try was right.
func (g *guesses) giveBack(now time.Time, key string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if spent := g.spentLocked(now, key) - g.cost; spent > 0 {
		g.whole[key] = now.Add(spent)
	} else {
		delete(g.whole, key)
	}
}
