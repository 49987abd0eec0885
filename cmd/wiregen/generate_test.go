package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	messages = "../../signaling/wire/messages*.go"
	written  = "../../static/web/src/wire.gen.ts"
)

func TestWrittenFileIsFresh(t *testing.T) {
	want, err := generate(messages)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(written)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is stale: run go generate ./signaling/wire", written)
	}
}

func TestGenerateSaysWhatItCannotTranslate(t *testing.T) {
	for name, tc := range map[string]struct{ src, want string }{
		"a map":          {"type M struct {\n\tA map[string]int `json:\"a\"`\n}", "M: A:"},
		"no json tag":    {"type M struct {\n\tA int\n}", "M: a field"},
		"odd constant":   {"const A = \"x\" + \"y\"", "A:"},
		"not a struct":   {"type M int", "M:"},
		"missing a body": {"type M struct {\n\tA int `json:\"a\"`\n}", "hello: Hello"},
		"not Go":         {"type", "expected"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "m.go")
			if err := os.WriteFile(path, []byte("package m\n\n"+tc.src+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := generate(path)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error is %v, want one with %q", err, tc.want)
			}
		})
	}
}
