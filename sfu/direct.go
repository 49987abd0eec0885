package sfu

import "slices"

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
	v.small.Store(scene != nil && scene.Small)
	if v.live.Load() && r.viewers[id] == v {
		v.assign(r.sourcesLocked(v))
	}
}

// Equal tells whether two scenes fill the slots alike.
func (s Scene) Equal(o Scene) bool {
	return s.Main == o.Main && s.Second == o.Second && s.Interpreter == o.Interpreter && slices.Equal(s.Audio, o.Audio) &&
		slices.Equal(s.Tiles, o.Tiles) && s.Small == o.Small && s.Hush == o.Hush && s.Shared == o.Shared
}

func (s Scene) clone() Scene {
	s.Audio = append([]PeerID(nil), s.Audio...)
	s.Tiles = append([]PeerID(nil), s.Tiles...)
	return s
}
