package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/correction"
	"betang/classroom/store"
	"betang/signaling"
	"betang/signaling/wire"
)

const (
	sriNIP      = "199001012015032001" // an invented person in the fake roster
	unknownNIP  = "198505172010011007"
	officeIP    = "203.0.113.7:40000"
	demo        = classroom.EventID("demo")
	otherEvent  = classroom.EventID("lain")
	sriCode     = "K7QM2XPA"
	secretBytes = "0123456789abcdef0123456789abcdef"
)

func sri() classroom.Person {
	return classroom.Person{
		ID: "p-sri", NIP: sriNIP, Front: "Dr.", Name: "Sri Wahyuni", Back: "S.Sos., M.Si.", Kind: "PNS", Grade: "III/b",
		Position: "Analis Kebijakan", Unit: "Dinas Pendidikan", Instansi: "Pemerintah Provinsi Kalimantan Tengah",
		Region: "62.02", Verified: true,
	}
}

// fakeStore is a roster in memory. fail makes every call an Internal error.
type fakeStore struct {
	mu      sync.Mutex
	people  map[classroom.PersonID]classroom.Person
	codes   map[string]classroom.PersonID
	revoked []string
	fail    error
}

func newFakeStore() *fakeStore {
	p := sri()
	return &fakeStore{people: map[classroom.PersonID]classroom.Person{p.ID: p}, codes: map[string]classroom.PersonID{sriCode: p.ID}}
}

func (f *fakeStore) Events(context.Context) ([]classroom.Event, error) {
	return []classroom.Event{{ID: demo}, {ID: otherEvent}}, f.fail
}

func (f *fakeStore) Person(_ context.Context, id classroom.PersonID) (classroom.Person, error) {
	return f.first(func(p classroom.Person) bool { return p.ID == id })
}

func (f *fakeStore) PersonByNIP(_ context.Context, nip string) (classroom.Person, error) {
	return f.first(func(p classroom.Person) bool { return p.NIP == nip })
}

func (f *fakeStore) PersonByCode(_ context.Context, event classroom.EventID, code string) (classroom.Person, error) {
	return f.first(func(p classroom.Person) bool { return event == demo && f.codes[code] == p.ID })
}

func (f *fakeStore) first(is func(classroom.Person) bool) (classroom.Person, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fail != nil {
		return classroom.Person{}, f.fail
	}
	for _, p := range f.people {
		if is(p) {
			return p, nil
		}
	}
	return classroom.Person{}, classroom.Refuse(classroom.NotFound, "person_unknown")
}

func (f *fakeStore) SavePeople(_ context.Context, people []classroom.Person) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range people {
		f.people[p.ID] = p
	}
	return f.fail
}

func (f *fakeStore) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.people)
}

func (f *fakeStore) Revoke(_ context.Context, jti string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.revoked = append(f.revoked, jti)
	return f.fail
}

func (f *fakeStore) Revoked(context.Context) ([]string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.revoked), f.fail
}

// fakeHub answers media with fixed SDP and remembers what it was asked.
type fakeHub struct {
	mu    sync.Mutex
	event classroom.EventID
	calls []string
	err   error // of the next media call
	frag  string
	away  string // where the event's home is; "": here
}

func (h *fakeHub) call(what string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calls = append(h.calls, what)
	err := h.err
	h.err = nil
	return err
}

func (h *fakeHub) Publish(_ context.Context, by signaling.Claims, kind classroom.SourceKind, _ string) (classroom.SourceID, string, error) {
	return "source-1", "v=0\r\ns=answer\r\n", h.call("publish " + by.ID + " " + string(kind))
}

func (h *fakeHub) Watch(_ context.Context, by signaling.Claims, _ string) (classroom.SourceID, string, error) {
	return "viewer-1", "v=0\r\ns=answer\r\n", h.call("watch " + by.ID)
}

func (h *fakeHub) Fragment(_ context.Context, _ signaling.Claims, id classroom.SourceID, _ string) (string, error) {
	return h.frag, h.call("fragment " + string(id))
}

func (h *fakeHub) Hangup(_ context.Context, _ signaling.Claims, id classroom.SourceID) error {
	return h.call("hangup " + string(id))
}

func (h *fakeHub) Own(context.Context, classroom.PersonID) (signaling.Own, error) {
	return signaling.Own{Policy: attend.DefaultPolicy()}, h.call("own")
}

func (h *fakeHub) Corrections(context.Context) ([]correction.Request, error) {
	return nil, h.call("corrections")
}

func (h *fakeHub) Elsewhere(context.Context) (string, error) { return h.away, nil }

func (h *fakeHub) Policy(context.Context) (attend.Policy, []classroom.PolicyChange, error) {
	return attend.DefaultPolicy(), nil, h.call("policy")
}

func (h *fakeHub) Do(_ context.Context, by classroom.Actor, _ classroom.Command) (int64, error) {
	return 1, h.call("do " + string(by.Role))
}

func (h *fakeHub) PublicEvent() wire.Event {
	return wire.Event{ID: string(h.event), Kind: "lecture", Title: "Kuliah Umum", Phase: "live", JP: 3, Threshold: 70}
}

func (h *fakeHub) Counts() wire.Counts         { return wire.Counts{Viewers: 3, Participants: 2, Guests: 1} }
func (h *fakeHub) Flush(context.Context) error { return h.call("flush") }

// bench is the HTTP interface over fakes.
type bench struct {
	t       *testing.T
	store   *fakeStore
	hub     *fakeHub
	other   *fakeHub
	tokens  *Tokens
	handler http.Handler
	log     *lockedBuffer
	sheet   classroom.Sheet
	from    string // RemoteAddr of the next requests
	links   int
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newBench(t *testing.T, change ...func(*Config)) *bench {
	t.Helper()
	b := &bench{t: t, store: newFakeStore(), hub: &fakeHub{event: demo}, other: &fakeHub{event: otherEvent}, log: &lockedBuffer{}, from: officeIP}
	tokens, err := NewTokens(t.Context(), []byte(secretBytes), b.store)
	if err != nil {
		t.Fatal(err)
	}
	b.tokens = tokens
	now := time.Now().UnixMilli()
	b.sheet = classroom.Sheet{
		Event: classroom.Event{ID: demo, Title: "Kuliah Umum"},
		Live:  attend.Window{{From: now - 3_600_000, To: now}},
		Rows: []classroom.Row{
			{Person: sri(), Method: "nip", Result: attend.Result{Seconds: 3000, Percent: 83, Meets: true, JP: 1, First: now - 3_500_000, Last: now, Intervals: []attend.Interval{{From: now - 3_500_000, To: now - 2_000_000}, {From: now - 1_500_000, To: now}}, Bridged: 4, SocketSeconds: 3100, DeliveredSecs: 3000, DecodedSecs: 2900}},
			{Person: classroom.Person{ID: "p-2", NIP: "198001012005011002", Name: "Ahmad Yani", Unit: "Dinas Kesehatan", Region: "62.71"}, Method: "link", Result: attend.Result{First: now - 3_000_000, Last: now - 2_000_000}},
		},
	}
	cfg := Config{
		Tokens: tokens, Store: b.store,
		Sheet: func(context.Context, classroom.EventID) (classroom.Sheet, error) { return b.sheet, b.store.fail },
		Hub: func(_ context.Context, id classroom.EventID) (Hub, error) {
			switch id {
			case demo:
				return b.hub, nil
			case otherEvent:
				return b.other, nil
			}
			return nil, classroom.Refuse(classroom.NotFound, "event_unknown")
		},
		Socket: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("socket")) }),
		Static: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte("static " + r.URL.Path)) }),
		Log:    slog.New(slog.NewTextHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Notice: Notice{Unit: "BPSDM", Contact: "Palangka Raya"},
	}
	for _, f := range change {
		f(&cfg)
	}
	b.handler = New(cfg)
	return b
}

// link signs a link as cmd does: participants' and guests' are doors.
func (b *bench) link(role classroom.Role, change ...func(*signaling.Claims)) string {
	b.t.Helper()
	b.links++
	c := signaling.Claims{
		ID: "link-" + string(role), Event: demo, Role: role, Name: "Nama " + string(role), Expires: time.Now().Add(time.Hour),
		Door: role == classroom.RoleParticipant || role == classroom.RoleGuest,
	}
	if role == classroom.RoleBPSDM {
		c.Event = signaling.AnyEvent
	}
	for _, f := range change {
		f(&c)
	}
	token, err := b.tokens.Issue(c)
	if err != nil {
		b.t.Fatal(err)
	}
	return token
}

func personal(c *signaling.Claims) { c.ID, c.Person, c.Method = "link-sri", "p-sri", "link" }

type reply struct {
	*httptest.ResponseRecorder
	t *testing.T
}

// do sends one request. A body that starts with { is JSON; headers are "Name: value".
func (b *bench) do(method, path, token, body string, headers ...string) reply {
	b.t.Helper()
	r := httptest.NewRequestWithContext(b.t.Context(), method, path, strings.NewReader(body))
	r.RemoteAddr = b.from
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if strings.HasPrefix(body, "{") {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	return reply{w, b.t}
}

// refused checks status and code, and that a sentence and nothing internal is told.
func (r reply) refused(status int, kind classroom.Kind, code string) {
	r.t.Helper()
	var e wire.Error
	if err := json.Unmarshal(r.Body.Bytes(), &e); err != nil || r.Code != status || e.Kind != string(kind) || e.Code != code || e.Message == "" {
		r.t.Errorf("got %d %s (%v), want %d %s %s with a sentence", r.Code, r.Body, err, status, kind, code)
	}
}

// json reads a 200.
func (r reply) json(into any) {
	r.t.Helper()
	if r.Code != http.StatusOK {
		r.t.Fatalf("got %d %s, want 200", r.Code, r.Body)
	}
	if err := json.Unmarshal(r.Body.Bytes(), into); err != nil {
		r.t.Fatalf("%s: %v", r.Body, err)
	}
}

var errDisk = errors.New("disk on fire at /var/lib")

// lectureNow is a lecture of an hour that begins now.
func lectureNow(id classroom.EventID) classroom.Event {
	now := time.Now().UTC()
	return classroom.Event{ID: id, Kind: classroom.Lecture, Title: "Kuliah Umum", StartsAt: now, EndsAt: now.Add(time.Hour), Policy: attend.DefaultPolicy()}
}

// openStore is a real store with events, until the test ends.
func openStore(t *testing.T, events ...classroom.Event) *store.Store {
	t.Helper()
	st, err := store.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, ev := range events {
		if err := st.SaveEvent(t.Context(), ev); err != nil {
			t.Fatal(err)
		}
	}
	return st
}
