package api

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"betang/classroom"
	"betang/signaling/wire"
)

func TestSecurityHeaders(t *testing.T) {
	b := newBench(t)
	for _, path := range []string{"/", "/k/demo", "/api/regions", "/api/nosuch", "/whip/demo", "/healthz"} {
		h := b.do(http.MethodGet, path, "", "").Header()
		csp := h.Get("Content-Security-Policy")
		for _, want := range []string{
			"default-src 'self'", "script-src 'self';", "style-src 'self';", "object-src 'none'", "base-uri 'none'",
			"frame-ancestors 'none'", "form-action 'self'", "connect-src 'self' wss://example.com ws://example.com;",
		} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: CSP lacks %s: %s", path, want, csp)
			}
		}
		if strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") {
			t.Errorf("%s: CSP allows too much: %s", path, csp)
		}
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
		} {
			if h.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, h.Get(name))
			}
		}
		if p := h.Get("Permissions-Policy"); !strings.Contains(p, "camera=(self)") || !strings.Contains(p, "microphone=(self)") || !strings.Contains(p, "display-capture=(self)") {
			t.Errorf("%s: Permissions-Policy %q", path, p)
		}
	}
	for host, want := range map[string]string{
		"kuliah.example:8443": "'self' wss://kuliah.example:8443 ws://kuliah.example:8443", "[::1]:8080": "'self' wss://[::1]:8080 ws://[::1]:8080",
		"x; script-src *": "'self'", "a b": "'self'", "": "'self'", "x'unsafe-inline'": "'self'",
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.Host = host
		if csp := contentSecurity(r); !strings.Contains(csp, "connect-src "+want+";") {
			t.Errorf("host %q: %s", host, csp)
		}
	}
	b.do(http.MethodGet, "/k/demo", "", "", "X-Forwarded-Proto: https")
	if csp := b.do(http.MethodGet, "/", "", "", "X-Forwarded-Proto: https").Header().Get("Content-Security-Policy"); strings.Contains(csp, " ws:") {
		t.Errorf("plain ws: on a TLS page: %s", csp)
	}
}

func TestCORSOnlyForMedia(t *testing.T) {
	b := newBench(t)
	origin := "Origin: https://encoder.example"
	for path, open := range map[string]bool{
		"/whip/demo": true, "/whip/demo/x": true, "/whep/demo": true, "/whep/demo/x": true, "/whip/nosuch/x/y": true,
		"/": false, "/api/regions": false, "/api/events/demo/join": false, "/api/bpsdm/events": false, "/ws": false, "/metrics": false,
	} {
		for _, method := range []string{http.MethodOptions, http.MethodGet, http.MethodPost} {
			h := b.do(method, path, "", "", origin, "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: authorization").Header()
			if got := h.Get("Access-Control-Allow-Origin") == "*"; got != open {
				t.Errorf("%s %s: open to other origins %v, want %v", method, path, got, open)
			}
			if h.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("%s %s sends credentials", method, path)
			}
		}
	}
}

func TestPagesAndFiles(t *testing.T) {
	b := newBench(t)
	for path, want := range map[string]string{
		"/": "static /", "/assets/app.js": "static /assets/app.js", "/k/demo": "static /", "/k/demo/panggung": "static /",
		"/k/demo/meja": "static /", "/bpsdm": "static /", "/bpsdm/x": "static /", "/favicon.ico": "static /favicon.ico", "/ws": "socket",
	} {
		if w := b.do(http.MethodGet, path, "", ""); w.Code != 200 || w.Body.String() != want {
			t.Errorf("%s: %d %q, want %q", path, w.Code, w.Body, want)
		}
	}
	b.do(http.MethodPost, "/k/demo", "", "").refused(405, classroom.Invalid, "method_not_allowed")
	b.do(http.MethodGet, "/api/nosuch", "", "").refused(404, classroom.NotFound, "not_found")
	b.do(http.MethodGet, "/api/", "", "").refused(404, classroom.NotFound, "not_found")
	b.do(http.MethodGet, "/whip/demo/a/b", "", "").refused(404, classroom.NotFound, "not_found")
	b.do("BREW", "/api/regions", "", "").refused(405, classroom.Invalid, "method_not_allowed")
}

// TestLogIsClean sends NIPs, names and tokens wherever a client can put them, and looks for them in the log.
func TestLogIsClean(t *testing.T) {
	b := newBench(t)
	link, agency := b.link(classroom.RoleParticipant), b.link(classroom.RoleBPSDM)
	who, _ := enter(b, link, `{"nip":"`+sriNIP+`"}`)
	b.do(http.MethodPost, "/api/events/demo/join", link, `{"nip":"`+unknownNIP+`","name":"Budi Rahasia","unit":"Dinas"}`)
	for _, fail := range []error{nil, errDisk} {
		b.store.fail = fail
		b.do(http.MethodPost, "/api/events/demo/identify", link, `{"nip":"`+sriNIP+`"}`)
		b.do(http.MethodPost, "/api/events/demo/identify", link, `{"nip":"`+unknownNIP+`"`)
		b.do(http.MethodGet, "/api/bpsdm/events/demo/attendance?q="+sriNIP, agency, "")
		b.do(http.MethodPost, "/api/bpsdm/events/demo/attendance", agency, `{"q":"`+sriNIP+`"}`)
		b.do(http.MethodGet, "/api/bpsdm/events/demo/attendance.csv?nip="+sriNIP, agency, "")
		b.do(http.MethodGet, "/api/events/"+sriNIP, "", "")
		b.do(http.MethodGet, "/"+sriNIP+"?token="+link, "", "")
		b.do(http.MethodGet, "/k/"+sriNIP, "", "", "User-Agent: "+sriNIP, "Referer: /"+sriNIP)
		b.do(sriNIP, "/whip/demo/"+sriNIP, link, offer)
		b.do(http.MethodDelete, "/whip/"+sriNIP+"/"+sriNIP, b.link(classroom.RoleSpeaker), "")
		b.do(http.MethodPost, "/whip/demo", link+sriNIP, offer)
	}
	log := b.log.String()
	for _, secret := range []string{sriNIP, unknownNIP, "Rahasia", "Wahyuni", who.Ticket, link, agency, "eyJ"} {
		if strings.Contains(log, secret) {
			i := strings.Index(log, secret)
			t.Errorf("the log holds %.30s: ...%s...", secret, log[max(0, i-300):min(len(log), i+50)])
		}
	}
	for _, want := range []string{"route=/api/events/{event}/identify", "event=demo", "role=participant", "token=link-participant", "status=404", "address=203.0.113.7", "method=other"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %s:\n%s", want, log)
		}
	}
}

func TestPanicIsOneReadersError(t *testing.T) {
	b := newBench(t, func(c *Config) {
		hub := c.Hub
		c.Hub = func(ctx context.Context, id classroom.EventID) (Hub, error) {
			if id == otherEvent {
				panic("a bug in the hub")
			}
			return hub(ctx, id)
		}
		c.Static = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("half"))
			panic("a bug in mid-answer")
		})
	})
	w := b.do(http.MethodGet, "/api/events/lain", "", "")
	w.refused(500, classroom.Internal, "internal")
	if strings.Contains(w.Body.String(), "bug") || !strings.Contains(b.log.String(), "a bug in the hub") {
		t.Errorf("told %s\nlogged %s", w.Body, b.log)
	}
	if w := b.do(http.MethodGet, "/api/events/demo", "", ""); w.Code != 200 {
		t.Errorf("the next request: %d", w.Code)
	}
	func() {
		defer func() {
			if v := recover(); v != http.ErrAbortHandler { //nolint:errorlint // a panic value
				t.Errorf("half an answer ended with %v, want the connection broken", v)
			}
		}()
		b.do(http.MethodGet, "/x", "", "")
	}()
	if !strings.Contains(b.log.String(), "a bug in mid-answer") {
		t.Error("the second panic is not in the log")
	}
}

func TestLanguage(t *testing.T) {
	b := newBench(t)
	for header, want := range map[string]string{
		"": "id", "id": "id", "en": "en", "en-US,en;q=0.9": "en", "id-ID,id;q=0.9,en;q=0.8": "id", "en;q=0.5, id": "id",
		"fr, en;q=0.1": "en", "de": "id", "*": "id", "en;q=0": "id", ";;;,,q=": "id", "EN": "en",
	} {
		w := b.do(http.MethodGet, "/api/events/nosuch", "", "", "Accept-Language: "+header)
		if got := w.Body.String(); !strings.Contains(got, wire.Say("event_unknown", want)) {
			t.Errorf("Accept-Language %q: %s, want %s", header, got, want)
		}
	}
	if w := b.do(http.MethodGet, "/api/events/nosuch?lang=en", "", "", "Accept-Language: id"); !strings.Contains(w.Body.String(), wire.Say("event_unknown", "en")) {
		t.Errorf("?lang=en: %s", w.Body)
	}
}

func TestHealth(t *testing.T) {
	var sick error
	b := newBench(t, func(c *Config) { c.Healthy = func(context.Context) error { return sick } })
	if w := b.do(http.MethodGet, "/healthz", "", ""); w.Code != 200 {
		t.Error(w.Code, w.Body)
	}
	sick = errDisk
	b.do(http.MethodGet, "/healthz", "", "").refused(503, classroom.Internal, "store_unavailable")
}

func TestMetricsForLoopbackOnly(t *testing.T) {
	b := newBench(t, func(c *Config) { c.Proxies = []string{"127.0.0.0/8"} })
	b.do(http.MethodGet, "/api/events/demo", "", "")
	b.do(http.MethodGet, "/"+sriNIP, "", "")
	b.do(sriNIP, "/", "", "")
	for from, want := range map[string]int{
		"127.0.0.1:5": 200, "[::1]:5": 200, "203.0.113.7:5": 403, "[2001:db8::1]:5": 403, "10.0.0.1:5": 403, "": 403,
	} {
		b.from = from
		if w := b.do(http.MethodGet, "/metrics", "", ""); w.Code != want {
			t.Errorf("from %q: %d, want %d", from, w.Code, want)
		}
	}
	b.from = "127.0.0.1:5"
	for _, header := range []string{"X-Forwarded-For: 203.0.113.7", "X-Forwarded-For: 127.0.0.1", "Forwarded: for=203.0.113.7", "X-Real-IP: 203.0.113.7"} {
		b.do(http.MethodGet, "/metrics", "", "", header).refused(403, classroom.NotAllowed, "loopback_only")
	}
	text := b.do(http.MethodGet, "/metrics", "", "").Body.String()
	for _, want := range []string{
		`betang_http_requests_total{method="GET",route="/api/events/{event}",status="200"} 1`,
		`betang_http_request_seconds_count{route="/api/events/{event}"} 1`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("metrics lack %s:\n%s", want, text)
		}
	}
	if strings.Contains(text, sriNIP) {
		t.Error("the metrics hold what a client typed into a path or as a method")
	}
}

// TestSocketCanTakeOver: the layers around /ws must let the connection be hijacked.
func TestSocketCanTakeOver(t *testing.T) {
	b := newBench(t, func(c *Config) {
		c.Socket = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			if _, direct := w.(http.Hijacker); !direct { // gorilla/websocket asks so
				t.Error("the writer is no http.Hijacker")
			}
			_, _ = conn.Write([]byte("HTTP/1.1 101 Switching Protocols\r\n\r\n"))
		})
	})
	server := httptest.NewServer(b.handler)
	defer server.Close()
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil || !strings.Contains(line, "101") {
		t.Errorf("%q %v", line, err)
	}
}

func TestIncompleteConfig(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a Config without anything was taken")
		}
	}()
	New(Config{})
}

// TestEveryCodeHasASentence reads this package's own files for the codes it refuses with.
func TestEveryCodeHasASentence(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	code := regexp.MustCompile(`(?:Refuse\(classroom\.\w+, |as\([^"\n]*classroom\.\w+, |Code: |code[ :]*= )"([a-z_]+)"`)
	seen := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range code.FindAllStringSubmatch(string(src), -1) {
			seen[m[1]] = true
		}
	}
	for c := range statusByCode {
		seen[c] = true
	}
	written := wire.Codes()
	for c := range seen {
		if !slices.Contains(written, c) {
			t.Errorf("nobody wrote a sentence for %s", c)
		}
	}
	if len(seen) < 25 {
		t.Errorf("found %d codes only: the pattern misses them", len(seen))
	}
}
