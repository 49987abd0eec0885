package classroom

import "errors"

// Kind says what sort of refusal an error is. It alone decides the HTTP status and the wire's kind.
type Kind string

// The kinds.
const (
	NotAllowed Kind = "NotAllowed"
	NotFound   Kind = "NotFound"
	Conflict   Kind = "Conflict"
	Invalid    Kind = "Invalid"
	TooMany    Kind = "TooMany"
	Internal   Kind = "Internal"
)

// Error refuses something. Code is the stable name of the sentence a person reads (signaling/wire holds the
// sentences in each language); Err, if any, is for the log and never leaves the server.
type Error struct {
	Kind Kind
	Code string
	Err  error
}

// Error gives the text for logs.
func (e *Error) Error() string {
	if e.Err != nil {
		return string(e.Kind) + " " + e.Code + ": " + e.Err.Error()
	}
	return string(e.Kind) + " " + e.Code
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf tells the kind of err: that of the first *Error in its chain, else Internal.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// Passing tells a refusal of the moment, TooMany or Internal, from one that stands: the same may be taken later. nil is none.
func Passing(err error) bool {
	kind := KindOf(err)
	return err != nil && (kind == TooMany || kind == Internal)
}

// Refuse makes an *Error.
func Refuse(kind Kind, code string) *Error { return &Error{Kind: kind, Code: code} }

// refusedBy gives the bare refusal of a part of the room, such as chat.Refusal, its kind. Anything else is a mistake of
// ours: Internal internal. It is nil for nil.
func refusedBy[R interface {
	error
	~string
}](kinds map[R]Kind, err error) error {
	if err == nil {
		return nil
	}
	if code, ok := err.(R); ok { //nolint:errorlint // the parts give bare refusals
		if kind, known := kinds[code]; known {
			return Refuse(kind, string(code))
		}
	}
	return &Error{Kind: Internal, Code: "internal", Err: err}
}
