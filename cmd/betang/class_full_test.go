package main

import (
	"encoding/base64"
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

var (
	classPeople = flag.Int("class", 0, "people with camera and microphone of TestClassFull beside the browsers; 0 skips it")
	classWatch  = flag.Bool("class-watch", false, "beside the browsers they watch each other, too")
)

// films has the browser encode q.ivf (180p) and h.ivf (360p), two seconds each, for cameras whose pictures can be decoded.
func films(t testing.TB, tb *tab, dir string) {
	t.Helper()
	for rid, size := range map[string][3]int{"q": {320, 180, 150_000}, "h": {640, 360, 500_000}} {
		frames := eval[[]string](tb, fmt.Sprintf(`(async () => {
		  const [w, h, bitrate] = [%d, %d, %d], out = [];
		  const enc = new VideoEncoder({error: (e) => { throw e; }, output: (c) => {
		    const b = new Uint8Array(c.byteLength); c.copyTo(b);
		    out.push(btoa(Array.from(b, (x) => String.fromCharCode(x)).join(''))); }});
		  enc.configure({codec: 'vp8', width: w, height: h, bitrate, framerate: 30, latencyMode: 'realtime'});
		  const c = new OffscreenCanvas(w, h), g = c.getContext('2d');
		  for (let i = 0; i < 60; i++) {
		    const sky = g.createLinearGradient(0, 0, 0, h); sky.addColorStop(0, '#31536b'); sky.addColorStop(1, '#8a9b8e');
		    g.fillStyle = sky; g.fillRect(0, 0, w, h);
		    const x = w / 2 + Math.sin(i / 60 * 2 * Math.PI) * w * .02;
		    g.fillStyle = '#2d4a3f'; g.beginPath(); g.ellipse(x, h * 1.05, w * .24, h * .42, 0, 0, 7); g.fill();
		    g.fillStyle = '#b98a68'; g.beginPath(); g.ellipse(x, h * .45, w * .1, h * .23, 0, 0, 7); g.fill();
		    g.fillStyle = '#241a14'; g.beginPath(); g.ellipse(x, h * .29, w * .105, h * .12, 0, 0, 7); g.fill();
		    const f = new VideoFrame(c, {timestamp: i * 33333}); enc.encode(f, {keyFrame: i === 0}); f.close();
		  }
		  await enc.flush();
		  return out; })()`, size[0], size[1], size[2]))
		ivf := append([]byte("DKIF\x00\x00\x20\x00VP80"), make([]byte, 20)...)
		binary.LittleEndian.PutUint16(ivf[12:], uint16(size[0]))
		binary.LittleEndian.PutUint16(ivf[14:], uint16(size[1]))
		binary.LittleEndian.PutUint32(ivf[16:], 30)
		binary.LittleEndian.PutUint32(ivf[20:], 1)
		binary.LittleEndian.PutUint32(ivf[24:], uint32(len(frames)))
		for i, text := range frames {
			frame, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				t.Fatal(err)
			}
			ivf = binary.LittleEndian.AppendUint32(ivf, uint32(len(frame)))
			ivf = binary.LittleEndian.AppendUint64(ivf, uint64(i))
			ivf = append(ivf, frame...)
		}
		if err := os.WriteFile(filepath.Join(dir, rid+".ivf"), ivf, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestClassFull is a class of many: a trainer and a participant in Chromium, and beside them people with camera and microphone. It
// prints what the server pays for it alone on the machine and what the participant gets, and fails where pictures stand, a page of the gallery stays empty, or axe finds
// something at any of the gallery's sizes.
func TestClassFull(t *testing.T) {
	if *classPeople == 0 {
		t.Skip("make class runs it")
	}
	needBrowser(t)
	alone := startServer(t)
	t.Log("\n" + alone.generate(4*time.Minute, "class", "--lead", "--people", strconv.Itoa(*classPeople), "--duration", "20s"))
	alone.end(syscall.SIGTERM)

	s := startServer(t)
	media := t.TempDir()
	stage := startBrowser(t, fakeCamera(t, media), fakeMicrophone(t, media)).open("trainer", s.links.Class.Trainer)
	stage.joinClass()
	films(t, stage, media)
	sri := startBrowser(t, "", "").open("sri", s.links.Class.Participants[0])
	sri.click("confirm-me")
	sri.until(20*time.Second, "the trainer large", `document.querySelector('[data-testid="main-video"]')?.videoWidth > 0`)

	measured := 15 * time.Second
	out := make(chan string, 1)
	args := []string{"class", "--people", strconv.Itoa(*classPeople), "--duration", (measured + 30*time.Second).String(), "--films", media}
	if !*classWatch {
		args = append(args, "--no-watch")
	}
	go func() { out <- s.generate(4*time.Minute, args...) }()
	stage.until(3*time.Minute, "all are there", fmt.Sprintf(`document.querySelectorAll('[data-testid="pupil"]').length >= %d`, *classPeople+1))
	shown := min(9, *classPeople)
	sri.until(30*time.Second, "the gallery moves", tiles+fmt.Sprintf(` === %d`, shown))
	before, began := sri.decoded(), time.Now()
	bytes := eval[float64](sri, inboundBytes)
	<-time.After(measured) // of a measurement
	after, took := sri.decoded(), time.Since(began).Seconds()
	rate := (after.Frames - before.Frames) / took
	t.Logf("the participant in Chromium, in %.0f s: %.0f frames decoded (%.1f a second over %d pictures), %.0f dropped, %.0f freezes of %.2f s, %.0f packets lost, %.0f kbit/s",
		took, after.Frames-before.Frames, rate, shown+1, after.Dropped-before.Dropped, after.Freezes-before.Freezes, after.Frozen-before.Frozen,
		after.Lost-before.Lost, (eval[float64](sri, inboundBytes)-bytes)*8/1000/took)
	if rate < 5*float64(shown) {
		t.Errorf("%.1f frames a second: the pictures stand", rate)
	}
	sri.look(fmt.Sprintf("kelas penuh %d", *classPeople))
	stage.look(fmt.Sprintf("kelas penuh pelatih %d", *classPeople))
	for page := 1; page*9 < *classPeople; page++ {
		sri.press("page-after", "\r")
		sri.until(20*time.Second, fmt.Sprintf("the faces of page %d", page+1), tiles+fmt.Sprintf(` >= %d`, min(9, *classPeople-9*page)))
	}
	if *classPeople > 9 {
		sri.look(fmt.Sprintf("kelas penuh %d akhir", *classPeople))
	}
	t.Log("\n" + <-out)
}

// inboundBytes is what came to a page, headers included.
const inboundBytes = `(async () => { let n = 0; for (const pc of window.__peers) for (const s of (await pc.getStats()).values())
  if (s.type === 'inbound-rtp') n += s.bytesReceived + s.headerBytesReceived; return n; })()`
