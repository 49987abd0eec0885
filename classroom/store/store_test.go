package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"betang/classroom"
	"betang/classroom/attend"

	"pgregory.net/rapid"
)

var begin = time.Date(2025, 9, 24, 2, 0, 0, 0, time.UTC)

const demo classroom.EventID = "demo"

func demoEvent(id classroom.EventID) classroom.Event {
	return classroom.Event{
		ID: id, Kind: classroom.Lecture, Title: "Kuliah Umum: Huma Betang", Speaker: "Dr. Tjilik", Host: "BPSDM",
		Place: "Aula", StartsAt: begin, EndsAt: begin.Add(150 * time.Minute), Policy: attend.DefaultPolicy(),
	}
}

// open opens dir and closes it when the test ends.
func open(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// openReadOnly opens dir for reading and closes it when the test ends.
func openReadOnly(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := OpenReadOnly(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// withEvents opens a new store that knows the events.
func withEvents(t testing.TB, ids ...classroom.EventID) *Store {
	t.Helper()
	s := open(t, t.TempDir())
	for _, id := range ids {
		must(t, s.SaveEvent(t.Context(), demoEvent(id)))
	}
	return s
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused checks the kind and code of an error.
func refused(t testing.TB, err error, kind classroom.Kind, code string) {
	t.Helper()
	e, ok := errors.AsType[*classroom.Error](err)
	if !ok || e.Kind != kind || e.Code != code {
		t.Fatalf("got error %v, want %s %s", err, kind, code)
	}
}

// asked makes n facts with numbers from first.
func asked(first int64, n int) []classroom.Fact {
	facts := make([]classroom.Fact, n)
	for i := range facts {
		seq := first + int64(i)
		facts[i] = classroom.Fact{
			Seq: seq, At: begin.Add(time.Duration(seq) * time.Second),
			By:   classroom.Actor{Person: "p1", Role: classroom.RoleParticipant, Session: "s1"},
			Body: classroom.Asked{Question: classroom.QuestionID(fmt.Sprint("q", seq)), Text: "Kapan \"dimulai\"? <ya>"},
		}
	}
	return facts
}

func TestEvents(t *testing.T) {
	s := withEvents(t, demo)
	later := demoEvent("later")
	later.StartsAt = begin.Add(time.Hour)
	earlier := demoEvent("earlier")
	earlier.StartsAt = begin.Add(-time.Hour)
	must(t, s.SaveEvent(t.Context(), later))
	must(t, s.SaveEvent(t.Context(), earlier))

	got, err := s.Event(t.Context(), demo)
	must(t, err)
	if want := demoEvent(demo); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	all, err := s.Events(t.Context())
	must(t, err)
	if len(all) != 3 || all[0].ID != "earlier" || all[1].ID != demo || all[2].ID != "later" {
		t.Errorf("got %+v", all)
	}

	changed := demoEvent(demo)
	changed.Title, changed.Policy.ThresholdPercent = "Judul baru", 80
	must(t, s.SaveEvent(t.Context(), changed))
	if got, err := s.Event(t.Context(), demo); err != nil || !reflect.DeepEqual(got, changed) {
		t.Errorf("got %+v, %v", got, err)
	}

	_, err = s.Event(t.Context(), "nope")
	refused(t, err, classroom.NotFound, "event_unknown")
	refused(t, s.SaveEvent(t.Context(), classroom.Event{}), classroom.Invalid, "event_invalid")
}

func sri() classroom.Person {
	return classroom.Person{
		ID: "p1", NIP: "199502282022212998", Front: "Dr.", Name: "Sri Wahyuni", Back: "S.Sos., M.Si.", Kind: "PPPK",
		Grade: "IX", Position: "Analis", Unit: "Dinas Pendidikan", Instansi: "Pemerintah Provinsi", Region: "62.02",
		Verified: true,
	}
}

func TestPeople(t *testing.T) {
	s := withEvents(t, demo)
	governor := classroom.Person{ID: "gub", Name: "Gubernur", Kind: "PEJABAT"}
	vice := classroom.Person{ID: "wagub", Name: "Wakil Gubernur", Kind: "PEJABAT"}
	must(t, s.SavePeople(t.Context(), []classroom.Person{sri(), governor, vice}))
	if got, err := s.Person(t.Context(), "p1"); err != nil || got != sri() {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := s.Person(t.Context(), "gub"); err != nil || got != governor {
		t.Errorf("got %+v, %v", got, err)
	}
	_, err := s.Person(t.Context(), "nope")
	refused(t, err, classroom.NotFound, "person_unknown")
	_, err = s.PersonByNIP(t.Context(), "")
	refused(t, err, classroom.NotFound, "nip_unknown")
	_, err = s.PersonByNIP(t.Context(), "199001012015031999")
	refused(t, err, classroom.NotFound, "nip_unknown")

	// The number of a PPPK changes; the old one still finds the person, with the new one.
	moved := sri()
	moved.NIP, moved.Unit, moved.Verified = "199502282025242997", "Dinas Kesehatan", false
	must(t, s.SavePeople(t.Context(), []classroom.Person{moved}))
	for _, nip := range []string{sri().NIP, moved.NIP} {
		if got, err := s.PersonByNIP(t.Context(), nip); err != nil || got != moved {
			t.Errorf("by %s: got %+v, %v", nip, got, err)
		}
	}
	// And back.
	must(t, s.SavePeople(t.Context(), []classroom.Person{sri()}))
	if got, err := s.PersonByNIP(t.Context(), moved.NIP); err != nil || got != sri() {
		t.Errorf("got %+v, %v", got, err)
	}

	// Nobody takes another's number, and an import with one bad row changes nothing.
	thief := classroom.Person{ID: "p2", Name: "Lain", NIP: moved.NIP}
	fresh := classroom.Person{ID: "p3", Name: "Baru", NIP: "199001012015031999"}
	refused(t, s.SavePeople(t.Context(), []classroom.Person{fresh, thief}), classroom.Conflict, "nip_taken")
	_, err = s.Person(t.Context(), "p3")
	refused(t, err, classroom.NotFound, "person_unknown")
	refused(t, s.SavePeople(t.Context(), []classroom.Person{fresh, {}}), classroom.Invalid, "person_invalid")
	must(t, s.SavePeople(t.Context(), nil))
}

func TestPeopleByID(t *testing.T) {
	s := withEvents(t)
	var people []classroom.Person
	var ids []classroom.PersonID
	for i := range 2*lookUp + 1 {
		p := classroom.Person{
			ID: classroom.PersonID(fmt.Sprint("p", i)), Name: fmt.Sprint("Orang ", i),
			NIP: fmt.Sprintf("19900101201503%d%03d", 1+i/999, 1+i%999),
		}
		people, ids = append(people, p), append(ids, p.ID)
	}
	must(t, s.SavePeople(t.Context(), people))
	got, err := s.PeopleByID(t.Context(), append(ids, "nope"))
	must(t, err)
	if len(got) != len(people) {
		t.Fatalf("%d people, want %d", len(got), len(people))
	}
	for _, p := range people {
		if got[p.ID] != p {
			t.Fatalf("got %+v, want %+v", got[p.ID], p)
		}
	}
	if got, err := s.PeopleByID(t.Context(), nil); err != nil || len(got) != 0 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestCodes(t *testing.T) {
	s := withEvents(t, demo, "other")
	must(t, s.SavePeople(t.Context(), []classroom.Person{sri(), {ID: "p2", Name: "Budi"}}))
	_, err := s.PersonByCode(t.Context(), demo, "K7QM2P")
	refused(t, err, classroom.NotFound, "code_unknown")

	must(t, s.SaveCode(t.Context(), demo, "K7QM-2O1P", "p1"))
	for _, code := range []string{"K7QM2O1P", "k7qm 2o1p", "K7QM-201P", "K7QM2OIP", " k7qm2olp "} {
		if got, err := s.PersonByCode(t.Context(), demo, code); err != nil || got != sri() {
			t.Errorf("%q: got %+v, %v", code, got, err)
		}
	}
	_, err = s.PersonByCode(t.Context(), "other", "K7QM2O1P")
	refused(t, err, classroom.NotFound, "code_unknown")
	refused(t, s.SaveCode(t.Context(), demo, "k7qm2o1p", "p2"), classroom.Conflict, "code_taken")
	refused(t, s.SaveCode(t.Context(), demo, " - ", "p2"), classroom.Invalid, "code_invalid")
	refused(t, s.SaveCode(t.Context(), demo, "XYZ", "nope"), classroom.NotFound, "person_unknown")

	must(t, s.SaveCode(t.Context(), demo, "NEWCODE", "p1"))
	_, err = s.PersonByCode(t.Context(), demo, "K7QM2O1P")
	refused(t, err, classroom.NotFound, "code_unknown")
	if got, err := s.PersonByCode(t.Context(), demo, "newcode"); err != nil || got.ID != "p1" {
		t.Errorf("got %+v, %v", got, err)
	}

	// What is on disk is not the code, and two events do not show equal hashes for equal codes.
	must(t, s.SaveCode(t.Context(), "other", "NEWCODE", "p1"))
	var hashes, plain int
	row := s.reads.QueryRowContext(t.Context(), "SELECT count(DISTINCT hash), sum(hash LIKE '%NEWC%') FROM codes")
	must(t, row.Scan(&hashes, &plain))
	if hashes != 2 || plain != 0 {
		t.Errorf("%d hashes, %d in plain", hashes, plain)
	}
}

func TestSecrets(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	var wg sync.WaitGroup
	got := make([][]byte, 8)
	for i := range got {
		wg.Go(func() { got[i], _ = s.Secret(t.Context(), "tokens", 32) })
	}
	wg.Wait()
	for _, g := range got {
		if len(g) != 32 || !slices.Equal(g, got[0]) {
			t.Fatalf("secrets differ: %x", got)
		}
	}
	other, err := s.Secret(t.Context(), "other", 16)
	must(t, err)
	if len(other) != 16 || slices.Equal(other, got[0][:16]) || slices.Equal(other, make([]byte, 16)) {
		t.Errorf("got %x", other)
	}

	ro := openReadOnly(t, dir)
	if again, err := ro.Secret(t.Context(), "tokens", 32); err != nil || !slices.Equal(again, got[0]) {
		t.Errorf("got %x, %v", again, err)
	}
	_, err = ro.Secret(t.Context(), "never", 32)
	refused(t, err, classroom.NotFound, "secret_unknown")
}

func TestRevocations(t *testing.T) {
	s := withEvents(t)
	for _, id := range []string{"b", "a", "b"} {
		must(t, s.Revoke(t.Context(), id))
	}
	got, err := s.Revoked(t.Context())
	must(t, err)
	slices.Sort(got)
	if !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("got %v", got)
	}
}

func TestSpans(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	must(t, s.SaveEvent(t.Context(), demoEvent(demo)))
	spans := []attend.Span{
		{Person: "", Session: "guest", Class: attend.Socket, From: 5, To: 9, Open: true},
		{Person: "p1", Session: "s1", Class: attend.Socket, From: 10, To: 20, Open: true},
		{Person: "p1", Session: "s1", Class: attend.Delivered, From: 10, To: 10, Open: true},
		{Person: "p1", Session: "s2", Class: attend.Delivered, From: 12, To: 30},
	}
	must(t, s.SaveSpans(t.Context(), demo, spans))
	must(t, s.SaveSpans(t.Context(), demo, nil))
	got, err := s.Spans(t.Context(), demo)
	must(t, err)
	if !slices.Equal(got, spans) {
		t.Errorf("got  %v\nwant %v", got, spans)
	}
	refused(t, s.SaveSpans(t.Context(), "nope", spans), classroom.NotFound, "event_unknown")

	// The server dies; the next one closes what was open, at the last evidence.
	n, err := s.CloseSpans(t.Context())
	must(t, err)
	if n != 3 {
		t.Errorf("closed %d", n)
	}
	for i := range spans {
		spans[i].Open = false
	}
	if got, err := s.Spans(t.Context(), demo); err != nil || !slices.Equal(got, spans) {
		t.Errorf("got  %v, %v\nwant %v", got, err, spans)
	}
}

// TestSpansOrder: in whatever order the states of one growing span are saved, the newest remains.
func TestSpansOrder(t *testing.T) {
	s := withEvents(t, demo)
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		var states []attend.Span
		for _, to := range rapid.SliceOfN(rapid.Int64Range(100, 110), 1, 6).Draw(t, "to") {
			states = append(states, attend.Span{Person: "p", Session: fmt.Sprint(n), Class: attend.Decoded, From: 100, To: to, Open: true})
		}
		slices.SortFunc(states, func(a, b attend.Span) int { return int(a.To - b.To) })
		if rapid.Bool().Draw(t, "closed") {
			last := states[len(states)-1]
			last.Open = false
			states = append(states, last)
		}
		want := states[len(states)-1]
		for _, sp := range rapid.Permutation(states).Draw(t, "order") {
			if err := s.SaveSpans(context.Background(), demo, []attend.Span{sp}); err != nil {
				t.Fatal(err)
			}
		}
		got, err := s.Spans(context.Background(), demo)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(got, want) || len(got) != n {
			t.Fatalf("want %v in %v", want, got)
		}
	})
}

func TestOpen(t *testing.T) {
	t.Run("odd folder names, private file", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "Data BPSDM 100%?#&;=+é", "deep")
		s := open(t, dir)
		must(t, s.SaveEvent(t.Context(), demoEvent(demo)))
		entries, err := os.ReadDir(dir)
		must(t, err)
		if len(entries) != 3 {
			t.Errorf("files in the folder: %v", entries)
		}
		for _, e := range entries {
			info, err := e.Info()
			must(t, err)
			if info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s has mode %v", e.Name(), info.Mode())
			}
		}
	})
	t.Run("settings", func(t *testing.T) {
		s := withEvents(t)
		for pragma, want := range map[string]string{
			"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": busyTimeout,
		} {
			var got string
			must(t, s.w.conn.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got))
			if got != want {
				t.Errorf("%s = %s, want %s", pragma, got, want)
			}
		}
	})
	t.Run("many at once", func(t *testing.T) {
		dir := t.TempDir()
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				s, err := Open(t.Context(), dir)
				if err != nil {
					t.Error(err)
					return
				}
				if err := errors.Join(s.Revoke(t.Context(), "x"), s.Close()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	})
	t.Run("a file in the way", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "file")
		must(t, os.WriteFile(dir, nil, 0o600))
		_, err := Open(t.Context(), dir)
		refused(t, err, classroom.Internal, "store_failed")
	})
	t.Run("not a database", func(t *testing.T) {
		dir := t.TempDir()
		must(t, os.WriteFile(filepath.Join(dir, fileName), []byte(strings.Repeat("no database ", 1000)), 0o600))
		_, err := Open(t.Context(), dir)
		refused(t, err, classroom.Internal, "store_failed")
		_, err = OpenReadOnly(t.Context(), dir)
		refused(t, err, classroom.Internal, "store_failed")
	})
	t.Run("a newer file", func(t *testing.T) {
		dir := t.TempDir()
		s := open(t, dir)
		must(t, s.write(t.Context(), false, func(ctx context.Context, w *writer) error {
			_, err := w.conn.ExecContext(ctx, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)")
			return err
		}))
		_, err := OpenReadOnly(t.Context(), dir)
		refused(t, err, classroom.Internal, "store_version")
		_, err = Open(t.Context(), dir)
		refused(t, err, classroom.Internal, "store_version")
	})
}

func TestOpenReadOnly(t *testing.T) {
	dir := t.TempDir()
	_, err := OpenReadOnly(t.Context(), dir)
	refused(t, err, classroom.NotFound, "store_missing")
	if _, err := os.Stat(filepath.Join(dir, fileName)); !errors.Is(err, fs.ErrNotExist) {
		t.Error("reading made a file")
	}

	s := open(t, dir)
	must(t, s.SaveEvent(t.Context(), demoEvent(demo)))
	must(t, s.SavePeople(t.Context(), []classroom.Person{sri()}))
	ro := openReadOnly(t, dir)
	// It sees what the writer does after it was opened.
	must(t, s.Append(t.Context(), demo, asked(1, 3)))
	if facts, err := ro.Facts(t.Context(), demo, 0); err != nil || len(facts) != 3 {
		t.Errorf("got %v, %v", facts, err)
	}
	for name, err := range map[string]error{
		"Append":     ro.Append(t.Context(), demo, asked(4, 1)),
		"SaveSpans":  ro.SaveSpans(t.Context(), demo, []attend.Span{{}}),
		"SaveEvent":  ro.SaveEvent(t.Context(), demoEvent(demo)),
		"SavePeople": ro.SavePeople(t.Context(), []classroom.Person{sri()}),
		"Revoke":     ro.Revoke(t.Context(), "x"),
		"CloseSpans": func() error { _, err := ro.CloseSpans(t.Context()); return err }(),
	} {
		if e, ok := errors.AsType[*classroom.Error](err); !ok || e.Code != "store_read_only" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestInBubble: the store lives with fake time, and closing leaves no goroutine behind.
func TestInBubble(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s, err := Open(t.Context(), dir)
		must(t, err)
		must(t, s.SaveEvent(t.Context(), demoEvent(demo)))
		for i := range int64(3) {
			must(t, s.Append(t.Context(), demo, asked(i+1, 1)))
			time.Sleep(time.Hour)
		}
		must(t, s.Verify(t.Context(), demo))
		must(t, s.Close())
	})
}

// TestGenerated: package query was generated from the files as they are.
func TestGenerated(t *testing.T) {
	h := sha256.New()
	for _, pattern := range []string{"sqlc.yaml", "migrations/*.sql", "queries/*.sql"} {
		names, err := filepath.Glob(pattern)
		must(t, err)
		for _, name := range names {
			data, err := os.ReadFile(name)
			must(t, err)
			h.Write(data)
		}
	}
	want, err := os.ReadFile("query/inputs.sha256")
	must(t, err)
	if got := hex.EncodeToString(h.Sum(nil)); got != strings.TrimSpace(string(want)) {
		t.Error("the SQL changed since package query was generated: run go generate in classroom/store")
	}
}
