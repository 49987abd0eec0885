package relay

import (
	"slices"
	"strings"
	"time"

	"betang/sfu"
	"betang/sfu/codec"
	"betang/sfu/relay/hop"
)

// idle is the longest that run sleeps.
const idle = time.Second

// run is the goroutine that owns all links.
func (n *Node) run() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	defer n.end()
	for {
		changed := false
		select {
		case <-n.ctx.Done():
			return
		case <-n.engine.Moves():
			changed = true
		case <-n.wake:
		case <-timer.C:
		}
		changed = n.recap.Swap(false) || changed
		now := time.Now()
		n.empty(now)
		if n.watch.Swap(false) || changed {
			n.look(now)
		}
		n.need(now)
		next := n.turn(now, changed)
		n.report()
		timer.Reset(max(time.Until(next), time.Millisecond))
	}
}

// end ends everything.
func (n *Node) end() {
	for k, t := range n.remotes {
		n.hide(k, t)
	}
	for _, p := range n.peers {
		if p.session != nil {
			p.session.end()
		}
	}
	n.mu.Lock()
	opened := n.opened
	n.mu.Unlock()
	for _, s := range opened {
		_ = s.conn.Close()
		_ = s.line.Close()
	}
}

// empty takes in what waits in the mailbox.
func (n *Node) empty(now time.Time) {
	n.mu.Lock()
	mail, opened, failed, ended := n.mail, n.opened, n.failed, n.ended
	n.mail, n.opened, n.failed, n.ended = nil, nil, nil, nil
	var peering []Peer
	anew := n.anew
	if anew {
		peering, n.anew = n.peering, false
	}
	n.mu.Unlock()
	if anew {
		n.meet(now, peering)
	}
	for _, s := range ended {
		if p := n.peerOf(s); p != nil {
			n.down(now, p)
		}
	}
	for _, name := range failed {
		if p := n.peers[name]; p != nil && p.dial != nil && p.session == nil {
			p.dial.Down(now)
		}
	}
	for _, s := range opened {
		n.attach(now, s)
	}
	for _, l := range mail {
		if p := n.peerOf(l.from); p != nil {
			n.hear(now, p, l.m)
		}
	}
}

func (n *Node) peerOf(s *session) *peer {
	for _, p := range n.peers {
		if p.session == s {
			return p
		}
	}
	return nil
}

// meet takes the neighbours as they are named now.
func (n *Node) meet(now time.Time, list []Peer) {
	named := map[string]bool{}
	known := map[string]string{}
	for _, c := range list {
		if id := nodeID(c.Key); id == n.id {
			continue
		}
		named[c.Name] = true
		known[string(c.Key)] = c.Name
		p := n.peers[c.Name]
		if p != nil && !p.Key.Equal(c.Key) {
			n.part(now, p)
			p = nil
		}
		if p == nil {
			p = &peer{pull: hop.Pull{Self: n.id}, remotes: map[uint32]*sfu.Remote{}}
			n.peers[c.Name] = p
		}
		p.Peer = c
		id := nodeID(c.Key)
		dials := len(c.Addrs) > 0 && (!n.reachable || slices.Compare(n.id[:], id[:]) < 0)
		switch {
		case dials && p.dial == nil:
			p.dial = hop.NewDial(now, seed())
		case !dials:
			p.dial = nil
		}
	}
	n.known.Store(&known)
	for name, p := range n.peers {
		if !named[name] {
			n.part(now, p)
		}
	}
}

// part forgets a neighbour.
func (n *Node) part(now time.Time, p *peer) {
	if p.session != nil {
		n.down(now, p)
	}
	for k, t := range n.remotes {
		if t.via == p {
			n.hide(k, t)
		}
	}
	for k, name := range n.asked {
		if name == p.Name {
			delete(n.asked, k)
		}
	}
	delete(n.peers, p.Name)
}

// attach takes a new session for the neighbour's only one.
func (n *Node) attach(now time.Time, s *session) {
	p := n.peers[(*n.known.Load())[string(s.key)]]
	if p == nil {
		_ = s.conn.Close()
		_ = s.line.Close()
		return
	}
	if p.session != nil {
		n.down(now, p)
	}
	p.session = s
	p.stats.sessions.Add(1)
	if p.dial != nil {
		p.dial.Up(now)
	}
	s.taken.Store(clone(p.remotes))
	s.begin(&p.stats)
	for _, t := range n.remotes {
		if t.via == p {
			t.link.session.Store(s)
		}
	}
	n.log.Info("link up", "node", p.Name, "to", s.line.to.String())
	n.do(p, p.pull.Step(nil, now, hop.Up{}))
}

// down ends a neighbour's session.
func (n *Node) down(now time.Time, p *peer) {
	s := p.session
	p.session = nil
	s.end()
	n.log.Info("link down", "node", p.Name)
	if p.dial != nil {
		p.dial.Down(now)
	}
	p.serve.Close(nil) // the pump has closed its taps
	for _, t := range n.remotes {
		if t.via == p {
			t.link.session.Store(nil)
		}
	}
	n.do(p, p.pull.Step(nil, now, hop.Down{}))
}

// look sees which layers have viewers.
func (n *Node) look(now time.Time) {
	for k, t := range n.remotes {
		t.layers = t.remote.Follows(t.layers[:0])
		n.do(t.via, t.via.pull.Step(nil, now, hop.Watch{Key: k, Layers: t.layers}))
	}
}

// need works out what is needed from elsewhere, and of whom.
func (n *Node) need(now time.Time) {
	needed := n.needs()
	for k, name := range n.asked {
		if needed[k] != name {
			delete(n.asked, k)
			if p := n.peers[name]; p != nil {
				n.do(p, p.pull.Step(nil, now, hop.Need{Key: k}))
			}
			n.leave(k)
		}
	}
	for k, name := range needed {
		if p := n.peers[name]; p != nil && n.asked[k] != name {
			n.asked[k] = name
			n.do(p, p.pull.Step(nil, now, hop.Need{Key: k, On: true}))
		}
	}
}

func (n *Node) needs() map[hop.Key]string {
	needed := map[hop.Key]string{}
	n.mu.Lock()
	for router, list := range n.wants {
		for _, s := range list {
			needed[hop.Key{Router: string(router), Source: string(s.ID)}] = n.through(s.Node)
		}
	}
	n.mu.Unlock()
	var asked []hop.Key
	for _, p := range n.peers {
		if p.Name == n.from {
			continue // what comes from there is not wanted from here
		}
		for _, k := range p.serve.Wants(nil) {
			if via := n.route(k); via != "" && via != p.Name {
				needed[k] = via
				asked = append(asked, k)
			}
		}
	}
	if n.from == "" {
		return needed
	}
	routers := n.engine.Watched(nil)
	for _, k := range asked {
		routers = append(routers, sfu.RouterID(k.Router))
	}
	for _, r := range routers {
		needed[hop.Key{Router: string(r)}] = n.from
		scene, _ := n.engine.SceneOf(r)
		for _, id := range slices.Concat([]sfu.PeerID{scene.Main, scene.Second, scene.Interpreter}, scene.Audio, scene.Tiles) {
			k := hop.Key{Router: string(r), Source: string(id)}
			if id != "" && n.route(k) != "" {
				needed[k] = n.from
			}
		}
	}
	return needed
}

// route is the neighbour from which a key is taken in; "": none, or it is our own.
func (n *Node) route(k hop.Key) string {
	if k.Source != "" {
		if s, ok := n.engine.Source(sfu.RouterID(k.Router), sfu.PeerID(k.Source)); ok && s.Remote == nil {
			return ""
		}
	}
	if n.from != "" || k.Source == "" {
		return n.from
	}
	if i := strings.LastIndexByte(k.Source, '.'); i >= 0 && n.peers[k.Source[i+1:]] != nil {
		return n.through(k.Source[i+1:]) // ids of a cluster end in the name of the node they are at
	}
	return ""
}

// through is the neighbour from which what is at a node is taken.
func (n *Node) through(node string) string {
	if p := n.peers[node]; p != nil && p.Via != "" && n.peers[p.Via] != nil {
		return p.Via
	}
	return node
}

// turn does what is due on every link, and says when something is due again.
func (n *Node) turn(now time.Time, changed bool) time.Time {
	next := now.Add(idle)
	see := func(t time.Time, ok bool) {
		if ok && t.Before(next) {
			next = t
		}
	}
	for _, p := range n.peers {
		if p.dial != nil && p.session == nil && p.dial.Due(now) {
			n.work.Go(func() { n.dialOut(p.Peer) })
		}
		n.do(p, p.pull.Step(nil, now, hop.Tick{}))
		n.do(p, p.serve.Tick(nil, now, changed))
		see(p.pull.Next())
		see(p.serve.Next())
		if p.dial != nil {
			see(p.dial.Next())
		}
	}
	return next
}

// hear takes a neighbour's message in.
func (n *Node) hear(now time.Time, p *peer, m hop.Message) {
	switch m := m.(type) {
	case hop.Want:
		n.do(p, p.serve.Asked(nil, now, m))
	case hop.Source:
		for _, e := range p.pull.Step(nil, now, hop.Heard{Key: m.Key, Echo: m.Echo, Known: m.Known, Path: m.Path}) {
			if show, ok := e.(hop.Show); ok && show.Key == m.Key {
				n.show(now, p, m)
				continue
			}
			n.do(p, []hop.Effect{e})
		}
	case hop.Scene:
		k := hop.Key{Router: m.Router}
		for _, e := range p.pull.Step(nil, now, hop.Heard{Key: k, Echo: m.Echo, Known: m.Known, Path: m.Path}) {
			if show, ok := e.(hop.Show); ok && show.Key == k {
				n.scenes[sfu.RouterID(m.Router)] = m.Path
				if s, is := n.engine.SceneOf(sfu.RouterID(m.Router)); !is || !sceneOf(m).Equal(s) {
					n.engine.SetScene(sfu.RouterID(m.Router), sceneOf(m))
				}
				continue
			}
			n.do(p, []hop.Effect{e})
		}
	}
}

// do performs effects.
func (n *Node) do(p *peer, list []hop.Effect) {
	for _, e := range list {
		switch e := e.(type) {
		case hop.Want:
			if p.session != nil {
				p.session.send(e)
			}
		case hop.Hide:
			n.leave(e.Key)
		case hop.Start:
			n.supply(p, e.Key)
		case hop.Stop:
			n.supply(p, e.Key)
		case hop.Tell:
			n.supply(p, e.Key)
			n.answer(p, e)
		}
	}
}

// leave takes out what is not needed, or not there, any more.
func (n *Node) leave(k hop.Key) {
	if k.Source == "" {
		if _, ok := n.scenes[sfu.RouterID(k.Router)]; ok {
			delete(n.scenes, sfu.RouterID(k.Router))
			n.engine.SetScene(sfu.RouterID(k.Router), sfu.Scene{})
		}
		return
	}
	if t := n.remotes[k]; t != nil {
		n.hide(k, t)
	}
}

// show takes a source in, or what is new of it.
func (n *Node) show(now time.Time, p *peer, m hop.Source) {
	t := n.remotes[m.Key]
	if t == nil {
		u := &upstream{n: n}
		u.session.Store(p.session)
		r, err := n.engine.Bring(sfu.RouterID(m.Router), sfu.PeerID(m.Source), u)
		if err != nil {
			n.log.Debug("a source is not taken in", "source", m.Source, "err", err)
			return // its next description tries again
		}
		t = &taken{remote: r, via: p, link: u}
		n.remotes[m.Key] = t
	}
	t.path = m.Path
	s := sfu.Source{Loud: m.Loud}
	for l, r := range p.remotes {
		if r == t.remote && !slices.ContainsFunc(m.Layers, func(d hop.Layer) bool { return d.ID == l }) {
			delete(p.remotes, l)
		}
	}
	for _, l := range m.Layers {
		d := sfu.SourceLayer{
			ID: l.ID, SSRC: l.SSRC, Codec: codec.Kind(l.Codec), Profile: l.Profile, Live: l.Live, Held: l.Held, Pixels: l.Pixels, Rate: int64(l.Rate),
			Timed: l.Timed, At: l.At, Stamp: l.Stamp,
		}
		for i := range d.TIDs {
			d.TIDs[i] = int64(l.TIDs[i])
		}
		s.Layers = append(s.Layers, d)
		p.remotes[l.ID] = t.remote
	}
	t.remote.Describe(s)
	if p.session != nil {
		p.session.taken.Store(clone(p.remotes))
	}
	t.layers = t.remote.Follows(t.layers[:0])
	n.do(p, p.pull.Step(nil, now, hop.Watch{Key: m.Key, Layers: t.layers}))
}

// hide takes a source out.
func (n *Node) hide(k hop.Key, t *taken) {
	delete(n.remotes, k)
	for l, r := range t.via.remotes {
		if r == t.remote {
			delete(t.via.remotes, l)
		}
	}
	if s := t.via.session; s != nil {
		s.taken.Store(clone(t.via.remotes))
	}
	t.remote.Close()
}

func clone(m map[uint32]*sfu.Remote) *map[uint32]*sfu.Remote {
	c := make(map[uint32]*sfu.Remote, len(m))
	for k, v := range m {
		c[k] = v
	}
	return &c
}
