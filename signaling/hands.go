package signaling

import (
	"sync"
)

// hands performs calls into the engine in order, off the hub's goroutine: closing a transport may take a while. Its
// queue is bounded by what it is about: a close for each peer, a scene for each change of the stage.
type hands struct {
	mu    sync.Mutex
	queue []func()
	over  bool
	note  chan struct{}
	done  chan struct{}
}

func (a *hands) start() {
	a.note = make(chan struct{}, 1)
	a.done = make(chan struct{})
	go a.run()
}

func (a *hands) do(f func()) {
	a.mu.Lock()
	a.queue = append(a.queue, f)
	a.mu.Unlock()
	a.wake()
}

func (a *hands) wake() {
	select {
	case a.note <- struct{}{}:
	default:
	}
}

func (a *hands) run() {
	defer close(a.done)
	for range a.note {
		a.mu.Lock()
		queue, over := a.queue, a.over
		a.queue = nil
		a.mu.Unlock()
		for _, f := range queue {
			f()
		}
		if over {
			return
		}
	}
}

// stop performs what is queued and ends.
func (a *hands) stop() {
	a.mu.Lock()
	a.over = true
	a.mu.Unlock()
	a.wake()
	<-a.done
}
