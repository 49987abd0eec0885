package signaling

import "betang/classroom"

// present counts who has a socket, as they come and leave. Owned by the hub's goroutine.
type present struct {
	guests       int
	participants int            // persons, whatever the number of their devices
	regions      map[string]int // participants by region; none is 0
}

// came counts a session that has a socket now and had none. region is its person's.
func (c *present) came(m *member, region string) {
	p := m.person
	switch {
	case m.claims.Role == classroom.RoleGuest:
		c.guests++
	case m.claims.Role == classroom.RoleParticipant && p != nil:
		if p.here > 0 && p.region != region { // the list was put right since they came
			c.move(p.region, -1)
			c.move(region, 1)
		}
		if p.here == 0 {
			c.participants++
			c.move(region, 1)
		}
		p.here++
		p.region = region
	}
}

// left is the end of what came counted.
func (c *present) left(m *member) {
	p := m.person
	switch {
	case m.claims.Role == classroom.RoleGuest:
		c.guests--
	case m.claims.Role == classroom.RoleParticipant && p != nil:
		if p.here--; p.here == 0 {
			c.participants--
			c.move(p.region, -1)
		}
	}
}

func (c *present) move(region string, by int) {
	if c.regions == nil {
		c.regions = map[string]int{}
	}
	if c.regions[region] += by; c.regions[region] == 0 {
		delete(c.regions, region)
	}
}

// watchers counts the viewers of the audience.
type watchers struct {
	n, hearing int
	ladder     rungCounts
	regions    map[string]regionWatch // participants' viewers whose step is known, by region
}

type regionWatch struct{ watch, voice int } // voice: of them, those whose network carries no picture

func (w *watchers) add(p *peer, now int64) {
	w.n++
	w.ladder.add(p.step)
	if m := p.member; p.step.rung > 0 && m != nil && m.person != nil && m.claims.Role == classroom.RoleParticipant {
		r := w.regions[m.person.region]
		r.watch++
		if p.stand.Cut || p.step.network && (p.stand.Rung == "voice" || p.stand.Rung == "slides") {
			r.voice++
		}
		w.regions[m.person.region] = r
	}
	if p.delivered > 0 && now-p.delivered <= hearingMs {
		w.hearing++
	}
}
