package main

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skip2/go-qrcode"
)

// fakeCamera writes a y4m of a landscape with a sun that moves: every frame differs from the one before, so a
// frozen picture shows. 960x540 is the least for which Chromium encodes three simulcast layers; 15 frames per second keep
// the software encoder within two busy cores.
func fakeCamera(t testing.TB, dir string) string { return fakeCameraAt(t, dir, 15) }

func fakeCameraAt(t testing.TB, dir string, fps int) string {
	t.Helper()
	const w, h, seconds = 960, 540, 4
	path := filepath.Join(dir, "camera.y4m")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	out := bufio.NewWriterSize(f, 1<<20)
	fmt.Fprintf(out, "YUV4MPEG2 W%d H%d F%d:1 Ip A1:1 C420mpeg2\n", w, h, fps)
	luma := make([]byte, w*h)
	cb, cr := make([]byte, w*h/4), make([]byte, w*h/4)
	for n := range fps * seconds {
		angle := 2 * math.Pi * float64(n) / float64(fps*seconds)
		cx, cy := w/2+int(0.35*w*math.Cos(angle)), h/2+int(0.3*h*math.Sin(angle))
		for y := range h {
			for x := range w {
				v := 60 + 100*y/h + 20*((x/32+y/32+n)%2)
				if (x-cx)*(x-cx)+(y-cy)*(y-cy) < 45*45 {
					v = 230
				}
				luma[y*w+x] = byte(v)
			}
		}
		for y := range h / 2 {
			for x := range w / 2 {
				cb[y*w/2+x] = byte(110 + 30*y/(h/2))
				cr[y*w/2+x] = byte(120 + 40*x/(w/2))
			}
		}
		for _, part := range [][]byte{[]byte("FRAME\n"), luma, cb, cr} {
			if _, err := out.Write(part); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// fakeMicrophone speaks a sentence into a wav.
func fakeMicrophone(t testing.TB, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "voice.wav")
	cmd := exec.CommandContext(t.Context(), "espeak-ng", "-v", "id", "-s", "150", "-a", "180", "-w", path,
		"Tabe, salamat lingu nalatai, salam sahujud karendem malempang. Bapak dan Ibu, mari kita mulai kuliah umum hari ini.")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("espeak-ng: %v: %s", err, out)
	}
	return path
}

// qrOf draws text as a QR code of true (dark) and false modules, without its quiet zone.
func qrOf(t testing.TB, text string) [][]bool {
	t.Helper()
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		t.Fatal(err)
	}
	code.DisableBorder = true
	return code.Bitmap()
}

// drawn reads the modules of the QR code that an svg of one path shows.
func (tb *tab) drawn(id string) [][]bool {
	tb.t.Helper()
	tb.visible(id)
	rows := eval[string](tb, `(() => {
	  const svg = document.querySelector('`+testid(id)+`');
	  const n = svg.viewBox.baseVal.width - 8;
	  const c = Object.assign(document.createElement('canvas'), {width: n, height: n}).getContext('2d');
	  c.fill(new Path2D(svg.querySelector('path').getAttribute('d')));
	  const px = c.getImageData(0, 0, n, n).data;
	  return Array.from({length: n}, (_, y) => Array.from({length: n}, (_, x) => px[4 * (y * n + x) + 3] > 127 ? '1' : '0').join('')).join(' ');
	})()`)
	out := [][]bool{}
	for row := range strings.FieldsSeq(rows) {
		bits := make([]bool, len(row))
		for i := range row {
			bits[i] = row[i] == '1'
		}
		out = append(out, bits)
	}
	return out
}

// showQR writes the y4m of a camera that is held a little aslant before a QR code, in poor light. The file is replaced whole:
// a camera that is on goes on with the old one.
func showQR(t testing.TB, path string, code [][]bool) {
	t.Helper()
	const w, h, frames, dot, tilt = 640, 480, 5, 7.0, 0.12
	n := float64(len(code))
	luma := make([]byte, w*h)
	for y := range h {
		for x := range w {
			dx, dy := (float64(x)-w/2)/dot, (float64(y)-h/2)/dot
			u, v := dx*math.Cos(tilt)+dy*math.Sin(tilt)+n/2, dy*math.Cos(tilt)-dx*math.Sin(tilt)+n/2
			light := 150.0
			switch {
			case u < -4 || v < -4 || u >= n+4 || v >= n+4:
				light = 90 // beside the paper
			case u >= 0 && v >= 0 && u < n && v < n && code[int(v)][int(u)]:
				light = 50
			}
			luma[y*w+x] = byte(light + 30*float64(x)/w + float64((x*7+y*13)%11))
		}
	}
	grey := make([]byte, w*h/2)
	for i := range grey {
		grey[i] = 128
	}
	out := fmt.Appendf(nil, "YUV4MPEG2 W%d H%d F10:1 Ip A1:1 C420mpeg2\n", w, h)
	for range frames {
		out = append(append(append(out, "FRAME\n"...), luma...), grey...)
	}
	if err := os.WriteFile(path+".new", out, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}
