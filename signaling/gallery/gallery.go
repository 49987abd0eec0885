// Package gallery chooses whose faces of a class one viewer gets, who has fewer slots than the class has people. It is pure.
package gallery

import "slices"

// Face is a candidate.
type Face[K comparable] struct {
	ID    K
	Spoke int64 // when it last spoke; 0: never
}

// Fill gives the slots anew. First come those whom the viewer looks at, then who spoke last, then who has a slot already, then the
// others in their order. Who keeps a slot keeps its place, so that no picture jumps. The zero K is nobody.
func Fill[K comparable](was []K, looks []K, faces []Face[K], slots int) []K {
	var nobody K
	order := slices.Clone(faces)
	slices.SortStableFunc(order, func(a, b Face[K]) int {
		if x, y := slices.Contains(looks, a.ID), slices.Contains(looks, b.ID); x != y {
			return before(x)
		}
		if a.Spoke != b.Spoke {
			return before(a.Spoke > b.Spoke)
		}
		if x, y := slices.Contains(was, a.ID), slices.Contains(was, b.ID); x != y {
			return before(x)
		}
		return 0
	})
	order = order[:min(len(order), slots)]
	out := make([]K, slots)
	for i, id := range was {
		if i < slots && id != nobody && has(order, id) && !slices.Contains(out[:i], id) {
			out[i] = id
		}
	}
	for _, f := range order {
		if slices.Contains(out, f.ID) {
			continue
		}
		if free := slices.Index(out, nobody); free >= 0 {
			out[free] = f.ID
		}
	}
	return out
}

func has[K comparable](faces []Face[K], id K) bool {
	return slices.ContainsFunc(faces, func(f Face[K]) bool { return f.ID == id })
}

func before(first bool) int {
	if first {
		return -1
	}
	return 1
}
