package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// browser is one Chromium process with fake devices.
type browser struct {
	t    testing.TB
	ctx  context.Context
	stop context.CancelFunc
}

var longTests = flag.Bool("long", false, "also the browser tests for which make test has no time")

// needTime skips a test that takes half a minute or more beside another of its subject that make test has.
func needTime(t testing.TB) {
	t.Helper()
	if !*longTests {
		t.Skip("make screens runs it")
	}
}

// needBrowser skips where the machine has no Chromium or the web client is not built; in CI both must be there.
func needBrowser(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: no browser")
	}
	_, noChromium := exec.LookPath("chromium")
	_, noVoice := exec.LookPath("espeak-ng")
	_, noWeb := os.Stat(filepath.Join("..", "..", "static", "dist", "index.html"))
	for what, err := range map[string]error{"chromium (make tools)": noChromium, "espeak-ng (make tools)": noVoice, "the web client (make web)": noWeb} {
		if err != nil && os.Getenv("CI") != "" {
			t.Fatalf("missing %s: %v", what, err)
		}
		if err != nil {
			t.Skipf("missing %s: %v", what, err)
		}
	}
}

// startBrowser starts a Chromium; camera and voice are files for its fake devices, "" for the built-in ones. More flags
// may follow.
func startBrowser(t testing.TB, camera, voice string, more ...chromedp.ExecAllocatorOption) *browser {
	t.Helper()
	opts := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath("chromium"),
		chromedp.UserDataDir(t.TempDir()),
		chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.WindowSize(1280, 800),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-background-timer-throttling", true),
		chromedp.Flag("disable-backgrounding-occluded-windows", true),
		chromedp.Flag("disable-renderer-backgrounding", true),
		chromedp.Flag("autoplay-policy", "no-user-gesture-required"),
		chromedp.Flag("use-fake-ui-for-media-stream", true),
		chromedp.Flag("use-fake-device-for-media-stream", true),
		chromedp.Flag("lang", "id"),
	}
	if camera != "" {
		opts = append(opts, chromedp.Flag("use-file-for-fake-video-capture", camera))
	}
	if voice != "" {
		opts = append(opts, chromedp.Flag("use-file-for-fake-audio-capture", voice))
	}
	opts = append(opts, more...)
	alloc, stopAlloc := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, stopCtx := chromedp.NewContext(alloc, chromedp.WithLogf(t.Logf))
	if err := chromedp.Do(ctx); err != nil {
		stopAlloc()
		t.Fatalf("start chromium: %v", err)
	}
	b := &browser{t: t, ctx: ctx, stop: func() { stopCtx(); stopAlloc() }}
	t.Cleanup(b.stop)
	return b
}

// kill ends the browser as a crash would: no page gets to say goodbye.
func (b *browser) kill() {
	b.t.Helper()
	if err := chromedp.FromContext(b.ctx).Browser.Process().Kill(); err != nil {
		b.t.Fatalf("kill chromium: %v", err)
	}
}

// tab is one page.
type tab struct {
	t    testing.TB
	name string
	ctx  context.Context
	stop context.CancelFunc
}

// open opens url in a new tab.
func (b *browser) open(name, url string) *tab {
	b.t.Helper()
	ctx, stop := chromedp.NewContext(b.ctx)
	tb := &tab{t: b.t, name: name, ctx: ctx, stop: stop}
	b.t.Cleanup(stop)
	// The first call makes the tab and lives as long as it, so it has no time limit of its own.
	_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: keepPeers})
	if err == nil {
		_, err = chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	}
	if err != nil {
		b.t.Fatalf("%s: new tab: %v", name, err)
	}
	go func() {
		for m, err := range chromedp.Console(ctx) {
			if err != nil {
				return // the tab is closed
			}
			if m.Type == chromedp.ConsoleException || m.Type == "error" || m.Type == "warning" {
				b.t.Logf("%s: console %s: %s (%s:%d)", name, m.Type, m.Text, m.URL, m.Line)
			}
		}
	}()
	tb.do(30*time.Second, "open "+url, chromedp.Navigate(url))
	return tb
}

// keepPeers runs before every page's own scripts. It keeps the websocket and each RTCPeerConnection for getStats, counts negotiations,
// and notes when a viewer first offered and when a video first showed a frame (both in performance.now() ms).
const keepPeers = `(() => {
  const Real = window.RTCPeerConnection;
  window.__peers = [];
  window.__negotiations = 0;
  window.__offered = 0;
  window.__firstFrame = 0;
  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...args) { super(...args); window.__socket = this; }
  };
  window.RTCPeerConnection = class extends Real {
    constructor(...args) { super(...args); window.__peers.push(this); }
    setLocalDescription(...args) { window.__offered ||= performance.now(); return super.setLocalDescription(...args); }
    setRemoteDescription(...args) { window.__negotiations++; return super.setRemoteDescription(...args); }
  };
  const watch = () => {
    for (const v of document.querySelectorAll('video')) {
      if (v.__watched) continue;
      v.__watched = true;
      v.requestVideoFrameCallback(() => { window.__firstFrame ||= performance.now(); });
    }
  };
  new MutationObserver(watch).observe(document, {childList: true, subtree: true});
})();`

func (tb *tab) do(limit time.Duration, what string, steps ...chromedp.Action[chromedp.Void]) {
	tb.t.Helper()
	ctx, cancel := context.WithTimeout(tb.ctx, limit)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		tb.fail("%s: %v", what, err)
	}
}

func (tb *tab) fail(format string, args ...any) {
	tb.t.Helper()
	tb.screenshot("failed-" + tb.name)
	ctx, cancel := context.WithTimeout(tb.ctx, 5*time.Second)
	defer cancel()
	if state, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.pathname + ' with the focus on ' + (document.activeElement?.outerHTML.slice(0, 120) ?? 'nothing') + ' shows:\n' + document.body.innerText.slice(0, 2000)`)); err == nil {
		tb.t.Logf("%s: %s", tb.name, state)
	}
	tb.t.Fatalf(tb.name+": "+format, args...)
}

func testid(id string) string { return `[data-testid="` + id + `"]` }

// shown is a JavaScript condition: the element is there and visible.
func shown(id string) string {
	return `(e => !!e && !e.disabled && e.getClientRects().length > 0)(document.querySelector('` + testid(id) + `'))`
}

// ready is the same of an element that also does something now: a button that is busy takes no second press.
func ready(id string) string { return usable + `(document.querySelector('` + testid(id) + `'))` }

const usable = `(e => !!e && !e.disabled && e.getAttribute('aria-disabled') !== 'true' && e.getClientRects().length > 0)`

// click clicks the element with the test id.
func (tb *tab) click(id string) {
	tb.t.Helper()
	tb.clickOn(testid(id))
}

// clickOn waits until a person could click the element, and clicks it: it is enabled, it stands still, and nothing lies over it.
// Where the page moved away under the mouse, the click is made again.
func (tb *tab) clickOn(selector string) {
	tb.t.Helper()
	aim := fmt.Sprintf(`(async () => {
	  const e = document.querySelector(%q);
	  if (!%s(e)) return [];
	  e.scrollIntoViewIfNeeded();
	  const at = () => { const r = e.getClientRects()[0]; return r ? [r.left + r.width / 2, r.top + r.height / 2] : []; };
	  const was = at();
	  await %s;
	  const is = at(), over = is.length ? document.elementFromPoint(...is) : null;
	  if (!over || is[0] !== was[0] || is[1] !== was[1] || !(e.contains(over) || over.closest('label')?.control === e)) return [];
	  window.__clicked = false;
	  e.addEventListener('click', () => { window.__clicked = true; }, {once: true, capture: true});
	  return is; })()`, selector, usable, painted)
	tb.try(20*time.Second, "click "+selector, func(ctx context.Context) (bool, error) {
		at, err := chromedp.Run(ctx, chromedp.Evaluate[[]float64](aim, chromedp.EvalAwaitPromise))
		if err != nil || len(at) < 2 {
			return false, err
		}
		if err := chromedp.Do(ctx, chromedp.MouseClickXY(at[0], at[1])); err != nil {
			return false, err
		}
		missed, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`window.__clicked === false`))
		return err != nil && ctx.Err() == nil || err == nil && !missed, err // an error: the click led to another page
	})
}

// typeIn types into the field with the test id, which keeps the focus meanwhile.
func (tb *tab) typeIn(id, text string) {
	tb.t.Helper()
	tb.until(20*time.Second, "enabled "+id, ready(id))
	const focused = `document.activeElement === document.querySelector(%q)`
	if !eval[bool](tb, fmt.Sprintf(`(document.querySelector(%q).focus(), `+focused+`)`, testid(id), testid(id))) {
		tb.fail("%s takes no focus", id)
	}
	tb.do(time.Minute, "type into "+id, chromedp.KeyEvent(text))
	if !eval[bool](tb, fmt.Sprintf(focused, testid(id))) {
		tb.fail("%s lost the focus while one typed %q", id, text)
	}
}

func (tb *tab) visible(id string) {
	tb.t.Helper()
	tb.until(30*time.Second, "see "+id, shown(id))
}

// choose sets a select to a value, as a person's choice does.
func (tb *tab) choose(id, value string) {
	tb.t.Helper()
	tb.until(20*time.Second, "choice of "+id, ready(id))
	eval[bool](tb, fmt.Sprintf(`(() => { const e = document.querySelector(%q); e.value = %q;
	  return e.dispatchEvent(new Event('change', {bubbles: true})); })()`, testid(id), value))
}

// pick clicks the first element with the test id that shows the text.
func (tb *tab) pick(id, text string) {
	tb.t.Helper()
	find := fmt.Sprintf(`[...document.querySelectorAll(%q)].find(e => %s(e) && e.innerText.includes(%q))`, testid(id), usable, text)
	for {
		tb.until(20*time.Second, fmt.Sprintf("%s with %q", id, text), find)
		if eval[bool](tb, `(e => (e?.click(), !!e))(`+find+`)`) {
			return
		}
	}
}

// see waits until an element with the test id shows the text.
func (tb *tab) see(id, text string) {
	tb.t.Helper()
	want, _ := json.Marshal(text)
	tb.until(30*time.Second, fmt.Sprintf("%s shows %q", id, text),
		`[...document.querySelectorAll('`+testid(id)+`')].some(e => e.innerText.includes(`+string(want)+`))`)
}

// painted is a promise for the moment at which the page as it stands has been painted, and what the page does thereafter
// (Preact's effects: they wait for a frame, and where none is painted for 35 ms) is done. Nobody acts on a screen before that.
const painted = `new Promise(done => { const after = () => setTimeout(() => done(true)); requestAnimationFrame(after); setTimeout(after, 50); })`

// until asks the page until the JavaScript condition, or its promise, is true, and painted: the page's state, not the test's
// patience, decides. It goes on over reloads.
func (tb *tab) until(limit time.Duration, what, condition string) {
	tb.t.Helper()
	script := `(async () => !!(await (` + condition + `)) && await ` + painted + `)()`
	tb.try(limit, what, func(ctx context.Context) (bool, error) {
		return chromedp.Run(ctx, chromedp.Evaluate[bool](script, chromedp.EvalAwaitPromise))
	})
}

// lookEvery is how long a test waits between two looks at a page.
const lookEvery = 100 * time.Millisecond

// try looks again and again until it is so, as often as an idle machine looks within the limit: on a busy one, where the page is as
// slow as its test, that takes longer, and at most four times as long.
func (tb *tab) try(limit time.Duration, what string, look func(context.Context) (bool, error)) {
	tb.t.Helper()
	ctx, cancel := context.WithTimeout(tb.ctx, 4*limit)
	defer cancel()
	began := time.Now()
	for n := 0; ; n++ {
		ok, err := look(ctx)
		if ok {
			return
		}
		if ctx.Err() != nil || n >= int(limit/lookEvery) {
			tb.fail("looked %d times in %v in vain: %s (%v)", n+1, time.Since(began).Round(time.Second), what, err)
		}
		<-time.After(lookEvery)
	}
}

// note has the page itself look out for a condition that passes, from now on; noted waits until it was true.
func (tb *tab) note(condition string) {
	tb.t.Helper()
	eval[bool](tb, `(() => { window.__noted = false;
	  const look = (_, all) => { if (`+condition+`) { window.__noted = true; all.disconnect(); } };
	  new MutationObserver(look).observe(document.body, {childList: true, subtree: true, characterData: true}); return true; })()`)
}

func (tb *tab) noted(what string) {
	tb.t.Helper()
	tb.until(20*time.Second, what, `window.__noted`)
}

func (tb *tab) reload() {
	tb.t.Helper()
	tb.do(30*time.Second, "reload", chromedp.Reload())
}

// eval evaluates an expression or promise.
func eval[T any](tb *tab, expression string) T {
	tb.t.Helper()
	ctx, cancel := context.WithTimeout(tb.ctx, time.Minute)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		tb.fail("evaluate: %v", err)
	}
	return v
}

// received is what a page's inbound streams add up to.
type received struct {
	Frames  int     `json:"frames"`  // decoded, all videos
	Energy  float64 `json:"energy"`  // totalAudioEnergy, all audios
	Seconds float64 `json:"seconds"` // totalSamplesDuration of the loudest audio
	Videos  int     `json:"videos"`  // inbound videos that decoded something
	Width   int     `json:"width"`   // of the largest
	Packets int     `json:"packets"` // all
	Lost    int     `json:"lost"`    // all
	NACKs   int     `json:"nacks"`   // sent
	Sent    int     `json:"sent"`    // frames encoded by this page
	Conceal float64 `json:"conceal"` // concealed share of audio samples
	Peers   int     `json:"peers"`   // live connections
	Deals   int     `json:"deals"`   // setRemoteDescription calls
}

func (tb *tab) stats() received {
	tb.t.Helper()
	return eval[received](tb, `(async () => {
	  const r = {frames: 0, energy: 0, seconds: 0, videos: 0, width: 0, packets: 0, lost: 0, nacks: 0, sent: 0, conceal: 0, peers: 0, deals: window.__negotiations};
	  for (const pc of window.__peers) {
	    if (pc.connectionState === 'closed') continue;
	    r.peers++;
	    for (const s of (await pc.getStats()).values()) {
	      if (s.type === 'inbound-rtp') {
	        r.packets += s.packetsReceived || 0; r.lost += s.packetsLost || 0; r.nacks += s.nackCount || 0;
	        if (s.kind === 'video' && s.framesDecoded) { r.frames += s.framesDecoded; r.videos++; r.width = Math.max(r.width, s.frameWidth || 0); }
	        if (s.kind === 'audio') { r.energy += s.totalAudioEnergy || 0; r.seconds = Math.max(r.seconds, s.totalSamplesDuration || 0);
	          if (s.totalSamplesReceived) r.conceal = Math.max(r.conceal, s.concealedSamples / s.totalSamplesReceived); }
	      }
	      if (s.type === 'outbound-rtp' && s.kind === 'video') r.sent += s.framesEncoded || 0;
	    }
	  }
	  return r;
	})()`)
}

// picture reads the pixels of a video element as a hash of a small copy.
func (tb *tab) picture(id string) string {
	tb.t.Helper()
	return eval[string](tb, `(() => {
	  const root = document.querySelector('`+testid(id)+`');
	  const v = root && (root.tagName === 'VIDEO' ? root : root.querySelector('video'));
	  if (!v || !v.videoWidth) return '';
	  const c = document.createElement('canvas'); c.width = 32; c.height = 18;
	  const g = c.getContext('2d'); g.drawImage(v, 0, 0, 32, 18);
	  return Array.from(g.getImageData(0, 0, 32, 18).data).filter((_, i) => i % 4 === 0).map(x => (x >> 3).toString(32)).join('');
	})()`)
}

// screenshot keeps a picture where BETANG_SHOTS names a folder.
func (tb *tab) screenshot(name string) {
	dir := os.Getenv("BETANG_SHOTS")
	if dir == "" {
		return
	}
	ctx, cancel := context.WithTimeout(tb.ctx, 10*time.Second)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		tb.t.Logf("screenshot %s: %v", name, err)
		return
	}
	if err := os.WriteFile(filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+".png"), png, 0o644); err != nil {
		tb.t.Logf("screenshot %s: %v", name, err)
	}
}
