package api

import (
	"math"
	"sync"
	"time"
)

// guesses bounds tries at something secret per key. A try is taken before it is made, so that a burst of them cannot
// slip through together, and given back when it was right: only wrong ones cost. The budget refills evenly.
type guesses struct {
	limit  float64       // wrong tries that may come at once
	window time.Duration // time in which a spent budget is whole again

	mu    sync.Mutex
	spent map[string]spending // bounded: swept of whole budgets once a window, see take
	swept time.Time
}

type spending struct {
	n  float64
	at time.Time
}

func newGuesses(limit int, window time.Duration) *guesses {
	return &guesses{limit: float64(limit), window: window, spent: map[string]spending{}}
}

// spentLocked gives what is spent of key's budget now.
func (g *guesses) spentLocked(now time.Time, key string) float64 {
	s := g.spent[key]
	return max(0, s.n-g.limit*float64(now.Sub(s.at))/float64(g.window))
}

// take takes one try, or tells how long until there is one.
func (g *guesses) take(now time.Time, key string) (wait time.Duration, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now.Sub(g.swept) > g.window {
		for k := range g.spent {
			if g.spentLocked(now, k) == 0 {
				delete(g.spent, k)
			}
		}
		g.swept = now
	}
	n := g.spentLocked(now, key)
	if n+1 > g.limit {
		return time.Duration(math.Ceil((n + 1 - g.limit) / g.limit * float64(g.window))), false
	}
	g.spent[key] = spending{n + 1, now}
	return 0, true
}

// giveBack undoes a take whose try was right.
func (g *guesses) giveBack(now time.Time, key string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if n := g.spentLocked(now, key) - 1; n > 0 {
		g.spent[key] = spending{n, now}
	} else {
		delete(g.spent, key)
	}
}
