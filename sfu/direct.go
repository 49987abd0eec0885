package sfu

// Direct implements Media.
func (e *Engine) Direct(router RouterID, id PeerID, scene *Scene) {
	p := e.find(router, id)
	if p == nil || p.view == nil {
		return
	}
	if scene != nil {
		s := scene.clone()
		scene = &s
		e.crowded(s)
	}
	r, v := p.router, p.view
	r.mu.Lock()
	defer r.mu.Unlock()
	v.own = scene
	if v.live.Load() && r.viewers[id] == v {
		v.assign(r.sourcesLocked(v))
	}
}

func (s Scene) clone() Scene {
	s.Audio = append([]PeerID(nil), s.Audio...)
	s.Tiles = append([]PeerID(nil), s.Tiles...)
	return s
}
