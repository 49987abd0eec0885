package signaling

import (
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/checks"
	"betang/signaling/wire"
)

const (
	// aliveMs: two signs of life of a socket no further apart are one stretch of evidence. Pings make an idle
	// socket give one every pingEvery.
	aliveMs = 10_000
	// hearingMs: media counts as heard so long after its last proof.
	hearingMs = 10_000
)

// presence is what the hub knows of one person's attendance, over all devices and all runs of the server.
type presence struct {
	members map[*member]struct{}
	spans   []attend.Span
	index   map[spanKey]int // into spans
	last    map[attend.Class]int64
	check   checks.Watch
}

// spanKey names a span; one with the same name replaces it.
type spanKey struct {
	person, session string
	class           attend.Class
	from            int64
}

func keyOf(s attend.Span) spanKey { return spanKey{s.Person, s.Session, s.Class, s.From} }

func (h *Hub) presence(id classroom.PersonID) *presence {
	p := h.persons[id]
	if p == nil {
		p = &presence{members: map[*member]struct{}{}, index: map[spanKey]int{}, last: map[attend.Class]int64{}}
		h.persons[id] = p
	}
	return p
}

// put takes in a span as it stands now.
func (p *presence) put(s attend.Span) {
	key := keyOf(s)
	if i, ok := p.index[key]; ok {
		p.spans[i] = s
	} else {
		p.index[key] = len(p.spans)
		p.spans = append(p.spans, s)
	}
	p.last[s.Class] = max(p.last[s.Class], s.To)
}

// grow takes in a span as another node had it, unless more of it is known.
func (p *presence) grow(s attend.Span) {
	if i, ok := p.index[keyOf(s)]; !ok || p.spans[i].To < s.To {
		p.put(s)
	}
}

// participates tells whether the person is here now as a participant, on any device.
func (p *presence) participates() bool {
	for m := range p.members {
		if m.conn != nil && m.claims.Role == classroom.RoleParticipant {
			return true
		}
	}
	return false
}

func (h *Hub) presenceView(id classroom.PersonID, p *presence, now time.Time) wire.MyPresence {
	policy := h.room.Event().Policy
	r := attend.CreditSums(policy, h.room.Held(now), h.evidenceOf(id, now))
	v := wire.MyPresence{Seconds: r.Seconds, Live: r.CountedSeconds, Percent: r.Percent, Meets: r.Meets}
	t := h.room.Checks(id)
	v.ChecksAnswered, v.ChecksMissed, v.ChecksExcused = t.Answered, t.Missed, t.Excused
	for class, last := range p.last {
		if class&policy.Earns != 0 && now.UnixMilli()-last <= attend.Silence && last > 0 {
			v.Now = true
		}
	}
	return v
}

// observe gathers one beat's evidence: open sockets, and what the media engine can prove.
func (h *Hub) observe(now time.Time) {
	for _, m := range h.members {
		if m.conn != nil {
			h.observeSocket(m, now)
		}
	}
	h.deliveries = h.srv.cfg.Media.Deliveries(h.router(), h.deliveries[:0])
	for _, d := range h.deliveries {
		p := h.peers[d.Peer]
		if p == nil || p.kind != "" {
			continue
		}
		p.delivered = max(p.delivered, h.at(d.To))
		if p.member != nil {
			h.step(p.member, now, attend.Delivered, h.at(d.From), h.at(d.To))
		}
	}
	h.note(h.tracker.Tick(h.spans[:0], now.UnixMilli()))
}

// observeSocket counts a socket up to its last sign of life, never to now: one that died silently has no more.
func (h *Hub) observeSocket(m *member, now time.Time) {
	last := h.at(m.conn.seenAt())
	if last <= m.socketTo {
		return
	}
	from := m.socketTo
	if from == 0 || last-from > aliveMs {
		from = last
	}
	m.socketTo = last
	h.step(m, now, attend.Socket, from, last)
}

// playing takes in what a device says it decoded: no more than the time since its last report, only while the page
// was visible, and only for a session that has media.
func (h *Hub) playing(m *member, p wire.Playing) {
	now := h.now()
	ms := now.UnixMilli()
	since := m.playingAt
	m.playingAt = ms
	if m.viewer == nil || !m.viewer.up || !p.Visible || p.Frames == 0 && p.Audio == 0 {
		return
	}
	if since == 0 {
		since = m.viewer.upAt
	}
	from := max(ms-min(p.Ms, wire.MaxPlayingMs), since, m.viewer.upAt)
	if from < ms {
		h.step(m, now, attend.Decoded, from, ms)
	}
}

// step hands evidence to the tracker. Nobody's evidence is not kept, and none after the event.
func (h *Hub) step(m *member, now time.Time, class attend.Class, from, to int64) {
	if m.person == nil || h.room.Phase() == classroom.Ended {
		return
	}
	m.person.last[class] = max(m.person.last[class], min(to, now.UnixMilli()))
	h.note(h.tracker.Step(h.spans[:0], now.UnixMilli(), attend.Observation{
		Person: string(m.claims.Person), Session: string(m.id), Class: class, From: from, To: to,
	}))
}

// note takes in spans that changed.
func (h *Hub) note(spans []attend.Span) {
	for _, s := range spans {
		h.presence(classroom.PersonID(s.Person)).put(s)
		h.saver.add(s)
	}
	h.spans = spans[:0]
}

// flushSpans takes in the open spans as they stand.
func (h *Hub) flushSpans() { h.note(h.tracker.Flush(h.spans[:0])) }

// closeSpans ends all spans at their last evidence.
func (h *Hub) closeSpans() { h.note(h.tracker.Close(h.spans[:0])) }
