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

// BenchmarkBeat is the hub's work of one second for that many open sockets in a live event; participants have evidence
// of all classes, ten spans of earlier, and their presence computed and told every fifth beat. "ms/beat" and "ms/slice" are the
// longest that the hub was busy with its beat and with one slice of its looks, without a pause, in CPU time where the system tells it, so that a busy machine does not show.
func BenchmarkBeat(b *testing.B) {
	for _, of := range []struct {
		role classroom.Role
		n    int
	}{{classroom.RoleGuest, 10_000}, {classroom.RoleParticipant, 1000}, {classroom.RoleParticipant, 10_000}} {
		b.Run(fmt.Sprintf("%s/%d", of.role, of.n), func(b *testing.B) {
			role := of.role
			h := benchHub(b, of.n, role)
			h.apply(request{by: actorOf("op"), cmd: phaseLive, then: func(int64, error) {}})
			now := time.Now()
			for id, p := range h.persons {
				for i := range int64(10) {
					from := now.UnixMilli() + i*20_000
					p.put(attend.Span{Person: string(id), Session: "x", Class: attend.Delivered, From: from, To: from + 15_000})
				}
			}
			now = now.Add(5 * time.Minute)
			var beat, slice time.Duration
			b.ReportAllocs()
			for b.Loop() {
				now = now.Add(time.Second)
				for _, m := range h.members {
					m.conn.seen.Store(now.UnixMilli())
					h.step(m, now, attend.Delivered, now.UnixMilli()-1000, now.UnixMilli())
				}
				beat = max(beat, took(func() { h.beat(now) }))
				for len(h.looks.due) > 0 {
					slice = max(slice, took(func() { h.lookOn(now) }))
				}
				h.broadcast(now)
				for h.saver.busy {
					h.saved(<-h.saver.results)
				}
			}
			b.ReportMetric(float64(beat.Microseconds())/1000, "ms/beat")
			b.ReportMetric(float64(slice.Microseconds())/1000, "ms/slice")
		})
	}
}
