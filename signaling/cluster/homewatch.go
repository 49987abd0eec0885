package cluster

import (
	"context"
	"sync"
	"time"
)

// homeSilent is how long a home may say nothing before commands no longer wait for its answer: it tells who is there once a
// second.
const homeSilent = 2500 * time.Millisecond

// homeWatch is what a node that is not the home has heard of it.
type homeWatch struct {
	mu    sync.Mutex
	token int64         // of the newest home
	at    time.Time     // when it was heard last
	known time.Time     // when any was heard or heard of last, or asked for
	news  chan struct{} // closed when another home is heard, or one that was silent; nil: nobody waits
}

// hear notes a sign of a home. One of an older home is not noted.
func (w *homeWatch) hear(token int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.known = time.Now()
	if token < w.token {
		return
	}
	if w.news != nil && (token > w.token || time.Since(w.at) > homeSilent) {
		close(w.news)
		w.news = nil
	}
	w.token, w.at = token, w.known
}

// exists notes that there is a home, though it has not been heard itself.
func (w *homeWatch) exists() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.known = time.Now()
}

// missing tells that none was heard of for so long, and not again before as long has passed: whoever asks it asks for one.
func (w *homeWatch) missing(long time.Duration) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if time.Since(w.known) <= long {
		return false
	}
	w.known = time.Now()
	return true
}

// justGone tells that a home was heard, and fell silent within the last while.
func (w *homeWatch) justGone(while time.Duration) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	silent := time.Since(w.at)
	return silent > homeSilent/2 && silent < homeSilent+while
}

// look gives the home if one was heard lately, for how long that holds, and what is closed at other news.
func (w *homeWatch) look() (token int64, left time.Duration, news <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.news == nil {
		w.news = make(chan struct{})
	}
	if left = homeSilent - time.Since(w.at); left < 0 {
		return 0, 0, w.news
	}
	return w.token, left, w.news
}

// await waits for a home as long as wanted says so.
func (w *homeWatch) await(ctx context.Context, wanted func() bool) (token int64, ok bool) {
	for wanted() {
		token, _, news := w.look()
		if token != 0 {
			return token, true
		}
		select {
		case <-news:
		case <-time.After(homeSilent / 20): // to look whether it is still wanted
		case <-ctx.Done():
			return 0, false
		}
	}
	return 0, false
}

// untilGone returns when a home is silent, or another one is heard.
func (w *homeWatch) untilGone(ctx context.Context, token int64) {
	for {
		now, left, news := w.look()
		if now != token {
			return
		}
		select {
		case <-news:
		case <-time.After(left + time.Millisecond):
		case <-ctx.Done():
			return
		}
	}
}
