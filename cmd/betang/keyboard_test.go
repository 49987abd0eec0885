package main

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// focused is the test id of the element with the focus, or of what it is in.
const focused = `document.activeElement?.closest('[data-testid]')?.dataset.testid ?? ''`

// TestKeyboard goes the way of a hand by keyboard alone: in at the door, a question, the hand, invited, on the stage and off it. The
// focus is never lost, goes to what is new where one waits for that, and screen readers hear each step.
func TestKeyboard(t *testing.T) {
	needTime(t)
	needBrowser(t)
	s := startServer(t)
	media := t.TempDir()
	hall := startBrowser(t, fakeCamera(t, media), fakeMicrophone(t, media))
	operator := hall.open("operator", s.links.Operator)
	operator.click("phase-live")
	budi := hall.open("budi", s.links.Participants[1])
	budi.press("confirm-me", kb.Enter)
	budi.visible("tab-qa")
	budi.listen()
	budi.toTab("tab-event")
	budi.toTab("tab-qa")
	budi.press("quality", kb.Enter)
	budi.visible("quality-dialog")
	budi.do(5*time.Second, "escape", chromedp.KeyEvent(kb.Escape))
	budi.until(5*time.Second, "the focus is back at its button", focused+` === 'quality'`)

	budi.press("hand", kb.Enter)
	budi.said("urutan 1")
	budi.press("hand", kb.Enter)
	budi.said("sudah turun")
	budi.until(5*time.Second, "the hand is down", `(e => e.getAttribute('aria-pressed') === 'false' && e.getAttribute('aria-disabled') !== 'true')(document.querySelector('[data-testid="hand"]'))`)
	budi.raise()
	operator.click("hand-invite")
	budi.visible("floor-go")
	budi.said("dipersilakan")
	budi.until(5*time.Second, "the focus is at the invitation", focused+` === 'floor'`)
	budi.look("keyboard invited")
	budi.press("floor-decline", kb.Enter)
	budi.until(10*time.Second, "the focus is back at the hand", focused+` === 'hand'`)
	budi.raise()
	operator.click("hand-invite")
	budi.visible("floor-go")
	budi.until(20*time.Second, "the camera", `!!document.querySelector('[data-testid="preview-video"]')?.videoWidth`)
	budi.press("floor-go", kb.Enter)
	budi.until(20*time.Second, "on air", `document.querySelector('[data-testid="floor-air"]')?.dataset.status === 'live'`)
	budi.until(5*time.Second, "the focus is at one's own bar", focused+` === 'floor-air'`)
	budi.said("di panggung")
	budi.look("keyboard on stage")
	budi.press("mic-toggle", kb.Enter)
	budi.see("mic-toggle", "Nyalakan")
	budi.press("cam-toggle", kb.Enter)
	budi.see("cam-toggle", "Nyalakan")
	budi.look("keyboard on stage muted")
	budi.press("step-down", kb.Enter)
	budi.until(10*time.Second, "off the stage", `!document.querySelector('[data-testid="floor-air"]')`)
	budi.until(5*time.Second, "the focus is at the hand again", focused+` === 'hand'`)
	budi.said("turun dari panggung")
	budi.look("keyboard off")

	speaker := hall.open("speaker", s.links.Speaker)
	speaker.listen()
	speaker.visible("go-live")
	speaker.look("keyboard speaker check")
	speaker.press("go-live", kb.Enter)
	speaker.until(20*time.Second, "on air", `document.querySelector('[data-testid="on-air"]')?.dataset.status === 'live'`)
	speaker.look("keyboard speaker")
	speaker.press("devices", kb.Enter)
	speaker.look("keyboard speaker devices")
	speaker.do(5*time.Second, "escape", chromedp.KeyEvent(kb.Escape))
	speaker.until(5*time.Second, "the focus is back at its button", focused+` === 'devices'`)
	speaker.press("go-back", kb.Enter)
	speaker.visible("go-forward")
	speaker.until(5*time.Second, "the focus is somewhere", `document.activeElement !== document.body`)
	speaker.press("go-forward", kb.Enter)
	speaker.visible("go-back")
	speaker.until(5*time.Second, "the focus is somewhere", `document.activeElement !== document.body`)
	speaker.press("leave-stage", kb.Enter)
	speaker.press("leave-confirm-yes", kb.Enter)
	speaker.visible("go-live")
	speaker.until(5*time.Second, "the focus is somewhere", `document.activeElement !== document.body`)
}

// raise puts the hand up by key, again and again while the server asks to wait since the last time.
func (tb *tab) raise() {
	tb.t.Helper()
	const up = `document.querySelector('[data-testid="hand"]')?.getAttribute('aria-pressed') === 'true'`
	for end := time.Now().Add(15 * time.Second); ; {
		tb.press("hand", kb.Enter)
		tb.until(5*time.Second, "an answer", up+` || document.querySelector('[data-testid="hand-news"]') && document.querySelector('[data-testid="hand"]').getAttribute('aria-disabled') !== 'true'`)
		if eval[bool](tb, up) {
			return
		}
		if time.Now().After(end) {
			tb.fail("the hand stays down")
		}
	}
}
