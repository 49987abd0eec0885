package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"unicode/utf8"
)

// Envelope is what a websocket text message holds, both ways. With ID 0 or absent the sender wants no answer.
type Envelope struct {
	T  string          `json:"t"`
	ID uint32          `json:"id,omitempty"`
	D  json.RawMessage `json:"d,omitempty"`
}

// Message is one decoded client message. Body is a pointer to the struct that Client names for T, or nil for ping.
// Texts are trimmed, of valid length and free of control characters.
type Message struct {
	T    string
	ID   uint32
	Body any
}

// DecodeError tells why a message was refused. T and ID are set as far as they could be read, so that the refusal
// can be answered. Its kind is always Invalid.
type DecodeError struct {
	T    string
	ID   uint32
	Code string // stable name of a sentence
	Err  error  // for the log; nil when the code says it all

	// Fatal: the bytes are no envelope, so the sender does not speak this protocol.
	Fatal bool
}

// Error gives the text for logs. It never holds what the client wrote.
func (e *DecodeError) Error() string {
	if e.Err != nil {
		return e.Code + ": " + e.Err.Error()
	}
	return e.Code
}

// Unwrap gives the cause.
func (e *DecodeError) Unwrap() error { return e.Err }

var (
	errKey       = errors.New("unknown or repeated key")
	errTrailing  = errors.New("data after the message")
	errNotObject = errors.New("not an object")
)

// shape is what Decode knows of a message type.
type shape struct {
	body reflect.Type // nil: no body
	keys map[string]bool
}

var (
	envelopeKeys = keysOf(reflect.TypeFor[Envelope]())
	shapes       = shapesOf(Client)
)

func shapesOf(kinds []Kind) map[string]shape {
	m := make(map[string]shape, len(kinds))
	for _, k := range kinds {
		s := shape{}
		if k.Body != nil {
			s.body = reflect.TypeOf(k.Body)
			s.keys = keysOf(s.body)
		}
		m[k.T] = s
	}
	return m
}

func keysOf(t reflect.Type) map[string]bool {
	keys := make(map[string]bool, t.NumField())
	for i := range t.NumField() {
		name, _, _ := bytes.Cut([]byte(t.Field(i).Tag.Get("json")), []byte(","))
		keys[string(name)] = true
	}
	return keys
}

// Decode reads one client message. It refuses, with a *DecodeError, what is not exactly one JSON object of a known
// type: invalid UTF-8, more than MaxMessage bytes, trailing data, keys that are unknown, repeated or in the wrong
// case, values of the wrong type, and texts outside their limits.
func Decode(data []byte) (Message, error) {
	if len(data) > MaxMessage {
		return Message{}, &DecodeError{Code: "message_too_big", Fatal: true}
	}
	if !utf8.Valid(data) {
		return Message{}, &DecodeError{Code: "message_malformed", Err: errors.New("invalid UTF-8"), Fatal: true}
	}
	if err := strictObject(data, envelopeKeys); err != nil {
		return Message{}, &DecodeError{Code: "message_malformed", Err: err, Fatal: true}
	}
	var env Envelope
	if err := json.Unmarshal(data, &env); err != nil {
		return Message{}, &DecodeError{Code: "message_malformed", Err: plain(err), Fatal: true}
	}
	m := Message{T: env.T, ID: env.ID}
	sh, ok := shapes[env.T]
	if !ok {
		// What came is not repeated: it may be anything.
		return Message{ID: env.ID}, &DecodeError{ID: env.ID, Code: "message_unknown"}
	}
	refuse := func(code string, err error) (Message, error) {
		return m, &DecodeError{T: m.T, ID: m.ID, Code: code, Err: err}
	}
	if sh.body == nil {
		if d := bytes.TrimSpace(env.D); len(d) > 0 && string(d) != "null" && string(d) != "{}" {
			return refuse("message_malformed", errors.New("a body where none belongs"))
		}
		return m, nil
	}
	if err := strictObject(env.D, sh.keys); err != nil {
		return refuse("message_malformed", err)
	}
	body := reflect.New(sh.body).Interface()
	if err := json.Unmarshal(env.D, body); err != nil {
		return refuse("message_malformed", plain(err))
	}
	if code := check(body); code != "" {
		return refuse(code, nil)
	}
	m.Body = body
	return m, nil
}

// strictObject checks that data is one JSON object whose keys are all in keys, each at most once. Values are not
// looked at, only skipped: encoding/json bounds their depth and checks their syntax.
func strictObject(data []byte, keys map[string]bool) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	tok, err := dec.Token()
	if err != nil {
		return plain(err)
	}
	if tok != json.Delim('{') {
		return errNotObject
	}
	seen := make(map[string]bool, len(keys))
	var skip json.RawMessage
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return plain(err)
		}
		key, ok := tok.(string)
		if !ok || !keys[key] || seen[key] {
			return errKey
		}
		seen[key] = true
		if err := dec.Decode(&skip); err != nil {
			return plain(err)
		}
	}
	if _, err := dec.Token(); err != nil {
		return plain(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errTrailing
	}
	return nil
}

// plain keeps of an encoding/json error what is safe to log: its kind and place, never the value, which somebody typed.
func plain(err error) error {
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("JSON syntax at byte %d", e.Offset)
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("wrong type at byte %d, want %s", e.Offset, e.Type)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return io.ErrUnexpectedEOF
	}
	return errors.New("unreadable JSON")
}

// Encode writes one server message. Body nil leaves "d" out. Bodies are this package's own structs, which always
// encode.
func Encode(t string, id uint32, body any) ([]byte, error) {
	return json.Marshal(struct {
		T  string `json:"t"`
		ID uint32 `json:"id,omitempty"`
		D  any    `json:"d,omitempty"`
	}{t, id, body})
}

// Open reads the envelope of a server message, for clients written in Go; D is left to be unmarshalled.
func Open(data []byte) (Envelope, error) {
	var env Envelope
	if err := json.Unmarshal(data, &env); err != nil {
		return Envelope{}, fmt.Errorf("wire: %w", plain(err))
	}
	return env, nil
}
