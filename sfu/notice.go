package sfu

import "sync"

// notices is what the listener is still to be told, in order. It is bounded by the peers' changes of state, which ICE
// timeouts keep to a few a second for each; Gone is never lost.
type notices struct {
	wake chan struct{} // one token

	mu    sync.Mutex
	queue []notice
}

type notice struct {
	peer  PeerID
	state PeerState
}

func (n *notices) push(id PeerID, s PeerState) {
	n.mu.Lock()
	n.queue = append(n.queue, notice{id, s})
	n.mu.Unlock()
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// runNotices is the one goroutine that calls the listener. On stop it tells what is left.
func (e *Engine) runNotices() {
	var batch []notice
	for stopped := false; !stopped; {
		select {
		case <-e.notices.wake:
		case <-e.stop:
			stopped = true
		}
		e.notices.mu.Lock()
		batch, e.notices.queue = e.notices.queue, batch[:0]
		e.notices.mu.Unlock()
		l := e.listener.Load()
		for _, n := range batch {
			if l != nil {
				(*l).PeerChanged(n.peer, n.state)
			}
		}
	}
}
