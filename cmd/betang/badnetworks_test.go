package main

import (
	"flag"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"betang/sfu/sfutest/impair"

	"github.com/chromedp/chromedp"
)

var badNetworks = flag.Bool("bad-networks", false, "run TestBadNetworks, two minutes a row; see sfu/NETWORKS.md")

// lookAtMedia runs in a viewer's page: four times a second it keeps what the streams add up to.
const lookAtMedia = `(() => {
  window.__looks = [];
  let video = 0, audio = 0;
  setInterval(async () => {
    const l = {at: performance.now(), samples: 0, concealed: 0, silent: 0, voice: 0, frames: 0, height: 0, freezes: 0, frozen: 0, keys: 0, nacks: 0, plis: 0, delay: 0, emitted: 0, late: 0, kept: 0, shown: 0, path: ''};
    for (const pc of window.__peers || []) {
      if (pc.connectionState === 'closed') continue;
      const all = await pc.getStats();
      for (const s of all.values()) {
        if (s.type === 'transport' && s.selectedCandidatePairId) {
          const pair = all.get(s.selectedCandidatePairId);
          l.path = pair && all.get(pair.remoteCandidateId)?.protocol || l.path;
        }
        if (s.type !== 'inbound-rtp') continue;
        if (s.kind === 'audio' && (s.packetsReceived || 0) > 0) {
          l.samples += s.totalSamplesReceived || 0; l.concealed += s.concealedSamples || 0; l.silent += s.silentConcealedSamples || 0;
          l.voice += s.packetsReceived; l.delay += s.jitterBufferDelay || 0; l.emitted += s.jitterBufferEmittedCount || 0; l.nacks += s.nackCount || 0;
        }
        if (s.kind === 'video' && (s.framesDecoded || 0) > 0) {
          l.frames += s.framesDecoded; l.height = Math.max(l.height, s.frameHeight || 0); l.freezes += s.freezeCount || 0;
          l.late += s.framesDropped || 0; l.kept += s.jitterBufferDelay || 0; l.shown += s.jitterBufferEmittedCount || 0;
          l.frozen += s.totalFreezesDuration || 0; l.keys += s.keyFramesDecoded || 0; l.nacks += s.nackCount || 0; l.plis += s.pliCount || 0;
        }
      }
    }
    window.__looks.push(l);
  }, 250);
})();`

// look is one of them; counters are since the page's beginning, at is in ms of the page's clock.
type look struct {
	At        float64 `json:"at"`
	Samples   float64 `json:"samples"`
	Concealed float64 `json:"concealed"`
	Silent    float64 `json:"silent"`
	Voice     float64 `json:"voice"`
	Frames    float64 `json:"frames"`
	Height    float64 `json:"height"`
	Freezes   float64 `json:"freezes"`
	Frozen    float64 `json:"frozen"`
	Keys      float64 `json:"keys"`
	NACKs     float64 `json:"nacks"`
	PLIs      float64 `json:"plis"`
	Delay     float64 `json:"delay"`
	Emitted   float64 `json:"emitted"`
	Late      float64 `json:"late"`  // pictures thrown away by the player
	Kept      float64 `json:"kept"`  // how long pictures were held, s
	Shown     float64 `json:"shown"` // of so many
	Path      string  `json:"path"`
}

// looks are those of a stretch of time.
type looks []look

func (l looks) between(from, to float64) looks {
	a, b := 0, len(l)
	for a < b && l[a].At < from {
		a++
	}
	for b > a && l[b-1].At > to {
		b--
	}
	return l[a:b]
}

// sum is what a stretch came to.
func (l looks) sum() look {
	if len(l) < 2 {
		return look{}
	}
	a, b := l[0], l[len(l)-1]
	return look{
		At: b.At - a.At, Samples: b.Samples - a.Samples, Concealed: b.Concealed - a.Concealed, Silent: b.Silent - a.Silent, Voice: b.Voice - a.Voice,
		Frames: b.Frames - a.Frames, Height: b.Height, Freezes: b.Freezes - a.Freezes, Frozen: b.Frozen - a.Frozen, Keys: b.Keys - a.Keys,
		NACKs: b.NACKs - a.NACKs, PLIs: b.PLIs - a.PLIs, Delay: b.Delay - a.Delay, Emitted: b.Emitted - a.Emitted, Late: b.Late - a.Late, Kept: b.Kept - a.Kept, Shown: b.Shown - a.Shown, Path: b.Path,
	}
}

func (l look) concealed() float64 { return 100 * l.Concealed / max(l.Samples, 1) }

func (l look) String() string {
	s := l.At / 1000
	return fmt.Sprintf("voice concealed %.2f %% (of it silent %.2f %%), %.1f frames/s of %.0f lines, %.0f freezes of %.1f s, %.0f keyframes, %.0f NACKs, %.0f PLIs, voice held %.0f ms, pictures %.0f ms and %.0f thrown away, %s",
		l.concealed(), 100*l.Silent/max(l.Samples, 1), l.Frames/s, l.Height, l.Freezes, l.Frozen, l.Keys, l.NACKs, l.PLIs, 1000*l.Delay/max(l.Emitted, 1), 1000*l.Kept/max(l.Shown, 1), l.Late, l.Path)
}

// when is how many seconds after from a look is as wanted and stays so for two seconds; negative: never.
func (l looks) when(from float64, is func(prev, now look) bool) float64 {
	since := -1.0
	for i := 1; i < len(l); i++ {
		switch {
		case l[i].At < from:
		case !is(l[i-1], l[i]):
			since = -1
		case since < 0:
			since = l[i].At
		case l[i].At-since >= 2000:
			return (since - from) / 1000
		}
	}
	return -1
}

// badLab is a server, a speaker in Chromium, and a viewer in another one; one of them is behind a proxy.
type badLab struct {
	t      *testing.T
	server *server
	proxy  *impair.UDP
	viewer *tab
	stage  *tab
}

// newBadLab has the viewer behind the proxy, newUplinkLab the speaker.
func newBadLab(t *testing.T, link impair.Link) *badLab    { return makeBadLab(t, link, false) }
func newUplinkLab(t *testing.T, link impair.Link) *badLab { return makeBadLab(t, link, true) }

func makeBadLab(t *testing.T, link impair.Link, uplink bool) *badLab {
	t.Helper()
	needBrowser(t)
	b := &badLab{t: t, server: startServer(t, func(s *server) { s.more = []string{"--log-level", "debug"} })}
	t.Cleanup(func() {
		for line := range strings.Lines(b.server.log.String()) {
			if strings.Contains(line, "a viewer's share") {
				t.Log(strings.TrimSpace(line))
			}
		}
	})
	addr, err := net.ResolveUDPAddr("udp", b.server.media)
	if err != nil {
		t.Fatal(err)
	}
	if b.proxy, err = impair.NewUDP(addr, 7, link, link); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.proxy.Close)
	open := func(in *browser, behind bool, name, link string) *tab {
		if behind {
			return in.behind(b.proxy, name, link)
		}
		return in.open(name, link)
	}
	media := t.TempDir()
	b.stage = open(startBrowser(t, fakeCameraAt(t, media, 30), fakeMicrophone(t, media)), uplink, "speaker", b.server.links.Speaker)
	b.stage.click("go-live")
	b.stage.until(30*time.Second, "the encoder runs", `window.__peers.some(p => p.connectionState === 'connected')`)
	// Three layers, and the largest at its rate.
	b.stage.until(60*time.Second, "three layers", `(async () => { let n = 0; for (const pc of window.__peers) for (const s of (await pc.getStats()).values())
	  if (s.type === 'outbound-rtp' && s.kind === 'video' && s.framesPerSecond > 8) n++; return n === 3; })()`)
	b.viewer = open(startBrowser(t, "", ""), !uplink, "sri", b.server.links.Participants[0])
	b.viewer.click("confirm-me")
	b.viewer.playing()
	b.viewer.do(10*time.Second, "look at the media", evaluate(lookAtMedia))
	return b
}

// pass waits while the page plays, and gives the page's clock at the end.
func (b *badLab) pass(d time.Duration) float64 {
	b.t.Helper()
	b.viewer.until(d+20*time.Second, "time to pass", fmt.Sprintf(`(window.__until ??= performance.now() + %d, performance.now() >= window.__until && (window.__until = undefined, true))`, d.Milliseconds()))
	return eval[float64](b.viewer, `performance.now()`)
}

func (b *badLab) looks() looks { return eval[looks](b.viewer, `window.__looks`) }

// report prints a row and holds it to the goals that are given; 0: none.
func (b *badLab) report(what string, l look, concealed, fps float64) {
	b.t.Helper()
	encoded := eval[[]float64](b.stage, `(async () => { const n = []; for (const pc of window.__peers) for (const s of (await pc.getStats()).values())
	  if (s.type === 'outbound-rtp' && s.kind === 'video') n.push(Math.round(s.framesPerSecond || 0)); return n; })()`)
	b.t.Logf("ROW %s: %v; the speaker's layers now have %v frames/s", what, l, encoded)
	if concealed > 0 && l.concealed() > concealed {
		b.t.Errorf("%s: %.2f %% of the voice concealed, goal %.1f", what, l.concealed(), concealed)
	}
	if got := l.Frames / max(l.At/1000, 1); fps > 0 && got < fps {
		b.t.Errorf("%s: %.1f frames/s, goal %.0f", what, got, fps)
	}
}

// TestBadNetworks is the table of sfu/NETWORKS.md with real browsers.
func TestBadNetworks(t *testing.T) {
	if !*badNetworks {
		t.Skip("make bad-networks runs it")
	}
	t.Run("steps", badSteps)
	const ms = time.Millisecond
	for _, c := range []struct {
		name      string
		link      impair.Link
		concealed float64
		fps       float64
	}{
		{"none", impair.Link{Delay: 50 * ms}, 1, 20},
		{"loss5", impair.Link{Delay: 50 * ms, Loss: 0.05}, 1, 20},
		{"loss10", impair.Link{Delay: 50 * ms, Loss: 0.10}, 1, 20},
		{"burst", impair.Link{Delay: 50 * ms, Loss: 0.03 / 5, Burst: 5}, 1, 20},
		{"satellite", impair.Link{Delay: 300 * ms, Loss: 0.02}, 1, 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBadLab(t, impair.Link{Delay: c.link.Delay})
			b.pass(10 * time.Second)
			b.proxy.Set(c.link, c.link)
			began := b.pass(10 * time.Second) // the first seconds are a figure of their own
			ended := b.pass(*badFor)
			all := b.looks()
			b.report(c.name+", first 10 s", all.between(began-10_000, began).sum(), 0, 0)
			b.report(c.name, all.between(began, ended).sum(), c.concealed, c.fps)
		})
	}
	t.Run("uplink10", badUplink)
	t.Run("blocked-at-start", func(t *testing.T) { badBlocked(t, noUDP(t), false, true) })
	t.Run("blocked", func(t *testing.T) { badBlocked(t, noUDP(t), true, false) })
	t.Run("only-tls", func(t *testing.T) {
		f, _ := onlyTLS(t)
		badBlocked(t, f, true, true)
	})
	t.Run("slides", badSlides)
	t.Run("shared", badShared)
	t.Run("few", badFew)
}

// badUplink has the speaker lose a tenth of everything, both ways, 100 ms away.
func badUplink(t *testing.T) {
	link := impair.Link{Delay: 50 * time.Millisecond}
	b := newUplinkLab(t, link)
	b.pass(10 * time.Second)
	link.Loss = 0.10
	b.proxy.Set(link, link)
	began := b.pass(10 * time.Second)
	was := b.sent()
	ended := began
	for ended < began+float64(badFor.Milliseconds()) {
		ended = b.pass(10 * time.Second)
		t.Logf("the speaker's details: %s", eval[string](b.stage, `document.querySelector('[data-testid=health] p')?.textContent ?? ''`))
	}
	is := b.sent()
	all := b.looks()
	b.report("uplink10, first 10 s", all.between(began-10_000, began).sum(), 0, 0)
	b.report("uplink10", all.between(began, ended).sum(), 1, 20)
	seconds := (ended - began) / 1000
	for _, now := range is {
		for _, before := range was {
			if now.SSRC != before.SSRC {
				continue
			}
			keys := (now.PLIs - before.PLIs) / seconds
			t.Logf("ROW uplink10, %s %s %s: %.0f packets, %.0f of them again, %.0f asked for; %.2f keyframe requests a second; %.0f %% lost, as the server reports",
				now.Kind, now.RID, now.Codec, now.Packets-before.Packets, now.Again-before.Again, now.NACKs-before.NACKs, keys, 100*now.Lost)
			if keys > 1 {
				t.Errorf("%s %s: %.2f keyframe requests a second, at most 1", now.Kind, now.RID, keys)
			}
		}
	}
	t.Logf("ROW uplink10: the speaker reads: %q", eval[string](b.stage, `document.querySelector('[data-testid=health] summary').innerText`))
	b.stage.shots("uplink10")
	if grade := eval[string](b.stage, `document.querySelector('[data-testid=health]').dataset.grade`); grade != "slow" && grade != "bad" {
		t.Errorf("the speaker is told that its uplink is %q", grade)
	}
}

// sentStream is one stream of a speaker's; counters are since its beginning.
type sentStream struct {
	SSRC    int     `json:"ssrc"`
	Kind    string  `json:"kind"`
	RID     string  `json:"rid"`
	Codec   string  `json:"codec"`
	Packets float64 `json:"packets"`
	Again   float64 `json:"again"`
	NACKs   float64 `json:"nacks"`
	PLIs    float64 `json:"plis"`
	Lost    float64 `json:"lost"` // lately, 0 to 1
}

func (b *badLab) sent() []sentStream {
	b.t.Helper()
	return eval[[]sentStream](b.stage, `(async () => { const n = []; for (const pc of window.__peers) { const all = await pc.getStats(); for (const s of all.values())
	  if (s.type === 'outbound-rtp') n.push({ssrc: s.ssrc, kind: s.kind, rid: s.rid || '', codec: all.get(s.codecId)?.mimeType || '', packets: s.packetsSent || 0, again: s.retransmittedPacketsSent || 0,
	    nacks: s.nackCount || 0, plis: s.pliCount || 0, lost: all.get(s.remoteId)?.fractionLost || 0}); } return n; })()`)
}

var badFor = flag.Duration("bad-for", 100*time.Second, "how long a row of TestBadNetworks is measured")

// badSteps narrows the path step by step and widens it again.
func badSteps(t *testing.T) {
	down := func(rate int) impair.Link {
		return impair.Link{Delay: 25 * time.Millisecond, Rate: rate, Queue: 300 * time.Millisecond}
	}
	up := impair.Link{Delay: 25 * time.Millisecond}
	b := newBadLab(t, up)
	b.proxy.Set(up, down(2_000_000))
	b.pass(20 * time.Second)
	const top = 500 // lines: the camera has 540
	if h := b.looks(); len(h) == 0 || h[len(h)-1].Height < top {
		t.Errorf("not on the top rung at 2 Mbit/s: %v", h[len(h)-1])
	}
	for _, rate := range []int{500_000, 200_000, 64_000} {
		began := eval[float64](b.viewer, `performance.now()`)
		was := b.looks()
		height := was[len(was)-1].Height
		b.proxy.Set(up, down(rate))
		ended := b.pass(22 * time.Second)
		all := b.looks()
		left := all.when(began, func(prev, now look) bool { return now.Height < height || now.Frames == prev.Frames })
		first := all.between(began, began+1000).sum()
		b.report(fmt.Sprintf("%d kbit/s after the first second", rate/1000), all.between(began+1000, ended).sum(), 1, 0)
		t.Logf("ROW %d kbit/s: the old rung was left after %.1f s (seen by the player), first second concealed %.1f %%", rate/1000, left, first.concealed())
	}
	began := eval[float64](b.viewer, `performance.now()`)
	b.proxy.Set(up, down(2_000_000))
	ended := b.pass(40 * time.Second)
	all := b.looks()
	moves := all.when(began, func(prev, now look) bool { return now.Frames > prev.Frames })
	back := all.when(began, func(prev, now look) bool { return now.Height >= top && now.Frames > prev.Frames })
	b.report("back to 2 Mbit/s", all.between(began+1000, ended).sum(), 1, 0)
	t.Logf("ROW back to 2 Mbit/s: picture again after %.1f s, top rung after %.1f s", moves, back)
	if back < 0 || back > 20 {
		t.Errorf("top rung after %.1f s, goal 20", back)
	}
}

// sharesPage gives a page a screen to share: a page of text with a clock, of 1280 x 720.
const sharesPage = `navigator.mediaDevices.getDisplayMedia = async () => {
  const c = document.createElement('canvas'); c.width = 1280; c.height = 720;
  const g = c.getContext('2d');
  setInterval(() => {
    g.fillStyle = '#fff'; g.fillRect(0, 0, 1280, 720);
    g.fillStyle = '#123'; g.font = '28px sans-serif'; g.fillText('Arah pembangunan Kalimantan Tengah', 60, 70);
    g.font = '15px sans-serif';
    for (let i = 0; i < 24; i++) g.fillText(i + 1 + '. Uraian tugas perangkat daerah, anggaran dan sasaran triwulan ' + (i * 37 % 100) + ' %', 60, 120 + 24 * i);
    g.fillText(new Date().toISOString(), 1000, 700);
  }, 66);
  return c.captureStream(15);
};`

// looksAtSlots is what a viewer's page shows: the lines of the main and the second picture, and frames decoded of each.
const looksAtSlots = `(async () => { const r = {main: 0, second: 0, mainFrames: 0, secondFrames: 0, rung: document.querySelector('[data-testid=quality]')?.dataset.rung ?? ''};
  for (const pc of window.__peers) { if (pc.connectionState === 'closed') continue;
    for (const s of (await pc.getStats()).values()) if (s.type === 'inbound-rtp' && s.kind === 'video') {
      const slot = {3: 'main', 4: 'second'}[s.mid]; if (slot) { r[slot] = s.frameHeight || 0; r[slot + 'Frames'] = s.framesDecoded || 0; } } }
  return r; })()`

type slotsSeen struct {
	Main         int    `json:"main"`
	Second       int    `json:"second"`
	MainFrames   int    `json:"mainFrames"`
	SecondFrames int    `json:"secondFrames"`
	Rung         string `json:"rung"`
}

// badSlides shares a screen beside the camera and narrows the viewer's path: the letters keep their lines, and what is left is the
// camera's (that it is the one to give way, TestSlidesBeforeCamera of sfu/layer holds; a page that stands still leaves it room at 150 kbit/s).
func badSlides(t *testing.T) {
	up := impair.Link{Delay: 25 * time.Millisecond}
	b := newBadLab(t, up)
	b.stage.do(10*time.Second, "a screen to share", evaluate(sharesPage))
	b.stage.click("share-screen")
	b.viewer.until(40*time.Second, "the screen in the main slot, the camera beside it", `(async () => (r => r.main === 720 && r.second > 0)(await `+looksAtSlots+`))()`)
	t.Logf("the screen's layers: %s", eval[string](b.stage, `(async () => { const n = []; for (const pc of window.__peers) for (const s of (await pc.getStats()).values())
	  if (s.type === 'outbound-rtp' && s.kind === 'video') n.push([s.rid, s.frameHeight, s.framesPerSecond, s.scalabilityMode, Math.round((s.targetBitrate || 0) / 1000)].join(' ')); return n.join(', '); })()`))
	for _, rate := range []int{600_000, 230_000, 150_000} {
		b.proxy.Set(up, impair.Link{Delay: 25 * time.Millisecond, Rate: rate, Queue: 300 * time.Millisecond})
		began := b.pass(15 * time.Second)
		was := eval[slotsSeen](b.viewer, looksAtSlots)
		ended := b.pass(15 * time.Second)
		is := eval[slotsSeen](b.viewer, looksAtSlots)
		b.viewer.shots(fmt.Sprintf("slides %d", rate/1000))
		all := b.looks()
		b.report(fmt.Sprintf("slides at %d kbit/s", rate/1000), all.between(began, ended).sum(), 1, 0)
		seconds := (ended - began) / 1000
		t.Logf("ROW slides at %d kbit/s: rung %s, screen of %d lines with %.1f frames/s, camera %.1f frames/s", rate/1000, is.Rung, is.Main,
			float64(is.MainFrames-was.MainFrames)/seconds, float64(is.SecondFrames-was.SecondFrames)/seconds)
		if is.Main != 720 || is.MainFrames-was.MainFrames < 10 {
			t.Errorf("at %d bit/s the screen has %d lines and %d frames in %.0f s", rate, is.Main, is.MainFrames-was.MainFrames, seconds)
		}
		seen := is.SecondFrames-was.SecondFrames > 10
		if rate == 600_000 && !seen {
			t.Errorf("at %d bit/s the camera is not seen", rate)
		}
		if !seen && is.Rung != "slides" {
			t.Errorf("at %d bit/s the camera is not seen, and the rung is %q", rate, is.Rung)
		}
	}
}

func evaluate(script string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](script)
}
