package main

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"betang/sfu/sfutest/impair"
)

// throughBoth makes a page look for all media at proxies: of UDP, and of TCP where the page itself came from.
const throughBoth = `(() => {
  const real = RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = function (d, ...rest) {
    const at = { udp: %d, tcp: %d };
    const sdp = d.sdp.replace(/^(a=candidate:\S+ 1 (udp|tcp) \d+) \S+ \d+/gmi, (_, head, over) => head + ' 127.0.0.1 ' + at[over.toLowerCase()]);
    return real.call(this, { type: d.type, sdp }, ...rest);
  };
})();`

// connections counts those that the page ever made.
const connections = `window.__peers.length`

// TestNetworkAwayAndBack: a NAT gives viewer and speaker other ports; the viewer's network is away for some seconds, socket and all;
// then the computer sleeps for longer than the server remembers. Each time sound and picture come back by themselves, the first two
// times in the same session; the attendance tells each gap.
func TestNetworkAwayAndBack(t *testing.T) {
	needTime(t)
	needBrowser(t)
	var wall *impair.TCP
	s := startServer(t, func(s *server) {
		var err error
		if wall, err = impair.NewTCP(s.addr, 1, impair.Link{}, impair.Link{}); err != nil {
			t.Fatal(err)
		}
		s.url = "http://" + wall.Addr()
		_, port, _ := net.SplitHostPort(s.media)
		s.media = "127.0.0.2:" + port // TURN over UDP is not where the page is: nothing leads round the proxies
		s.more = []string{"--origin", "http://" + s.addr}
	})
	defer wall.Close()
	around := func(link string) string { return strings.Replace(link, wall.Addr(), s.addr, 1) }
	media := t.TempDir()
	hall := startBrowser(t, fakeCamera(t, media), fakeMicrophone(t, media))
	stage := s.udpProxy()
	speaker := hall.behind(stage, "speaker", around(s.links.Speaker))
	speaker.click("go-live")
	speaker.until(20*time.Second, "the encoder runs", `window.__peers.some(p => p.connectionState === 'connected')`)
	office := s.udpProxy()
	home := startBrowser(t, "", "")
	sri := home.without("sri", s.links.Participants[0], fmt.Sprintf(throughBoth, office.Port(), wall.Port()))
	sri.click("confirm-me")
	since := sri.playing()
	sri.until(15*time.Second, "a second of voice", voicePast(50))
	made := eval[int](sri, connections)

	began := time.Now()
	office.Rebind()
	sri.until(15*time.Second, "voice through the NAT's new port", voicePast(eval[int](sri, voicePackets)+100))
	t.Logf("the viewer's NAT forgot: two seconds of voice after %v", time.Since(began))
	sent := eval[int](speaker, connections)
	began = time.Now()
	stage.Rebind()
	sri.until(15*time.Second, "voice of the speaker from the new port", voicePast(eval[int](sri, voicePackets)+250))
	t.Logf("the speaker's NAT forgot: five seconds of voice after %v", time.Since(began))
	if now := eval[int](speaker, connections); now != sent {
		t.Errorf("the speaker made %d new connections because of a NAT", now-sent)
	}

	cut := time.Now()
	office.Block()
	wall.Block()
	sri.visible("connection-banner")
	sri.until(20*time.Second, "six seconds", fmt.Sprintf(`(window.__cut ??= performance.now()) + %d < performance.now()`, (6*time.Second-time.Since(cut)).Milliseconds()))
	office.Set(impair.Link{}, impair.Link{})
	wall.Unblock()
	back := time.Now()
	sri.until(30*time.Second, "voice after the network is back", voicePast(eval[int](sri, voicePackets)+25))
	heard := time.Since(back)
	sri.until(30*time.Second, "the socket after the network is back", `!document.querySelector('[data-testid=connection-banner]')`)
	t.Logf("the network was away for %v: half a second of voice %v after it was back, the socket after %v", back.Sub(cut), heard, time.Since(back))
	if now := eval[int](sri, connections); now != made {
		t.Errorf("%d new connections: what was away for some seconds was not the same session", now-made)
	}

	state := func(to string) {
		if _, err := chromedp.Call(sri.ctx, page.SetWebLifecycleState, page.SetWebLifecycleStateParams{State: page.SetWebLifecycleStateState(to)}); err != nil {
			t.Fatal(err)
		}
	}
	state("frozen")
	office.Block()
	wall.Block()
	slept := time.Now()
	speaker.until(40*time.Second, "20 s of sleep", `(window.__slept ??= performance.now()) + 20000 < performance.now()`)
	office.Set(impair.Link{}, impair.Link{})
	wall.Unblock()
	state("active")
	woke := time.Now()
	sri.until(30*time.Second, "voice after the sleep", fmt.Sprintf(`(async () => { for (const pc of window.__peers.slice(%d)) for (const s of (await pc.getStats()).values())
	  if (s.type === 'inbound-rtp' && s.kind === 'audio' && s.packetsReceived > 25) return true; return false; })()`, made))
	again := time.Now()
	t.Logf("asleep for %v: half a second of voice %v after waking", woke.Sub(slept), again.Sub(woke))
	sri.until(20*time.Second, "picture after the sleep", `(v => v && !v.paused && v.videoWidth > 0)(`+videoOf("main-video")+`)`)

	operator := hall.open("operator", around(s.links.Operator))
	operator.click("phase-ended")
	operator.click("phase-ended-confirm-yes")
	sri.visible("state-ended")
	ended := s.over(t)
	rows := s.attendance()
	row := rows["Sri Wahyuni"]
	if len(rows) != 1 {
		t.Errorf("%d people in the list", len(rows))
	}
	wantSeconds(t, row, ended.Sub(again)+slept.Sub(since), "sri")
	if n := strings.Count(row["Interval kehadiran (WIB)"], "–"); n != 2 {
		t.Errorf("%d intervals, not one on each side of the sleep: %q", n, row["Interval kehadiran (WIB)"])
	}
	if n := atoi(t, row["Jeda dijembatani (detik)"]); n < 3 || n > 10 {
		t.Errorf("%d s of gap told within the first interval: the network was away for %v", n, back.Sub(cut))
	}
}
