package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// sound is what of voices came to a page since the last call: bytes that are more than the server's silence (3 a packet).
const sound = `(async () => { let n = 0;
  for (const pc of window.__peers) { if (pc.connectionState !== 'connected') continue;
    for (const s of (await pc.getStats()).values()) if (s.type === 'inbound-rtp' && s.kind === 'audio') n += s.bytesReceived - 3 * s.packetsReceived; }
  return n; })()`

// tiles counts the gallery's pictures that move.
const tiles = `[...document.querySelectorAll('[data-testid="tile"] video')].filter(v => v.videoWidth > 0 && v.getClientRects().length > 0).length`

func (tb *tab) quiet(is bool) {
	tb.t.Helper()
	cond := `b - a > 1500`
	if is {
		cond = `b - a < 100`
	}
	tb.until(15*time.Second, fmt.Sprintf("voices are silent: %t", is),
		`(async () => { const a = await `+sound+`; await new Promise(done => setTimeout(done, 1000)); const b = await `+sound+`; return `+cond+`; })()`)
}

func (tb *tab) joinClass() {
	tb.t.Helper()
	tb.click("class-cam")
	tb.visible("join-go")
	tb.until(15*time.Second, "own picture", `!!document.querySelector('[data-testid="preview-video"]')?.videoWidth`)
	tb.click("join-go")
	tb.visible("own-tile")
}

// TestClass: a trainer and two participants with cameras see each other; the trainer's silence stops the RTP and each takes the word
// back; breakout rooms open, one is alone in a silent room, and nobody's presence has a gap.
func TestClass(t *testing.T) {
	needBrowser(t)
	s := startServer(t)
	media := t.TempDir()
	hall := startBrowser(t, fakeCamera(t, media), fakeMicrophone(t, media))
	sri := hall.open("sri", s.links.Class.Participants[0])
	sri.click("confirm-me")
	sri.see("class-empty", "Belum ada kamera")
	budi := hall.open("budi", s.links.Class.Participants[1])
	budi.click("confirm-me")
	sri.shots("class empty")
	sri.click("class-cam")
	sri.visible("join-go")
	sri.until(15*time.Second, "own picture", `!!document.querySelector('[data-testid="preview-video"]')?.videoWidth`)
	sri.shots("class join")
	sri.click("join-go")
	sri.visible("own-tile")
	trainer := hall.open("trainer", s.links.Class.Trainer)
	trainer.joinClass()
	budi.joinClass()
	sri.until(20*time.Second, "the trainer large", `document.querySelector('[data-testid="main-video"]')?.videoWidth > 0`)
	sri.until(20*time.Second, "budi's face", tiles+` === 1`)
	trainer.until(20*time.Second, "two faces", tiles+` === 2`)
	trainer.quiet(false)
	sri.shots("class gallery")
	trainer.shots("class trainer")

	trainer.click("mute-all")
	trainer.quiet(true)
	sri.until(5*time.Second, "one's own microphone is shown off", `document.querySelector('[data-testid="own-tile"]').dataset.muted === 'true'`)
	sri.click("class-mic")
	trainer.quiet(false)
	trainer.until(5*time.Second, "one of two is muted", `document.querySelectorAll('[data-testid="tile"][data-muted="true"]').length === 1`)
	budi.click("hand")
	trainer.see("pupil", "Tangan 1")
	trainer.shots("class hand")

	trainer.click("tab-rooms")
	trainer.visible("rooms-create")
	trainer.shots("class make rooms")
	trainer.click("rooms-create")
	trainer.click("rooms-open")
	sri.see("room-bar", "Anda di Ruang 1")
	budi.see("room-bar", "Anda di Ruang 2")
	sri.until(10*time.Second, "alone: nobody's picture", tiles+` === 0 && !document.querySelector('[data-testid="main-video"]')`)
	was := eval[int](sri, `Number(document.querySelector('[data-testid="presence"]').dataset.seconds)`)
	sri.click("call-help")
	sri.shots("class room")
	trainer.see("room", "Memanggil pelatih")
	trainer.shots("class rooms open")
	sri.until(20*time.Second, "presence goes on in the silent room", fmt.Sprintf(`Number(document.querySelector('[data-testid="presence"]').dataset.seconds) >= %d + 6`, was))
	trainer.click("visit")
	sri.until(15*time.Second, "the trainer's face in the room", tiles+` === 1`)
	trainer.click("rooms-close")
	sri.until(15*time.Second, "back in the class", `!document.querySelector('[data-testid="room-bar"]') && document.querySelector('[data-testid="main-video"]')?.videoWidth > 0`)
	for _, name := range []string{"Sri Wahyuni", "Budi Hartono"} {
		row := s.attendanceOf("kelas")[name]
		if n := strings.Count(row["Interval kehadiran (WIB)"], "–"); n != 1 || atoi(t, row["Jeda dijembatani (detik)"]) > 3 {
			t.Errorf("%s was there all the time, and has %v", name, row)
		}
	}
}
