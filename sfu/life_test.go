package sfu_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"betang/sfu"
	"betang/sfu/sfutest"

	"github.com/pion/rtcp"
)

func TestRestartKeepsMediaFlowing(t *testing.T) {
	for _, how := range []string{"offer", "fragment"} {
		t.Run(how, func(t *testing.T) {
			inTime(t, func(t *testing.T, l *lab) {
				p := sfutest.Publish(t, l.net, l.e, room, "cam", sfutest.Options{Parts: 3})
				l.e.SetScene(room, sfu.Scene{Main: "cam", Audio: []sfu.PeerID{"cam"}})
				v := sfutest.Subscribe(t, l.net, l.e, room, "v", 1, 1)
				time.Sleep(3 * time.Second)
				for range 2 { // twice: the second builds on what the first left
					flows := func(who string) {
						t.Helper()
						time.Sleep(3 * time.Second)
						video, audio := v.Video[0].Len(), v.Audio[0].Len()
						time.Sleep(3 * time.Second)
						if v.Video[0].Len()-video < 250 || v.Audio[0].Len()-audio < 140 {
							t.Fatalf("after the %s's restart: %d video, %d audio packets in 3 s",
								who, v.Video[0].Len()-video, v.Audio[0].Len()-audio)
						}
					}
					if how == "offer" {
						p.Restart()
						flows("publisher")
						v.Restart()
						flows("viewer")
					} else {
						p.RestartByFragment()
						flows("publisher")
						v.RestartByFragment()
						flows("viewer")
					}
				}
				for _, id := range []sfu.PeerID{"cam", "v"} {
					if s := l.states(id); slices.Contains(s, sfu.Gone) {
						t.Errorf("%s: %v", id, s)
					}
				}
			})
		})
	}
}

func TestSilentPeersGo(t *testing.T) {
	inTime(t, func(t *testing.T, l *lab) {
		p := sfutest.Publish(t, l.net, l.e, room, "cam", sfutest.Options{})
		l.e.SetScene(room, sfu.Scene{Main: "cam", Audio: []sfu.PeerID{"cam"}})
		v := sfutest.Subscribe(t, l.net, l.e, room, "v", 1, 1)
		w := sfutest.Subscribe(t, l.net, l.e, room, "w", 1, 1)
		time.Sleep(5 * time.Second)

		l.net.Block(v.Addr, true) // nine seconds in a tunnel
		time.Sleep(9 * time.Second)
		if s := l.states("v"); !slices.Equal(s, []sfu.PeerState{sfu.Connected, sfu.Disconnected}) {
			t.Fatalf("silent for 9 s: %v", s)
		}
		l.net.Block(v.Addr, false)
		time.Sleep(6 * time.Second)
		if s := l.states("v"); !slices.Equal(s, []sfu.PeerState{sfu.Connected, sfu.Disconnected, sfu.Connected}) {
			t.Fatalf("back: %v", s)
		}

		l.net.Block(w.Addr, true)
		l.net.Block(p.Addr, true)
		time.Sleep(20 * time.Second)
		for _, id := range []sfu.PeerID{"w", "cam"} {
			if s := l.states(id); !slices.Equal(s, []sfu.PeerState{sfu.Connected, sfu.Disconnected, sfu.Gone}) {
				t.Errorf("%s, silent for 20 s: %v", id, s)
			}
		}
		if s := l.e.Stats(); s.Publishers != 0 || s.Viewers != 1 {
			t.Errorf("stats: %+v", s)
		}
		_, err := l.e.Restart(context.Background(), room, "cam", offerVP8)
		var e *sfu.Error
		if !errors.As(err, &e) || e.Code != sfu.PeerUnknown {
			t.Errorf("restart of a peer that is gone: %v", err)
		}
	})
}

func TestPeerThatNeverComesGoes(t *testing.T) {
	inTime(t, func(t *testing.T, l *lab) {
		if _, err := l.e.Publish(context.Background(), room, "x", offerVP8); err != nil {
			t.Fatal(err)
		}
		var refused *sfu.Error
		if _, err := l.e.Publish(context.Background(), room, "x", offerVP8); !errors.As(err, &refused) || refused.Code != sfu.PeerExists {
			t.Fatalf("an id was given twice: %v", err)
		}
		time.Sleep(35 * time.Second)
		if s := l.states("x"); !slices.Equal(s, []sfu.PeerState{sfu.Gone}) {
			t.Errorf("never connected: %v", s)
		}
		if n := l.e.Stats().Publishers; n != 0 {
			t.Errorf("%d publishers", n)
		}
		if _, err := l.e.Publish(context.Background(), room, "y", offerVP8); err != nil {
			t.Error(err)
		}
		l.e.Close(room, "y")
		l.e.Close(room, "y")
		l.e.Close("elsewhere", "y")
	})
}

func TestRouterEndsWithItsLastPeer(t *testing.T) {
	inTime(t, func(t *testing.T, l *lab) {
		p := sfutest.Publish(t, l.net, l.e, room, "cam", sfutest.Options{})
		l.e.SetScene(room, sfu.Scene{Main: "cam"})
		v := sfutest.Subscribe(t, l.net, l.e, room, "v", 1, 1)
		time.Sleep(time.Second)
		v.Close()
		time.Sleep(time.Second)
		out := l.e.Stats().PacketsOut
		time.Sleep(5 * time.Second)
		if n := l.e.Stats().PacketsOut - out; n != 0 {
			t.Errorf("%d packets to nobody", n)
		}
		p.Close()
		time.Sleep(time.Second)
		if n := l.e.Stats().Routers; n != 1 {
			t.Errorf("%d routers while there is a scene", n)
		}
		l.e.SetScene(room, sfu.Scene{})
		if n := l.e.Stats().Routers; n != 0 {
			t.Errorf("%d routers in the end", n)
		}
	})
}

func TestPeersAreLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := sfutest.NewNet(t, time.Millisecond, 1)
		e, err := sfu.New(sfu.Config{Conn: n.Server, Net: n.VNet, MaxPeers: 1})
		if err != nil {
			t.Fatal(err)
		}
		ctx := context.Background()
		if _, err := e.Publish(ctx, room, "a", offerVP8); err != nil {
			t.Fatal(err)
		}
		var refused *sfu.Error
		if _, err := e.Publish(ctx, room, "b", offerVP8); !errors.As(err, &refused) || refused.Code != sfu.TooManyPeers {
			t.Errorf("over the limit: %v", err)
		}
		if err := e.Shutdown(); err != nil {
			t.Error(err)
		}
		if _, err := e.Publish(ctx, room, "c", offerVP8); !errors.As(err, &refused) || refused.Code != sfu.MediaClosed {
			t.Errorf("after the end: %v", err)
		}
	})
}

// Shutdown in the middle of joins must neither hang nor leave anything behind; the bubble notices.
func TestShutdownWhileJoining(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := sfutest.NewNet(t, time.Millisecond, 1)
		e, err := sfu.New(sfu.Config{Conn: n.Server, Net: n.VNet})
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{})
		for i := range 8 {
			go func() {
				_, err := e.Publish(context.Background(), room, sfu.PeerID(rune('a'+i)), offerVP8)
				var refused *sfu.Error
				if err != nil && (!errors.As(err, &refused) || refused.Code != sfu.MediaClosed) {
					t.Error(err)
				}
				done <- struct{}{}
			}()
		}
		if err := e.Shutdown(); err != nil {
			t.Error(err)
		}
		for range 8 {
			<-done
		}
		if s := e.Stats(); s.Publishers != 0 || s.Routers != 0 {
			t.Errorf("left behind: %+v", s)
		}
	})
}

// A viewer that leaves is gone soon, by whatever word, also long after the handshake's state was given up.
func TestViewersLeave(t *testing.T) {
	inTime(t, func(t *testing.T, l *lab) {
		sfutest.Publish(t, l.net, l.e, room, "cam", sfutest.Options{})
		l.e.SetScene(room, sfu.Scene{Main: "cam", Audio: []sfu.PeerID{"cam"}})
		early := sfutest.Subscribe(t, l.net, l.e, room, "early", 1, 1)
		late := sfutest.Subscribe(t, l.net, l.e, room, "late", 1, 1)
		bye := sfutest.Subscribe(t, l.net, l.e, room, "bye", 1, 1)
		stays := sfutest.Subscribe(t, l.net, l.e, room, "stays", 1, 1)
		gone := func(id sfu.PeerID) bool { return slices.Contains(l.states(id), sfu.Gone) }
		time.Sleep(2 * time.Second)
		early.Close()
		time.Sleep(500 * time.Millisecond)
		if !gone("early") {
			t.Error("a viewer that closed while its handshake lingered is not gone")
		}
		time.Sleep(20 * time.Second)
		late.Close()
		if err := bye.PC.WriteRTCP([]rtcp.Packet{&rtcp.Goodbye{Sources: []uint32{1}}}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(500 * time.Millisecond)
		if !gone("bye") {
			t.Error("a viewer that said BYE is not gone")
		}
		time.Sleep(4 * time.Second)
		if !gone("late") {
			t.Error("a viewer that closed long after its handshake is not gone")
		}
		if gone("stays") || stays.Video[0].Len() < 600 {
			t.Errorf("the one that stays: %v, %d packets", l.states("stays"), stays.Video[0].Len())
		}
	})
}

// A later offer may add m-lines; they are filled at once. With a PeerConnection they wait for the next scene.
func TestRenegotiationAddsSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, false)
		sfutest.Publish(t, l.net, l.e, room, "cam", sfutest.Options{})
		l.e.SetScene(room, sfu.Scene{Main: "cam", Second: "cam"})
		v := sfutest.Subscribe(t, l.net, l.e, room, "v", 1, 1)
		time.Sleep(2 * time.Second)
		v.AddVideo()
		v.Restart()
		time.Sleep(3 * time.Second)
		if n := v.Video[1].Len(); n < 60 {
			t.Errorf("%d packets in the added slot", n)
		}
	})
}
