package main

import (
	"flag"
	"testing"
	"time"
)

var crowdViewers = flag.Int("crowd", 0, "light viewers of TestCrowd beside the browsers; 0 skips it")

// TestCrowd is a speaker and a viewer in Chromium, and a crowd of light viewers beside them: what the real viewer decodes while
// the server has work, and what the crowd loses of a real encoder's stream. It prints figures; it fails where the picture stands
// or the crowd loses packets.
func TestCrowd(t *testing.T) {
	if *crowdViewers == 0 {
		t.Skip("make crowd runs it")
	}
	needBrowser(t)
	s := startServer(t)
	media := t.TempDir()
	stage := startBrowser(t, fakeCamera(t, media), fakeMicrophone(t, media)).open("speaker", s.links.Speaker)
	stage.click("go-live")
	hall := startBrowser(t, "", "").open("guest", s.links.Guest)
	hall.click("guest-join")
	hall.playing()

	before, began := hall.decoded(), time.Now()
	out := s.load(*crowdViewers, 20*time.Second, "--whip", "none")
	took := time.Since(began).Seconds()
	after := hall.decoded()
	sent := stage.stats()
	t.Logf("\n%s", out)
	t.Logf("the viewer in Chromium, in %.0f s with the crowd's joins: %.0f frames decoded (%.1f a second), %.0f dropped, %.0f freezes of %.2f s in all, %.0f packets lost, width %.0f; the speaker encoded %d",
		took, after.Frames-before.Frames, (after.Frames-before.Frames)/took, after.Dropped-before.Dropped, after.Freezes-before.Freezes,
		after.Frozen-before.Frozen, after.Lost-before.Lost, after.Width, sent.Sent)
	if after.Frames-before.Frames < 5*took {
		t.Errorf("%.0f frames in %.0f s: the picture stands", after.Frames-before.Frames, took)
	}
}

// decoded is what a page's main picture has come to.
type decoded struct {
	Frames  float64 `json:"frames"`
	Dropped float64 `json:"dropped"`
	Freezes float64 `json:"freezes"`
	Frozen  float64 `json:"frozen"` // seconds
	Lost    float64 `json:"lost"`
	Width   float64 `json:"width"`
}

func (tb *tab) decoded() decoded {
	tb.t.Helper()
	return eval[decoded](tb, `(async () => {
	  const r = {frames: 0, dropped: 0, freezes: 0, frozen: 0, lost: 0, width: 0};
	  for (const pc of window.__peers) for (const s of (await pc.getStats()).values()) {
	    if (s.type !== 'inbound-rtp' || s.kind !== 'video' || !s.framesDecoded) continue;
	    r.frames += s.framesDecoded; r.dropped += s.framesDropped || 0; r.freezes += s.freezeCount || 0;
	    r.frozen += s.totalFreezesDuration || 0; r.lost += s.packetsLost || 0; r.width = Math.max(r.width, s.frameWidth || 0);
	  }
	  return r;
	})()`)
}
