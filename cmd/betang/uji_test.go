package main

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
)

// tried is what the test page found of a way: "true", "false" or "".
func tried(tb *tab, way string) string {
	tb.t.Helper()
	return eval[string](tb, `document.querySelector('[data-testid="uji-`+way+`"]').dataset.ok`)
}

// An office tests its network in a real browser, every way open, by keyboard, and its report reaches the desk under its regency.
func TestBrowserUji(t *testing.T) {
	needBrowser(t)
	s := startServer(t)
	media := t.TempDir()
	hall := startBrowser(t, fakeCamera(t, media), fakeMicrophone(t, media))
	office := hall.open("office", "http://"+s.addr+"/k/demo/uji")
	office.press("uji-start", kb.Enter)
	if !eval[bool](office, `document.activeElement.dataset.testid === 'uji-start'`) {
		t.Error("the button lost the focus to the test that it began")
	}
	office.until(40*time.Second, "a verdict", `!!document.querySelector('[data-testid="uji-verdict"]')`)
	for _, way := range []string{"socket", "udp", "tcp", "tls"} {
		if got := tried(office, way); got != "true" {
			t.Errorf("%s: %q", way, got)
		}
	}
	t.Log(eval[string](office, `document.querySelector('[data-testid="uji-text"]').innerText`))
	if v := eval[string](office, `document.querySelector('[data-testid="uji-verdict"]').dataset.verdict`); v == "none" {
		t.Error("not ready on loopback")
	}
	office.press("uji-tone", kb.Enter)
	office.press("uji-heard", kb.Enter)
	office.press("uji-capture", kb.Enter)
	office.until(20*time.Second, "the microphone hears", ready("uji-mic-ok"))
	office.screenshot("uji-1280")
	office.typeIn("uji-unit", "Dinas Kesehatan")
	eval[bool](office, `(() => { const e = document.querySelector('[data-testid="uji-region"]'); e.value = '62.02'; e.dispatchEvent(new Event('change', {bubbles: true})); return true; })()`)
	office.press("uji-send", kb.Enter)
	office.visible("uji-sent")
	office.until(5*time.Second, "the focus on the thanks", `document.activeElement.dataset.testid === 'uji-sent'`)

	desk := hall.open("desk", s.links.Operator)
	desk.click("open-audience")
	desk.until(20*time.Second, "the report under its regency", `document.querySelector('[data-testid="ready-region"][data-code="62.02"]')?.dataset.n === '1'`)
	desk.screenshot("uji-desk")
}
