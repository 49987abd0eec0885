package relay

import (
	"math"
	"slices"
	"sync/atomic"
	"time"

	"betang/sfu"
	"betang/sfu/relay/hop"
)

// supply has the pump send what a neighbour wants of a source, as far as it may go out now.
func (n *Node) supply(p *peer, k hop.Key) {
	if p.session == nil || k.Source == "" {
		return
	}
	var layers []uint32
	if s, ok := n.source(p, k); ok {
		for _, l := range s.Layers {
			if slices.Contains(p.serve.Layers(k), l.ID) {
				layers = append(layers, l.ID)
			}
		}
	}
	p.session.order(order{open: &opening{k, layers}})
}

// source is what a neighbour may have of a source: nothing of what comes from itself.
func (n *Node) source(p *peer, k hop.Key) (sfu.Source, bool) {
	if t := n.remotes[k]; t != nil && t.via == p {
		return sfu.Source{}, false
	}
	return n.engine.Source(sfu.RouterID(k.Router), sfu.PeerID(k.Source))
}

// answer tells a neighbour what there is of what it wants.
func (n *Node) answer(p *peer, t hop.Tell) {
	if p.session == nil {
		return
	}
	if t.Source == "" {
		p.session.send(n.scene(p, t))
		return
	}
	m := hop.Source{Key: t.Key, Echo: t.Echo}
	held := *p.session.held.Load()
	s, ok := n.source(p, t.Key)
	if ok {
		m.Known, m.Loud, m.Path = true, s.Loud, []hop.NodeID{n.id}
		if r := n.remotes[t.Key]; r != nil {
			m.Path = append(m.Path, r.path...)
		}
		for _, l := range s.Layers {
			d := hop.Layer{
				ID: l.ID, SSRC: l.SSRC, Codec: uint8(l.Codec), Profile: l.Profile, Live: l.Live, Held: l.Held || held[l.ID], Pixels: l.Pixels, Rate: rate(l.Rate),
				Timed: l.Timed, At: l.At, Stamp: l.Stamp,
			}
			for i := range d.TIDs {
				d.TIDs[i] = rate(l.TIDs[i])
			}
			m.Layers = append(m.Layers, d)
		}
	}
	p.session.send(m)
}

// sceneRoom is what a scene may have of a datagram.
const sceneRoom = 1300

func rate(r int64) uint32 { return uint32(min(max(r, 0), math.MaxUint32)) }

func (n *Node) scene(p *peer, t hop.Tell) hop.Scene {
	m := hop.Scene{Router: t.Router, Echo: t.Echo}
	path, foreign := n.scenes[sfu.RouterID(t.Router)]
	s, ok := n.engine.SceneOf(sfu.RouterID(t.Router))
	if !ok || foreign && p.Name == n.from {
		return m
	}
	m.Known, m.Path = true, append([]hop.NodeID{n.id}, path...)
	m.Main, m.Second, m.Interpreter = string(s.Main), string(s.Second), string(s.Interpreter)
	m.Hush, m.MainShared, m.SecondShared = s.Hush, s.Shared.Main, s.Shared.Second
	room := sceneRoom - len(hop.Append(nil, m))
	fit := func(list []sfu.PeerID, most int) (names []string) {
		for _, id := range list[:min(len(list), most)] {
			if room -= len(id) + 1; room < 0 {
				n.log.Debug("a scene is too large for the relay: its last names are left out", "router", t.Router)
				break
			}
			names = append(names, string(id))
		}
		return names
	}
	m.Tiles = fit(s.Tiles, hop.MaxTiles)
	m.Voices = fit(s.Audio, hop.MaxVoices)
	return m
}

func sceneOf(m hop.Scene) sfu.Scene {
	s := sfu.Scene{Main: sfu.PeerID(m.Main), Second: sfu.PeerID(m.Second), Interpreter: sfu.PeerID(m.Interpreter)}
	s.Audio, s.Tiles, s.Hush = ids(m.Voices), ids(m.Tiles), m.Hush
	s.Shared = sfu.Shared{Main: m.MainShared, Second: m.SecondShared}
	return s
}

func ids(names []string) (list []sfu.PeerID) {
	for _, v := range names {
		list = append(list, sfu.PeerID(v))
	}
	return list
}

// upstream carries the engine's wishes for one source to the neighbour it comes from.
type upstream struct {
	n       *Node
	session atomic.Pointer[session] // nil: the link is down
}

var _ sfu.Origin = (*upstream)(nil)

// Nack implements sfu.Origin.
func (u *upstream) Nack(layer uint32, seqs []uint16) {
	if s := u.session.Load(); s != nil {
		for part := range slices.Chunk(seqs, hop.MaxNacks) {
			s.stats.nacksOut.Add(uint64(len(part)))
			s.send(hop.Nack{Layer: layer, Seqs: part})
		}
	}
}

// Key implements sfu.Origin.
func (u *upstream) Key(layer uint32) {
	if s := u.session.Load(); s != nil {
		s.stats.keysOut.Add(1)
		s.send(hop.KeyFrame{Layer: layer})
	}
}

// Watched implements sfu.Origin.
func (u *upstream) Watched() {
	u.n.watch.Store(true)
	u.n.poke()
}

// report keeps what Links and Comes tell.
func (n *Node) report() {
	comes := make(map[hop.Key]bool, len(n.remotes))
	for k, t := range n.remotes {
		comes[k] = t.via.session != nil
	}
	list := make([]LinkStats, 0, len(n.peers))
	for _, p := range n.peers {
		l := LinkStats{Node: p.Name, Up: p.session != nil}
		if p.session != nil {
			l.RTT = time.Duration(p.session.rtt.Load())
			l.Held, l.Path, l.Loss = len(*p.session.held.Load()), p.session.estimate.Load(), float64(p.session.lossy.Load())/1e6
		}
		for _, t := range n.remotes {
			if t.via == p {
				l.Sources++
				l.Pulled += len(t.layers)
			}
		}
		for _, k := range p.serve.Wants(nil) {
			l.Layers += len(p.serve.Layers(k))
		}
		p.stats.snapshot(&l)
		list = append(list, l)
	}
	slices.SortFunc(list, func(a, b LinkStats) int {
		if a.Node < b.Node {
			return -1
		}
		return 1
	})
	n.statsMu.Lock()
	n.links, n.comes = list, comes
	n.statsMu.Unlock()
}

// Comes tells whether a source of another node is taken in over a link that stands, as of at most a second ago.
func (n *Node) Comes(router sfu.RouterID, source sfu.PeerID) bool {
	n.statsMu.Lock()
	defer n.statsMu.Unlock()
	return n.comes[hop.Key{Router: string(router), Source: string(source)}]
}

// Links is how the links stand, as of at most a second ago.
func (n *Node) Links() []LinkStats {
	n.statsMu.Lock()
	defer n.statsMu.Unlock()
	return n.links
}
