// Package layer chooses what a viewer gets: of a track alone the best layer that is alive (Best), of all slots together what
// the viewer's path carries (Ladder). It is pure: the shard tells it what it saw.
//
// The ladder is one line of steps, each a slot's next better option, in a fixed order of importance; a viewer stands on one of
// them and gets all below. So what is lost first when the path narrows is always what matters least, and the voices are not on the
// ladder at all: their budget is taken before. Down is at once, as far as the path says; up is after the path has been seen
// to carry the next step for a while, and that while grows when a climb was soon regretted.
package layer

// State is what is known of one layer.
type State struct {
	Live    bool  // packets came lately
	Pixels  int   // of the last keyframe, 0 where unknown
	Bitrate int64 // bits a second, measured
}

// Best is the index of the best live layer: the most pixels, then the most bits. Where not all layers tell their size,
// the bits alone decide. With no live layer the current one (its index, or -1) stays: a track that pauses as a whole,
// as a still screen may, is not worth a switch. Without a current one it is the best of the dead, -1 of none at all.
func Best(layers []State, current int) int {
	sized, live := true, false
	for _, l := range layers {
		sized = sized && l.Pixels > 0
		live = live || l.Live
	}
	if !live && current >= 0 && current < len(layers) {
		return current
	}
	best := -1
	for i, l := range layers {
		if live && !l.Live {
			continue
		}
		if best < 0 || better(l, layers[best], sized) {
			best = i
		}
	}
	return best
}

func better(a, b State, sized bool) bool {
	if sized && a.Pixels != b.Pixels {
		return a.Pixels > b.Pixels
	}
	return a.Bitrate > b.Bitrate
}
