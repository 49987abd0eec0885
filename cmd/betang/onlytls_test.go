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

// onlyTLS is a firewall that lets through TLS to the web's port and nothing else; a record of anything else ends the connection.
func onlyTLS(t *testing.T) (*firewall, *impair.TCP) {
	t.Helper()
	needBrowser(t)
	cert, key := selfSigned(t)
	var wall *impair.TCP
	s := startServer(t, func(s *server) {
		var err error
		if wall, err = impair.NewTCP(s.addr, 1, impair.Link{}, impair.Link{}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(wall.Close)
		wall.OnlyTLS()
		s.url = "https://" + wall.Addr()
		_, mediaPort, _ := net.SplitHostPort(s.media)
		s.media = "127.0.0.2:" + mediaPort // TURN over UDP is not where the page is: nothing but the wall leads in
		s.more = []string{"--tls-cert", cert, "--tls-key", key, "--public-ip", nobody}
	})
	media, proxy := t.TempDir(), s.udpProxy()
	f := &firewall{t: t, s: s, left: "tls", shut: proxy.Block}
	f.hall = startBrowser(t, fakeCamera(t, media), fakeMicrophone(t, media), chromedp.Flag("ignore-certificate-errors", true))
	with := func(script, name, link string) *tab {
		tb := f.hall.open(name, "about:blank")
		if _, err := chromedp.Call(tb.ctx, page.AddScriptToEvaluateOnNewDocument,
			page.AddScriptToEvaluateOnNewDocumentParams{Source: script}); err != nil {
			t.Fatal(err)
		}
		tb.do(30*time.Second, "open", chromedp.Navigate(link))
		return tb
	}
	f.free = func(name, link string) *tab { return with(fmt.Sprintf(udpUntil, proxy.Port()), name, link) }
	f.behind = func(name, link string) *tab { return with(publicOnly, name, link) }
	speaker := f.behind("speaker", s.links.Speaker)
	speaker.click("go-live")
	speaker.until(30*time.Second, "media by TURN over TLS", pathIs("tls"))
	return f, wall
}

// Viewers and a speaker in a real browser behind a firewall that lets through TLS alone: sound and picture come by TURN over TLS. For
// one of them the firewall begins while it plays over UDP: TURN over TLS takes over, and the attendance is one interval.
func TestBrowserOnlyTLS(t *testing.T) {
	f, wall := onlyTLS(t)
	f.fromStart()
	f.inSession()

	office := f.behind("office", f.s.url+"/uji")
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
	f.oneInterval()
}
