package bwe

// signal is what the trend of the delay says.
type signal uint8

const (
	normal signal = iota
	overuse
	underuse
)

const (
	trendWindow = 20  // groups the line is fitted to
	trendGain   = 4.0 // draft-ietf-rmcat-gcc-02 leaves it open; libwebrtc's value
	smoothing   = 0.9 // of the accumulated delay
	growUp      = 8.7e-3
	growDown    = 39e-3
	leastBar    = 6.0
	mostBar     = 600.0
	overFor     = 10.0 // ms
)

// point is one group: when it came and how late.
type point struct{ at, delay float64 } // ms

// trend fits a line to the delay of the last groups and tells when it rises for long enough.
type trend struct {
	points [trendWindow]point
	n      int
	first  float64
	sum    float64 // accumulated delay, ms
	smooth float64
	groups int
	bar    float64
	barAt  float64
	since  float64 // how long above the bar, ms; negative: not
	over   int
	prior  float64
	state  signal
}

func newTrend() trend { return trend{bar: 12.5, since: -1} }

// add takes a group: the difference of its delay to the group's before, how long after it was sent, and when it came (ms).
func (t *trend) add(gradient, sentAfter, at float64) signal {
	if t.n == 0 {
		t.first = at
	}
	t.groups = min(t.groups+1, 60)
	t.sum += gradient
	t.smooth = smoothing*t.smooth + (1-smoothing)*t.sum
	t.points[t.n%trendWindow] = point{at - t.first, t.smooth}
	t.n++
	slope := t.prior
	if t.n >= trendWindow/2 {
		slope = t.slope()
	}
	t.judge(slope, sentAfter, at)
	return t.state
}

func (t *trend) slope() float64 {
	n := min(t.n, trendWindow)
	var mx, my float64
	for _, p := range t.points[:n] {
		mx += p.at
		my += p.delay
	}
	mx /= float64(n)
	my /= float64(n)
	var num, den float64
	for _, p := range t.points[:n] {
		num += (p.at - mx) * (p.delay - my)
		den += (p.at - mx) * (p.at - mx)
	}
	if den == 0 {
		return 0
	}
	return num / den
}

func (t *trend) judge(slope, sentAfter, at float64) {
	m := float64(t.groups) * slope * trendGain
	switch {
	case m > t.bar:
		if t.since < 0 {
			t.since = sentAfter / 2
		} else {
			t.since += sentAfter
		}
		t.over++
		if t.since > overFor && t.over > 1 && slope >= t.prior {
			t.since, t.over = 0, 0
			t.state = overuse
		}
	case m < -t.bar:
		t.since, t.over, t.state = -1, 0, underuse
	default:
		t.since, t.over, t.state = -1, 0, normal
	}
	t.prior = slope
	t.adapt(m, at)
}

// adapt moves the bar, so that another flow which fills the queue does not starve this one (section 5.4).
func (t *trend) adapt(m, at float64) {
	dt := min(at-t.barAt, 100)
	t.barAt = at
	a := max(m, -m)
	if a > t.bar+15 || dt <= 0 {
		return
	}
	k := growUp
	if a < t.bar {
		k = growDown
	}
	t.bar = min(max(t.bar+k*(a-t.bar)*dt, leastBar), mostBar)
}
