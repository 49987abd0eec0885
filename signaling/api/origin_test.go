package api

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"betang/classroom"
	"betang/signaling/wire"
)

// TestEdgeAsksAnOrigin: what an edge cannot answer goes to the first origin that can be reached, with its body; without any,
// the edge answers what it can and says clearly that the rest cannot be done now.
func TestEdgeAsksAnOrigin(t *testing.T) {
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = io.WriteString(w, "origin "+r.Method+" "+r.URL.RequestURI()+" "+string(body)+" "+r.Header.Get("X-Forwarded-For"))
	}))
	defer origin.Close()
	dead := httptest.NewServer(nil)
	dead.Close()
	parse := func(s *httptest.Server) *url.URL {
		u, err := url.Parse(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	list := []*url.URL{parse(dead), parse(origin)}
	edge := httptest.NewServer(FromOrigin(func() []*url.URL { return list }, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = io.WriteString(w, "edge "+r.Method+" "+r.URL.RequestURI()+" "+string(body))
	})))
	defer edge.Close()
	ask := func(method, path, body string) (int, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, edge.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept-Language", "id")
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		got, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(got)
	}
	for _, c := range []struct{ method, path, body, want string }{
		{"POST", "/api/events/kuliah/identify", "nip", "origin POST /api/events/kuliah/identify nip 127.0.0.1"},
		{"GET", "/api/bpsdm/events?x=1", "", "origin GET /api/bpsdm/events?x=1  127.0.0.1"},
		{"GET", "/api/uji", "", "edge GET /api/uji "},
		{"GET", "/k/kuliah", "", "edge GET /k/kuliah "},
	} {
		if _, got := ask(c.method, c.path, c.body); got != c.want {
			t.Errorf("%s %s: %q", c.method, c.path, got)
		}
	}
	for _, list = range [][]*url.URL{list[:1], nil} { // the line is cut; no origin lives
		for _, c := range []struct{ method, path, body, want string }{
			{"GET", "/api/regions", "", "edge GET /api/regions "},
			{"GET", "/api/events/kuliah", "", "edge GET /api/events/kuliah "},
			{"POST", "/api/events/kuliah/join", "link", "edge POST /api/events/kuliah/join link"},
			{"POST", "/api/events/kuliah/identify", "nip", "edge POST /api/events/kuliah/identify nip"},
			{"POST", "/api/hall/scan", "pass", ""},
			{"GET", "/api/bpsdm/events/kuliah/attendance", "", ""},
			{"DELETE", "/api/events/kuliah", "", ""},
		} {
			status, got := ask(c.method, c.path, c.body)
			if c.want != "" {
				if got != c.want {
					t.Errorf("%s %s alone: %q", c.method, c.path, got)
				}
				continue
			}
			var e wire.Error
			if err := json.Unmarshal([]byte(got), &e); err != nil || status != http.StatusServiceUnavailable || e.Code != "origin_away" || !strings.Contains(e.Message, "tidak tersambung") {
				t.Errorf("%s %s alone: %d %q", c.method, c.path, status, got)
			}
		}
	}
}

// TestEdgeAlone: what an edge does not know while no origin can be reached is not called unknown: the event may be there, and the roster
// may have the person. Who it has met is found, and a wrong number costs a guess as ever.
func TestEdgeAlone(t *testing.T) {
	b := newBench(t)
	b.handler = FromOrigin(func() []*url.URL { return nil }, b.handler)
	link := b.link(classroom.RoleParticipant)
	b.do(http.MethodGet, "/api/events/nosuch", "", "").refused(429, classroom.TooMany, "event_away")
	who, session := enter(b, link, `{"nip":"`+sriNIP+`"}`)
	if who.NIP == "" || session.Person != "p-sri" {
		t.Errorf("%+v, %+v", who, session)
	}
	b.do(http.MethodPost, "/api/events/demo/identify", link, `{"nip":"`+unknownNIP+`"}`).refused(429, classroom.TooMany, "origin_away")
	b.do(http.MethodPost, "/api/events/demo/identify", link, `{"code":"ABCDEFGH"}`).refused(429, classroom.TooMany, "origin_away")
	b.do(http.MethodPost, "/api/events/demo/join", link, `{"nip":"`+unknownNIP+`","name":"Orang Baru","unit":"Dinas"}`).refused(429, classroom.TooMany, "origin_away")
	for range 2 * wrongNIPs {
		b.do(http.MethodPost, "/api/events/demo/identify", link, `{"nip":"`+unknownNIP+`"}`)
	}
	b.do(http.MethodPost, "/api/events/demo/identify", link, `{"nip":"`+unknownNIP+`"}`).refused(429, classroom.TooMany, "too_many_guesses")
}
