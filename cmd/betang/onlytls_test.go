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

// nobody is an address of this machine that the server announces and does not listen on: what is sent there over UDP or
// TCP is refused, as by a firewall.
const nobody = "127.0.0.9"

// publicOnly leaves a page the candidates at that address, which is what a server behind NAT looks like from outside.
const publicOnly = `(() => {
  const real = RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = function (d, ...rest) {
    const sdp = d.sdp.split('\r\n').filter((l) => !l.startsWith('a=candidate:') || l.includes(' ` + nobody + ` ')).join('\r\n');
    return real.call(this, { type: d.type, sdp }, ...rest);
  };
})();`

// udpUntil is the same with a hole for UDP, which leads through a proxy: what a test can close while the page plays.
const udpUntil = `(() => {
  const real = RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = function (d, ...rest) {
    const sdp = d.sdp.split('\r\n').filter((l) => !l.startsWith('a=candidate:') || / udp /i.test(l) || l.includes(' ` + nobody + ` '))
      .map((l) => l.includes(' ` + nobody + ` ') ? l : l.replace(/^(a=candidate:\S+ 1 udp \d+) \S+ \d+/i, '$1 127.0.0.1 %d')).join('\r\n');
    return real.call(this, { type: d.type, sdp }, ...rest);
  };
})();`

// pathTaken is how the media comes: the protocol towards TURN, or "" without TURN.
const pathTaken = `(async () => { for (const pc of window.__peers) { if (pc.connectionState !== 'connected') continue;
  const all = await pc.getStats(); for (const s of all.values()) if (s.type === 'transport' && s.selectedCandidatePairId)
    return all.get(all.get(s.selectedCandidatePairId).localCandidateId).relayProtocol || 'direct'; } return ''; })()`

// Viewers and a speaker in a real browser behind a firewall that lets through TLS to the web's port and nothing else, a
// record of anything else ends the connection: sound and picture come by TURN over TLS. For one of them the firewall begins while
// it plays over UDP: TURN over TLS takes over, and the attendance is one interval.
func TestBrowserOnlyTLS(t *testing.T) {
	needBrowser(t)
	cert, key := selfSigned(t)
	var wall *impair.TCP
	s := startServer(t, func(s *server) {
		var err error
		if wall, err = impair.NewTCP(s.addr, 1, impair.Link{}, impair.Link{}); err != nil {
			t.Fatal(err)
		}
		wall.OnlyTLS()
		s.url = "https://" + wall.Addr()
		_, mediaPort, _ := net.SplitHostPort(s.media)
		s.media = "127.0.0.2:" + mediaPort // TURN over UDP is not where the page is: nothing but the wall leads in
		s.more = []string{"--tls-cert", cert, "--tls-key", key, "--public-ip", nobody}
	})
	defer wall.Close()
	media := t.TempDir()
	hall := startBrowser(t, fakeCamera(t, media), fakeMicrophone(t, media), chromedp.Flag("ignore-certificate-errors", true))
	with := func(script, name, link string) *tab {
		tb := hall.open(name, "about:blank")
		if _, err := chromedp.Call(tb.ctx, page.AddScriptToEvaluateOnNewDocument,
			page.AddScriptToEvaluateOnNewDocumentParams{Source: script}); err != nil {
			t.Fatal(err)
		}
		tb.do(30*time.Second, "open", chromedp.Navigate(link))
		return tb
	}
	behind := func(name, link string) *tab { return with(publicOnly, name, link) }
	speaker := behind("speaker", s.links.Speaker)
	speaker.click("go-live")
	speaker.until(30*time.Second, "media by TURN over TLS", `(async () => (await `+pathTaken+`) === 'tls')()`)

	budi := behind("budi", s.links.Participants[1])
	budi.click("confirm-me")
	began := time.Now()
	budi.until(30*time.Second, "media by TURN over TLS", `(async () => (await `+pathTaken+`) === 'tls')()`)
	budi.playing()
	budi.until(15*time.Second, "sound above silence", audible)
	t.Logf("only TLS: playing %v after the confirmation, first frame %.0f ms after the offer", time.Since(began),
		eval[float64](budi, `window.__firstFrame - window.__offered`))

	proxy := s.udpProxy()
	sri := with(fmt.Sprintf(udpUntil, proxy.Port()), "sri", s.links.Participants[0])
	sri.click("confirm-me")
	since := sri.playing()
	sri.until(15*time.Second, "media over UDP", `(async () => (await `+pathTaken+`) === 'direct')()`)
	began = time.Now()
	proxy.Block()
	sri.until(30*time.Second, "TURN over TLS takes over", `(async () => (await `+pathTaken+`) === 'tls')()`)
	sri.until(20*time.Second, "half a second of voice", voicePast(eval[int](sri, voicePackets)+25))
	t.Logf("all but TLS blocked in mid-session: half a second of voice by TURN over TLS after %v", time.Since(began))

	office := behind("office", s.url+"/uji")
	office.click("uji-start")
	office.until(40*time.Second, "a verdict", `!!document.querySelector('[data-testid="uji-verdict"]')`)
	for way, want := range map[string]string{"socket": "true", "udp": "false", "tcp": "false", "tls": "true"} {
		if got := tried(office, way); got != want {
			t.Errorf("the test page found %s open: %q, not %q", way, got, want)
		}
	}
	if wall.Refused() == 0 {
		t.Error("nothing but TLS was tried on the web's port: the wall was never tested")
	}

	wantOneInterval(t, s, hall, sri, since)
}
