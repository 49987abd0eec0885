package main

import (
	"testing"
	"time"
)

// TestMasihMenyimak: a viewer is asked in a real browser, answers by hand and by keyboard, and misses one; what became
// of the checks stands on the viewer's page and at BPSDM, and the miss took no credit.
func TestMasihMenyimak(t *testing.T) {
	needBrowser(t)
	t.Setenv("BETANG_CHECK_EVERY", "12s")
	t.Setenv("BETANG_CHECK_WINDOW", "6s")
	s := startServer(t)
	media := t.TempDir()
	hall := startBrowser(t, fakeCamera(t, media), fakeMicrophone(t, media))
	hall.open("speaker", s.links.Speaker).click("go-live")
	sri := hall.open("sri", s.links.Participants[0])
	sri.click("confirm-me")
	sri.playing()

	sri.visible("check")
	sri.until(2*time.Second, "focus on the button, so that Enter answers", `document.activeElement?.dataset.testid === 'check-yes'`)
	sri.until(2*time.Second, "a tab that calls from behind other tabs", `document.title === '❓ Masih menyimak?'`)
	sri.screenshot("check")
	sri.click("check-yes")
	sri.until(5*time.Second, "the check is gone", `!document.querySelector('[data-testid="check"]')`)

	sri.until(20*time.Second, "the second check", `!!document.querySelector('[data-testid="check"]')`)
	eval[bool](sri, `dispatchEvent(new KeyboardEvent('keydown', {key: 'm', altKey: true, cancelable: true}))`)
	sri.until(5*time.Second, "the second check is gone", `!document.querySelector('[data-testid="check"]')`)

	sri.until(20*time.Second, "the third check", `!!document.querySelector('[data-testid="check"]')`)
	sri.until(20*time.Second, "the third check is over", `!document.querySelector('[data-testid="check"]')`)
	sri.click("tab-event")
	sri.see("my-checks", "2 dijawab, 1 terlewat")
	if percent := eval[string](sri, `document.querySelector('[data-testid="presence"]').dataset.percent`); atoi(t, percent) < 60 {
		t.Errorf("a missed check took credit: %s %%", percent)
	}
}
