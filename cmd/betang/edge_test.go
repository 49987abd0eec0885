package main

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestEdgeInBrowser is a kuliah umum over two servers: the speaker and the desk are at the origin, a civil servant opens the
// event there too and is served by the edge of their network. Picture, voice, questions, counts and the credit are those of
// one server; when the edge is drained, the civil servant is served on by the origin without a gap.
func TestEdgeInBrowser(t *testing.T) {
	needBrowser(t)
	needTime(t)
	nodes, redis := startNodes(t, []string{"asal"}, []string{"kotim-1", "--network", "127.0.0.0/8"})
	origin, edge := nodes[0], nodes[1]
	media := t.TempDir()
	hall := startBrowser(t, fakeCamera(t, media), fakeMicrophone(t, media))
	speaker := hall.open("speaker", origin.links.Speaker)
	speaker.click("go-live")
	sri := hall.open("sri", origin.links.Participants[0])
	sri.click("confirm-me")
	since := sri.playing()
	if at := edge.metrics()[`betang_media_current{of="viewers"}`]; at != 1 {
		t.Errorf("%.0f viewers at the edge", at)
	}
	before, hash := sri.stats(), sri.picture("main-video")
	sri.until(15*time.Second, "sound above silence", audible)
	sri.until(15*time.Second, "50 more frames", framesPast(before.Frames+50))
	if hash == "" || sri.picture("main-video") == hash {
		t.Error("the picture does not change")
	}

	const question = "Apakah jaringan kabupaten cukup untuk kuliah umum?"
	sri.ask(question)
	operator := hall.open("operator", origin.links.Operator)
	operator.see("question", question)
	operator.click("q-approve")
	sri.see("my-question", "Tampil dalam daftar")
	operator.click("q-show")
	sri.see("shown-question", question)
	operator.see("viewers", "1")
	sri.screenshot("edge viewer")

	t.Log(strings.TrimSpace(origin.betang("nodes", "drain", "--redis", redis.URL(), "kotim-1")))
	sri.until(15*time.Second, "3 s of frames of the origin, so that its evidence counts too", freshFrames(1, 90))
	if at := origin.metrics()[`betang_media_current{of="viewers"}`]; at != 2 { // and the desk's monitor
		t.Errorf("%.0f viewers at the origin", at)
	}
	sri.see("shown-question", question)

	operator.click("phase-ended")
	operator.click("phase-ended-confirm-yes")
	sri.visible("state-ended")
	ended := origin.over(t)
	row := origin.creditOf("Sri Wahyuni", ended.Sub(since))
	wantSeconds(t, row, ended.Sub(since), "sri")
	if spans := row["Interval kehadiran (WIB)"]; strings.Contains(spans, ";") || strings.Contains(spans, ",") {
		t.Errorf("more than one interval: %s", spans)
	}
}

// freshFrames is true when one of the connections but the first so many has decoded more than so many frames.
func freshFrames(but, frames int) string {
	return fmt.Sprintf(`(async () => { for (const pc of window.__peers.slice(%d)) for (const s of (await pc.getStats()).values()) if (s.type === 'inbound-rtp' && s.kind === 'video' && s.framesDecoded > %d) return true; return false; })()`, but, frames)
}

// creditOf waits until the daftar hadir has nearly so much of somebody: the last evidence of another node is on its way.
func (s *server) creditOf(name string, want time.Duration) map[string]string {
	s.t.Helper()
	for end := time.Now().Add(30 * time.Second); ; runtimeYield() {
		row := s.attendance()[name]
		if row != nil && float64(atoi(s.t, row["Durasi (detik)"])) >= want.Seconds()-creditSlack {
			return row
		}
		if time.Now().After(end) {
			s.t.Fatalf("the daftar hadir has %v of %s, %v were seen", row, name, want)
		}
	}
}

// TestHomeKilledInBrowser kills the server at which a speaker and a civil servant are, and which is the event's home: both
// pages go on at the other by themselves, although it was not there yet when they were loaded.
func TestHomeKilledInBrowser(t *testing.T) {
	needBrowser(t)
	needTime(t)
	nodes, redis := startNodes(t, []string{"asal", "--region", "62.02", "--node-origins", "http://127.0.0.1:*"})
	origin := nodes[0]
	media := t.TempDir()
	hall := startBrowser(t, fakeCamera(t, media), fakeMicrophone(t, media))
	speaker := hall.open("speaker", origin.links.Speaker)
	speaker.click("go-live")
	sri := hall.open("sri", origin.links.Participants[0])
	sri.click("confirm-me")
	since := sri.playing()
	edge := startServer(t, func(s *server) {
		s.more = []string{"--redis", redis.URL(), "--node", "kobar-1", "--region", "62.01", "--edge"}
	})
	near := hall.open("near", strings.Replace(origin.links.Participants[1], origin.addr, edge.addr, 1))
	near.click("confirm-me")
	near.playing()
	sri.ask("Apakah materi dibagikan?")
	sri.see("my-question", "Apakah materi dibagikan?")
	peers := eval[int](sri, `window.__peers.length`)
	frames := near.stats().Frames

	origin.end(syscall.SIGKILL)
	killed := time.Now()
	near.ask("Dan rekamannya?")
	near.see("my-question", "Dan rekamannya?")
	t.Logf("a question acknowledged %.1f s after the home was killed", time.Since(killed).Seconds())
	sri.until(60*time.Second, "the picture at the other server", freshFrames(peers, 10))
	t.Logf("picture back %.1f s after the home was killed", time.Since(killed).Seconds())
	if d := time.Since(killed); d > 30*time.Second { // of a machine that others use too; 10 s are what is promised
		t.Errorf("the picture is back only after %v", d)
	}
	near.until(20*time.Second, "frames at the edge go on", framesPast(frames+50))
	sri.see("my-question", "Apakah materi dibagikan?")
	sri.screenshot("after failover")
	speaker.screenshot("speaker after failover")
	edge.creditOf("Sri Wahyuni", time.Since(since)-15*time.Second)
}

// TestEdgeCutInBrowser cuts an edge off from Redis first, while the line for media stands: who watches there sees the picture go on, and
// that questions cannot be taken. Then from the home as well, as a broken line does: they see why nothing happens, and are counted on.
func TestEdgeCutInBrowser(t *testing.T) {
	needBrowser(t)
	needTime(t)
	nodes, redis := startNodes(t, []string{"asal"}, []string{"kotim-1", "--region", "62.02"})
	origin, edge := nodes[0], nodes[1]
	media := t.TempDir()
	hall := startBrowser(t, fakeCamera(t, media), fakeMicrophone(t, media))
	speaker := hall.open("speaker", origin.links.Speaker)
	speaker.click("go-live")
	sri := hall.open("sri", strings.Replace(origin.links.Participants[0], origin.addr, edge.addr, 1))
	sri.click("confirm-me")
	since := sri.playing()
	desk := hall.open("desk", strings.Replace(origin.links.Operator, origin.addr, edge.addr, 1))
	desk.visible("desk")
	pupil := hall.open("pupil", strings.Replace(origin.links.Class.Participants[1], origin.addr, edge.addr, 1))
	pupil.click("confirm-me")
	pupil.visible("class-empty")

	redis.Kill()
	sri.until(20*time.Second, "a word that the picture goes on", `document.querySelector('[data-testid="cut-banner"]')?.dataset.flows === 'true'`)
	sri.until(10*time.Second, "the picture does", framesPast(sri.stats().Frames+60))
	if eval[bool](sri, `!!document.querySelector('[data-testid="stand-by"]')`) {
		t.Error("the picture goes on behind a standby slide")
	}
	sri.shots("edge without redis")
	origin.end(syscall.SIGKILL)
	sri.until(20*time.Second, "a word that nothing happens", `document.querySelector('[data-testid="cut-banner"]')?.dataset.flows === 'false'`)
	desk.visible("cut-banner")
	desk.shots("edge cut desk")
	speaker.visible("cut-banner") // it went on to the edge by itself
	speaker.shots("edge cut speaker")
	pupil.visible("cut-banner")
	pupil.shots("edge cut class")
	sri.visible("stand-by")
	sri.shots("edge cut")
	redis.Start()
	origin.start()
	sri.until(60*time.Second, "the edge hears the home", `!document.querySelector('[data-testid="cut-banner"]')`)
	frames := sri.stats().Frames
	sri.until(60*time.Second, "the speaker is back", framesPast(frames+20))
	desk.until(30*time.Second, "the desk hears the home", `!document.querySelector('[data-testid="cut-banner"]')`)
	desk.click("phase-ended")
	desk.click("phase-ended-confirm-yes")
	ended := time.Now()
	sri.visible("state-ended")
	row := origin.creditOf("Sri Wahyuni", ended.Sub(since))
	t.Log(row["Interval kehadiran (WIB)"])
	wantSeconds(t, row, ended.Sub(since), "sri")
}
