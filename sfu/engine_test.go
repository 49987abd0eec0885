package sfu_test

import (
	"log/slog"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"betang/sfu"
	"betang/sfu/sfutest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// lab is an engine in a virtual network and what its listener heard.
type lab struct {
	t   *testing.T
	net *sfutest.Net
	e   *sfu.Engine

	mu    sync.Mutex
	heard map[sfu.PeerID][]sfu.PeerState
}

func (l *lab) PeerChanged(p sfu.PeerID, s sfu.PeerState) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.heard[p] = append(l.heard[p], s)
}

func (l *lab) states(p sfu.PeerID) []sfu.PeerState {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]sfu.PeerState(nil), l.heard[p]...)
}

const room = sfu.RouterID("room")

func newLab(t *testing.T, full bool) *lab {
	t.Helper()
	return newLabWith(t, sfu.Config{Full: full})
}

func newLabWith(t *testing.T, cfg sfu.Config) *lab {
	t.Helper()
	l := &lab{t: t, net: sfutest.NewNet(t, 20*time.Millisecond, 42), heard: map[sfu.PeerID][]sfu.PeerState{}}
	log := slog.New(slog.DiscardHandler)
	if os.Getenv("SFU_LOG") != "" {
		log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	cfg.Conn, cfg.Net, cfg.Listener, cfg.Log, cfg.Shards = l.net.Server, l.net.VNet, l, log, 2
	e, err := sfu.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	l.e = e
	t.Cleanup(func() {
		if err := e.Shutdown(); err != nil {
			t.Error(err)
		}
		for p, s := range l.heard {
			gone := 0
			for _, x := range s {
				if x == sfu.Gone {
					gone++
				}
			}
			if gone != 1 || s[len(s)-1] != sfu.Gone {
				t.Errorf("%s was told %v", p, s)
			}
		}
	})
	return l
}

// inTime runs a test in a bubble of fake time, once with the viewers' own transport and once with PeerConnections.
func inTime(t *testing.T, f func(t *testing.T, l *lab)) {
	t.Helper()
	for name, full := range map[string]bool{"lean": false, "full": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t, full)
				f(t, l)
				if s := l.e.Stats(); s.Lean > 0 == full && s.Subscribed > 0 {
					t.Errorf("%d of %d viewers lean", s.Lean, s.Subscribed)
				}
			})
		})
	}
}

// whole checks that a slot's stream has no doubled numbers and counts the missing ones.
func whole(t *testing.T, name string, s *sfutest.Slot) (missing int) {
	t.Helper()
	if n := s.Twice(); n > s.Len()/1000 { // a NACK and a late packet may cross
		t.Errorf("%s: %d sequence numbers came twice", name, n)
	}
	p := s.Packets()
	if len(p) == 0 {
		t.Errorf("%s: nothing came", name)
		return 0
	}
	first, last := p[0].Seq, p[0].Seq
	different := map[uint16]bool{}
	for _, x := range p {
		different[x.Seq] = true
		if int16(x.Seq-last) > 0 {
			last = x.Seq
		}
		if int16(x.Seq-first) < 0 {
			first = x.Seq
		}
	}
	return int(last-first) + 1 - len(different)
}

func TestPublishAndWatch(t *testing.T) {
	inTime(t, func(t *testing.T, l *lab) {
		sfutest.Publish(t, l.net, l.e, room, "cam", sfutest.Options{Parts: 4})
		l.e.SetScene(room, sfu.Scene{Main: "cam", Audio: []sfu.PeerID{"cam"}})
		var viewers []*sfutest.Viewer
		for _, id := range []sfu.PeerID{"a", "b", "c"} {
			viewers = append(viewers, sfutest.Subscribe(t, l.net, l.e, room, id, 3, 3))
		}
		time.Sleep(10 * time.Second)
		for _, v := range viewers {
			if n := whole(t, string(v.ID)+" video", v.Video[0]); n != 0 {
				t.Errorf("%s: %d packets missing without loss", v.ID, n)
			}
			if n := v.Video[0].Len(); n < 9*30*4 {
				t.Errorf("%s: %d video packets in 10 s", v.ID, n)
			}
			if n := v.Audio[0].Len(); n < 9*50 {
				t.Errorf("%s: %d audio packets in 10 s", v.ID, n)
			}
			if v.Audio[1].Len()+v.Video[1].Len()+v.Video[2].Len() > 0 {
				t.Errorf("%s: packets in empty slots", v.ID)
			}
			if first := v.Video[0].Packets()[0]; !first.Info.Key {
				t.Errorf("%s: starts without a keyframe: %+v", v.ID, first.Info)
			}
		}
		s := l.e.Stats()
		if s.Publishers != 1 || s.Viewers != 3 || s.Routers != 1 {
			t.Errorf("stats: %+v", s)
		}
		for why, n := range s.Dropped {
			if n > 0 {
				t.Errorf("dropped %s: %d", why, n)
			}
		}
	})
}
