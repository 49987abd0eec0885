package signaling

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"betang/classroom"
	"betang/sfu"
	"betang/signaling/wire"
)

// TestCountsAreThoseOfARecount: whoever comes, leaves, comes back, moves to another device or is put right in the list, what is
// counted as they come and go is what counting everybody anew gives.
func TestCountsAreThoseOfARecount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		media := &fakeMedia{peers: map[sfu.PeerID]*fakePeer{}}
		s := New(Config{Store: newStore(), Media: media, Verify: testTokens(), Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
		media.listener = s
		h, err := loadHub(context.Background(), s, lecture)
		if err != nil {
			t.Fatal(err)
		}
		h.start()
		defer h.halt()
		type seat struct {
			m *member
			c *conn
		}
		var seats []seat
		now := time.Now()
		step := func() {
			who := rapid.IntRange(0, 4).Draw(t, "who")
			claims := Claims{ID: fmt.Sprint(who), Event: lecture, Role: classroom.RoleParticipant}
			var person *classroom.Person
			switch who {
			case 0:
				claims.Role = classroom.RoleGuest
			case 1:
				claims.Role, claims.Name = classroom.RoleModerator, "Ani" // counted nowhere
			default:
				region := rapid.SampledFrom([]string{"62.01", "62.02", ""}).Draw(t, "region")
				person = &classroom.Person{ID: classroom.PersonID(fmt.Sprint("p", who)), Region: region}
				claims.Person = person.ID
			}
			var hello doHello
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0, 1: // a new session, or one that comes back or is replaced
				if len(seats) > 0 && rapid.Bool().Draw(t, "again") {
					hello.hello.Session = string(rapid.SampledFrom(seats).Draw(t, "session").m.id)
				}
				c := &conn{srv: s, ready: make(chan struct{}, 1), quit: make(chan struct{}), lng: "id"}
				c.seen.Store(s.steady())
				seats = append(seats, seat{h.attach(now, c, claims, person, hello), c})
			case 2:
				if len(seats) > 0 {
					gone := rapid.SampledFrom(seats).Draw(t, "gone")
					h.detach(gone.m, gone.c)
				}
			case 3:
				now = now.Add(2 * graceMs * time.Millisecond)
				h.sweep(now)
			}
		}
		var got, want wire.Counts
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			if err := h.call(context.Background(), func() {
				step()
				got, want = h.countsView(), recount(h)
			}); err != nil {
				t.Fatal(err)
			}
			if !sameCounts(got, want) {
				t.Fatalf("counted %+v, there are %+v", got, want)
			}
		}
	})
}

// recount counts everybody with a socket.
func recount(h *Hub) wire.Counts {
	c := wire.Counts{}
	for _, m := range h.members {
		if m.conn != nil && m.claims.Role == classroom.RoleGuest {
			c.Guests++
		}
	}
	regions := map[string]int{}
	for id, p := range h.persons {
		if slices.ContainsFunc(p.members, func(m *member) bool { return m.conn != nil && m.claims.Role == classroom.RoleParticipant }) {
			c.Participants++
			regions[h.names[id].Region]++
		}
	}
	for code, n := range regions {
		c.Regions = append(c.Regions, wire.RegionCount{Code: code, Name: h.region(code), N: n})
	}
	slices.SortFunc(c.Regions, func(a, b wire.RegionCount) int { return strings.Compare(a.Code, b.Code) })
	return c
}
