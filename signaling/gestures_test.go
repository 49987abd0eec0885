package signaling

import (
	"testing"
	"testing/synctest"
	"time"

	"betang/classroom"
	"betang/signaling/wire"
)

// TestGesturesReachAllNodes: who claps at an edge is seen at the origin, and what a speaker draws and points at is seen at the
// edge, although none of it is a fact. What was lost on the way, and what was drawn before the edge was there, the home mends.
func TestGesturesReachAllNodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x, halls := newPair(t)
		spk, sri, budi := halls[0].join("spk"), halls[1].join("sri"), halls[0].join("budi")
		halls[0].addDeck("SECRET", 9)
		spk.must("page", wire.ShowPage{Deck: "d1", Page: 2})
		halls[0].join("op").must("phase", wire.SetPhase{To: "live"})
		after(2 * time.Second)

		sri.must("react", wire.React{Kind: "clap"})
		budi.must("react", wire.React{Kind: "clap"})
		budi.must("react", wire.React{Kind: "love"})
		after(3 * time.Second)
		for _, c := range []*client{sri, budi, spk} {
			var sum wire.Reactions
			for _, w := range c.get().waves {
				sum.Clap, sum.Love = sum.Clap+w.Clap, sum.Love+w.Love
			}
			if sum != (wire.Reactions{Clap: 2, Love: 1}) {
				t.Errorf("told of %+v", sum)
			}
		}

		line := wire.Draw{Deck: "d1", Page: 2, Do: "stroke", Color: "red", Points: "AAAA____"}
		spk.must("ink", line)
		spk.must("point", wire.Point{On: true, X: 7, Y: 9})
		after(time.Second)
		if c := sri.get(); len(c.ink.Strokes) != 1 || c.point != (wire.Point{On: true, X: 7, Y: 9}) {
			t.Errorf("the edge sees %+v and %+v", c.ink, c.point)
		}
		x.set(func() { x.mute = true })
		spk.must("ink", line)
		spk.must("ink", wire.Draw{Deck: "d1", Page: 2, Do: "undo"})
		spk.must("ink", wire.Draw{Deck: "d1", Page: 2, Do: "undo"})
		line.Color = "blue"
		spk.must("ink", line)
		after(time.Second)
		x.set(func() { x.mute = false })
		after(2 * inkEvery * time.Second)
		if ink := sri.get().ink; len(ink.Strokes) != 1 || ink.Strokes[0].Color != "blue" {
			t.Errorf("what was lost is not mended: %+v", ink)
		}
		halls[1].restart()
		late := halls[1].join("sri")
		after(2 * inkEvery * time.Second)
		if ink := late.get().ink; len(ink.Strokes) != 1 {
			t.Errorf("drawn before the edge was there: %+v", ink)
		}
		x.set(func() { x.mute = true })
		spk.must("ink", wire.Draw{Deck: "d1", Page: 2, Do: "clear"})
		after(time.Second)
		x.set(func() { x.mute = false })
		after(2 * inkEvery * time.Second)
		if ink := late.get().ink; len(ink.Strokes) != 0 {
			t.Errorf("what was wiped is still there: %+v", ink)
		}
	})
}

// TestHallsAreCountedOnce: who is in a shared room and has a device at some node too is counted with the devices, whichever
// node one asks.
func TestHallsAreCountedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, halls := newPair(t)
		pic := classroom.Actor{Role: classroom.RolePIC, Link: "l-pic", Name: "Yulius"}
		do := func(by classroom.Actor, cmd classroom.Command) {
			t.Helper()
			if _, err := halls[0].hub().Do(t.Context(), by, cmd); err != nil {
				t.Fatal(err)
			}
		}
		do(pic, classroom.OpenHall{Entry: "open-0001", Name: "Aula", Place: "Sampit"})
		do(actorOf("op"), classroom.SetPhase{To: classroom.Live})
		after(time.Second)
		for i, p := range []classroom.PersonID{"per1", "per2", "per3"} {
			do(pic, classroom.MarkHall{
				Entry: "mark-000" + string(rune('1'+i)), Hall: "h1", Person: p, At: halls[0].hub().now().UnixMilli(), How: "list", Reason: "Tanpa ponsel",
			})
		}
		halls[0].join("sri")
		halls[1].join("budi")
		desks := []*client{halls[0].join("op"), halls[1].join("op2")}
		after(3 * hallsEvery * time.Second)
		for i, desk := range desks {
			c := desk.get().counts
			if c.Halls != 1 || c.Participants != 2 {
				t.Errorf("node %d counts %d in halls and %d with a device", i, c.Halls, c.Participants)
			}
			for _, r := range c.Regions {
				want := wire.RegionCount{Code: "62.71", Name: r.Name, N: 1}
				if r.Code == "62.02" {
					want = wire.RegionCount{Code: "62.02", Name: r.Name, N: 1, Hall: 1}
				}
				if r != want {
					t.Errorf("node %d counts %+v", i, r)
				}
			}
		}
	})
}
