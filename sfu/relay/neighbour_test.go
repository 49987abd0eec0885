package relay

import (
	"encoding/binary"
	"log/slog"
	"net"
	"testing"
	"time"

	"betang/sfu"
	"betang/sfu/codec"
	"betang/sfu/relay/hop"
)

// FuzzNeighbour: whatever a neighbour tells of a source and a scene that are wanted from it, and whatever packets it sends of them, breaks
// nothing, and goes when the neighbour does.
func FuzzNeighbour(f *testing.F) {
	const room = "room"
	source := hop.Key{Router: room, Source: "gub"}
	frames := func(list ...[]byte) (b []byte) {
		for _, m := range list {
			b = append(binary.BigEndian.AppendUint16(b, uint16(len(m))), m...)
		}
		return b
	}
	picture := hop.Layer{ID: 1, SSRC: 7, Codec: uint8(codec.VP8), Live: true, Pixels: 640 * 360, Rate: 500_000, Timed: true, At: 1 << 60, Stamp: 9}
	told := hop.Append(nil, hop.Source{Key: source, Known: true, Loud: 80, Path: []hop.NodeID{{1}}, Layers: []hop.Layer{picture, {ID: 2, SSRC: 8, Codec: uint8(codec.Opus), Live: true}}})
	key := []byte{0x10, 0, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01} // a keyframe of VP8, 640 x 360
	packet := func(layer, seq uint32, payload []byte) []byte {
		return hop.AppendPacket(nil, hop.Packet{Layer: layer, Seq: seq, Stamp: seq * 3000, Marker: true, Payload: payload})
	}
	f.Add(frames(told, packet(1, 100, key), packet(1, 102, key[:4]), packet(1, 0, key), packet(1, 1<<32-1, key), packet(2, 5, []byte{0xfc, 1, 2})))
	f.Add(frames(told, hop.Append(nil, hop.Source{Key: source}), packet(1, 1, key), told, packet(1, 1, nil)))
	f.Add(frames(hop.Append(nil, hop.Scene{Router: room, Known: true, Path: []hop.NodeID{{1}}, Main: "gub", Voices: []string{"gub", ""}, Tiles: []string{"x"}}), told))
	f.Add(frames(hop.Append(nil, hop.Want{Key: source, Version: 1, Layers: []uint32{1, 2}}), hop.Append(nil, hop.Want{Key: source, Version: 2, Stop: true})))

	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		f.Fatal(err)
	}
	e, err := sfu.New(sfu.Config{Conn: conn, Shards: 1, MaxCPU: -1})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		if err := e.Shutdown(); err != nil {
			f.Error(err)
		}
	})
	f.Fuzz(func(t *testing.T, b []byte) {
		n := &Node{
			engine: e, log: slog.New(slog.DiscardHandler), wake: make(chan struct{}, 1), peers: map[string]*peer{}, remotes: map[hop.Key]*taken{},
			scenes: map[sfu.RouterID][]hop.NodeID{}, asked: map[hop.Key]string{}, wants: map[sfu.RouterID][]Source{},
		}
		p := &peer{Peer: Peer{Name: "asal"}, remotes: map[uint32]*sfu.Remote{}}
		n.peers[p.Name] = p
		now := time.Now()
		for _, k := range []hop.Key{source, {Router: room}} {
			n.do(p, p.pull.Step(nil, now, hop.Need{Key: k, On: true}))
		}
		for len(b) >= 2 {
			size := min(int(binary.BigEndian.Uint16(b)), len(b)-2)
			frame := b[2 : 2+size]
			b = b[2+size:]
			now = now.Add(10 * time.Millisecond)
			if pk, ok := hop.ParsePacket(frame); ok {
				known := p.remotes[pk.Layer]
				if known != nil {
					known.Packet(sfu.RemotePacket{Layer: pk.Layer, Seq: uint64(pk.Seq), Stamp: pk.Stamp, Marker: pk.Marker, Payload: pk.Payload})
				}
				continue
			}
			if m, err := hop.Parse(frame); err == nil {
				n.hear(now, p, m)
			}
			n.look(now)
			n.turn(now, true)
			if len(n.remotes) > 1 {
				t.Fatalf("%d sources of one that is wanted", len(n.remotes))
			}
		}
		n.part(now, p)
		n.leave(hop.Key{Router: room})
		if len(n.remotes)+len(n.scenes) > 0 {
			t.Fatalf("%v and %v are left", n.remotes, n.scenes)
		}
		if _, ok := e.Source(room, "gub"); ok {
			t.Fatal("the engine has it still")
		}
	})
}

// FuzzKeys: a key by which a node is known is read as it is written, and the certificate of whoever dials is read or refused.
func FuzzKeys(f *testing.F) {
	key, err := makeKey(f.TempDir() + "/key")
	if err != nil {
		f.Fatal(err)
	}
	cert, err := certificate(key)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("", cert.Certificate[0])
	f.Add("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", []byte{0x30})
	f.Fuzz(func(t *testing.T, text string, der []byte) {
		if k, err := ParsePublic(text); err == nil {
			if again, err := ParsePublic(PublicText(k)); err != nil || !again.Equal(k) {
				t.Fatalf("%q is %x, and again %x, %v", text, k, again, err)
			}
		}
		k, err := keyOf([][]byte{der})
		if err == nil && len(k) != 32 {
			t.Fatalf("%x shows the key %x", der, k)
		}
		if _, err := keyOf([][]byte{der, der}); err == nil {
			t.Fatal("two certificates show a key")
		}
	})
}
