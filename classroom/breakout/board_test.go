package breakout

import (
	"fmt"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

var people = []string{"p:sri", "p:budi", "p:ani", "s:tamu", "s:pelatih"}

func drawChange(t *rapid.T) Change {
	c := Change{
		Op: Op(rapid.IntRange(int(OpMake), int(OpHelp)).Draw(t, "op")), N: rapid.IntRange(-1, 5).Draw(t, "n"),
		Who: rapid.SampledFrom(append([]string{""}, people...)).Draw(t, "who"), On: rapid.Bool().Draw(t, "on"),
		Way: rapid.SampledFrom([]Way{Even, Hand, Choice, Choice, "x"}).Draw(t, "way"), Until: rapid.Int64Range(-1, 3).Draw(t, "until"),
	}
	c.Free = c.Op == OpGo && c.Who == "s:pelatih"
	return c
}

func look(b *Board) string {
	until, open := b.Open()
	s := fmt.Sprint(b.Count(), b.Way(), until, open, b.Calls())
	for _, who := range people {
		s += fmt.Sprint(" ", who, b.Seat(who), b.Place(who), b.Calling(who))
	}
	return s
}

func TestBoardProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b Board
		var kept []Change
		for range rapid.IntRange(1, 80).Draw(t, "steps") {
			c, was := drawChange(t), look(&b)
			step, err := b.Plan(c)
			if look(&b) != was {
				t.Fatalf("planning %+v changed the board", c)
			}
			if err != nil || step == nil {
				continue
			}
			if err := b.Commit(*step); err != nil {
				t.Fatalf("%+v was planned and refused: %v", c, err)
			}
			kept = append(kept, *step)
			if again, err := b.Plan(c); c.Op != OpMake && (err != nil || again != nil) {
				t.Fatalf("%+v twice: %+v, %v", c, again, err)
			}
			_, open := b.Open()
			for _, who := range people {
				n := b.Place(who)
				switch {
				case n < 0 || n > b.Count():
					t.Fatalf("%s is in room %d of %d", who, n, b.Count())
				case !open && (n != 0 || b.Calling(who)):
					t.Fatalf("the rooms are closed, but %s is in %d, calling %v", who, n, b.Calling(who))
				case b.Calling(who) && n == 0:
					t.Fatalf("%s calls from the class", who)
				case who != "s:pelatih" && open && n != b.Seat(who):
					t.Fatalf("%s belongs to %d and is in %d", who, b.Seat(who), n)
				}
			}
			if c.Op == OpGo && c.Free && len(b.Calls()) > 0 {
				for _, n := range b.Calls() {
					if n == c.N {
						t.Fatalf("a trainer is in %d, which still calls", n)
					}
				}
			}
		}
		var again Board
		for _, c := range kept {
			if err := again.Commit(c); err != nil {
				t.Fatal(err)
			}
		}
		if look(&again) != look(&b) {
			t.Fatalf("replayed: %s\nwas: %s", look(&again), look(&b))
		}
	})
}

func TestBoardRefuses(t *testing.T) {
	open := Board{n: 2, way: Even, open: true}
	made := Board{n: 2, way: Hand}
	for name, c := range map[string]struct {
		b    Board
		c    Change
		want error
	}{
		"one room":       {made, Change{Op: OpMake, N: 1, Way: Even}, ErrCount},
		"too many":       {made, Change{Op: OpMake, N: MaxRooms + 1, Way: Even}, ErrCount},
		"anew when open": {open, Change{Op: OpMake, N: 3, Way: Even}, ErrOpen},
		"open none":      {Board{}, Change{Op: OpOpen}, ErrUnknown},
		"choose, dealt":  {open, Change{Op: OpGo, Who: "p:sri", N: 1}, ErrFixed},
		"go, closed":     {made, Change{Op: OpGo, Who: "p:sri", N: 1, Free: true}, ErrClosed},
		"no such room":   {open, Change{Op: OpPut, Who: "p:sri", N: 3}, ErrUnknown},
		"help, in class": {open, Change{Op: OpHelp, Who: "p:sri", On: true}, ErrHere},
	} {
		if _, err := c.b.Plan(c.c); err != c.want { //nolint:errorlint // bare Refusals
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestDealIsEven(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var who []string
		for i := range rapid.IntRange(0, 60).Draw(t, "people") {
			who = append(who, fmt.Sprint(i))
		}
		n := rapid.IntRange(2, MaxRooms).Draw(t, "rooms")
		dealt := Deal(who, n)
		sizes := make([]int, n)
		for _, w := range who {
			sizes[dealt[w]-1]++
		}
		for _, size := range sizes {
			if size < len(who)/n || size > len(who)/n+1 {
				t.Fatalf("%d people: %v", len(who), sizes)
			}
		}
		if !reflect.DeepEqual(dealt, Deal(who, n)) {
			t.Fatal("dealt otherwise the second time")
		}
	})
}
