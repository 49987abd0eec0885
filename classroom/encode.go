package classroom

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"
	"unicode/utf8"
)

// factJSON is a fact in the journal. The order of the fields is the order of the bytes, which are hashed: fields
// are only ever added, at the end and with omitempty, so that what was written before still encodes to itself.
type factJSON struct {
	Kind string          `json:"kind"`
	Seq  int64           `json:"seq"`
	At   int64           `json:"at"` // Unix ms
	By   actorJSON       `json:"by"`
	Body json.RawMessage `json:"body"`
}

type actorJSON struct {
	Person  PersonID  `json:"person,omitempty"`
	Role    Role      `json:"role"`
	Session SessionID `json:"session,omitempty"`
	Name    string    `json:"name,omitempty"`
	Link    string    `json:"link,omitempty"`
}

// factTypes are the bodies that exist, by kind.
var factTypes = func() map[string]reflect.Type {
	types := map[string]reflect.Type{}
	for _, b := range []FactBody{
		PhaseSet{},
		StageEntered{},
		StageLeft{},
		SceneSet{},
		Asked{},
		Supported{},
		Approved{},
		Merged{},
		Rejected{},
		Shown{},
		Answered{},
		Admitted{},
		Checked{},
		HandRaised{},
		HandInvited{},
		HandLowered{},
		SourceHeld{},
		Placed{},
		GateSet{},
		BackupSet{},
		TakeoverSet{},
		TookOver{},
		SourceSilent{},
		Announced{},
		CuePut{},
		CueMoved{},
		CueDropped{},
		CueStarted{},
		CueUndone{},
		Banned{},
		Unbanned{},
		Contested{},
		Decided{},
		HallOpened{},
		HallClosed{},
		HallMarked{},
		HallStruck{},
		PollMade{},
		PollTurned{},
		PollShown{},
		PollAnswered{},
		ChatSet{},
		Chatted{},
		ChatRemoved{},
		ChatPromoted{},
		Captioned{},
		Noted{},
		DeckAdded{},
		DeckDropped{},
		DeckShared{},
		PageShown{},
		ClassSet{},
		ShareGranted{},
		Quieted{},
		CalledOn{},
		Spoke{},
		RoomsMade{},
		RoomPut{},
		RoomsOpened{},
		RoomsClosed{},
		RoomEntered{},
		HelpCalled{},
		FlagJudged{},
		Corrected{},
		PolicySet{},
		ListVoided{},
		ListRatified{},
	} {
		types[b.FactKind()] = reflect.TypeOf(b)
	}
	return types
}()

// ErrFactKind is in the chain of DecodeFact's error for a kind of fact that this program does not know.
var ErrFactKind = errors.New("unknown kind of fact: written by a newer version")

// EncodeFact gives the one canonical form of a fact: JSON without spaces, fields in fixed order, text unescaped
// (but for what JSON itself demands). It fails on a fact that would not come back as it is.
func EncodeFact(f Fact) ([]byte, error) {
	if f.Body == nil || factTypes[f.Body.FactKind()] != reflect.TypeOf(f.Body) {
		return nil, fmt.Errorf("encode fact %d: %w", f.Seq, ErrFactKind)
	}
	if f.At.Nanosecond()%int(time.Millisecond) != 0 {
		return nil, fmt.Errorf("encode fact %d: time finer than a millisecond", f.Seq)
	}
	if !utf8Inside(reflect.ValueOf(f)) {
		return nil, fmt.Errorf("encode fact %d: text that is not UTF-8", f.Seq) // JSON would replace it
	}
	body, err := compactJSON(f.Body)
	if err != nil {
		return nil, fmt.Errorf("encode fact %d: %w", f.Seq, err)
	}
	return compactJSON(factJSON{
		Kind: f.Body.FactKind(), Seq: f.Seq, At: f.At.UnixMilli(), By: actorJSON(f.By), Body: body,
	})
}

// DecodeFact reads what EncodeFact wrote, and nothing else: a fact that does not encode to the same bytes again is
// refused, so that there is one encoding for one fact and the hash over it means the fact.
func DecodeFact(data []byte) (Fact, error) {
	var j factJSON
	if err := strictJSON(data, &j); err != nil {
		return Fact{}, fmt.Errorf("decode fact: %w", err)
	}
	t, ok := factTypes[j.Kind]
	if !ok {
		return Fact{}, fmt.Errorf("decode fact %d: kind %q: %w", j.Seq, j.Kind, ErrFactKind)
	}
	body := reflect.New(t)
	if err := strictJSON(j.Body, body.Interface()); err != nil {
		return Fact{}, fmt.Errorf("decode fact %d (%s): %w", j.Seq, j.Kind, err)
	}
	f := Fact{
		Seq: j.Seq, At: time.UnixMilli(j.At).UTC(), By: Actor(j.By), Body: body.Elem().Interface().(FactBody),
	}
	again, err := EncodeFact(f)
	if err != nil {
		return Fact{}, err
	}
	if !bytes.Equal(again, data) {
		return Fact{}, fmt.Errorf("decode fact %d (%s): not in canonical form", j.Seq, j.Kind)
	}
	return f, nil
}

func compactJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// utf8Inside tells whether all text in v is UTF-8. Facts are made of structs, slices, strings, numbers and truth values.
func utf8Inside(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.String:
		return utf8.ValidString(v.String())
	case reflect.Interface:
		return utf8Inside(v.Elem())
	case reflect.Slice:
		for i := range v.Len() {
			if !utf8Inside(v.Index(i)) {
				return false
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && !utf8Inside(v.Field(i)) {
				return false
			}
		}
	}
	return true
}

// strictJSON refuses unknown fields. What else is amiss (spaces, order, text after the end) the comparison with the
// canonical form finds.
func strictJSON(data []byte, v any) error {
	if !utf8.Valid(data) {
		return errors.New("not UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	return dec.Decode(v)
}
