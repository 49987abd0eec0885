package static

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func built() http.Handler {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	return load(fstest.MapFS{
		".gitkeep":              file(""),
		"index.html":            file("<!doctype html>the document"),
		"index.html.br":         file("document as br"),
		"icon.svg":              file("<svg/>"),
		"assets/app-1a2b.js":    file("plain script"),
		"assets/app-1a2b.js.br": file("br"),
		"assets/app-1a2b.js.gz": file("gz"),
		"assets/lost.css.gz":    file("a compressed copy of nothing"),
	})
}

func get(t *testing.T, h http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestAddresses(t *testing.T) {
	const page, script = "text/html; charset=utf-8", "text/javascript; charset=utf-8"
	for _, c := range []struct {
		path, accept string
		status       int
		kind, cache  string
	}{
		{"/", page, 200, page, "no-cache"},
		{"/index.html", page, 404, page, "no-cache"},
		{"/bpsdm", page, 200, page, "no-cache"},
		{"/k/demo", page, 200, page, "no-cache"},
		{"/k/demo/", page, 200, page, "no-cache"},
		{"/k/demo/panggung", page, 200, page, "no-cache"},
		{"/k/demo/ruang", page, 200, page, "no-cache"},
		{"/k/demo/layar", page, 200, page, "no-cache"},
		{"/h", page, 200, page, "no-cache"},
		{"/k/demo/meja", page, 200, page, "no-cache"},
		{"/k/demo/elsewhere", page, 404, page, "no-cache"},
		{"/k", page, 404, page, "no-cache"},
		{"/nowhere", page, 404, page, "no-cache"},
		{"/nowhere.js", "*/*", 404, "text/plain; charset=utf-8", ""},
		{"/assets/app-1a2b.js", "*/*", 200, script, immutable},
		{"/assets/lost.css", "*/*", 404, "text/plain; charset=utf-8", ""},
		{"/assets/../icon.svg", "*/*", 200, "image/svg+xml", brief},
		{"/.gitkeep", "*/*", 404, "text/plain; charset=utf-8", ""},
		{"/../../etc/passwd", "*/*", 404, "text/plain; charset=utf-8", ""},
	} {
		w := get(t, built(), c.path, "Accept", c.accept)
		if w.Code != c.status || w.Header().Get("Content-Type") != c.kind || w.Header().Get("Cache-Control") != c.cache {
			t.Errorf("%s: %d %q %q, want %d %q %q", c.path, w.Code, w.Header().Get("Content-Type"),
				w.Header().Get("Cache-Control"), c.status, c.kind, c.cache)
		}
	}
}

func TestEncodings(t *testing.T) {
	for _, c := range []struct{ path, accept, encoding, body string }{
		{"/assets/app-1a2b.js", "gzip, deflate, br", "br", "br"},
		{"/assets/app-1a2b.js", "br, gzip", "br", "br"},
		{"/assets/app-1a2b.js", "gzip", "gzip", "gz"},
		{"/assets/app-1a2b.js", "br;q=0, gzip;q=0.5", "gzip", "gz"},
		{"/assets/app-1a2b.js", "br; q=0.0", "", "plain script"},
		{"/assets/app-1a2b.js", "zstd", "", "plain script"},
		{"/assets/app-1a2b.js", "", "", "plain script"},
		{"/icon.svg", "br, gzip", "", "<svg/>"},
		{"/k/demo", "br", "br", "document as br"},
	} {
		w := get(t, built(), c.path, "Accept", "text/html", "Accept-Encoding", c.accept)
		if got := w.Header().Get("Content-Encoding"); got != c.encoding || w.Body.String() != c.body {
			t.Errorf("%s with %q: %q %q, want %q %q", c.path, c.accept, got, w.Body, c.encoding, c.body)
		}
		if w.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: caches are not told that the answer varies", c.path)
		}
	}
}

func TestUnchanged(t *testing.T) {
	first := get(t, built(), "/k/demo", "Accept", "text/html")
	etag := first.Header().Get("ETag")
	if w := get(t, built(), "/k/demo", "Accept", "text/html", "If-None-Match", `"other", W/`+etag); w.Code != 304 || w.Body.Len() > 0 {
		t.Errorf("the same document again: %d with %d bytes", w.Code, w.Body.Len())
	}
	if w := get(t, built(), "/k/demo", "Accept", "text/html", "If-None-Match", etag, "Accept-Encoding", "br"); w.Code != 200 {
		t.Errorf("another encoding has the same tag")
	}
}

func TestPolicy(t *testing.T) {
	h := get(t, built(), "http://betang.example:8443/k/demo", "Accept", "text/html").Header()
	csp := h.Get("Content-Security-Policy")
	for _, want := range []string{
		"default-src 'none'", "script-src 'self';", "style-src 'self';", "frame-ancestors 'none'",
		"wss://betang.example:8443",
	} {
		if !strings.Contains(csp, want) {
			t.Errorf("policy lacks %q: %s", want, csp)
		}
	}
	among := http.Header{}
	guard(among, "a.test", []string{"https://b.test:8443", "https://x; script-src *", "c.test"})
	if csp := among.Get("Content-Security-Policy"); !strings.Contains(csp, "connect-src 'self' ws://a.test wss://a.test https://b.test:8443 wss://b.test:8443;") ||
		!strings.Contains(csp, "img-src 'self' blob: data: https://b.test:8443;") {
		t.Errorf("with another server: %s", csp)
	}
	if strings.Contains(csp, "unsafe") {
		t.Errorf("policy allows something unsafe: %s", csp)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	r.Host = "evil; script-src *"
	w := httptest.NewRecorder()
	built().ServeHTTP(w, r)
	if csp := w.Header().Get("Content-Security-Policy"); strings.Contains(csp, "evil") {
		t.Errorf("a Host header wrote into the policy: %s", csp)
	}
}

func TestPDFWorkerPolicy(t *testing.T) {
	h := load(fstest.MapFS{"assets/pdf.worker-1a2b.js": {Data: []byte("worker")}, "assets/app-1a2b.js": {Data: []byte("app")}})
	if csp := get(t, h, "/assets/pdf.worker-1a2b.js").Header().Get("Content-Security-Policy"); csp != pdfPolicy {
		t.Errorf("the worker's policy is %q", csp)
	}
	if csp := get(t, h, "/assets/app-1a2b.js").Header().Get("Content-Security-Policy"); csp != "" {
		t.Errorf("a script has the worker's policy: %q", csp)
	}
}

func TestMethodsAndUnbuilt(t *testing.T) {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil)
	w := httptest.NewRecorder()
	built().ServeHTTP(w, r)
	if w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d %q", w.Code, w.Header().Get("Allow"))
	}
	r = httptest.NewRequestWithContext(t.Context(), http.MethodHead, "/", nil)
	w = httptest.NewRecorder()
	built().ServeHTTP(w, r)
	if w.Code != 200 || w.Body.Len() != 0 || w.Header().Get("Content-Length") != "27" {
		t.Errorf("HEAD: %d, %d bytes, length %s", w.Code, w.Body.Len(), w.Header().Get("Content-Length"))
	}
	w = get(t, load(fstest.MapFS{".gitkeep": {}}), "/", "Accept", "text/html")
	if w.Code != 503 || !strings.Contains(w.Body.String(), "make web") {
		t.Errorf("an empty folder: %d %s", w.Code, w.Body)
	}
}

func TestEmbedded(t *testing.T) {
	w := get(t, Handler(nil), "/", "Accept", "text/html")
	if w.Code != 200 && w.Code != 503 {
		t.Errorf("the embedded client answers %d", w.Code)
	}
}

// TestSource: a policy names servers, or those below a domain, and never all there are.
func TestSource(t *testing.T) {
	for text, want := range map[string]bool{
		"https://kotim.example": true, "http://127.0.0.1:8443": true, "https://*.kuliah.example": true, "http://127.0.0.1:*": true,
		"https://*": false, "https:": false, "*": false, "https://": false, "https://*.": false, "https://:*": false, "https://*.:*": false,
		"ftp://a.test": false, "https://a.test; script-src *": false, "https://a.test/path": false, "https://*.*.test": false, "'unsafe-eval'": false,
	} {
		if _, _, ok := Source(text); ok != want {
			t.Errorf("%s: %v", text, ok)
		}
	}
	header := http.Header{}
	guard(header, "a.test", []string{"https://*.kuliah.example"})
	if csp := header.Get("Content-Security-Policy"); !strings.Contains(csp, "wss://a.test https://*.kuliah.example wss://*.kuliah.example;") {
		t.Error(csp)
	}
}
