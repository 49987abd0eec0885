package main

import (
	"testing"
	"time"
)

// TestMasihMenyimak: two viewers are asked in a real browser. One answers by hand, and by key in the very moment in which
// the next question appears; the other misses one. What became of the checks stands on their pages, and the miss took no
// credit.
func TestMasihMenyimak(t *testing.T) {
	needBrowser(t)
	t.Setenv("BETANG_CHECK_EVERY", "18s")
	t.Setenv("BETANG_CHECK_WINDOW", "12s")
	s := startServer(t)
	media := t.TempDir()
	hall := startBrowser(t, fakeCamera(t, media), fakeMicrophone(t, media))
	sri := hall.open("sri", s.links.Participants[0])
	sri.click("confirm-me")
	budi := hall.open("budi", s.links.Participants[1])
	budi.click("confirm-me")
	hall.open("speaker", s.links.Speaker).click("go-live")

	sri.visible("check")
	sri.until(5*time.Second, "focus on the button, so that Enter answers", `document.activeElement?.dataset.testid === 'check-yes'`)
	sri.until(5*time.Second, "a tab that calls from behind other tabs", `document.title === '❓ Masih menyimak?'`)
	sri.screenshot("check")
	sri.click("check-yes")
	sri.until(5*time.Second, "the check is gone", `!document.querySelector('[data-testid="check"]')`)

	eval[bool](sri, `(() => { new MutationObserver((_, all) => {
	  if (!document.querySelector('[data-testid="check"]')) return;
	  all.disconnect();
	  window.__heard = !dispatchEvent(new KeyboardEvent('keydown', {key: 'm', altKey: true, cancelable: true}));
	}).observe(document.body, {childList: true, subtree: true}); return true; })()`)
	sri.until(40*time.Second, "the second check", `'__heard' in window`)
	sri.until(5*time.Second, "it heard the key and is gone", `window.__heard && !document.querySelector('[data-testid="check"]')`)
	sri.click("tab-event")
	sri.see("my-checks", "2 dijawab")

	budi.click("tab-event")
	budi.until(20*time.Second, "a check that was missed", `/\b[1-9]\d* terlewat/.test(document.querySelector('[data-testid="my-checks"]')?.innerText)`)
	if percent := eval[string](budi, `document.querySelector('[data-testid="presence"]').dataset.percent`); atoi(t, percent) < 60 {
		t.Errorf("a missed check took credit: %s %%", percent)
	}
}
