package main

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// press goes to the element by the Tab key alone, from wherever the focus is, and presses the key on it: whoever has no mouse must
// come to everything, and see where they are.
func (tb *tab) press(id, key string) {
	tb.t.Helper()
	tb.until(20*time.Second, "enabled "+id, ready(id))
	for range 120 {
		if eval[bool](tb, `!!document.activeElement?.closest('`+testid(id)+`')`) {
			if !eval[bool](tb, `document.activeElement.matches(':focus-visible')`) {
				tb.fail("%s has the focus and does not show it", id)
			}
			tb.do(10*time.Second, "key on "+id, chromedp.KeyEvent(key))
			tb.until(20*time.Second, "the focus is somewhere after "+id, `document.activeElement && document.activeElement !== document.body`)
			return
		}
		tb.do(10*time.Second, "tab", chromedp.KeyEvent(kb.Tab))
	}
	tb.fail("120 Tabs do not lead to %s", id)
}

// toTab goes to the page's tabs by the Tab key, and from the chosen one by the arrow to the one with the id.
func (tb *tab) toTab(id string) {
	tb.t.Helper()
	at := `document.querySelector('` + testid(id) + `')?.getAttribute('aria-selected') === 'true'`
	for range 8 {
		if eval[bool](tb, at) {
			return
		}
		tb.press(eval[string](tb, `document.querySelector('[role="tablist"] [aria-selected="true"]').dataset.testid`), kb.ArrowRight)
	}
	tb.fail("the arrow keys do not lead to %s", id)
}

// said waits until the page has told screen readers something.
func (tb *tab) said(text string) {
	tb.t.Helper()
	tb.until(10*time.Second, fmt.Sprintf("screen readers hear %q", text), fmt.Sprintf(`(window.__said ?? []).some(s => s.includes(%q))`, text))
}

// listen keeps what the page's live regions say.
func (tb *tab) listen() {
	tb.t.Helper()
	eval[bool](tb, `(() => { window.__said = [];
	  new MutationObserver(() => { for (const e of document.querySelectorAll('[aria-live], [role="status"], [role="alert"]')) if (e.innerText) window.__said.push(e.innerText); })
	    .observe(document.body, {childList: true, subtree: true, characterData: true}); return true; })()`)
}

// look keeps pictures of a state, and holds it against axe and against narrow screens.
func (tb *tab) look(name string) {
	tb.t.Helper()
	tb.shots(name)
	tb.axe()
	tb.fits(name)
}

// cut lists what a person with this window cannot see or reach: what stands beyond an edge to which nothing scrolls, and what is
// wider than the button it is in.
const cut = `((W, H) => {
  const out = [];
  const scrolls = (e, way) => { for (let p = e.parentElement; p; p = p.parentElement) {
    if (p === document.documentElement || p === document.body) return way === 'y' && document.documentElement.scrollHeight > H;
    if (/auto|scroll/.test(getComputedStyle(p)['overflow' + way.toUpperCase()])) return true; } return false; };
  const modal = document.querySelector('dialog[open]');
  for (const e of (modal ?? document).querySelectorAll('button, a[href], input, select, textarea, summary, h1, h2, h3, [role="status"]')) {
    const r = e.getBoundingClientRect();
    if (r.width <= 1 || r.height <= 1 || e.closest('.sr, .skip') || !e.checkVisibility({visibilityProperty: true})) continue;
    const what = e.tagName + ' ' + (e.dataset.testid ?? '') + ' "' + (e.innerText || e.getAttribute('aria-label') || '').slice(0, 40) + '"';
    if ((r.left < -1 || r.right > W + 1) && !scrolls(e, 'x')) out.push(what + ' beyond the side: ' + Math.round(r.left) + '..' + Math.round(r.right));
    if ((r.top < -1 || r.bottom > H + 1) && !scrolls(e, 'y')) out.push(what + ' beyond the top or bottom: ' + Math.round(r.top) + '..' + Math.round(r.bottom));
    if (/BUTTON|A/.test(e.tagName) && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== 'hidden') out.push(what + ' wider than itself: ' + e.scrollWidth + ' in ' + e.clientWidth);
  }
  if (document.documentElement.scrollWidth > W + 1) out.push('the page is ' + document.documentElement.scrollWidth + ' wide');
  return out; })(%d, 640)`

// fits checks that nothing is cut off on phones of 360 and 320 px (WCAG 1.4.10).
func (tb *tab) fits(name string) {
	tb.t.Helper()
	for _, w := range []int64{360, 320} {
		tb.size(w, 640)
		eval[bool](tb, `new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))`)
		for _, what := range eval[[]string](tb, fmt.Sprintf(cut, w)) {
			tb.t.Errorf("%s %q at %d px: %s", tb.name, name, w, what)
		}
		if w == 320 {
			tb.screenshot(name + " 320")
		}
	}
	tb.size(1280, 800)
}

// TestClassTools goes through what a trainer and a participant do in a class, both by keyboard, and after each key the focus is
// somewhere: screens by
// permission, locked microphones and the word given, material, polls, chat and reactions, rooms of one's own choice, one who is
// removed, the goodbye. Every state passes axe.
func TestClassTools(t *testing.T) {
	needTime(t)
	needBrowser(t)
	s := startServer(t)
	media := t.TempDir()
	deck := slides(t, filepath.Join(media, "Standar pelayanan.pdf"), 3, "")
	hall := startBrowser(t, fakeCamera(t, media), fakeMicrophone(t, media))
	sri := hall.open("sri", s.links.Class.Participants[0])
	sri.press("confirm-me", kb.Enter)
	sri.see("class-empty", "Belum ada kamera")
	sri.listen()
	sri.look("kelas kosong")
	sri.press("class-cam", kb.Enter)
	sri.visible("join-go")
	sri.until(15*time.Second, "own picture", `!!document.querySelector('[data-testid="preview-video"]')?.videoWidth`)
	sri.look("kelas masuk")
	sri.press("join-go", kb.Enter)
	sri.visible("own-tile")
	sri.look("kelas sendiri")
	trainer := hall.open("trainer", s.links.Class.Trainer)
	trainer.visible("people")
	trainer.look("kelas pelatih tanpa kamera")
	trainer.joinClass()
	trainer.listen()
	budi := hall.open("budi", s.links.Class.Participants[1])
	budi.click("confirm-me")
	budi.joinClass()
	sri.until(20*time.Second, "the trainer large", `document.querySelector('[data-testid="main-video"]')?.videoWidth > 0`)
	sri.said("Ratnawati, M.Si. tampil di depan kelas")
	sri.look("kelas bertiga")

	t.Log("a pin")
	sri.press("pin", kb.Enter)
	sri.until(5*time.Second, "pinned", `document.querySelector('[data-testid="pin"]').getAttribute('aria-pressed') === 'true'`)
	sri.look("kelas sematan")

	t.Log("the hand")
	sri.press("hand", kb.Enter)
	sri.said("urutan 1")
	trainer.see("pupil", "Tangan 1")
	trainer.said("Sri Wahyuni, S.Pd., M.Pd. angkat tangan")
	trainer.look("kelas tangan")
	trainer.press("hand-down", kb.Enter)
	sri.until(10*time.Second, "the hand is down", `document.querySelector('[data-testid="hand"]').getAttribute('aria-pressed') === 'false'`)

	t.Log("a locked class, and the word given")
	trainer.press("lock", kb.Enter)
	trainer.quiet(true)
	sri.said("mengunci mikrofon")
	sri.press("class-mic", kb.Enter)
	sri.see("toast-info", "mengunci mikrofon")
	sri.look("kelas terkunci")
	trainer.until(5*time.Second, "two can be asked to speak", `document.querySelectorAll('[data-testid="call-on"]').length === 2`)
	trainer.look("kelas terkunci pelatih")
	trainer.pick("call-on", "")
	callee := sri
	if eval[bool](trainer, `document.querySelector('[data-testid="call-on"][aria-pressed="true"]')?.ariaLabel.includes('Budi') ?? document.querySelectorAll('[data-testid="call-on"]')[0].ariaLabel.includes('Budi')`) {
		callee = budi
	}
	callee.see("called", "mempersilakan Anda berbicara")
	callee.look("kelas dipersilakan")
	callee.press("called-yes", kb.Enter)
	trainer.quiet(false)
	trainer.press("lock", kb.Enter)
	sri.said("tidak lagi dikunci")

	t.Log("a screen by permission")
	if eval[bool](sri, `!!document.querySelector('[data-testid="class-share"]')`) {
		t.Error("who may not share has the button")
	}
	eval[bool](trainer, `(document.querySelector('[data-testid="grant"][aria-label*="Sri"]').click(), true)`)
	sri.said("boleh membagikan layar")
	sri.press("class-share", kb.Enter)
	sri.visible("sharing")
	budi.until(20*time.Second, "sri's screen large, her face beside it", `document.querySelector('[data-testid="main-video"]')?.videoWidth > 0 && document.querySelector('[data-testid="second-video"]')?.videoWidth > 0`)
	sri.look("kelas membagikan")
	budi.look("kelas layar")
	eval[bool](trainer, `(document.querySelector('[data-testid="grant"][aria-label*="Sri"]').click(), true)`)
	budi.until(20*time.Second, "the trainer is large again", `!document.querySelector('[data-testid="second-video"]')`)
	sri.until(10*time.Second, "the screen is let go", `!document.querySelector('[data-testid="sharing"]') && !document.querySelector('[data-testid="class-share"]')`)

	t.Log("material")
	trainer.toTab("tab-material")
	trainer.look("kelas materi kosong")
	trainer.files("deck-file", deck)
	trainer.press("deck-show", kb.Enter)
	sri.until(30*time.Second, "the first page", showsPage(1))
	trainer.do(5*time.Second, "next page", chromedp.KeyEvent(kb.PageDown))
	sri.until(20*time.Second, "the second page", showsPage(2))
	sri.look("kelas materi")
	trainer.look("kelas materi pelatih")

	t.Log("a poll, a message, a gesture, a question")
	trainer.toTab("tab-polls")
	trainer.press("poll-make", kb.Enter)
	trainer.typeIn("poll-question", "Sudah jelas?")
	trainer.typeIn("poll-options", "Sudah\nBelum <b>sama sekali</b>")
	trainer.look("kelas polling baru")
	trainer.press("poll-save", kb.Enter)
	trainer.press("poll-open", kb.Enter)
	sri.visible("poll-choice")
	sri.look("kelas polling")
	sri.press("poll-choice", " ")
	sri.press("poll-send", kb.Enter)
	sri.visible("poll-sent")
	trainer.see("poll-results", "1 orang")
	trainer.look("kelas polling pelatih")
	sri.press("react-clap", kb.Enter)
	trainer.see("waves", "1")
	sri.press("tab-polls", kb.ArrowLeft)
	sri.typeIn("chat-text", "<img src=x onerror=\"window.__pwned=1\"> 👏👏")
	sri.press("chat-send", kb.Enter)
	trainer.toTab("tab-chat")
	trainer.see("chat-line", "<img src=x")
	sri.look("kelas obrolan")
	trainer.look("kelas obrolan pelatih")
	sri.press("tab-chat", kb.ArrowLeft)
	sri.ask("Apa <script>dasar hukum</script> standar ini?")
	trainer.toTab("tab-questions")
	trainer.see("question", "<script>dasar hukum</script>")
	trainer.look("kelas tanya pelatih")
	trainer.press("q-approve", kb.Enter)
	for _, from := range []string{"tab-mine", "tab-polls", "tab-chat"} {
		sri.press(from, kb.ArrowLeft)
	}
	sri.see("question-item", "dasar hukum")
	for _, tb := range []*tab{sri, trainer} {
		if eval[bool](tb, `!!window.__pwned || !!document.querySelector('#panel img, #panel script')`) {
			t.Errorf("%s took markup for HTML", tb.name)
		}
	}

	t.Log("rooms of one's own choice")
	trainer.toTab("tab-rooms")
	for !eval[bool](trainer, `!!document.querySelector('[data-testid="way-choice"]').closest('label').querySelector('input:checked')`) {
		trainer.press(eval[string](trainer, `document.querySelector('[data-testid^="way-"] input:checked, input[data-testid^="way-"]:checked').closest('[data-testid]').dataset.testid`), kb.ArrowDown)
	}
	trainer.press("rooms-create", kb.Enter)
	trainer.press("rooms-open", kb.Enter)
	sri.visible("choose-room")
	sri.look("kelas pilih ruang")
	sri.press("choose-room", kb.Enter)
	sri.see("room-bar", "Anda di Ruang 1")
	sri.said("Anda masuk Ruang 1")
	sri.press("call-help", kb.Enter)
	trainer.said("Ruang 1 memanggil pelatih")
	trainer.look("kelas ruang pelatih")
	trainer.press("visit", kb.Enter)
	sri.until(15*time.Second, "the trainer's face in the room", tiles+` === 1`)
	sri.look("kelas ruang")
	trainer.typeIn("announce-text", "Lima menit lagi")
	trainer.press("announce-send", kb.Enter)
	sri.see("notice", "Lima menit lagi")
	was := eval[int](sri, `Number(document.querySelector('[data-testid="presence"]').dataset.seconds)`)
	trainer.press("rooms-recall", kb.Enter)
	sri.until(5*time.Second, "less than a minute", `/00:[0-5]|01:00/.test(document.querySelector('[data-testid="room-left"]').innerText)`)
	sri.said("ditutup sebentar lagi")
	sri.look("kelas dipanggil")
	trainer.press("rooms-close", kb.Enter)
	sri.said("kembali ke kelas")
	sri.until(20*time.Second, "presence went on", fmt.Sprintf(`Number(document.querySelector('[data-testid="presence"]').dataset.seconds) > %d`, was))

	t.Log("an official by one link")
	vip := hall.open("vip", s.links.Class.VIP)
	vip.visible("tab-material")
	if eval[bool](vip, `!!document.querySelector('[data-testid="tab-people"], [data-testid="tab-polls"]')`) {
		t.Error("an official has a trainer's tools")
	}
	vip.joinClass()
	sri.said("Kepala BPSDM tampil di depan kelas")
	vip.look("kelas pejabat")
	vip.click("class-leave")
	vip.click("leave-only")
	vip.see("class-goodbye", "Anda sudah keluar")

	t.Log("one is removed")
	trainer.toTab("tab-people")
	eval[bool](trainer, `(document.querySelector('[data-testid="remove"][aria-label*="Budi"]').click(), true)`)
	trainer.typeIn("ban-reason", "Mengganggu kelas")
	trainer.look("kelas keluarkan")
	trainer.press("ban-yes", kb.Enter)
	budi.see("goodbye", "mengeluarkan Anda")
	trainer.until(10*time.Second, "one is left", `document.querySelectorAll('[data-testid="pupil"]').length === 1`)

	t.Log("goodbye")
	sri.press("class-devices", kb.Enter)
	sri.visible("class-off")
	sri.look("kelas perangkat")
	sri.do(5*time.Second, "escape", chromedp.KeyEvent(kb.Escape))
	trainer.click("class-leave")
	trainer.visible("leave-only")
	trainer.look("kelas keluar")
	trainer.click("leave-only")
	trainer.see("class-goodbye", "Anda sudah keluar")
	trainer.look("kelas sudah keluar")
	sri.until(20*time.Second, "the trainer is gone", `!document.querySelector('[data-testid="main-video"]')`)
	trainer.click("class-again")
	trainer.click("class-leave")
	trainer.click("leave-end")
	trainer.see("class-goodbye", "Kelas telah berakhir")
	trainer.look("kelas berakhir")
	sri.until(20*time.Second, "own summary", `Number(document.querySelector('[data-testid="own-summary"]')?.dataset.seconds) > 0`)
	sri.look("kelas ringkasan sendiri")
}
