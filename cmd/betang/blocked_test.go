package main

import (
	"fmt"
	"net"
	"testing"
	"time"

	"betang/sfu/sfutest/impair"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// throughProxy makes a page look for UDP media at a proxy; TCP stays as the server announced it.
const throughProxy = `(() => {
  const real = RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = function (d, ...rest) {
    const sdp = d.sdp.replace(/^(a=candidate:\S+ 1 udp \d+) \S+ \d+/gmi, '$1 127.0.0.1 %d');
    return real.call(this, { type: d.type, sdp }, ...rest);
  };
})();`

// udpProxy is a way to the server's media that a test can spoil.
func (s *server) udpProxy() *impair.UDP {
	s.t.Helper()
	addr, err := net.ResolveUDPAddr("udp", s.media)
	if err != nil {
		s.t.Fatal(err)
	}
	p, err := impair.NewUDP(addr, 1, impair.Link{}, impair.Link{})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(p.Close)
	return p
}

// behind opens a page whose UDP media go through the proxy.
func (b *browser) behind(proxy *impair.UDP, name, link string) *tab {
	b.t.Helper()
	tb := b.open(name, "about:blank")
	if _, err := chromedp.Call(tb.ctx, page.AddScriptToEvaluateOnNewDocument,
		page.AddScriptToEvaluateOnNewDocumentParams{Source: fmt.Sprintf(throughProxy, proxy.Port())}); err != nil {
		b.t.Fatal(err)
	}
	tb.do(30*time.Second, "open", chromedp.Navigate(link))
	return tb
}

// voicePackets counts the voice packets a page received.
const voicePackets = `(async () => { let n = 0; for (const pc of window.__peers) for (const s of (await pc.getStats()).values()) if (s.type === 'inbound-rtp' && s.kind === 'audio') n += s.packetsReceived || 0; return n; })()`

func voicePast(n int) string { return fmt.Sprintf("(async () => (await %s) > %d)()", voicePackets, n) }

// pathTaken is how the media come: udp, tcp, or tls (by TURN); "" while they do not.
const pathTaken = `(async () => { for (const pc of window.__peers) { if (pc.connectionState !== 'connected') continue;
  const all = await pc.getStats(); for (const s of all.values()) if (s.type === 'transport' && s.selectedCandidatePairId) {
    const pair = all.get(s.selectedCandidatePairId);
    return all.get(pair.localCandidateId).relayProtocol || all.get(pair.remoteCandidateId).protocol; } } return ''; })()`

func pathIs(path string) string {
	return `(async () => (await ` + pathTaken + `) === '` + path + `')()`
}

// countBack has a page note how many seconds from now half a second of voice and ten frames of a picture have come.
const countBack = `(async () => {
  const count = async () => { const n = {voice: 0, frames: 0};
    for (const pc of window.__peers) for (const s of (await pc.getStats()).values()) if (s.type === 'inbound-rtp') {
      if (s.kind === 'audio') n.voice += s.packetsReceived || 0; else n.frames += s.framesDecoded || 0; }
    return n; };
  const from = performance.now(), was = await count(), back = window.__back = {voice: 0, picture: 0};
  const timer = setInterval(async () => { const is = await count(), after = (performance.now() - from) / 1000;
    if (is.voice >= was.voice + 25) back.voice ||= after;
    if (is.frames >= was.frames + 10) back.picture ||= after;
    if (back.voice && back.picture) clearInterval(timer); }, 50);
  return true; })()`

// comesBack are the seconds that countBack counted.
type comesBack struct {
	Voice   float64 `json:"voice"`
	Picture float64 `json:"picture"`
}

func (c comesBack) String() string {
	return fmt.Sprintf("voice after %.1f s, picture after %.1f s", c.Voice, c.Picture)
}

// firewall is a lecture, and two viewers behind a firewall that leaves the media one way: for one it closes the others while it plays.
type firewall struct {
	t         *testing.T
	s         *server
	hall      *browser
	free      func(name, link string) *tab // opens a page before it
	shut      func()                       // for those pages, from now on
	behind    func(name, link string) *tab // opens a page behind it
	left      string                       // the path that it leaves
	sri, budi *tab
	since     time.Time // sri plays
}

// noUDP is a firewall that lets no UDP through; TCP goes to the web's port.
func noUDP(t *testing.T) *firewall {
	t.Helper()
	needBrowser(t)
	s := startServer(t)
	proxy := s.udpProxy()
	media := t.TempDir()
	f := &firewall{t: t, s: s, hall: startBrowser(t, fakeCamera(t, media), fakeMicrophone(t, media)), left: "tcp", shut: proxy.Block}
	f.free = func(name, link string) *tab { return f.hall.behind(proxy, name, link) }
	f.behind = func(name, link string) *tab {
		proxy.Block()
		return f.free(name, link)
	}
	speaker := f.hall.open("speaker", s.links.Speaker)
	speaker.click("go-live")
	speaker.until(20*time.Second, "the encoder runs", `window.__peers.some(p => p.connectionState === 'connected')`)
	return f
}

// inSession has the firewall begin while sri plays over UDP.
func (f *firewall) inSession() comesBack {
	f.t.Helper()
	f.sri = f.free("sri", f.s.links.Participants[0])
	f.sri.click("confirm-me")
	f.since = f.sri.playing()
	f.sri.until(15*time.Second, "media over UDP", pathIs("udp"))
	// A cut is bridged between what was heard before it and after it, so there has to be some of both.
	f.sri.until(15*time.Second, "some seconds of it", `performance.now() - window.__firstFrame > 4000`)
	f.shut()
	back := f.back(f.sri, func() {})
	f.t.Logf("ROW all but %s blocked in mid-session: %v", f.left, back)
	return back
}

// fromStart has budi come from behind the firewall.
func (f *firewall) fromStart() comesBack {
	f.t.Helper()
	f.budi = f.behind("budi", f.s.links.Participants[1])
	back := f.back(f.budi, func() { f.budi.click("confirm-me") })
	f.budi.playing()
	f.budi.until(15*time.Second, "sound above silence", audible)
	f.t.Logf("ROW all but %s blocked at the start: from the confirmation on %v; first frame %.0f ms after the offer", f.left, back,
		eval[float64](f.budi, `window.__firstFrame - window.__offered`))
	return back
}

// back waits for the media that come the way that is left, after what begins it.
func (f *firewall) back(tb *tab, begin func()) comesBack {
	f.t.Helper()
	eval[bool](tb, countBack)
	begin()
	tb.until(30*time.Second, "media over "+f.left, pathIs(f.left))
	// The voice comes first; the picture follows when the ladder has measured the new path.
	tb.until(20*time.Second, "voice and picture", `window.__back.voice > 0 && window.__back.picture > 0`)
	return eval[comesBack](tb, `window.__back`)
}

// oneInterval ends the lecture: the way of the media is no matter of attendance, who was there all the time has one interval.
func (f *firewall) oneInterval() {
	f.t.Helper()
	wantOneInterval(f.t, f.s, f.hall, f.sri, f.since)
	if !f.t.Failed() {
		f.t.Logf("ROW all but %s blocked in mid-session: one attendance interval", f.left)
	}
}

// A viewer in a real browser, with UDP blocked from the start and, in another page, in mid-session: sound and picture
// come over the port of the web.
func TestBrowserWithoutUDP(t *testing.T) {
	f := noUDP(t)
	f.inSession()
	f.fromStart()
	f.oneInterval()
}

// badBlocked holds what comes back to the goal of the table.
func badBlocked(t *testing.T, f *firewall, session, start bool) {
	t.Helper()
	const goal = 5
	var all []comesBack
	if session {
		all = append(all, f.inSession())
	}
	if start {
		all = append(all, f.fromStart())
	}
	for _, back := range all {
		if back.Voice > goal {
			t.Errorf("%v, goal %d", back, goal)
		}
	}
	if session {
		n := eval[int](f.sri, voicePackets)
		f.sri.until(20*time.Second, "some seconds of it after the cut", voicePast(n+250))
		f.oneInterval()
	}
}
