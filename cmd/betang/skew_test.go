package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// skewed gives servers clocks an hour apart: a binary is built whose time.Now adds what its environment says. Nothing else
// of it differs. It takes a minute or two, since everything is built on time.
func skewed(t *testing.T) func(node int, s *server) {
	t.Helper()
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(strings.TrimSpace(string(root)), "src", "time", "time.go")
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const read = "\tsec, nsec, mono := runtimeNow()\n"
	if bytes.Count(source, []byte("func Now() Time {\n"+read)) != 1 {
		t.Fatal("time.Now is written otherwise in this Go: skewed must follow")
	}
	changed := strings.Replace(string(source), "func Now() Time {\n"+read, "func Now() Time {\n"+read+"\tsec += testSkew\n", 1)
	changed = strings.Replace(changed, "import (\n", "import (\n\t\"syscall\"\n", 1) + `
var testSkew = func() (sec int64) {
	s, _ := syscall.Getenv("BETANG_TEST_SKEW")
	neg := len(s) > 0 && s[0] == '-'
	for _, d := range s {
		if d >= '0' && d <= '9' {
			sec = sec*10 + int64(d-'0')
		}
	}
	if neg {
		return -sec
	}
	return sec
}()
`
	dir := t.TempDir()
	copied, overlay, bin := filepath.Join(dir, "time.go"), filepath.Join(dir, "overlay.json"), filepath.Join(dir, "betang")
	list, err := json.Marshal(map[string]map[string]string{"Replace": {file: copied}})
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{copied: []byte(changed), overlay: list} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-overlay", overlay, "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("build with a clock that can be wrong: %v\n%s", err, out)
	}
	return func(node int, s *server) {
		s.bin = bin
		s.env = append(s.env, fmt.Sprintf("BETANG_TEST_SKEW=%d", []int{0, 3600, -3600, 1800}[node%4]))
	}
}
