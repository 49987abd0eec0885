package main

import (
	"bytes"
	"database/sql"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"betang/classroom"
	"betang/classroom/attend"

	_ "github.com/mattn/go-sqlite3"
)

// ended makes a data folder with an event of two hours that three people attended.
func ended(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	p := pastLecture(t, dir, classroom.Event{ID: "kuliah", Title: "Kuliah Umum", StartsAt: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)})
	p.do(pastOperator, classroom.SetPhase{To: classroom.Live})
	p.keep()
	var people []classroom.Person
	var spans []attend.Span
	from := p.start.UnixMilli()
	for i, id := range []classroom.PersonID{"a", "b", "c"} {
		people = append(people, classroom.Person{ID: id, NIP: "19900101201503100" + string(rune('1'+i)), Name: "Nama " + string(id), Verified: true})
		for _, class := range []attend.Class{attend.Socket, attend.Delivered} {
			spans = append(spans, attend.Span{Person: string(id), Session: "s" + string(id), Class: class, From: from, To: from + int64(i+1)*2_400_000})
		}
	}
	p.must(p.st.SavePeople(t.Context(), people))
	p.must(p.st.SaveSpans(t.Context(), p.ev.ID, spans))
	if code, _, errs := betangCLI(t, "ratify", "--data", dir, "--event", "kuliah", "--by", "Kepala BPSDM", "--reason", "uji"); code != 1 || !strings.Contains(errs, "not ended") {
		t.Fatalf("a running event was ratified: exit %d: %s", code, errs)
	}
	p.end()
	return dir
}

// changePolicy adds the fact of a changed policy to the journal.
func changePolicy(t *testing.T, dir string, p attend.Policy) {
	t.Helper()
	st := openStore(t, dir)
	defer st.Close()
	ev, err := st.Event(t.Context(), "kuliah")
	if err != nil {
		t.Fatal(err)
	}
	facts, err := st.Facts(t.Context(), ev.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	room, err := classroom.Replay(ev, facts)
	if err != nil {
		t.Fatal(err)
	}
	by := classroom.Actor{Role: classroom.RoleBPSDM, Link: "l"}
	facts, err = room.Apply(room.At(), by, classroom.SetPolicy{Policy: p, Reason: "Keputusan nomor 12", Who: "Kepala Bidang"})
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Append(t.Context(), ev.ID, facts); err != nil {
		t.Fatal(err)
	}
}

// TestRatify freezes a list, checks it, and finds each thing that is touched afterwards.
func TestRatify(t *testing.T) {
	t.Parallel()
	dir := ended(t)
	must := func(args ...string) string {
		t.Helper()
		code, out, errs := betangCLI(t, args...)
		if code != 0 {
			t.Fatalf("%v: exit %d: %s%s", args, code, out, errs)
		}
		return out
	}
	ratify := []string{"ratify", "--data", dir, "--event", "kuliah", "--by", "Kepala BPSDM", "--reason", "Berita acara 1"}
	save := func(open bool) {
		t.Helper()
		st := openStore(t, dir)
		from := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC).UnixMilli()
		late := attend.Span{Person: "a", Session: "late", Class: attend.Socket, From: from, To: from + 1000, Open: open}
		if err := errors.Join(st.SaveSpans(t.Context(), "kuliah", []attend.Span{late}), st.Close()); err != nil {
			t.Fatal(err)
		}
	}
	save(true)
	if code, _, errs := betangCLI(t, ratify...); code != 1 || !strings.Contains(errs, "still open") {
		t.Errorf("ratifying while evidence is open: exit %d: %s", code, errs)
	}
	save(false)
	if out := must(ratify...); !strings.Contains(out, "3 orang") {
		t.Errorf("ratify: %q", out)
	}
	if code, _, errs := betangCLI(t, ratify...); code != 1 || !strings.Contains(errs, "ratified before") {
		t.Errorf("ratified twice: exit %d: %s", code, errs)
	}
	file := filepath.Join(dir, "hadir.json")
	must("export", "attendance", "--data", dir, "--event", "kuliah", "--format", "signed", "--out", file)
	key := strings.TrimSpace(must("key", "--data", dir))
	if b, err := hex.DecodeString(key); err != nil || len(b) != 32 {
		t.Errorf("key: %q", key)
	}
	verify := []string{"verify", file, "--key", key, "--data", dir}
	if out := must(verify...); !strings.Contains(out, "genuine: Kuliah Umum, 3 people") {
		t.Errorf("verify: %q", out)
	}
	if code, out, _ := betangCLI(t, "verify", file, "--key", strings.Repeat("00", 32)); code != 1 || !strings.Contains(out, "another key") {
		t.Errorf("another key: exit %d: %s", code, out)
	}

	csv := filepath.Join(dir, "hadir.csv")
	export := []string{"export", "attendance", "--data", dir, "--event", "kuliah", "--format", "csv", "--out", csv}
	must(export...)
	before, err := os.ReadFile(csv)
	if err != nil {
		t.Fatal(err)
	}

	// A policy that changes later changes nothing that was ratified.
	later := attend.DefaultPolicy()
	later.ThresholdPercent, later.ApprovedJP = 1, 40
	changePolicy(t, dir, later)
	must(export...)
	if after, err := os.ReadFile(csv); err != nil || !bytes.Equal(before, after) {
		t.Errorf("a later policy changed what was ratified: %v", err)
	}
	if out := must(verify...); !strings.Contains(out, "genuine") {
		t.Errorf("after a later policy: %q", out)
	}

	db, err := sql.Open("sqlite3", "file:"+filepath.Join(dir, "betang.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, step := range []struct{ change, says string }{
		{`UPDATE people SET name = 'Orang Lain' WHERE id = 'a'`, ""},
		{`UPDATE events SET policy = json_set(policy, '$.thresholdPercent', 1, '$.approvedJP', 40)`, "events, field policy: is not what was signed"},
		{`UPDATE events SET title = 'Kuliah Lain'`, "events, field title"},
		{`UPDATE ratified_jp SET jp = 9 WHERE person = 'c'`, "ratified_jp, field jp: of row 3"},
		{`UPDATE spans SET to_ms = to_ms + 1000 WHERE person = 'b' AND class = 2`, "evidence of row 2"},
		{`INSERT INTO spans VALUES ('kuliah', 'x', 's', 2, 1, 2, 0)`, "of 1 people who are not in the signed list"},
		{`DROP TRIGGER journal_keep_update; UPDATE journal SET body = CAST(replace(CAST(body AS TEXT), 'live', 'Live') AS BLOB) WHERE seq = 1`, "entry 1: changed"},
	} {
		if _, err := db.ExecContext(t.Context(), step.change); err != nil {
			t.Fatal(err)
		}
		code, out, errs := betangCLI(t, verify...)
		if step.says == "" && code != 0 || step.says != "" && (code != 1 || !strings.Contains(out, step.says)) {
			t.Errorf("%s: exit %d: %s%s", step.change, code, out, errs)
		}
		must(export...)
		if after, err := os.ReadFile(csv); err != nil || !bytes.Equal(before, after) {
			t.Errorf("%s changed what was ratified: %v", step.change, err)
		}
	}
	if _, err := db.ExecContext(t.Context(), `DELETE FROM ratified`); err == nil {
		t.Error("a ratified list could be deleted")
	}
	if _, err := db.ExecContext(t.Context(), `INSERT INTO ratified_void SELECT number, 1 FROM ratified`); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := betangCLI(t, verify...); code != 1 || !strings.Contains(out, "is void is not what the journal says") {
		t.Errorf("voided behind the journal's back: exit %d: %s", code, out)
	}
	if _, err := db.ExecContext(t.Context(), `DELETE FROM ratified_void`); err == nil {
		t.Error("a voided list could be made valid again")
	}

	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, bytes.Replace(body, []byte(`"name":"Nama b"`), []byte(`"name":"Nama d"`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := betangCLI(t, "verify", file); code != 1 || out != "baris 2, bidang name: bukan yang ditandatangani\n  row 2, field name: is not what was signed\n" {
		t.Errorf("a changed name: exit %d: %s", code, out)
	}
}
