package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/go-pdf/fpdf"
)

// slides makes a PDF whose pages look different from each other; with a password nobody opens it without.
func slides(t testing.TB, path string, pages int, password string) string {
	t.Helper()
	pdf := fpdf.NewCustom(&fpdf.InitType{UnitStr: "pt", Size: fpdf.SizeType{Wd: 960, Ht: 540}})
	if password != "" {
		pdf.SetProtection(fpdf.CnProtectPrint, password, "owner")
	}
	pdf.SetAutoPageBreak(false, 0)
	for i := range pages {
		pdf.AddPage()
		pdf.SetFillColor(18, 87, 80)
		pdf.Rect(0, 0, 960, 96, "F")
		pdf.SetFont("Helvetica", "B", 40)
		pdf.SetTextColor(255, 255, 255)
		pdf.Text(48, 64, fmt.Sprintf("Arah pembangunan: bagian %d", i+1))
		pdf.SetTextColor(26, 36, 34)
		pdf.SetFont("Helvetica", "", 28)
		for line := range 6 {
			pdf.Text(72, 160+float64(line)*48, fmt.Sprintf("%d.%d  Kinerja triwulan, target dan capaian per kabupaten", i+1, line+1))
		}
		pdf.SetFillColor(201, 149, 44)
		pdf.Rect(72, 480, 8*float64(i+1), 24, "F")
	}
	var b bytes.Buffer
	if err := pdf.Output(&b); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// files puts files into the page's file field, as the browser's own dialog does.
func (tb *tab) files(id string, paths ...string) {
	tb.t.Helper()
	tb.until(20*time.Second, "field "+id, `!!document.querySelector('`+testid(id)+`')`)
	tb.do(10*time.Second, "choose files", chromedp.SetUploadFiles(chromedp.CSS(testid(id)), paths))
}

// showsPage is a condition: the viewer's stage has this page of the deck on it, decoded.
func showsPage(n int) string {
	return fmt.Sprintf(`(s => s && /\/%d\/[ls]$/.test(s.dataset.url) && s.getBoundingClientRect().width > 200)(document.querySelector('.slide [data-testid=sheet]'))`, n)
}

// TestMaterial: what cannot be shown is refused in words; a PDF of 60 pages goes to a viewer as pictures, turned by a key;
// who joins late has the right page with what is drawn on it; the file can be fetched once it is shared.
func TestMaterial(t *testing.T) {
	needTime(t)
	needBrowser(t)
	dir := t.TempDir()
	good, locked := slides(t, filepath.Join(dir, "Arah pembangunan.pdf"), 60, ""), slides(t, filepath.Join(dir, "rahasia.pdf"), 2, "kunci")
	long := slides(t, filepath.Join(dir, "panjang.pdf"), 500, "")
	broken, picture := filepath.Join(dir, "rusak.pdf"), filepath.Join(dir, "besar.png")
	for path, data := range map[string][]byte{
		broken:  append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte("bukan isi PDF "), 200)...),
		picture: append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 100<<20)...),
	} {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := startServer(t)
	hall := startBrowser(t, "", "")
	operator := hall.open("operator", s.links.Operator)
	operator.click("phase-live")
	for path, words := range map[string]string{
		picture: "paling besar 50 MB", broken: "rusak", locked: "berkata sandi", long: "500 halaman; paling banyak 300",
	} {
		operator.files("deck-file", path)
		operator.see("upload-error", words)
	}
	operator.shots("material refused")
	started := time.Now()
	operator.files("deck-file", good)
	operator.until(90*time.Second, "the deck is there", `!!document.querySelector('[data-testid=deck]')`)
	t.Logf("60 pages drawn and uploaded in %v", time.Since(started).Round(10*time.Millisecond))
	speaker := hall.open("speaker", s.links.Speaker)
	speaker.see("deck", "Arah pembangunan")
	sri := hall.open("sri", s.links.Participants[0])
	sri.click("confirm-me")
	sri.visible("stage")
	if n := eval[int](sri, `document.querySelectorAll('[data-testid=sheet]').length`); n != 0 {
		t.Errorf("a viewer sees a deck that nobody opened")
	}

	speaker.click("deck-show")
	sri.until(20*time.Second, "page 1", showsPage(1))
	speaker.shots("material open")
	turned := time.Now()
	eval[bool](speaker, `(document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'PageDown', bubbles: true})), true)`)
	sri.until(10*time.Second, "page 2", showsPage(2))
	t.Logf("page 2 decoded at the viewer %v after the key", time.Since(turned).Round(10*time.Millisecond))

	// A stroke with the mouse, from the middle to the right.
	speaker.click("tool-pen")
	speaker.until(5*time.Second, "the pen", `!!document.querySelector('.board.tool-pen')`)
	eval[bool](speaker, `(() => { const s = document.querySelector('.open-deck [data-testid=sheet]'); s.setPointerCapture = () => {};
	  const b = s.getBoundingClientRect(); const at = (type, x) => s.dispatchEvent(new PointerEvent(type,
	    {bubbles: true, pointerId: 1, button: 0, clientX: b.left + b.width * x, clientY: b.top + b.height / 2}));
	  at('pointerdown', 0.5); for (let x = 0.5; x < 0.8; x += 0.02) at('pointermove', x); at('pointerup', 0.8); return true; })()`)
	sri.until(10*time.Second, "the stroke", `(p => p.length === 1 && p[0].getBBox().width > 1000)(document.querySelectorAll('.slide .ink'))`)
	eval[bool](operator, `(document.querySelector('[data-testid=deck-share]').click(), true)`)
	sri.visible("slide-download")
	sri.shots("material viewer")
	speaker.shots("material drawing")

	budi := hall.open("budi", s.links.Participants[1])
	budi.click("confirm-me")
	budi.until(20*time.Second, "the late joiner has page 2 and its stroke", showsPage(2)+` && document.querySelectorAll('.slide .ink').length === 1`)
	got := eval[string](budi, `fetch(document.querySelector('[data-testid=slide-download]').href).then(async r => r.status + ' ' + (await r.arrayBuffer()).byteLength)`)
	if info, err := os.Stat(good); err != nil || got != fmt.Sprint("200 ", info.Size()) {
		t.Errorf("the late joiner fetched %q, the file has %d bytes (%v)", got, info.Size(), err)
	}
	for _, tb := range []*tab{operator, speaker, sri} {
		tb.axe()
	}
	operator.see("deck", "Sedang tampil")
	operator.shots("material desk")
	operator.click("deck-close")
	sri.until(10*time.Second, "closed", `!document.querySelector('.slide')`)
}
