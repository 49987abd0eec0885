package relay_test

import (
	"crypto/ed25519"
	"log/slog"
	gonet "net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"betang/sfu"
	"betang/sfu/relay"
	"betang/sfu/sfutest"

	"github.com/pion/transport/v5/vnet"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const room = sfu.RouterID("room")

// site is a node with its engine in the virtual network.
type site struct {
	t    *testing.T
	name string
	addr string
	e    *sfu.Engine
	n    *relay.Node
	key  ed25519.PrivateKey
	host *vnet.Net
	conn gonet.PacketConn
}

func newKey(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func public(k ed25519.PrivateKey) ed25519.PublicKey { return k.Public().(ed25519.PublicKey) }

func logger() *slog.Logger {
	if os.Getenv("SFU_LOG") != "" {
		return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	return slog.New(slog.DiscardHandler)
}

func newSite(t *testing.T, net *sfutest.Net, name string, before ...func(gonet.PacketConn) gonet.PacketConn) *site {
	t.Helper()
	s := &site{t: t, name: name, key: newKey(t)}
	s.host, s.conn, s.addr = net.Another()
	for _, put := range before {
		s.conn = put(s.conn)
	}
	s.engine()
	return s
}

func (s *site) engine() {
	s.t.Helper()
	e, err := sfu.New(sfu.Config{Conn: s.conn, Net: s.host, Shards: 2, Relay: true, MaxCPU: -1, Log: logger().With("site", s.name)})
	if err != nil {
		s.t.Fatal(err)
	}
	s.e = e
}

// start joins the site to others. from is the site all comes from; nil: it is an origin.
func (s *site) start(from *site, others ...*site) {
	s.t.Helper()
	cfg := relay.Config{Engine: s.e, Key: s.key, Socket: s.socket, Log: logger().With("site", s.name)}
	if from != nil {
		cfg.From = from.name
		cfg.Peers = append(cfg.Peers, relay.Peer{Name: from.name, Key: public(from.key), Addrs: []string{from.addr + ":8443"}})
	} else {
		cfg.Addrs = []string{s.addr + ":8443"}
	}
	for _, o := range others {
		cfg.Peers = append(cfg.Peers, relay.Peer{Name: o.name, Key: public(o.key)})
	}
	n, err := relay.New(cfg)
	if err != nil {
		s.t.Fatal(err)
	}
	s.n = n
}

func (s *site) socket() (gonet.PacketConn, error) {
	return s.host.ListenUDP("udp4", &gonet.UDPAddr{IP: gonet.ParseIP(s.addr)})
}

func (s *site) stop() {
	s.n.Close()
	if err := s.e.Shutdown(); err != nil {
		s.t.Error(err)
	}
}

// stats are the site's figures of a neighbour.
func (s *site) stats(name string) relay.LinkStats {
	for _, l := range s.n.Links() {
		if l.Node == name {
			return l
		}
	}
	s.t.Fatalf("%s knows no %s", s.name, name)
	return relay.LinkStats{}
}

func inTime(t *testing.T, f func(t *testing.T, net *sfutest.Net)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(t, sfutest.NewNet(t, 10*time.Millisecond, 7)) })
}

// pair is an origin with a publisher of three layers on its stage, and an edge.
func pair(t *testing.T, net *sfutest.Net) (origin, edge *site, p *sfutest.Publisher) {
	t.Helper()
	origin, edge = newSite(t, net, "origin"), newSite(t, net, "edge")
	origin.start(nil, edge)
	edge.start(origin)
	t.Cleanup(func() { edge.stop(); origin.stop() })
	p = sfutest.Publish(t, net, origin.e, room, "gub", sfutest.Options{Rids: []string{"q", "h", "f"}, Parts: 3, Picture: 100})
	origin.e.SetScene(room, sfu.Scene{Main: "gub", Audio: []sfu.PeerID{"gub"}})
	time.Sleep(3 * time.Second)
	return origin, edge, p
}

// whole checks that a slot's stream has no holes; it gives how many packets came.
func whole(t *testing.T, what string, s *sfutest.Slot, missing int) int {
	t.Helper()
	p := s.Packets()
	if len(p) == 0 {
		t.Errorf("%s: nothing came", what)
		return 0
	}
	seen := map[uint16]bool{}
	low, high := uint64(1<<40), uint64(0)
	ext := uint64(1<<20) + uint64(p[0].Seq)
	for _, x := range p {
		ext += uint64(int64(int16(x.Seq - uint16(ext))))
		low, high = min(low, ext), max(high, ext)
		seen[x.Seq] = true
	}
	if n := int(high-low+1) - len(seen); n > missing {
		t.Errorf("%s: %d of %d packets are missing", what, n, high-low+1)
	}
	return len(p)
}

// One layer is pulled once, however many watch; the others are not pulled; and nothing once nobody watches.
func TestLayerIsPulledOnce(t *testing.T) {
	inTime(t, func(t *testing.T, net *sfutest.Net) {
		origin, edge, _ := pair(t, net)
		if got := origin.stats("edge"); got.Layers != 0 || got.Totals["packets_out"] != 0 || !got.Up {
			t.Fatalf("with no viewers %+v", got)
		}
		var viewers []*sfutest.Viewer
		rate := func() float64 {
			time.Sleep(3 * time.Second)
			before := origin.stats("edge").Totals["bytes_out"]
			time.Sleep(10 * time.Second)
			return float64(origin.stats("edge").Totals["bytes_out"]-before) / 10
		}
		viewers = append(viewers, sfutest.Subscribe(t, net, edge.e, room, "v0", 1, 1))
		one := rate()
		for _, id := range []sfu.PeerID{"v1", "v2", "v3", "v4", "v5"} {
			viewers = append(viewers, sfutest.Subscribe(t, net, edge.e, room, id, 1, 1))
		}
		six := rate()
		if one < 10_000 || six > one*1.05 {
			t.Errorf("the origin sends %.0f bytes a second to one viewer's edge, %.0f to six viewers'", one, six)
		}
		if got := origin.stats("edge").Layers; got != 2 { // a voice, and one of three pictures
			t.Errorf("%d layers are pulled", got)
		}
		for _, v := range viewers {
			if whole(t, string(v.ID)+" picture", v.Video[0], 0) < 100 || whole(t, string(v.ID)+" voice", v.Audio[0], 0) < 300 {
				t.Errorf("%s: %d and %d packets", v.ID, v.Video[0].Len(), v.Audio[0].Len())
			}
			if p := v.Video[0].Packets(); len(p) > 0 && (!p[0].Info.Key || p[0].Info.Height != 720) {
				t.Errorf("%s begins with %+v", v.ID, p[0].Info)
			}
		}
		for _, v := range viewers {
			v.Close()
		}
		time.Sleep(10 * time.Second)
		before := origin.stats("edge")
		time.Sleep(5 * time.Second)
		if after := origin.stats("edge"); after.Layers != 0 || after.Totals["packets_out"] != before.Totals["packets_out"] {
			t.Errorf("with no viewers left %d layers and %d packets", after.Layers, after.Totals["packets_out"]-before.Totals["packets_out"])
		}
	})
}

// A layer that nobody watches any more is dropped while others of its source are still watched: the bytes on the link fall to what the lower
// one costs, and rise again with the first who wants more.
func TestUnwatchedLayerCostsNothing(t *testing.T) {
	inTime(t, func(t *testing.T, net *sfutest.Net) {
		origin, edge := newSite(t, net, "origin"), newSite(t, net, "edge")
		origin.start(nil, edge)
		edge.start(origin)
		t.Cleanup(func() { edge.stop(); origin.stop() })
		sfutest.Publish(t, net, origin.e, room, "gub", sfutest.Options{
			Rids: []string{"q", "h", "f"}, Rates: []int{100_000, 400_000, 1_200_000}, NoAudio: true,
		})
		origin.e.SetScene(room, sfu.Scene{Main: "gub"})
		time.Sleep(3 * time.Second)
		rate := func() (bits float64, layers int) {
			time.Sleep(4 * time.Second) // hop.Linger, and a keyframe
			before := origin.stats("edge").Totals["bytes_out"]
			time.Sleep(4 * time.Second)
			now := origin.stats("edge")
			return float64(now.Totals["bytes_out"]-before) * 8 / 4, now.Layers
		}
		a, b := sfutest.Subscribe(t, net, edge.e, room, "a", 1, 1), sfutest.Subscribe(t, net, edge.e, room, "b", 1, 1)
		all, one := rate()
		edge.e.SetQuality(room, "a", sfu.QualityLow)
		both, two := rate()
		edge.e.SetQuality(room, "b", sfu.QualityLow)
		low, lone := rate()
		edge.e.SetQuality(room, "b", sfu.QualityAuto)
		again, more := rate()
		if one != 1 || two != 2 || lone != 1 || more != 2 {
			t.Errorf("layers on the link: %d, then %d, %d, %d", one, two, lone, more)
		}
		if all < 1_100_000 || both < all || low > all/5 || again < 1_100_000 {
			t.Errorf("bits a second on the link: %.0f to who watch the best; %.0f with one at the least; %.0f with both at the least; %.0f again", all, both, low, again)
		}
		if a.Video[0].Len() == 0 || b.Video[0].Len() == 0 {
			t.Error("nothing came")
		}
	})
}

// What the link loses is asked for again there, and viewers miss nothing; a viewer who comes late begins at once, from the edge's
// own keyframe.
func TestLossIsRepairedAndLateJoinersBeginAtOnce(t *testing.T) {
	inTime(t, func(t *testing.T, net *sfutest.Net) {
		origin, edge, p := pair(t, net)
		v := sfutest.Subscribe(t, net, edge.e, room, "v", 1, 1)
		time.Sleep(3 * time.Second)
		net.LoseBetween(origin.addr, edge.addr, 0.05)
		time.Sleep(20 * time.Second)
		asked := edge.stats("origin").Totals["nacks_out"]
		if got := origin.stats("edge").Totals["packets_resent"]; asked < 20 || got < asked/2 || got > asked {
			t.Errorf("%d asked for, %d sent again", asked, got)
		}
		net.LoseBetween(origin.addr, edge.addr, 0)
		time.Sleep(2 * time.Second)
		if whole(t, "picture", v.Video[0], 2) < 1500 || whole(t, "voice", v.Audio[0], 2) < 1000 {
			t.Errorf("%d and %d packets", v.Video[0].Len(), v.Audio[0].Len())
		}
		edge.e.SetQuality(room, "v", sfu.QualityAuto)
		v.PLI(0)
		time.Sleep(time.Second)
		plis := p.PLIs.Load()
		late := sfutest.Subscribe(t, net, edge.e, room, "late", 1, 1)
		time.Sleep(200 * time.Millisecond)
		if got := late.Video[0].Packets(); len(got) == 0 || !got[0].Info.Key {
			t.Errorf("200 ms after joining the late one has %d packets", len(got))
		}
		if n := p.PLIs.Load() - plis; n > 0 {
			t.Errorf("the late one cost the publisher %d keyframes", n)
		}
	})
}

// An origin that dies and comes back, and a link that is cut: the edge's viewer goes on by itself.
func TestOriginComesBack(t *testing.T) {
	inTime(t, func(t *testing.T, net *sfutest.Net) {
		origin, edge := newSite(t, net, "origin"), newSite(t, net, "edge")
		origin.start(nil, edge)
		edge.start(origin)
		t.Cleanup(func() { edge.stop(); origin.stop() })
		stage := func() *sfutest.Publisher {
			p := sfutest.Publish(t, net, origin.e, room, "gub", sfutest.Options{Parts: 2})
			origin.e.SetScene(room, sfu.Scene{Main: "gub", Audio: []sfu.PeerID{"gub"}})
			return p
		}
		p := stage()
		v := sfutest.Subscribe(t, net, edge.e, room, "v", 1, 1)
		flows := func(when string) {
			t.Helper()
			a, b := v.Audio[0].Len(), v.Video[0].Len()
			time.Sleep(2 * time.Second)
			if v.Audio[0].Len() < a+80 || v.Video[0].Len() < b+80 {
				t.Errorf("%s: %d and %d packets in 2 s", when, v.Audio[0].Len()-a, v.Video[0].Len()-b)
			}
		}
		time.Sleep(4 * time.Second)
		flows("at first")

		net.Block(origin.addr, true)
		time.Sleep(8 * time.Second)
		if edge.stats("origin").Up {
			t.Error("a cut link counts as up")
		}
		net.Block(origin.addr, false)
		time.Sleep(8 * time.Second)
		flows("after the cut")

		p.Close()
		origin.stop()
		time.Sleep(3 * time.Second)
		conn, err := origin.host.ListenUDP("udp4", &gonet.UDPAddr{IP: gonet.ParseIP(origin.addr), Port: 8443})
		if err != nil {
			t.Fatal(err)
		}
		origin.conn = conn
		origin.engine()
		origin.start(nil, edge)
		stage()
		time.Sleep(12 * time.Second)
		flows("after the origin's restart")
	})
}

// A node whose key the origin does not know gets nothing; nor does an edge take an origin with another key for its own.
func TestWrongKeyIsRefused(t *testing.T) {
	inTime(t, func(t *testing.T, net *sfutest.Net) {
		origin, known := newSite(t, net, "origin"), newSite(t, net, "known")
		stranger, deceived := newSite(t, net, "stranger"), newSite(t, net, "deceived")
		origin.start(nil, known, deceived)
		known.start(origin)
		stranger.start(origin)
		right := origin.key
		origin.key = newKey(t)
		deceived.start(origin)
		origin.key = right
		t.Cleanup(func() {
			for _, s := range []*site{known, stranger, deceived, origin} {
				s.stop()
			}
		})
		time.Sleep(20 * time.Second)
		if !known.stats("origin").Up {
			t.Error("the known node has no link")
		}
		for _, s := range []*site{stranger, deceived} {
			if s.stats("origin").Up || s.stats("origin").Totals["bytes_in"] > 0 {
				t.Errorf("%s has a link: %+v", s.name, s.stats("origin"))
			}
		}
	})
}

// Province, regency, office: each hop pulls once, and the stream is whole at the end, with its simulcast layers to choose from.
func TestChainOfThree(t *testing.T) {
	inTime(t, func(t *testing.T, net *sfutest.Net) {
		province, regency, office := newSite(t, net, "province"), newSite(t, net, "regency"), newSite(t, net, "office")
		province.start(nil, regency)
		regency.start(province, office)
		office.start(regency)
		t.Cleanup(func() { office.stop(); regency.stop(); province.stop() })
		p := sfutest.Publish(t, net, province.e, room, "gub", sfutest.Options{Rids: []string{"q", "h"}, Parts: 2})
		province.e.SetScene(room, sfu.Scene{Main: "gub", Audio: []sfu.PeerID{"gub"}})
		net.LoseBetween(province.addr, regency.addr, 0.02)
		net.LoseBetween(regency.addr, office.addr, 0.02)
		time.Sleep(2 * time.Second)
		v := sfutest.Subscribe(t, net, office.e, room, "v", 1, 1)
		time.Sleep(15 * time.Second)
		w := sfutest.Subscribe(t, net, regency.e, room, "w", 1, 1)
		time.Sleep(5 * time.Second)
		if a, b := province.stats("regency").Layers, regency.stats("office").Layers; a != 2 || b != 2 {
			t.Errorf("%d and %d layers are pulled", a, b)
		}
		for _, x := range []*sfutest.Viewer{v, w} {
			if whole(t, "picture", x.Video[0], 3) < 250 || whole(t, "voice", x.Audio[0], 3) < 200 {
				t.Errorf("%d and %d packets", x.Video[0].Len(), x.Audio[0].Len())
			}
			if got := x.Video[0].Packets(); len(got) > 0 && got[len(got)-1].Info.PictureID < 0 {
				t.Error("no picture ids")
			}
			if n := len(x.Video[0].Reports()); n < 2 {
				t.Errorf("%d sender reports", n)
			}
		}
		// Held at its home, the voice goes nowhere, and comes back.
		province.e.Hold(room, "gub", true, false)
		time.Sleep(time.Second)
		n := v.Audio[0].Len()
		time.Sleep(2 * time.Second)
		if v.Audio[0].Len() != n {
			t.Errorf("a held voice went on: %d packets", v.Audio[0].Len()-n)
		}
		province.e.Hold(room, "gub", false, false)
		time.Sleep(3 * time.Second)
		if v.Audio[0].Len() < n+80 {
			t.Errorf("a voice let go came back with %d packets", v.Audio[0].Len()-n)
		}
		p.Close()
		time.Sleep(3 * time.Second)
		if got := office.stats("regency").Sources; got != 0 {
			t.Errorf("%d sources are kept of a publisher who left", got)
		}
	})
}

// Without From, what Want names is taken in, over whichever link leads there: here one that the publisher's node dialled.
func TestWantNamesSources(t *testing.T) {
	inTime(t, func(t *testing.T, net *sfutest.Net) {
		home, edge := newSite(t, net, "home"), newSite(t, net, "edge")
		home.start(nil, edge)
		n, err := relay.New(relay.Config{Engine: edge.e, Key: edge.key, Socket: edge.socket, Peers: []relay.Peer{
			{Name: "home", Key: public(home.key), Addrs: []string{home.addr + ":8443"}},
		}})
		if err != nil {
			t.Fatal(err)
		}
		edge.n = n
		t.Cleanup(func() { edge.stop(); home.stop() })
		sfutest.Publish(t, net, edge.e, room, "camat.edge", sfutest.Options{})
		v := sfutest.Subscribe(t, net, home.e, room, "v", 1, 1)
		home.e.SetScene(room, sfu.Scene{Main: "camat.edge", Audio: []sfu.PeerID{"camat.edge"}})
		home.n.Want(room, []relay.Source{{ID: "camat.edge", Node: "edge"}})
		time.Sleep(6 * time.Second)
		if whole(t, "picture", v.Video[0], 0) < 80 || whole(t, "voice", v.Audio[0], 0) < 150 {
			t.Errorf("%d and %d packets", v.Video[0].Len(), v.Audio[0].Len())
		}
		home.n.Want(room, nil)
		time.Sleep(time.Second)
		if got := home.stats("edge").Sources; got != 0 {
			t.Errorf("%d sources are kept that are not wanted", got)
		}
	})
}

// Three nodes that each take all from the next: the stream ends where it began, and when its publisher leaves it is gone everywhere.
func TestRingOfNodesEnds(t *testing.T) {
	inTime(t, func(t *testing.T, net *sfutest.Net) {
		list := []*site{newSite(t, net, "a"), newSite(t, net, "b"), newSite(t, net, "c")}
		for i, s := range list {
			s.start(list[(i+1)%3], list[(i+2)%3])
		}
		t.Cleanup(func() {
			for _, s := range list {
				s.stop()
			}
		})
		p := sfutest.Publish(t, net, list[0].e, room, "gub", sfutest.Options{})
		list[0].e.SetScene(room, sfu.Scene{Main: "gub", Audio: []sfu.PeerID{"gub"}})
		var viewers []*sfutest.Viewer
		for _, s := range list {
			viewers = append(viewers, sfutest.Subscribe(t, net, s.e, room, sfu.PeerID("v"+s.name), 1, 1))
		}
		time.Sleep(5 * time.Second)
		for i, v := range viewers[1:] { // c takes from a, b from c
			if whole(t, "picture", v.Video[0], 0) < 30 {
				t.Errorf("viewer at %s has %d packets", list[i+1].name, v.Video[0].Len())
			}
		}
		p.Close()
		time.Sleep(10 * time.Second)
		for i, s := range list {
			if got := s.stats(list[(i+1)%3].name).Sources; got != 0 {
				t.Errorf("%s keeps %d sources that nobody publishes", s.name, got)
			}
		}
	})
}
