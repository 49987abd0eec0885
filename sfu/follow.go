package sfu

import (
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/stun/v4"
)

// rebound is how long a chosen path must be silent before another one that is checked takes its place without being nominated. A
// publisher sends all the time; who only listens proves consent more often than this, or every 4 to 6 s and on one path alone.
const rebound = 3 * time.Second

// follow moves a PeerConnection to the address its peer now has where a NAT forgot the one before: the peer does not know of it and
// may nominate nothing again. Lean viewers have the same rule (lite.Host). One for each connection, called by its ICE agent alone.
type follow struct {
	chosen ice.Candidate // nil: nothing nominated yet
}

// look is called for each authenticated check, and says whether to move to the address it came from.
func (f *follow) look(m *stun.Message, _, from ice.Candidate, _ *ice.CandidatePair) bool {
	switch {
	case m.Contains(stun.AttrUseCandidate):
		f.chosen = from // pion follows that by itself
		return false
	case f.chosen == nil || f.chosen.Equal(from) || time.Since(f.chosen.LastReceived()) < rebound:
		return false
	}
	f.chosen = from
	return true
}
