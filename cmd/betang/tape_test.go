package main

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"betang/signaling/cluster"
)

// tape notes the facts of an event as they come through Redis, and each home's token by which they came. It is an outsider's
// view: a home that was one no longer and still wrote would show as a token that goes back.
type tape struct {
	t    testing.TB
	work sync.WaitGroup
	stop context.CancelFunc

	mu      sync.Mutex
	entries []cluster.Entry // by number, from 1
}

func newTape(t *testing.T, f *fleet) *tape {
	ctx, cancel := context.WithCancel(t.Context())
	p := &tape{t: t, stop: cancel}
	p.work.Go(func() { p.follow(ctx, f.bus) })
	t.Cleanup(p.end)
	return p
}

func (p *tape) end() { p.stop(); p.work.Wait() }

func (p *tape) follow(ctx context.Context, bus cluster.Bus) {
	for ctx.Err() == nil {
		got, err := bus.Follow(ctx, demoID, int64(len(p.entries)), 1000, cluster.MaxWait)
		if err != nil && !errors.Is(err, context.Canceled) {
			runtimeYield() // Redis is dead
			continue
		}
		p.mu.Lock()
		for _, e := range got {
			if n := len(p.entries); n > 0 && e.Token < p.entries[n-1].Token {
				p.t.Errorf("fact %d came by token %d after one by %d: two homes", e.Seq, e.Token, p.entries[n-1].Token)
			}
			p.entries = append(p.entries, e)
		}
		p.mu.Unlock()
	}
}

// judge holds what came through Redis, then and now, to what the journal has.
func (p *tape) judge(f *fleet, journal []string) {
	t := f.t
	t.Helper()
	p.end()
	compare := func(when string, entries []cluster.Entry) {
		for _, e := range entries {
			if e.Seq > int64(len(journal)) || string(e.Body) != journal[e.Seq-1] {
				t.Errorf("%s fact %d in Redis was not the journal's: %s", when, e.Seq, e.Body)
				return
			}
		}
	}
	compare("then", p.entries)
	var after int64
	if n := len(p.entries); n > 0 {
		after = max(p.entries[0].Seq-1, int64(len(journal))-cluster.FactsKept) // half an hour of votes is more than are kept
	}
	homes := map[int64]bool{}
	for end := time.Now().Add(10 * time.Second); ; {
		got, err := f.bus.Follow(t.Context(), demoID, after, 1000, 0)
		if err != nil || time.Now().After(end) {
			t.Fatalf("the stream after %d: %v", after, err)
		}
		if len(got) == 0 {
			break
		}
		compare("now", got)
		after = got[len(got)-1].Seq
	}
	for _, e := range p.entries {
		homes[e.Token] = true
	}
	if int(after) != len(journal) {
		t.Errorf("the stream ends at fact %d, the journals at %d", after, len(journal))
	}
	t.Logf("%d facts by %d homes, one after the other", len(journal), len(homes))
}
