package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// axeCore is the script of axe-core that the web client's development dependencies bring.
var axeCore = sync.OnceValues(func() (string, error) {
	code, err := os.ReadFile(filepath.Join("..", "..", "static", "web", "node_modules", "axe-core", "axe.min.js"))
	return string(code) + ";true", err
})

// axeRules are off by default in axe-core: what a button is called holds what it shows (WCAG 2.5.3), and what is tapped
// is 24 px or stands apart (WCAG 2.5.8).
const axeRules = `{rules: {'label-content-name-mismatch': {enabled: true}, 'target-size': {enabled: true}}, resultTypes: ['violations']}`

// axe holds the page as it stands against the rules of axe-core.
func (tb *tab) axe() {
	tb.t.Helper()
	code, err := axeCore()
	if err != nil {
		tb.t.Fatalf("axe-core (make web): %v", err)
	}
	if !eval[bool](tb, `!!window.axe`) {
		tb.do(20*time.Second, "load axe", evaluate(code))
	}
	// A colour on its way is neither the one before nor the one meant. What takes longer, or begins anew each second, is a clock.
	tb.until(10*time.Second, "transitions are over", `Promise.all(document.getAnimations().filter(a => a.playState === 'running' && a.effect.getComputedTiming().endTime <= 5000).map(a => a.finished.catch(() => 0))).then(() => true)`)
	for _, v := range eval[[]string](tb, `axe.run(`+axeRules+`).then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 200)).join(' | ')))`) {
		tb.t.Errorf("%s: axe: %s", tb.name, v)
	}
}

// TestAxe walks every page that is not of a class through its states and holds each, on a desktop and on a phone, against
// axe-core. It needs no camera but the browser's own test picture.
func TestAxe(t *testing.T) {
	t.Parallel()
	needTime(t)
	needBrowser(t)
	s := startServer(t, func(s *server) { s.dir = odd(t) })
	b := startBrowser(t, "", "")
	base := "http://" + s.addr
	bpsdm := strings.TrimSpace(s.betang("token", "--data", s.dir, "--url", base, "--role", "bpsdm"))
	var desk, sri, budi, guest, speaker, notes, pic, screen, phone, office, paper *tab
	css := func(tb *tab, selector string) {
		t.Helper()
		tb.until(20*time.Second, "see "+selector, `!!document.querySelector(`+quoted(selector)+`)`)
		eval[bool](tb, `(document.querySelector(`+quoted(selector)+`).click(), true)`)
	}
	escape := func(tb *tab) {
		t.Helper()
		tb.do(10*time.Second, "press Escape", chromedp.KeyEvent("\x1b"))
		tb.until(10*time.Second, "no dialog", `!document.querySelector('dialog[open]')`)
	}
	for _, state := range []struct {
		name  string
		reach func() *tab
	}{
		{"landing", func() *tab { return b.open("landing", base+"/") }},
		{"missing page", func() *tab { return b.open("missing", base+"/tidak/ada") }},
		{"no such event", func() *tab { return b.open("nowhere", base+"/k/tidak-ada") }},
		{"verify unknown", func() *tab { return b.open("verify", base+"/v/AAAAAAAAAAAA") }},
		{"test page", func() *tab { return b.open("uji", base+"/k/demo/uji") }},
		{"desk scheduled", func() *tab { desk = b.open("desk", s.links.Operator); desk.visible("phase-live"); return desk }},
		{"desk links", func() *tab { desk.click("open-links"); desk.visible("links-dialog"); return desk }},
		{"desk keys", func() *tab {
			escape(desk)
			desk.do(10*time.Second, "press ?", chromedp.KeyEvent("?"))
			desk.visible("keys-dialog")
			return desk
		}},
		{"desk audience", func() *tab { escape(desk); desk.click("open-audience"); desk.visible("audience-dialog"); return desk }},
		{"desk rundown", func() *tab { escape(desk); desk.click("rundown-template"); desk.visible("cue-next"); return desk }},
		{"desk cue form", func() *tab { desk.click("rundown-open"); desk.click("cue-add"); desk.visible("cue-form"); return desk }},
		{"join by number", func() *tab { phone = b.open("join", s.links.Join); phone.visible("join-nip"); return phone }},
		{"join refused", func() *tab {
			phone.typeIn("join-nip", "199001012015031000")
			phone.click("join-next")
			phone.until(10*time.Second, "an error", `!!document.querySelector('.error')`)
			return phone
		}},
		{"join confirm", func() *tab { sri = b.open("sri", s.links.Participants[0]); sri.visible("confirm-me"); return sri }},
		{"viewer waits", func() *tab { sri.click("confirm-me"); sri.visible("tab-qa"); return sri }},
		{"viewer quality", func() *tab { sri.click("quality"); sri.visible("quality-dialog"); return sri }},
		{"guest door", func() *tab { guest = b.open("guest", s.links.Guest); guest.visible("guest-join"); return guest }},
		{"stage check", func() *tab { speaker = b.open("speaker", s.links.Speaker); speaker.visible("go-live"); return speaker }},
		{"stage on air", func() *tab {
			escape(desk)
			escape(sri)
			desk.click("phase-live")
			speaker.click("go-live")
			speaker.visible("leave-stage")
			speaker.until(20*time.Second, "on air", `document.querySelector('[data-testid="on-air"]')?.dataset.status === 'live'`)
			return speaker
		}},
		{"stage devices", func() *tab { speaker.click("devices"); speaker.visible("devices-dialog"); return speaker }},
		{"stage leave", func() *tab {
			escape(speaker)
			speaker.click("leave-stage")
			speaker.visible("leave-confirm")
			return speaker
		}},
		{"stage behind", func() *tab { escape(speaker); speaker.click("go-back"); speaker.visible("go-forward"); return speaker }},
		{"viewer agenda", func() *tab {
			speaker.click("go-forward")
			budi = b.open("budi", s.links.Participants[1])
			budi.click("confirm-me")
			budi.click("tab-event")
			budi.visible("agenda")
			return budi
		}},
		{"viewer chat", func() *tab {
			desk.click("part-chat")
			desk.click("chat-on")
			budi.click("tab-chat")
			budi.typeIn("chat-text", "Selamat pagi dari Sampit")
			budi.click("chat-send")
			budi.see("chat-line", "Sampit")
			return budi
		}},
		{"desk chat", func() *tab { desk.see("chat-line", "Sampit"); return desk }},
		{"stage chat", func() *tab { speaker.see("stage-chat", "Sampit"); return speaker }},
		{"viewer question", func() *tab {
			desk.click("part-queue")
			sri.click("tab-qa")
			sri.ask("Bagaimana pemerataan diklat sampai ke desa?")
			budi.click("tab-qa")
			budi.ask("Apakah materi dibagikan kepada peserta?")
			sri.visible("my-question")
			return sri
		}},
		{"desk queue", func() *tab { desk.see("question", "materi dibagikan"); return desk }},
		{"desk reject", func() *tab { desk.click("q-reject"); desk.visible("reject-form"); return desk }},
		{"desk merge", func() *tab { escape(desk); desk.click("q-merge"); desk.visible("merge-form"); return desk }},
		{"desk ban", func() *tab { escape(desk); desk.click("q-ban"); desk.visible("ban-form"); return desk }},
		{"desk answer", func() *tab {
			escape(desk)
			desk.click("q-approve")
			desk.click("q-answer-written")
			desk.visible("answer-form")
			return desk
		}},
		{"desk shown question", func() *tab { escape(desk); desk.click("q-show"); desk.visible("q-shown"); return desk }},
		{"viewer shown question", func() *tab { sri.visible("shown-question"); return sri }},
		{"stage question", func() *tab { speaker.visible("chosen-question"); return speaker }},
		{"viewer hand", func() *tab { budi.click("hand"); budi.see("hand", "urutan 1"); return budi }},
		{"desk hand", func() *tab { desk.visible("hand-invite"); return desk }},
		{"viewer invited", func() *tab {
			desk.click("hand-invite")
			budi.visible("floor-go")
			budi.until(20*time.Second, "the camera", `!!document.querySelector('[data-testid="preview-video"]')?.videoWidth`)
			return budi
		}},
		{"viewer on stage", func() *tab { budi.click("floor-go"); budi.visible("step-down"); return budi }},
		{"desk two on stage", func() *tab { desk.visible("layout-side"); return desk }},
		{"desk remove", func() *tab { css(desk, testid("source-remove")); desk.visible("remove-confirm"); return desk }},
		{"desk polls", func() *tab {
			escape(desk)
			desk.click("part-polls")
			desk.click("poll-make")
			desk.visible("poll-form")
			return desk
		}},
		{"viewer poll", func() *tab {
			desk.typeIn("poll-question", "Apakah materi hari ini jelas?")
			desk.typeIn("poll-options", "Sangat jelas\nCukup jelas")
			desk.click("poll-save")
			desk.click("poll-open")
			sri.visible("poll-send")
			return sri
		}},
		{"viewer poll sent", func() *tab { sri.click("poll-choice"); sri.click("poll-send"); sri.visible("poll-sent"); return sri }},
		{"desk poll open", func() *tab { desk.see("poll-results", "1 orang"); return desk }},
		{"minute-taker", func() *tab {
			notes = b.open("notulis", s.links.Minutes)
			notes.click("note-action")
			notes.typeIn("note-text", "BPSDM menyiapkan jadwal")
			notes.click("note-save")
			notes.see("notes", "jadwal")
			notes.typeIn("caption-text", "Selamat pagi, Bapak dan Ibu")
			notes.click("caption-send")
			return notes
		}},
		{"viewer captions", func() *tab { sri.see("captions", "Selamat pagi"); return sri }},
		{"desk announces", func() *tab {
			desk.typeIn("notice-text", "Sertifikat terbit besok")
			desk.click("notice-send")
			desk.visible("notice-now")
			return desk
		}},
		{"viewer notice", func() *tab { sri.visible("notice"); return sri }},
		{"hall of a PIC", func() *tab { pic = b.open("pic", s.links.PIC); pic.visible("hall-name"); return pic }},
		{"hall open", func() *tab {
			pic.typeIn("hall-name", "Aula Uji")
			pic.click("hall-open")
			pic.visible("hall-screen-code")
			return pic
		}},
		{"screen's code", func() *tab {
			screen = b.open("screen", base+"/k/demo/layar")
			screen.visible("screen-code")
			return screen
		}},
		{"screen of a hall", func() *tab {
			screen.typeIn("screen-code", eval[string](pic, `document.querySelector('[data-testid="hall-screen-code"]').innerText.match(/[0-9A-Z]{4}-[0-9A-Z]{4}/)[0]`))
			screen.click("screen-open")
			screen.visible("screen-qr")
			screen.visible("screen-typed")
			return screen
		}},
		{"phone's code", func() *tab { phone = b.open("phone", base+"/h"); phone.visible("scan-code"); return phone }},
		{"phone's number", func() *tab {
			phone.typeIn("scan-code", eval[string](screen, `document.querySelector('[data-testid="screen-typed"]').innerText`))
			phone.click("scan-code-next")
			phone.visible("scan-nip")
			return phone
		}},
		{"phone confirms", func() *tab {
			phone.typeIn("scan-nip", s.links.SampleNIP)
			phone.click("scan-next")
			phone.visible("scan-me")
			return phone
		}},
		{"phone in", func() *tab { phone.click("scan-in"); phone.visible("scan-done-in"); return phone }},
		{"hall's list", func() *tab { pic.click("tab-list"); pic.visible("mark-row"); return pic }},
		{"hall's person", func() *tab { css(pic, testid("mark-in")); pic.visible("mark-out"); return pic }},
		{"viewer pause", func() *tab {
			desk.click("phase-paused")
			desk.click("phase-paused")
			sri.visible("state-paused")
			return sri
		}},
		{"desk pause", func() *tab { return desk }},
		{"desk ends", func() *tab { desk.click("phase-ended"); desk.visible("phase-ended-confirm"); return desk }},
		{"survey", func() *tab { desk.click("phase-ended-confirm-yes"); sri.visible("survey-send"); return sri }},
		{"desk ended", func() *tab { return desk }},
		{"stage ended", func() *tab {
			speaker.until(20*time.Second, "over", `!document.querySelector('[data-testid="leave-stage"]')`)
			return speaker
		}},
		{"summary", func() *tab {
			office = b.open("ringkasan", strings.Replace(bpsdm, "/bpsdm#", "/bpsdm/ringkasan/demo#", 1))
			office.visible("file-scores.xlsx")
			return office
		}},
		{"bpsdm events", func() *tab { office = b.open("bpsdm", bpsdm); office.visible("events"); return office }},
		{"bpsdm event", func() *tab { css(office, `[data-event="aula"]`); office.visible("att-row"); return office }},
		{"bpsdm person", func() *tab { css(office, `[data-testid="att-row"] button`); office.visible("att-why"); return office }},
		{"bpsdm judges", func() *tab { css(office, testid("judge-open")); office.visible("judge-save"); return office }},
		{"bpsdm marks", func() *tab { css(office, testid("room-marks")); office.visible("room-mark"); return office }},
		{"bpsdm withdraws", func() *tab { css(office, testid("mark-strike")); office.visible("strike-dialog"); return office }},
		{"bpsdm ratifies", func() *tab {
			escape(office)
			css(office, testid("ratify-open"))
			office.visible("ratify-dialog")
			return office
		}},
		{"bpsdm ratified", func() *tab {
			office.typeIn("ratify-by", "Kepala BPSDM")
			office.typeIn("ratify-reason", "Berita acara 1")
			css(office, testid("ratify-yes"))
			office.visible("ratify-hash")
			return office
		}},
		{"verify signed", func() *tab {
			paper = b.open("verify", base+eval[string](office, `document.querySelector('[data-testid="ratify-page"]').getAttribute('href')`))
			paper.until(20*time.Second, "valid", `document.querySelector('[data-testid="verify"]')?.dataset.state === 'valid'`)
			return paper
		}},
		{"bpsdm voids", func() *tab { css(office, testid("void-open")); office.visible("void-yes"); return office }},
		{"bpsdm voided", func() *tab {
			office.typeIn("void-reason", "Salah kegiatan")
			css(office, testid("void-yes"))
			office.see("ratify-voided", "Salah kegiatan")
			return office
		}},
		{"verify void", func() *tab {
			paper.reload()
			paper.until(20*time.Second, "void", `document.querySelector('[data-testid="verify"]')?.dataset.state === 'void'`)
			return paper
		}},
		{"bpsdm adds somebody", func() *tab {
			css(office, testid("correct-open"))
			css(office, testid("correct-outside"))
			office.visible("outsider-save")
			return office
		}},
		{"roster", func() *tab {
			escape(office)
			css(office, testid("to-roster"))
			office.visible("roster-file")
			return office
		}},
		{"roster uploaded", func() *tab {
			list := filepath.Join(t.TempDir(), "daftar.csv")
			if err := os.WriteFile(list, []byte("No;Nama;NIP;Unit Kerja\n1;Sri Wahyuni;199001012015032007;Dinas Pendidikan\n2;Budi;199001012015031000;Dinas Pendidikan dan Kebudayaan Kabupaten Kotawaringin Timur\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			office.do(10*time.Second, "choose the file", chromedp.SetUploadFiles(chromedp.CSS(testid("roster-file")), []string{list}))
			office.see("roster-problem", "rusak oleh Excel")
			return office
		}},
		{"roster saved", func() *tab { css(office, testid("roster-save")); office.visible("roster-saved"); return office }},
	} {
		tb := state.reach()
		tb.name = state.name
		tb.until(20*time.Second, "a heading", `!!document.querySelector('h1')`)
		tb.axe()
		tb.size(360, 740)
		tb.axe()
		if tb != desk { // which is for a large screen
			tb.fits(state.name)
		}
		tb.size(1280, 800)
		tb.shots("axe " + state.name)
	}
}

func quoted(s string) string {
	b, _ := json.Marshal(s) // a string never fails
	return string(b)
}
