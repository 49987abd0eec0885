package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/ratify"
	"betang/classroom/store"
	"betang/signaling/cluster"
	"betang/signaling/cluster/clustertest"
)

// office is BPSDM at one of several servers.
type office struct {
	s     *server
	token string
}

// try sends one request to the API and gives what came back.
func (o office) try(method, path, kind string, body []byte) (int, string) {
	o.s.t.Helper()
	return o.send(method, "/api"+path, kind, body)
}

func (o office) send(method, path, kind string, body []byte) (int, string) {
	o.s.t.Helper()
	req, err := http.NewRequestWithContext(o.s.t.Context(), method, "http://"+o.s.addr+path, bytes.NewReader(body))
	if err != nil {
		o.s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+o.token)
	req.Header.Set("Content-Type", kind)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		o.s.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		o.s.t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func (o office) ask(method, path, body string, want int) string {
	o.s.t.Helper()
	status, text := o.try(method, path, "application/json", []byte(body))
	if status != want {
		o.s.t.Fatalf("%s %s: %d %.2000s", method, path, status, text)
	}
	return text
}

// until asks again until the answer is there.
func (o office) until(what, path string, good func(status int, text string) bool) string {
	o.s.t.Helper()
	for end := time.Now().Add(time.Minute); ; runtimeYield() {
		status, text := o.try(http.MethodGet, path, "application/json", nil)
		if good(status, text) {
			return text
		}
		if time.Now().After(end) {
			o.s.t.Fatalf("%s: %d %.2000s", what, status, text)
		}
	}
}

// TestPapersAtEveryOrigin: a list is taken in and the attendance ratified at one origin, which then dies. The other becomes the home:
// it has the roster, the list, in the same bytes, the evidence behind it and the key of every line, corrects, and ratifies a revision; and it
// shows the deck that was put at the first.
// The first comes back and has all of that. What is asked of the wrong one is refused, and no ratification is.
func TestPapersAtEveryOrigin(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts and kills real servers")
	}
	redis := clustertest.NewRedis(t)
	dir := ended(t)
	func() {
		st, err := store.Open(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		defer st.Close()
		spans, err := st.Spans(t.Context(), "kuliah")
		if err != nil {
			t.Fatal(err)
		}
		if err := st.SaveOwnSpans(t.Context(), "kuliah", spans); err != nil { // as a node of several gathers it
			t.Fatal(err)
		}
		now := time.Now().Truncate(time.Second)
		if err := st.SaveEvent(t.Context(), classroom.Event{ID: "paparan", Kind: classroom.Lecture, Title: "Paparan", StartsAt: now, EndsAt: now.Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
	}()
	a := startServer(t, func(s *server) {
		s.dir, s.more = dir, []string{"--redis", redis.URL(), "--node", "asal", "--region", "62.71"}
	})
	b := startServer(t, func(s *server) {
		s.more = []string{"--redis", redis.URL(), "--node", "cadangan", "--region", "62.71"}
	})
	token := tokenOf(strings.TrimSpace(a.betang("token", "--data", a.dir, "--url", "http://"+a.addr, "--role", "bpsdm")))
	atA, atB := office{a, token}, office{b, token}
	const event = "/bpsdm/events/kuliah"

	// Both know the event, and the one that was asked first is its home.
	atA.ask(http.MethodGet, event+"/ratification", "", 200)
	list := []byte("NIP;Nama;Perangkat Daerah\n199002022015031001;Tono Baru;Dinas Sosial\n199003032015031001;Sari Baru;Dinas Sosial\n")
	save := fmt.Sprintf("%s/roster?save=%x", event, sha256.Sum256(list))
	if status, text := atA.try(http.MethodPost, save, "application/octet-stream", list); status != 200 || !strings.Contains(text, `"saved"`) {
		t.Fatalf("import: %d %s", status, text)
	}
	var first, second struct {
		Number, Hash, Key string
		Revision          int
	}
	read := func(text string, into any) {
		t.Helper()
		if err := json.Unmarshal([]byte(text), into); err != nil {
			t.Fatal(err)
		}
	}
	read(atA.ask(http.MethodPost, event+"/ratification", `{"by":"Kepala BPSDM","reason":"Berita acara 1"}`, 201), &first)
	document := atA.ask(http.MethodGet, event+"/document.json", "", 200)
	workbook := atA.ask(http.MethodGet, event+"/attendance.xlsx", "", 200)

	// The other one is not the home: it says who is, and takes nothing in.
	atB.until("the event's home is known at the other", event+"/ratification", func(status int, text string) bool {
		return status == 409 && strings.Contains(text, "home_elsewhere")
	})
	if status, text := atB.try(http.MethodPost, save, "application/octet-stream", list); status != 409 {
		t.Errorf("import beside the home: %d %s", status, text)
	}
	atB.ask(http.MethodPost, event+"/ratification", `{"by":"Kepala BPSDM","reason":"Berita acara 2"}`, 409)
	atA.until("the other has all papers", event+"/ratification", func(_ int, text string) bool {
		return strings.Contains(text, `{"node":"cadangan","behind":0,`) && evidenceCopied(t, b, 6)
	})

	// What an office reported at the one is read at the other.
	atB.ask(http.MethodPost, "/events/kuliah/uji", `{"region":"62.02","unit":"Dinas Kesehatan","verdict":"ready","udp":true,"kbps":1900}`, 200)
	for end := time.Now().Add(time.Minute); !strings.Contains(reported(t, a), "Dinas Kesehatan"); runtimeYield() {
		if time.Now().After(end) {
			t.Fatal("the first did not get the office's report")
		}
	}
	if text := atA.ask(http.MethodGet, "/events/kuliah/readiness", "", 200); !strings.Contains(text, `"unit":"Dinas Kesehatan"`) {
		t.Errorf("the office's report is not shown: %s", text)
	}

	// A deck that was put at the one is shown by the other: at once, and whole when the one is gone.
	_, speaker, _ := strings.Cut(a.betang("token", "--data", a.dir, "--url", "http://"+a.addr, "--event", "paparan", "--role", "speaker"), "\ntoken ")
	deck, picture := putDeck(t, office{a, strings.TrimSpace(speaker)})
	showsPage := func(size string) {
		t.Helper()
		for end := time.Now().Add(time.Minute); ; runtimeYield() {
			status, body := atB.send(http.MethodGet, "/m/"+deck+"/1/"+size, "", nil)
			if status == 200 && body == string(picture) {
				return
			}
			if time.Now().After(end) {
				t.Fatalf("the other does not show a page of the deck: %d %.200s", status, body)
			}
		}
	}
	showsPage("l")
	for end := time.Now().Add(time.Minute); !hasDeck(t, b, deck); runtimeYield() {
		if time.Now().After(end) {
			t.Fatal("the other did not get the deck")
		}
	}

	a.end(syscall.SIGKILL)
	killed := time.Now()
	showsPage("s")
	atB.until("the other is the home", event+"/ratification", func(status int, _ string) bool { return status == 200 })
	t.Logf("BPSDM works at the other origin %v after the first was killed", time.Since(killed).Round(time.Millisecond))
	if text := atB.ask(http.MethodGet, event+"/ratification", "", 200); !strings.Contains(text, first.Number) || !strings.Contains(text, first.Hash) {
		t.Errorf("the list is not there: %s", text)
	}
	if text := atB.ask(http.MethodGet, event+"/roster/units", "", 200); !strings.Contains(text, `{"name":"Dinas Sosial","people":2`) {
		t.Errorf("the roster is not there: %s", text)
	}
	if atB.ask(http.MethodGet, event+"/document.json", "", 200) != document || atB.ask(http.MethodGet, event+"/attendance.xlsx", "", 200) != workbook {
		t.Error("the list is not in the same bytes")
	}
	folder := t.TempDir()
	write := func(name, body string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	signed, sheet := write("hadir.json", document), write("hadir.xlsx", workbook)
	b.betang("verify", signed, "--key", first.Key, "--data", b.dir)
	b.betang("verify", sheet, "--signed", signed)

	starts := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC).UnixMilli()
	atB.ask(http.MethodPost, event+"/corrections", fmt.Sprintf(
		`{"person":"a","from":%d,"to":%d,"who":"Kepala Bidang","reason":"Perangkat terputus, menurut PIC"}`, starts+3_000_000, starts+6_000_000), 200)
	read(atB.ask(http.MethodPost, event+"/ratification", `{"by":"Kepala BPSDM","reason":"Berita acara 2"}`, 201), &second)
	revised := atB.ask(http.MethodGet, event+"/document.json", "", 200)
	if second.Revision != 2 || second.Key == first.Key || !strings.Contains(revised, first.Hash) || strings.Count(revised, `"person":`) < 3 {
		t.Errorf("the revision: %+v", second)
	}
	atB.ask(http.MethodPost, event+"/ratification", `{"by":"Kepala BPSDM","reason":"Berita acara 3"}`, 409)

	a.start()
	atA.until("the home is known at the first", event+"/ratification", func(status int, text string) bool {
		return status == 409 && strings.Contains(text, b.addr)
	})
	for end := time.Now().Add(time.Minute); !hasLists(t, a, 2); runtimeYield() {
		if time.Now().After(end) {
			t.Fatal("the first did not get the revision")
		}
	}
	a.betang("verify", write("revisi.json", revised), "--key", second.Key)
	if text := atA.ask(http.MethodGet, "/v/"+first.Number, "", 200); !strings.Contains(text, second.Number) {
		t.Errorf("the first list's page at the first origin does not name the revision: %s", text)
	}
	atB.ask(http.MethodPost, event+"/ratification/"+second.Number+"/void", `{"who":"Kepala BPSDM","reason":"Salah daftar"}`, 200)
}

// putDeck uploads a deck of one page, with its file.
func putDeck(t *testing.T, o office) (token string, picture []byte) {
	t.Helper()
	var body bytes.Buffer
	if err := png.Encode(&body, image.NewGray(image.Rect(0, 0, 96, 54))); err != nil {
		t.Fatal(err)
	}
	picture, file := body.Bytes(), []byte("%PDF-1.7\nArah pembangunan")
	const at = "/events/paparan/decks"
	var up struct{ Deck string }
	text := o.ask(http.MethodPost, at, fmt.Sprintf(`{"title":"Arah","pages":1,"bytes":%d,"file":"%x"}`, len(file), sha256.Sum256(file)), 200)
	if err := json.Unmarshal([]byte(text), &up); err != nil {
		t.Fatal(err)
	}
	for path, part := range map[string][]byte{"/pages/1/l": picture, "/pages/1/s": picture, "/pieces/0": file} {
		if status, text := o.try(http.MethodPut, at+"/"+up.Deck+path, "application/octet-stream", part); status != 200 {
			t.Fatalf("%s: %d %s", path, status, text)
		}
	}
	o.ask(http.MethodPost, at+"/"+up.Deck+"/finish", "", 200)
	return up.Deck, picture
}

// hasDeck tells whether a server's folder has a deck, whole.
func hasDeck(t *testing.T, s *server, token string) bool {
	t.Helper()
	return readStore(t, s, func(st *store.Store) (bool, error) {
		due, err := st.DecksDue(t.Context(), time.Time{})
		_, _, none := st.DeckInfo(t.Context(), token)
		return none == nil && !slices.Contains(due, token), err
	})
}

// reported tells which offices' reports a server's folder has.
func reported(t *testing.T, s *server) string {
	t.Helper()
	reports := readStore(t, s, func(st *store.Store) ([]classroom.Readiness, error) { return st.Readiness(t.Context(), "kuliah") })
	return fmt.Sprint(reports)
}

// hasLists tells whether a server's folder has so many ratified lists.
func hasLists(t *testing.T, s *server, n int) bool {
	t.Helper()
	lists := readStore(t, s, func(st *store.Store) ([]classroom.RatifiedList, error) { return st.Ratified(t.Context(), "kuliah") })
	return len(lists) == n
}

// evidenceCopied tells whether a server's folder has so many stretches of evidence.
func evidenceCopied(t *testing.T, s *server, n int) bool {
	t.Helper()
	spans := readStore(t, s, func(st *store.Store) ([]attend.Span, error) { return st.Spans(t.Context(), "kuliah") })
	return len(spans) >= n
}

// TestOneOfTwoRatifications: two servers ratify the same revision, one of them no longer the home. Its fact is refused, so its document is
// a list nowhere, also after both have copied all from one another; the home's is the list at both. Where the journal comes before the
// document, the document is known to be missing and the next list is a revision of it.
func TestOneOfTwoRatifications(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	open := func() (*store.Store, *ratify.Desk) {
		st, err := store.Open(ctx, ended(t))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = st.Close() })
		desk, err := ratifyDesk(ctx, st)
		if err != nil {
			t.Fatal(err)
		}
		return st, desk
	}
	old, oldDesk := open()
	home, homeDesk := open()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	fenced := func(context.Context, classroom.RatifyList) error { return cluster.ErrFenced }
	named := func(ctx context.Context, c classroom.RatifyList) error {
		return apply(ctx, home, "kuliah", classroom.Actor{Role: classroom.RoleBPSDM, Link: "l"}, c)
	}
	deed := ratify.Deed{By: "Kepala BPSDM", Reason: "Berita acara 1"}
	if _, err := oldDesk.Ratify(ctx, "kuliah", deed, time.Now(), fenced); !errors.Is(err, cluster.ErrFenced) {
		t.Fatalf("the old home ratified: %v", err)
	}
	if _, ok, err := oldDesk.Newest(ctx, "kuliah"); ok || err != nil {
		t.Errorf("what was refused is a list: %v", err)
	}
	list, err := homeDesk.Ratify(ctx, "kuliah", deed, time.Now(), named)
	must(err)

	facts, err := home.Facts(ctx, "kuliah", 0)
	must(err)
	must(old.Append(ctx, "kuliah", facts[len(facts)-1:])) // the journal is there at once, the document not yet
	status, err := oldDesk.Status(ctx, "kuliah")
	must(err)
	if status.Absent == nil || status.Absent.Number != list.Number || len(status.Lists) != 0 {
		t.Errorf("without the document: %+v", status)
	}
	var next classroom.RatifyList
	_, _ = oldDesk.Ratify(ctx, "kuliah", deed, time.Now(), func(_ context.Context, c classroom.RatifyList) error {
		next = c
		return cluster.ErrFenced
	})
	if next.Revision != list.Revision+1 {
		t.Errorf("the next list would be revision %d", next.Revision)
	}
	for _, way := range [][2]*store.Store{{home, old}, {old, home}} {
		papers, _, err := way[0].Papers(ctx, "")
		must(err)
		took, err := way[1].TakePapers(ctx, "the other", papers)
		must(err)
		if len(took.Bad) > 0 || len(took.Missing) > 0 {
			t.Fatalf("%+v", took)
		}
	}
	for name, desk := range map[string]*ratify.Desk{"old": oldDesk, "home": homeDesk} {
		must(desk.Settle(ctx, "kuliah"))
		status, err := desk.Status(ctx, "kuliah")
		must(err)
		if len(status.Lists) != 1 || status.Lists[0].Number != list.Number || status.Lists[0].Hash != list.Hash || status.Absent != nil {
			t.Errorf("%s: %+v", name, status)
		}
	}
	if jp, year, err := old.RatifiedJP(ctx, "kuliah", 1); err != nil || len(jp) != 3 || year != 2026 {
		t.Errorf("what each got: %v of %d, %v", jp, year, err)
	}
}
