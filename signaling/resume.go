package signaling

import (
	"context"
	"time"

	"betang/classroom"
	"betang/signaling/wire"

	"github.com/gorilla/websocket"
)

// deltaKey names a state message: what an audience that knows revision since needs to know now.
type deltaKey struct {
	aud   audience
	since int64
	full  bool
}

type delta struct {
	it    item
	empty bool
}

// delta gives such a message, encoded once per revision of the room however many want it.
func (h *Hub) delta(aud audience, since int64, full bool) delta {
	if rev := h.room.Rev(); rev != h.cacheRev {
		clear(h.cache)
		h.cacheRev = rev
	}
	key := deltaKey{aud, since, full}
	if full {
		key.since = 0
	}
	d, ok := h.cache[key]
	if !ok {
		st := h.stateView(aud, since, full)
		d = delta{it: h.prepare("state", st), empty: nothing(st)}
		d.it.to = st.Rev
		h.cache[key] = d
	}
	return d
}

// prepare encodes a message for many sockets.
func (h *Hub) prepare(t string, body any) item { return h.prepared(t, encode(t, 0, body)) }

// prepared is prepare of a message that is encoded.
func (h *Hub) prepared(t string, data []byte) item {
	h.encoded.Add(1)
	pm, err := websocket.NewPreparedMessage(websocket.TextMessage, data)
	if err != nil { // it writes to memory; kept for the day it does more
		h.log.Error("message not prepared", "type", t, "err", err)
		return item{data: data}
	}
	return item{prepared: pm}
}

// broadcast brings everyone up to date: the caught-up by the delta of their audience, the stale once they have
// drained, each person with what concerns it alone.
func (h *Hub) broadcast(now time.Time) {
	if h.broken {
		return // what is in the room may not be true; reload wakes the tick again
	}
	var have [audiences]bool
	for _, m := range h.members {
		if m.conn != nil {
			have[m.aud] = true
		}
	}
	var news [audiences]item
	base := h.base
	for aud := range audience(audiences) {
		switch {
		case h.base[aud] == h.room.Rev():
		case !have[aud]:
			h.base[aud] = h.room.Rev()
		default:
			// What says nothing is not sent, and the base stays: the next delta begins where clients stand.
			if d := h.delta(aud, h.base[aud], false); !d.empty {
				news[aud] = d.it
				h.base[aud] = h.room.Rev()
			}
		}
	}
	waiting := false
	for _, m := range h.members {
		if m.conn == nil {
			continue
		}
		if it := news[m.aud]; !it.empty() {
			m.conn.state(now, base[m.aud], it)
		}
		since, stale, drained := m.conn.behind()
		m.stale = stale && !drained
		if m.stale {
			waiting = true
		} else if stale {
			m.conn.catchUp(h.delta(m.aud, since, since == 0).it)
		}
		if m.mineDirty {
			h.sendMine(m, now)
		}
	}
	h.sendSlides()
	if waiting {
		h.wake()
	}
}

func (h *Hub) sendMine(m *member, now time.Time) {
	m.mineDirty = false
	v := h.mineView(m, now)
	if v.Presence != nil {
		m.told = *v.Presence
	}
	m.conn.replace(latestMine, item{data: encode("mine", 0, v)})
}

// join is a hello whose token was good: it makes or continues a session and tells the client everything it missed.
func (h *Hub) join(ctx context.Context, c *conn, claims Claims, person *classroom.Person, hello doHello) (*member, error) {
	var m *member
	err := h.try(ctx, func() error {
		if h.broken {
			return classroom.Refuse(classroom.Internal, "storage")
		}
		who := classroom.Actor{Person: claims.Person, Link: claims.ID, Session: classroom.SessionID(hello.hello.Session)}
		if h.room.Banned(who) {
			return classroom.Refuse(classroom.NotAllowed, "banned")
		}
		m = h.attach(h.now(), c, claims, person, hello)
		return nil
	})
	return m, err
}

func (h *Hub) attach(now time.Time, c *conn, claims Claims, person *classroom.Person, hello doHello) *member {
	m := h.memberFor(classroom.SessionID(hello.hello.Session), claims, person)
	if m.conn != nil {
		h.observeSocket(m, now.UnixMilli())
		m.conn.goodbye("replaced", "", 0, true)
	} else {
		h.present.came(m, h.names[claims.Person].Region)
	}
	m.conn, m.classTold = c, ""
	h.class.dirty = true
	m.socketTo = 0
	if !m.admitted {
		h.admit(m)
	}

	rev := hello.hello.Rev
	full := rev == 0 || rev > h.room.Rev()
	if full {
		rev = 0
	}
	c.begin(rev)
	c.answer("welcome", hello.id, wire.Welcome{
		V: wire.Version, Session: string(m.id), Boot: h.srv.boot, You: h.youView(m), Now: now.UnixMilli(),
		ICE:   h.srv.cfg.ICE(h.id, claims.ID+"."+string(m.id), c.host, 0),
		Nodes: h.srv.guide(seekerOf(c, claims, person)).Others,
	})
	c.state(now, rev, h.delta(m.aud, rev, full).it)
	h.sendMine(m, now)
	h.sendRung(m)
	if counts := h.countsFor(m.aud, h.Counts()); counts.Viewers+counts.Participants+counts.Guests > 0 || counts.Cut {
		c.replace(latestCounts, item{data: encode("counts", 0, counts)})
	}
	if m.aud == desk && h.vitals.told != nil {
		c.replace(latestVitals, item{data: h.vitals.told})
	}
	if t := h.talliesView(m.aud); len(t.Polls) > 0 {
		c.replace(latestTallies, item{data: encode("tallies", 0, t)})
	}
	if ink := h.inkView(); len(ink.Strokes) > 0 {
		c.replace(latestInk, item{data: encode("ink", 0, ink)})
	}
	return m
}

// countsFor cuts counts to what an audience gets.
func (h *Hub) countsFor(aud audience, c wire.Counts) wire.Counts {
	if aud != desk {
		c.Regions, c.Rungs, c.Halls = nil, nil, 0
	}
	return c
}

// sendCounts goes out at most once a second, when they changed.
func (h *Hub) sendCounts() {
	c := h.withFar(h.countsView())
	h.counts.Store(&c)
	var changed [audiences]bool
	for aud := range audience(audiences) {
		if cut := h.countsFor(aud, c); !sameCounts(cut, h.lastSeen[aud]) {
			h.lastSeen[aud] = cut
			changed[aud] = true
		}
	}
	if changed == [audiences]bool{} {
		return
	}
	var its [audiences]item
	for _, m := range h.members {
		if m.conn == nil || !changed[m.aud] {
			continue
		}
		if its[m.aud].empty() {
			its[m.aud] = h.prepare("counts", h.lastSeen[m.aud])
		}
		m.conn.replace(latestCounts, its[m.aud])
	}
}

// encode writes a message of this package's own. That cannot fail: wire's structs hold nothing JSON cannot say.
func encode(t string, id uint32, body any) []byte {
	data, err := wire.Encode(t, id, body)
	if err != nil {
		panic("signaling: " + err.Error())
	}
	return data
}
