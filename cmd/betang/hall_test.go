package main

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestRuangBersama is a hall in a real browser: the PIC opens it, a computer becomes its screen by code and shows the
// lecture, a phone checks in and out by the number on the screen. The server is killed; the PIC's page, opened anew
// without it, takes a mark, its tab is closed, and when the server is back the mark arrives once.
func TestRuangBersama(t *testing.T) {
	needBrowser(t)
	s := startServer(t)
	media := t.TempDir()
	hall := startBrowser(t, fakeCamera(t, media), fakeMicrophone(t, media))
	hall.open("speaker", s.links.Speaker).click("go-live")
	desk, _, _ := strings.Cut(s.links.PIC, "#")
	base, _, _ := strings.Cut(desk, "/k/")

	pic := hall.open("pic", s.links.PIC)
	pic.typeIn("hall-name", "Aula Uji")
	pic.click("hall-open")
	pic.until(10*time.Second, "a code for the screen", `/[0-9A-Z]{4}-[0-9A-Z]{4}/.test(document.querySelector('[data-testid="hall-screen-code"]')?.innerText ?? '')`)
	code := eval[string](pic, `document.querySelector('[data-testid="hall-screen-code"]').innerText.match(/[0-9A-Z]{4}-[0-9A-Z]{4}/)[0]`)
	pic.screenshot("pic screen")

	screen := hall.open("screen", base+"/k/demo/layar")
	screen.typeIn("screen-code", strings.ToLower(code))
	screen.click("screen-open")
	screen.playing()
	screen.visible("screen-qr")
	screen.screenshot("screen live")
	typed := func() string {
		screen.visible("screen-typed")
		return eval[string](screen, `document.querySelector('[data-testid="screen-typed"]').innerText`)
	}

	phone := hall.open("phone", base+"/h")
	phone.typeIn("scan-code", typed())
	phone.click("scan-code-next")
	phone.typeIn("scan-nip", s.links.SampleNIP)
	phone.click("scan-next")
	phone.visible("scan-me")
	phone.screenshot("phone confirm")
	if phone.shows("Untung Prasetyo") || phone.shows(s.links.SampleNIP) {
		t.Error("the phone shows a whole name or number before anybody said who they are")
	}
	phone.click("scan-in")
	phone.visible("scan-done-in")
	phone.screenshot("phone in")
	row := func(person, state, queued string) string {
		return `!!document.querySelector('[data-testid="mark-row"][data-person="` + person + `"][data-state="` + state + `"][data-queued="` + queued + `"]')`
	}
	pic.click("tab-list")
	pic.until(20*time.Second, "the PIC sees who scanned", row("demo-03", "in", "false"))
	pic.screenshot("pic list")
	pic.until(10*time.Second, "the page is kept", `caches.open('betang-ruang-1').then(c => c.keys()).then(k => k.length > 5 && navigator.serviceWorker.ready.then(() => true))`)

	s.end(syscall.SIGKILL)
	pic.reload()
	pic.click("tab-list") // what the phone kept of the hall may be older than its screen, and then opens at the screen's tab
	pic.until(15*time.Second, "the page opens without its server, with the people", row("demo-05", "out", "false"))
	pic.typeIn("mark-search", "yulius")
	pic.click("mark-in")
	pic.until(10*time.Second, "the mark waits", `document.querySelector('[data-testid="pic-net"]').dataset.waiting === '1' && `+row("demo-05", "in", "true"))
	pic.screenshot("pic offline")
	pic.stop()

	s.start()
	again := hall.open("pic again", desk) // the bare address, as from the browser's history
	again.until(20*time.Second, "the mark arrived", `document.querySelector('[data-testid="pic-net"]')?.dataset.waiting === '0'`)
	again.click("hall-card")
	again.click("tab-list")
	again.until(20*time.Second, "the server has it", row("demo-05", "in", "false"))

	screen.until(30*time.Second, "the screen is back, with its codes",
		`!document.querySelector('[data-testid="connection-banner"]') && !!document.querySelector('[data-testid="screen-typed"]')`)
	second := hall.open("phone again", base+"/h")
	second.typeIn("scan-code", typed())
	second.click("scan-code-next")
	second.click("scan-out") // the phone knows its holder
	second.visible("scan-done-out")

	rows := s.attendance("csv")
	untung := rows["Untung Prasetyo"]
	if untung == nil || atoi(t, untung["Durasi (detik)"]) < 1 || rows["Yulius Sandan"] == nil || len(rows) != 2 {
		t.Errorf("attendance: %v", rows)
	}
}
