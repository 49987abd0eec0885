package sfu

// Quiet is how long nothing has come from a publisher.
type Quiet struct {
	Peer PeerID
	Ms   int64
}

// Quiets appends how long each publisher of a router has sent no media. One whose media has yet to begin is left out.
func (e *Engine) Quiets(router RouterID, dst []Quiet) []Quiet {
	r := e.router(router)
	if r == nil {
		return dst
	}
	now := e.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.pubs {
		last := int64(0)
		for _, up := range []*Up{p.audio(), p.video()} {
			if up == nil {
				continue
			}
			for _, l := range up.all() {
				last = max(last, l.arrived.Load())
			}
		}
		if last > 0 {
			dst = append(dst, Quiet{p.id, max(0, now-last) / 1_000_000})
		}
	}
	return dst
}
