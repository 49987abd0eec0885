package sfu

import "sync"

// The slots of a viewer, by kind and in the order of its m-lines.
const (
	audioSlots = 3
	stageSlots = 3                      // main, second, interpreter
	videoSlots = stageSlots + TileSlots // and, where a viewer offers so many m-lines, the gallery's
)

// sources says which track fills which slot; nil leaves it silent.
type sources struct {
	audio [audioSlots]*Up
	video [videoSlots]*Up
	share Shared
}

// Router is one event: its publishers' tracks go to the slots of its viewers, as the scene says.
type Router struct {
	e      *Engine
	id     RouterID
	peers  int  // reserved ids; guarded by Engine.mu
	staged bool // has a scene; guarded by Engine.mu

	mu      sync.Mutex
	scene   Scene
	cast    cast
	pubs    map[PeerID]*publisher
	viewers map[PeerID]*viewer // those whose transport is up, and before that: see viewer.live
}

func newRouter(e *Engine, id RouterID) *Router {
	return &Router{e: e, id: id, pubs: map[PeerID]*publisher{}, viewers: map[PeerID]*viewer{}}
}

func (s Scene) empty() bool {
	return s.Main == "" && s.Second == "" && s.Interpreter == "" && len(s.Audio) == 0 && len(s.Tiles) == 0 && !s.Hush
}

// add takes a peer in. Its media flows once it is connected.
func (r *Router) add(p *peer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p.pub != nil {
		r.pubs[p.id] = p.pub
		r.e.count.publishers.Add(1)
		r.assignLocked()
		r.e.moved()
		return
	}
	r.viewers[p.id] = p.view
	if len(r.viewers) == 1 {
		r.e.moved()
	}
	r.e.count.viewers.Add(1)
}

// connected starts a viewer's slots: before that pion drops what is written.
func (r *Router) connected(p *peer) {
	if p.view == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.viewers[p.id] != p.view {
		return
	}
	p.view.live.Store(true)
	p.view.assign(r.sourcesLocked(p.view))
}

// remove takes a peer out. A publisher's slots fall silent.
func (r *Router) remove(p *peer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p.pub != nil && r.pubs[p.id] == p.pub {
		delete(r.pubs, p.id)
		r.e.count.publishers.Add(-1)
		r.assignLocked()
		r.e.moved()
	}
	if p.view != nil && r.viewers[p.id] == p.view {
		delete(r.viewers, p.id)
		r.e.count.viewers.Add(-1)
		if len(r.viewers) == 0 {
			r.e.moved()
		}
	}
}

func (r *Router) setScene(s Scene) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.scene = s.clone()
	r.assignLocked()
	r.e.moved()
	r.e.crowded(s)
}

// sourcesLocked translates the scene: a viewer's own, if it has one.
func (r *Router) sourcesLocked(v *viewer) sources {
	if v.own != nil {
		return r.translateLocked(*v.own, &v.cast)
	}
	return r.translateLocked(r.scene, &r.cast)
}

func (r *Router) translateLocked(scene Scene, c *cast) sources {
	s := sources{share: scene.Shared}
	pictures := [videoSlots]PeerID{scene.Main, scene.Second, scene.Interpreter}
	copy(pictures[stageSlots:], scene.Tiles)
	for i, id := range pictures {
		if p := r.pubs[id]; p != nil {
			_, s.video[i] = p.forwarded()
		}
	}
	voices := scene.Audio
	if len(voices) > audioSlots {
		r.electLocked(c, voices, r.e.now())
		voices = c.now[:]
	}
	for i, id := range voices {
		if p := r.pubs[id]; p != nil {
			s.audio[i], _ = p.forwarded()
		}
	}
	if scene.Hush && s.audio == [audioSlots]*Up{} {
		s.audio[0] = r.e.hush()
	}
	return s
}

// assignLocked tells all viewers their sources; those that have them already ignore it.
func (r *Router) assignLocked() {
	s := r.translateLocked(r.scene, &r.cast)
	for _, v := range r.viewers {
		switch {
		case v.live.Load() && v.own != nil:
			v.assign(r.sourcesLocked(v))
		case v.live.Load():
			v.assign(s)
		}
	}
}

func (r *Router) deliveries(dst []Delivery) []Delivery {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, v := range r.viewers {
		dst = v.proof.take(dst, v.id)
	}
	return dst
}
