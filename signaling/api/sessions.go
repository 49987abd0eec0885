package api

import (
	"crypto/rand"
	"strconv"
	"strings"
	"sync"

	"betang/classroom"
)

// maxMediaSessions bounds the open WHIP and WHEP sessions that are remembered. A session whose transport died
// without a DELETE stays until pushed out; one pushed out while it plays goes on playing, it can only not be
// restarted or deleted by HTTP any more.
const maxMediaSessions = 20_000

// mediaSession is one WHIP or WHEP session resource.
type mediaSession struct {
	endpoint string // mayWHIP or mayWHEP
	event    classroom.EventID
	owner    string // id of the token that made it
	source   classroom.SourceID
	ice      int // counts ICE sessions; the entity tag is made of it
}

// etag is strong and names the ICE session (RFC 9725 section 4.3.1).
func (m mediaSession) etag() string { return `"` + strconv.Itoa(m.ice) + `"` }

// mediaSessions are the session resources by the secret name in their URL. The name is random because one WHEP token
// may serve any number of players: a player must not be able to name its neighbour's session.
type mediaSessions struct {
	limit int

	mu    sync.Mutex
	byID  map[string]mediaSession
	order []string // oldest first; may name sessions already removed
}

func newMediaSessions(limit int) *mediaSessions {
	return &mediaSessions{limit: limit, byID: map[string]mediaSession{}}
}

// add keeps m and gives its name. When full it forgets the oldest.
func (s *mediaSessions) add(m mediaSession) string {
	id := strings.ToLower(rand.Text())
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.byID) >= s.limit {
		delete(s.byID, s.order[0])
		s.order = s.order[1:]
	}
	s.byID[id] = m
	s.order = append(s.order, id)
	if len(s.order) > 2*s.limit { // mostly names of the removed
		kept := make([]string, 0, len(s.byID))
		for _, id := range s.order {
			if _, open := s.byID[id]; open {
				kept = append(kept, id)
			}
		}
		s.order = kept
	}
	return id
}

// get finds a session by its name, for its owner alone: to anybody else it does not exist.
func (s *mediaSessions) get(id, endpoint string, event classroom.EventID, owner string) (mediaSession, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, open := s.byID[id]
	if !open || m.endpoint != endpoint || m.event != event || m.owner != owner {
		return mediaSession{}, classroom.Refuse(classroom.NotFound, "media_unknown")
	}
	return m, nil
}

// restarted begins a new ICE session and gives its entity tag.
func (s *mediaSessions) restarted(id string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, open := s.byID[id]
	m.ice++
	if open {
		s.byID[id] = m
	}
	return m.etag()
}

func (s *mediaSessions) remove(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byID, id)
}

// matches tells whether an If-Match header names the current entity tag (RFC 9110 section 13.1.1, strong comparison).
// RFC 9725 prints the asterisk in quotes, so some clients send it that way.
func matches(ifMatch, etag string) bool {
	for part := range strings.SplitSeq(ifMatch, ",") {
		if part = strings.TrimSpace(part); part == etag || part == "*" || part == `"*"` {
			return true
		}
	}
	return false
}
