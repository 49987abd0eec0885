package main

import (
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// without opens url in a browser that lacks something: the script runs before the page's own.
func (b *browser) without(name, url, script string) *tab {
	b.t.Helper()
	tb := b.open(name, "about:blank")
	if _, err := chromedp.Call(tb.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script}); err != nil {
		tb.fail("add a script: %v", err)
	}
	tb.do(30*time.Second, "open "+url, chromedp.Navigate(url))
	return tb
}

// refusing is a browser whose camera and microphone answer with an error, until window.__mend is called.
func refusing(err string) string {
	return `navigator.permissions.query = async () => { const t = new EventTarget(); t.state = 'denied'; (window.__permits ??= []).push(t); return t; };
	  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices); let ok = false;
	  navigator.mediaDevices.getUserMedia = c => ok ? real(c) : Promise.reject(new DOMException('no', '` + err + `'));
	  window.__mend = () => { ok = true; for (const p of window.__permits) { p.state = 'granted'; p.dispatchEvent(new Event('change')); }
	    navigator.mediaDevices.dispatchEvent(new Event('devicechange')); return true; };`
}

// TestVIP: an official presses one button and waits behind the stage until the operator brings them on; what stands in the way is
// told with the way out, and goes on by itself when it is mended; the link on a second device moves the broadcast there; a
// device in a hall comes on with nobody to press anything, also after a reload and after the operator took it down.
func TestVIP(t *testing.T) {
	needTime(t)
	needBrowser(t)
	s := startServer(t)
	media := t.TempDir()
	hall := startBrowser(t, fakeCamera(t, media), fakeMicrophone(t, media))
	operator := hall.open("operator", s.links.Operator)
	behind := func(tb *tab, is string) {
		t.Helper()
		tb.until(20*time.Second, "behind the stage: "+is, `(e => e?.dataset.status === 'live' && e.dataset.behind === '`+is+`')(document.querySelector('[data-testid="on-air"]'))`)
	}

	t.Log("what stands in the way")
	for _, lack := range []struct{ name, script, testid, words string }{
		{"denied", refusing("NotAllowedError"), "device-denied", "Izin kamera dan mikrofon ditolak"},
		{"missing", refusing("NotFoundError"), "device-missing", "tidak ditemukan"},
		{"busy", refusing("NotReadableError"), "device-busy", "sedang dipakai"},
		{"browser", `delete window.RTCPeerConnection; Object.defineProperty(window, 'RTCPeerConnection', {get: () => undefined, set: () => {}});`, "device-webrtc", "Chrome"},
	} {
		tb := hall.without("vip "+lack.name, s.links.VIP, lack.script)
		tb.see(lack.testid, lack.words)
		if eval[bool](tb, `!!document.querySelector('[data-testid="vip-enter"]')`) {
			t.Errorf("%s: one can enter", lack.name)
		}
		tb.look("vip " + lack.name)
		if lack.name == "denied" || lack.name == "missing" {
			eval[bool](tb, `window.__mend()`)
			tb.visible("vip-enter")
		}
		tb.stop()
	}

	t.Log("one button")
	vip := hall.open("vip", s.links.VIP)
	vip.see("vip-enter", "Masuk sebagai Wakil Gubernur")
	vip.listen()
	vip.until(15*time.Second, "own picture", `!!document.querySelector('[data-testid="preview-video"]')?.videoWidth`)
	vip.look("vip door")
	vip.click("devices")
	vip.visible("devices-dialog")
	vip.look("vip devices")
	vip.do(5*time.Second, "escape", chromedp.KeyEvent("\x1b"))
	vip.press("vip-enter", "\r")
	behind(vip, "true")
	vip.see("on-air", "sudah siap")
	if on := eval[string](vip, `document.activeElement.innerText`); on != "Bapak/Ibu sudah siap" {
		t.Errorf("after the button the focus is at %q", on)
	}
	vip.look("vip behind")
	operator.click("phase-live")
	sri := hall.open("sri", s.links.Participants[0])
	sri.click("confirm-me")
	sri.visible("stage")
	operator.click("place-on")
	behind(vip, "false")
	vip.said("Bapak/Ibu sedang siaran")
	sri.until(20*time.Second, "the official's picture", framesPast(5))
	vip.look("vip on air")
	operator.click("hold-sound")
	vip.see("on-air", "Operator mematikan mikrofon")
	vip.look("vip muted")
	operator.click("hold-sound")

	t.Log("the link on a second device")
	second := hall.open("second", s.links.VIP)
	second.see("vip-enter", "Masuk")
	second.until(10*time.Second, "told of the other device", `document.querySelector('.vip-lead').innerText.includes('perangkat lain')`)
	second.look("vip second")
	second.click("vip-enter")
	behind(second, "false") // it goes on where the first was
	vip.until(10*time.Second, "the first is off", `document.querySelector('[data-testid="vip-off"]')?.dataset.why === 'replaced'`)
	vip.look("vip replaced")
	second.click("leave-stage")
	second.visible("leave-confirm")
	second.look("vip leave")
	second.click("leave-confirm-yes")
	second.visible("vip-enter")

	t.Log("a device in a hall")
	room := hall.open("room", s.links.Room)
	behind(room, "true")
	room.look("vip room")
	operator.click("place-on")
	behind(room, "false")
	room.look("vip room on air")
	operator.click("hold-sound")
	room.see("on-air", "Operator mematikan mikrofon")
	operator.click("hold-sound")
	room.see("on-air", "melihat dan mendengar ruangan ini") // nobody there could turn it on again
	operator.click("source-remove")
	operator.click("remove-confirm-yes")
	behind(room, "true")
	room.reload()
	behind(room, "true")
	operator.click("phase-ended")
	operator.click("phase-ended-confirm-yes")
	room.visible("event-ended")
}
