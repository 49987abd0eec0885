package signaling

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"testing"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/checks"
	"betang/sfu"
)

// benchHub has n sessions with outboxes that a writer would empty at once.
func benchHub(b *testing.B, n int, role classroom.Role) *Hub {
	b.Helper()
	media := &fakeMedia{peers: map[sfu.PeerID]*fakePeer{}}
	s := New(Config{Store: newStore(), Media: media, Verify: testTokens(), Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	media.listener = s
	h, err := loadHub(context.Background(), s, lecture)
	if err != nil {
		b.Fatal(err)
	}
	h.hands.start()
	h.saver.start(h)
	h.tick = time.NewTimer(time.Hour)
	h.looks.start()
	b.Cleanup(func() { h.hands.stop(); h.saver.stop(); h.tick.Stop(); h.looks.next.Stop() })
	for i := range n {
		c := &conn{srv: s, ready: make(chan struct{}, 1), quit: make(chan struct{}), lng: "id"}
		c.seen.Store(time.Now().UnixMilli())
		claims := Claims{ID: fmt.Sprint(i), Event: lecture, Role: role}
		var person *classroom.Person
		if role == classroom.RoleParticipant {
			person = &classroom.Person{ID: classroom.PersonID(fmt.Sprint("per", i)), Region: "62.02"}
			claims.Person = person.ID
		}
		h.attach(time.Now(), c, claims, person, doHello{})
		empty(c)
		for len(h.commands) > 0 {
			h.drain(<-h.commands)
		}
	}
	return h
}

func empty(c *conn) {
	for {
		if _, _, ok := c.take(); !ok {
			return
		}
	}
}

// BenchmarkBroadcast is one change of the room, encoded and put into the outboxes of 10,000 sockets.
func BenchmarkBroadcast(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			h := benchHub(b, n, classroom.RoleGuest)
			op := actorOf("op")
			h.apply(request{by: op, cmd: phaseLive, then: func(int64, error) {}})
			phases := []classroom.Phase{classroom.Paused, classroom.Live}
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				h.apply(request{by: op, cmd: classroom.SetPhase{To: phases[i%2]}, then: func(_ int64, err error) {
					if err != nil {
						b.Fatal(err)
					}
				}})
				i++
				h.broadcast(time.Now())
				b.StopTimer()
				for _, m := range h.members {
					empty(m.conn)
				}
				b.StartTimer()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/socket")
		})
	}
}

// benchMedia proves a second of media to every viewer with each call.
type benchMedia struct {
	*fakeMedia
	now     int64 // Unix ms
	viewers []sfu.PeerID
}

func (m *benchMedia) Deliveries(_ sfu.RouterID, dst []sfu.Delivery) []sfu.Delivery {
	for _, id := range m.viewers {
		dst = append(dst, sfu.Delivery{Peer: id, From: m.now - 1000, To: m.now})
	}
	return dst
}

// BenchmarkBeat is the hub's work of one second for that many open sockets in a live event. Participants watch, have evidence of
// all classes, ten spans of earlier, checks to come, and their presence computed and told every fifth beat. "ms/beat" is the longest
// that the hub was busy with one beat, and "ms/slice" with one slice of its looks, without a pause; "mean-ms/beat" the mean, and
// "mean-ms/looks" that of all looks that a beat leads to. In CPU time where the system tells it, so that a busy machine does not show.
func BenchmarkBeat(b *testing.B) {
	for _, of := range []struct {
		role classroom.Role
		n    int
	}{{classroom.RoleGuest, 10_000}, {classroom.RoleParticipant, 100}, {classroom.RoleParticipant, 1000}, {classroom.RoleParticipant, 10_000}} {
		b.Run(fmt.Sprintf("%s/%d", of.role, of.n), func(b *testing.B) {
			role := of.role
			h := benchHub(b, of.n, role)
			media := &benchMedia{fakeMedia: h.srv.cfg.Media.(*fakeMedia)}
			h.srv.cfg.Media, h.srv.cfg.Checks = media, checks.Plan{Every: 20 * 60_000, Window: 90_000}
			h.apply(request{by: actorOf("op"), cmd: phaseLive, then: func(int64, error) {}})
			now := time.Now()
			for _, m := range h.members {
				if m.person == nil {
					continue
				}
				for i := range int64(10) {
					from := now.UnixMilli() + i*20_000
					m.person.grow(attend.Span{Person: string(m.claims.Person), Session: "x", Class: attend.Delivered, From: from, To: from + 15_000})
				}
				p := &peer{id: h.newPeerID(), claims: m.claims, member: m, audience: true, state: peerConnected, up: true, upAt: now.UnixMilli()}
				h.peers[p.id], m.viewer = p, p
				media.viewers = append(media.viewers, p.id)
			}
			now = now.Add(5 * time.Minute)
			var beat, beats, slice, looks time.Duration
			second := func() {
				now = now.Add(time.Second)
				media.now = now.UnixMilli()
				for _, m := range h.members {
					m.conn.seen.Store(now.UnixMilli())
				}
				one := took(func() { h.beat(now) })
				beat, beats = max(beat, one), beats+one
				for len(h.looks.due) > 0 {
					one := took(func() { h.lookOn(now) })
					slice, looks = max(slice, one), looks+one
				}
				for len(h.commands) > 0 {
					h.drain(<-h.commands)
				}
				h.broadcast(now)
				for h.saver.busy {
					h.saved(<-h.saver.results)
				}
			}
			for range mineEvery { // that all come in one second is not what is measured
				second()
			}
			beat, beats, slice, looks = 0, 0, 0, 0
			b.ReportAllocs()
			for b.Loop() {
				second()
			}
			ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
			b.ReportMetric(ms(beat), "ms/beat")
			b.ReportMetric(ms(beats)/float64(b.N), "mean-ms/beat")
			b.ReportMetric(ms(slice), "ms/slice")
			b.ReportMetric(ms(looks)/float64(b.N), "mean-ms/looks")
		})
	}
}
