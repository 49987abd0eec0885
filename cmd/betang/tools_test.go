package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"betang/classroom"
	"betang/classroom/roster"
)

// betangCLI runs the command line in this process.
func betangCLI(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, &out, &errs)
	return code, out.String(), errs.String()
}

func TestCommandLine(t *testing.T) {
	dir := t.TempDir()
	must := func(args ...string) string {
		t.Helper()
		code, out, errs := betangCLI(t, args...)
		if code != 0 {
			t.Fatalf("%v: exit %d: %s", args, code, errs)
		}
		return out
	}
	must("event", "add", "apel", "--data", dir, "--title", "Apel Pagi", "--starts", "2026-11-30 07:30", "--ends", "2026-11-30 08:15", "--minutes", "60", "--threshold", "80")
	if out := must("event", "add", "kuliah", "--data", dir, "--title", "Kuliah Umum", "--starts", "2026-11-30 09:00", "--ends", "2026-11-30 11:30",
		"--rounding", "nearest", "--cap", "3", "--bridge", "30", "--ceremony", "--levels", "AB"); !strings.Contains(out,
		"hadir minimal 70 %; 45 menit per JP, dibulatkan ke yang terdekat; paling banyak 3 JP; jeda sampai 30 detik dihitung hadir; upacara dihitung; hanya tingkat A, B (aturan versi 2)") {
		t.Errorf("the rule: %q", out)
	}
	if out := must("event", "list", "--data", dir); !strings.Contains(out, "apel\t2026-11-30 07:30 WIB\tApel Pagi") {
		t.Errorf("event list: %q", out)
	}
	for role, want := range map[string]string{
		"speaker": "/k/apel/panggung#t=", "operator": "/k/apel/meja#t=", "minutes": "/k/apel/notulis#t=", "participant": "/k/apel#t=", "guest": "/k/apel#t=",
		"player": "WHEP  https://corpu.example/whep/apel", "bpsdm": "https://corpu.example/bpsdm#t=",
	} {
		if out := must("token", "--data", dir, "--event", "apel", "--role", role, "--url", "https://corpu.example/"); !strings.Contains(out, want) {
			t.Errorf("token for %s: %q", role, out)
		}
	}
	link := strings.Fields(must("token", "--data", dir, "--event", "apel", "--role", "operator"))[0]
	must("token", "revoke", link, "--data", dir)
	if code, _, errs := betangCLI(t, "token", "revoke", link, "--data", dir); code != 1 || !strings.Contains(errs, "opens nothing") {
		t.Errorf("revoking twice: exit %d: %s", code, errs)
	}
	out := filepath.Join(dir, "hadir.csv")
	must("export", "attendance", "--data", dir, "--event", "apel", "--format", "csv", "--out", out)
	if body, err := os.ReadFile(out); err != nil || len(parseAttendance(t, body)) != 0 {
		t.Errorf("an event nobody came to: %v", err)
	}
	if v := must("version"); !strings.HasPrefix(v, "betang ") {
		t.Errorf("version: %q", v)
	}
}

func TestCommandLineRefuses(t *testing.T) {
	dir := t.TempDir()
	if code, _, errs := betangCLI(t, "event", "add", "satu", "--data", dir, "--title", "Satu", "--starts", "2026-11-30 09:00", "--ends", "2026-11-30 10:00"); code != 0 {
		t.Fatal(errs)
	}
	for _, c := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"no command", nil, 2, "--help"},
		{"unknown flag", []string{"serve", "--fast"}, 2, "unknown flag"},
		{"unknown role", []string{"token", "--data", dir, "--event", "satu", "--role", "king"}, 2, "must be one of"},
		{"unknown event", []string{"export", "attendance", "--data", dir, "--event", "dua", "--out", filepath.Join(dir, "x.xlsx")}, 1, `no event "dua"`},
		{"same event twice", []string{"event", "add", "satu", "--data", dir, "--title", "Satu", "--starts", "2026-11-30 09:00", "--ends", "2026-11-30 10:00"}, 1, "exists already"},
		{"ends before it starts", []string{"event", "add", "dua", "--data", dir, "--title", "Dua", "--starts", "2026-11-30 09:00", "--ends", "2026-11-30 08:00"}, 1, "before it starts"},
		{"bad id", []string{"event", "add", "Dua Tiga", "--data", dir, "--title", "Dua", "--starts", "2026-11-30 09:00", "--ends", "2026-11-30 10:00"}, 1, "hyphens"},
		{"bad levels", []string{"event", "add", "dua", "--data", dir, "--title", "Dua", "--starts", "2026-11-30 09:00", "--ends", "2026-11-30 10:00", "--levels", "BA"}, 1, "ABCD"},
		{"50 minutes a JP", []string{"event", "add", "dua", "--data", dir, "--title", "Dua", "--starts", "2026-11-30 09:00", "--ends", "2026-11-30 10:00", "--minutes", "50"}, 1, "45 or 60"},
		{"more JP than the cap", []string{"event", "add", "dua", "--data", dir, "--title", "Dua", "--starts", "2026-11-30 09:00", "--ends", "2026-11-30 10:00", "--jp", "4", "--cap", "3"}, 1, "cannot be followed"},
		{"bad time", []string{"event", "add", "dua", "--data", dir, "--title", "Dua", "--starts", "besok", "--ends", "2026-11-30 10:00"}, 1, "not a time"},
		{"half a certificate", []string{"serve", "--data", dir, "--tls-cert", "x.pem"}, 1, "go together"},
		{"bad url", []string{"serve", "--data", dir, "--listen", "127.0.0.1:0", "--url", "corpu"}, 1, "not an address"},
		{"bad proxy", []string{"serve", "--data", dir, "--listen", "127.0.0.1:0", "--proxy", "10.0.0.1"}, 1, "not a network"},
	} {
		code, _, errs := betangCLI(t, c.args...)
		if code != c.code || !strings.Contains(errs, c.says) {
			t.Errorf("%s: exit %d, want %d: %s", c.name, code, c.code, errs)
		}
	}
}

func TestOneServerAFolder(t *testing.T) {
	dir := t.TempDir()
	unlock, err := lockFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lockFolder(dir); err == nil {
		t.Error("a second server took the folder")
	}
	unlock()
	again, err := lockFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	again()
}

// TestNextDemo: a demo that has ended is kept, and the next start begins another.
func TestNextDemo(t *testing.T) {
	ctx, now := t.Context(), time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	st := openStore(t, t.TempDir())
	t.Cleanup(func() { st.Close() })
	for _, want := range []classroom.EventID{"demo", "demo", "demo-2", "demo-3"} {
		id, err := seedDemo(ctx, st, now)
		if err != nil || id != want {
			t.Fatalf("%q, %v; want %q", id, err, want)
		}
		if want == "demo" && now.Hour() == 2 { // started twice before it ended
			now = now.Add(time.Hour)
			continue
		}
		ev, err := st.Event(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		room := classroom.NewRoom(ev)
		for _, to := range []classroom.Phase{classroom.Live, classroom.Ended} {
			facts, err := room.Apply(now, classroom.Actor{Role: classroom.RoleOperator, Session: "s1"}, classroom.SetPhase{To: to})
			if err != nil {
				t.Fatal(err)
			}
			if err := st.Append(ctx, id, facts); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestDemoPeopleAreInOrder(t *testing.T) {
	seen := map[string]bool{}
	regions := map[string]bool{}
	for _, p := range demoPeople() {
		if seen[p.NIP] {
			t.Errorf("%s has the NIP of another", p.ID)
		}
		if nip, warnings, err := roster.ParseNIP(p.NIP); err != nil || nip != p.NIP || len(warnings) > 0 {
			t.Errorf("%s: NIP %s: %v %v", p.ID, p.NIP, warnings, err)
		}
		seen[p.NIP], regions[p.Region] = true, true
	}
	if len(regions) != 14 {
		t.Errorf("people of %d regencies, want all 14", len(regions))
	}
}
