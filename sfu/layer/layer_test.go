package layer

import (
	"testing"

	"pgregory.net/rapid"
)

func TestBest(t *testing.T) {
	for _, c := range []struct {
		name    string
		layers  []State
		current int
		want    int
	}{
		{"none", nil, -1, -1},
		{"one dead, none current", []State{{}}, -1, 0},
		{"most pixels", []State{{true, 100, 9}, {true, 400, 5}, {true, 200, 7}}, 0, 1},
		{"bits where a size is unknown", []State{{true, 0, 9}, {true, 400, 5}}, 1, 0},
		{"falls to the next when the best dies", []State{{true, 100, 9}, {false, 400, 5}, {true, 200, 7}}, 1, 2},
		{"a pause of all keeps the current", []State{{false, 100, 9}, {false, 400, 5}}, 0, 0},
	} {
		if got := Best(c.layers, c.current); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

func TestBestIsLiveWhereAnyIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		layers := make([]State, rapid.IntRange(0, 4).Draw(t, "n"))
		live := false
		for i := range layers {
			layers[i] = State{
				rapid.Bool().Draw(t, "live"), rapid.IntRange(0, 3).Draw(t, "pixels"), rapid.Int64Range(0, 3).Draw(t, "bits"),
			}
			live = live || layers[i].Live
		}
		got := Best(layers, rapid.IntRange(-1, len(layers)).Draw(t, "current"))
		if got < -1 || got >= len(layers) || len(layers) > 0 && got < 0 {
			t.Fatalf("index %d of %d", got, len(layers))
		}
		if live && !layers[got].Live {
			t.Fatalf("chose the dead layer %d of %+v", got, layers)
		}
	})
}
