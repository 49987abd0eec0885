package sfu

// held says what of a publisher goes to nobody. Guarded by Router.mu.
type held struct{ sound, picture bool }

// Hold implements Media. The publisher goes on sending and keeps its connection; it does not have to agree.
func (e *Engine) Hold(router RouterID, id PeerID, sound, picture bool) {
	p := e.find(router, id)
	if p == nil || p.pub == nil {
		return
	}
	r := p.router
	r.mu.Lock()
	defer r.mu.Unlock()
	if h := (held{sound, picture}); p.pub.held != h {
		p.pub.held = h
		r.assignLocked()
		e.moved()
	}
}

// forwarded are a publisher's tracks that may go out.
func (p *publisher) forwarded() (audio, video *Up) {
	if !p.held.sound {
		audio = p.audio()
	}
	if !p.held.picture {
		video = p.video()
	}
	return audio, video
}
