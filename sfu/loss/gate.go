package loss

// Gate lets the keyframe requests of all viewers of a layer through as one. The zero value is ready, with a second
// between two requests.
type Gate struct {
	Every int64 // least ns between two requests; 0: one second
	Tries int   // requests for one wish before it is given up; 0: 10. A publisher that is gone is not asked for ever.

	last  int64
	asked bool // last is set
	want  bool
	tries int
}

// Ask states that a viewer needs a keyframe. True: send a PLI now. False: one is under way or will be due (Next).
func (g *Gate) Ask(now int64) bool {
	if !g.want {
		g.want, g.tries = true, 0
	}
	return g.Due(now)
}

// Due tells whether a PLI is to be sent now: a keyframe is wanted, and the last request is long enough ago.
// It counts a true as sent.
func (g *Gate) Due(now int64) bool {
	if !g.want || g.asked && now-g.last < g.every() {
		return false
	}
	if g.tries >= g.limit() {
		g.want = false
		return false
	}
	g.asked, g.last = true, now
	g.tries++
	return true
}

// Next is when Due has something to do; false: nobody wants a keyframe.
func (g *Gate) Next() (int64, bool) {
	if !g.want {
		return 0, false
	}
	if !g.asked {
		return g.last, true
	}
	return g.last + g.every(), true
}

// Keyframe states that a keyframe has begun to arrive: what was wanted is on its way.
func (g *Gate) Keyframe() { g.want = false }

func (g *Gate) every() int64 {
	if g.Every > 0 {
		return g.Every
	}
	return 1000 * ms
}

func (g *Gate) limit() int {
	if g.Tries > 0 {
		return g.Tries
	}
	return 10
}
