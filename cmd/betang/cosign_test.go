package main

import (
	"crypto/ed25519"
	"encoding/hex"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"betang/classroom/attend"
	"betang/classroom/cosign"
	"betang/classroom/store"
)

// TestCosigned ratifies a list that holds an edge's evidence, and checks it with the edge's key. Once the origin changes what
// the edge sent, the list says that the edge did not sign it.
func TestCosigned(t *testing.T) {
	t.Parallel()
	dir := ended(t)
	const node = "kotim-1.ab"
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	public := key.Public().(ed25519.PublicKey)
	from := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC).UnixMilli()
	spans := []attend.Span{{Person: "a", Session: "edge", Class: attend.Socket, From: from, To: from + 60_000}}
	edit := func(f func(st *store.Store) error) {
		t.Helper()
		st := openStore(t, dir)
		defer st.Close()
		if err := f(st); err != nil {
			t.Fatal(err)
		}
	}
	edit(func(st *store.Store) error {
		head := cosign.Sign(cosign.Next("kuliah", node, nil, 1, spans), key)
		if err := st.SaveHeads(t.Context(), node, public, []cosign.Signed{head}); err != nil {
			return err
		}
		_, err := st.SaveNodeSpans(t.Context(), "kuliah", node, 0, 1, spans)
		return err
	})
	run := func(want int, args ...string) string {
		t.Helper()
		code, out, errs := betangCLI(t, args...)
		if code != want {
			t.Fatalf("%v: exit %d: %s%s", args, code, out, errs)
		}
		return out
	}
	file := filepath.Join(dir, "hadir.json")
	ratify := func(reason string) {
		t.Helper()
		run(0, "ratify", "--data", dir, "--event", "kuliah", "--by", "Kepala BPSDM", "--reason", reason)
		run(0, "export", "attendance", "--data", dir, "--event", "kuliah", "--format", "signed", "--out", file)
	}
	ratify("Berita acara 1")
	if out := run(0, "verify", file, "--data", dir, "--edge", "kotim-1="+hex.EncodeToString(public)); !strings.Contains(out, "co-signed by "+node) {
		t.Errorf("verify: %s", out)
	}
	if out := run(1, "verify", file, "--edge", "kotim-1="+strings.Repeat("00", 32)); !strings.Contains(out, "edge kotim-1: signed by another key") {
		t.Errorf("another key: %s", out)
	}
	if out := run(1, "verify", file, "--edge", "seruyan-1="+strings.Repeat("00", 32)); !strings.Contains(out, "edge seruyan-1: signed nothing") {
		t.Errorf("an edge that is not there: %s", out)
	}

	spans[0].To += 3_600_000 // the origin helps
	edit(func(st *store.Store) error { return st.SaveSpans(t.Context(), "kuliah", spans) })
	ratify("Berita acara 2")
	if out := run(0, "verify", file); !strings.Contains(out, "not co-signed: the list does not hold all that "+node+" signed") {
		t.Errorf("verify: %s", out)
	}
	if out := run(1, "verify", file, "--edge", "kotim-1="+hex.EncodeToString(public)); !strings.Contains(out, "edge kotim-1: signed nothing") {
		t.Errorf("verify: %s", out)
	}
}
