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

// A viewer in a real browser, with UDP blocked from the start and, in another page, in mid-session: sound and picture
// come over the port of the web.
func TestBrowserWithoutUDP(t *testing.T) {
	needBrowser(t)
	s := startServer(t)
	proxy := s.udpProxy()
	media := t.TempDir()
	hall := startBrowser(t, fakeCamera(t, media), fakeMicrophone(t, media))
	speaker := hall.open("speaker", s.links.Speaker)
	speaker.click("go-live")
	speaker.until(20*time.Second, "the encoder runs", `window.__peers.some(p => p.connectionState === 'connected')`)

	const path = `(async () => { for (const pc of window.__peers) { if (pc.connectionState !== 'connected') continue;
	  const all = await pc.getStats(); for (const s of all.values()) if (s.type === 'transport' && s.selectedCandidatePairId)
	    return all.get(all.get(s.selectedCandidatePairId).remoteCandidateId).protocol; } return ''; })()`

	sri := hall.behind(proxy, "sri", s.links.Participants[0])
	sri.click("confirm-me")
	since := sri.playing()
	sri.until(15*time.Second, "media over the proxy's UDP", `(async () => (await `+path+`) === 'udp')()`)
	began := time.Now()
	proxy.Block()
	sri.until(30*time.Second, "media over TCP", `(async () => (await `+path+`) === 'tcp')()`)
	// The voice comes first; the picture follows when the ladder has measured the new path.
	sri.until(20*time.Second, "a second of voice", voicePast(eval[int](sri, voicePackets)+50))
	t.Logf("UDP blocked in mid-session: a second of voice over TCP after %v", time.Since(began))

	budi := hall.behind(proxy, "budi", s.links.Participants[1])
	budi.click("confirm-me")
	budi.playing()
	budi.until(15*time.Second, "sound above silence", audible)
	if got := eval[string](budi, path); got != "tcp" {
		t.Errorf("media over %q with UDP blocked", got)
	}
	t.Logf("UDP blocked at start: first frame %.0f ms after the offer", eval[float64](budi, `window.__firstFrame - window.__offered`))

	// The way of the media is no matter of attendance: who was there all the time has one interval.
	wantOneInterval(t, s, hall, sri, since)
}
