package halls

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var testKey = []byte("0123456789abcdef0123456789abcdef")

func TestCode(t *testing.T) {
	const start = 1_795_485_600_000 / Turn * Turn
	code := Code(testKey, "kuliah-umum", "h12", Slot(start))
	if n := len("https://kuliah.example.go.id/h#" + code); n > 78 { // QR version 4, level M, holds 62 bytes; version 5 holds 84
		t.Errorf("%d characters for the QR", n)
	}
	for age, want := range map[int64]error{
		-Travel - 1: ErrStale, -Travel: nil, 0: nil, Turn: nil, Life: nil, Life + Travel: nil, Life + Travel + 1: ErrStale, 1 << 40: ErrStale,
	} {
		event, hall, err := ReadCode(testKey, code, start+age)
		if !errors.Is(err, want) || event != "kuliah-umum" || hall != "h12" {
			t.Errorf("age %d ms: %s %s %v, want %v", age, event, hall, err, want)
		}
	}
	// Turn, Life and Travel keep their promise: codes change every 30 to 60 s, and whoever reads one gets in.
	if Turn < 30_000 || Turn > 60_000 || Life < Turn || Life > 60_000 {
		t.Error("turn and life")
	}
}

// A code is good for one event, hall, turn and key, in one spelling.
func TestCodeProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		event := rapid.StringMatching(`[a-z0-9][a-z0-9-]{0,20}`).Draw(t, "event")
		hall := rapid.StringMatching(`h[1-9][0-9]{0,2}`).Draw(t, "hall")
		now := rapid.Int64Range(0, 1<<44).Draw(t, "now")
		code := Code(testKey, event, hall, Slot(now))
		if e, h, err := ReadCode(testKey, code, now); e != event || h != hall || err != nil {
			t.Fatalf("%s: %s %s %v", code, e, h, err)
		}
		i := rapid.IntRange(0, len(code)-1).Draw(t, "touched")
		with := rapid.SampledFrom([]byte("abz019.-+ A")).Draw(t, "with")
		touched := code[:i] + string(with) + code[i+1:]
		if _, _, err := ReadCode(testKey, touched, now); touched != code && !errors.Is(err, ErrCode) {
			t.Fatalf("%s was taken as %s: %v", touched, code, err)
		}
		if _, _, err := ReadCode([]byte(strings.Repeat("x", 32)), code, now); !errors.Is(err, ErrCode) {
			t.Fatalf("another key: %v", err)
		}
		if typed := Typed(testKey, event, hall, Slot(now)); len(typed) != 8 || strings.Trim(typed, "0123456789") != "" {
			t.Fatalf("typed code %q", typed)
		}
	})
}

func FuzzReadCode(f *testing.F) {
	f.Add(Code(testKey, "demo", "h1", 59_849_520), int64(59_849_520*Turn))
	f.Add("demo.h1.zzz.aaaaaaaaaaaaaaaa", int64(0))
	f.Add("....", int64(1))
	f.Add("demo.h1.-1.aaaaaaaaaaaaaaaa", int64(-1))
	f.Fuzz(func(t *testing.T, code string, now int64) {
		event, hall, err := ReadCode(testKey, code, now)
		if err != nil {
			return
		}
		parts := strings.Split(code, ".")
		if event != parts[0] || hall != parts[1] || len(parts) != 4 {
			t.Fatalf("%q was taken for %s %s", code, event, hall)
		}
	})
}

func TestScreenCode(t *testing.T) {
	const now = 1_795_485_600_000
	code := ScreenCode(testKey, "demo", "h1", now)
	if len(code) != 9 {
		t.Errorf("code %q", code)
	}
	for _, typed := range []string{code, strings.ToLower(code), strings.ReplaceAll(code, "-", " "), strings.ReplaceAll(code, "0", "o")} {
		if !IsScreenCode(testKey, "demo", "h1", typed, now+screenTurn) {
			t.Errorf("%q is not taken ten minutes later", typed)
		}
	}
	if IsScreenCode(testKey, "demo", "h1", code, now+2*screenTurn) || IsScreenCode(testKey, "demo", "h2", code, now) || IsScreenCode(testKey, "demo", "h1", "", now) {
		t.Error("a code opens what it should not")
	}
}
