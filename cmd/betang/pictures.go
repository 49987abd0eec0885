package main

import (
	"bytes"
	"net/http"
	"strings"
	"sync"
)

const (
	pictureRoom = 128 << 20 // bytes of pages that an edge keeps; the oldest go first
	pictureMost = 4 << 20   // of one
)

// pictures keeps the pages of slides that an edge's viewers saw, so that each goes over the WAN once: what a page's address
// names never changes.
type pictures struct {
	next http.Handler // the origin

	mu   sync.Mutex
	by   map[string]*picture
	kept []string // oldest first
	size int
}

// picture is a page, or one that is on its way.
type picture struct {
	ready  chan struct{}
	status int
	header http.Header
	body   []byte
}

func newPictures(next http.Handler) *pictures {
	return &pictures{next: next, by: map[string]*picture{}}
}

// ServeHTTP serves a page from here, or fetches it once for all who ask meanwhile. Anything else the origin answers.
func (c *pictures) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	page := strings.HasPrefix(path, "/m/") && (strings.HasSuffix(path, "/l") || strings.HasSuffix(path, "/s"))
	if !page || r.Method != http.MethodGet || r.Header.Get("Range") != "" {
		c.next.ServeHTTP(w, r)
		return
	}
	c.mu.Lock()
	p := c.by[path]
	if p != nil {
		c.mu.Unlock()
		select {
		case <-p.ready:
		case <-r.Context().Done():
			return
		}
		if p.status == http.StatusOK {
			p.write(w)
		} else {
			c.next.ServeHTTP(w, r) // whoever fetched it went away, or it is not there
		}
		return
	}
	p = &picture{ready: make(chan struct{})}
	c.by[path] = p
	c.mu.Unlock()
	defer func() { // also when the proxy panics because its client went away
		c.keep(path, p)
		close(p.ready)
	}()
	got := &taking{w: w, header: w.Header()}
	whole := r.Clone(r.Context())
	whole.Header.Del("If-None-Match")
	whole.Header.Del("If-Modified-Since")
	c.next.ServeHTTP(got, whole)
	if got.status == http.StatusOK && !got.broken && got.body.Len() <= pictureMost {
		p.status, p.header, p.body = got.status, got.header.Clone(), got.body.Bytes()
	}
}

// keep keeps a page that came whole, or forgets it.
func (c *pictures) keep(path string, p *picture) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p.status != http.StatusOK {
		delete(c.by, path)
		return
	}
	c.kept, c.size = append(c.kept, path), c.size+len(p.body)
	for c.size > pictureRoom {
		c.size -= len(c.by[c.kept[0]].body)
		delete(c.by, c.kept[0])
		c.kept = c.kept[1:]
	}
}

func (p *picture) write(w http.ResponseWriter) {
	for _, name := range []string{"Content-Type", "Cache-Control", "ETag", "X-Content-Type-Options"} {
		if v := p.header.Get(name); v != "" {
			w.Header().Set(name, v)
		}
	}
	_, _ = bytes.NewReader(p.body).WriteTo(w) // a reader that went away is no fault of ours
}

// taking copies what goes to the first who asked.
type taking struct {
	w      http.ResponseWriter
	header http.Header
	status int
	broken bool // the reader went away
	body   bytes.Buffer
}

// Header is http.ResponseWriter's.
func (t *taking) Header() http.Header { return t.header }

// WriteHeader is http.ResponseWriter's.
func (t *taking) WriteHeader(status int) {
	if status >= http.StatusOK && t.status == 0 {
		t.status = status
	}
	t.w.WriteHeader(status)
}

// Write is http.ResponseWriter's.
func (t *taking) Write(b []byte) (int, error) {
	if t.status == 0 {
		t.status = http.StatusOK
	}
	if t.body.Len() <= pictureMost {
		t.body.Write(b)
	}
	n, err := t.w.Write(b)
	t.broken = t.broken || err != nil
	return n, err
}
