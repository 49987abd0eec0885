package signaling

import (
	"math/bits"
	"slices"
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
	members []*member
	check   checks.Watch // beside members: each beat reads both of everybody
	id      classroom.PersonID
	spans   []attend.Span   // final, of an earlier run, or another node's
	tracks  []*attend.Track // of the devices here; their open spans go on growing

	here   int    // sockets as a participant
	region string // as counted, while here is not 0
}

func (h *Hub) presence(id classroom.PersonID) *presence {
	p := h.persons[id]
	if p == nil {
		p = &presence{id: id}
		h.persons[id] = p
	}
	return p
}

// grow takes in a span as another node had it, unless more of it is known.
func (p *presence) grow(s attend.Span) {
	for i := len(p.spans) - 1; i >= 0; i-- { // what grows stands near the end
		if o := &p.spans[i]; o.From == s.From && o.Class == s.Class && o.Session == s.Session {
			if o.To < s.To {
				*o = s
			}
			return
		}
	}
	p.spans = append(p.spans, s)
}

// evidence appends all spans, those that are open as they stand now.
func (p *presence) evidence(dst []attend.Span) []attend.Span {
	dst = append(dst, p.spans...)
	for _, tr := range p.tracks {
		if s, ok := tr.Open(); ok {
			dst = append(dst, s)
		}
	}
	return dst
}

// track is that of a session and class. Those of sessions that are long over are forgotten.
func (p *presence) track(session classroom.SessionID, class attend.Class) *attend.Track {
	p.tracks = slices.DeleteFunc(p.tracks, func(tr *attend.Track) bool {
		return tr.Idle() && !slices.ContainsFunc(p.members, func(m *member) bool { return string(m.id) == tr.Session })
	})
	for _, tr := range p.tracks {
		if tr.Session == string(session) && tr.Class == class {
			return tr
		}
	}
	tr := &attend.Track{Person: string(p.id), Session: string(session), Class: class}
	p.tracks = append(p.tracks, tr)
	return tr
}

// receives tells whether media came to the person lately.
func (p *presence) receives(now int64) bool {
	const media = attend.Delivered | attend.Decoded
	return slices.ContainsFunc(p.evidence(nil), func(s attend.Span) bool { return s.Class&media != 0 && now-s.To <= hearingMs })
}

// frameAt is the event's rule and time now. It is made once for all who are looked at in one moment.
func (h *Hub) frameAt(now time.Time) *attend.Frame {
	if rev := h.room.Rev(); h.frame == nil || !h.frameOf.Equal(now) || h.frameRev != rev {
		h.frame, h.frameOf, h.frameRev = attend.NewFrame(h.room.Event().Policy, h.room.Held(now)), now, rev
	}
	return h.frame
}

func (h *Hub) presenceView(p *presence, now time.Time) wire.MyPresence {
	f := h.frameAt(now)
	h.evidence = h.evidenceOf(h.evidence[:0], p.id, now)
	r := f.Sums(h.evidence)
	v := wire.MyPresence{Seconds: r.Seconds, Live: r.CountedSeconds, Percent: r.Percent, Meets: r.Meets}
	t := h.room.Checks(p.id)
	v.ChecksAnswered, v.ChecksMissed, v.ChecksExcused = t.Answered, t.Missed, t.Excused
	v.Now = slices.ContainsFunc(h.evidence, func(s attend.Span) bool { return f.Earns(s) && now.UnixMilli()-s.To <= attend.Silence })
	return v
}

// observe gathers one beat's evidence of media: what the engine can prove.
func (h *Hub) observe(now time.Time) {
	ms := now.UnixMilli()
	h.deliveries = h.srv.cfg.Media.Deliveries(h.router(), h.deliveries[:0])
	for _, d := range h.deliveries {
		p := h.peers[d.Peer]
		if p == nil || p.kind != "" {
			continue
		}
		p.delivered = max(p.delivered, h.at(d.To))
		if p.member != nil {
			h.step(p.member, ms, attend.Delivered, h.at(d.From), h.at(d.To))
		}
	}
	h.note(h.tracker.Tick(h.spans[:0], ms))
}

// observeSocket counts a socket up to its last sign of life, never to now: one that died silently has no more.
func (h *Hub) observeSocket(m *member, now int64) {
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
	ms := h.now().UnixMilli()
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
		h.step(m, ms, attend.Decoded, from, ms)
	}
}

// step hands evidence to the tracker; times are the event's, in Unix ms. Nobody's evidence is not kept, and none after the
// event.
func (h *Hub) step(m *member, now int64, class attend.Class, from, to int64) {
	if m.person == nil || h.room.Phase() == classroom.Ended {
		return
	}
	tr := &m.tracks[bits.TrailingZeros8(uint8(class))]
	if *tr == nil {
		*tr = m.person.track(m.id, class)
	}
	if spans := h.tracker.Step(h.spans[:0], now, *tr, from, to); len(spans) > 0 {
		h.note(spans)
	}
}

// note takes in spans that are final.
func (h *Hub) note(spans []attend.Span) {
	for _, s := range spans {
		p := h.presence(classroom.PersonID(s.Person))
		p.spans = append(p.spans, s)
	}
	h.saver.final = append(h.saver.final, spans...)
	h.spans = spans[:0]
}

// closeSpans ends all spans at their last evidence.
func (h *Hub) closeSpans() { h.note(h.tracker.Close(h.spans[:0])) }
