package main

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
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
