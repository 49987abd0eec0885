package main

import (
	"os"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// TestHandToStage: a civil servant raises a hand, is invited, checks camera and microphone on the viewer's own page and is
// on air; the operator's mute stops the RTP at another viewer; then off the stage again. The other viewer is never
// renegotiated.
func TestHandToStage(t *testing.T) {
	needBrowser(t)
	s := startServer(t)
	media := t.TempDir()
	hall := startBrowser(t, fakeCamera(t, media), fakeMicrophone(t, media))
	speaker := hall.open("speaker", s.links.Speaker)
	speaker.click("go-live")
	sri := hall.open("sri", s.links.Participants[0])
	sri.click("confirm-me")
	sri.playing()
	budi := hall.open("budi", s.links.Participants[1])
	budi.click("confirm-me")
	budi.playing()
	before := sri.stats()
	operator := hall.open("operator", s.links.Operator)

	budi.click("hand")
	budi.see("hand", "urutan 1")
	budi.shots("hand up")
	operator.see("hand-row", "Budi Hartono")
	operator.shots("desk hand")
	operator.click("hand-invite")
	budi.visible("floor-go")
	budi.until(20*time.Second, "camera and microphone are ready", `!!document.querySelector('[data-testid="preview-video"]')?.videoWidth`)
	budi.shots("invited")
	budi.click("floor-go")
	went := time.Now()
	sri.until(40*time.Second, "budi's picture beside the speaker's", `(v => v && v.getClientRects().length > 0 && v.videoWidth > 0)(`+videoOf("second-video")+`)`)
	t.Logf("on air for another viewer %v after the tap", time.Since(went).Round(10*time.Millisecond))
	sri.until(10*time.Second, "two voices", `(async () => (await `+voices+`)[1] > 25)()`)
	budi.shots("on stage")
	sri.shots("two on stage")

	operator.until(10*time.Second, "mute button of budi", `document.querySelectorAll('[data-testid="hold-sound"]').length === 2`)
	eval[bool](operator, `(document.querySelectorAll('[data-testid="hold-sound"]')[1].click(), true)`)
	budi.see("mic-toggle", "Mikrofon dimatikan operator")
	sri.until(10*time.Second, "no more RTP of budi's voice while the speaker's goes on", `(async () => {
	  const a = await `+voices+`; await new Promise(done => setTimeout(done, 1500)); const b = await `+voices+`;
	  return b[1] === a[1] && b[0] > a[0] + 10 && a[1] > 0; })()`)
	operator.shots("desk muted")

	budi.click("step-down")
	sri.until(20*time.Second, "budi is off the stage", `(v => !v || v.getClientRects().length === 0)(`+videoOf("second-video")+`)`)
	budi.until(10*time.Second, "devices are let go", `!document.querySelector('[data-testid="floor-air"]')`)
	budi.see("hand-news", "turun dari panggung")
	after := sri.stats()
	if after.Deals != before.Deals || after.Peers != before.Peers {
		t.Errorf("the other viewer renegotiated: %d answers and %d connections before, %d and %d after", before.Deals, before.Peers, after.Deals, after.Peers)
	}

	// Somebody who was removed is told so and does not come back.
	budi.ask("Pertanyaan yang tidak pantas")
	operator.see("question", "tidak pantas")
	operator.click("q-ban")
	operator.typeIn("ban-reason", "Kata kasar")
	operator.shots("desk ban")
	operator.click("ban-yes")
	budi.see("goodbye", "mengeluarkan Anda")
	budi.reload()
	budi.see("goodbye", "mengeluarkan Anda")
	budi.shots("banned")
}

// voices are the audio packets that came in each slot, in the order of the m-lines, over the page's newest connection
// that receives.
const voices = `(async () => { const pc = window.__peers.filter(p => p.connectionState === 'connected' && p.getReceivers().length >= 6).pop();
  const out = []; for (const tr of pc.getTransceivers()) { if (tr.receiver.track.kind !== 'audio') continue;
    let n = 0; for (const s of (await tr.receiver.getStats()).values()) if (s.type === 'inbound-rtp') n += s.packetsReceived; out.push(n); }
  return out; })()`

// shots keeps pictures of a phone, a laptop and a desktop where BETANG_SHOTS names a folder.
func (tb *tab) shots(name string) {
	tb.t.Helper()
	if os.Getenv("BETANG_SHOTS") == "" {
		return
	}
	for _, size := range []struct {
		name string
		w, h int64
	}{{"360", 360, 740}, {"1024", 1024, 768}, {"1920", 1920, 1080}} {
		tb.size(size.w, size.h)
		tb.screenshot(name + " " + size.name)
	}
	tb.size(1280, 800)
}

func (tb *tab) size(w, h int64) {
	tb.t.Helper()
	if _, err := chromedp.Call(tb.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: w, Height: h, DeviceScaleFactor: 1, Mobile: w < 500}); err != nil {
		tb.fail("resize: %v", err)
	}
}

// TestRundown: the operator fills the rundown from the template and goes through it by one button; a viewer sees the agenda
// with the present cue, a speaker waits behind the stage until the cue that names them, and a slip is taken back.
func TestRundown(t *testing.T) {
	needBrowser(t)
	s := startServer(t)
	media := t.TempDir()
	hall := startBrowser(t, fakeCamera(t, media), fakeMicrophone(t, media))
	operator := hall.open("operator", s.links.Operator)
	operator.click("rundown-template")
	operator.see("cue-next", "Persiapan")
	operator.click("cue-next")
	operator.see("desk-cue", "Persiapan dan registrasi")
	operator.click("cue-next")
	operator.see("desk-cue", "Pembukaan oleh MC")

	speaker := hall.open("speaker", s.links.Speaker)
	speaker.click("go-live")
	speaker.until(20*time.Second, "behind the stage: it is the MC's turn", `document.querySelector('[data-testid="on-air"]')?.dataset.behind === 'true'`)
	speaker.shots("backstage")
	sri := hall.open("sri", s.links.Participants[0])
	sri.click("confirm-me")
	sri.click("tab-event")
	sri.see("agenda-now", "Pembukaan oleh MC")
	sri.shots("agenda")
	operator.shots("desk rundown")
	for _, title := range []string{"Indonesia Raya", "Doa", "Laporan panitia"} {
		operator.click("cue-next")
		operator.see("desk-cue", title)
	}
	sri.see("agenda-now", "Laporan panitia")
	sri.until(40*time.Second, "the speaker's picture", framesPast(5))
	operator.click("cue-undo")
	sri.see("agenda-now", "Doa")
	speaker.until(20*time.Second, "behind the stage again", `document.querySelector('[data-testid="on-air"]')?.dataset.behind === 'true'`)
}
