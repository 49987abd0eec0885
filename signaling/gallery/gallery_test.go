package gallery

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestFillProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SliceOfNDistinct(rapid.IntRange(1, 60), 0, 40, rapid.ID).Draw(t, "people")
		var faces []Face[int]
		for _, id := range ids {
			faces = append(faces, Face[int]{id, rapid.Int64Range(0, 5).Draw(t, "spoke")})
		}
		looks := rapid.SliceOfN(rapid.IntRange(1, 60), 0, 12).Draw(t, "looks")
		was := Fill(nil, nil, faces, 9)
		if rapid.Bool().Draw(t, "left") && len(faces) > 0 {
			faces = faces[1:]
		}
		got := Fill(was, looks, faces, 9)
		filled, wanted, seen := 0, 0, 0
		for i, id := range got {
			if id == 0 {
				continue
			}
			filled++
			if !has(faces, id) || slices.Contains(got[:i], id) {
				t.Fatalf("%v of %v", got, faces)
			}
			if at := slices.Index(was, id); at >= 0 && at != i {
				t.Fatalf("%d jumped from %d to %d", id, at, i)
			}
			if slices.Contains(looks, id) {
				seen++
			}
		}
		for _, f := range faces {
			if slices.Contains(looks, f.ID) {
				wanted++
			}
		}
		if filled != min(9, len(faces)) || seen != min(9, wanted) {
			t.Fatalf("%d slots filled, %d of %d looked at: %v of %v", filled, seen, wanted, got, faces)
		}
		if again := Fill(got, looks, faces, 9); !slices.Equal(again, got) {
			t.Fatalf("%v, then %v", got, again)
		}
		for _, out := range faces { // nobody outside spoke after one inside, but for those looked at
			if slices.Contains(got, out.ID) {
				continue
			}
			for _, in := range faces {
				if slices.Contains(got, in.ID) && !slices.Contains(looks, in.ID) && in.Spoke < out.Spoke {
					t.Fatalf("%v spoke after %v and is not seen", out, in)
				}
			}
		}
	})
}
