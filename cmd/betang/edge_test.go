package main

import (
	"strings"
	"testing"
	"time"
)

// TestEdgeInBrowser is a kuliah umum over two servers: the speaker and the desk are at the origin, a civil servant opens the
// event at the edge. Picture, voice, questions, counts and the credit are those of one server.
func TestEdgeInBrowser(t *testing.T) {
	needBrowser(t)
	nodes, _ := startNodes(t, "asal", "kotim-1")
	origin, edge := nodes[0], nodes[1]
	media := t.TempDir()
	hall := startBrowser(t, fakeCamera(t, media), fakeMicrophone(t, media))
	speaker := hall.open("speaker", origin.links.Speaker)
	speaker.click("go-live")
	sri := hall.open("sri", strings.Replace(origin.links.Participants[0], origin.addr, edge.addr, 1))
	sri.click("confirm-me")
	since := sri.playing()
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
	operator.click("phase-ended")
	operator.click("phase-ended-confirm-yes")
	ended := time.Now()
	sri.visible("state-ended")
	var rows map[string]map[string]string
	for end := time.Now().Add(20 * time.Second); len(rows) == 0 && time.Now().Before(end); runtimeYield() {
		if rows = origin.attendance("csv"); rows["Sri Wahyuni"] == nil || atoi(t, rows["Sri Wahyuni"]["Durasi (detik)"]) < int(ended.Sub(since).Seconds())-1 {
			rows = nil // the edge's last evidence is on its way
		}
	}
	if rows == nil {
		t.Fatal("the credit of a viewer of the edge is not in the daftar hadir at the home")
	}
	wantSeconds(t, rows["Sri Wahyuni"], ended.Sub(since), "sri")
}
