package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// TestPictures: an edge asks the origin for a page once, however many viewers want it at once, and for what is not there
// again and again.
func TestPictures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		gate := make(chan struct{})
		c := newPictures(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked.Add(1)
			<-gate
			if strings.Contains(r.URL.Path, "none") {
				w.WriteHeader(http.StatusNotFound)
				return
			}
			w.Header().Set("Content-Type", "image/webp")
			fmt.Fprint(w, r.URL.Path)
		}))
		get := func(path string) *httptest.ResponseRecorder {
			w := httptest.NewRecorder()
			c.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
			return w
		}
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				if w := get("/m/abc/1/l"); w.Code != http.StatusOK || w.Body.String() != "/m/abc/1/l" || w.Header().Get("Content-Type") != "image/webp" {
					t.Errorf("%d %q %v", w.Code, w.Body, w.Header())
				}
			})
		}
		synctest.Wait()
		close(gate)
		all.Wait()
		if n := asked.Load(); n != 1 {
			t.Errorf("asked the origin %d times", n)
		}
		for range 2 {
			if w := get("/m/none/1/l"); w.Code != http.StatusNotFound {
				t.Errorf("a page that is not there: %d", w.Code)
			}
		}
		get("/m/abc/file")
		get("/m/abc/file")
		if n := asked.Load(); n != 5 {
			t.Errorf("asked the origin %d times in all", n)
		}
	})
}

// TestPicturesMakeRoom: the oldest pages go when there is no more room.
func TestPicturesMakeRoom(t *testing.T) {
	page := make([]byte, pictureMost)
	c := newPictures(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(page) }))
	for i := range 2 * pictureRoom / pictureMost {
		c.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("/m/abc/%d/s", i), nil))
	}
	if c.size != pictureRoom || len(c.by) != pictureRoom/pictureMost || c.by["/m/abc/0/s"] != nil {
		t.Errorf("%d bytes in %d pages", c.size, len(c.by))
	}
}
