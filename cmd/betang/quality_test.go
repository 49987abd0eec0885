package main

import (
	"fmt"
	"testing"
	"time"

	"betang/sfu/sfutest/impair"
)

func rungIs(rung, reason string) string {
	return fmt.Sprintf(`(d => d && d.rung === '%s' && d.reason === '%s')(document.querySelector('[data-testid=quality]')?.dataset)`, rung, reason)
}

// A viewer chooses, saves and runs out of network: each time the page says where it is on the ladder and why, the voice
// goes on, and the desk counts it.
func TestQualityOnScreen(t *testing.T) {
	needBrowser(t)
	needTime(t)
	s := startServer(t)
	proxy := s.udpProxy()
	media := t.TempDir()
	hall := startBrowser(t, fakeCamera(t, media), fakeMicrophone(t, media))
	speaker := hall.open("speaker", s.links.Speaker)
	speaker.click("go-live")
	speaker.until(20*time.Second, "the encoder runs", `window.__peers.some(p => p.connectionState === 'connected')`)
	sri := hall.behind(proxy, "sri", s.links.Participants[0])
	sri.click("confirm-me")
	sri.playing()

	sri.click("save-data")
	sri.until(10*time.Second, "Mode hemat data", rungIs("low", "saving"))
	sri.until(20*time.Second, "a measured figure", `Number(document.querySelector('[data-testid=quality]').dataset.mb) > 0`)
	sri.shots("save")
	sri.click("quality")
	sri.shots("quality-menu")
	sri.click("pin-voice")
	sri.click("quality-close")
	sri.visible("voice-only")
	sri.until(10*time.Second, "voice by choice", rungIs("voice", "chosen"))
	sri.until(40*time.Second, "10 to 60 MB an hour, measured", `(n => n >= 10 && n <= 60)(Number(document.querySelector('[data-testid=quality]').dataset.mb))`)
	t.Logf("voice alone: %d MB an hour, measured by the viewer", eval[int](sri, `Number(document.querySelector('[data-testid=quality]').dataset.mb)`))
	sri.shots("voice-chosen")
	sri.reload()
	sri.until(20*time.Second, "the choice is remembered", rungIs("voice", "chosen"))
	sri.click("show-picture")
	sri.until(20*time.Second, "a picture again", `!document.querySelector('[data-testid=voice-only]') && `+rungIs("high", "best")+` || `+rungIs("medium", "network"))

	proxy.Set(impair.Link{}, impair.Link{Rate: 64_000, Queue: 300 * time.Millisecond})
	sri.until(30*time.Second, "the network carries the voice alone", rungIs("voice", "network"))
	sri.visible("voice-only")
	sri.shots("voice-network")
	sri.until(10*time.Second, "the voice goes on", voicePast(eval[int](sri, voicePackets)+30))
	operator := hall.open("operator", s.links.Operator)
	operator.size(1920, 1080)
	operator.until(10*time.Second, "the desk counts it",
		`[...document.querySelectorAll('[data-testid=rung]')].some(e => e.dataset.rung === 'voice' && e.dataset.n === '1' && e.dataset.network === '1')`)
	operator.shots("desk-rungs")
	operator.stop()

	proxy.Set(impair.Link{}, impair.Link{Rate: 400_000, Queue: 300 * time.Millisecond})
	sri.until(45*time.Second, "a small picture, said so", `!!document.querySelector('[data-testid=slow]') && !document.querySelector('[data-testid=voice-only]')`)
	sri.shots("slow")
}
