package sfu

import "fmt"

// Error is what a caller is told when the engine refuses something. The Code decides what a person reads; Detail and the
// cause are for the log, because they may hold parts of a foreign SDP.
type Error struct {
	Code   string
	Detail string
	Err    error
}

// The codes.
const (
	CodecUnsupported = "codec_unsupported" // the offer sends video that is neither VP8 nor H.264, or audio that is not Opus
	SDPInvalid       = "sdp_invalid"       // not an offer we can answer
	TooManyPeers     = "too_many_peers"    // Config.MaxPeers reached
	Overloaded       = "overloaded"        // the server does all it can; to be tried again
	PeerExists       = "peer_exists"       // the id is in use
	PeerUnknown      = "peer_unknown"      // no such peer, or it is gone
	MediaClosed      = "media_closed"      // the engine is shutting down
)

func (e *Error) Error() string {
	switch {
	case e.Err != nil && e.Detail != "":
		return fmt.Sprintf("sfu: %s: %s: %v", e.Code, e.Detail, e.Err)
	case e.Err != nil:
		return fmt.Sprintf("sfu: %s: %v", e.Code, e.Err)
	case e.Detail != "":
		return fmt.Sprintf("sfu: %s: %s", e.Code, e.Detail)
	}
	return "sfu: " + e.Code
}

func (e *Error) Unwrap() error { return e.Err }

func invalid(detail string, err error) *Error {
	return &Error{Code: SDPInvalid, Detail: detail, Err: err}
}
