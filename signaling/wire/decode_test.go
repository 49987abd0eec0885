package wire

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestDecodeAccepts(t *testing.T) {
	for name, tc := range map[string]struct {
		in   string
		want Message
	}{
		"hello": {
			`{"t":"hello","id":1,"d":{"v":1,"event":"demo","token":"a.b.c","rev":7,"session":"s1","lang":"en"}}`,
			Message{"hello", 1, &Hello{V: 1, Event: "demo", Token: "a.b.c", Rev: 7, Session: "s1", Lang: "en"}},
		},
		"another language": {
			`{"t":"hello","d":{"v":1,"event":"demo","token":"x","lang":"ban"}}`,
			Message{"hello", 0, &Hello{V: 1, Event: "demo", Token: "x", Lang: "id"}},
		},
		"trimmed":           {`{"t":"ask","d":{"text":"  a b\u200b "}}`, Message{"ask", 0, &Ask{"a b"}}},
		"one line":          {`{"t":"ask","d":{"text":"a\r\nb\tc"}}`, Message{"ask", 0, &Ask{"a b c"}}},
		"lines in answers":  {`{"t":"answer","d":{"question":"q1","text":"a\r\nb"}}`, Message{"answer", 0, &Answer{"q1", "a\nb"}}},
		"answered live":     {`{"t":"answer","d":{"question":"q1","text":" "}}`, Message{"answer", 0, &Answer{"q1", ""}}},
		"nothing shown":     {`{"t":"show","d":{"question":""}}`, Message{"show", 0, &Show{""}}},
		"300 code points":   {`{"t":"ask","d":{"text":"` + strings.Repeat("é", 300) + `"}}`, Message{"ask", 0, &Ask{strings.Repeat("é", 300)}}},
		"ping":              {`{"t":"ping","id":9}`, Message{"ping", 9, nil}},
		"ping with nothing": {` {"t":"ping","d":{}} `, Message{"ping", 0, nil}},
		"playing clipped":   {`{"t":"playing","d":{"ms":99999,"frames":3,"audio":20000,"visible":true}}`, Message{"playing", 0, &Playing{15000, 3, 15000, true}}},
		"scene":             {`{"t":"scene","d":{"main":"p1","auto":false}}`, Message{"scene", 0, &SetScene{Main: "p1"}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Decode([]byte(tc.in))
			if err != nil || !reflect.DeepEqual(got, tc.want) {
				t.Errorf("got %+v, %v; want %+v", got, err, tc.want)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		in, code string
		id       uint32
		fatal    bool
	}{
		"empty":               {``, "message_malformed", 0, true},
		"no object":           {`[1]`, "message_malformed", 0, true},
		"cut off":             {`{"t":"ping"`, "message_malformed", 0, true},
		"trailing data":       {`{"t":"ping"} {}`, "message_malformed", 0, true},
		"unknown envelope":    {`{"t":"ping","x":1}`, "message_malformed", 0, true},
		"repeated key":        {`{"t":"ping","t":"ping"}`, "message_malformed", 0, true},
		"key in wrong case":   {`{"T":"ping"}`, "message_malformed", 0, true},
		"id below zero":       {`{"t":"ping","id":-1}`, "message_malformed", 0, true},
		"id over 32 bits":     {`{"t":"ping","id":4294967296}`, "message_malformed", 0, true},
		"not UTF-8":           {"{\"t\":\"ask\",\"d\":{\"text\":\"\xff\"}}", "message_malformed", 0, true},
		"too big":             {`{"t":"ask","d":{"text":"` + strings.Repeat("a", MaxMessage) + `"}}`, "message_too_big", 0, true},
		"unknown type":        {`{"t":"kick","id":4,"d":{}}`, "message_unknown", 4, false},
		"no type":             {`{"id":4}`, "message_unknown", 4, false},
		"no body":             {`{"t":"ask","id":4}`, "message_malformed", 4, false},
		"null body":           {`{"t":"ask","id":4,"d":null}`, "message_malformed", 4, false},
		"unknown field":       {`{"t":"ask","id":4,"d":{"text":"a","admin":true}}`, "message_malformed", 4, false},
		"repeated field":      {`{"t":"ask","id":4,"d":{"text":"a","text":"b"}}`, "message_malformed", 4, false},
		"field in wrong case": {`{"t":"ask","id":4,"d":{"Text":"a"}}`, "message_malformed", 4, false},
		"wrong type":          {`{"t":"ask","id":4,"d":{"text":5}}`, "message_malformed", 4, false},
		"body for ping":       {`{"t":"ping","id":4,"d":{"x":1}}`, "message_malformed", 4, false},
		"blank question":      {`{"t":"ask","id":4,"d":{"text":" \u200b "}}`, "text_empty", 4, false},
		"301 code points":     {`{"t":"ask","id":4,"d":{"text":"` + strings.Repeat("a", 301) + `"}}`, "text_too_long", 4, false},
		"control character":   {`{"t":"ask","id":4,"d":{"text":"a\u0007b"}}`, "text_control", 4, false},
		"C1 control":          {`{"t":"ask","id":4,"d":{"text":"a\u0085b"}}`, "text_control", 4, false},
		"turned direction":    {`{"t":"ask","id":4,"d":{"text":"a\u202eb"}}`, "text_control", 4, false},
		"accents on accents":  {`{"t":"ask","id":4,"d":{"text":"a` + strings.Repeat("\u0351", MaxMarks+1) + `b"}}`, "text_control", 4, false},
		"emoji alone":         {`{"t":"ask","id":4,"d":{"text":"👏🏽👏🏽"}}`, "text_unreadable", 4, false},
		"a flood of emoji":    {`{"t":"ask","id":4,"d":{"text":"Hebat ` + strings.Repeat("👏", maxSigns+1) + `"}}`, "text_unreadable", 4, false},
		"reject, no reason":   {`{"t":"reject","id":4,"d":{"question":"q1","reason":""}}`, "text_empty", 4, false},
		"id with a slash":     {`{"t":"approve","id":4,"d":{"question":"../q1"}}`, "id_malformed", 4, false},
		"id missing":          {`{"t":"approve","id":4,"d":{}}`, "id_malformed", 4, false},
		"phase":               {`{"t":"phase","id":4,"d":{"to":"scheduled"}}`, "phase_unknown", 4, false},
		"source kind":         {`{"t":"publish","id":4,"d":{"kind":"cctv","sdp":"v=0"}}`, "source_kind", 4, false},
		"no SDP":              {`{"t":"watch","id":4,"d":{"sdp":"hello"}}`, "sdp_malformed", 4, false},
		"SDP too big":         {`{"t":"watch","id":4,"d":{"sdp":"v=0` + strings.Repeat("a", MaxSDP) + `"}}`, "sdp_too_big", 4, false},
		"revision below 0":    {`{"t":"hello","id":4,"d":{"v":1,"event":"e","token":"x","rev":-1}}`, "message_malformed", 4, false},
		"token with spaces":   {`{"t":"hello","id":4,"d":{"v":1,"event":"e","token":"a b"}}`, "token_invalid", 4, false},
		"token too long":      {`{"t":"hello","id":4,"d":{"v":1,"event":"e","token":"` + strings.Repeat("a", MaxToken+1) + `"}}`, "token_invalid", 4, false},
		"playing backwards":   {`{"t":"playing","id":4,"d":{"ms":-1}}`, "message_malformed", 4, false},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Decode([]byte(tc.in))
			e, ok := errors.AsType[*DecodeError](err)
			if !ok {
				t.Fatalf("error is %v", err)
			}
			if e.Code != tc.code || e.ID != tc.id || e.Fatal != tc.fatal {
				t.Errorf("got %s id %d fatal %v, want %s %d %v", e.Code, e.ID, e.Fatal, tc.code, tc.id, tc.fatal)
			}
			if _, ok := sentences[e.Code]; !ok {
				t.Errorf("%s has no sentence", e.Code)
			}
		})
	}
}

// TestErrorsKeepSecrets: what goes to the log never holds what somebody typed.
func TestErrorsKeepSecrets(t *testing.T) {
	for _, in := range []string{
		`{"t":"ask","d":{"text":199001012015031001}}`, `{"t":"199001012015031001"}`, `{"199001012015031001":1}`,
		`{"t":"ask","d":{"199001012015031001":1}}`, `{"t":"phase","d":{"to":"199001012015031001"}}`,
		`{"t":"ask","id":199001012015031001}`,
	} {
		if _, err := Decode([]byte(in)); err == nil || strings.Contains(err.Error(), "199001012015031001") {
			t.Errorf("%s: error is %v", in, err)
		}
	}
}

func TestEncodeOpen(t *testing.T) {
	data, err := Encode("error", 5, Error{"Invalid", "text_empty", "<b>"})
	if err != nil {
		t.Fatal(err)
	}
	env, err := Open(data)
	if err != nil || env.T != "error" || env.ID != 5 {
		t.Fatalf("%s opens as %+v, %v", data, env, err)
	}
	var e Error
	if err := json.Unmarshal(env.D, &e); err != nil || e.Message != "<b>" || e.Code != "text_empty" {
		t.Errorf("body is %+v, %v", e, err)
	}
	if data, _ := Encode("pong", 0, nil); string(data) != `{"t":"pong"}` {
		t.Errorf("pong is %s", data)
	}
	if _, err := Open([]byte("{")); err == nil {
		t.Error("half an envelope was opened")
	}
}

func TestTidy(t *testing.T) {
	if s, code := Tidy(" Dinas\tKesehatan ", 1, 100); s != "Dinas Kesehatan" || code != "" {
		t.Errorf("got %q %s", s, code)
	}
	for in, want := range map[string]string{"": "text_empty", "abc": "text_too_long", "\xff": "text_control", "\x00": "text_control"} {
		if _, code := Tidy(in, 1, 2); code != want {
			t.Errorf("%q: code %q, want %q", in, code, want)
		}
	}
}

// TestClientBodiesAreFlat holds what Decode's strictness relies on.
func TestClientBodiesAreFlat(t *testing.T) {
	for _, k := range Client {
		if k.Body == nil {
			continue
		}
		typ := reflect.TypeOf(k.Body)
		for i := range typ.NumField() {
			switch typ.Field(i).Type.Kind() {
			case reflect.String, reflect.Bool, reflect.Int, reflect.Int64:
			default:
				t.Errorf("%s: %s is not flat", k.T, typ.Field(i).Name)
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		`{"t":"hello","id":1,"d":{"v":1,"event":"demo","token":"a.b.c","rev":7,"session":"s1","lang":"en"}}`,
		`{"t":"ask","id":2,"d":{"text":" Kapan?\u2028 "}}`, `{"t":"answer","d":{"question":"q1","text":"a\r\n\r\nb"}}`,
		`{"t":"reject","d":{"question":"q1","reason":"x"}}`, `{"t":"ping"}`, `{"t":"ping","d":{}}`, `{"t":"ask","d":{"text":"\ud800"}}`,
		`{"t":"publish","id":4294967295,"d":{"kind":"camera","sdp":"v=0\r\n"}}`, `{"t":"playing","d":{"ms":5000,"frames":150,"audio":5000,"visible":true}}`,
		`{"t":"scene","d":{"main":"p1","second":"","interpreter":"p2","auto":false}}`, `{"t":"ask","t":"ask"}`, "{\"t\":\"ask\",\"d\":{\"text\":\"\x00\"}}",
		`[[[[[[`, `{"d":{"text":"a"},"t":"ask"}`, `{"t":"ask","d":{"text":"` + "\u200b\ufeff" + `"}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Decode(data)
		if err != nil {
			e, ok := errors.AsType[*DecodeError](err)
			if !ok {
				t.Fatalf("a bare error: %v", err)
			}
			if _, ok := sentences[e.Code]; !ok {
				t.Fatalf("%s has no sentence", e.Code)
			}
			return
		}
		for _, s := range texts(m.Body) {
			if !utf8.ValidString(s) || strings.TrimSpace(s) != s || utf8.RuneCountInString(s) > MaxAnswer {
				t.Fatalf("text %q came through", s)
			}
			if strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }) {
				t.Fatalf("control character in %q", s)
			}
		}
		// What was accepted encodes to something that means the same.
		again, err := Encode(m.T, m.ID, m.Body)
		if err != nil {
			t.Fatal(err)
		}
		if len(again) > MaxMessage { // Encode escapes <, > and &
			return
		}
		m2, err := Decode(again)
		if err != nil || !reflect.DeepEqual(m, m2) {
			t.Fatalf("%s reads back as %+v, %v; want %+v", again, m2, err, m)
		}
	})
}

func texts(body any) []string {
	switch b := body.(type) {
	case *Ask:
		return []string{b.Text}
	case *Reject:
		return []string{b.Reason}
	case *Answer:
		return []string{b.Text}
	}
	return nil
}
