package signaling

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"betang/signaling/wire"
)

// TestProtocolTextIsTrue reads PROTOCOL.md: every message is told, every line of the example is what the code reads
// and writes, and the limits are those of the code.
func TestProtocolTextIsTrue(t *testing.T) {
	raw, err := os.ReadFile("PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	server := map[string]reflect.Type{}
	for _, k := range append(append([]wire.Kind(nil), wire.Client...), wire.Server...) {
		if !strings.Contains(text, "| `"+k.T+"` |") {
			t.Errorf("%s is not told", k.T)
		}
	}
	for _, k := range wire.Server {
		if k.Body != nil {
			server[k.T] = reflect.TypeOf(k.Body)
		}
	}
	for _, n := range []int{
		wire.MaxMessage, wire.MaxSDP, wire.MaxToken, wire.MaxID, wire.MaxQuestion, wire.MaxReason, wire.MaxAnswer,
		wire.MaxPlayingMs, maxStates, maxAnswers, maxCommands, messageBurst, messageRate, offerBurst, patience,
		int(readWait.Seconds()), int(writeWait.Seconds()), int(slowAfter.Seconds()), int(helloWait.Seconds()),
		int(pingEvery.Seconds()), int(tickEvery.Milliseconds()), graceMs / 1000,
	} {
		if !strings.Contains(text, strconv.Itoa(n)) {
			t.Errorf("the limit %d is not told", n)
		}
	}

	_, rest, ok := strings.Cut(text, "```transcript\n")
	if !ok {
		t.Fatal("no example")
	}
	example, _, _ := strings.Cut(rest, "```")
	lines := 0
	for line := range strings.Lines(example) {
		lines++
		who, msg, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch who {
		case ">":
			if _, err := wire.Decode([]byte(msg)); err != nil {
				t.Errorf("line %d: %v", lines, err)
			}
		case "<":
			env, err := wire.Open([]byte(msg))
			typ := server[env.T]
			if err != nil || typ == nil {
				t.Errorf("line %d: %s, %v", lines, env.T, err)
				continue
			}
			body := reflect.New(typ)
			dec := json.NewDecoder(bytes.NewReader(env.D))
			dec.DisallowUnknownFields()
			if err := dec.Decode(body.Interface()); err != nil {
				t.Errorf("line %d: %v", lines, err)
			}
			if again := encode(env.T, env.ID, body.Elem().Interface()); string(again) != msg {
				t.Errorf("line %d: the server would write\n%s", lines, again)
			}
			if e, ok := body.Interface().(*wire.Error); ok && e.Message != wire.Say(e.Code, "id") {
				t.Errorf("line %d: the sentence is %q", lines, wire.Say(e.Code, "id"))
			}
		default:
			t.Errorf("line %d is neither sent nor received", lines)
		}
	}
	if lines < 10 {
		t.Errorf("an example of %d lines", lines)
	}
}
