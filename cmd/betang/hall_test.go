package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
)

// TestRuangBersama is a hall in a real browser: the PIC opens it, a computer becomes its screen by code and shows the
// lecture, a phone checks in by its camera on the screen's QR and out by the number beside it. The server is killed; the
// PIC's page, opened anew without it, takes a mark from the list and one by camera off a personal card, the PIC signs out, the
// tab is closed, and when the server is back both marks arrive once, before anybody signs in again.
func TestRuangBersama(t *testing.T) {
	needBrowser(t)
	s := startServer(t)
	media := t.TempDir()
	hall := startBrowser(t, fakeCamera(t, media), fakeMicrophone(t, media))
	hall.open("speaker", s.links.Speaker).click("go-live")
	desk, _, _ := strings.Cut(s.links.PIC, "#")
	base, _, _ := strings.Cut(desk, "/k/")
	cards := filepath.Join(media, "cards.csv")
	s.betang("roster", "codes", "--data", s.dir, "--event", "demo", "--out", cards)

	lens := filepath.Join(media, "lens.y4m") // what the phones' camera is pointed at
	showQR(t, lens, qrOf(t, "https://example.org/"))
	pocket := startBrowser(t, lens, "")
	pic := pocket.open("pic", s.links.PIC)
	pic.typeIn("hall-name", "Aula Uji")
	pic.click("hall-open")
	pic.until(10*time.Second, "a code for the screen", `/[0-9A-Z]{4}-[0-9A-Z]{4}/.test(document.querySelector('[data-testid="hall-screen-code"]')?.innerText ?? '')`)
	code := eval[string](pic, `document.querySelector('[data-testid="hall-screen-code"]').innerText.match(/[0-9A-Z]{4}-[0-9A-Z]{4}/)[0]`)
	pic.shots("pic screen")
	pic.axe()

	screen := hall.open("screen", base+"/k/demo/layar")
	screen.typeIn("screen-code", strings.ToLower(code))
	screen.click("screen-open")
	screen.playing()
	screen.visible("screen-qr")
	screen.shots("screen live")
	screen.axe()
	typed := func() string {
		screen.visible("screen-typed")
		return eval[string](screen, `document.querySelector('[data-testid="screen-typed"]').innerText`)
	}

	phone := pocket.open("phone", base+"/h")
	phone.click("scan-camera")
	phone.until(20*time.Second, "another QR is told from a room's", `document.body.innerText.includes('Ini bukan kode presensi ruang')`)
	phone.shots("phone camera")
	phone.axe()
	phone.click("scan-camera")
	showQR(t, lens, screen.drawn("screen-qr"))
	phone.click("scan-camera")
	phone.typeIn("scan-nip", s.links.SampleNIP)
	phone.click("scan-next")
	phone.visible("scan-me")
	phone.shots("phone confirm")
	phone.axe()
	if phone.shows("Untung Prasetyo") || phone.shows(s.links.SampleNIP) {
		t.Error("the phone shows a whole name or number before anybody said who they are")
	}
	phone.click("scan-in")
	phone.visible("scan-done-in")
	phone.shots("phone in")
	phone.axe()
	row := func(person, state, queued string) string {
		return `!!document.querySelector('[data-testid="mark-row"][data-person="` + person + `"][data-state="` + state + `"][data-queued="` + queued + `"]')`
	}
	pic.click("tab-list")
	pic.until(20*time.Second, "the PIC sees who scanned", row("demo-03", "in", "false"))
	pic.shots("pic list")
	pic.axe()
	pic.until(10*time.Second, "the page is kept", `caches.open('betang-ruang-1').then(c => c.keys()).then(k => k.length > 5 && navigator.serviceWorker.ready.then(() => true))`)

	s.end(syscall.SIGKILL)
	pic.reload()
	pic.click("tab-list") // what the phone kept of the hall may be older than its screen, and then opens at the screen's tab
	pic.until(15*time.Second, "the page opens without its server, with the people", row("demo-05", "out", "false"))
	pic.typeIn("mark-search", "yulius")
	pic.press("mark-in", kb.Enter) // without a mouse
	waiting := func(n string) string {
		return `document.querySelector('[data-testid="pic-net"]')?.dataset.waiting === '` + n + `'`
	}
	pic.until(10*time.Second, "the mark waits", waiting("1")+` && `+row("demo-05", "in", "true"))
	pic.shots("pic offline")
	pic.axe()
	showQR(t, lens, qrOf(t, cardOf(t, cards, "Siti Khadijah")))
	pic.click("tab-card")
	pic.click("card-camera")
	pic.until(20*time.Second, "the card is read without a network", waiting("2"))
	pic.see("card-taken", "menunggu terkirim")
	pic.shots("pic card")
	pic.axe()
	pic.click("hall-back")
	pic.click("pic-out")
	pic.see("pic-leave", "2 catatan belum diterima server")
	pic.shots("pic leaves unsent")
	pic.axe()
	pic.click("pic-leave-yes")
	pic.see("pic-left", "2 catatan belum terkirim")
	pic.stop()

	s.start()
	again := pocket.open("pic again", desk) // the bare address, as from the browser's history
	again.until(20*time.Second, "the door sent the marks", `!document.querySelector('[data-testid="pic-left"]') && !!document.querySelector('[data-testid="pic-code"]')`)
	again = pocket.open("pic signs in", s.links.PIC)
	again.click("hall-card")
	again.click("tab-list")
	again.until(20*time.Second, "the server has both", row("demo-05", "in", "false")+` && `+waiting("0"))
	again.see("hall-inside", "3")

	screen.until(30*time.Second, "the screen is back, with its codes",
		`!document.querySelector('[data-testid="connection-banner"]') && !!document.querySelector('[data-testid="screen-typed"]')`)
	screen.playing() // a stay counts while the hall is shown something, and what was not on disk died with the server
	second := pocket.open("phone again", base+"/h")
	second.typeIn("scan-code", typed())
	second.click("scan-code-next")
	second.click("scan-out") // the phone knows its holder
	second.visible("scan-done-out")

	rows := s.attendance()
	untung := rows["Untung Prasetyo"]
	if untung == nil || atoi(t, untung["Durasi (detik)"]) < 1 || rows["Yulius Sandan"] == nil || rows["Siti Khadijah"] == nil || len(rows) != 3 {
		t.Errorf("attendance: %v", rows)
	}
}

// cardOf gives a person's code from the list that "betang roster codes" wrote.
func cardOf(t testing.TB, path, name string) string {
	t.Helper()
	list, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(list)) {
		if cells := strings.Split(line, ";"); len(cells) > 3 && strings.Contains(cells[1], name) {
			return strings.Trim(strings.TrimSpace(cells[3]), `"`)
		}
	}
	t.Fatalf("no code for %s", name)
	return ""
}
