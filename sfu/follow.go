package sfu

import (
	"time"

	"betang/sfu/lite"

	"github.com/pion/ice/v4"
	"github.com/pion/stun/v4"
)

// follow moves a PeerConnection to the address its peer now has where a NAT forgot the one before: the peer does not know of it and
// may nominate nothing again. Lean viewers have the same rule (lite.Rebound). One for each connection, called by its ICE agent alone.
type follow struct {
	chosen ice.Candidate // nil: nothing nominated yet
}

// look is called for each authenticated check, and says whether to move to the address it came from.
func (f *follow) look(m *stun.Message, _, from ice.Candidate, _ *ice.CandidatePair) bool {
	switch {
	case m.Contains(stun.AttrUseCandidate):
		f.chosen = from // pion follows that by itself
		return false
	case f.chosen == nil || f.chosen.Equal(from) || time.Since(f.chosen.LastReceived()) < lite.Rebound:
		return false
	}
	f.chosen = from
	return true
}
