package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
)

// tried is what the test page found of a way: "true", "false" or "".
func tried(tb *tab, way string) string {
	tb.t.Helper()
	return eval[string](tb, `document.querySelector('[data-testid="uji-`+way+`"]').dataset.ok`)
}

// shutting leaves a page, of each protocol, either the candidates that answer or the one at nobody.
func shutting(shutUDP, shutTCP bool) string {
	return fmt.Sprintf(`(() => {
  const shut = { udp: %v, tcp: %v };
  const real = RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = function (d, ...rest) {
    const sdp = d.sdp.split('\r\n').filter((l) => !l.startsWith('a=candidate:') || shut[l.split(' ')[2].toLowerCase()] === l.includes(' %s ')).join('\r\n');
    return real.call(this, { type: d.type, sdp }, ...rest);
  };
})();`, shutUDP, shutTCP, nobody)
}

// Three offices test their networks in a real browser: every way open, by keyboard; UDP blocked; TCP blocked. Each reads what
// will work and what to ask for, by its number, and what they report reaches the desk under their regencies.
func TestBrowserUji(t *testing.T) {
	needBrowser(t)
	s := startServer(t, func(s *server) { s.more = []string{"--public-ip", nobody} })
	_, page, _ := strings.Cut(s.addr, ":")
	_, media, _ := strings.Cut(s.media, ":")
	dir := t.TempDir()
	hall := startBrowser(t, fakeCamera(t, dir), fakeMicrophone(t, dir))
	open := "http://" + s.addr + "/k/demo/uji"
	office := hall.without("office", open, shutting(false, false))
	noUDP := hall.without("no UDP", open, shutting(true, false))
	noTCP := hall.without("no TCP", open, shutting(false, true))
	office.press("uji-start", kb.Enter)
	if !eval[bool](office, `document.activeElement.dataset.testid === 'uji-start'`) {
		t.Error("the button lost the focus to the test that it began")
	}
	noUDP.click("uji-start")
	noTCP.click("uji-start")
	for _, c := range []struct {
		tb               *tab
		udp, tcp         string
		tone, title, ask string
	}{
		{office, "true", "true", "good", "Siap", ""},
		{noUDP, "false", "true", "fair", "Siap, lewat jalur cadangan TCP", "UDP port " + media},
		{noTCP, "true", "false", "good", "Siap", "TCP port " + page},
	} {
		c.tb.until(60*time.Second, "a verdict", `!!document.querySelector('[data-testid="uji-verdict"]')`)
		// TURN comes over TCP here, and not to the address that is shut: to where the page came from.
		for way, want := range map[string]string{"socket": "true", "udp": c.udp, "tcp": c.tcp, "tls": "true"} {
			if got := tried(c.tb, way); got != want {
				t.Errorf("%s: %s open: %q, not %q", c.tb.name, way, got, want)
			}
		}
		const of = `document.querySelector('[data-testid="uji-verdict"]')`
		if got := eval[string](c.tb, of+`.dataset.tone`); got != c.tone {
			t.Errorf("%s: %q, not %q", c.tb.name, got, c.tone)
		}
		if got := eval[string](c.tb, of+`.querySelector('h3').textContent`); got != c.title {
			t.Errorf("%s: %q, not %q", c.tb.name, got, c.title)
		}
		if got := eval[string](c.tb, `document.querySelector('[data-testid="uji-ask"]')?.textContent ?? ''`); !strings.Contains(got, c.ask) || (c.ask == "") != (got == "") {
			t.Errorf("%s: asks %q, not for %q", c.tb.name, got, c.ask)
		}
		if c.tone == "fair" {
			c.tb.axe()
		}
		eval[bool](c.tb, of+`.scrollIntoView({block: 'end'}), true`)
		c.tb.shots("uji " + c.tb.name)
	}
	t.Log(eval[string](noUDP, `document.querySelector('[data-testid="uji-text"]').innerText`))
	office.press("uji-tone", kb.Enter)
	office.press("uji-heard", kb.Enter)
	office.press("uji-capture", kb.Enter)
	office.until(20*time.Second, "the microphone hears", ready("uji-mic-ok"))
	office.screenshot("uji-1280")
	for tb, code := range map[*tab]string{office: "62.02", noUDP: "62.03"} {
		tb.typeIn("uji-unit", "Dinas Kesehatan")
		tb.choose("uji-region", code)
		tb.press("uji-send", kb.Enter)
		tb.visible("uji-sent")
		tb.until(5*time.Second, "the focus on the thanks", `document.activeElement.dataset.testid === 'uji-sent'`)
	}

	desk := hall.open("desk", s.links.Operator)
	desk.click("open-audience")
	of := func(code string) string {
		return `document.querySelector('[data-testid="ready-region"][data-code="` + code + `"]')`
	}
	desk.until(20*time.Second, "the reports under their regencies", of("62.02")+`?.dataset.n === '1' && `+of("62.03")+`?.dataset.n === '1'`)
	for code, want := range map[string]bool{"62.02": false, "62.03": true} {
		if got := eval[bool](desk, `!!`+of(code)+`.querySelector('[data-testid="ready-backup"]')`); got != want {
			t.Errorf("%s: shown as ready by a backup way: %v", code, got)
		}
	}
	eval[bool](desk, `document.querySelectorAll('[data-testid="ready-region"] details').forEach(d => d.open = true), document.querySelector('[data-testid="readiness"]').scrollIntoView({block: 'center'}), true`)
	desk.shots("uji desk")
}
