package signaling

import (
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/sfu"
	"betang/signaling/wire"
)

// graceMs is how long a session without socket, and a viewer's media without proof of life, are kept for a return.
const graceMs = 60_000

// member is one session in the hub: a device's run. It outlives its sockets by the grace period, and by as long as
// its media lives. Owned by the hub's goroutine, but for id, claims and actor, which never change.
type member struct {
	// What each beat reads of everybody stands first, so that ten thousand sessions are few lines of a processor's cache.
	conn      *conn            // nil: no socket now
	person    *presence        // nil: nobody known
	tracks    [3]*attend.Track // its evidence by class: socket, delivered, decoded; nil: none yet
	socketTo  int64            // end of the socket evidence of this socket; 0: none yet
	turn      int              // how many came before: members are looked at by turns, see looks
	aud       audience
	admitted  bool
	due       bool // waits to be looked at
	stale     bool // its socket had not taken the last state with the last broadcast
	mineDirty bool

	viewer *peer // what it watches by; nil
	leftAt int64 // Unix ms when the last socket ended

	id     classroom.SessionID
	claims Claims
	actor  classroom.Actor
	// sources are the peers it publishes by.
	sources map[sfu.PeerID]*peer

	pin sfu.Quality // what picture it wants at most

	gaze      []sfu.PeerID // which faces of a class it looks at
	small     bool         // and they stand small there
	tiles     []sfu.PeerID // which it has, by slot
	micOff    bool         // says that its own microphone is off
	classTold string       // the class as sent last

	look      watching // what its monitor shows
	supported []classroom.QuestionID
	told      wire.MyPresence // presence as sent last

	playingAt int64 // when the last playing came
}

func (m *member) supports(q classroom.QuestionID) bool { return slices.Contains(m.supported, q) }

// memberFor continues the session that the client names if it is the same holder's, else makes a new one. Session
// ids are unguessable and told only to their holder.
func (h *Hub) memberFor(want classroom.SessionID, claims Claims, person *classroom.Person) *member {
	if m := h.members[want]; m != nil {
		if m.claims.Person == claims.Person && m.claims.Role == claims.Role {
			return m
		}
		want = ""
	}
	admitted := false
	if want != "" {
		// Of an earlier run of the server, perhaps: the journal knows.
		who, role, ok := h.room.Admitted(want)
		admitted = ok && who == claims.Person && role == claims.Role
	}
	if !admitted {
		want = classroom.SessionID("s" + strings.ToLower(rand.Text()))
	}
	m := &member{
		id: want, claims: claims, aud: audienceOf(h.room.Event().Kind, claims.Role), admitted: admitted, turn: h.looks.turn(),
		actor: classroom.Actor{
			Person: claims.Person, Role: claims.Role, Session: want, Name: claims.Name, Link: claims.ID,
		},
		sources: map[sfu.PeerID]*peer{},
	}
	if person != nil {
		h.names[person.ID] = *person
		m.person = h.presence(person.ID)
		m.person.members = append(m.person.members, m)
		if m.actor.Name == "" && classroom.May(claims.Role, "backstage") {
			m.actor.Name = fullName(*person)
		}
	}
	h.members[want] = m
	h.idle = 0
	return m
}

// admit records in the journal that the session was let in. It goes with the other commands, so that a thousand
// joins share few writes; a beat tries again what found the queue full or the journal failing.
func (h *Hub) admit(m *member) {
	method := m.claims.Method
	switch {
	case m.claims.Role == classroom.RoleGuest:
		method = "guest"
	case method == "":
		method = "link"
	}
	m.admitted = h.submit(request{by: m.actor, cmd: classroom.Admit{Method: method, Device: m.claims.Device}, then: func(_ int64, err error) {
		switch {
		case err == nil:
		case classroom.Passing(err):
			m.admitted = false // busy, or the event has no home at the moment
		default:
			h.log.Warn("session not recorded", "session", string(m.id), "err", err)
		}
	}})
}

// detach takes a socket off its session. seen is when the socket was last known alive.
func (h *Hub) detach(m *member, c *conn) {
	if m.conn != c {
		return // replaced by another socket of the same session
	}
	now := h.now().UnixMilli()
	h.observeSocket(m, now)
	m.conn = nil
	m.leftAt = now
	h.present.left(m)
	h.class.dirty = true
}

// sweep takes in the sockets' evidence and looks after sessions: once a beat.
func (h *Hub) sweep(now time.Time) {
	ms := now.UnixMilli()
	due := h.looks.fresh[:0]
	for id, m := range h.members {
		if (m.turn+h.beats)%mineEvery == 0 {
			due = append(due, m)
		}
		if m.conn == nil {
			h.sweepAbsent(id, m, ms)
			continue
		}
		h.observeSocket(m, ms)
		if m.stale && m.conn.slow(now) {
			m.conn.goodbye("slow", "", h.srv.spread(), true)
		}
		if !m.admitted && !h.broken {
			h.admit(m)
		}
	}
	h.looks.add(due)
	h.looks.fresh = due
}

// sweepAbsent looks after a session without a socket. Its viewer is kept as long as media proves that somebody receives it,
// and the session as long as it has media; then both for the grace period.
func (h *Hub) sweepAbsent(id classroom.SessionID, m *member, now int64) {
	if v := m.viewer; v != nil && now-max(m.leftAt, v.delivered) > graceMs {
		h.closePeer(v)
	}
	if len(m.sources) == 0 && m.viewer == nil && now-m.leftAt > graceMs {
		h.release(id, m)
	}
}

func (h *Hub) expired(c Claims) bool {
	now := h.srv.cfg.Wall() // tokens are of the wall clock
	revoked := h.srv.cfg.Revoked
	return !c.Expires.IsZero() && !now.Before(c.Expires) || revoked(c.ID) || c.Parent != "" && revoked(c.Parent)
}

// expel ends a session whose token is no longer good, with its media.
func (h *Hub) expel(m *member) {
	if m.viewer != nil {
		h.closePeer(m.viewer)
	}
	for _, p := range m.sources {
		h.takeDown(p)
	}
	if m.conn != nil {
		m.conn.goodbye("revoked", "", 0, false)
	}
}

func (h *Hub) release(id classroom.SessionID, m *member) {
	delete(h.members, id)
	if m.person != nil {
		m.person.members = slices.DeleteFunc(m.person.members, func(other *member) bool { return other == m })
	}
}
