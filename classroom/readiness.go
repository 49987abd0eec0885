package classroom

import "time"

// Readiness is what an office reported of its own network and devices before an event: the outcome of the page "Uji
// perangkat". It is a report, not evidence.
type Readiness struct {
	At      time.Time
	Region  string // code; "": not said
	Unit    string
	Verdict ReadinessVerdict
	// The ways that were found open.
	Socket, UDP, TCP, TLS bool
	Kbps                  int // the rate that came through whole
	Loss                  int // in tenths of a percent
	RTT                   int // ms
	Sound, Camera, Mic    bool
	Times                 int // how often this office has reported
}

// ReadinessVerdict is the outcome in one word.
type ReadinessVerdict string

// The verdicts, from good to bad.
const (
	ReadyWell   ReadinessVerdict = "ready"  // picture and sound
	ReadySaving ReadinessVerdict = "saving" // sound, and a small picture or slides
	ReadyVoice  ReadinessVerdict = "voice"  // sound alone
	NotReady    ReadinessVerdict = "none"   // not even sound
)

// Valid tells whether it is one of the four.
func (v ReadinessVerdict) Valid() bool {
	switch v {
	case ReadyWell, ReadySaving, ReadyVoice, NotReady:
		return true
	}
	return false
}
