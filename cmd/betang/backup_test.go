package main

import (
	"fmt"
	"testing"
	"time"
)

// TestBackupOnScreen: an encoder stands by. The speaker's computer dies: viewers are asked to wait, then the encoder takes over
// by itself, and when the speaker is back the speaker is seen again.
func TestBackupOnScreen(t *testing.T) {
	needTime(t)
	needBrowser(t)
	s := startServer(t)
	media := t.TempDir()
	home := startBrowser(t, fakeCamera(t, media), fakeMicrophone(t, media))
	speaker := home.open("speaker", s.links.Speaker)
	speaker.click("go-live")
	hall := startBrowser(t, "", "")
	sri := hall.open("sri", s.links.Participants[0])
	sri.click("confirm-me")
	sri.playing()
	encoder := hall.open("encoder", "http://"+s.addr+"/")
	if got := eval[mediaSession](encoder, call(t, whipScript, s.links.WHIP)); got.Status != 201 {
		t.Fatalf("the encoder publishes: %+v", got)
	}
	operator := hall.open("operator", s.links.Operator)
	operator.until(20*time.Second, "both sources", `document.querySelectorAll('[data-testid=source-backup]').length === 2`)
	eval[bool](operator, `([...document.querySelectorAll('[data-testid=source-backup]')].find(b => b.getAttribute('aria-label').includes('Enkoder')).click(), true)`)
	operator.until(20*time.Second, "the encoder stands by", `document.querySelector('[data-testid=backup]')?.dataset.ready === 'true'`)
	operator.click("backup-auto")
	operator.shots("backup ready")
	sri.until(20*time.Second, "the speaker's picture alone", `(v => v && v.videoWidth > 0)(`+videoOf("main-video")+`) && !document.querySelector('[data-testid=stand-by]')`)
	name := eval[string](sri, mainLabel)

	home.kill()
	died := time.Now()
	sri.visible("stand-by")
	t.Logf("asked to wait %v after the speaker's computer died", time.Since(died).Round(100*time.Millisecond))
	sri.shots("stand by")
	operator.shots("backup silent")
	sri.until(20*time.Second, "the encoder's picture", `!document.querySelector('[data-testid=stand-by]') && (`+mainLabel+`) !== `+fmt.Sprintf("%q", name))
	t.Logf("the encoder is seen %v after", time.Since(died).Round(100*time.Millisecond))
	operator.until(10*time.Second, "told so", `document.querySelector('[data-testid=backup]').dataset.on === 'true'`)
	operator.shots("backup on")

	again := startBrowser(t, fakeCamera(t, media), fakeMicrophone(t, media)).open("speaker again", s.links.Speaker)
	again.click("go-live")
	back := time.Now()
	sri.until(30*time.Second, "the speaker again", `(`+mainLabel+`) === `+fmt.Sprintf("%q", name))
	t.Logf("the speaker is seen %v after coming back", time.Since(back).Round(100*time.Millisecond))
}

// mainLabel is who is seen large.
const mainLabel = `document.querySelector('[data-testid=main-video]')?.getAttribute('aria-label') || ''`
