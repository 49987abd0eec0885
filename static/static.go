// Package static embeds the built web client and serves it: hashed assets for ever, the document never from a cache,
// everything precompressed by the build, and the document again for each address that the client routes itself.
package static

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed all:dist
var dist embed.FS

const (
	document  = "index.html"
	immutable = "public, max-age=31536000, immutable"
	revisit   = "no-cache"      // keep it, but ask each time
	brief     = "max-age=86400" // named without a hash, like the icon
)

// A worker has the policy of its own file. The one that reads PDF files decodes scanned pages by WebAssembly, which the
// page itself may not run; it may fetch nothing but its decoders.
const (
	pdfWorker = "assets/pdf.worker-"
	pdfPolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"
)

// permissions is what pages may ask the browser for; everything else is off.
const permissions = "camera=(self), microphone=(self), display-capture=(self), fullscreen=(self), autoplay=(self), " +
	"geolocation=(), payment=(), usb=()"

// Handler serves the embedded client. Mount it behind the API's routes: it answers everything else. others gives the
// addresses of other servers that pages may turn to, like "https://kotim.example", or patterns of such, as Source takes;
// nil: there are none.
func Handler(others func() []string) http.Handler {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the embed directive names the folder
	}
	h := load(sub)
	h.others = others
	return h
}

type asset struct {
	kind  string
	cache string
	etag  string
	data  map[string][]byte // by content encoding; "" is the file itself
}

type handler struct {
	assets map[string]*asset // by path below the root, without a leading slash
	others func() []string   // nil: none
}

// load reads a built client at once; it is a few hundred kilobytes. If there is no document in it, every page says that the
// client has not been built.
func load(fsys fs.FS) *handler {
	h := &handler{assets: map[string]*asset{}}
	_ = fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(path.Base(name), ".") {
			return nil
		}
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil // a file that cannot be read is a file that is not there
		}
		h.add(name, data)
		return nil
	})
	for name, a := range h.assets {
		plain, ok := a.data[""]
		if !ok {
			delete(h.assets, name) // a compressed copy of nothing
			continue
		}
		sum := sha256.Sum256(plain)
		a.etag = hex.EncodeToString(sum[:12])
	}
	return h
}

func (h *handler) add(name string, data []byte) {
	encoding := ""
	if n, ok := strings.CutSuffix(name, ".br"); ok {
		name, encoding = n, "br"
	} else if n, ok := strings.CutSuffix(name, ".gz"); ok {
		name, encoding = n, "gzip"
	}
	a := h.assets[name]
	if a == nil {
		a = &asset{kind: contentType(name), cache: cacheFor(name), data: map[string][]byte{}}
		h.assets[name] = a
	}
	a.data[encoding] = data
}

func cacheFor(name string) string {
	switch {
	case name == document:
		return revisit
	case strings.HasPrefix(name, "assets/"):
		return immutable // the build puts a hash of the content into the name
	}
	return brief
}

// contentType does not ask the machine's own table first: a Windows registry or a mailcap may say anything.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".json":
		return "application/json"
	case ".wasm":
		return "application/wasm"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	if a := h.assets[name]; a != nil && name != document {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if strings.HasPrefix(name, pdfWorker) {
			w.Header().Set("Content-Security-Policy", pdfPolicy)
		}
		write(w, r, a, http.StatusOK)
		return
	}
	status := http.StatusOK
	if !routed(name) {
		status = http.StatusNotFound
		if !strings.Contains(r.Header.Get("Accept"), "text/html") {
			http.Error(w, "not found", status) // a script that is gone must not be answered with a page
			return
		}
	}
	var others []string
	if h.others != nil {
		others = h.others()
	}
	guard(w.Header(), r.Host, others)
	a := h.assets[document]
	if a == nil {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte(unbuilt))
		return
	}
	write(w, r, a, status)
}

// routed tells whether the client knows a page at this address (web/src/router.ts).
func routed(name string) bool {
	if name == "" || name == "bpsdm" || name == "h" {
		return true
	}
	parts := strings.Split(name, "/")
	if parts[0] != "k" || len(parts) < 2 || len(parts) > 3 {
		return false
	}
	return len(parts) == 2 || parts[2] == "panggung" || parts[2] == "meja" || parts[2] == "ruang" || parts[2] == "layar"
}

// guard sets what the document may do: nothing inline, nothing from elsewhere, in nobody's frame.
func guard(header http.Header, host string, others []string) {
	connect := "'self'"
	if plainHost(host) {
		connect += " ws://" + host + " wss://" + host // Safari 15 does not take 'self' for websockets
	}
	pictures := ""
	for _, other := range others {
		if scheme, host, ok := Source(other); ok {
			connect += " " + other + " " + strings.Replace(scheme, "http", "ws", 1) + "://" + host
			pictures += " " + other
		}
	}
	header.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:"+pictures+"; "+
		"media-src 'self' blob:; font-src 'self'; connect-src "+connect+
		"; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	header.Set("Permissions-Policy", permissions)
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
}

// Source takes apart an address like "https://kotim.example:8443", or a pattern of such as a policy knows them: any name below a
// domain, like "https://*.kuliah.example", or any port of a host, like "http://127.0.0.1:*" (CSP 3, 2.3.1 host-source). ok is false
// for anything else: for a scheme or all hosts above all.
func Source(text string) (scheme, host string, ok bool) {
	scheme, host, ok = strings.Cut(text, "://")
	name := strings.TrimSuffix(strings.TrimPrefix(host, "*."), ":*")
	return scheme, host, ok && (scheme == "http" || scheme == "https") && plainHost(name) && name[0] != '.' && name[0] != ':'
}

// plainHost tells whether a Host header is only a name or address with a port, and so fit for a policy.
func plainHost(host string) bool {
	for _, c := range []byte(host) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && !strings.ContainsRune(".-:[]", rune(c)) {
			return false
		}
	}
	return host != ""
}

func write(w http.ResponseWriter, r *http.Request, a *asset, status int) {
	encoding := pick(a, r.Header.Get("Accept-Encoding"))
	header := w.Header()
	header.Set("Content-Type", a.kind)
	header.Set("Cache-Control", a.cache)
	header.Add("Vary", "Accept-Encoding")
	etag := `"` + a.etag + encoding + `"`
	header.Set("ETag", etag)
	if encoding != "" {
		header.Set("Content-Encoding", encoding)
	}
	if status == http.StatusOK && matches(r.Header.Get("If-None-Match"), etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	data := a.data[encoding]
	header.Set("Content-Length", strconv.Itoa(len(data)))
	w.WriteHeader(status)
	if r.Method == http.MethodGet {
		_, _ = bytes.NewReader(data).WriteTo(w) // a reader that went away is no fault of ours
	}
}

// pick chooses the smallest encoding that exists and that the client takes (RFC 9110, 12.5.3).
func pick(a *asset, accept string) string {
	best := ""
	for part := range strings.SplitSeq(accept, ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if refused(params) {
			continue
		}
		name = strings.ToLower(strings.TrimSpace(name))
		if _, ok := a.data[name]; ok && name != "" && (best == "" || name == "br") {
			best = name
		}
	}
	return best
}

// refused tells a weight of zero: "not this one".
func refused(params string) bool {
	q, ok := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
	if !ok {
		return false
	}
	v, err := strconv.ParseFloat(q, 64)
	return err != nil || v <= 0
}

func matches(header, etag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		part = strings.TrimPrefix(strings.TrimSpace(part), "W/")
		if part == etag || part == "*" {
			return true
		}
	}
	return false
}

const unbuilt = `<!doctype html><html lang="id"><meta charset="utf-8"><title>Betang</title>
<h1>Betang</h1>
<p>Halaman web belum dibangun. Jalankan <code>make web</code>, lalu bangun kembali program ini.</p>
<p lang="en">The web client is not built: run <code>make web</code>, then build the binary again.</p></html>
`
